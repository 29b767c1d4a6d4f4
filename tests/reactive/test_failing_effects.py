"""What an effect tells of itself: which one failed, after which statement, and what made it run."""

import asyncio
import traceback
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any

import pytest

from anchor_session import (
    Computed,
    Effect,
    Signal,
    batch,
    computed,
    effect,
    history,
    session,
    subscribe,
)
from anchor_session.testing import tabs, use_host
from tests.support import ON_BROWSER, rows

pytestmark = pytest.mark.both


def notes(error: BaseException) -> str:
    return "\n".join(getattr(error, "__notes__", []))


def line_of(function: Callable[..., object]) -> int:
    return function.__code__.co_firstlineno


# -- the name of the effect ---------------------------------------------------------------------------


def test_the_error_of_a_first_run_names_the_effect() -> None:
    def show_total() -> None:
        raise KeyError("title")

    with pytest.raises(KeyError) as caught:
        Effect(show_total)
    assert (
        notes(caught.value) == f"in the effect show_total ({__file__}, line {line_of(show_total)})"
    )


def test_the_error_of_a_later_run_names_the_effect_once() -> None:
    state = session("s", {"n": 1, "m": 1})

    def invert() -> None:
        assert state.m
        _ = 1 / state.n

    one = Effect(invert)
    with pytest.raises(ZeroDivisionError) as caught:
        state.n = 0
    assert notes(caught.value).count("in the effect invert (") == 1
    with pytest.raises(ZeroDivisionError):
        state.m = 2
    one.stop()


def test_an_effect_inside_another_and_the_other_are_both_named() -> None:
    def inner() -> None:
        raise KeyError

    def outer() -> None:
        Effect(inner)

    with pytest.raises(KeyError) as caught:
        Effect(outer)
    first, second = notes(caught.value).split("\n")
    assert (first[:21], second[:21]) == ("in the effect inner (", "in the effect outer (")


def test_the_error_of_a_computed_value_names_it_once() -> None:
    number = Signal(0)

    @computed
    def inverse() -> float:
        return float(1 / number())

    for _ in range(3):
        with pytest.raises(ZeroDivisionError) as caught:
            inverse()
    assert notes(caught.value).startswith(f"in the computed value inverse ({__file__}, line ")
    assert notes(caught.value).count("\n") == 0


def test_an_effect_that_meets_one_error_twice_is_named_once() -> None:
    number = Signal(0)
    inverse = Computed(lambda: 1 / 0)

    def follow() -> float:
        return number() + float(inverse())

    told: list[Exception] = []
    one = Effect(follow, on_error=told.append)
    number.set(1)
    one.stop()
    assert told[0] is told[1]
    assert notes(told[0]).count("in the effect follow (") == 1


def test_reading_a_computed_value_that_failed_makes_its_traceback_no_longer() -> None:
    inverse = Computed(lambda: 1 / 0)
    lengths = set()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError) as caught:
            inverse()
        lengths.add(len(traceback.extract_tb(caught.value.__traceback__)))
    assert len(lengths) == 1


def test_what_a_clean_up_raises_names_the_effect() -> None:
    number = Signal(0)

    def follow() -> Callable[[], object]:
        number()
        return lambda: 1 / 0

    one = Effect(follow)
    with pytest.raises(ZeroDivisionError) as caught:
        number.set(1)
    assert "in the effect follow (" in notes(caught.value)
    one.stop()


def test_the_others_that_fail_are_named_too() -> None:
    number = Signal(1)

    def first() -> None:
        _ = 1 / number()

    def second() -> None:
        [0][0 if number() else 5]

    Effect(first)
    Effect(second)
    with pytest.raises(ZeroDivisionError) as caught:
        number.set(0)
    assert "in the effect first (" in notes(caught.value)
    assert "another callback failed too: IndexError" in notes(caught.value)
    assert "in the effect second (" in notes(caught.value)


class Page:
    def show(self) -> None:
        pass

    def __call__(self) -> None:
        pass


NAMED: dict[str, tuple[Callable[[], Any], str]] = {
    "method": (Page().show, "Page.show"),
    "object": (Page(), "Page"),
    "lambda": (lambda: None, "<lambda>"),
    "partial": (partial(notes, ValueError()), "notes"),
}


@rows("kind", sorted(NAMED))
def test_repr_names_the_function(kind: str) -> None:
    function, name = NAMED[kind]
    one = Effect(function)
    assert repr(one).startswith(f"<Effect {name} ({__file__}, line ")
    one.stop()
    assert repr(one).endswith(", stopped>")


def test_repr_of_an_effect_of_a_builtin_function() -> None:
    one = Effect([].clear)
    one.stop()
    assert repr(one) == "<Effect list.clear, stopped>"


# -- on_error -----------------------------------------------------------------------------------------


def test_on_error_is_told_and_the_effect_lives_on_with_what_it_read() -> None:
    state = session("s", {"rows": [{"title": "a"}, {}]})
    told: list[Exception] = []
    seen: list[list[str]] = []
    one = Effect(lambda: seen.append([row["title"] for row in state.rows]), on_error=told.append)
    assert (len(told), seen) == (1, [])
    state.rows[1]["note"] = "b"
    assert len(told) == 1  # it did not read that
    state.rows.append({})
    state.rows[1]["title"] = "b"
    assert (len(told), seen) == (3, [])
    state.rows[2]["title"] = "c"
    one.stop()
    assert seen == [["a", "b", "c"]]
    assert all(isinstance(error, KeyError) for error in told)
    assert "in the effect <lambda> (" in notes(told[0])


def test_a_decorator_takes_on_error() -> None:
    number = Signal(0)
    told: list[Exception] = []

    @effect(on_error=told.append)
    def invert() -> None:
        _ = 1 / number()

    number.set(1)
    number.set(0)
    invert.stop()
    assert [type(error) for error in told] == [ZeroDivisionError, ZeroDivisionError]


def test_what_on_error_reads_and_starts_is_not_the_effect_s() -> None:
    number, other = Signal(0), Signal(0)
    runs: list[str] = []

    def told(error: Exception) -> None:
        runs.append(f"told {other()}")
        if not inner:
            inner.append(Effect(lambda: runs.append(f"inner {other()}")))

    inner: list[Effect] = []
    one = Effect(lambda: 1 / number(), on_error=told)
    number.set(1)
    other.set(1)
    one.stop()
    other.set(2)
    assert runs == ["told 0", "inner 0", "inner 1", "inner 2"]
    inner[0].stop()


def test_what_on_error_reads_is_not_read_by_the_effect_around() -> None:
    other = Signal(0)
    runs: list[int] = []

    def parent() -> None:
        runs.append(1)
        Effect(lambda: 1 / 0, on_error=lambda error: other())

    one = Effect(parent)
    other.set(1)
    one.stop()
    assert runs == [1]


def test_what_on_error_raises_is_raised() -> None:
    def told(error: Exception) -> None:
        raise LookupError from error

    with pytest.raises(LookupError):
        Effect(lambda: 1 / 0, on_error=told)


def test_an_interrupt_is_no_error_of_the_effect() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Effect(interrupt, on_error=lambda error: None)


@rows("given", [5, "print"])
def test_an_on_error_that_cannot_be_called_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="on_error"):
        Effect(lambda: None, on_error=given)


def test_a_clean_up_that_fails_is_told_and_the_effect_runs_on() -> None:
    number = Signal(0)
    told: list[Exception] = []
    seen: list[int] = []

    def follow() -> Callable[[], object]:
        seen.append(number())
        return lambda: 1 / 0

    one = Effect(follow, on_error=told.append)
    number.set(1)
    one.stop()
    assert (seen, len(told)) == ([0, 1], 2)


def test_one_child_that_fails_to_end_keeps_no_other_from_ending() -> None:
    number = Signal(0)
    ended: list[int] = []

    def child(this: int) -> Callable[[], object]:
        return lambda: ended.append(this) or this / (1 - this)  # type: ignore[func-returns-value]

    def parent() -> None:
        for this in (0, 1, 2):
            Effect(partial(child, this))

    one = Effect(parent)
    with pytest.raises(ZeroDivisionError):
        one.stop()
    assert ended == [0, 1, 2]
    number.set(1)


def test_on_error_is_told_of_what_an_async_effect_raises_after_its_await() -> None:
    async def program() -> list[Exception]:
        told: list[Exception] = []
        number = Signal(0)
        heard = asyncio.Event()

        async def follow() -> None:
            divisor = number()
            await asyncio.sleep(0)
            _ = 1 / divisor

        def hear(error: Exception) -> None:
            told.append(error)
            heard.set()

        one = Effect(follow, on_error=hear)
        await heard.wait()
        one.stop()
        return told

    (error,) = asyncio.run(program())
    assert isinstance(error, ZeroDivisionError)
    assert "in the effect follow (" in notes(error)


# -- why ----------------------------------------------------------------------------------------------


def test_why_is_empty_before_the_second_run() -> None:
    number = Signal(0)
    one = Effect(number.get)
    assert one.why == []
    one.stop()


WHY: dict[str, tuple[Callable[[Any], object], Callable[[Any], object], list[tuple[Any, ...]]]] = {
    "a key": (lambda s: s.a, lambda s: s.update(a=2), [("a",)]),
    "an absent key": (lambda s: s.get("z"), lambda s: s.update(z=2), [("z",)]),
    "a nested key": (lambda s: s.user.name, lambda s: s.user.update(name="B"), [("user", "name")]),
    "an index": (lambda s: s.rows[1], lambda s: s.rows.__setitem__(1, 9), [("rows", 1)]),
    "iteration": (lambda s: list(s.rows), lambda s: s.rows.append(9), [("rows",)]),
    "the length too": (lambda s: (len(s.rows), [*s.rows]), lambda s: s.rows.clear(), [("rows",)]),
    "a member": (lambda s: "x" in s.tags, lambda s: s.tags.add("x"), [("tags",)]),
    "the whole": (lambda s: repr(s), lambda s: s.user.update(name="B"), [()]),
    "two of three": (
        lambda s: (s.a, s.b, s.user.name),
        lambda s: s.update(b=5, user={"name": "C"}),
        [("b",), ("user",)],
    ),
}


@rows("read", sorted(WHY))
def test_why_tells_where_the_values_are_that_made_it_run(read: str) -> None:
    reading, change, paths = WHY[read]
    init = {"a": 1, "b": 1, "user": {"name": "A"}, "rows": [1, 2, 3], "tags": {"z"}}
    state = session("why", init)
    one = Effect(lambda: reading(state))
    change(state)
    found = one.why
    one.stop()
    assert [path for _, path in found] == paths
    assert all(each is state for each, _ in found)


def test_why_tells_the_signal() -> None:
    number = Signal(0)
    one = Effect(number.get)
    number.set(1)
    ((found, path),) = one.why
    one.stop()
    assert found is number
    assert path == ()


def test_why_tells_what_changed_below_a_computed_value() -> None:
    state = session("s", {"a": 1, "b": 1, "c": 1})
    double = Computed(lambda: state.a * 2 + state.b)
    more = Computed(lambda: double() + 1)
    one = Effect(lambda: (more(), state.c))
    with batch():
        state.b = 5
        state.c = 5
    paths = [path for _, path in one.why]
    one.stop()
    assert paths == [("b",), ("c",)]


def test_why_is_about_the_last_run() -> None:
    state = session("s", {"a": 1, "b": 1})
    one = Effect(lambda: (state.a, state.b))
    state.a = 2
    state.b = 2
    assert [path for _, path in one.why] == [("b",)]
    state.update(c=1)
    assert [path for _, path in one.why] == [("b",)]
    one.stop()
    assert one.why == []


def test_why_tells_the_state_as_it_was_opened() -> None:
    from anchor_session import writable

    state = session("s", {"a": 1}, immutable=True)
    one = Effect(lambda: state.a)
    writable(state).a = 2
    ((found, _),) = one.why
    one.stop()
    assert found is state


def test_why_tells_where_a_row_stood_that_is_gone() -> None:
    state = session("s", {"rows": [{"n": 1}]})
    row = state.rows[0]
    one = Effect(lambda: row.n)
    row.n = 2
    del state.rows[0]
    assert [path for _, path in one.why] == [("rows", 0, "n")]
    one.stop()


def test_why_tells_what_another_document_changed() -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    with use_host(tab):
        state = session("s", {"user": {"name": "A"}})
    with use_host(frame):
        other = session("s")
    one = Effect(lambda: state.user.name)
    other.user.name = "B"
    tab.deliver()
    assert one.why == [(state, ("user", "name"))]
    one.stop()


# -- the traceback ------------------------------------------------------------------------------------


def frames(trace: "TracebackType | None") -> list[str]:
    """The functions of a traceback; those of the package by their module."""
    found = []
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__"))
        name = trace.tb_frame.f_code.co_name
        found.append(module if module.startswith("anchor_session.") else name)
        trace = trace.tb_next
    return found


def fail_if(value: object) -> None:
    """Part of an effect, in another function."""
    if value != 1:
        raise LookupError(value)


def a_typed_state() -> Any:
    from dataclasses import dataclass

    @dataclass
    class Counter:
        n: int = 1

    return session("counter", Counter())


STATEMENTS: dict[str, tuple[Callable[[Any], object], Callable[[Any], object]]] = {
    "s.n = 2": (lambda s: s.n, lambda s: setattr(s, "n", 2)),
    's["n"] = 2': (lambda s: s["n"], lambda s: s.__setitem__("n", 2)),
    "s.l.append": (lambda s: len(s.l), lambda s: s.l.append(2)),
    "s.l[0] = 2": (lambda s: s.l[0], lambda s: s.l.__setitem__(0, 2)),
    "s.tags.add": (lambda s: len(s.tags), lambda s: s.tags.add(2)),
    "del s.l[0]": (lambda s: len(s.l), lambda s: s.l.__delitem__(0)),
    "s.update": (lambda s: s.n, lambda s: s.update(n=2)),
}


def follow(state: Any, read: Callable[[Any], object]) -> Effect:
    def show() -> None:
        fail_if(read(state))

    return Effect(show)


SHOW = ["show", "fail_if"]


@rows("statement", sorted(STATEMENTS))
def test_the_traceback_goes_from_the_statement_to_the_effect(statement: str) -> None:
    read, change = STATEMENTS[statement]
    state = session("s", {"n": 1, "l": [1], "tags": {1}})
    one = follow(state, read)
    with pytest.raises(LookupError) as caught:
        change(state)
    one.stop()
    found = frames(caught.value.__traceback__)
    assert found[-2:] == SHOW
    assert [each for each in found if not each.startswith("anchor_session.")][1:] == [
        "<lambda>",
        *SHOW,
    ]
    most = LEFT_IN_PAGES.get(statement, 0) if ON_BROWSER else 0
    assert len([each for each in found if each.startswith("anchor_session.")]) <= most


LEFT_IN_PAGES = {"del s.l[0]": 1, "s.tags.add": 1, "s.update": 1}
"""How many frames of the package are left in between in a page, whose statements go through no lock: its
wrapper is what leaves them out elsewhere."""


def test_the_traceback_of_a_typed_state_goes_from_the_statement_to_the_effect() -> None:
    state = a_typed_state()
    one = follow(state, lambda s: s.n)
    with pytest.raises(LookupError) as caught:
        state.n = 2
    one.stop()
    assert frames(caught.value.__traceback__)[1:] == SHOW


def test_the_traceback_of_a_batch_goes_from_its_block_to_the_effect() -> None:
    state = session("s", {"n": 1})
    one = follow(state, lambda s: s.n)
    with pytest.raises(LookupError) as caught, batch():
        state.n = 2
    one.stop()
    assert frames(caught.value.__traceback__)[1:] == SHOW


def test_the_traceback_of_a_signal_goes_from_the_statement_to_the_effect() -> None:
    number = Signal(1)
    one = Effect(lambda: fail_if(number()))
    with pytest.raises(LookupError) as caught:
        number.set(2)
    one.stop()
    assert frames(caught.value.__traceback__)[1:] == ["<lambda>", "fail_if"]


def test_the_traceback_of_a_first_run_goes_from_the_effect_s_making_to_its_function() -> None:
    with pytest.raises(LookupError) as caught:
        Effect(lambda: fail_if(2))
    assert frames(caught.value.__traceback__)[1:] == ["<lambda>", "fail_if"]


def test_the_traceback_of_a_decorator_goes_from_its_line_to_its_function() -> None:
    with pytest.raises(LookupError) as caught:

        @effect
        def show() -> None:
            fail_if(2)

    assert frames(caught.value.__traceback__)[1:] == SHOW


def test_the_traceback_of_a_subscriber_goes_from_the_statement_to_it() -> None:
    state = session("s", {"n": 1})

    def hear(change: object) -> None:
        fail_if(change)

    subscribe(state, hear)
    with pytest.raises(LookupError) as caught:
        state.n = 2
    assert frames(caught.value.__traceback__)[1:] == ["hear", "fail_if"]


def test_lines_of_the_user_between_two_statements_stay() -> None:
    state = session("s", {"a": 1, "b": 1})
    one = follow(state, lambda s: s.b)

    def hand_on(change: object) -> None:
        state.b = 2

    subscribe(state, hand_on, path="a")
    with pytest.raises(LookupError) as caught:
        state.a = 2
    one.stop()
    assert frames(caught.value.__traceback__)[1:] == SHOW
    with pytest.raises(LookupError) as caught:
        Effect(lambda: follow(state, lambda s: s.b))
    assert frames(caught.value.__traceback__)[1:] == ["<lambda>", "follow", *SHOW]


def test_the_traceback_of_an_error_of_the_package_is_whole() -> None:
    state = session("s", {"n": 1}, immutable=True)
    with pytest.raises(TypeError) as caught:
        state.n = 2
    assert any(each.startswith("anchor_session.") for each in frames(caught.value.__traceback__))


def test_undo_shows_the_lines_of_the_user_first() -> None:
    state = session("s", {"n": 2})
    past = history(state)
    state.n = 1
    one = follow(state, lambda s: s.n)
    with pytest.raises(LookupError) as caught:
        past.undo()
    one.stop()
    past.stop()
    assert frames(caught.value.__traceback__)[-2:] == SHOW
