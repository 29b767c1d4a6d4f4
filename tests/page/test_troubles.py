"""Troubles that come together: what fails while something else is under way."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    StorageError,
    StorageUnavailableError,
    StorageWarning,
    leave,
    persistent,
    restored,
    session,
    subscribe,
)
from anchor_session.host.area import Area, StaleReadError
from anchor_session.page.open_states import binding_of, leave_all, storage_changed
from anchor_session.testing import Browser, MemoryArea, Tab, tabs, use_host
from tests.support import KEY, REJECTED
from tests.ways import counted

SHARED = "anchor-persistent://s@1.0.0"


def at_rest(browser: Browser) -> None:
    for _ in range(8):
        browser.clock.advance(20)
        browser.settle()


def test_sorted_list_arrives_in_as_many_calls_as_it_has_items() -> None:
    def calls(count: int) -> int:
        one, two = tabs(2)
        with use_host(one):
            state = persistent("s", {"l": [(n * 7) % count for n in range(count)]})
        with use_host(two):
            other = persistent("s", {"l": []})
        one.deliver()
        two.deliver()
        state.l.sort()
        with counted() as way:
            two.deliver()
        assert list(other.l) == sorted(state.l)
        return len(way.calls)

    assert calls(400) < 3 * calls(200)


@pytest.mark.parametrize("end", ["hide", "leave"])
def test_entries_of_a_killed_tab_are_folded_by_whoever_opens_and_goes(end: str) -> None:
    browser = Browser()
    one = browser.open()
    with use_host(one):
        state = persistent("s", {"n": 1}, layout="journal")
        at_rest(browser)
        state.n = 2
    one.kill()
    two = browser.open()
    with use_host(two):
        state = persistent("s", {"n": 1}, layout="journal")
        if end == "hide":
            two.hide()
        else:
            leave(state)
    assert two.area("local").getItem(SHARED) == '{"n":2}'


def late(tab: Tab) -> "tuple[Any, list[Any]]":
    """A state that follows a document of somebody else and has no room for a late change of its own."""
    with use_host(tab):
        state = persistent("s", {"n": 1})
        at_rest(tab.browser)
        heard: list[Any] = []
        subscribe(state, lambda change: heard.append(state.n))
        binding: Any = binding_of(state)
        stamp = binding.keeper.record.next_stamp()
        area = tab.area("local")
        change = f'["set",[".m"],"{"x" * 100}"]'
        area.setItem(
            f"{SHARED}#edit.{stamp}", f'["other","{"0" * 13}",null,[["{stamp}",[{change}]]]]'
        )
        area.setItem(SHARED, '{"n":5}')
        area.quota = 0
        with pytest.warns(StorageWarning, match="lives in memory"):
            storage_changed(area, None)
    return state, heard


def test_subscribers_hear_what_others_stored_though_making_own_changes_again_fails() -> None:
    tab = Browser().open()
    _, heard = late(tab)
    assert set(heard) == {5}
    tab.area("local").quota = None


def test_own_change_that_finds_no_room_is_stored_with_the_next_one() -> None:
    tab = Browser().open()
    state, _ = late(tab)
    assert restored(state).dirty
    tab.area("local").quota = None
    with use_host(tab):
        state.k = 1
    with use_host(tab.browser.open()):
        assert dict(persistent("s")) == {"n": 5, "m": "x" * 100, "k": 1}


def test_state_that_is_left_while_another_is_left_is_ended_once() -> None:
    class Failing(MemoryArea):
        fails = False

        def setItem(self, key: str, text: str) -> None:
            if self.fails:
                raise RuntimeError("no")
            super().setItem(key, text)

    one, two = Failing(), Failing()
    is_leaving: list[bool] = []

    def leave_other(error: StorageError) -> None:
        if is_leaving:
            leave(other)
            other.n = 99
            two.fails = False

    state = session("x", {"n": 1}, area=one, on_error=leave_other)
    other = session("y", {"n": 1}, area=two, on_error=lambda error: None)
    one.fails = two.fails = True
    other.n = state.n = 2
    is_leaving.append(True)
    leave_all()
    assert two.getItem("anchor-session://y@1.0.0") == '{"n":1}'


def test_write_behind_a_record_that_cannot_be_read_raises_why() -> None:
    class Unreadable(MemoryArea):
        fails = False

        def getItem(self, key: str) -> "str | None":
            if self.fails and key.endswith("#deleted"):
                raise RuntimeError("no")
            return super().getItem(key)

    area = Unreadable()
    state = session("s", {"n": 1}, area=area, layout="journal")
    area.setItem(KEY, '{"n":7}')
    area.fails = True
    with pytest.raises(StorageError, match=r"failed at .*#deleted"):  # that is enough: no warning
        state.n = 2
    area.fails = False
    assert (state.n, area.getItem(KEY)) == (1, '{"n":7}')


def failing_once(
    patch: pytest.MonkeyPatch, name: str, fails: "Callable[[str], bool]", error: Exception
) -> None:
    """Let the first call of that method of areas that is for such a key raise."""
    method = getattr(Area, name)
    left = [error]

    def once(self: Area, key: str, *rest: Any) -> Any:
        if left and fails(key):
            raise left.pop()
        return method(self, key, *rest)

    patch.setattr(Area, name, once)


def test_text_refused_at_a_first_attempt_is_moved_aside_at_the_second(
    area: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    area.setItem(KEY, "garbage")

    def is_moved(key: str) -> bool:
        if key == REJECTED:
            area.setItem(KEY, '{"n":5}')  # another interpreter was first
            return True
        return False

    failing_once(monkeypatch, "set", is_moved, StaleReadError(REJECTED))
    with pytest.warns(StorageWarning, match="was refused"):
        state = session("s", {"n": 1})
    assert (state.n, restored(state).dirty, area.getItem(REJECTED)) == (5, False, "garbage")


def test_reading_that_fails_loses_no_change_that_waits_for_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = tabs(2)
    init = {"n": 1, "m": 1}
    with use_host(one):
        state = persistent("s", init, on_error=lambda error: None)
    with use_host(two):
        other = persistent("s", init)
    one.deliver()
    two.deliver()
    area = one.area("local")
    area.quota = 0
    state.n = 2
    area.quota = None
    failing_once(monkeypatch, "get", lambda key: "#base" in key, StorageUnavailableError("once"))
    with use_host(one), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        storage_changed(area, None)
    state.m = 5
    two.deliver()
    assert dict(other) == {"n": 2, "m": 5}
