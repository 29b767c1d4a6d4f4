"""What signals, computed values and the signals of a state have in common: `on`, `use`, `dispose`, `id`."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import Computed, CycleError, Effect, Signal, batch, session
from anchor_session.state import State
from tests.support import rows

Made = tuple[Any, Callable[[int], object]]  # what is watched, and what gives it a value


def a_signal() -> Made:
    signal = Signal(1)
    return signal, signal.set


def a_computed_value() -> Made:
    signal = Signal(1)
    return Computed(lambda: signal()), signal.set


def a_computed_value_of_computed_ones() -> Made:
    signal = Signal(1)
    half = Computed(lambda: signal() // 2)
    return Computed(lambda: half() + signal() - half()), signal.set


def a_computed_value_of_a_session() -> Made:
    state = session("s", {"n": 1})
    return Computed(lambda: state["n"]), lambda value: state.update(n=value)


def a_key_of_a_state() -> Made:
    state = State(lambda: {"n": 1})
    return state.key("n"), lambda value: state.set({"n": value})


WATCHED = [
    a_signal,
    a_computed_value,
    a_computed_value_of_computed_ones,
    a_computed_value_of_a_session,
    a_key_of_a_state,
]


@rows("make", WATCHED)
def test_callback_hears_each_new_value_until_its_end(make: Callable[[], Made]) -> None:
    watched, give = make()
    heard: list[int] = []
    end = watched.on(heard.append)
    assert heard == []
    give(2)
    give(2)
    give(3)
    end()
    end()
    give(4)
    assert heard == [2, 3]


@rows("make", WATCHED)
def test_batch_is_heard_once_and_one_that_fails_never(make: Callable[[], Made]) -> None:
    watched, give = make()
    heard: list[int] = []
    watched.on(heard.append)
    with batch():
        give(2)
        give(3)
    with pytest.raises(ZeroDivisionError), batch():
        give(4)
        _ = 1 / 0
    assert heard == [3]


@rows("make", WATCHED)
def test_dispose_lets_callbacks_go_and_calls_hooks_once(make: Callable[[], Made]) -> None:
    watched, give = make()
    calls: list[object] = []
    watched.on(calls.append)
    Effect(lambda: calls.append(watched() * 10))
    watched.use(lambda: calls.append("a"), lambda: calls.append("b"))
    watched.dispose()
    watched.dispose()
    give(2)
    assert (calls, watched()) == ([10, "a", "b"], 2)


@rows("make", WATCHED)
def test_hook_that_fails_does_not_stop_the_others(make: Callable[[], Made]) -> None:
    watched, _ = make()
    calls: list[str] = []
    watched.use(lambda: 1 / 0, lambda: calls.append("b"))
    with pytest.raises(ZeroDivisionError):
        watched.dispose()
    assert calls == ["b"]


@rows("make", WATCHED)
@rows("method", ["on", "use"])
def test_what_is_no_function_is_refused_at_once(make: Callable[[], Made], method: str) -> None:
    watched, _ = make()
    with pytest.raises(TypeError, match=rf"{method}\(\) takes a function, not NoneType"):
        getattr(watched, method)(None)


@rows("make", WATCHED)
def test_id_is_text_that_no_other_has_and_stays(make: Callable[[], Made]) -> None:
    (one, _), (two, _) = make(), make()
    assert isinstance(one.id, str)
    assert one.id == one.id != two.id
    with pytest.raises(AttributeError):
        one.id = "mine"


@rows("make", WATCHED)
def test_callback_depends_on_nothing_and_owns_no_effect(make: Callable[[], Made]) -> None:
    watched, give = make()
    other, runs = Signal(1), []

    def listen(value: int) -> None:
        runs.append((value, other()))
        Effect(lambda: other())

    def start() -> None:
        watched.on(listen)

    one = Effect(start)
    other.set(2)
    give(2)
    one.stop()
    assert runs == [(2, 2)]


def test_computed_value_is_not_computed_before_somebody_asks_or_listens() -> None:
    runs: list[int] = []
    value = Computed(lambda: runs.append(1))
    assert value.id
    value.use(lambda: None)
    assert runs == []
    value.on(lambda new: None)
    assert runs == [1]


def test_callback_hears_nothing_where_the_computed_value_is_equal() -> None:
    heard: list[int] = []
    signal = Signal(1)
    Computed(lambda: signal() % 2).on(heard.append)
    signal.set(3)
    signal.set(4)
    assert heard == [0]


def test_callback_keeps_its_computed_value_as_long_as_it_listens() -> None:
    heard: list[int] = []
    signal = Signal(1)

    def double() -> int:
        return int(signal() * 2)

    end, kept = Computed(double).on(heard.append), weakref.ref(double)
    del double
    gc.collect()
    signal.set(2)
    assert heard == [4]
    end()
    del end
    gc.collect()
    assert kept() is None


def test_error_of_a_computed_value_is_raised_to_whoever_changed_what_it_reads() -> None:
    heard: list[int] = []
    signal = Signal(1)
    Computed(lambda: 12 // signal()).on(heard.append)
    with pytest.raises(ZeroDivisionError):
        signal.set(0)
    signal.set(3)
    assert heard == [4]


def test_computed_value_that_fails_at_first_is_heard_when_it_is_there() -> None:
    heard: list[int] = []
    signal = Signal(0)
    Computed(lambda: 12 // signal()).on(heard.append)
    signal.set(3)
    assert heard == [4]


def test_computed_value_that_needs_itself_takes_no_callback() -> None:
    one: Computed[int] = Computed(lambda: one() + 1)
    with pytest.raises(CycleError):
        one.on(lambda value: None)
    assert not one.targets


def test_callback_that_changes_what_is_computed_is_called_again() -> None:
    heard: list[int] = []
    signal = Signal(0)
    double = Computed(lambda: signal() * 2)

    def listen(value: int) -> None:
        heard.append(value)
        signal.set(min(signal() + 1, 3))

    double.on(listen)
    signal.set(1)
    assert heard == [2, 4, 6]
