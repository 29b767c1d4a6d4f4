"""A page that is hidden by another tab: what waits is stored, and the page goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.conftest import OpenPage
from e2e.minutes import booting
from e2e.remote import Desk, remote
from e2e.watching import PRELUDE

OPENED = """
import asyncio, json
from datetime import timedelta
from anchor_session import *
from anchor_session.state import Persistence, State

LONG = timedelta(hours=1)
told = []
paced = State(lambda: {"n": 0}, persistence=Persistence("paced", interval=LONG))
held = State(lambda: {"n": 0}, persistence=Persistence("held", area="local"), throttle=LONG)
large = {"text": "x" * 5000, "n": 1}
journaled, common = session("s", large), shared("s", large)
restored(journaled)

def texts():
    '''Whether each is in the area, and entries beside the documents.'''
    found = []
    for area in (window.sessionStorage, window.localStorage):
        for number in range(area.length):
            key = area.key(number)
            if "://s@" in key or key in ("paced", "held"):
                text = area.getItem(key)
                found.append([key.rpartition("/")[2], json.loads(text)["n"] if text[0] == "{" else None])
    return sorted(found, key=str)

def write(n):
    for state in (paced, held):
        state.set({"n": n - 1})
        state.set({"n": n})
    journaled.n = common.n = n

def seen(n):
    return {tuple(each) for each in texts()} >= {("paced", n), ("held", n), ("s@1.0.0", n)}

async def until(is_so):
    while not is_so():
        await asyncio.sleep(0.01)
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with remote(tmp_path / "profile", "a", OPENED) as desk:
        yield desk


def hide(desk: Desk) -> None:
    """Have another tab in front."""
    desk.run("a", 'window.open("/e2e/remote.html?b", "_blank", "noopener"); None')
    desk.run("a", 'await until(lambda: window.document.visibilityState == "hidden")')


def documents(desk: Desk) -> "list[list[object]]":
    found: list[list[object]] = desk.run("a", "texts()")
    return found


def test_what_waits_is_stored_and_folded_and_the_page_goes_on(desk: Desk) -> None:
    desk.run("a", "write(2)")
    before = documents(desk)
    assert ["paced", 1] in before
    assert [each for each in before if "#journal" in str(each[0])]
    hide(desk)
    hidden = documents(desk)
    assert [each for each in hidden if "#" not in str(each[0])] == [
        ["held", 2],
        ["paced", 2],
        ["s@1.0.0", 2],
        ["s@1.0.0", 2],
    ]
    assert not [each for each in hidden if "#journal" in str(each[0])]
    with booting():
        desk.run("b", "1")
    desk.tell("b", "window.close()")
    desk.run("a", 'await until(lambda: window.document.visibilityState == "visible")')
    desk.run("a", "write(4)")
    shown = documents(desk)
    assert ["paced", 2] in shown
    assert ["held", 2] in shown
    assert desk.run("a", "[paced.get(), journaled.n, common.n]") == [{"n": 4}, 4, 4]
    hide(desk)
    assert desk.run("a", "seen(4)") is True


HIDDEN = """() => {
  Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
FOLDED = """() => {
  const texts = Object.entries(sessionStorage).filter(([key]) => key.includes("://s@"));
  return texts.length === 1 && JSON.parse(texts[0][1]).n === 2;
}"""


def test_worker_folds_when_its_page_is_hidden(open_page: OpenPage) -> None:
    run = open_page("worker", prelude=PRELUDE)
    run("""
        from anchor_session import host
        host.current().when_idle = lambda callback: lambda: None
        s = session("s", {"text": "x" * 5000, "n": 1})
        s.n = 2
    """)
    assert run.page.evaluate(FOLDED) is False
    run.page.evaluate(HIDDEN)
    run.page.wait_for_function(FOLDED)
