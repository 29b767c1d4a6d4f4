"""`reset(state)`: the state is what it was opened with, as one change, stored."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    Change,
    Effect,
    ImmutableError,
    MemoryStorage,
    QuotaExceededError,
    SchemaError,
    SessionStorage,
    batch,
    history,
    leave,
    persistent,
    reset,
    session,
    shared,
    snapshot,
    subscribe,
    writable,
)
from anchor_session.codec import encode
from anchor_session.page.open_states import leave_all
from anchor_session.state import State
from anchor_session.testing import MemoryArea, tabs, use_host
from tests.programs import draw_step
from tests.support import DELETED, KEY, LAYOUTS, Spy, read, rows, stored, typed

pytestmark = pytest.mark.both

INIT: dict[str, Any] = {"a": 1, "user": {"name": "Ada"}, "rows": [{"n": 1}], "tags": {"x"}}


def spoil(state: Any) -> None:
    state.a = 5
    state.more = {"k": 1}
    del state["tags"]
    state.user.name = "Grace"
    state.user.age = 3
    state.rows.insert(0, {"n": 0})


@rows("opener", [session, persistent, shared])
@rows("layout", LAYOUTS)
def test_a_state_is_what_it_was_opened_with_and_stays_so_after_a_reload(
    opener: Any, layout: str
) -> None:
    state = opener("s", INIT, layout=layout)
    spoil(state)
    reset(state)
    assert snapshot(state) == INIT
    assert list(state) == list(INIT)
    leave_all()
    assert snapshot(opener("s")) == INIT


@given(st.data())
def test_after_any_program_it_leads_back_and_undoing_it_leads_to_where_it_was(
    data: st.DataObject,
) -> None:
    leave_all()
    area = MemoryArea()
    init: Any = {"a": 1, "rows": [{"n": 1}, [2]], "tags": {"x"}, "z": {"y": 1, "x": 2}}
    layout = data.draw(st.sampled_from(LAYOUTS))
    state = session("s", init, area=area, layout=layout)
    past = history(state)
    model = init
    for _ in range(data.draw(st.integers(1, 5))):
        step = draw_step(data, model)
        step.run(state)
        model = snapshot(state)
    keys = list(model)
    reset(state)
    assert typed(snapshot(state)) == typed(init)
    assert list(state) == list(init)
    assert stored(area) == read(encode(init))
    assert area.getItem(DELETED) is None
    if past.undo() and typed(model) != typed(init):
        assert typed(snapshot(state)) == typed(model)
        assert list(state) == keys
        past.redo()
        assert snapshot(state) == init  # the order of keys is no part of a step
    leave_all()
    assert typed(snapshot(session("s", init, area=area))) == typed(snapshot(state))


def test_it_is_one_write() -> None:
    spy = Spy()
    state = session("s", INIT, area=spy, layout="document")
    spoil(state)
    spy.heal()
    reset(state)
    assert [call[:2] for call in spy.writes if call[1] == KEY] == [("set", KEY)]


def test_deleted_names_come_back_and_are_listed_no_more() -> None:
    area = MemoryArea()
    state = session("s", INIT, area=area)
    del state["tags"]
    assert area.getItem(DELETED) is not None
    reset(state)
    assert area.getItem(DELETED) is None
    leave_all()
    assert snapshot(session("s", INIT, area=area)) == INIT


def test_names_that_an_earlier_release_listed_are_forgotten_too() -> None:
    area = MemoryArea()
    state = session("s", {"a": 1, "old": 1}, area=area)
    del state["old"]
    leave_all()
    state = session("s", {"a": 1}, area=area)
    assert area.getItem(DELETED) is not None
    reset(state)
    assert area.getItem(DELETED) is None


@rows("layout", LAYOUTS)
def test_they_are_forgotten_where_a_value_differs_too(layout: str) -> None:
    area = MemoryArea()
    state = session("s", {"a": 1, "old": 1}, area=area)
    del state["old"]
    leave_all()
    state = session("s", {"a": 1}, area=area, layout=layout)
    state.a = 2
    reset(state)
    assert (area.getItem(DELETED), stored(area)) == (None, {"a": 1})


def test_a_state_that_is_as_it_was_opened_writes_and_tells_nothing() -> None:
    spy = Spy()
    state = session("s", INIT, area=spy)
    heard: list[Change] = []
    subscribe(state, heard.append)
    spy.heal()
    reset(state)
    assert (spy.writes, heard) == ([], [])


def test_subscribers_hear_one_replace_with_what_differs() -> None:
    state = session("s", INIT)
    spoil(state)
    previous = snapshot(state)
    heard: list[Change] = []
    of_user: list[Change] = []
    subscribe(state, heard.append)
    subscribe(state, of_user.append, path="user")
    reset(state)
    (change,) = heard
    assert (change.op, change.path, change.value, change.previous) == (
        "replace",
        (),
        INIT,
        previous,
    )
    assert ("set", ("a",), 1, 5) in [
        (each.op, each.path, each.value, each.previous) for each in change.changes
    ]
    (change,) = of_user
    assert change.op == "replace"
    assert {each.path for each in change.changes} == {("user", "name"), ("user", "age")}


def test_in_a_batch_it_is_told_apart_from_what_else_changes() -> None:
    state = session("s", {"a": 1, "b": 1})
    state.a = 2
    ops: list[tuple[str, Any]] = []
    subscribe(state, lambda change: ops.append((change.op, change.path)))
    with batch():
        state.b = 3
        reset(state)
        state.b = 4
    assert ops == [("set", ("b",)), ("replace", ()), ("set", ("b",))]
    assert snapshot(state) == {"a": 1, "b": 4}
    with pytest.raises(ZeroDivisionError), batch():
        reset(state)
        _ = 1 / 0
    assert snapshot(state) == {"a": 1, "b": 4}


def test_containers_that_stay_keep_their_views() -> None:
    state = session("s", INIT)
    user, row = state.user, state.rows[0]
    user.name = "Grace"
    row.n = 7
    reset(state)
    assert (user.name, row.n) == ("Ada", 1)
    row.n = 8
    assert state.rows[0].n == 8


def test_effects_run_for_what_differs() -> None:
    state = session("s", {"a": 1, "b": 1})
    state.a = 2
    runs: list[tuple[str, int]] = []
    one = Effect(lambda: runs.append(("a", state.a)))
    other = Effect(lambda: runs.append(("b", state.b)))
    runs.clear()
    reset(state)
    one.stop()
    other.stop()
    assert runs == [("a", 1)]


def test_a_history_takes_it_back() -> None:
    state = session("s", INIT)
    past = history(state)
    spoil(state)
    before = snapshot(state)
    reset(state)
    past.undo()
    assert (snapshot(state), list(state)) == (before, list(before))
    past.redo()
    assert snapshot(state) == INIT
    past.stop()


def test_one_that_cannot_be_stored_changes_nothing() -> None:
    area = MemoryArea(quota=600)
    state = session("s", {"text": "x" * 200}, area=area, layout="document")
    state.text = ""
    del state["text"]
    area.setItem("other", "y" * 400)
    with pytest.raises(QuotaExceededError):
        reset(state)
    assert snapshot(state) == {}
    area.removeItem("other")
    reset(state)
    leave_all()
    assert len(session("s", area=area).text) == 200


def test_init_may_be_empty() -> None:
    area = MemoryArea()
    state = session("s", area=area)
    state.a = 1
    reset(state)
    assert (snapshot(state), area.getItem(KEY)) == ({}, None)


@dataclass
class Line:
    sku: str
    quantity: int = 1


@dataclass
class Cart:
    lines: list[Line] = field(default_factory=list)
    note: str = "none"


def test_a_typed_state_is_the_instance_that_it_was_opened_with() -> None:
    cart = session("cart", Cart([Line("A")], "first"))
    line = cart.lines[0]
    cart.note = "x"
    line.quantity = 5
    cart.lines.append(Line("B"))
    reset(cart)
    assert cart == Cart([Line("A")], "first")
    assert isinstance(cart.lines[0], Line)
    leave(cart)
    assert session("cart", Cart()) == Cart([Line("A")], "first")


def test_the_schema_of_a_state_looks_at_it() -> None:
    is_open = True

    def check(data: dict[str, Any]) -> dict[str, Any]:
        if data["n"] == 1 and not is_open:
            raise ValueError("no more")
        return data

    state = session("s", {"n": 1}, schema=check)
    state.n = 2
    is_open = False
    with pytest.raises(SchemaError):
        reset(state)
    assert state.n == 2


def test_an_immutable_state_is_reset_by_who_may_write() -> None:
    state = session("s", {"n": 1}, immutable=True)
    writable(state).n = 2
    with pytest.raises(ImmutableError):
        reset(state)
    assert state.n == 2
    reset(writable(state))
    assert state.n == 1


def test_a_shallow_state_is_reset() -> None:
    state = session("s", INIT, recursive=False)
    state.user = {"name": "Grace"}
    reset(state)
    assert snapshot(state) == INIT


def test_names_within_maps_come_back_under_a_deep_merge() -> None:
    area = MemoryArea()
    state = session("s", INIT, area=area, merge="deep")
    del state.user["name"]
    assert area.getItem(DELETED) is not None
    reset(state)
    assert (snapshot(state), area.getItem(DELETED)) == (INIT, None)


def test_other_tabs_follow_and_a_change_of_theirs_beside_it_stays() -> None:
    one, two = tabs(2)
    with use_host(one):
        here: Any = shared("s", INIT)
        spoil(here)
    one.browser.settle()
    with use_host(two):
        there: Any = shared("s", INIT)
    assert there.a == 5
    with use_host(one):
        reset(here)
    with use_host(two):
        there.other = 1
    one.browser.settle()
    assert snapshot(here) == snapshot(there) == {**INIT, "other": 1}


def test_what_a_frame_stored_before_it_is_reset_too() -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    with use_host(tab):
        state: Any = session("s", {"n": 1, "m": 1})
    with use_host(frame):
        other: Any = session("s")
    state.n = 2
    frame.deliver()
    other.m = 5
    with use_host(tab):
        reset(state)
    tab.deliver()
    frame.deliver()
    assert state.n == other.n == 1
    assert snapshot(state) == snapshot(other)


def test_what_is_in_memory_alone_is_stored_by_it() -> None:
    area = MemoryArea(quota=300)
    errors: list[Exception] = []
    state = session("s", {"text": ""}, area=area, layout="document", on_error=errors.append)
    state.text = "x" * 400
    assert session.restored(state).dirty
    reset(state)
    assert not session.restored(state).dirty
    assert stored(area) == {"text": ""}


def test_openers_have_it_as_an_attribute() -> None:
    state = session("s", {"n": 1})
    state.n = 2
    session.reset(state)
    assert state.n == 1
    assert session.reset is persistent.reset is shared.reset is reset


NOT_STATES: dict[str, Any] = {
    "a dict": (dict, r"takes a state, not dict"),
    "a part": (lambda: session("s", INIT).user, r"whole state, not a part of one"),
    "a State": (lambda: State(lambda: {"n": 1}), r"write state\.reset\(\)"),
    "a storage": (lambda: MemoryStorage({"n": 1}), r"\.clear\(\)"),
    "a stored storage": (lambda: SessionStorage("s", {"n": 1}), r"\.clear\(\)"),
}


@rows("given", sorted(NOT_STATES))
def test_what_is_no_state_is_told_what_to_write(given: str) -> None:
    make, message = NOT_STATES[given]
    with pytest.raises(TypeError, match=message):
        reset(make())
