"""A page that is hidden: a phone may end it without another word, so nothing waits that could be stored."""

from typing import Any

import pytest

from anchor_session import persistent, restored, session, shared, snapshot
from anchor_session.host.tab_origin import PATIENCE
from anchor_session.state import Persistence, State
from anchor_session.testing import Browser, Tab, use_host
from tests.support import KEY, journal_at, read, rows, stored

LARGE = "x" * 2000


@pytest.fixture
def tab() -> Tab:
    return Browser().open()


def paced(tab: Tab, kind: str, sync_tabs: bool = False, **options: Any) -> "State[Any]":
    persistence = Persistence("k", area=kind, sync_tabs=sync_tabs, interval=options.pop("interval"))
    with use_host(tab):
        return State(lambda: {"n": 0}, persistence=persistence, **options)


OPTIONS: "dict[str, tuple[str, dict[str, Any]]]" = {
    "interval": ("session", {"interval": 10}),
    "throttle": ("session", {"interval": None, "throttle": 10}),
    "both": ("session", {"interval": 10, "throttle": 10}),
    "all tabs": ("local", {"interval": 10, "sync_tabs": True}),
    "the last tab": ("local", {"interval": 10}),
}


@rows(("kind", "options"), OPTIONS)
def test_what_waits_is_stored_when_the_page_is_hidden(kind: str, options: "dict[str, Any]") -> None:
    tab = Browser().open()
    state = paced(tab, kind, **options)
    for number in (1, 2, 3):
        state.set({"n": number})
    tab.cover()
    assert read(tab.area(kind).getItem("k")) == state.get() == {"n": 3}


@rows(("kind", "options"), OPTIONS)
def test_page_that_is_shown_again_goes_on_as_before(kind: str, options: "dict[str, Any]") -> None:
    tab = Browser().open()
    state = paced(tab, kind, **options)
    for number in (1, 2):
        state.set({"n": number})
    tab.cover()
    state.set({"n": 3})
    assert read(tab.area(kind).getItem("k")) == {"n": 2}
    tab.browser.clock.advance(10)
    assert read(tab.area(kind).getItem("k")) == {"n": 3}
    tab.browser.clock.advance(20)
    state.set({"n": 4})
    assert read(tab.area(kind).getItem("k")) == {"n": 4}


def test_journal_is_folded_when_the_page_is_hidden_and_begins_again(tab: Tab) -> None:
    with use_host(tab):
        state: Any = session("s", {"n": 1}, layout="journal")
    area = tab.area("session")
    state.n = 2
    assert len(journal_at(area)) == 1
    tab.cover()
    assert (journal_at(area), read(area.getItem(KEY))) == ([], {"n": 2})
    state.n = 3
    assert (len(journal_at(area)), stored(area)) == (1, {"n": 3})


@rows("leave", [Tab.cover, Tab.hide])
@rows("function", [persistent, shared])
def test_document_of_all_tabs_has_everything_when_the_page_is_hidden_or_left(
    function: Any, leave: Any
) -> None:
    tab = Browser().open()
    with use_host(tab):
        state = function("s", {"text": LARGE, "n": 1})
    state.n = 2
    area = tab.area("local")
    (key,) = [each for each in area.entries() if each.endswith("://s@1.0.0")]
    assert read(area.getItem(key))["n"] == 1
    leave(tab)
    assert read(area.getItem(key)) == snapshot(state) == {"text": LARGE, "n": 2}


def test_hidden_page_still_answers_its_copies(tab: Tab) -> None:
    def passed() -> None:
        tab.browser.settle()
        tab.browser.clock.advance(PATIENCE)
        tab.browser.settle()

    with use_host(tab):
        session("s", {"n": 1})
    passed()
    tab.cover()
    copy = tab.duplicate()
    with use_host(copy):
        state = session("s")
    passed()
    assert restored(state).copied is True
