"""One record in a page is one set of data, whichever objects it is read and written through."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    Effect,
    ImmutableError,
    MigrationError,
    PersistentStorage,
    QuotaExceededError,
    SchemaError,
    SessionStorage,
    Signal,
    StorageError,
    StorageUnavailableError,
    StorageWarning,
    batch,
    effect,
    leave,
    persistent,
    session,
    snapshot,
    subscribe,
)
from anchor_session.page import open_states
from anchor_session.page.open_states import leave_all
from anchor_session.page.record import layout as layouts
from anchor_session.state import Persistence, State
from anchor_session.testing import MemoryArea, Tab, tabs, use_host
from tests.support import KEY, LAYOUTS, Spy, entries, read, reopen, rows, stored, text_at

both = pytest.mark.both


@dataclass
class Cart:
    n: int = 0
    note: str = ""


# -- a storage and a state ----------------------------------------------------------------------------


@both
def test_storage_writes_beside_what_the_state_has_changed(area: Any) -> None:
    low = SessionStorage("s", {"a": 1})
    high = session("s", {"a": 0})
    assert high == {"a": 1}
    high.a = 7
    low.set("b", 1)
    assert (low.get("a"), high.b) == (7, 1)
    assert reopen() == {"a": 7, "b": 1}


@both
def test_two_storages_keep_each_others_keys(area: Any) -> None:
    one, two = SessionStorage("s", {"a": 1}), SessionStorage("s", {"b": 2, "a": 9})
    one.set("c", 3)
    two.delete("a")
    assert one.keys() == two.keys() == ["b", "c"]
    assert read(text_at(area)) == {"b": 2, "c": 3}


@both
def test_state_takes_its_terms_though_a_storage_was_first(area: Any) -> None:
    low = SessionStorage("s", {"a": 1})
    high = session("s", {"a": 0, "new": 2}, layout="journal")
    del high.new
    leave(high)
    assert low.keys() == ["a"]
    assert reopen("s", {"new": 2}) == {"a": 1}


@both
def test_storage_goes_on_when_the_state_is_left(area: Any) -> None:
    high = session("s", {"a": 0})
    low = SessionStorage("s")
    leave(high)
    high.a = 5
    low.set("b", 1)
    assert read(text_at(area)) == {"a": 0, "b": 1}


@both
def test_who_looks_at_one_hears_of_the_other(area: Any) -> None:
    high, low = session("s", {"a": 0}), SessionStorage("s")
    seen: list[Any] = []
    heard: list[str] = []
    looking = effect(lambda: seen.append(low.get("a")))
    subscribe(high, lambda change: heard.append(change.op))
    high.a = 1
    low.set("a", 2)
    low.assign({"a": 3, "b": 4})
    looking.stop()
    assert (seen, heard) == ([0, 1, 2, 3], ["set", "set", "batch"])


@both
@rows(
    ("act", "kind"),
    [
        (lambda low: low.set("n", "two"), SchemaError),
        (lambda low: low.set("zz", 1), KeyError),
        (lambda low: low.delete("n"), AttributeError),
        (lambda low: low.assign({"note": "x", "n": None}), SchemaError),
        (lambda low: low.clear(), AttributeError),
    ],
)
def test_rules_of_the_state_hold_for_the_storage(
    area: Any, act: "Callable[[SessionStorage], None]", kind: "type[Exception]"
) -> None:
    high = session("s", Cart())
    low = SessionStorage("s")
    low.set("n", 2)
    with pytest.raises(kind):
        act(low)
    assert (snapshot(high), read(text_at(area))) == (Cart(2), {"n": 2, "note": ""})


@both
def test_storage_writes_where_the_state_shows_only(area: Any) -> None:
    high = session("s", {"a": 0}, immutable=True)
    SessionStorage("s").set("a", 1)
    with pytest.raises(ImmutableError):
        high.a = 2
    assert high.a == 1


@both
def test_storage_takes_part_in_a_batch(area: Any) -> None:
    high, low = session("s", {"a": 0}), SessionStorage("s")
    with pytest.raises(ZeroDivisionError), batch():
        high.a = 1
        low.set("b", 2)
        raise ZeroDivisionError
    assert (snapshot(high), low.keys(), read(text_at(area))) == ({"a": 0}, ["a"], {"a": 0})


@both
def test_state_of_signals_finds_what_a_storage_stored(areas: "dict[str, Any]") -> None:
    low = SessionStorage("s", {"a": 1})
    state = State(lambda: {"a": 0}, persistence=Persistence(KEY))
    state.set({"a": 2})
    assert low.get("a") == 2
    low.set("a", 3)
    assert state.get() == {"a": 3}


def test_tabs_share_what_storages_write() -> None:
    one, two = tabs(2)
    with use_host(one):
        low = PersistentStorage("s", {"a": 1})
    with use_host(two):
        high = persistent("s", {"a": 0})
        high.b = 2
    with use_host(one):
        low.set("c", 3)
    for tab in (one, two):
        tab.deliver()
    assert snapshot(high) == {"a": 1, "b": 2, "c": 3}
    with use_host(one):
        assert sorted(low.keys()) == ["a", "b", "c"]
        leave_all()


@both
def test_key_that_a_state_deleted_is_not_brought_back_by_a_storage(area: Any) -> None:
    high = session("s", {"coupon": "X", "n": 1})
    del high.coupon
    SessionStorage("s", {"coupon": "X", "new": 2})
    assert snapshot(high) == {"n": 1, "new": 2}
    assert SessionStorage("s", {"coupon": "X"}).keys() == ["n", "new"]
    assert reopen("s", {"coupon": "X"}) == {"n": 1, "new": 2}


# -- one that gives way to another ----------------------------------------------------------------------

TAKERS: "dict[str, Callable[[], Any]]" = {
    "session": lambda: session("s", {"b": 1}),
    "typed": lambda: session("s", Both()),
    "State": lambda: State(lambda: {"a": 0, "b": 1}, persistence=Persistence(KEY)),
}


@dataclass
class Both:
    a: int = 0
    b: int = 1


@both
@rows("take", TAKERS)
def test_who_reads_a_storage_hears_of_the_state_that_takes_over(
    areas: "dict[str, Any]", take: "Callable[[], Any]"
) -> None:
    low = SessionStorage("s", {"a": 0})
    seen: list[Any] = []
    looking = effect(lambda: seen.append(low.get("a")))
    high = take()
    low.set("a", 2)
    if isinstance(high, State):
        high.set({"a": 3})
    else:
        high.a = 3
        leave(high)
    low.set("a", 4)
    looking.stop()
    differing = [value for number, value in enumerate(seen) if seen[number - 1 : number] != [value]]
    assert differing == [0, 2, 3, 4]


@both
@rows("take", TAKERS)
def test_state_that_takes_over_in_a_batch_has_what_waits_in_it(
    areas: "dict[str, Any]", take: "Callable[[], Any]"
) -> None:
    low = SessionStorage("s", {"a": 0, "b": 5})
    with batch():
        low.set("a", 1)
        low.delete("b")
        take()
        assert low.get("a") == 1
    assert low.get("a") == read(text_at(areas["session"]))["a"] == 1


@both
def test_what_waits_in_a_batch_that_fails_is_in_neither(area: Any) -> None:
    low = SessionStorage("s", {"a": 0, "gone": 1})
    with pytest.raises(ZeroDivisionError), batch():
        low.set("a", 1)
        low.delete("gone")
        assert session("s", {"b": 1}) == {"a": 1, "b": 1}
        raise ZeroDivisionError
    assert read(text_at(area)) == {"a": 0, "gone": 1, "b": 1} == session("s")


def test_reader_that_looks_while_one_gives_way_makes_no_second_state() -> None:
    one, two = tabs(2)
    with use_host(two):
        theirs = persistent("s", {"long": "x" * 3000})
        theirs.n = 1
    with use_host(one):
        low = PersistentStorage("s")
        looking = effect(lambda: low.get("b"))
    for tab in (two, one):
        tab.deliver()
    with use_host(two):
        theirs.n = 2
    one.deliver()
    with use_host(two):
        theirs.b = 5
    with use_host(one):
        high = persistent("s")
        low.set("d", 1)
        assert (high.get("d"), high is persistent("s")) == (1, True)
        looking.stop()


def test_init_of_a_storage_is_older_than_what_another_tab_has_stored() -> None:
    one, two = tabs(2, network=True)
    browser = one.browser
    with use_host(one):
        first = PersistentStorage("s")
        first.set("a", 5)
    browser.clock.advance(0.001)
    with use_host(two):
        second = PersistentStorage("s", {"a": 0})
    browser.settle()
    assert (first.get("a"), second.get("a")) == (5, 5)


@both
def test_state_that_cannot_be_opened_leaves_the_storage_as_it_was(area: Any) -> None:
    low = SessionStorage("s", {"n": "text"})
    with pytest.raises(SchemaError):
        session("s", {"n": "init"}, schema=Cart)
    with pytest.raises(MigrationError):
        area.setItem("anchor-session://s@0", "{}")
        SessionStorage("s", {}, "2")
        session("s@2:0", {"a": 1}, migrate=lambda old: 1 / 0)
    assert (low.get("n"), SessionStorage("s", {}, "2").keys()) == ("text", [])


@both
@rows(
    ("opened", "kept"),
    [
        (lambda: session("s", {"m": {"x": 1}}, merge="deep"), {"m": {"y": 2, "x": 1}, "gone": 1}),
        (lambda: session("s", Maps()), {"m": {"y": 2}, "gone": 1}),
    ],
)
def test_state_meets_what_a_storage_stored_as_any_record(
    area: Any, opened: "Callable[[], Any]", kept: Any
) -> None:
    SessionStorage("s", {"m": {"y": 2}, "gone": 1})
    opened()
    assert read(text_at(area)) == kept


@dataclass
class Maps:
    m: "dict[str, int]" = field(default_factory=dict)


@both
def test_left_storage_is_open_no_more(area: Any) -> None:
    low, other = SessionStorage("s", {"a": 1}), SessionStorage("s")
    leave(low)
    assert open_states._pages == {}
    low.set("b", 2)
    assert (other.get("b"), read(text_at(area))) == (2, {"a": 1, "b": 2})
    high = session("s")
    leave(low)
    high.c = 3
    assert low.get("c") == 3


# -- what an effect depends on --------------------------------------------------------------------------


@both
@rows(
    ("look", "runs"),
    [
        (lambda low: low.get("a"), 2),
        (lambda low: low.get("m"), 2),
        (lambda low: "zz" in low, 1),
        (lambda low: low.keys(), 2),
        (lambda low: len(low), 2),
        (lambda low: low.json(), 4),
        (lambda low: low.set("last", 1), 1),
        (lambda low: low.delete("zz"), 1),
    ],
)
def test_effect_depends_on_the_keys_that_it_reads(
    area: Any, look: "Callable[[Any], Any]", runs: int
) -> None:
    low = SessionStorage("s", {"a": 0, "m": {"n": {"o": 0}}, "last": 0})
    high = session("s")
    count: list[int] = []

    def watch() -> None:
        count.append(1)
        look(low)

    looking = effect(watch)
    high.a = 1
    high.m.n.o = 1
    high.more = 1
    looking.stop()
    assert len(count) == runs


@both
def test_an_effect_says_which_state_gave_way_to_another(area: Any) -> None:
    low = SessionStorage("s", {"a": 0})
    looking = effect(lambda: low.get("a"))
    low.set("a", 1)
    ((_, path),) = looking.why
    assert path == ("a",)
    session("s", {"a": 5, "b": 1})
    ((state, path),) = looking.why
    looking.stop()
    assert (snapshot(state), path) == ({"a": 1}, ())


# -- what is in memory alone --------------------------------------------------------------------------


def test_state_has_what_a_storage_could_not_move_aside() -> None:
    area = MemoryArea()
    area.setItem(KEY, "[1]")
    area.quota = 2 * len(KEY)
    with pytest.warns(StorageWarning):
        low = SessionStorage("s", {"a": 1}, adapter=area)
        high = session("s", {"b": 2}, area=area)
        low.set("c", 3)
        leave_all()
    assert snapshot(high) == {"a": 1, "b": 2, "c": 3}
    assert area.getItem(KEY) == "[1]"


def test_previous_version_stays_while_the_new_one_is_in_memory_alone() -> None:
    area = MemoryArea()
    area.setItem("anchor-session://s@1", '{"n":1}')
    area.setItem("anchor-session://s@2", "[1]")
    area.quota = 80
    with pytest.warns(StorageWarning, match="stays"):
        SessionStorage("s", {"n": 5}, "2", "1", area)
        leave_all()
    assert area.getItem("anchor-session://s@1") == '{"n":1}'


def test_state_has_what_a_storage_holds_where_the_area_is_blocked() -> None:
    spy = Spy()

    def fault(count: int, call: "tuple[str, ...]") -> None:
        raise StorageUnavailableError("blocked")

    spy.fault = fault
    low = SessionStorage("s", {"a": 1}, adapter=spy)
    high = session("s", {"b": 2}, area=spy)
    low.set("c", 3)
    assert snapshot(high) == {"a": 1, "b": 2, "c": 3}


# -- what nobody told of ------------------------------------------------------------------------------


@rows("layout", LAYOUTS)
def test_statement_comes_after_what_a_script_has_stored_unheard(layout: str) -> None:
    area = MemoryArea()
    high = session("s", {"a": 0}, area=area, layout=layout)
    area.setItem(KEY, '{"a":1,"theirs":2}')
    high.b = 3
    assert stored(area) == {"a": 1, "theirs": 2, "b": 3} == snapshot(high)


@rows("layout", LAYOUTS)
def test_statement_comes_after_a_removal_unheard(layout: str) -> None:
    area = MemoryArea()
    high = session("s", {"a": 0}, area=area, layout=layout)
    high.a = high.b = 1
    area.clear()
    high.c = 3
    assert stored(area) == {"a": 0, "c": 3} == snapshot(high)


def test_write_stores_again_what_is_gone() -> None:
    area = MemoryArea()
    high = session("s", {"a": 0}, area=area)
    low = SessionStorage("s", adapter=area)
    high.a = 1
    area.clear()
    low.write()
    assert stored(area) == {"a": 1} == snapshot(high)


def test_write_takes_over_what_a_script_has_stored() -> None:
    area = MemoryArea()
    low = SessionStorage("s", {"a": 0}, adapter=area)
    area.setItem(KEY, '{"theirs":2}')
    low.write()
    assert (low.keys(), stored(area)) == (["theirs"], {"theirs": 2})


def test_full_area_leaves_what_others_stored_unheard() -> None:
    area = MemoryArea()
    high = session("s", {"a": 0}, area=area)
    area.setItem(KEY, '{"a":1,"theirs":"xx"}')
    area.quota = len(KEY) + len(text_at(area) or "")
    with pytest.raises(QuotaExceededError):
        high.a = 1000
    assert stored(area) == {"a": 1, "theirs": "xx"} == snapshot(high)


def test_write_takes_no_entries_for_nothing() -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    with use_host(tab):
        high, low = session("s", {}, layout="journal"), SessionStorage("s")
        high.a = 1
    with use_host(frame):
        session("s", {}, layout="journal").b = 2
    with use_host(tab):
        low.write()
        assert sorted(low.keys()) == ["a", "b"]


@both
def test_write_inside_a_batch_is_refused(area: Any) -> None:
    low = SessionStorage("s", {"a": 0})
    with pytest.raises(RuntimeError, match="inside batch"), batch():
        low.set("a", 1)
        low.write()
    assert (low.get("a"), read(text_at(area))) == (0, {"a": 0})


def test_what_was_stored_after_a_write_that_failed_is_seen() -> None:
    area = MemoryArea()
    high = session("s", {"a": 0}, area=area)
    area.quota = 100
    with pytest.raises(QuotaExceededError):
        high.a = "x" * 1000
    area.quota = None
    area.setItem(KEY, '{"a":1,"theirs":2}')
    high.b = 3
    assert stored(area) == {"a": 1, "theirs": 2, "b": 3} == snapshot(high)


def test_what_could_not_be_read_is_not_written_over() -> None:
    spy = Spy()
    high = session("s", {"a": 0}, area=spy)
    spy.area.setItem(KEY, '{"a":1,"theirs":2}')
    spy.heal()

    def fault(count: int, call: "tuple[str, ...]") -> None:
        if call == ("get", f"{KEY}#deleted"):
            raise RuntimeError

    spy.fault = fault
    with pytest.raises(StorageError, match="deleted"):
        high.b = 3
    spy.heal()
    high.b = 3
    assert stored(spy) == {"a": 1, "theirs": 2, "b": 3} == snapshot(high)


def test_area_that_keeps_nothing_has_lost_nothing() -> None:
    class Nothing:
        def getItem(self, key: str) -> None: ...
        def setItem(self, key: str, text: str) -> None: ...
        def removeItem(self, key: str) -> None: ...

    high = session("s", {"a": 0}, area=Nothing())
    high.a = 1
    high.b = 2
    assert snapshot(high) == {"a": 1, "b": 2}


@both
def test_key_of_a_state_of_signals_is_not_removed_by_a_storage(area: Any) -> None:
    state = State(lambda: {"a": 0, "b": 0}, persistence=Persistence(KEY))
    low = SessionStorage("s")
    with pytest.raises(KeyError, match="is a key of a State"):
        low.delete("a")
    with pytest.raises(KeyError, match="is a key of a State"):
        low.clear()
    assert (state.get(), read(text_at(area))) == ({"a": 0, "b": 0},) * 2


def test_previous_version_is_removed_after_the_new_one_is_stored_in_a_batch_too() -> None:
    area = MemoryArea()
    area.setItem("anchor-session://s@1", '{"x":1}')
    with pytest.raises(ZeroDivisionError), batch():
        SessionStorage("s", {"a": 1}, "2", "1", area)
        raise ZeroDivisionError
    assert entries(area) == {"anchor-session://s@2": '{"a":1}'}


@both
def test_value_of_an_event_is_the_one_that_was_set(area: Any) -> None:
    high, low = session("s", {"a": 0}), SessionStorage("s")
    heard: list[Any] = []
    subscribe(high, lambda change: high.pop("tmp", None))
    low.subscribe(lambda event: heard.append(event.value))
    low.assign({"tmp": 1})
    assert (heard, low.keys()) == ([{"tmp": 1}], ["a"])


@both
def test_effects_that_write_through_storages_do_not_wake_each_other(area: Any) -> None:
    numbers, turn, low = count(), Signal(0), SessionStorage("s")

    def write(key: str) -> None:
        turn.get()
        low.set(key, next(numbers))

    effects = [Effect(partial(write, key)) for key in "ab"]
    turn.set(1)
    for each in effects:
        each.stop()
    assert next(numbers) == 4


# -- random programs ----------------------------------------------------------------------------------

PROGRAMS = st.lists(
    st.tuples(
        st.sampled_from(["state", "low", "lower", "frame", "low in the frame", "script", "leave"]),
        st.sampled_from("abc"),
        st.none() | st.integers(0, 9),  # what is set; None: the key is deleted
        st.booleans(),  # whether the page hears of it
    ),
    max_size=12,
)


class Program:
    """A page and a frame of it, with a state and storages in both, and what was stored last by anyone."""

    def __init__(self, layout: str) -> None:
        self.layout = layout
        (self.page,) = tabs(1)
        self.frame = self.page.frame()
        self.script = self.page.frame()  # one without Python
        self.data: dict[str, Any] = {"a": 0, "long": "x" * 60}
        self.objects: dict[str, Any] = {}
        for tab, names in (
            (self.page, ("state", "low", "lower")),
            (self.frame, ("frame", "low in the frame")),
        ):
            self.objects[names[0]] = self.opened(tab)
            with use_host(tab):
                for name in names[1:]:
                    self.objects[name] = SessionStorage("s", {"a": 5})

    def opened(self, tab: Tab) -> Any:
        with use_host(tab):
            return session("s", {"a": 0, "long": "x" * 60}, layout=self.layout)

    def stored(self) -> Any:
        return stored(self.page.area("session"))

    def do(self, actor: str, key: str, value: "int | None") -> None:
        tab = self.frame if "frame" in actor else self.page
        with use_host(tab):
            if actor == "leave":
                leave(self.objects["state"])
                self.objects["state"] = self.opened(self.page)
                return
            if actor == "script":
                if self.layout != "document" or value is None:
                    return
                self.script.area("session").setItem(KEY, json.dumps({**self.data, key: value}))
            else:
                here = self.objects[actor]
                if here.get(key) == value:
                    return  # nothing changes as far as it was heard, so nothing is stored
                if value is not None:
                    put(here, key, value)
                else:
                    drop(here, key)
        if value is None:
            self.data.pop(key, None)
        else:
            self.data[key] = value

    def settle(self) -> None:
        for tab in (self.page, self.frame):
            tab.deliver()
        for name, here in self.objects.items():
            assert (name, {key: here.get(key) for key in here}) == (name, self.data)


def put(here: Any, key: str, value: int) -> None:
    if isinstance(here, SessionStorage):
        here.set(key, value)
    else:
        here[key] = value


def drop(here: Any, key: str) -> None:
    if isinstance(here, SessionStorage):
        here.delete(key)
    else:
        del here[key]


@given(st.sampled_from(LAYOUTS), PROGRAMS)
def test_what_was_stored_last_by_anyone_is_there(layout: str, program: "list[Any]") -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layouts, "JOURNAL_ABOVE", 40)
        run(layout, program)


def run(layout: str, program: "list[Any]") -> None:
    leave_all()
    world = Program(layout)
    for actor, key, value, is_heard in program:
        world.do(actor, key, value)
        assert world.stored() == world.data
        if is_heard:
            world.settle()
    world.settle()
    leave_all()
    assert world.stored() == world.data
