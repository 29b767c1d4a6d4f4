"""`ListView.move(old, new)`: an item goes to another index, and stays the same item."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    Change,
    Effect,
    QuotaExceededError,
    StorageError,
    batch,
    history,
    leave,
    persistent,
    session,
    shared,
    snapshot,
    subscribe,
    writable,
)
from anchor_session.testing import MemoryArea, tabs, use_host
from tests.programs import moved
from tests.support import Spy, fresh, reopen, rows, stored, table

pytestmark = pytest.mark.both


def names(items: Any) -> str:
    return "".join(item["x"] for item in items)


def opened(letters: str, **options: Any) -> Any:
    return session("s", {"l": [{"x": letter} for letter in letters]}, **options)


# -- indexes -----------------------------------------------------------------------------------------


def test_item_stands_at_the_new_index(area: Any, layout: str) -> None:
    with table() as row:
        for count in range(1, 5):
            indexes = range(-count, count)
            for old, new in [(old, new) for old in indexes for new in indexes]:
                with row((count, old, new)):
                    fresh()
                    state = opened("abcd"[:count], layout=layout)
                    state.l.move(old, new)
                    expected = "".join(moved(list("abcd"[:count]), old, new))
                    assert names(state.l) == names(stored(area)["l"]) == expected
                    assert names(reopen().l) == expected


def test_equal_items_are_told_apart_by_their_places(area: Any) -> None:
    with table() as row:
        for items in itertools.product("ab", repeat=4):
            for old, new in itertools.product(range(4), repeat=2):
                with row((items, old, new)):
                    fresh()
                    state = session("s", {"l": items})
                    state.l.move(old, new)
                    assert snapshot(state.l) == stored(area)["l"] == moved(list(items), old, new)


def test_negative_index_counts_from_the_end() -> None:
    state = opened("abc")
    state.l.move(0, -1)
    assert names(state.l) == "bca"
    state.l.move(-1, 0)
    assert names(state.l) == "abc"


@rows(
    ("count", "indexes", "message"),
    [
        (0, (0, 0), "no item at index 0 of a list of 0 items"),
        (1, (0, 1), "no item at index 1 of a list of one item"),
        (3, (3, 0), "no item at index 3 of a list of 3 items"),
        (3, (0, 3), "no item at index 3 of a list of 3 items"),
        (3, (-4, 0), "no item at index -4 of a list of 3 items"),
        (3, (0, -4), "no item at index -4 of a list of 3 items"),
        (3, (10**30, 0), "no item at index 10{30} of a list of 3 items"),
    ],
)
def test_index_out_of_range_is_told_and_changes_nothing(
    count: int, indexes: "tuple[int, int]", message: str
) -> None:
    area = Spy()
    state = opened("abc"[:count], area=area)
    area.calls.clear()
    with pytest.raises(IndexError, match=message):
        state.l.move(*indexes)
    assert (names(state.l), area.writes) == ("abc"[:count], [])


@rows("indexes", [("0", 1), (0, "1"), (0.0, 1), (0, None), ([], 0)])
def test_what_is_no_index_is_a_type_error(indexes: "tuple[Any, Any]") -> None:
    state = opened("abc")
    with pytest.raises(TypeError, match="interpreted as an integer"):
        state.l.move(*indexes)
    assert names(state.l) == "abc"


def test_what_stands_for_a_number_is_an_index(area: Any) -> None:
    class Index:
        def __index__(self) -> int:
            return 2

    state = session("s", {"l": ["a", "b", "c"]}, layout="journal")
    heard: list[Change] = []
    subscribe(state, heard.append)
    state.l.move(Index(), False)
    state.l.move(True, Index())
    assert [(type(one.value), type(one.previous)) for one in heard] == [(int, int)] * 2
    assert snapshot(reopen().l) == ["c", "b", "a"]


@rows(
    ("items", "indexes"),
    [
        ([1], (0, -1)),
        ([1, 2, 3], (1, 1)),
        ([{}, {}], (1, -1)),
        ([2, 2, 2, 3], (0, 2)),
        (["x", "x"], (1, 0)),
    ],
)
def test_move_that_changes_nothing_is_told_to_nobody(
    items: "list[Any]", indexes: "tuple[int, int]"
) -> None:
    area = Spy()
    state = session("s", {"l": items}, area=area)
    heard: list[Change] = []
    subscribe(state, heard.append)
    area.calls.clear()
    state.l.move(*indexes)
    assert (heard, area.writes, snapshot(state.l)) == ([], [], items)


@rows("items", [[1, True], [1, 1.0], [0.0, -0.0], ["1", 1]])
def test_items_of_other_types_are_others(items: "list[Any]", area: Any) -> None:
    state = session("s", {"l": items})
    state.l.move(0, 1)
    assert repr(snapshot(state.l)) == repr(stored(area)["l"]) == repr(items[::-1])


# -- the same item -----------------------------------------------------------------------------------


def test_moved_item_and_its_neighbours_keep_their_views() -> None:
    state = opened("abcd")
    views = list(state.l)
    state.l.move(0, 2)
    expected = [views[1], views[2], views[0], views[3]]
    assert [found is view for found, view in zip(state.l, expected, strict=True)] == [True] * 4
    assert [view._path() for view in expected] == [("l", number) for number in range(4)]


def test_equal_items_change_places() -> None:
    state = session("s", {"l": [{}, {}, {}]})
    view = state.l[0]
    state.l.move(0, 2)
    assert state.l[2] is view
    view.x = 1
    assert snapshot(state.l) == [{}, {}, {"x": 1}]


def test_view_writes_where_its_item_went(area: Any, layout: str) -> None:
    state = opened("abc", layout=layout)
    view = state.l[0]
    state.l.move(0, 2)
    view.x = "A"
    assert names(stored(area)["l"]) == "bcA"


def test_loop_goes_on_like_that_over_a_list() -> None:
    state = session("s", {"l": ["a", "b", "c", "d"]})
    items = ["a", "b", "c", "d"]
    seen: list[str] = []
    for item in items:
        if len(seen) == 1:
            items[:] = moved(items, 0, 3)
        seen.append(item)
    found: list[str] = []
    for item in state.l:
        if len(found) == 1:
            state.l.move(0, 3)
        found.append(item)
    assert found == seen


def test_loops_after_a_move_see_the_views_in_their_new_order() -> None:
    state = opened("abcd")
    views = list(state.l)
    state.l.move(3, 1)
    assert [view is found for view, found in zip(views, [*state.l][:1] + [*state.l][2:])] == [
        True
    ] * 3
    assert names(reversed(state.l)) == "cbda"


# -- who hears of it ---------------------------------------------------------------------------------


def test_subscription_goes_with_the_item() -> None:
    state = opened("abc")
    heard: list[Change] = []
    subscribe(state.l[0], heard.append)
    state.l.move(0, 2)
    heard.clear()
    state.l[0].x = "B"
    state.l[2].x = "A"
    assert heard == [Change("set", ("l", 2, "x"), "A", "a")]


def test_effects_of_the_indexes_in_between_run_again() -> None:
    state = session("s", {"l": ["a", "b", "c", "b", "e"]})
    runs: list[Any] = []
    readers: dict[Any, Callable[[], Any]] = {n: lambda n=n: state.l[n] for n in range(5)}  # type: ignore[misc]
    readers["len"] = lambda: len(state.l)
    readers["last"] = lambda: state.l[-1]
    readers["beyond"] = lambda: state.get("m")
    readers["all"] = lambda: list(state.l)

    def following(name: Any) -> "Callable[[], None]":
        def follow() -> None:
            readers[name]()
            runs.append(name)

        return follow

    effects = [Effect(following(name)) for name in readers]
    runs.clear()
    state.l.move(1, 3)  # the two at the ends are equal
    assert sorted(runs, key=str) == [1, 2, "all"]
    runs.clear()
    state.l.move(0, 4)  # of "a", "c", "b", "b", "e"
    assert sorted(runs, key=str) == [0, 1, 3, 4, "all", "last"]
    for effect in effects:
        effect.stop()


def test_effect_in_an_item_does_not_run_when_it_moves() -> None:
    state = opened("abc")
    view = state.l[0]
    runs: list[str] = []
    effect = Effect(lambda: runs.append(view.x))
    state.l.move(0, 2)
    state.l[0].x = "B"
    assert runs == ["a"]
    view.x = "A"
    effect.stop()
    assert runs == ["a", "A"]


def test_moves_in_a_batch_are_one_write() -> None:
    area = Spy()
    state = opened("abcd", area=area, layout="document")
    heard: list[Change] = []
    subscribe(state, heard.append)
    area.calls.clear()
    with batch():
        state.l.move(0, 3)
        state.l.move(0, 2)
    assert heard == [
        Change(
            "batch", ("l",), changes=(Change("move", ("l",), 3, 0), Change("move", ("l",), 2, 0))
        )
    ]
    assert (len(area.writes), names(stored(area)["l"])) == (1, "cdba")


def test_writable_view_of_an_immutable_state_moves_what_it_shows() -> None:
    state = opened("abc", immutable=True)
    view = state.l[0]
    writable(state).l.move(0, 2)
    assert (names(state.l), state.l[2] is view) == ("bca", True)


# -- undone ------------------------------------------------------------------------------------------


def test_undoing_and_redoing_keep_the_view_and_are_moves() -> None:
    state = opened("abcd")
    past = history(state)
    view = state.l[0]
    state.l.move(0, 2)
    heard: list[Change] = []
    subscribe(state, heard.append)
    past.undo()
    assert (names(state.l), state.l[0] is view) == ("abcd", True)
    past.redo()
    assert (names(state.l), state.l[2] is view) == ("bcad", True)
    assert heard == [Change("move", ("l",), 0, 2), Change("move", ("l",), 2, 0)]
    assert (past.can_undo, past.can_redo) == (True, False)


def test_failed_batch_puts_views_back_where_they_were(area: Any, layout: str) -> None:
    state = opened("abcd", layout=layout)
    views = list(state.l)
    with pytest.raises(ZeroDivisionError), batch():
        state.l.move(0, 3)
        state.l.pop(1)
        state.l.insert(0, {"x": "N"})
        state.l.move(3, 1)
        raise ZeroDivisionError
    assert [view is found for view, found in zip(views, state.l, strict=True)] == [True] * 4
    assert names(stored(area)["l"]) == "abcd"


KINDS = {
    "document": (session, "document"),
    "journal": (session, "journal"),
    "of tabs": (persistent, "document"),
    "of tabs, large": (persistent, "journal"),
}


@rows("kind", [*KINDS])
@rows("moment", ["fault", "fault_after"])
def test_move_that_cannot_be_stored_is_undone(kind: str, moment: str) -> None:
    area = Spy()
    opener, layout = KINDS[kind]
    state: Any = opener("s", {"l": [{"x": each} for each in "abc"]}, area=area, layout=layout)
    view = state.l[0]

    def fail(_: int, call: "tuple[str, ...]") -> None:
        if call[0] == "set":
            raise RuntimeError("broken adapter")

    setattr(area, moment, fail)
    with pytest.raises(StorageError):
        state.l.move(0, 2)
    area.heal()
    assert (names(state.l), state.l[0] is view) == ("abc", True)
    leave(state)
    assert names(opener("s", area=area).l) == "abc"


@rows("kind", [*KINDS])
def test_move_is_taken_back_where_another_state_of_the_batch_fails(kind: str) -> None:
    area, full = MemoryArea(), MemoryArea(quota=60)
    opener, layout = KINDS[kind]
    state: Any = opener(
        "s", {"n": 0, "l": [{"x": each} for each in "abcd"]}, area=area, layout=layout
    )
    state.n = 1
    other = session("other", {"text": ""}, area=full)
    views = list(state.l)
    with pytest.raises(QuotaExceededError), batch():
        state.l.move(0, 2)
        state.l.move(3, 0)
        other.text = "x" * 100
    assert [view is found for view, found in zip(views, state.l, strict=True)] == [True] * 4
    state.l.move(1, 0)
    leave(state)
    assert names(opener("s", area=area).l) == "bacd"


def test_move_in_a_full_area_is_undone() -> None:
    area = MemoryArea(quota=120)
    state = opened("abc", area=area, layout="document")
    area.quota = 60
    with pytest.raises(QuotaExceededError), batch():
        state.l.move(0, 2)
        state.n = "x" * 100
    assert names(state.l) == names(stored(area)["l"]) == "abc"


# -- programs ----------------------------------------------------------------------------------------

_numbers = st.integers(0, 7)


_names = st.sampled_from(["move", "move", "insert", "pop", "undo", "redo"])


def change(items: Any, past: Any, number: int, name: str, one: int, other: int) -> None:
    count = len(items)
    if name == "insert":
        items.insert(one, {"id": 10 + number})
    elif name in ("undo", "redo"):
        getattr(past, name)()
    elif count and name == "move":
        expected = moved(snapshot(items), one % count, other % count)
        items.move(one % count, other % count)
        assert snapshot(items) == expected
    elif count and name == "pop":
        items.pop(one % count)


@given(st.lists(st.tuples(_names, _numbers, _numbers)))
def test_every_item_keeps_its_view_in_any_program(program: "list[tuple[str, int, int]]") -> None:
    fresh()
    area = MemoryArea()
    state = session(
        "s", {"l": [{"id": number} for number in range(4)]}, area=area, layout="journal"
    )
    past = history(state)
    views = {view.id: view for view in state.l}
    for number, statement in enumerate(program):
        change(state.l, past, number, *statement)
        seen = {view.id: view for view in state.l}
        assert all(views[key] is seen[key] for key in views.keys() & seen.keys())
        views = seen
        assert snapshot(state) == stored(area)


# -- other tabs --------------------------------------------------------------------------------------


def test_item_keeps_its_view_in_another_tab() -> None:
    one, two = tabs(2)
    init = {"l": [{"x": each} for each in "abcd"]}
    with use_host(one):
        here = shared("s", init)
    with use_host(two):
        there = shared("s", init)
    for tab in (one, two):
        tab.deliver()
    views = list(there.l)
    heard: list[Change] = []
    subscribe(there, heard.append)
    here.l.move(0, 2)
    two.deliver()
    assert names(there.l) == "bcad"
    assert [there.l[number] is view for number, view in zip((2, 0, 1, 3), views)] == [True] * 4
    assert [one.changes for one in heard] == [(Change("move", ("l",), 2, 0),)]


@given(st.lists(st.tuples(_names, _numbers, _numbers), max_size=12))
def test_items_keep_their_views_in_another_tab_in_any_program(
    program: "list[tuple[str, int, int]]",
) -> None:
    fresh()
    one, two = tabs(2)
    init = {"l": [{"id": number} for number in range(4)]}
    with use_host(one):
        here = shared("s", init)
        past = history(here)
    with use_host(two):
        there = shared("s", init)
    one.browser.settle()
    views = {view.id: view for view in there.l}
    for number, statement in enumerate(program):
        with use_host(one):
            change(here.l, past, number, *statement)
        two.deliver()
        seen = {view.id: view for view in there.l}
        assert all(views[key] is seen[key] for key in views.keys() & seen.keys())
        assert snapshot(there) == snapshot(here)
        views = seen


def test_item_keeps_its_view_in_another_frame() -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    with use_host(tab):
        here = session("s", {"n": 0, "l": [{"x": each} for each in "abcd"]}, layout="journal")
        here.n = 1  # the journal has begun
    with use_host(frame):
        there = session("s", layout="journal")
    frame.deliver()
    views = list(there.l)
    here.l.move(0, 2)
    frame.deliver()
    assert names(there.l) == "bcad"
    assert [there.l[number] is view for number, view in zip((2, 0, 1, 3), views)] == [True] * 4
