"""What another document stores is taken over, and nothing is written or sent back."""

import gc
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from anchor_session import (
    Change,
    MapView,
    StorageWarning,
    leave,
    persistent,
    restored,
    session,
    snapshot,
    subscribe,
)
from anchor_session.page.open_states import leave_all
from anchor_session.testing import Browser, Tab, tabs, use_host
from tests.support import DELETED, KEY, REJECTED, entries, read, rows, text_at, typed

pytestmark = pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning")


@contextmanager
def on_a_tab() -> "Iterator[Tab]":
    (here,) = tabs(1)
    with use_host(here):
        yield here
        leave_all()


@pytest.fixture
def tab() -> "Iterator[Tab]":
    """The host of the test."""
    with on_a_tab() as here:
        yield here


@pytest.fixture
def frame(tab: Tab) -> Any:
    """The same `sessionStorage` as another document sees it."""
    return tab.frame().area("session")


def heard_by(state: Any) -> "list[Change]":
    heard: list[Change] = []
    subscribe(state, heard.append)
    return heard


def test_record_of_another_document_is_taken_over(tab: Tab, frame: Any) -> None:
    state = session("s", {"n": 1})
    frame.setItem(KEY, '{"n":2,"m":{}}')
    tab.deliver()
    assert snapshot(state) == {"n": 2, "m": {}}


def test_nothing_is_written_back(tab: Tab, frame: Any) -> None:
    session("s", {"n": 1, "default": 1})
    frame.setItem(KEY, '{ "n": 2 }')
    tab.deliver()
    assert entries(frame) == {KEY: '{ "n": 2 }'}


DOCUMENTS: "list[tuple[Any, Any]]" = [
    ({"n": 1}, {"n": 2}),
    ({"n": 1}, {"m": 1}),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({"l": [1, 2, 3]}, {"l": [1, 9, 3]}),
    ({"l": [1, 2, 3]}, {"l": [1, 3]}),
    ({"l": [1]}, {"l": [0, 1, 2]}),
    ({"l": [[1], [2]]}, {"l": [[1], [2, 3]]}),
    ({"l": [{"a": 1}]}, {"l": []}),
    ({"m": {"x": {"y": 1}}}, {"m": {"x": {"y": 2}}}),
    ({"m": {}}, {"m": []}),
    ({"m": []}, {"m": 1}),
    ({"s": {1}}, {"s": {1.0}}),
    ({"s": {1, 2}}, {"s": {True, 3}}),
    ({"s": set()}, {"s": {float("nan")}}),
    ({"n": 1}, {"n": 1.0}),
    ({"n": 1}, {"n": True}),
    ({"n": 0.0}, {"n": -0.0}),
    ({"l": [1]}, {"l": [True]}),
]


@rows(("old", "new"), DOCUMENTS)
def test_state_equals_the_record_that_was_taken_over(old: Any, new: Any) -> None:
    with on_a_tab() as tab:
        state = session("s", old)
        other = tab.frame()
        with use_host(other):
            session("s").clear()
            session("s").update(new)
        tab.deliver()
        assert typed(snapshot(state)) == typed(new)


@rows(("old", "new"), DOCUMENTS)
def test_next_write_after_a_take_over_stores_the_state(old: Any, new: Any) -> None:
    with on_a_tab() as tab:
        state = session("s", old)
        with use_host(tab.frame()):
            session("s").clear()
            session("s").update(new)
        tab.deliver()
        state["next"] = 1
        assert typed(read(text_at(tab.area("session")))) == typed(new | {"next": 1})


def test_subscribers_hear_one_replace(tab: Tab, frame: Any) -> None:
    heard = heard_by(session("s", {"n": 1, "m": {"x": 1}, "same": [1]}))
    frame.setItem(KEY, '{"n":2,"m":{"x":2},"same":[1]}')
    tab.deliver()
    assert heard == [
        Change(
            "replace",
            (),
            {"n": 2, "m": {"x": 2}, "same": [1]},
            {"n": 1, "m": {"x": 1}, "same": [1]},
            changes=(Change("set", ("n",), 2, 1), Change("set", ("m", "x"), 2, 1)),
        )
    ]


def test_only_differing_members_are_told(tab: Tab, frame: Any) -> None:
    heard = heard_by(session("s", {"s": {1, 2}}))
    frame.setItem(KEY, '{"s":{"$anchor":"set","value":[2,3]}}')
    tab.deliver()
    assert heard[0].changes == (
        Change("discard", ("s",), previous=1),
        Change("add", ("s",), value=3),
    )


def test_only_differing_paths_notify(tab: Tab, frame: Any) -> None:
    state = session("s", {"a": {"x": 1}, "b": {"x": 1}})
    heard = heard_by(state.a)
    frame.setItem(KEY, '{"a":{"x":1},"b":{"x":2}}')
    tab.deliver()
    assert heard == []


def test_views_of_what_stays_are_kept(tab: Tab, frame: Any) -> None:
    state = session("s", {"a": {"x": 1}, "l": [[1]]})
    views = [state.a, state.l, state.l[0]]
    frame.setItem(KEY, '{"a":{"x":2},"l":[[1,2]]}')
    tab.deliver()
    assert [state.a is views[0], state.l is views[1], state.l[0] is views[2]] == [True] * 3


def test_record_that_is_equal_tells_nobody(tab: Tab, frame: Any) -> None:
    heard = heard_by(session("s", {"n": 1}))
    frame.setItem(KEY, '{ "n": 1 }')
    tab.deliver()
    assert heard == []


def test_event_of_our_own_text_tells_nobody(tab: Tab) -> None:
    heard = heard_by(session("s", {"n": 1}))
    tab.notice("session", KEY)
    tab.deliver()
    assert heard == []


def test_page_shown_again_keeps_what_could_not_be_stored(tab: Tab) -> None:
    state = session("s", {"n": 1}, on_error=lambda error: None)
    tab.area("session").quota = 0
    state.n = 2
    tab.show()
    kept = state.n
    tab.area("session").quota = None
    assert kept == 2


ENDINGS: "list[Callable[[Any], None]]" = [
    lambda frame: frame.removeItem(KEY),
    lambda frame: frame.clear(),
]


@rows("end", ENDINGS)
def test_record_that_is_gone_resets_to_init(end: "Callable[[Any], None]") -> None:
    with on_a_tab() as tab:
        frame = tab.frame().area("session")
        state = session("s", {"n": 1})
        state.update(n=2, more=3)
        end(frame)
        tab.deliver()
        assert (snapshot(state), entries(frame)) == ({"n": 1}, {})


def test_reset_minds_the_deleted_names(tab: Tab, frame: Any) -> None:
    state = session("s", {"n": 1, "m": 2})
    del state.m
    frame.removeItem(KEY)
    tab.deliver()
    assert snapshot(state) == {"n": 1}


def test_state_emptied_elsewhere_is_empty_here(tab: Tab) -> None:
    state = session("s", {"n": 1, "m": 2})
    with use_host(tab.frame()):
        session("s", {"n": 1, "m": 2}).clear()
    tab.deliver()
    assert snapshot(state) == {}


@rows("text", ["{", "[1]", ""])
def test_junk_warns_and_changes_nothing(text: str) -> None:
    with on_a_tab() as tab:
        frame = tab.frame().area("session")
        state = session("s", {"n": 1})
        frame.setItem(KEY, text)
        with pytest.warns(StorageWarning, match="another document"):
            tab.deliver()
        assert (snapshot(state), entries(frame)) == ({"n": 1}, {KEY: text})


def test_junk_is_kept_aside_by_the_next_write(tab: Tab, frame: Any) -> None:
    state = session("s", {"n": 1})
    frame.setItem(KEY, "{")
    tab.deliver()
    state.n = 2
    assert entries(frame) == {KEY: '{"n":2}', REJECTED: "{"}


def test_junk_that_was_put_right_is_taken_over(tab: Tab, frame: Any) -> None:
    state = session("s", {"n": 1})
    frame.setItem(KEY, "{")
    tab.deliver()
    frame.setItem(KEY, '{"n":3}')
    tab.deliver()
    state.n += 1
    assert (entries(frame), restored(state).dirty) == ({KEY: '{"n":4}'}, False)


def test_other_keys_are_ignored(tab: Tab, frame: Any) -> None:
    state = session("s", {"n": 1})
    frame.setItem(KEY, '{"n":2}')
    tab._pending.clear()
    frame.setItem("theirs", "1")
    frame.setItem(f"{KEY}0", "1")
    tab.deliver()
    assert state.n == 1


def test_other_areas_are_ignored(tab: Tab, frame: Any) -> None:
    state = session("s", {"n": 1})
    frame.setItem(KEY, '{"n":2}')
    tab._pending.clear()
    tab.notice("local", KEY)
    tab.notice("local", None)
    tab.deliver()
    assert state.n == 1


def test_list_of_deleted_names_is_no_record(tab: Tab, frame: Any) -> None:
    heard = heard_by(session("s", {"n": 1}))
    frame.setItem(DELETED, '["n"]')
    tab.deliver()
    assert heard == []


def test_names_deleted_elsewhere_stay_listed(tab: Tab, frame: Any) -> None:
    state = session("s", {"a": 1, "b": 1, "c": 1})
    with use_host(tab.frame()):
        del session("s", {"a": 1, "b": 1, "c": 1}).a
    tab.deliver()
    del state.b
    assert text_at(frame, DELETED) == '["a","b"]'


def test_every_tab_follows_local_storage() -> None:
    one, two = tabs(2)
    with use_host(one):
        here = persistent("s", {"n": 1})
    with use_host(two):
        there = persistent("s")
    here.n = 2
    two.deliver()
    leave_all()
    assert there.n == 2


def test_other_tabs_do_not_follow_session_storage() -> None:
    one, two = tabs(2)
    with use_host(one):
        here = session("s", {"n": 1})
    with use_host(two):
        there = session("s", {"n": 5})
    here.n = 2
    two.deliver()
    leave_all()
    assert there.n == 5


def test_failing_subscriber_does_not_keep_other_states_from_following(tab: Tab, frame: Any) -> None:
    def fail(change: Change) -> None:
        raise ZeroDivisionError

    one, two = session("s", {"n": 1}), session("t", {"n": 1})
    one.n = two.n = 2
    subscribe(one, fail)
    frame.clear()
    with pytest.raises(ZeroDivisionError):
        tab.deliver()
    assert (one.n, two.n) == (1, 1)


def test_subscriber_may_change_what_was_taken_over(tab: Tab, frame: Any) -> None:
    state = session("s", {"n": 1})
    subscribe(state, lambda change: state.update(seen=state.n))
    frame.setItem(KEY, '{"n":2}')
    tab.deliver()
    assert text_at(frame) == '{"n":2,"seen":2}'


def test_page_that_is_shown_again_reads_its_records(tab: Tab, frame: Any) -> None:
    state = session("s", {"n": 1})
    frame.setItem(KEY, '{"n":2}')
    tab.show()
    assert state.n == 2


def test_page_shown_again_without_a_change_tells_nobody(tab: Tab) -> None:
    heard = heard_by(session("s", {"n": 1}))
    tab.show()
    assert heard == []


def test_area_that_cannot_be_read_warns_and_changes_nothing(tab: Tab) -> None:
    state = session("s", {"n": 1})
    tab.area("session").is_blocked = True
    with pytest.warns(StorageWarning, match="cannot be read"):
        tab.show()
    assert snapshot(state) == {"n": 1}


# -- nothing is left behind ------------------------------------------------------------------


class Counting(Tab):
    """A tab that counts what it was asked to do and not yet to end."""

    def __init__(self) -> None:
        super().__init__(Browser())
        self.running = 0

    def _count(self, end: "Callable[[], None]") -> "Callable[[], None]":
        self.running += 1

        def ended() -> None:
            self.running -= 1
            end()

        return ended

    def on_storage(
        self, callback: "Callable[[object, list[str] | None], None]"
    ) -> "Callable[[], None]":
        return self._count(super().on_storage(callback))

    def on_page_show(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        return self._count(super().on_page_show(callback))

    def avoid_stale_cache(self) -> "Callable[[], None]":
        return self._count(super().avoid_stale_cache())


def test_page_is_listened_to_once_however_many_states() -> None:
    here = Counting()
    with use_host(here):
        session("s")
        session("t")
        assert here.running == 3


def test_page_is_listened_to_until_the_last_state_is_left() -> None:
    here = Counting()
    with use_host(here):
        one, two = session("s"), session("t")
        leave(one)
        before = here.running
        leave(two)
        assert (before, here.running) == (3, 0)


def test_page_is_listened_to_again_by_a_later_state() -> None:
    here = Counting()
    with use_host(here):
        leave(session("s"))
        session("s")
        assert here.running == 3


def test_each_host_has_listeners_of_its_own() -> None:
    one, two = Counting(), Counting()
    with use_host(one):
        state = session("s")
    with use_host(two):
        session("s")
    leave(state)
    assert (one.running, two.running) == (0, 3)


def test_left_state_follows_no_more(tab: Tab, frame: Any) -> None:
    state = session("s", {"n": 1})
    leave(state)
    session("t")
    frame.setItem(KEY, '{"n":2}')
    tab.deliver()
    assert state.n == 1


@pytest.mark.both
def test_left_state_is_not_kept_alive() -> None:
    state: MapView | None = session("s", {"n": 1})
    gone = weakref.ref(state)
    leave(state)
    state = None
    gc.collect()
    assert gone() is None
