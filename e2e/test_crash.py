"""A page that ends right after a statement: what the statement stored is there."""

from playwright.sync_api import BrowserContext

from e2e.conftest import OpenPage
from e2e.harness import crash
from e2e.watching import PRELUDE, key_of

WHEN_LOADED = """new Promise((resolve) => {
  const answer = () => resolve(sessionStorage.getItem(KEY));
  document.readyState === "complete" ? answer() : addEventListener("load", answer);
})"""


def test_crashed_tab_has_the_last_statement(context: BrowserContext, open_page: OpenPage) -> None:
    run = open_page(prelude=PRELUDE)
    session = context.new_cdp_session(run.page)
    run('s = session("s", {"n": 0})')
    run("for _ in range(100): s.n += 1")
    crash(run.page)
    # Playwright gives a crashed page up; the browser itself loads it again in the same tab.
    session.send("Page.navigate", {"url": run.page.url.replace("pyscript", "plain")})
    answer = session.send(
        "Runtime.evaluate",
        {"expression": WHEN_LOADED.replace("KEY", repr(key_of("s"))), "awaitPromise": True},
    )
    assert answer["result"]["value"] == '{"n":100}'


def test_closed_tab_has_stored_the_last_statement_of_a_persistent_state(
    context: BrowserContext, open_page: OpenPage
) -> None:
    run = open_page(prelude=PRELUDE)
    run('p = persistent("p", {"n": 0})')
    run("for _ in range(100): p.n += 1")
    run.page.close()
    page = context.new_page()
    page.goto("/e2e/plain.html")
    # The next page is in another process, where the last writes of this one may arrive later.
    page.wait_for_function(
        "() => localStorage.getItem('anchor-persistent://p@1.0.0') === '{\"n\":100}'"
    )
