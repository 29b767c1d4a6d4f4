"""One history of several states: what one batch changes in them is undone and redone together."""

from typing import Any

import pytest

from anchor_session import (
    Effect,
    QuotaExceededError,
    batch,
    history,
    persistent,
    session,
    snapshot,
    subscribe,
)
from anchor_session.page.open_states import leave_all
from anchor_session.testing import MemoryArea, tabs, use_host


def test_a_batch_over_two_states_is_one_step() -> None:
    a: Any = session("a", {"n": 0})
    b: Any = persistent("b", {"n": 0})
    past = history(a, b)
    with batch():
        a.n = 1
        b.n = 1
    assert past.undo()
    assert (a.n, b.n, past.can_undo, past.can_redo) == (0, 0, False, True)
    assert past.redo()
    assert (a.n, b.n) == (1, 1)
    leave_all()
    assert (session("a").n, persistent("b").n) == (1, 1)


def test_statements_of_several_states_are_undone_in_their_order() -> None:
    a: Any = session("a", {"l": []})
    b: Any = session("b", {"l": []})
    past = history(a, b)
    a.l.append(1)
    b.l.append(2)
    a.l.append(3)
    seen = []
    while past.undo():
        seen.append((list(a.l), list(b.l)))
    assert seen == [([1], [2]), ([1], []), ([], [])]
    while past.redo():
        pass
    assert (list(a.l), list(b.l)) == ([1, 3], [2])


def test_undo_of_two_states_is_one_batch() -> None:
    a: Any = session("a", {"n": 0})
    b: Any = session("b", {"n": 0})
    past = history(a, b)
    with batch():
        a.n = 1
        b.n = 1
    seen: list[tuple[int, int]] = []
    one = Effect(lambda: seen.append((a.n, b.n)))
    past.undo()
    past.redo()
    one.stop()
    assert seen == [(1, 1), (0, 0), (1, 1)]


def test_undo_that_one_state_cannot_store_changes_none() -> None:
    area = MemoryArea(quota=400)
    a: Any = session("a", {"n": 0})
    b: Any = session("b", {"text": "x" * 200}, area=area, layout="document")
    past = history(a, b)
    with batch():
        a.n = 1
        b.text = ""
    area.setItem("other", "y" * 250)
    with pytest.raises(QuotaExceededError):
        past.undo()
    assert (a.n, b.text, past.can_undo) == (1, "", True)
    area.removeItem("other")
    assert past.undo()
    assert (a.n, len(b.text)) == (0, 200)


def test_what_an_effect_changes_in_the_other_state_is_part_of_the_step() -> None:
    a: Any = session("a", {"n": 1})
    b: Any = session("b", {"double": 2})
    past = history(a, b)
    one = Effect(lambda: b.update(double=a.n * 2))
    a.n = 5
    past.undo()
    one.stop()
    assert (a.n, b.double, past.can_undo) == (1, 2, False)


def test_a_path_of_one_state_is_not_that_of_another() -> None:
    now = [0.0]
    a: Any = session("a", {"text": ""})
    b: Any = session("b", {"text": ""})
    past = history(a, b, group=1.0, clock=lambda: now[0])
    a.text = "x"
    a.text = "xy"
    b.text = "z"
    a.text = "xyz"
    seen = []
    while past.undo():
        seen.append((a.text, b.text))
    assert seen == [("xy", "z"), ("xy", ""), ("", "")]


def test_a_foreign_change_ends_the_undoing_of_what_it_touches_in_its_state_alone() -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    with use_host(tab):
        a: Any = session("a", {"n": 0})
        b: Any = session("b", {"n": 0})
    with use_host(frame):
        other: Any = session("b")
    past = history(a, b)
    with use_host(tab):
        a.n = 1
    frame.deliver()
    other.n = 5
    tab.deliver()
    assert past.undo()
    assert (a.n, b.n) == (0, 5)


def test_parts_of_one_state_have_one_history() -> None:
    state: Any = session("s", {"x": {"n": 0}, "y": {"n": 0}, "z": 0})
    past = history(state.x, state.y)
    with batch():
        state.x.n = 1
        state.y.n = 1
        state.z = 1
    state.update(x={"n": 2}, y={"n": 2})
    past.undo()
    assert snapshot(state) == {"x": {"n": 1}, "y": {"n": 1}, "z": 1}
    past.undo()
    assert snapshot(state) == {"x": {"n": 0}, "y": {"n": 0}, "z": 1}


def test_a_state_and_its_part_keep_a_change_once() -> None:
    state: Any = session("s", {"l": []})
    past = history(state, state.l, state)
    state.l.append(1)
    state.l.append(2)
    past.undo()
    assert list(state.l) == [1]
    past.undo()
    assert list(state.l) == []
    past.redo()
    assert list(state.l) == [1]


def test_a_callback_that_fails_at_an_undo_of_several_parts_keeps_the_steps() -> None:
    state: Any = session("s", {"l": [], "n": 0})
    past = history(state, state.l)
    state.l.append(1)
    state.n = 1
    is_failing = False

    def fail(change: object) -> None:
        _ = 1 / (0 if is_failing else 1)

    subscribe(state, fail)
    is_failing = True
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            past.undo()
    assert (snapshot(state), past.can_undo, past.can_redo) == ({"l": [], "n": 0}, False, True)
    is_failing = False
    while past.redo():
        pass
    assert snapshot(state) == {"l": [1], "n": 1}
    assert past.undo()
    assert past.undo()
    assert not past.undo()
    assert (past._own, past._heard) == ([], {})


def test_stop_ends_hearing_of_all_states() -> None:
    a: Any = session("a", {"n": 0})
    b: Any = session("b", {"n": 0})
    past = history(a, b)
    past.stop()
    a.n = 1
    b.n = 1
    assert not past.can_undo


def test_a_new_change_in_one_ends_redoing_of_all() -> None:
    a: Any = session("a", {"n": 0})
    b: Any = session("b", {"n": 0})
    past = history(a, b)
    a.n = 1
    past.undo()
    b.n = 1
    assert not past.can_redo


def test_each_state_is_told_of_an_undo_once() -> None:
    a: Any = session("a", {"n": 0, "m": 0})
    b: Any = session("b", {"n": 0})
    past = history(a, b)
    with batch():
        a.n = 1
        a.m = 1
        b.n = 1
    heard: list[str] = []
    subscribe(a, lambda change: heard.append(f"a {change.op}"))
    subscribe(b, lambda change: heard.append(f"b {change.op}"))
    past.undo()
    assert sorted(heard) == ["a batch", "b set"]


def test_without_a_state_there_is_no_history() -> None:
    with pytest.raises(TypeError, match="state"):
        history()
    with pytest.raises(TypeError, match="not dict"):
        history(session("a"), {})
