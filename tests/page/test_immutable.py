"""States that refuse changes, and states whose containers are copies."""

from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    Effect,
    ImmutableError,
    batch,
    leave,
    restored,
    session,
    snapshot,
    subscribe,
    writable,
)
from tests.support import Spy, entries, reopen, rows

START: dict[str, Any] = {"n": 1, "rows": [{"q": 1}], "tags": {"x"}}
CHANGES: dict[str, Callable[[Any], object]] = {
    "set": lambda s: s.__setitem__("n", 2),
    "set the same": lambda s: s.__setitem__("n", 1),
    "attribute": lambda s: setattr(s, "n", 2),
    "delete": lambda s: s.__delitem__("n"),
    "clear": lambda s: s.clear(),
    "update": lambda s: s.update(n=2),
    "nested map": lambda s: s.rows[0].update(q=2),
    "list": lambda s: s.rows.append(1),
    "sort": lambda s: s.rows.sort(key=str),
    "move": lambda s: s.rows.move(0, 0),
    "set of members": lambda s: s.tags.add("y"),
    "in iteration": lambda s: next(iter(s.rows)).update(q=2),
    "in values": lambda s: list(s.values())[1].append(1),
}


@rows("change", CHANGES)
def test_every_change_of_an_immutable_state_is_refused(change: Callable[[Any], object]) -> None:
    area = Spy()
    state = session("s", START, area=area, immutable=True)
    area.calls.clear()
    with pytest.raises(ImmutableError, match="writable"):
        change(state)
    assert (snapshot(state), area.writes) == (START, [])


def test_the_record_of_an_immutable_state_is_restored(area: Any) -> None:
    session("s", {"n": 5}, area=area)
    state = reopen("s", {"n": 1}, area=area, immutable=True)
    assert (state.n, restored(state).outcome) == (5, "restored")


def test_the_writable_view_changes_what_the_immutable_one_shows(area: Any) -> None:
    state = session("s", START, immutable=True)
    seen: list[object] = []
    heard: list[object] = []
    one = Effect(lambda: seen.append(state.rows[0].q))
    subscribe(state.rows, lambda change: heard.append(change.path))
    writable(state).rows[0].q = 2
    one.stop()
    assert (state.rows[0].q, seen, heard) == (2, [1, 2], [("rows", 0, "q")])
    assert next(iter(entries(area).values())).startswith('{"n":1,"rows":[{"q":2}]')


def test_views_of_an_immutable_state_keep_their_identity() -> None:
    state = session("s", START, immutable=True)
    assert state.rows is state.rows
    assert state is session("s")
    assert writable(state.rows) is writable(state).rows
    assert writable(writable(state)) is writable(state)


def test_views_of_what_was_removed_are_forgotten() -> None:
    state = session("s", START, immutable=True)
    free = writable(state)
    for _ in range(10):
        free.rows.append({"q": 2})
        assert state.rows[1].q == 2
        free.rows.pop()
        with pytest.raises(ZeroDivisionError), batch():
            free.rows.append({"q": 3})
            free.rows[1].q //= 0
    assert (len(free.rows._children), len(state.rows._children)) == (0, 0)


def test_opening_as_immutable_gives_a_view_that_is() -> None:
    free = session("s", START)
    state = session("s", START, immutable=True)
    assert writable(state) is free
    assert session("s", START) is free
    assert session("s", START, immutable=True) is state


def test_either_view_may_be_left() -> None:
    state = session("s", START, immutable=True)
    leave(writable(state))
    assert session("s", START) is not state


def test_only_states_have_a_writable_view() -> None:
    with pytest.raises(TypeError, match="dict"):
        writable({})


def test_containers_of_a_shallow_state_are_copies() -> None:
    area = Spy()
    state = session("s", START, area=area, recursive=False)
    heard: list[object] = []
    subscribe(state, heard.append)
    area.calls.clear()
    rows = state.rows
    rows.append(2)
    state["tags"].add("y")
    assert type(rows) is list
    assert (snapshot(state), area.writes, heard) == (START, [], [])
    state.rows = rows
    assert state.rows == [{"q": 1}, 2]
    assert len(heard) == 1
    assert snapshot(reopen("s", area=area)) == {**START, "rows": [{"q": 1}, 2]}
