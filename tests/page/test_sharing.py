"""A state of several tabs: stored, followed, folded and tidied."""

from typing import Any

import pytest

from anchor_session import StorageError, persistent, snapshot
from anchor_session.page.registry import leave_all
from anchor_session.testing import use_host
from anchor_session.testing.browser import Browser
from anchor_session.testing.tabs import Tab

KEY = "anchor-persistent://s@1.0.0"


def opened(tab: Tab, init: Any = None, **options: Any) -> Any:
    with use_host(tab):
        return persistent("s", init, **options)


def stored(browser: Browser) -> dict[str, str]:
    """What lies in `localStorage`, by what follows the key."""
    return {
        key[len(KEY) :]: text for key, text in browser.local.items.items() if key.startswith(KEY)
    }


def fresh(browser: Browser, **options: Any) -> Any:
    """What a new tab makes of what is stored."""
    tab = Tab(Browser())
    for key, text in browser.local.items.items():
        tab.area("local").setItem(key, text)
    return snapshot(opened(tab, **options))


def pause(browser: Browser, seconds: int = 30) -> None:
    """Let time pass in which nobody changes anything."""
    for _ in range(seconds):
        browser.settle()
        browser.clock.advance(1)
    browser.settle()


def test_entries_that_were_made_one_again_and_again_have_every_change() -> None:
    browser = Browser()
    one = browser.open()
    state = opened(one, {"l": []}, layout="journal")
    with use_host(one):
        for number in range(500):
            state["l"].append(number)
    assert len(stored(browser)) < 200
    assert fresh(browser) == {"l": list(range(500))}


# -- what fails -------------------------------------------------------------------------------------

INIT = {"a": 1, "l": [1, 2], "m": {}}
STATEMENTS = {
    "set": lambda state: state.__setitem__("a", 5),
    "delete": lambda state: state.__delitem__("a"),
    "append": lambda state: state["l"].append(7),
    "clear": lambda state: state.clear(),
    "nested": lambda state: state["m"].__setitem__("x", {"y": [1]}),
}


class Failing(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Faults:
    """Have the calls from the `first` to the `last` fail by which a tab writes."""

    def __init__(self, tab: Tab, name: str, first: int, last: int) -> None:
        self.count = 0
        self.is_on = True
        area = tab.area("local")
        for method in ("setItem", "removeItem"):
            self._wrap(area, method, name, first, last)

    def _wrap(self, area: Any, method: str, name: str, first: int, last: int) -> None:
        plain = getattr(area, method)

        def call(*arguments: str) -> None:
            if self.is_on:
                self.count += 1
                if first <= self.count <= last and (method == "setItem" or name != QUOTA):
                    raise Failing(name)
            plain(*arguments)

        setattr(area, method, call)


QUOTA, BLOCKED = "QuotaExceededError", "SecurityError"


def failing(layout: str, statement: str, name: str, first: int, last: int) -> int:
    """Make the statement while some calls fail, and look what is there; how many calls there were."""
    browser = Browser()
    one, two = browser.open(), browser.open()
    faults = Faults(one, name, first, last)
    faults.is_on = False
    state, other = opened(one, INIT, layout=layout), opened(two, INIT, layout=layout)
    with use_host(two):
        other["l"].append(3)
    browser.settle()
    before, listed = snapshot(state), stored(browser).get("#deleted")
    faults.is_on = True
    with use_host(one):
        try:
            STATEMENTS[statement](state)
            is_done = True
        except StorageError:
            is_done = False
    faults.is_on = False
    assert is_done or snapshot(state) == before
    assert fresh(browser) == snapshot(state)
    if not is_done and first == last:
        assert stored(browser).get("#deleted") == listed
    browser.settle()
    assert snapshot(other) == snapshot(state)
    with use_host(one):
        state["again"] = 1
    browser.settle()
    assert fresh(browser) == snapshot(other) == snapshot(state)
    pause(browser)
    assert set(stored(browser)) <= {"", "#deleted"}
    leave_all()
    return faults.count


@pytest.mark.parametrize("name", [QUOTA, BLOCKED])
@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("layout", ["auto", "journal"])
def test_whichever_call_fails_a_statement_is_stored_or_undone(
    layout: str, statement: str, name: str
) -> None:
    calls = failing(layout, statement, name, 0, 0)
    for number in range(1, calls + 3):
        failing(layout, statement, name, number, number)
        failing(layout, statement, name, number, 1000)


# -- layouts ----------------------------------------------------------------------------------------


def test_changes_of_a_state_that_outgrows_its_document_are_made_one(small_border: None) -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    state, other = opened(one), opened(two)
    with use_host(one):
        for number in range(400):
            state[f"k{number}"] = number
    browser.settle()
    expected = {f"k{number}": number for number in range(400)}
    assert other == fresh(browser) == expected
    pause(browser)
    assert set(stored(browser)) == {""}
    assert fresh(browser) == expected
