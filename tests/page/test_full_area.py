"""A full area never keeps a page from starting: a record that is there is opened, with what it lacks."""

import asyncio
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from anchor_session import (
    PersistentStorage,
    QuotaExceededError,
    SessionStorage,
    StorageError,
    StorageWarning,
    batch,
    host,
    leave,
    persistent,
    restored,
    session,
    shared,
    snapshot,
)
from anchor_session.page.open_states import leave_all
from anchor_session.state import Persistence, State
from anchor_session.testing import Browser, Tab, tabs, use_host
from tests.support import LAYOUTS, Spy, entries, rows

pytestmark = pytest.mark.both

KINDS: "dict[str, tuple[Any, str]]" = {
    "session": (session, "session"),
    "persistent": (persistent, "local"),
    "shared": (shared, "local"),
}
CASES = {
    f"{kind} {layout}": (kind, layout, area)
    for kind, (_, area) in KINDS.items()
    for layout in LAYOUTS
}
NEW = {"a": 1, "new": "y" * 20}


@dataclass
class First:
    a: int = 1


@dataclass
class Second:
    a: int = 1
    new: str = "y" * 20


def tab_after(write: "Callable[[], object]", area: str) -> Tab:
    """A tab in which a page has done that; another library has filled the area since."""
    tab = Browser().open()
    with use_host(tab):
        write()
        if area == "local":
            come_to_rest(tab)
        leave_all()
    return fill(tab, area)


def come_to_rest(tab: Any) -> None:
    """Until the document is there alone: what lies beside it would be room to be made."""
    for _ in range(20):
        tab.browser.settle()
        tab.browser.clock.advance(1)


def fill(tab: Tab, area: str, room: int = 0) -> Tab:
    raw = tab.area(area)
    raw.setItem("theirs", "x" * 1000)
    raw.quota = sum(len(key) + len(text) for key, text in entries(raw).items()) + room
    return tab


def free(tab: Tab, area: str) -> None:
    tab.area(area).quota = None


@contextmanager
def told(*parts: str) -> "Iterator[None]":
    """One warning, a `StorageWarning` that has these parts; or none, for no parts."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    messages = [str(each.message) for each in caught]
    assert [each.category for each in caught] == [StorageWarning] * bool(parts), messages
    assert [part for part in parts if part not in messages[0]] == [], messages


def opened(kind: str, init: Any, **options: Any) -> Any:
    return KINDS[kind][0]("e", init, **options)


def change(kind: str, **options: Any) -> None:
    opened(kind, {"a": 1}, **options).a = 2


def full(kind: str, layout: str) -> Tab:
    return tab_after(lambda: change(kind, layout=layout), KINDS[kind][1])


@rows(("kind", "layout", "area"), CASES)
def test_record_opens_with_what_init_adds_in_memory(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    tab = full(kind, layout)
    before = entries(tab.area(area))
    with use_host(tab):
        with told(f"the state `e` ({kind})", "next change", "usage("):
            state = opened(kind, NEW, layout=layout)
        found = restored(state)
        assert snapshot(state) == {"a": 2, "new": "y" * 20}
        assert (found.outcome, found.dirty) == ("restored", True)
        assert isinstance(found.error, QuotaExceededError)
        assert entries(tab.area(area)) == before


@rows(("kind", "layout", "area"), CASES)
def test_first_opening_raises(early_journals: None, kind: str, layout: str, area: str) -> None:
    tab = fill(Browser().open(), area)
    with use_host(tab), pytest.raises(QuotaExceededError):
        opened(kind, NEW, layout=layout)


@rows(("kind", "layout", "area"), CASES)
def test_next_change_stores_the_whole_state_once_there_is_room(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    tab = full(kind, layout)
    with use_host(tab):
        with told("`e`"):
            state = opened(kind, NEW, layout=layout)
        with pytest.raises(QuotaExceededError):
            state.b = 3
        assert (snapshot(state), restored(state).dirty) == ({"a": 2, "new": "y" * 20}, True)
        free(tab, area)
        state.b = 3
        assert restored(state).dirty is False
    tab.kill()
    with use_host(tab.reload()):
        assert snapshot(opened(kind, {})) == {"a": 2, "new": "y" * 20, "b": 3}


@rows(("kind", "layout", "area"), CASES)
def test_change_that_frees_room_is_stored(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    def write() -> None:
        opened(kind, {"a": 1}, layout=layout).big = "z" * 2000

    tab = tab_after(write, area)
    with use_host(tab):
        with told("`e`"):
            state = opened(kind, NEW, layout=layout)
        del state.big
        assert restored(state).dirty is False
    with use_host(tab.reload()):
        assert snapshot(opened(kind, {})) == {"a": 1, "new": "y" * 20}


@rows(("kind", "layout", "area"), CASES)
def test_leave_tries_again(early_journals: None, kind: str, layout: str, area: str) -> None:
    tab = full(kind, layout)
    with use_host(tab):
        with told("`e`"):
            state = opened(kind, NEW, layout=layout)
        free(tab, area)
        with told():
            leave(state)
        assert snapshot(opened(kind, {})) == {"a": 2, "new": "y" * 20}


@rows(("kind", "layout", "area"), CASES)
def test_leave_that_finds_no_room_leaves_the_record(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    tab = full(kind, layout)
    before = entries(tab.area(area))
    with use_host(tab):
        with told("`e`"):
            state = opened(kind, NEW, layout=layout)
        with told():
            leave(state)
        assert entries(tab.area(area)) == before
        assert snapshot(opened(kind, {})) == {"a": 2}


@rows(("kind", "layout", "area"), CASES)
def test_reload_finds_the_record_and_tells_again(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    tab = full(kind, layout)
    for _ in range(2):
        with use_host(tab):
            with told("`e`"):
                state = opened(kind, NEW, layout=layout)
            assert snapshot(state) == {"a": 2, "new": "y" * 20}
        tab = fill(tab.reload(), area)


@rows(("kind", "layout", "area"), CASES)
def test_on_error_hears_it_and_nobody_is_warned(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    tab = full(kind, layout)
    heard: list[StorageError] = []
    with use_host(tab):
        with told():
            state = opened(kind, NEW, layout=layout, on_error=heard.append)
        assert [type(error) for error in heard] == [QuotaExceededError]
        assert (state.new, restored(state).dirty) == ("y" * 20, True)
        free(tab, area)
        state.b = 3
    tab.kill()
    with use_host(tab.reload()):
        assert snapshot(opened(kind, {})) == {"a": 2, "new": "y" * 20, "b": 3}


@rows(("kind", "layout", "area"), CASES)
def test_fields_that_a_class_adds_are_in_memory(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    def write() -> None:
        opened(kind, First(), layout=layout).a = 2

    tab = tab_after(write, area)
    with use_host(tab):
        with told("`e`"):
            state = opened(kind, Second(), layout=layout)
        assert (snapshot(state), restored(state).dirty) == (Second(a=2), True)
        free(tab, area)
        state.a = 3
    tab.kill()
    with use_host(tab.reload()):
        assert snapshot(opened(kind, {})) == {"a": 3, "new": "y" * 20}


@rows(("kind", "layout", "area"), CASES)
def test_migrated_record_stays_until_the_new_one_has_room(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    opener, _ = KINDS[kind]

    def write() -> None:
        state = opener("e@1", {"n": 1, "extra": 1}, layout=layout)
        state.n = 5
        del state.extra

    def migrated() -> Any:
        return opener(
            "e@2:1",
            {"count": 0, "extra": 1, "long": "x" * 50},
            layout=layout,
            migrate=lambda old: {"count": old["n"]},
        )

    tab = tab_after(write, area)
    before = entries(tab.area(area))
    with use_host(tab):
        with told(f"`e@2` ({kind})"):
            state = migrated()
        assert snapshot(state) == {"count": 5, "long": "x" * 50}
        assert (restored(state).outcome, restored(state).dirty) == ("migrated", True)
        assert entries(tab.area(area)) == before
    tab = fill(tab.reload(), area)
    with use_host(tab):
        with told(f"`e@2` ({kind})"):
            state = migrated()
        assert snapshot(state) == {"count": 5, "long": "x" * 50}
        free(tab, area)
        state.count = 6
    tab = tab.reload()
    with use_host(tab):
        state = migrated()
        assert snapshot(state) == {"count": 6, "long": "x" * 50}
        assert [key for key in entries(tab.area(area)) if "://e@1" in key] == []


@rows(("kind", "layout", "area"), CASES)
@pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning")
def test_partly_refused_record_opens_whether_its_text_can_be_moved_or_not(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    @dataclass
    class Narrow:
        a: int = 1
        b: int = 2
        new: str = "y" * 200

    for room in (0, 150):  # for nothing, for the refused text alone
        tab = tab_after(lambda: opened(kind, {"a": 7, "b": "no"}, layout=layout), area)
        fill(tab, area, room)
        with use_host(tab):
            state = opened(kind, Narrow(), layout=layout)
            assert (snapshot(state), restored(state).dirty) == (Narrow(a=7), True)
            free(tab, area)
            state.b = 3
            assert restored(state).dirty is False
        tab.kill()
        with use_host(tab.reload()):
            assert snapshot(opened(kind, {})) == {"a": 7, "b": 3, "new": "y" * 200}
        assert any("#rejected" in key for key in entries(tab.area(area)))


@rows(("kind", "layout", "area"), CASES)
@pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning")
def test_init_in_place_of_a_refused_record_is_in_memory(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    tab = full(kind, layout)
    (key,) = [key for key in entries(tab.area(area)) if key.endswith("://e@1.0.0")]
    for beside in [each for each in entries(tab.area(area)) if each.startswith(f"{key}#")]:
        tab.area(area).removeItem(beside)
    tab.area(area).setItem(key, "{")
    fill(tab, area, room=150)
    with use_host(tab):
        state = opened(kind, {"a": 1, "new": "y" * 200}, layout=layout)
        assert (state.a, restored(state).outcome, restored(state).dirty) == (1, "rejected", True)
        free(tab, area)
        state.a = 2
    tab.kill()
    with use_host(tab.reload()):
        assert snapshot(opened(kind, {})) == {"a": 2, "new": "y" * 200}


@rows(("kind", "layout", "area"), CASES)
def test_emptied_state_opens_with_what_init_adds(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    tab = tab_after(lambda: opened(kind, {"a": 1}, layout=layout).clear(), area)
    with use_host(tab):
        with told("`e`"):
            state = opened(kind, NEW, layout=layout)
        assert snapshot(state) == {"new": "y" * 20}


@rows(
    ("storage", "area"),
    {"session": (SessionStorage, "session"), "persistent": (PersistentStorage, "local")},
)
def test_storage_class_opens_and_stores_it_later(storage: Any, area: str) -> None:
    tab = tab_after(lambda: storage("e", {"a": 2}), area)
    with use_host(tab):
        with told("`e`"):
            low = storage("e", NEW)
        assert low.json() == f'{{"a":2,"new":"{"y" * 20}"}}'
        with pytest.raises(QuotaExceededError):
            low.set("b", 3)
        free(tab, area)
        low.set("b", 3)
    tab.kill()
    with use_host(tab.reload()):
        assert storage("e").json() == f'{{"a":2,"new":"{"y" * 20}","b":3}}'


@rows("kind", ["session", "persistent"])
def test_state_and_storages_of_one_record_open_in_any_order(kind: str) -> None:
    storage = SessionStorage if kind == "session" else PersistentStorage
    openings: list[Callable[[str], object]] = [
        lambda name: storage("e", {"a": 1, name: "y" * 20}),
        lambda name: opened(kind, {"a": 1, name: "y" * 20}),
    ]
    for first in openings:
        for second in openings[:1] if first is openings[1] else openings:
            tab = full(kind, "auto")
            with use_host(tab), warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                first("one")
                second("two")
                state = opened(kind, {})
                assert snapshot(state) == {"a": 2, "one": "y" * 20, "two": "y" * 20}
                assert restored(state).dirty
                free(tab, KINDS[kind][1])
                state.a = 3
            assert {each.category for each in caught} == {StorageWarning}
            tab.kill()
            with use_host(tab.reload()):
                assert snapshot(opened(kind, {})) == {"a": 3, "one": "y" * 20, "two": "y" * 20}


STATES = {
    f"{area} {sync} {interval}": (area, sync, interval)
    for area in ("session", "local")
    for sync in (False, True)
    for interval in (None, 1)
}


@rows(("area", "sync_tabs", "interval"), STATES)
def test_state_with_fixed_keys_opens_and_stores_them_later(
    area: str, sync_tabs: bool, interval: "float | None"
) -> None:
    kept = Persistence("app", area=area, sync_tabs=sync_tabs, interval=interval)

    def write() -> None:
        state: Any = State(lambda: {"a": 1}, persistence=kept)
        state.set({"a": 2})
        if area == "local":
            come_to_rest(host.current())
        asyncio.run(state.dispose())

    tab = tab_after(write, area)
    with use_host(tab):
        with told("the state `app`"):
            state: Any = State(lambda: NEW, persistence=kept)
        with told("the state `app`"):
            other: Any = State(lambda: NEW | {"more": "z" * 20}, persistence=kept)
        assert (state.get(), restored(state).dirty) == ({"a": 2, "new": "y" * 20}, True)
        assert other.get() == {"a": 2, "new": "y" * 20, "more": "z" * 20}
        free(tab, area)
        state.set({"a": 3})
        asyncio.run(state.dispose())
        asyncio.run(other.dispose())
    tab.kill()
    with use_host(tab.reload()):
        again: Any = State(lambda: {"a": 0, "new": "", "more": ""}, persistence=kept)
        assert again.get() == {"a": 3, "new": "y" * 20, "more": "z" * 20}


@rows(("kind", "layout", "area"), CASES)
@pytest.mark.filterwarnings("ignore:copies of this tab")
def test_what_init_adds_is_there_when_others_change_the_record(
    early_journals: None, kind: str, layout: str, area: str
) -> None:
    tab = full(kind, layout)
    other = tab.frame()
    with use_host(tab), told("`e`"):
        state = opened(kind, NEW, layout=layout)
    with use_host(other):
        opened(kind, {}, layout=layout).a = 5
    tab.browser.settle()
    with use_host(tab):
        assert (snapshot(state), restored(state).dirty) == ({"a": 5, "new": "y" * 20}, True)
        free(tab, area)
        state.b = 3
        assert restored(state).dirty is False
    tab.browser.settle()
    tab.kill()
    other.kill()
    with use_host(tab.reload()):
        assert snapshot(opened(kind, {})) == {"a": 5, "new": "y" * 20, "b": 3}


@rows("layout", LAYOUTS)
def test_what_on_error_heard_of_is_stored_at_leave_whatever_others_changed_meanwhile(
    layout: str,
) -> None:
    one, two = tabs(2)
    with use_host(one):
        state = persistent("e", Second(), layout=layout, on_error=lambda error: None)
        one.area("local").quota = 0
        state.new = "mine"
    with use_host(two):
        persistent("e", Second(), layout=layout).a = 5
    one.deliver()
    assert (snapshot(state), restored(state).dirty) == (Second(a=5, new="mine"), True)
    free(one, "local")
    with use_host(one):
        leave(state)
    with use_host(two.reload()):
        assert snapshot(persistent("e", {})) == {"a": 5, "new": "mine"}


@rows("kind", ["session", "persistent"])
def test_leave_raises_for_a_change_that_could_not_be_taken_back(kind: str) -> None:
    area = KINDS[kind][1]
    tab = full(kind, "document")
    with use_host(tab):
        with told("`e`"):
            state = opened(kind, NEW)
        free(tab, area)
        state.b = 3  # from here on what the opening added is stored
        spy = Spy()
        other = session("other", {"n": 0}, area=spy)

        def fill_up(number: int, call: "tuple[str, ...]") -> None:
            tab.area(area).is_blocked = True
            raise RuntimeError

        spy.fault = fill_up
        with pytest.raises(StorageError), batch():
            state.b = 4
            other.n = 1
        assert (state.b, restored(state).dirty) == (3, True)
        with pytest.raises(StorageError):
            leave(state)
