"""Back and forward: a page that comes out of the browser's page cache shows what is stored now."""

import pytest
from playwright.sync_api import Page

from e2e.conftest import OpenPage
from e2e.harness import Kind, go_back
from e2e.watching import PRELUDE, WATCH, key_of, wait_heard, wait_locks


@pytest.mark.parametrize("kind", ["pyscript", "worker"])
def test_state_of_a_cached_page_shows_what_the_next_page_stored(
    open_page: OpenPage, bfcache_page: Page, kind: Kind
) -> None:
    page = bfcache_page
    page.context.add_init_script(WATCH)
    run = open_page(kind, page=page, prelude=PRELUDE)
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
