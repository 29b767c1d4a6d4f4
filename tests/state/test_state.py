"""A `State` in memory: its methods and properties, and what they refuse."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from anchor_session import (
    Computed,
    CycleError,
    SchemaError,
    Signal,
    UnstorableValueError,
    batch,
    effect,
    restored,
    session,
    snapshot,
)
from anchor_session.state import State, is_state
from tests.support import rows


def initial() -> "dict[str, Any]":
    return {"count": 0, "name": "a", "map": {"x": 1, "deep": {"a": 1}}, "list": [1, 2]}


@pytest.fixture
def state() -> "State[dict[str, Any]]":
    return State(initial)


def heard(state: "State[Any]") -> "list[Any]":
    """What `on` tells from now on."""
    found: list[Any] = []
    state.on(found.append)
    return found


# -- reading ------------------------------------------------------------------------------------------


def test_state_begins_with_initial(state: "State[Any]") -> None:
    assert state.get() == initial()


def test_state_is_a_plain_dict(state: "State[Any]") -> None:
    assert type(state.get()) is dict
    assert type(state.get()["map"]) is dict


def test_changing_what_get_gave_changes_nothing(state: "State[Any]") -> None:
    state.get()["map"]["x"] = 2
    state.get()["list"].append(3)
    state.key("list").get().append(3)
    assert state.get() == initial()


def test_changing_what_initial_gave_changes_nothing() -> None:
    given: dict[str, list[int]] = {"list": []}
    state = State(lambda: given)
    given["list"].append(1)
    assert state.get() == {"list": []}


def test_keys_are_those_of_initial_in_order(state: "State[Any]") -> None:
    assert state.keys == ["count", "name", "map", "list"]


def test_changing_the_list_of_keys_changes_nothing(state: "State[Any]") -> None:
    state.keys.append("more")
    assert state.keys == list(initial())


def test_ids_are_unique_text() -> None:
    ids = {State(initial).id for _ in range(100)}
    assert len(ids) == 100
    assert all(type(each) is str and each for each in ids)


def test_is_state_tells_states() -> None:
    assert is_state(State(initial))
    assert not any(map(is_state, [None, {}, State, Signal(1), session("s")]))


def test_representation_shows_the_state(state: "State[Any]") -> None:
    assert repr(state) == f"State({initial()!r})"


def test_restored_of_a_state_that_is_not_stored_raises(state: "State[Any]") -> None:
    with pytest.raises(TypeError, match="State"):
        restored(state)


# -- signals ------------------------------------------------------------------------------------------


def test_signal_of_a_key_is_a_signal_and_the_same_each_time(state: "State[Any]") -> None:
    assert isinstance(state.key("count"), Signal)
    assert state.key("count") is state.key("count")


def test_signals_are_there_as_attributes_and_items(state: "State[Any]") -> None:
    assert state.signal.count is state.signal["count"] is state.key("count")
    assert [*state.signal] == state.keys
    assert len(state.signal) == 4
    assert set(state.keys) <= set(dir(state.signal))


def test_signals_of_no_key_are_not_there(state: "State[Any]") -> None:
    with pytest.raises(AttributeError, match="colour"):
        _ = state.signal.colour  # type: ignore[misc, unused-ignore]
    with pytest.raises(KeyError, match="colour"):
        state.signal["colour"]


def test_signal_reads_and_writes_the_state(state: "State[Any]") -> None:
    state.key("count").set(5)
    assert state.key("count").get() == state.key("count")() == state.key("count").peek() == 5
    assert state.get()["count"] == 5


def test_signal_takes_a_function_of_its_value(state: "State[Any]") -> None:
    state.key("count").set(lambda count: count + 1)
    assert state.get()["count"] == 1


def test_signal_replaces_a_map(state: "State[Any]") -> None:
    state.key("map").set({"y": 2})
    assert state.get()["map"] == {"y": 2}


def test_signal_tells_of_its_changes_alone(state: "State[Any]") -> None:
    found: list[Any] = []
    end = state.key("map").on(found.append)
    state.set({"count": 1})
    state.set({"map": {"x": 2}})
    end()
    state.set({"map": {"x": 3}})
    assert found == [{"x": 2, "deep": {"a": 1}}]


def test_disposed_signal_tells_nobody_and_calls_its_hooks(state: "State[Any]") -> None:
    found: list[Any] = []
    signal = state.key("count")
    signal.on(found.append)
    signal.use(lambda: found.append("gone"))
    signal.dispose()
    state.set({"count": 1})
    assert found == ["gone"]


def test_signal_represents_its_value(state: "State[Any]") -> None:
    assert repr(state.key("count")) == "Signal(0)"


def test_effect_follows_the_keys_it_reads(state: "State[Any]") -> None:
    runs: list[int] = []
    effect(lambda: runs.append(state.key("count").get()))
    state.set({"name": "b"})
    state.set({"count": 1})
    state.set({"count": 1, "name": "c"})
    assert runs == [0, 1]


def test_effect_follows_the_whole_state(state: "State[Any]") -> None:
    runs: list[Any] = []
    effect(lambda: runs.append(state.get()["count"]))
    state.set({"name": "b"})
    state.set({"count": 1})
    assert runs == [0, 0, 1]


def test_computed_value_follows_a_key(state: "State[Any]") -> None:
    doubled = Computed(lambda: 2 * state.key("count").get())
    assert doubled.get() == 0
    state.set({"count": 4})
    assert doubled.get() == 8


def test_computed_value_is_right_inside_a_batch(state: "State[Any]") -> None:
    length = Computed(lambda: len(state.key("list").get()))
    with batch():
        state.set({"list": [1]})
        assert length.get() == 1


def test_signals_of_a_state_and_others_meet_in_one_effect(state: "State[Any]") -> None:
    runs: list[Any] = []
    other = Signal(1)
    effect(lambda: runs.append(state.key("count").get() + other.get()))
    with batch():
        state.set({"count": 10})
        other.set(2)
    assert runs == [1, 12]


# -- set ----------------------------------------------------------------------------------------------


def test_set_merges_a_partial(state: "State[Any]") -> None:
    state.set({"count": 1})
    assert state.get() == initial() | {"count": 1}


def test_set_merges_maps_one_level_and_replaces_everything_else(state: "State[Any]") -> None:
    state.set({"map": {"y": 2, "deep": {"b": 2}}, "list": [3]})
    assert state.get()["map"] == {"x": 1, "deep": {"b": 2}, "y": 2}
    assert state.get()["list"] == [3]


def test_set_replaces_what_is_no_map_by_a_map_and_back(state: "State[Any]") -> None:
    state.set({"count": {"a": 1}, "map": 5})
    assert (state.get()["count"], state.get()["map"]) == ({"a": 1}, 5)


def test_set_takes_a_function_of_the_state(state: "State[Any]") -> None:
    state.set(lambda now: {"count": now["count"] + len(now["list"])})
    assert state.get()["count"] == 2


def test_function_that_changes_its_argument_changes_nothing(state: "State[Any]") -> None:
    def spoil(now: "dict[str, Any]") -> "dict[str, Any]":
        now["list"].append(9)
        return {}

    state.set(spoil)
    assert state.get() == initial()


def test_set_takes_a_map_of_another_state(state: "State[Any]") -> None:
    other = session("other", {"map": {"z": [1]}})
    state.set(other)
    assert state.get()["map"] == {"x": 1, "deep": {"a": 1}, "z": [1]}


def test_set_stores_copies(state: "State[Any]") -> None:
    given = [1]
    state.set({"list": given})
    given.append(2)
    assert state.get()["list"] == [1]


def test_one_set_is_one_notification(state: "State[Any]") -> None:
    found = heard(state)
    state.set({"count": 1, "name": "b", "map": {"y": 1, "z": 2}})
    assert [each["name"] for each in found] == ["b"]


def test_one_batch_is_one_notification(state: "State[Any]") -> None:
    found = heard(state)
    with batch():
        state.set({"count": 1})
        state.key("name").set("b")
    assert found == [initial() | {"count": 1, "name": "b"}]


def test_on_is_not_called_at_once_nor_after_its_end(state: "State[Any]") -> None:
    found: list[Any] = []
    end = state.on(found.append)
    end()
    end()
    state.set({"count": 1})
    assert found == []


def test_set_that_changes_nothing_tells_nobody(state: "State[Any]") -> None:
    found = heard(state)
    state.set(initial())
    state.set({})
    assert found == []


def test_each_callback_gets_a_state_of_its_own(state: "State[Any]") -> None:
    state.on(lambda now: now["list"].append(9))
    found = heard(state)
    state.set({"count": 1})
    assert found == [initial() | {"count": 1}]


def test_callback_may_set(state: "State[Any]") -> None:
    state.on(lambda now: state.set({"name": str(now["count"])}))
    state.set({"count": 3})
    assert state.get()["name"] == "3"


def test_callbacks_that_never_end_raise(state: "State[Any]") -> None:
    state.on(lambda now: state.set({"count": now["count"] + 1}))
    with pytest.raises(CycleError):
        state.set({"count": 1})


def test_callback_that_raises_stops_neither_the_others_nor_the_change(state: "State[Any]") -> None:
    state.on(lambda now: 1 / 0)
    found = heard(state)
    with pytest.raises(ZeroDivisionError):
        state.set({"count": 1})
    assert found == [initial() | {"count": 1}]


def test_callback_depends_on_nothing(state: "State[Any]") -> None:
    runs: list[int] = []

    def watch() -> None:
        runs.append(1)
        state.on(lambda now: state.key("name").get())

    effect(watch)
    state.set({"count": 1})
    state.set({"name": "b"})
    assert runs == [1]


def test_equality_decides_what_a_change_is() -> None:
    state = State(
        lambda: {"a": 1.0, "map": {"x": 1.0}},
        equality=lambda old, new: old == new,
    )
    found = heard(state)
    state.set({"a": 1, "map": {"x": 1}})
    assert found == []
    state.set({"a": 2, "map": {"y": 1}})
    assert found == [{"a": 2, "map": {"x": 1.0, "y": 1}}]


# -- what is refused ----------------------------------------------------------------------------------


REFUSED = {
    "unknown_key": ({"count": 1, "colour": "red"}, KeyError, "colour"),
    "key_that_is_no_text": ({1: 1}, KeyError, "1"),
    "list": ([("count", 1)], TypeError, "list"),
    "text": ("count", TypeError, "str"),
    "number": (1, TypeError, "int"),
    "nothing": (None, TypeError, "NoneType"),
    "function_that_gives_nothing": (lambda now: None, TypeError, "NoneType"),
    "function_that_gives_an_unknown_key": (lambda now: {"x": 1}, KeyError, "'x'"),
    "function_that_raises": (lambda now: {"count": 1 / 0}, ZeroDivisionError, "division"),
    "value_that_cannot_be_stored": ({"count": 1, "list": [print]}, UnstorableValueError, "list"),
    "value_in_a_map": ({"count": 1, "map": {"f": print}}, UnstorableValueError, "map"),
    "map_with_other_keys_than_text": ({"map": {1: 1}}, UnstorableValueError, "map"),
}


@rows("sync", [True, False])
@rows(("partial", "error", "words"), REFUSED)
def test_partial_is_refused_and_nothing_changes(
    partial: Any, error: "type[Exception]", words: str, sync: bool
) -> None:
    state = State(initial)
    found = heard(state)
    with pytest.raises(error, match=words):
        state.set(partial, sync=sync)
    assert state.get() == initial()
    state.set({"count": 7})
    assert found == [initial() | {"count": 7}]


def test_unknown_key_is_named_with_those_there_are(state: "State[Any]") -> None:
    with pytest.raises(KeyError, match="'colour'; it has count, name, map, list"):
        state.key("colour")


def test_signal_whose_function_raises_leaves_the_state(state: "State[Any]") -> None:
    with pytest.raises(ZeroDivisionError):
        state.key("count").set(lambda count: 1 / count)
    assert state.get() == initial()


UNTYPED: Any = State
CONSTRUCTIONS = {
    "no_function": (lambda: UNTYPED({"a": 1}), TypeError, r"State\(lambda: \{.*, not a dict"),
    "options_of_javascript": (lambda: UNTYPED({}, {}), TypeError, "positional"),
    "options_behind": (lambda: UNTYPED(dict, {"throttle": 1}), TypeError, "positional"),
    "options_as_a_dict": (lambda: UNTYPED(dict, persistence={}), TypeError, r'Persistence\("app"'),
    "list": (lambda: State(lambda: [1]), TypeError, "list"),
    "nothing": (lambda: State(lambda: None), TypeError, "NoneType"),
    "a_value_that_cannot_be_stored": (lambda: State(lambda: {"a": print}), TypeError, r"\$\.a"),
    "an_error": (lambda: State(lambda: 1 / 0), ZeroDivisionError, "division"),
    "a_name_for_persistence": (lambda: State(initial, persistence="x"), TypeError, "Persistence"),  # type: ignore[arg-type]
    "equality_of_text": (lambda: State(initial, equality="=="), TypeError, "equality"),  # type: ignore[arg-type]
}


@rows(("make", "error", "words"), CONSTRUCTIONS)
def test_state_is_not_made_of(make: Any, error: "type[Exception]", words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_state_without_keys_is_one() -> None:
    state: State[dict[str, Any]] = State(dict)
    assert (state.get(), state.keys) == ({}, [])


def test_keys_may_have_any_name() -> None:
    names = ["get", "set", "signal", "_view", "items", "", "a b", "\ud800"]
    state = State(lambda: dict.fromkeys(names, 0))
    for name in names:
        state.key(name).set(1)
    assert state.get() == dict.fromkeys(names, 1)


# -- in silence ---------------------------------------------------------------------------------------


def test_silent_set_is_there_and_tells_nobody(state: "State[Any]") -> None:
    runs: list[Any] = []
    found = heard(state)
    effect(lambda: runs.append(state.key("count").get()))
    state.set({"count": 1}, sync=False)
    Signal(0).set(1)
    assert (state.get()["count"], state.key("count").get()) == (1, 1)
    assert (found, runs) == ([], [0])


def test_next_change_tells_of_the_silent_one_too(state: "State[Any]") -> None:
    runs: list[Any] = []
    found = heard(state)
    effect(lambda: runs.append(state.key("count").get()))
    state.set({"count": 1}, sync=False)
    state.set({"name": "b"})
    assert (found, runs) == ([initial() | {"count": 1, "name": "b"}], [0, 1])


def test_effect_that_saw_a_silent_value_runs_when_it_is_taken_back(state: "State[Any]") -> None:
    other, seen = Signal(0), []
    effect(lambda: seen.append((other.get(), state.key("count").get())))
    whole: list[int] = []
    effect(lambda: whole.append(other.get() and state.get()["count"]))
    state.set({"count": 1}, sync=False)
    other.set(1)
    assert (seen[-1], whole[-1]) == ((1, 1), 1)
    state.set({"count": 0})
    assert (seen[-1], whole[-1]) == ((1, 0), 0)


def test_many_changes_that_are_kept_are_one_a_key(state: "State[Any]") -> None:
    for number in range(100):
        state.set({"count": number, "map": {f"k{number % 3}": number}}, sync=False)
    state.set({"map": 5}, sync=False)
    state.set({"map": {"z": 1}}, sync=False)
    assert state.get() == initial() | {"count": 99, "map": {"z": 1}}
    assert len(state._held._kept.peek()) == 1
    state.set({"list": []})
    assert state.get() == {"count": 99, "name": "a", "map": {"z": 1}, "list": []}


def test_silent_set_gives_way_to_a_later_one(state: "State[Any]") -> None:
    state.set({"count": 1}, sync=False)
    state.set({"count": 2})
    assert state.get()["count"] == 2
    state.set({"name": "b"})
    assert state.get()["count"] == 2


def test_function_sees_what_was_set_in_silence(state: "State[Any]") -> None:
    state.set({"map": {"y": 1}}, sync=False)
    state.set(lambda now: {"list": sorted(now["map"])})
    assert state.get()["list"] == ["deep", "x", "y"]


def test_value_given_in_silence_is_copied(state: "State[Any]") -> None:
    given = [1]
    state.set({"list": given}, sync=False)
    given.append(2)
    state.get()["list"].append(3)
    state.set({"count": 1})
    assert state.get()["list"] == [1]


def test_batch_that_fails_takes_back_what_was_set_in_silence(state: "State[Any]") -> None:
    with pytest.raises(ZeroDivisionError), batch():
        state.set({"count": 1}, sync=False)
        _ = 1 / 0
    assert state.get() == initial()


# -- reset, use, dispose ------------------------------------------------------------------------------


def test_reset_leaves_nothing_of_the_state(state: "State[Any]") -> None:
    found = heard(state)
    state.set({"map": {"y": 1}, "count": 1})
    state.set({"name": "silent"}, sync=False)
    state.reset()
    assert state.get() == initial()
    assert found == [initial() | {"map": {"x": 1, "deep": {"a": 1}, "y": 1}, "count": 1}, initial()]


def test_reset_asks_initial_again() -> None:
    numbers = iter(range(3))
    state = State(lambda: {"n": next(numbers)})
    state.reset()
    assert state.get() == {"n": 1}


def test_reset_to_other_keys_raises_and_leaves_the_state() -> None:
    keys = iter(["a", "b"])
    state = State(lambda: {next(keys): 1})
    with pytest.raises(KeyError):
        state.reset()
    assert state.get() == {"a": 1}


def test_reset_to_fewer_keys_raises() -> None:
    given = iter([{"a": 1, "b": 1}, {"a": 2}])
    state = State(lambda: next(given))
    with pytest.raises(ValueError, match="a, b"):
        state.reset()
    assert state.get() == {"a": 1, "b": 1}


def dispose(state: "State[Any]") -> None:
    asyncio.run(state.dispose())


def test_dispose_calls_what_use_was_given_once(state: "State[Any]") -> None:
    calls: list[str] = []
    state.use(lambda: calls.append("a"), lambda: calls.append("b"))
    dispose(state)
    dispose(state)
    assert calls == ["a", "b"]


def test_hook_that_was_taken_out_is_not_called(state: "State[Any]") -> None:
    calls: list[str] = []
    take_out = state.use(lambda: calls.append("a"))
    take_out()
    take_out()
    dispose(state)
    assert calls == []


def test_use_takes_functions_alone(state: "State[Any]") -> None:
    with pytest.raises(TypeError, match="use"):
        state.use(None)  # type: ignore[arg-type]


def test_disposed_state_tells_nobody(state: "State[Any]") -> None:
    runs: list[Any] = []
    found = heard(state)
    effect(lambda: runs.append(state.key("count").get()))
    effect(lambda: runs.append(state.get()["count"]))
    dispose(state)
    found += heard(state)
    state.key("count").on(found.append)
    effect(lambda: runs.append(state.key("count").get()))
    state.set({"count": 5})
    state.reset()
    assert (found, runs) == ([], [0, 0, 0])


def test_disposed_state_is_memory(state: "State[Any]") -> None:
    state.set({"count": 1}, sync=False)
    dispose(state)
    assert state.get()["count"] == 1
    state.set({"count": 5})
    assert state.get()["count"] == 5


def test_dispose_disposes_states_and_signals_that_are_attributes() -> None:
    class Outer(State[Any]):
        def __init__(self) -> None:
            super().__init__(initial)
            self.inner = State(initial)
            self.extra = Signal(0)
            self.length = Computed(lambda: self.extra.get() + 1)

    found: list[Any] = []
    outer = Outer()
    outer.extra.on(found.append)
    runs: list[int] = []
    effect(lambda: runs.append(outer.length.get()))
    dispose(outer)
    outer.extra.set(1)
    assert outer.inner.is_disposed
    assert (found, runs) == ([], [1])


def test_errors_of_hooks_are_raised_when_all_is_done(state: "State[Any]") -> None:
    found = heard(state)
    state.use(lambda: 1 / 0, lambda: found.append("b"))
    with pytest.raises(ZeroDivisionError):
        dispose(state)
    state.set({"count": 1})
    assert found == ["b"]


def test_dispose_inside_a_batch_raises(state: "State[Any]") -> None:
    async def inside() -> None:
        with batch():
            await state.dispose()

    with pytest.raises(RuntimeError, match="batch"):
        asyncio.run(inside())
    assert not state.is_disposed


def test_dispose_leaves_the_signals_of_other_states_alone(state: "State[Any]") -> None:
    holder = State(initial)
    holder.count = state.key("count")  # type: ignore[attr-defined]
    found: list[int] = []
    state.key("count").on(found.append)
    dispose(holder)
    state.set({"count": 1})
    assert found == [1]


# -- a class ------------------------------------------------------------------------------------------


@dataclass
class Line:
    sku: str
    qty: int = 1


@dataclass
class Cart:
    lines: list[Line] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    first: Line = field(default_factory=lambda: Line("none"))
    day: date | None = None


@pytest.fixture
def cart() -> "State[Cart]":
    return State(Cart)


def test_state_of_a_class_gives_instances(cart: "State[Cart]") -> None:
    cart.set({"lines": [Line("a")], "notes": {"k": "v"}})
    assert cart.get() == Cart([Line("a")], {"k": "v"})
    assert type(cart.get().lines[0]) is Line
    assert cart.keys == ["lines", "notes", "first", "day"]


def test_function_of_an_instance_gives_a_partial_or_an_instance(cart: "State[Cart]") -> None:
    cart.set(lambda now: {"lines": [*now.lines, Line("a")]})
    cart.set(lambda now: Cart(now.lines * 2, now.notes))
    assert cart.get().lines == [Line("a"), Line("a")]


def test_maps_and_models_merge_one_level(cart: "State[Cart]") -> None:
    cart.set({"notes": {"a": "1"}, "first": {"qty": 5}})
    cart.set({"notes": {"b": "2"}})
    assert cart.get() == Cart(notes={"a": "1", "b": "2"}, first=Line("none", 5))


@rows("sync", [True, False])
def test_value_of_another_type_is_refused(sync: bool) -> None:
    cart = State(Cart)
    with pytest.raises(SchemaError, match="qty"):
        cart.set({"notes": {"a": "1"}, "lines": [{"sku": "a", "qty": "two"}]}, sync=sync)
    assert cart.get() == Cart()


def test_silent_instance_is_copied(cart: "State[Cart]") -> None:
    line = Line("a")
    cart.set({"lines": [line]}, sync=False)
    line.qty = 9
    assert cart.get().lines == [Line("a")]
    cart.set({"day": date(2026, 11, 21)})
    assert cart.get() == Cart([Line("a")], day=date(2026, 11, 21))


def test_effect_follows_a_key_of_a_class(cart: "State[Cart]") -> None:
    runs: list[Any] = []
    effect(lambda: runs.append(cart.key("first").get().qty))
    cart.set({"first": {"qty": 2}})
    cart.set({"notes": {"a": "b"}})
    assert runs == [1, 2]


def test_equality_compares_instances() -> None:
    state = State(Cart, equality=lambda old, new: old == new)
    found = heard(state)
    state.set({"first": {"qty": 1}, "lines": []})
    assert found == []


def test_reset_of_a_class(cart: "State[Cart]") -> None:
    cart.set({"lines": [Line("a")], "notes": {"a": "b"}})
    cart.reset()
    assert cart.get() == Cart()


def test_state_of_a_class_is_represented(cart: "State[Cart]") -> None:
    assert repr(cart) == f"State({Cart()!r})"


def test_snapshots_are_of_states_alone(state: "State[Any]") -> None:
    with pytest.raises(TypeError):
        snapshot(state)


@dataclass
class Inner:
    a: int = 0

    def __call__(self) -> int:
        return self.a


@dataclass
class Called:
    inner: Inner = field(default_factory=Inner)


def test_instance_that_is_called_like_a_function_is_a_value() -> None:
    state = State(Called)
    state.key("inner").set(Inner(5))
    assert state.get() == Called(Inner(5))


def test_effect_does_not_run_again_for_an_equal_instance() -> None:
    state = State(Called)
    found: list[Any] = []
    state.on(found.append)
    effect(lambda: found.append((state.key("inner").get(), state.get())))
    found.clear()
    with batch():
        state.set({"inner": {"a": 1}})
        state.reset()
    assert found == []


def test_hook_is_awaited(state: "State[Any]") -> None:
    other = State(initial)
    state.use(other.dispose)
    asyncio.run(state.dispose())
    assert other.is_disposed


def test_hooks_are_taken_out_by_their_own_function_alone(state: "State[Any]") -> None:
    found: list[int] = []
    hook = lambda: found.append(1)  # noqa: E731
    state.use(hook)
    take_out = state.use(hook)
    take_out()
    take_out()
    asyncio.run(state.dispose())
    assert found == [1]


@rows(
    "write",
    [
        lambda state, n: state.set({"count": n, "map": {"x": n}}),
        lambda state, n: state.set({"map": {"x": n}}, sync=False),
        lambda state, n: state.key("count").set(n),
        lambda state, n: state.set(lambda now: {"count": n}),
        lambda state, n: state.reset(),
    ],
)
@rows("equality", [None, lambda old, new: old == new])
def test_effect_that_writes_depends_on_nothing_it_wrote(write: Any, equality: Any) -> None:
    state, source, runs = State(initial, equality=equality), Signal(1), []

    def copy() -> None:
        runs.append(source.get())
        write(state, source.get())

    effect(copy)
    state.set({"count": 7, "map": {"x": 7}})
    assert (runs, state.get()["count"], state.get()["map"]["x"]) == ([1], 7, 7)
    source.set(2)
    assert runs == [1, 2]


def test_effect_that_sets_a_part_of_another_state_follows_it(state: "State[Any]") -> None:
    other = session("other", {"part": {"x": 5}})
    effect(lambda: state.set({"map": other["part"]}))
    other["part"]["x"] = 6
    assert state.get()["map"]["x"] == 6
