"""Who hears of what: changes, paths, batches, callbacks that misbehave."""

from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import Change, CycleError, DetachedError, batch, session, snapshot, subscribe
from anchor_session.reactive.notifications import MAX_ROUNDS
from tests.support import rows, text_at

START: "dict[str, Any]" = {"n": 1, "m": {"x": 1}, "l": [1, 2, 3], "s": {1}, "o": [{"a": 1}]}


def heard_by(view: Any, path: "tuple[Any, ...]" = ()) -> "list[Change]":
    heard: list[Change] = []
    subscribe(view, heard.append, path=path)
    return heard


def two(op: str, *changes: Change) -> Change:
    return Change(op, (), changes=changes)


CHANGES: "list[tuple[Callable[[Any], object], Change]]" = [
    (lambda state: state.update(n=2), Change("set", ("n",), 2, 1)),
    (lambda state: state.update(new=2), Change("set", ("new",), 2, None)),
    (lambda state: state.update(n=None), Change("set", ("n",), None, 1)),
    (lambda state: state.update(m={}), Change("set", ("m",), {}, {"x": 1})),
    (lambda state: state.pop("n"), Change("delete", ("n",), None, 1)),
    (lambda state: state.m.popitem(), Change("delete", ("m", "x"), None, 1)),
    (lambda state: state.setdefault("d", [1]), Change("set", ("d",), [1], None)),
    (
        lambda state: state.update(n=2, e=3),
        Change("batch", (), changes=(Change("set", ("n",), 2, 1), Change("set", ("e",), 3, None))),
    ),
    (
        lambda state: state.m.update(x=2, y=3),
        Change(
            "batch",
            ("m",),
            changes=(Change("set", ("m", "x"), 2, 1), Change("set", ("m", "y"), 3, None)),
        ),
    ),
    (lambda state: state.m.clear(), Change("delete", ("m", "x"), None, 1)),
    (lambda state: state.l.append(4), Change("splice", ("l",), [4], [], index=3)),
    (lambda state: state.l.extend([4, 5]), Change("splice", ("l",), [4, 5], [], index=3)),
    (lambda state: state.l.insert(1, 9), Change("splice", ("l",), [9], [], index=1)),
    (lambda state: state.l.pop(0), Change("splice", ("l",), [], [1], index=0)),
    (lambda state: state.l.clear(), Change("splice", ("l",), [], [1, 2, 3], index=0)),
    (lambda state: state.l.__setitem__(-1, 9), Change("set", ("l", 2), 9, 3)),
    (
        lambda state: state.l.__setitem__(slice(1, 2), [8, 9]),
        Change("splice", ("l",), [8, 9], [2], index=1),
    ),
    (
        lambda state: state.l.__delitem__(slice(None, None, 2)),
        Change("splice", ("l",), [2], [1, 2, 3], index=0),
    ),
    (lambda state: state.l.reverse(), Change("splice", ("l",), [3, 2, 1], [1, 2, 3], index=0)),
    (
        lambda state: state.l.sort(key=lambda n: n % 3),
        Change("splice", ("l",), [3, 1, 2], [1, 2, 3], index=0),
    ),
    (lambda state: state.l.move(0, 2), Change("move", ("l",), 2, 0)),
    (lambda state: state.l.move(-1, -2), Change("move", ("l",), 1, 2)),
    (lambda state: state.l.__imul__(2), Change("splice", ("l",), [1, 2, 3], [], index=3)),
    (lambda state: state.s.add(2), Change("add", ("s",), value=2)),
    (lambda state: state.s.remove(1), Change("discard", ("s",), previous=1)),
    (
        lambda state: state.s.__ixor__({1, 2}),
        Change(
            "batch",
            ("s",),
            changes=(Change("discard", ("s",), previous=1), Change("add", ("s",), value=2)),
        ),
    ),
    (lambda state: state.o[0].update(a=2), Change("set", ("o", 0, "a"), 2, 1)),
]


@rows(("statement", "change"), CHANGES)
def test_statement_is_told_as_its_change(
    statement: "Callable[[Any], object]", change: Change
) -> None:
    state = session("s", START)
    heard = heard_by(state)
    statement(state)
    assert heard == [change]


@rows(("statement", "change"), CHANGES)
def test_change_is_stored_before_it_is_told(
    area: Any, statement: "Callable[[Any], object]", change: Change
) -> None:
    state = session("s", START)
    texts: list[str | None] = []
    subscribe(state, lambda change: texts.append(text_at(area)))
    statement(state)
    assert texts == [text_at(area)]


def test_change_holds_plain_data_of_its_own() -> None:
    state = session("s", {"l": []})
    heard = heard_by(state)
    value = [[1]]
    state.l = value
    heard[0].value[0].append(2)
    assert snapshot(state) == {"l": [[1]]}


def test_previous_is_what_was_there_when_it_changed() -> None:
    state = session("s", {"l": [1]})
    heard = heard_by(state)
    with batch():
        state.l.append(2)
        del state.l
    assert heard[0].changes[1].previous == [1, 2]


# -- parts -----------------------------------------------------------------------------------

NESTED: "dict[str, Any]" = {"a": {"b": {"c": 1}}, "z": 1}


@rows(
    ("statement", "count"),
    [
        (lambda state: state.a.b.update(c=2), 1),
        (lambda state: state.a.b.update(d={}), 1),
        (lambda state: state.a.update(b={}), 1),
        (lambda state: state.update(a=1), 1),
        (lambda state: state.pop("a"), 1),
        (lambda state: state.clear(), 1),
        (lambda state: state.a.update(other=1), 0),
        (lambda state: state.update(z=2), 0),
    ],
)
def test_part_is_heard_at_below_and_above(statement: "Callable[[Any], object]", count: int) -> None:
    state = session("s", NESTED)
    heard = heard_by(state, ("a", "b"))
    statement(state)
    assert len(heard) == count


def test_path_may_be_absent_yet() -> None:
    state = session("s")
    heard = heard_by(state, ("a",))
    state.a = 1
    assert heard == [Change("set", ("a",), 1, None)]


def test_view_is_followed_where_it_moves() -> None:
    state = session("s", {"l": [{"n": 1}, {"n": 2}]})
    heard = heard_by(state.l[0])
    state.l.insert(0, 0)
    heard.clear()
    state.l[1].n = 5
    assert heard == [Change("set", ("l", 1, "n"), 5, 1)]


def test_removal_of_a_view_is_heard_once() -> None:
    state = session("s", {"a": {"n": 1}})
    heard = heard_by(state.a)
    del state.a
    state.a = {"n": 1}
    assert heard == [Change("delete", ("a",), None, {"n": 1})]


def test_batch_tells_a_part_only_what_it_hears_of() -> None:
    state = session("s", {"a": {"n": 1}, "b": 1})
    heard = heard_by(state.a)
    with batch():
        state.b = 2
        state.a.n = 2
    assert heard == [Change("set", ("a", "n"), 2, 1)]


def test_removed_view_cannot_be_subscribed_to() -> None:
    state = session("s", {"a": {}})
    view = state.a
    del state.a
    with pytest.raises(DetachedError):
        subscribe(view, print)


@rows("stranger", [None, {}, [], 7])
def test_subscribing_to_no_state_raises(stranger: Any) -> None:
    with pytest.raises(TypeError, match="takes a state"):
        subscribe(stranger, print)


def test_subscribing_with_no_callback_raises() -> None:
    with pytest.raises(TypeError, match="takes a callback"):
        subscribe(session("s"), 7)  # type: ignore[arg-type]


# -- ending ----------------------------------------------------------------------------------


def test_unsubscribed_callback_hears_nothing() -> None:
    state = session("s", {"n": 1})
    heard: list[Change] = []
    subscribe(state, heard.append)()
    state.n = 2
    assert heard == []


def test_unsubscribing_twice_leaves_others() -> None:
    state = session("s", {"n": 1})
    heard: list[Change] = []
    unsubscribe = subscribe(state, heard.append)
    subscribe(state, heard.append)
    unsubscribe()
    unsubscribe()
    state.n = 2
    assert len(heard) == 1


def test_unsubscribed_callback_leaves_nothing_behind() -> None:
    state = session("s", {"n": 1})
    subscribe(state, print)()
    assert state._root.listeners == []


def test_callback_may_unsubscribe_itself() -> None:
    state = session("s", {"n": 1})
    heard: list[Change] = []

    def once(change: Change) -> None:
        heard.append(change)
        unsubscribe()

    unsubscribe = subscribe(state, once)
    state.n = 2
    state.n = 3
    assert len(heard) == 1


def test_callback_that_was_unsubscribed_by_an_earlier_one_is_not_called() -> None:
    state = session("s", {"n": 1})
    heard: list[Change] = []
    subscribe(state, lambda change: unsubscribe())
    unsubscribe = subscribe(state, heard.append)
    state.n = 2
    assert heard == []


def test_callback_subscribed_while_telling_hears_the_next_change() -> None:
    state = session("s", {"n": 1})
    heard: list[Change] = []
    unsubscribe = subscribe(state, lambda change: subscribe(state, heard.append))
    state.n = 2
    unsubscribe()
    state.n = 3
    assert [change.value for change in heard] == [3]


# -- callbacks that misbehave ----------------------------------------------------------------


def test_first_error_is_raised_with_notes_of_the_others() -> None:
    state = session("s", {"n": 1})
    subscribe(state, lambda change: [][0])
    subscribe(state, lambda change: dict[str, int]()["x"])
    with pytest.raises(IndexError) as caught:
        state.n = 2
    assert caught.value.__notes__ == ["another callback failed too: KeyError('x')"]


def test_failing_callback_in_a_batch_keeps_what_was_stored(area: Any) -> None:
    state = session("s", {"n": 1})
    subscribe(state, lambda change: [][0])
    with pytest.raises(IndexError), batch():
        state.n = 2
    assert (state.n, text_at(area)) == (2, '{"n":2}')


def test_callbacks_are_called_again_after_an_error() -> None:
    state = session("s", {"n": 1})
    heard = heard_by(state)
    unsubscribe = subscribe(state, lambda change: [][0])
    with pytest.raises(IndexError):
        state.n = 2
    unsubscribe()
    state.n = 3
    assert len(heard) == 2


def test_change_by_a_callback_is_stored_at_once(area: Any) -> None:
    state = session("s", {"n": 1})
    texts: list[str | None] = []

    def follow(change: Change) -> None:
        if "double" not in state or state.double != state.n * 2:
            state.double = state.n * 2
            texts.append(text_at(area))

    subscribe(state, follow)
    state.n = 2
    assert texts == ['{"n":2,"double":4}']


def test_change_by_a_callback_is_told_after_the_round() -> None:
    state = session("s", {"n": 1})
    order: list[str] = []

    def first(change: Change) -> None:
        order.append(f"first {change.path}")
        state.setdefault("m", 1)

    subscribe(state, first)
    subscribe(state, lambda change: order.append(f"second {change.path}"))
    state.n = 2
    assert order == ["first ('n',)", "second ('n',)", "first ('m',)", "second ('m',)"]


def increase(state: Any) -> "Callable[[Change], None]":
    def callback(change: Change) -> None:
        state.n += 1

    return callback


def test_callbacks_that_loop_raise_cycle_error() -> None:
    state = session("s", {"n": 1})
    subscribe(state, increase(state))
    with pytest.raises(CycleError, match=f"{MAX_ROUNDS} rounds"):
        state.n = 2


def test_looping_callbacks_leave_memory_and_storage_equal(area: Any) -> None:
    state = session("s", {"n": 1})
    subscribe(state, increase(state))
    with pytest.raises(CycleError):
        state.n = 2
    assert text_at(area) == f'{{"n":{state.n}}}'


def test_callback_that_settles_within_the_rounds_is_fine() -> None:
    state = session("s", {"n": 1})
    subscribe(state, lambda change: state.update(n=min(state.n + 1, MAX_ROUNDS)))
    state.n = 2
    assert state.n == MAX_ROUNDS


def test_state_works_after_a_cycle() -> None:
    state = session("s", {"n": 1})
    unsubscribe = subscribe(state, increase(state))
    with pytest.raises(CycleError):
        state.n = 2
    unsubscribe()
    heard = heard_by(state)
    state.n = 0
    assert len(heard) == 1


def test_callback_that_cannot_store_its_change_raises_and_keeps_the_first(area: Any) -> None:
    state = session("s", {"n": 1})

    def bad(change: Change) -> None:
        state.x = object()

    subscribe(state, bad)
    with pytest.raises(TypeError):
        state.n = 2
    assert text_at(area) == '{"n":2}'


# -- Change ----------------------------------------------------------------------------------


def test_change_shows_its_fields() -> None:
    change = Change("splice", ("l",), [1], [], index=0, changes=(Change("set", ("n",), 1),))
    assert repr(change) == (
        "Change('splice', ('l',), [1], [], index=0, changes=(Change('set', ('n',), 1, None),))"
    )


@rows(
    "other",
    [
        Change("delete", ("n",), 1, 2),
        Change("set", ("m",), 1, 2),
        Change("set", ("n",), 3, 2),
        Change("set", ("n",), 1, 3),
        Change("set", ("n",), 1, 2, index=0),
        Change("set", ("n",), 1, 2, changes=(Change("set", ()),)),
        ("set", ("n",), 1, 2),
    ],
)
def test_changes_differ_by_each_field(other: Any) -> None:
    assert Change("set", ("n",), 1, 2) != other


def test_path_of_one_key_may_be_that_key() -> None:
    state = session("s", {"lines": [], "n": 1})
    heard: list[Change] = []
    subscribe(state, heard.append, path="lines")
    state.n = 2
    state.lines.append(1)
    assert [change.path for change in heard] == [("lines",)]
