"""What a view is beyond its builtin: attributes, identity, detachment, interfaces."""

from collections import abc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from anchor_session import (
    DetachedError,
    ListView,
    MapView,
    QuotaExceededError,
    SetView,
    batch,
    session,
    snapshot,
)
from anchor_session.reactive.map_parts import MapItems, MapKeys, MapValues
from anchor_session.testing import MemoryArea
from tests.support import entries, rows, text_at

METHODS = [name for name in dir(dict) if not name.startswith("_")]


# -- loops -------------------------------------------------------------------------------------


def seen_while_undoing(kind: str) -> "list[Any]":
    """What a loop sees whose first round appends an item, and sees that undone."""
    quota = 40 if kind == "quota" else None
    items = session("s", {"l": ["a", "b"]}, area=MemoryArea(quota=quota)).l
    seen = []
    for item in items:
        seen.append(item)
        if len(seen) > 1:
            continue
        if kind == "quota":
            with pytest.raises(QuotaExceededError):
                items.append("x" * 99)
        else:
            with pytest.raises(KeyError), batch():
                items.append("x")
                items[0] = "y"
                items.reverse()
                raise KeyError
    return seen


@rows("kind", ["quota", "batch"])
def test_loop_sees_nothing_of_a_statement_that_was_undone(kind: str) -> None:
    assert seen_while_undoing(kind) == ["a", "b"]


def test_loop_goes_on_like_that_over_a_list_when_a_batch_inside_was_undone() -> None:
    items = session("s", {"l": ["a", "b", "c", "d"]}).l
    seen = []
    for item in items:
        seen.append(item)
        if item == "a":
            with pytest.raises(KeyError), batch():
                items.append("q")
                raise KeyError
            items.remove("c")
    assert seen == ["a", "b", "d"]


def test_items_read_by_a_loop_are_those_of_the_list_after_undoing() -> None:
    items = session("s", {"l": [{"x": 1}, {"x": 2}, 3]}).l
    views = list(items)
    with pytest.raises(KeyError), batch():
        items.reverse()
        items[1] = {}
        del items[0]
        items.insert(0, {})
        raise KeyError
    assert [item is view for item, view in zip(items, views, strict=True)] == [True] * 3
    assert [items[0] is views[0], items[1] is views[1]] == [True, True]


def test_loop_that_changes_all_items_looks_for_their_places_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passes: list[ListView] = []
    renumber = ListView._renumber

    def counted(view: ListView, wanted: int) -> int | None:
        passes.append(view)
        return renumber(view, wanted)

    monkeypatch.setattr(ListView, "_renumber", counted)
    items = session("s", {"l": [{"x": 0} for _ in range(100)]}).l
    views = list(items)
    items.insert(0, {"x": 0})
    for view in views:
        view.x = 1
    assert (len(passes), snapshot(items)) == (1, [{"x": 0}] + [{"x": 1}] * 100)


# -- attributes ------------------------------------------------------------------------------


def test_attribute_reads_the_item() -> None:
    assert session("s", {"theme": "dark"}).theme == "dark"


def test_attribute_writes_the_item(area: Any) -> None:
    session("s").theme = "dark"
    assert text_at(area) == '{"theme":"dark"}'


def test_attribute_deletes_the_item(area: Any) -> None:
    del session("s", {"a": 1, "theme": 1}).theme
    assert text_at(area) == '{"a":1}'


def test_absent_attribute_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no key 'zz'") as caught:
        _ = session("s").zz
    assert repr(caught.value).startswith("AttributeError(\"the state `s` (session) has no key 'zz'")


def test_deleting_an_absent_attribute_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no key 'zz'"):
        del session("s").zz


def test_getattr_takes_a_default() -> None:
    assert getattr(session("s"), "zz", 5) == 5


@rows("name", METHODS)
def test_method_name_reads_the_method(name: str) -> None:
    assert callable(getattr(session("s", {name: 1}), name))


@rows("name", METHODS)
def test_assigning_to_a_method_name_says_what_to_write(name: str) -> None:
    with pytest.raises(AttributeError, match=rf'write state\["{name}"\]'):
        setattr(session("s"), name, 1)


@rows("name", METHODS)
def test_assigning_to_a_method_name_changes_nothing(area: Any, name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(session("s"), name, 1)
    assert entries(area) == {}


@rows("name", METHODS)
def test_deleting_a_method_name_says_what_to_write(name: str) -> None:
    with pytest.raises(AttributeError, match=rf'write state\["{name}"\]'):
        delattr(session("s", {name: 1}), name)


@rows("name", [name for name in METHODS if name != "fromkeys"])
def test_attribute_of_a_method_says_what_to_write(name: str) -> None:
    with pytest.raises(AttributeError, match=rf'write state\["{name}"\]'):
        _ = getattr(session("s"), name).append


@rows("name", [name for name in METHODS if name != "fromkeys"])
def test_assigning_to_an_attribute_of_a_method_says_what_to_write(name: str) -> None:
    with pytest.raises(AttributeError, match=rf'write state\["{name}"\]'):
        getattr(session("s"), name).total = 1


@rows("name", METHODS)
def test_method_name_is_a_key_by_item(area: Any, name: str) -> None:
    session("s")[name] = 1
    assert text_at(area) == f'{{"{name}":1}}'


@rows("name", ["_x", "__x", "_"])
def test_underscored_attribute_is_no_key(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(session("s"), name, 1)


@rows("name", ["_x", "__x", "_"])
def test_underscored_attribute_reads_no_key(name: str) -> None:
    with pytest.raises(AttributeError):
        getattr(session("s", {name: 1}), name)


@rows("part", ["list", "set"])
def test_lists_and_sets_take_no_attributes(part: str) -> None:
    with pytest.raises(AttributeError):
        session("s", {"list": [], "set": set()})[part].x = 1


def test_dir_lists_keys_that_are_names() -> None:
    found = dir(session("s", {"theme": 1, "a b": 2}))
    assert ("theme" in found, "a b" in found, "items" in found) == (True, False, True)


# -- identity --------------------------------------------------------------------------------


@rows(
    "read",
    [
        lambda state: state["m"],
        lambda state: state.m,
        lambda state: state.get("m"),
        lambda state: state.setdefault("m", 1),
        lambda state: dict(state.items())["m"],
        lambda state: next(iter(state.values())),
        lambda state: state.copy()["m"],
        lambda state: (state | {})["m"],
    ],
)
def test_map_gives_the_same_view_whichever_way(read: "Callable[[Any], Any]") -> None:
    state = session("s", {"m": {}})
    assert read(state) is state.m


@rows(
    "read",
    [
        lambda items: items[-1],
        lambda items: items[:][0],
        lambda items: next(iter(items)),
        lambda items: next(reversed(items)),
        lambda items: items.copy()[0],
        lambda items: (items + [])[0],
        lambda items: ([] + items)[0],
        lambda items: (items * 2)[1],
    ],
)
def test_list_gives_the_same_view_whichever_way(read: "Callable[[Any], Any]") -> None:
    items = session("s", {"l": [[]]}).l
    assert read(items) is items[0]


MOVES: "list[tuple[Callable[[Any], object], int]]" = [
    (lambda items: items.sort(key=lambda item: -item["n"]), 2),
    (lambda items: items.reverse(), 2),
    (lambda items: items.move(0, 1), 1),
    (lambda items: items.move(2, 0), 1),
    (lambda items: items.insert(0, {}), 1),
    (lambda items: items.append({}), 0),
    (lambda items: items.__delitem__(slice(1, None)), 0),
    (lambda items: items.__setitem__(slice(0, 0), [1, 2]), 2),
    (lambda items: items.__setitem__(1, 5), 0),
    (lambda items: items.extend([1]), 0),
]


@rows(("move", "index"), MOVES)
def test_view_moves_with_its_container(move: "Callable[[Any], object]", index: int) -> None:
    items = session("s", {"l": [{"n": 1}, {"n": 2}, {"n": 3}]}).l
    view = items[0]
    move(items)
    assert items[index] is view


def test_of_equal_items_the_one_that_is_given_is_found_and_removed() -> None:
    @dataclass
    class Task:
        title: str

    @dataclass
    class Tasks:
        tasks: list[Task]

    plain = session("plain", {"l": [{"title": title} for title in ("milk", "tea", "milk")]}).l
    typed = session("typed", Tasks([Task("milk"), Task("tea"), Task("milk")])).tasks
    for items in (plain, typed):
        first, _, second = items
        assert (items.index(first), items.index(second)) == (0, 2)
        assert items.index(second, 1, 3) == 2
        with pytest.raises(ValueError, match="not in list"):
            items.index(items[1], 2)
        items.remove(second)
        assert [item.title for item in items] == ["milk", "tea"]
        assert items[0] is first
        assert items.index(snapshot(first)) == 0


@rows(("move", "index"), MOVES)
def test_moved_view_writes_where_its_container_is(
    area: Any, move: "Callable[[Any], object]", index: int
) -> None:
    state = session("s", {"l": [{"n": 1}, {"n": 2}, {"n": 3}]})
    view = state.l[0]
    move(state.l)
    view.moved = True
    assert snapshot(state.l)[index] == {"n": 1, "moved": True}


def test_assigned_value_has_a_view_of_its_own() -> None:
    state = session("s", {"m": {}})
    before = state.m
    state.m = {"x": 1}
    assert state.m is not before


def test_equal_value_assigned_keeps_the_view() -> None:
    state = session("s", {"m": {"x": 1}})
    before = state.m
    state.m = {"x": 1}
    assert state.m is before


# -- detachment ------------------------------------------------------------------------------

REMOVALS: "list[Callable[[Any], object]]" = [
    lambda state: state.pop("m"),
    lambda state: state.clear(),
    lambda state: state.update(m=1),
    lambda state: state.update(m={"x": {"y": [0]}}),
    lambda state: state.m.pop("x"),
    lambda state: state.m.x.pop("y"),
]
WRITES: "list[Callable[[Any], object]]" = [
    lambda view: view.append(1),
    lambda view: view.extend([1]),
    lambda view: view.clear(),
    lambda view: view.pop(),
    lambda view: view.sort(),
    lambda view: view.reverse(),
    lambda view: view.insert(0, 1),
    lambda view: view.move(0, 0),
    lambda view: view.__setitem__(0, 1),
    lambda view: view.__setitem__(slice(None), []),
    lambda view: view.__delitem__(0),
    lambda view: view.__iadd__([1]),
    lambda view: view.__imul__(2),
    lambda view: view.remove({}),
    lambda view: view[0].update(a=1),
    lambda view: view[0].clear(),
    lambda view: view[0].setdefault("b", 1),
    lambda view: view[0].pop("a"),
    lambda view: view[0].popitem(),
    lambda view: view[0].__ior__({"a": 2}),
    lambda view: view[1].add(5),
    lambda view: view[1].discard(5),
    lambda view: view[1].remove(1),
    lambda view: view[1].pop(),
    lambda view: view[1].clear(),
    lambda view: view[1].update([7]),
    lambda view: view[1].__ixor__({7}),
]
DEEP: "dict[str, Any]" = {"m": {"x": {"y": [{"a": 1}, {1}, {}]}}}


@rows("write", WRITES)
def test_write_through_a_removed_view_raises(write: "Callable[[Any], object]") -> None:
    state = session("s", DEEP)
    view = state.m.x.y
    del state.m
    with pytest.raises(DetachedError):
        write(view)


@rows("write", WRITES)
def test_write_through_a_removed_view_changes_nothing(
    area: Any, write: "Callable[[Any], object]"
) -> None:
    state = session("s", DEEP)
    view = state.m.x.y
    del state.m
    with pytest.raises(DetachedError):
        write(view)
    assert (snapshot(view), snapshot(state)) == (DEEP["m"]["x"]["y"], {})


@rows("remove", REMOVALS)
def test_removed_view_still_reads(remove: "Callable[[Any], object]") -> None:
    state = session("s", DEEP)
    view = state.m.x.y
    remove(state)
    assert (view[0]["a"], len(view)) == (1, 3)


@rows("remove", REMOVALS)
def test_view_below_what_was_removed_is_detached(remove: "Callable[[Any], object]") -> None:
    state = session("s", DEEP)
    view = state.m.x.y
    remove(state)
    with pytest.raises(DetachedError, match="snapshot"):
        view.append(1)


@rows("remove", REMOVALS)
def test_view_is_attached_again_after_rollback(
    area: Any, remove: "Callable[[Any], object]"
) -> None:
    state = session("s", DEEP)
    view = state.m.x.y
    with pytest.raises(ZeroDivisionError), batch():
        remove(state)
        raise ZeroDivisionError
    view.clear()
    assert (state.m.x.y is view, text_at(area)) == (True, '{"m":{"x":{"y":[]}}}')


def test_write_in_a_batch_through_a_view_it_removed_raises() -> None:
    state = session("s", DEEP)
    view = state.m
    with batch():
        del state.m
        with pytest.raises(DetachedError):
            view.z = 1


def test_generator_that_removes_its_list_does_not_write_into_the_void() -> None:
    state = session("s", {"l": [1]})
    view = state.l

    def numbers() -> Any:
        del state.l
        yield 2

    with pytest.raises(DetachedError):
        view.extend(numbers())


def test_generator_that_appends_is_extended_after(area: Any) -> None:
    state = session("s", {"l": [1]})

    def numbers() -> Any:
        state.l.append(2)
        yield 3

    state.l.extend(numbers())
    assert text_at(area) == '{"l":[1,2,3]}'


def test_sort_key_that_removes_the_list_raises() -> None:
    state = session("s", {"l": [2, 1]})

    def key(item: int) -> int:
        state.pop("l", None)
        return item

    with pytest.raises(DetachedError):
        state.l.sort(key=key)


def test_sort_key_that_changes_the_list_raises() -> None:
    items = session("s", {"l": [2, 1]}).l

    def key(item: int) -> int:
        items.append(0)
        return item

    with pytest.raises(ValueError, match="modified during sort"):
        items.sort(key=key)


def test_view_of_another_state_is_stored_as_a_copy(area: Any) -> None:
    one, two = session("s", {"l": [1]}), session("t", {})
    two.l = one.l
    one.l.append(2)
    assert text_at(area, "anchor-session://t@1.0.0") == '{"l":[1]}'


def test_state_assigned_below_itself_is_a_copy(area: Any) -> None:
    state = session("s", {"a": 1})
    state.me = state
    assert text_at(area) == '{"a":1,"me":{"a":1}}'


# -- interfaces ------------------------------------------------------------------------------

INTERFACES: "list[tuple[type, tuple[type, ...]]]" = [
    (MapView, (abc.MutableMapping, abc.Mapping, abc.Iterable, abc.Sized)),
    (ListView, (abc.MutableSequence, abc.Sequence, abc.Reversible)),
    (SetView, (abc.MutableSet, abc.Set, abc.Collection)),
    (MapKeys, (abc.KeysView, abc.Set)),
    (MapValues, (abc.ValuesView,)),
    (MapItems, (abc.ItemsView, abc.Set)),
]


@rows(("view", "interfaces"), INTERFACES)
def test_view_has_the_interfaces_of_its_builtin(view: type, interfaces: "tuple[type, ...]") -> None:
    assert all(issubclass(view, interface) for interface in interfaces)


def matched(value: Any) -> Any:
    match value:
        case {"kind": "line", "qty": qty}:
            return qty
        case [first, *rest]:
            return (first, len(rest))
        case abc.MutableSet():
            return "set"
        case _:
            return None


@rows(
    ("value", "result"),
    [({"kind": "line", "qty": 2}, 2), ({"kind": "x"}, None), ([1, 2, 3], (1, 2)), ({1}, "set")],
)
def test_match_takes_views(value: Any, result: Any) -> None:
    assert matched(session("s", {"v": value}).v) == result


@rows("value", [{"a": [1]}, [1, {"b": 2}], {1}])
def test_view_shows_as_its_data(value: Any) -> None:
    assert repr(session("s", {"v": value}).v) == repr(value)


@rows("value", [{"a": [1]}, [1, {"b": 2}], {1}])
def test_equality_holds_both_ways(value: Any) -> None:
    view = session("s", {"v": value}).v
    assert (view == value, value == view, view != value) == (True, True, False)


@rows("value", [{}, [], set()])
def test_empty_view_is_false(value: Any) -> None:
    assert not session("s", {"v": value}).v


@rows("value", [{"a": [1]}, [[1]], {1}])
def test_snapshot_is_detached(area: Any, value: Any) -> None:
    state = session("s", {"v": value})
    before = text_at(area)
    taken = snapshot(state)
    taken["v"].clear()
    assert text_at(area) == before


@rows("value", [{}, [], 1, None, "x"])
def test_snapshot_of_what_is_no_view_raises(value: Any) -> None:
    with pytest.raises(TypeError, match="takes a state"):
        snapshot(value)


@rows("start", [{}, {"a": 1}, {"b": 1, "a": {}}])
def test_view_unpacks_as_keywords(start: "dict[str, Any]") -> None:
    assert dict(**session("s", start)) == start


class Removing(dict[str, Any]):
    """A map that, while it is copied, removes the part of the state it is to be stored in."""

    def __init__(self, state: Any) -> None:
        super().__init__(a=1)
        self._state = state

    def items(self) -> Any:
        self._state.pop("part", None)
        return super().items()


@rows(
    "write",
    [
        lambda part, value: part["map"].__setitem__("k", value),
        lambda part, value: part["list"].append(value),
        lambda part, value: part["list"].insert(0, value),
        lambda part, value: part["list"].__setitem__(0, value),
    ],
)
def test_value_that_removes_its_place_while_it_is_copied_raises(write: Any) -> None:
    state = session("s", {"part": {"map": {}, "list": [0]}})
    with pytest.raises(DetachedError):
        write(state.part, Removing(state))
    assert snapshot(state) == {}
