"""Back and forward: a page that comes out of the browser's page cache shows what is stored now."""

from playwright.sync_api import Page

from e2e.conftest import OpenPage
from e2e.harness import Interpreter, go_back
from e2e.watching import PRELUDE, WATCH, key_of, wait_heard, wait_locks

# Chromium gives a page the storage events that it missed in the cache; not every browser does.
NO_EVENTS = "addEventListener('storage', (event) => event.stopImmediatePropagation())"


def see_what_the_next_page_stored(run: Interpreter) -> None:
    page = run.page
    run("""
        s = session("s", {"n": 1})
        p = persistent("p", {"n": 1})
        for state in (s, p):
            subscribe(state, lambda change: window.heard.push(change.op))
    """)
    # A held Web Lock does not keep Chromium from caching the page.
    wait_locks(page, ["anchor-session"])
    page.goto("/e2e/plain.html")
    page.evaluate(
        """([session, persistent]) => {
          sessionStorage.setItem(session, '{"n":2}');
          localStorage.setItem(persistent, '{"n":3}');
        }""",
        [key_of("s"), "anchor-persistent://p@1.0.0"],
    )
    go_back(page)
    page.wait_for_function("() => window.shown.length === 2")
    assert page.evaluate("window.shown") == [False, True]
    assert wait_heard(run, 2) == ["replace", "replace"]
    assert run("[s.n, p.n]") == [2, 3]
    assert run("s.n += 1; stored('s')") == '{"n":3}'


def test_cached_page_reads_its_records_again_without_storage_events(
    open_page: OpenPage, bfcache_page: Page
) -> None:
    bfcache_page.context.add_init_script(WATCH)
    bfcache_page.context.add_init_script(NO_EVENTS)
    see_what_the_next_page_stored(open_page(page=bfcache_page, prelude=PRELUDE))


def test_cached_page_of_a_worker_hears_of_each_change_once(
    open_page: OpenPage, bfcache_page: Page
) -> None:
    bfcache_page.context.add_init_script(WATCH)
    see_what_the_next_page_stored(open_page("worker", page=bfcache_page, prelude=PRELUDE))
