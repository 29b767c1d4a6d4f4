"""A statement that comes after what another frame of the tab has stored: made again, as if made later."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    Change,
    DetachedError,
    Effect,
    QuotaExceededError,
    batch,
    history,
    leave,
    session,
    snapshot,
    subscribe,
)
from anchor_session.page.open_states import leave_all
from anchor_session.testing import MemoryArea, Tab, tabs, use_host
from tests.support import entries, rows


class Frames:
    """One tab, and the state `s` in two of its frames, of which none hears of the other."""

    def __init__(self, init: Any) -> None:
        self.tab: Tab
        (self.tab,) = tabs(1)
        with use_host(self.tab):
            self.mine = session("s", init(), layout="journal")
            with batch():  # there is a journal from now on
                self.mine.n = -1
                self.mine.n = 0
        with use_host(self.tab.frame()):
            self.theirs = session("s", init(), layout="journal")

    def stored(self) -> Any:
        """What a reload would restore."""
        area = MemoryArea()
        for key, value in entries(self.tab.area("session")).items():
            area.setItem(key, value)
        state = session("s", area=area)
        try:
            return snapshot(state)
        finally:
            leave(state)

    def check(self) -> None:
        """Memory and storage hold the same, and each container stands in one place."""
        assert snapshot(self.mine) == self.stored()
        found = list(containers(self.mine._data))
        assert len(found) == len({id(one) for one in found})


def containers(value: Any) -> "Iterator[Any]":
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


@pytest.fixture(autouse=True)
def nothing_is_left() -> "Iterator[None]":
    yield
    leave_all()


def frames(**init: Any) -> Frames:
    return Frames(lambda: {"n": 0, **init})


def records(names: str) -> "list[Any]":
    return [{"x": name} for name in names]


def names(items: Any) -> str:
    return "".join(item["x"] for item in items)


# -- typed states -------------------------------------------------------------------------------------


@dataclass
class Line:
    x: str = ""


@dataclass
class Cart:
    n: int = 0
    total: int = 0
    lines: "list[Line]" = field(default_factory=list)
    prices: "dict[str, int]" = field(default_factory=dict)
    tags: "set[str]" = field(default_factory=set)


@rows(
    ("statement", "expected"),
    [
        (lambda cart: setattr(cart, "total", 5), lambda cart: cart.total == 5),
        (lambda cart: cart.lines.append(Line("a")), lambda cart: cart.lines == [Line("a")]),
        (lambda cart: cart.prices.update(a=1), lambda cart: cart.prices == {"a": 1}),
        (lambda cart: cart.tags.add("a"), lambda cart: cart.tags == {"a"}),
    ],
)
def test_typed_statement_comes_after_that_of_another_frame(
    statement: "Callable[[Any], object]", expected: "Callable[[Any], bool]"
) -> None:
    both = Frames(Cart)
    both.theirs.n = 7
    statement(both.mine)
    assert both.mine.n == 7
    assert expected(both.mine)


# -- views --------------------------------------------------------------------------------------------


def test_container_of_the_statement_keeps_its_view() -> None:
    both = frames()
    both.theirs.n = 7
    with batch():
        both.mine.m = {"k": 0}
        view = both.mine.m
        view.k = 1
    seen: list[int] = []
    with_effect = Effect(lambda: seen.append(both.mine.m.k))
    view.k = 2
    assert both.mine.m is view
    assert seen == [1, 2]
    both.check()
    with_effect.stop()


def test_container_that_could_not_be_put_in_again_has_no_view() -> None:
    both = frames(l=[1])
    del both.theirs.l[0]
    items = both.mine.l
    with batch():
        items[0] = {"k": 0}
        view = items[0]
    assert snapshot(items) == []
    with pytest.raises(DetachedError):
        view.k = 1
    assert not items._children
    both.check()


def test_statement_in_a_container_that_another_frame_removed_is_refused() -> None:
    both = frames(m={"k": 0})
    del both.theirs.m
    inner = both.mine.m
    with pytest.raises(DetachedError), batch():
        both.mine.n = 1
        inner.k = 1
        both.mine.n = 2
    assert snapshot(both.mine) == {"n": 0}
    both.check()


# -- lists --------------------------------------------------------------------------------------------


def drop_every_second(items: Any) -> None:
    del items[::2]


def put_between(items: Any) -> None:
    items[0:1] = [{"x": "B"}, {"x": "C"}]


def exchange_every_second(items: Any) -> None:
    items[::2] = records("XY")


REARRANGED: "list[tuple[Callable[[Any], object], str, str]]" = [
    (lambda items: items.reverse(), "Ncba", "cNba"),
    (lambda items: items.sort(key=lambda item: item["x"], reverse=True), "Ncba", "cNba"),
    (drop_every_second, "Nb", "bN"),
    (exchange_every_second, "NXbY", "XNbY"),
    (lambda items: items.pop(0), "Nbc", "Nbc"),
    (put_between, "NBCbc", "BCNbc"),
    (lambda items: items.clear(), "N", "N"),
    (lambda items: items.move(0, 1), "Nbac", "Nbac"),
    (lambda items: items.move(0, 2), "Nbca", "Nbca"),
    (lambda items: items.move(2, 0), "cNab", "caNb"),
]


@rows(("statement", "front", "middle"), REARRANGED)
@rows("place", [0, 1])
def test_list_is_rearranged_around_what_another_frame_has_inserted(
    place: int, statement: "Callable[[Any], object]", front: str, middle: str
) -> None:
    both = frames(l=records("abc"))
    both.theirs.l.insert(place, {"x": "N"})
    statement(both.mine.l)
    assert names(both.mine.l) == (middle if place else front)
    both.check()


def test_item_that_is_set_is_the_same_behind_what_another_frame_has_inserted() -> None:
    for items in (records("abc"), ["a", "b", "c"]):
        both = frames(l=items)
        both.theirs.l.insert(0, "first")
        both.mine.l[1] = "mine"
        assert snapshot(both.mine.l) == ["first", items[0], "mine", items[2]]
        both.check()
        leave_all()


def test_what_another_frame_removed_is_not_brought_back_by_reversing() -> None:
    both = frames(l=records("abc"))
    del both.theirs.l[1]
    both.mine.l.reverse()
    assert names(both.mine.l) == "ca"
    both.check()


def test_plain_items_are_rearranged_like_containers() -> None:
    both = frames(l=["a", "b", "c"])
    both.theirs.l[:] = ["N", "a", "c"]
    both.mine.l.reverse()
    assert snapshot(both.mine.l) == ["N", "c", "a"]
    both.check()


def test_rearranged_containers_keep_their_views() -> None:
    both = frames(l=records("ab"))
    first, second = both.mine.l
    both.theirs.l.insert(0, {"x": "N"})
    both.mine.l.reverse()
    assert [view is both.mine.l[n] for view, n in ((second, 1), (first, 2))] == [True, True]
    first.x = "A"
    assert names(both.mine.l) == "NbA"
    both.check()


# -- what others have done already ---------------------------------------------------------------------

SAME: "dict[str, Callable[[Any], object]]" = {
    "set": lambda state: state.update(n=5),
    "item": lambda state: state.l.__setitem__(0, 5),
    "delete": lambda state: state.pop("d"),
    "add": lambda state: state.s.add("x"),
    "discard": lambda state: state.s.discard("y"),
    "splice": lambda state: state.l.pop(),
}


def same_frames() -> Frames:
    return frames(l=[1, {}], d=0, s={"y"})


@rows("name", [*SAME])
def test_nobody_hears_of_a_step_that_others_have_made(name: str) -> None:
    both = same_frames()
    heard: list[Change] = []
    subscribe(both.mine, heard.append)
    SAME[name](both.theirs)
    before = entries(both.tab.area("session"))
    SAME[name](both.mine)
    assert [change.op for change in heard] == ["replace"]
    assert entries(both.tab.area("session")) == before
    both.check()


@rows("name", [*SAME])
def test_what_others_have_done_too_stays_when_the_batch_fails(name: str) -> None:
    both = same_frames()
    small = session("small", {"text": ""}, area=MemoryArea(quota=50))
    SAME[name](both.theirs)
    with pytest.raises(QuotaExceededError), batch():
        SAME[name](both.mine)
        both.mine.other = 1
        small.text = "x" * 100
    assert snapshot(both.mine) == snapshot(both.theirs)
    assert small.text == ""
    both.check()


def test_member_that_was_removed_is_put_back_as_others_have_stored_it() -> None:
    both = frames(s={1})
    small = session("small", {"text": ""}, area=MemoryArea(quota=50))
    both.theirs.s.clear()
    both.theirs.s.add(True)
    with pytest.raises(QuotaExceededError), batch():
        both.mine.s.discard(1)
        small.text = "x" * 100
    assert [type(member) for member in both.mine.s] == [bool]


def test_container_equal_to_that_of_another_frame_is_put_in_its_place() -> None:
    both = frames()
    both.theirs.m = {"k": 0}
    with batch():
        both.mine.m = {"k": 0}
        view = both.mine.m
    assert both.mine.m is view
    both.check()


def test_container_equal_to_that_of_another_frame_replaces_it_in_a_list() -> None:
    both = frames(l=[1])
    both.theirs.l[0] = {"k": 0}
    with batch():
        both.mine.l[0] = {"k": 0}
        view = both.mine.l[0]
    assert both.mine.l[0] is view
    both.check()


def test_deletion_made_again_and_undone_leaves_the_order_of_keys() -> None:
    both = frames(a=1, b=2, c=3)
    small = session("small", {"text": ""}, area=MemoryArea(quota=50))
    both.theirs.z = 7
    with pytest.raises(QuotaExceededError), batch():
        del both.mine.c
        small.text = "x" * 100
    assert list(both.mine) == ["n", "a", "b", "c", "z"] == list(both.stored())


# -- who hears of it ----------------------------------------------------------------------------------


def test_change_says_where_it_was_made_again() -> None:
    both = frames(l=records("ab"))
    heard: list[Change] = []
    subscribe(both.mine, heard.append)
    item = both.mine.l[0]
    both.theirs.l.insert(0, {"x": "N"})
    item.x = "A"
    assert [(change.op, change.path) for change in heard[1:]] == [("set", ("l", 1, "x"))]


def test_change_says_what_it_replaced_in_the_end() -> None:
    both = frames()
    heard: list[Change] = []
    subscribe(both.mine, heard.append)
    both.theirs.n = 7
    both.mine.n = 8
    assert [(change.value, change.previous) for change in heard[1:]] == [(8, 7)]


def test_listener_hears_the_removal_of_its_view() -> None:
    both = frames(l=records("ab"))
    heard: list[Change] = []
    subscribe(both.mine.l[0], heard.append)
    both.theirs.l.insert(0, {"x": "N"})
    both.mine.l.pop(0)
    assert [(change.op, change.index) for change in heard if change.op != "replace"] == [
        ("splice", 1)
    ]


def test_history_takes_back_what_was_made_again() -> None:
    both = frames(l=records("ab"))
    past = history(both.mine)
    both.theirs.l.insert(0, {"x": "N"})
    both.mine.l.reverse()
    assert names(both.mine.l) == "Nba"
    past.undo()
    assert names(both.mine.l) == "Nab"
    both.theirs.n = 1
    past.redo()
    assert names(both.mine.l) == "Nba"
    past.undo()
    assert (names(both.mine.l), past.can_redo) == ("Nab", True)
    both.check()


def test_history_takes_back_a_move_that_was_made_again() -> None:
    both = frames(l=records("abc"))
    past = history(both.mine)
    view = both.mine.l[0]
    both.theirs.l.insert(1, {"x": "N"})
    both.mine.l.move(0, 1)
    assert (names(both.mine.l), both.mine.l[2] is view) == ("Nbac", True)
    past.undo()
    assert (names(both.mine.l), both.mine.l[0] is view) == ("aNbc", True)
    both.theirs.n = 1
    past.redo()
    assert names(both.mine.l) == "Nbac"
    both.check()


def test_item_inserted_in_the_same_batch_is_moved_again() -> None:
    both = frames(l=records("abc"))
    both.theirs.l.insert(0, {"x": "N"})
    with batch():
        both.mine.l.insert(0, {"x": "M"})
        both.mine.l.move(0, 2)
        both.mine.l.move(3, 0)
    assert names(both.mine.l) == "cNabM"
    both.check()


def test_move_of_what_another_frame_removed_is_told_to_nobody() -> None:
    both = frames(l=records("abc"))
    both.theirs.l.pop(0)
    heard: list[Change] = []
    subscribe(both.mine, heard.append)
    both.mine.l.move(0, 2)
    assert (names(both.mine.l), [one.op for one in heard]) == ("bc", ["replace"])
    both.check()


def test_move_past_what_another_frame_removed_is_told_to_nobody() -> None:
    both = frames(l=records("abc"))
    del both.theirs.l[1:]
    heard: list[Change] = []
    subscribe(both.mine, heard.append)
    both.mine.l.move(0, 2)
    assert (names(both.mine.l), [one.op for one in heard]) == ("a", ["replace"])
    both.check()


def test_order_of_keys_is_made_again() -> None:
    both = frames(m={"a": 1, "b": 2, "c": 3})
    past = history(both.mine)
    del both.mine.m.a
    both.theirs.n = 7
    past.undo()
    assert list(both.mine.m) == ["a", "b", "c"] == list(both.stored()["m"])


def test_what_is_taken_over_between_two_statements_is_told_between_them() -> None:
    both = frames()
    heard: list[Change] = []

    def change(_: Change) -> None:
        both.mine.n = 1
        both.theirs.n = 2
        both.mine.n = 3

    trigger = session("trigger", {"n": 0}, area=MemoryArea())
    subscribe(trigger, change)
    subscribe(both.mine, heard.append)
    trigger.n = 1
    assert [one.op for one in heard] == ["set", "replace", "set"]


def test_history_takes_no_change_of_another_frame_for_its_own() -> None:
    both = frames(a=0)
    past = history(both.mine)
    both.theirs.n = 7
    both.mine.a = 1
    assert past.undo()
    assert (snapshot(both.mine), past.can_undo) == ({"n": 7, "a": 0}, False)
    both.check()


def test_deletion_made_again_is_undone_with_the_order_of_keys() -> None:
    both = frames(a=1, b=2, c=3)
    past = history(both.mine)
    both.theirs.n = 7
    del both.mine.a
    both.check()
    past.undo()
    assert list(both.mine) == ["n", "a", "b", "c"] == list(both.stored())


# -- random programs ----------------------------------------------------------------------------------

_numbers = st.integers(0, 4)
_names = st.sampled_from("xyz")


def _insert(items: Any, number: int, name: str) -> None:
    items.insert(number, {"x": name})


def _remove(items: Any, number: int, name: str) -> None:
    if number < len(items):
        del items[number]


def _reverse(items: Any, number: int, name: str) -> None:
    items.reverse()


def _move(items: Any, number: int, name: str) -> None:
    if number < len(items):
        items.move(number, ord(name) % len(items))


def _sort(items: Any, number: int, name: str) -> None:
    items.sort(key=lambda item: item["x"])


def _cut(items: Any, number: int, name: str) -> None:
    del items[number % 2 :: 2]


def _exchange(items: Any, number: int, name: str) -> None:
    items[number : number + 2] = records(name + "q")


def _rename(items: Any, number: int, name: str) -> None:
    if number < len(items):
        items[number].x = name


def _replace(items: Any, number: int, name: str) -> None:
    if number < len(items):
        items[number] = {"x": name, "items": [{}]}


_STATEMENTS = st.tuples(
    st.sampled_from([_insert, _remove, _reverse, _move, _sort, _cut, _exchange, _rename, _replace]),
    _numbers,
    _names,
)


@given(
    turns=st.lists(
        st.tuples(st.booleans(), st.lists(_STATEMENTS, min_size=1, max_size=3)), max_size=8
    )
)
def test_frames_that_take_turns_never_part_from_what_is_stored(turns: "list[Any]") -> None:
    leave_all()
    both = frames(l=records("abcd"))
    for is_mine, statements in turns:
        state = both.mine if is_mine else both.theirs
        try:
            with batch():
                for statement, number, name in statements:
                    statement(state.l, number, name)
                    list(state.l)
        except DetachedError:
            pass
        if is_mine:
            state.n += 1  # the statements may have changed nothing, and followed nobody
            assert [view._data for view in state.l] == snapshot(state.l)
            assert [view is state.l[n] for n, view in enumerate(state.l)] == [True] * len(state.l)
            both.check()
