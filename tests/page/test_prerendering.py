"""A page that was prepared before it is shown: it begins when it is shown, and keeps what it did before."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from anchor_session import (
    SessionStorage,
    StorageWarning,
    effect,
    leave,
    persistent,
    restored,
    session,
    shared,
    snapshot,
    subscribe,
)
from anchor_session.host.tab_origin import KEY as TOKEN
from anchor_session.host.tab_origin import PATIENCE
from anchor_session.state import Persistence, State
from anchor_session.testing import Browser, Tab, use_host
from tests.support import KEY, LAYOUTS, REJECTED, rows, stored


def opened(tab: Tab, init: Any = None, name: str = "s", **options: Any) -> Any:
    with use_host(tab):
        return session(name, init, **options)


def passed(browser: Browser) -> None:
    browser.settle()
    browser.clock.advance(PATIENCE)
    browser.settle()


@pytest.fixture
def tab() -> Tab:
    return Browser().open()


@pytest.fixture
def browser(tab: Tab) -> Browser:
    return tab.browser


# -- states of the tab ------------------------------------------------------------------------


def test_page_shows_what_the_one_before_wrote_last_and_builds_on_it(tab: Tab) -> None:
    before = opened(tab, {"n": 1})
    following = tab.prerender()
    state = opened(following, {"n": 1})
    before.n = 2
    assert state.n == 1
    following.activate()
    assert state.n == 2
    state.x = 1
    assert stored(following.area("session")) == {"n": 2, "x": 1}


@rows("layout", LAYOUTS)
def test_what_it_changed_before_it_was_shown_is_made_again_and_stored(layout: str) -> None:
    tab = Browser().open()
    init = {"n": 1, "rows": [{"id": 1, "q": 1}, {"id": 2, "q": 1}], "tags": {"a"}, "gone": 1}
    before = opened(tab, init, layout=layout)
    following = tab.prerender()
    state = opened(following, init, layout=layout)
    state.x = "new"
    state.rows[1].q = 5
    state.rows.append({"id": 3, "q": 1})
    state.tags.add("b")
    del state["gone"]
    before.n = 2
    before.rows.insert(0, {"id": 0, "q": 1})
    before.tags.discard("a")
    following.activate()
    expected = {
        "n": 2,
        "rows": [
            {"id": 0, "q": 1},
            {"id": 1, "q": 1},
            {"id": 2, "q": 5},
            {"id": 3, "q": 1},
        ],
        "tags": {"b"},
        "x": "new",
    }
    assert snapshot(state) == expected
    assert stored(following.area("session")) == expected
    again = opened(following.reload(), init, layout=layout)
    assert snapshot(again) == expected


def test_what_no_longer_applies_is_left_out(tab: Tab) -> None:
    before = opened(tab, {"rows": [{"q": 1}], "m": {"a": 1}})
    following = tab.prerender()
    state = opened(following)
    state.rows[0].q = 2
    state.m.a = 2
    before.rows.clear()
    del before["m"]
    following.activate()
    assert snapshot(state) == stored(following.area("session")) == {"rows": []}


def test_page_that_changed_nothing_writes_nothing_when_it_is_shown(tab: Tab) -> None:
    before = opened(tab, {"n": 1})
    passed(tab.browser)
    following = tab.prerender()
    state = opened(following, {"n": 1})
    before.n = 2
    text = tab.area("session").getItem(KEY)
    frame = tab.frame()
    frame.deliver()
    following.activate()
    assert (state.n, frame.events) == (2, 0)
    assert following.area("session").getItem(KEY) == text


def test_listeners_and_effects_are_told_once(tab: Tab) -> None:
    before = opened(tab, {"n": 1, "x": 0})
    following = tab.prerender()
    state = opened(following)
    state.x = 1
    changes: list[Any] = []
    seen: list[Any] = []
    subscribe(state, changes.append)
    effect(lambda: seen.append((state.n, state.x)))
    before.n = 2
    following.activate()
    assert [each.op for each in changes] == ["replace"]
    assert seen == [(1, 1), (2, 1)]


def test_state_begins_as_at_an_opening(tab: Tab) -> None:
    following = tab.prerender()
    state = opened(following, {"n": 1, "m": 0})
    opened(tab, {"n": 5})
    following.activate()
    assert snapshot(state) == stored(following.area("session")) == {"n": 5, "m": 0}
    assert restored(state).outcome == "restored"
    assert restored(state).dirty is False


def test_name_that_the_page_before_deleted_stays_deleted(tab: Tab) -> None:
    before = opened(tab, {"n": 1, "m": 1})
    following = tab.prerender()
    state = opened(following, {"n": 1, "m": 1})
    del before["m"]
    following.activate()
    assert snapshot(state) == {"n": 1}
    assert snapshot(opened(following.reload(), {"n": 1, "m": 1})) == {"n": 1}


def test_older_record_is_migrated_again_for_the_tab(tab: Tab) -> None:
    def migrate(old: "dict[str, Any]") -> "dict[str, Any]":
        return {"count": old["n"]}

    before = opened(tab, {"n": 1}, "s@1")
    following = tab.prerender()
    state = opened(following, {"count": 0}, "s@2:1", migrate=migrate)
    assert state.count == 1
    before.n = 7
    following.activate()
    assert state.count == 7
    assert restored(state).outcome == "migrated"
    area = following.area("session")
    assert [key for key in area.entries() if "@1" in key] == []
    assert stored(area, "anchor-session://s@2") == {"count": 7}


def test_text_that_cannot_be_used_is_moved_aside_for_the_tab(tab: Tab) -> None:
    tab.area("session").setItem(KEY, "{")
    following = tab.prerender()
    with pytest.warns(StorageWarning):
        state = opened(following, {"n": 1})
    with pytest.warns(StorageWarning):
        following.activate()
    assert following.area("session").getItem(REJECTED) == "{"
    assert stored(following.area("session")) == snapshot(state) == {"n": 1}


@dataclass
class Cart:
    n: int = 1
    lines: "list[str]" = field(default_factory=list)


def test_typed_state_keeps_what_it_changed(tab: Tab) -> None:
    before = opened(tab, Cart())
    following = tab.prerender()
    state = opened(following, Cart())
    state.lines.append("ink")
    before.n = 2
    following.activate()
    assert snapshot(state) == Cart(2, ["ink"])
    assert stored(following.area("session")) == {"n": 2, "lines": ["ink"]}


def test_frames_of_one_prerendered_page_make_a_change_again_once(tab: Tab) -> None:
    opened(tab, {"l": ["a"]})
    following = tab.prerender()
    frame = following.frame()
    one, two = opened(following), opened(frame)
    one.l.append("b")
    tab.browser.settle()
    assert two.l == ["a", "b"]
    following.activate()
    tab.browser.settle()
    assert one.l == two.l == stored(following.area("session"))["l"] == ["a", "b"]


def test_statement_before_the_page_is_told_that_it_is_shown_comes_after_the_rest(tab: Tab) -> None:
    before = opened(tab, {"n": 1, "l": []})
    following = tab.prerender()
    state = opened(following)
    state.l.append("mine")
    before.n = 2
    shown, following._on_page_show[:] = following._on_page_show.copy(), []
    following.activate()
    with use_host(following):
        state.l.append("after")
    expected = {"n": 2, "l": ["mine", "after"]}
    assert stored(following.area("session")) == expected
    following._on_page_show[:] = shown
    following.show()
    assert snapshot(state) == stored(following.area("session")) == expected


def test_storage_that_gives_way_to_a_state_keeps_what_it_changed(tab: Tab) -> None:
    before = opened(tab, {"n": 1})
    following = tab.prerender()
    with use_host(following):
        storage = SessionStorage("s")
        storage.set("x", 1)
        state = session("s", {"n": 0, "m": 0})
    before.n = 2
    following.activate()
    assert snapshot(state) == {"n": 2, "x": 1, "m": 0}
    assert storage.get("x") == 1


def test_full_area_leaves_the_changes_in_memory_with_a_warning(tab: Tab) -> None:
    opened(tab, {"n": 1})
    following = tab.prerender()
    state = opened(following)
    state.x = "x" * 1000
    tab.area("session").quota = 300
    following.area("session").quota = 300
    with pytest.warns(StorageWarning, match="could not be stored"):
        following.activate()
    assert (len(state.x), restored(state).dirty) == (1000, True)
    following.area("session").quota = None
    state.y = 1
    assert stored(following.area("session")) == snapshot(state)


def test_state_of_an_interval_keeps_what_waits(tab: Tab) -> None:
    def persistence() -> Persistence:
        return Persistence("app", interval=10)

    with use_host(tab):
        before = State(lambda: {"n": 1, "x": 0}, persistence=persistence())
    following = tab.prerender()
    with use_host(following):
        state = State(lambda: {"n": 1, "x": 0}, persistence=persistence())
        state.set({"x": 1})
        state.set({"x": 2})
    with use_host(tab):
        before.set({"n": 2})
    following.activate()
    assert state.get() == {"n": 2, "x": 2}
    tab.browser.clock.advance(10)
    assert stored(following.area("session"), "app") == {"n": 2, "x": 2}


def test_state_that_is_opened_once_the_page_is_shown_is_as_any(tab: Tab) -> None:
    before = opened(tab, {"n": 1})
    following = tab.prerender()
    other = opened(following, {}, "other")
    before.n = 2
    following.activate()
    state = opened(following, {"n": 1})
    assert (state.n, snapshot(other)) == (2, {})


# -- states of all tabs -----------------------------------------------------------------------


def test_states_of_all_tabs_are_stored_at_once_and_read_again(tab: Tab, browser: Browser) -> None:
    for function in (persistent, shared):
        with use_host(tab):
            before: Any = function("s", {"n": 1, "l": []})
        following = tab.prerender()
        with use_host(following):
            state: Any = function("s", {"n": 1, "l": []})
        state.l.append("early")
        browser.settle()
        assert before.l == ["early"]
        before.n = 2
        following._pending.clear()  # no event of that arrives
        following.activate()
        assert snapshot(state) == {"n": 2, "l": ["early"]}
        browser.settle()
        assert snapshot(state) == {"n": 2, "l": ["early"]}
        tab = following


# -- the tab and the browser session ----------------------------------------------------------


def test_prerendered_page_asks_and_answers_nobody(tab: Tab, browser: Browser) -> None:
    before = opened(tab, {"n": 1})
    passed(browser)
    following = tab.prerender()
    state = opened(following, {"n": 1})
    passed(browser)
    assert restored(state).copied is None
    assert restored(before).copied is False
    copy = opened(tab.duplicate())
    passed(browser)
    assert (restored(copy).copied, restored(before).copied) == (True, False)
    assert [key for key in tab.area("session").entries() if key.startswith(f"{TOKEN}#")] == []


def test_prerendered_page_is_no_copy_once_it_is_shown(tab: Tab, browser: Browser) -> None:
    opened(tab, {"n": 1})
    passed(browser)
    token = tab.area("session").getItem(TOKEN)
    following = tab.prerender()
    state = opened(following, {"n": 1})
    passed(browser)
    following.activate()
    passed(browser)
    assert restored(state).copied is False
    assert following.area("session").getItem(TOKEN) == token


def test_first_page_with_a_state_gives_the_tab_its_token_once_it_is_shown(tab: Tab) -> None:
    following = tab.prerender()
    state = opened(following, {"n": 1})
    passed(tab.browser)
    following.activate()
    passed(tab.browser)
    assert restored(state).copied is False
    assert following.area("session").getItem(TOKEN) is not None


def test_page_is_in_the_browser_session_of_its_tab_and_survives_a_crash_in_it(
    tab: Tab, browser: Browser
) -> None:
    following = tab.prerender()
    with use_host(following):
        state = shared("s", {"n": 1})
    with use_host(tab):
        same = shared("s", {"n": 1})
    state.n = 2
    browser.settle()
    assert same.n == 2
    following.activate()
    browser.settle()
    (session_storage,) = browser.crash()
    with use_host(browser.open(session_storage)):
        again = shared("s", {"n": 1})
    assert again.n == 2


def test_state_that_was_left_listens_no_more(tab: Tab) -> None:
    following = tab.prerender()
    state = opened(following, {"n": 1})
    with use_host(following):
        leave(state)
    assert following._on_page_show == []
