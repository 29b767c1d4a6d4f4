"""Every way a tab may begin, and what each kind of state shows there.

A first tab has stored one value of each kind. `Seen` is what the tab that begins finds: of the tab's own
state, of the session scope (and of a shared state), of the instance scope, and whether it is a copy.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import BrowserContext, Page

from e2e.conftest import OpenBrowser
from e2e.harness import Interpreter, boot, go_back
from e2e.profile import Profile, WarmProfile, duplicate
from e2e.watching import PRELUDE

STORED = """
s = session("s", {"n": 0})
s.n = 1
session_save("n", 1)
shared("b", {"n": 0}).n = 1
instance_save("n", 1)
"""
FOUND = """
import asyncio
s = session("s", {"n": 0})
while restored(s).copied is None:
    await asyncio.sleep(0.01)
[s.n, session_load("n"), instance_load("n"), shared("b", {"n": 0}).n or None]
"""
COPIED = """
while COPIED is not restored(s).copied:  # an original that is busy answers late
    await asyncio.sleep(0.01)
restored(s).copied
"""


class Seen(NamedTuple):
    """What a tab finds; None for an instance scope that is empty."""

    own: int
    session: "int | None"
    instance: "int | None"
    copied: bool


@pytest.fixture(scope="module")
def context(
    warm: WarmProfile, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    folder = tmp_path_factory.mktemp("beginnings")
    context = Profile(warm, folder).start()
    yield context
    context.close()


@pytest.fixture
def first(context: BrowserContext) -> Iterator[Interpreter]:
    run = boot(context.new_page(), prelude=PRELUDE)
    run(STORED)
    run(FOUND)
    yield run
    run("session_end()")
    for page in context.pages[1:]:
        page.close()


def ready(page: Page) -> Interpreter:
    run = Interpreter(page.main_frame, PRELUDE)
    run.wait_ready()
    return run


def seen(run: Interpreter, *, copied: bool = False) -> Seen:
    own, session, instance, together = run(FOUND)
    assert together == session  # a shared state goes with the session
    return Seen(own, session, instance, run(COPIED.replace("COPIED", str(copied), 1)))


def follow_link(page: Page, rel: str) -> Interpreter:
    """The tab that a link opens."""
    with page.context.expect_page() as found:
        page.evaluate(
            """(rel) => {
              const link = document.createElement("a");
              Object.assign(link, { href: location.href, target: "_blank", rel });
              link.click();
            }""",
            rel,
        )
    return ready(found.value)


def test_first_tab_is_empty(context: BrowserContext) -> None:
    run = boot(context.new_page(), prelude=PRELUDE)
    assert seen(run) == Seen(0, None, None, copied=False)
    run.page.close()


def test_second_tab_by_address_link_and_duplicate(
    first: Interpreter, context: BrowserContext
) -> None:
    empty, copy = Seen(0, 1, None, copied=False), Seen(1, 1, None, copied=True)
    ways: dict[str, tuple[Callable[[], Interpreter], Seen]] = {
        "typed address": (lambda: boot(context.new_page(), prelude=PRELUDE), empty),
        "link without an opener": (lambda: follow_link(first.page, "noopener"), empty),
        "link with an opener": (lambda: follow_link(first.page, "opener"), copy),
        "duplicate": (lambda: ready(duplicate(first.page)), copy),
    }
    for way, (begin, expected) in ways.items():
        run = begin()
        assert seen(run, copied=expected.copied) == expected, way
        assert seen(first) == Seen(1, 1, 1, copied=False), way
        run.page.close()


def test_reload(first: Interpreter) -> None:
    first.reload()
    assert seen(first) == Seen(1, 1, None, copied=False)


def test_link_in_the_same_tab(first: Interpreter) -> None:
    first.page.goto("/e2e/pyscript.html?next")
    first.wait_ready()
    assert seen(first) == Seen(1, 1, None, copied=False)


@pytest.mark.parametrize("between", ["plain.html", "pyscript.html?between"])
def test_back_to_a_page_that_the_page_cache_kept(
    first: Interpreter, context: BrowserContext, between: str
) -> None:
    page = first.page
    page.evaluate("addEventListener('pageshow', (event) => { window.isKept = event.persisted; })")
    page.goto(f"/e2e/{between}")
    if between != "plain.html":
        seen(ready(page))
    go_back(page)
    page.wait_for_function("() => window.isKept")
    assert seen(first) == Seen(1, 1, 1, copied=False)
    assert seen(ready(duplicate(page)), copied=True).copied


def test_back_to_a_page_that_was_not_kept_and_forward(first: Interpreter) -> None:
    page = first.page
    page.evaluate("addEventListener('unload', () => {})")  # keeps it out of the cache
    page.goto("/e2e/pyscript.html?next")
    first.wait_ready()
    first("session('s').n = 2; session_save('n', 2); shared('b').n = 2")
    page.evaluate("addEventListener('unload', () => {})")
    for move in ("back", "forward"):
        page.evaluate(f"history.{move}()")
        first.wait_ready()
        assert seen(first) == Seen(2, 2, None, copied=False)


def test_two_first_tabs_at_once(context: BrowserContext) -> None:
    pages = [context.new_page() for _ in range(2)]
    for page in pages:
        page.goto("/e2e/pyscript.html", wait_until="commit")
    runs = [ready(page) for page in pages]
    for n, run in enumerate(runs):
        run(f"session_save({n}, {n})\nsession('s').n = {n}")
    for n, run in enumerate(runs):
        assert seen(run) == Seen(n, None, None, copied=False)
        assert run("[session_load(0), session_load(1)]") == [0, 1]
    runs[0]("session_end()")
    for page in pages:
        page.close()


def test_tab_that_is_restored_after_a_crash(warm: WarmProfile, tmp_path: Path) -> None:
    profile = Profile(warm, tmp_path)
    context = profile.start()
    run = boot(context.new_page(), prelude=PRELUDE)
    run(STORED)
    run("s.mark = 'own-on-disk'; session_save('mark', 'session-on-disk')")
    profile.wait_on_disk(run.page, "Session Storage", "own-on-disk")
    profile.wait_on_disk(run.page, "Local Storage/leveldb", "session-on-disk")
    profile.wait_on_disk(run.page, "Sessions", "/e2e/pyscript.html")
    profile.kill(context)
    for path in tmp_path.rglob("Cookies*"):  # Chromium puts them on disk every half minute
        path.unlink()
    page = profile.restore("/e2e/pyscript.html")
    run = ready(page)
    assert page.evaluate("document.cookie") == ""
    assert seen(run) == Seen(1, 1, None, copied=False)
    fresh = boot(page.context.new_page(), prelude=PRELUDE)
    assert seen(fresh) == Seen(0, 1, None, copied=False)
    page.context.close()


def test_two_browsers_share_nothing(open_browser: OpenBrowser) -> None:
    one, two = (boot(open_browser().new_page(), prelude=PRELUDE) for _ in range(2))
    one(STORED)
    one(FOUND)
    assert seen(two) == Seen(0, None, None, copied=False)
    two("session_save('n', 2); session_end()")
    assert seen(one) == Seen(1, 1, 1, copied=False)
