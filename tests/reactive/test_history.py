"""Undo brings back the start and redo the end, in memory and in storage."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    DetachedError,
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
from tests.programs import draw_step
from tests.support import rows, text_at, typed


@given(st.data())
def test_undo_brings_back_every_state_and_redo_leads_to_the_end(data: st.DataObject) -> None:
    leave_all()
    area = MemoryArea()
    model: Any = {"a": 1, "rows": [{"n": 1}, [2]], "tags": {"x"}, "z": {"y": 1, "x": 2}}
    state = session("s", model, area=area, layout="document")
    past = history(state)
    texts = [text_at(area)]
    for _ in range(data.draw(st.integers(1, 6))):
        step = draw_step(data, model)
        if data.draw(st.booleans()):
            step.run(state)
        else:
            try:
                with batch():
                    step.statement(_at(state, step.path))
                    draw_step(data, snapshot(state)).run(state)
            except Exception:  # noqa: BLE001 - the program's own error: all of it was undone
                pass
        model = snapshot(state)
        if text_at(area) != texts[-1]:
            texts.append(text_at(area))
    for text in reversed(texts[:-1]):
        while text_at(area) != text:  # a batch that changed there and back is a step too
            assert past.undo()
    while past.undo():
        assert text_at(area) == texts[0]
    for text in texts[1:]:
        while text_at(area) != text:
            assert past.redo()
    while past.redo():
        assert text_at(area) == texts[-1]
    assert typed(snapshot(state)) == typed(model)
    past.stop()


def _at(state: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        state = state[key]
    return state


def test_a_step_is_one_write_and_one_notification(area: Any) -> None:
    state = session("s", {"a": 1, "b": 1})
    past = history(state)
    heard: list[str] = []
    subscribe(state, lambda change: heard.append(change.op))
    with batch():
        state.a = 2
        state.b = 2
    past.undo()
    assert (heard, snapshot(state)) == (["batch", "batch"], {"a": 1, "b": 1})


def test_a_new_change_ends_redoing() -> None:
    state = session("s", {"a": 1})
    past = history(state)
    state.a = 2
    past.undo()
    assert past.can_redo
    state.a = 3
    assert not past.can_redo
    assert not past.redo()
    assert state.a == 3


def test_changes_of_one_path_within_the_time_are_one_step() -> None:
    now = [0.0]
    state = session("s", {"text": "", "n": 0})
    past = history(state, group=1.0, clock=lambda: now[0])
    for now[0], text in ((0.0, "a"), (0.9, "ab"), (1.8, "abc"), (3.0, "abcd")):
        state.text = text
    now[0] = 3.1
    state.n = 1
    seen = []
    while past.undo():
        seen.append((state.text, state.n))
    assert seen == [("abcd", 0), ("abc", 0), ("", 0)]


def test_items_that_come_and_go_within_the_time_are_steps_of_their_own() -> None:
    state = session("s", {"rows": [1]})
    past = history(state, group=1.0, clock=lambda: 0.0)
    state.rows.append(2)
    state.rows.append(3)
    state.rows.move(0, 2)
    seen = []
    while past.undo():
        seen.append(list(state.rows))
    assert seen == [[1, 2, 3], [1, 2], [1]]


def test_what_is_set_back_within_the_time_is_no_step() -> None:
    state = session("s", {"done": False, "text": ""})
    past = history(state, group=1.0, clock=lambda: 0.0)
    state.text = "a"
    state.done = True
    state.done = False
    assert past.can_undo
    assert (past.undo(), state.text, past.can_undo) == (True, "", False)


def test_what_an_effect_makes_of_a_grouped_change_is_undone_with_it() -> None:
    now = [0.0]
    state = session("s", {"text": "", "long": False})
    past = history(state, state, group=1.0, clock=lambda: now[0])
    stop = Effect(lambda: state.update(long=len(state.text) > 1)).stop
    for text in ("a", "ab", "abc"):
        state.text = text
    now[0] = 3
    state.text = "a"
    state.text = "abc"
    assert (past.undo(), state.text, state.long, past.can_undo) == (True, "", False, False)
    stop()


def test_no_more_steps_than_the_limit_are_kept() -> None:
    state = session("s", {"n": 0})
    past = history(state, limit=2)
    for number in (1, 2, 3):
        state.n = number
    assert [past.undo(), past.undo(), past.undo()] == [True, True, False]
    assert state.n == 1


@rows(
    ("change", "undone"),
    {
        "apart": (lambda other: other.update(b=5), {"a": 1, "b": 5, "rows": [1]}),
        "the same path": (lambda other: other.update(a=5), {"a": 5, "b": 1, "rows": [1, 2]}),
        "another path": (lambda other: other.rows.append(5), {"a": 1, "b": 1, "rows": [1, 2, 5]}),
    },
)
def test_change_from_elsewhere_ends_redoing_and_undoing_of_what_it_touches(
    change: Callable[[Any], None], undone: dict[str, Any]
) -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    with use_host(tab):
        state = session("s", {"a": 1, "b": 1, "rows": [1]})
    with use_host(frame):
        other = session("s")
    past = history(state)
    state.rows.append(2)
    state.a = 2
    state.b = 2
    past.undo()
    frame.deliver()
    change(other)
    tab.deliver()
    assert not past.can_redo
    while past.undo():
        pass
    assert snapshot(state) == undone


def test_what_effects_change_because_of_a_step_is_part_of_it() -> None:
    state = session("s", {"n": 1, "double": 2})
    past = history(state)
    one = Effect(lambda: state.update(double=state.n * 2))
    state.n = 5
    assert snapshot(state) == {"n": 5, "double": 10}
    past.undo()
    assert snapshot(state) == {"n": 1, "double": 2}
    assert past.can_redo
    past.redo()
    assert snapshot(state) == {"n": 5, "double": 10}
    assert not past.can_redo
    one.stop()


def test_undo_that_cannot_be_stored_changes_nothing() -> None:
    area = MemoryArea(quota=90)
    state = session("s", {"text": "x" * 30}, area=area)
    past = history(state)
    state.text = ""
    area.setItem("other", "y" * 30)
    before = text_at(area)
    with pytest.raises(QuotaExceededError):
        past.undo()
    assert (state.text, text_at(area), past.can_undo, past.can_redo) == ("", before, True, False)
    area.removeItem("other")
    assert past.undo()
    assert state.text == "x" * 30


def test_undo_that_could_not_be_stored_is_no_longer_going_on_when_others_change_something() -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    area = MemoryArea(quota=90)
    with use_host(tab):
        state = session("s", {"a": 1, "b": 1})
        small = session("small", {"text": "x" * 30}, area=area)
    with use_host(frame):
        other = session("s")
    past = history(state, small)
    with batch():
        state.a = 2
        small.text = ""
    area.setItem("other", "y" * 30)
    with pytest.raises(QuotaExceededError):
        past.undo()
    state.b = 2
    frame.deliver()
    other.a = 3
    tab.deliver()
    assert past.undo()
    assert snapshot(state) == {"a": 3, "b": 1}
    assert not past.undo()


def test_a_callback_that_fails_does_not_stop_undoing() -> None:
    state = session("s", {"n": 1})
    past = history(state)
    state.n = 2

    def fail(change: object) -> None:
        raise KeyError("mine")

    subscribe(state, fail)
    with pytest.raises(KeyError, match="mine"):
        past.undo()
    assert (state.n, past.can_undo, past.can_redo) == (1, False, True)


def test_effects_follow_whether_there_is_something_to_undo() -> None:
    state = session("s", {"n": 1})
    past = history(state)
    seen: list[tuple[bool, bool]] = []
    one = Effect(lambda: seen.append((past.can_undo, past.can_redo)))
    state.n = 2
    past.undo()
    past.redo()
    past.clear()
    one.stop()
    assert seen == [(False, False), (True, False), (False, True), (True, False), (False, False)]


def test_history_of_a_part_notes_that_part() -> None:
    state = session("s", {"draft": {"text": ""}, "n": 1})
    past = history(state.draft)
    state.draft.text = "a"
    state.n = 2
    past.undo()
    assert not past.can_undo
    assert snapshot(state) == {"draft": {"text": ""}, "n": 2}


def test_undo_inside_a_batch_is_refused() -> None:
    state = session("s", {"n": 1})
    past = history(state)
    state.n = 2
    with pytest.raises(RuntimeError, match="batch"), batch():
        past.undo()
    assert (state.n, past.can_undo) == (2, True)


def test_stopped_history_notes_nothing() -> None:
    state = session("s", {"n": 1})
    past = history(state)
    past.stop()
    state.n = 2
    assert not past.can_undo


def test_only_states_have_a_history() -> None:
    with pytest.raises(TypeError, match="dict"):
        history({})
    with pytest.raises(ValueError, match="limit"):
        history(session("s"), limit=0)


def test_undo_keeps_what_others_added_beside() -> None:
    one, two = tabs(2)
    with use_host(one):
        mine = persistent("s", {"a": 1, "b": 2, "c": 3})
    with use_host(two):
        theirs = persistent("s")
    past = history(mine)
    del mine["a"]
    two.deliver()
    theirs.new = 4
    del theirs["b"]
    one.deliver()
    assert past.undo()
    assert snapshot(mine) == {"a": 1, "c": 3, "new": 4}


def test_undo_of_a_removed_part_keeps_what_came_since() -> None:
    state = session("s", {"part": {"x": 1}, "y": 2})
    past = history(state.part)
    del state.part
    state.z = 1
    assert past.undo()
    assert snapshot(state) == {"part": {"x": 1}, "y": 2, "z": 1}


ARRANGEMENTS: "dict[str, Callable[[Any], object]]" = {
    "reverse": lambda items: items.reverse(),
    "sort": lambda items: items.sort(key=lambda item: -item.n),
    "sort with equal ones": lambda items: items.sort(key=lambda item: item.n % 2),
    "move": lambda items: items.move(0, 3),
}


@rows("arrange", ARRANGEMENTS)
@pytest.mark.both
def test_items_are_the_same_after_undoing_and_redoing_an_arrangement(
    arrange: "Callable[[Any], object]",
) -> None:
    state = session("s", {"l": [{"n": n} for n in (3, 1, 4, 1, 5)]})
    state.l[2].tags = ["x"]
    past = history(state)
    before = list(state.l)
    tags = state.l[2].tags
    state.l[2].n = 6
    arrange(state.l)
    after = list(state.l)
    assert {id(view) for view in before} == {id(view) for view in after}
    past.undo()
    past.undo()
    assert [item.n for item in state.l] == [3, 1, 4, 1, 5]
    assert sorted(map(id, state.l)) == sorted(map(id, before))
    assert all(view is item for view, item in zip(before, state.l) if view.n != 1)
    assert state.l[2].tags is tags
    past.redo()
    past.redo()
    assert snapshot(state.l) == [snapshot(view) for view in after]
    assert all(view is item for view, item in zip(after, state.l) if view.n != 1)
    after[0].n = 9
    assert state.l[0].n == 9


def test_undoing_an_arrangement_moves_the_items_that_other_tabs_change() -> None:
    one, two = tabs(2)
    with use_host(one):
        mine = persistent("s", {"l": [{"n": n} for n in range(5)]})
    with use_host(two):
        theirs = persistent("s")
    past = history(mine)
    mine.l.reverse()
    one.browser.settle()
    first = theirs.l[0]
    assert past.undo()
    first.changed = True
    one.browser.settle()
    wanted = [{"n": n} for n in range(4)] + [{"n": 4, "changed": True}]
    assert snapshot(mine.l) == snapshot(theirs.l) == wanted
    assert theirs.l[4] is first


def test_item_that_is_replaced_by_a_changed_one_is_another_after_undoing() -> None:
    state = session("s", {"l": [{"n": 1}, {"n": 2}]})
    past = history(state)
    view = state.l[1]
    state.l[1:] = [{"n": 3}]
    later = state.l[1]
    assert past.undo()
    assert (snapshot(state.l), state.l[1] is view) == ([{"n": 1}, {"n": 2}], False)
    assert state.l[1] is not later
    with pytest.raises(DetachedError):
        later.n = 4
