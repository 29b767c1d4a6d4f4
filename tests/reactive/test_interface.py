"""Each view against the builtin it stands for: every method, many arguments, results, errors, storage.

The methods are those that `dir()` of the builtin lists. What is deliberately different is in `DIFFERENT`.
"""

import copy
import json
import operator
import pickle
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest

from anchor_session import session, snapshot
from anchor_session.reactive.list_view import ListView
from anchor_session.reactive.map_parts import MapItems, MapKeys, MapValues
from anchor_session.reactive.map_view import MapView
from anchor_session.reactive.set_view import SetView
from tests.programs import builtin_class
from tests.support import fresh, read, rows, table, text_at, typed

pytestmark = pytest.mark.both

VIEWS: "dict[type, type]" = {dict: MapView, list: ListView, set: SetView}
STARTS: "dict[type, list[Any]]" = {
    dict: [{}, {"a": 1}, {"b": 2, "a": 1, "c": [1, {"x": 2}]}],
    list: [[], [3], [3, 1, 2, 1], [[2], {"a": 1}, "x", None, 1.5, {1}]],
    set: [set(), {1}, {1, 2, "x", None}],
}


class Arguments:
    """Arguments for a method; made anew for each call, as iterators are used up."""

    def __init__(self, arguments: "tuple[Any, ...]", named: "dict[str, Any]") -> None:
        self.arguments = arguments
        self.named = named

    def __repr__(self) -> str:
        named = "".join([f", {name}={value!r}" for name, value in self.named.items()])
        return f"({', '.join(map(repr, self.arguments))}{named})"

    def call(self, method: "Callable[..., Any]") -> Any:
        arguments = [
            one() if one in (iterator, pair_iterator) else copy.deepcopy(one)
            for one in self.arguments
        ]
        return method(*arguments, **self.named)


def each(*values: Any) -> "list[Arguments]":
    return [arguments_of(value) for value in values]


def arguments_of(*arguments: Any, **named: Any) -> Arguments:
    return Arguments(arguments, named)


def iterator() -> "Iterable[Any]":
    return iter([1, "y"])


def pair_iterator() -> "Iterable[Any]":
    return iter([("y", 1)])


class Index:
    def __index__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return "Index()"


A = arguments_of
NONE = [A()]
KEYS = each("a", "b", "zz", "")
ODD_KEYS = each(None, 1, (1,), [], {})
OTHERS = each(
    {}, {"a": 5}, {"zz": [1]}, [("a", 5)], pair_iterator, [], 5, None, "ab", [1], [(1, 2, 3)]
)
COMPARED = each(
    {}, {"a": 1}, [], [3], [3, 1], [4], set(), {1}, {1, 5}, frozenset([1]), 5, None, "a"
)
INDEXES = each(0, 1, -1, 3, -4, 99, -99, True, Index())
HUGE_INDEXES = each(10**30, -(10**30))  # `pop` and `insert` of a list call them an OverflowError
ODD_INDEXES = each("a", None, 1.0, [], (0,))
SLICES = each(
    slice(None),
    slice(1),
    slice(1, None),
    slice(-2, None),
    slice(2, 1),
    slice(None, None, 2),
    slice(None, None, -1),
    slice(3, 0, -2),
    slice(-99, 99),
    slice(None, None, 0),
    slice("a", None),
    slice(None, 1.5),
)
MANY: "list[Any]" = [[], [7], [7, [8]], (7, 8), iterator, "xy", {"k": 1}, {9}, 5, None, range(3)]
SETS: "list[Any]" = [
    set(),
    {1},
    {1, 9},
    frozenset([2]),
    [1, 1, 9],
    iterator,
    "xy",
    {"x": 1},
    5,
    None,
    [[1]],
]
FIRST = each(*SETS) + NONE + [A({1}, {2, 9}), A({1}, x=1)]
ONE = each(*SETS) + NONE + [A({1}, {2})]

CASES: "dict[type, dict[str, list[Arguments]]]" = {
    dict: {
        "__contains__": KEYS + ODD_KEYS,
        "__delitem__": KEYS + ODD_KEYS,
        "__eq__": COMPARED,
        "__ge__": [],
        "__getitem__": KEYS + ODD_KEYS,
        "__gt__": [],
        "__ior__": OTHERS,
        "__iter__": NONE,
        "__le__": [],
        "__len__": NONE,
        "__lt__": [],
        "__ne__": COMPARED,
        "__or__": OTHERS,
        "__repr__": NONE,
        "__reversed__": NONE,
        "__ror__": OTHERS,
        "__setitem__": [
            A(key, value) for key in ("a", "b", "zz") for value in (1, 1.0, [1], {"y": [2]}, None)
        ]
        + [A([], 1), A("a")],
        "clear": NONE + each(1),
        "copy": NONE + each(1),
        "fromkeys": each([], ["a", "b"], "ab", 5, [[]]) + [A(["a"], 3), A()],
        "get": KEYS + ODD_KEYS + [A("zz", 5), A("a", 5), A(), A("a", 1, 2)],
        "items": NONE + each(1),
        "keys": NONE + each(1),
        "pop": KEYS + ODD_KEYS[:3] + [A("zz", 5), A("a", 5), A("zz", None), A(), A("a", 1, 2)],
        "popitem": NONE + each(1),
        "setdefault": KEYS + [A("zz", [1]), A("a", 5), A(), A([]), A("a", 1, 2)],
        "update": OTHERS
        + NONE
        + [A(a=1, zz=2), A({"a": 3}, b=[]), A({}, {}), A(self=1), A(others=2), A(None, a=1)],
        "values": NONE + each(1),
    },
    list: {
        "__add__": each([], [1], [[1]], (1,), "a", 5, None),
        "__contains__": each(1, 1.0, 3, "x", None, [2], {"a": 1}, {1}, object),
        "__delitem__": INDEXES + HUGE_INDEXES + ODD_INDEXES + SLICES,
        "__eq__": COMPARED,
        "__ge__": COMPARED,
        "__getitem__": INDEXES + HUGE_INDEXES + ODD_INDEXES + SLICES,
        "__gt__": COMPARED,
        "__iadd__": each(*MANY),
        "__imul__": each(0, 1, 2, -1, True, "a", 1.0, None, [], Index()),
        "__iter__": NONE,
        "__le__": COMPARED,
        "__len__": NONE,
        "__lt__": COMPARED,
        "__mul__": each(0, 1, 2, -1, True, "a", 1.0, None, [], Index()),
        "__ne__": COMPARED,
        "__repr__": NONE,
        "__reversed__": NONE,
        "__rmul__": each(0, 1, 2, -1, True, "a", 1.0, None, [], Index()),
        "__setitem__": [A(i.arguments[0], [9]) for i in INDEXES + ODD_INDEXES]
        + [A(s.arguments[0], many) for s in SLICES for many in MANY]
        + [A(0)],
        "append": each(1, [1], {"a": [1]}, None) + [A(), A(1, 2)],
        "clear": NONE + each(1),
        "copy": NONE + each(1),
        "count": each(1, 1.0, [2], "nope", {1}) + [A(), A(1, 2)],
        "extend": each(*MANY) + [A(), A([], [])],
        "index": each(1, 1.0, [2], "nope", {"a": 1})
        + [A(1, 2), A(1, 0, 2), A(1, -1), A(1, -3, -1), A(1, 99), A(1, "a"), A(), A(1, 0, None)],
        "insert": [A(i.arguments[0], [9]) for i in INDEXES + ODD_INDEXES] + [A(1), A()],
        "pop": INDEXES + ODD_INDEXES + NONE + [A(0, 0)],
        "remove": each(1, 1.0, 3, [2], {"a": 1}, "nope") + [A(), A(1, 2)],
        "reverse": NONE + each(1),
        "sort": NONE
        + each(None, len)
        + [
            A(reverse=True),
            A(reverse=0),
            A(reverse="a"),
            A(key=None),
            A(key=str),
            A(key=str, reverse=True),
            A(key=lambda item: 0),
            A(key=lambda item: 0, reverse=True),
            A(key=lambda item: -item),
            A(key=5),
            A(cmp=1),
        ],
    },
    set: {
        "__and__": each(*SETS),
        "__contains__": each(1, 1.0, True, "x", None, "nope", [], {1}, frozenset([1])),
        "__eq__": COMPARED,
        "__ge__": each(*SETS),
        "__gt__": each(*SETS),
        "__iand__": each(*SETS),
        "__ior__": each(*SETS[:-1]),
        "__isub__": each(*SETS),
        "__iter__": NONE,
        "__ixor__": each(*SETS),
        "__le__": each(*SETS),
        "__len__": NONE,
        "__lt__": each(*SETS),
        "__ne__": COMPARED,
        "__or__": each(*SETS),
        "__rand__": each(*SETS),
        "__repr__": NONE,
        "__ror__": each(*SETS),
        "__rsub__": each(*SETS),
        "__rxor__": each(*SETS),
        "__sub__": each(*SETS),
        "__xor__": each(*SETS),
        "add": each(1, 1.0, True, "nope", None, [], {}, frozenset([1])) + [A(), A(1, 2)],
        "clear": NONE + each(1),
        "copy": NONE + each(1),
        "difference": [*FIRST, A([1], 5)],
        "difference_update": FIRST,
        "discard": each(1, 1.0, True, "nope", [], {1}) + [A(), A(1, 2)],
        "intersection": [*FIRST, A([1], 5)],
        "intersection_update": FIRST,
        "isdisjoint": ONE,
        "issubset": ONE,
        "issuperset": ONE,
        "pop": each(1),
        "remove": each(1, 1.0, True, "nope", [], {1}) + [A(), A(1, 2)],
        "symmetric_difference": ONE,
        "symmetric_difference_update": ONE,
        "union": [*FIRST, A([1], 5)],
        "update": FIRST,
    },
}

# What a view does not share with its builtin, and why.
DIFFERENT: "dict[type, dict[str, str]]" = {
    dict: {},
    list: {},
    set: {"pop": "which member goes is not said: test_pop_takes_any_member"},
}
OF_EVERY_OBJECT = {
    "__class__",
    "__class_getitem__",  # test_class_takes_parameters
    "__delattr__",  # attributes of a MapView are its keys
    "__dir__",
    "__doc__",
    "__format__",
    "__getattribute__",
    "__getstate__",
    "__hash__",  # test_view_is_unhashable
    "__init__",
    "__init_subclass__",
    "__new__",
    "__reduce__",  # test_pickle_is_of_plain_data
    "__reduce_ex__",
    "__setattr__",
    "__sizeof__",
    "__str__",
    "__subclasshook__",
}


@rows("builtin", list(VIEWS))
def test_every_method_of_the_builtin_has_cases(builtin: type) -> None:
    assert set(dir(builtin)) - OF_EVERY_OBJECT == set(CASES[builtin])


@rows("builtin", list(VIEWS))
def test_view_has_every_name_of_the_builtin(builtin: type) -> None:
    assert set(dir(builtin)) - set(dir(VIEWS[builtin])) == set()


COMPARISONS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")


def plain(result: Any) -> Any:
    """A result without the classes that a view may answer with."""
    if isinstance(result, (MapView, ListView, SetView)):
        return snapshot(result)
    if isinstance(result, dict):
        return {key: plain(item) for key, item in result.items()}
    if isinstance(result, (list, tuple)):
        return [plain(item) for item in result]
    if isinstance(result, (set, frozenset, str, int, float, bytes)) or result is None:
        return result
    if result is NotImplemented:
        return "NotImplemented"
    return [plain(item) for item in result]  # an iterator, keys(), values(), items()


def outcome(container: Any, name: str, arguments: Arguments) -> Any:
    """What a call gives: its result, or the builtin class of its error."""
    try:
        method = getattr(container, name)
        if name in COMPARISONS:  # so that what they leave to the other side is settled
            method = partial(getattr(operator, name), container)
        return plain(arguments.call(method))
    except Exception as error:  # noqa: BLE001 - compared
        return builtin_class(error)


METHODS = [
    pytest.param(builtin, name, id=f"{builtin.__name__}.{name}")
    for builtin, methods in CASES.items()
    for name, arguments in methods.items()
    if arguments
]


@pytest.mark.parametrize(("builtin", "name"), METHODS)
def test_method_does_what_the_builtin_does(area: Any, builtin: type, name: str) -> None:
    with table() as row:
        for start in STARTS[builtin]:
            for arguments in CASES[builtin][name]:
                with row(f"{start}.{name}{arguments}"):
                    fresh()
                    state = session("s", {"part": start})
                    model = copy.deepcopy(start)
                    expected = outcome(model, name, arguments), model
                    found = outcome(state["part"], name, arguments), read(text_at(area))["part"]
                    assert typed(list(found)) == typed(list(expected))


OPERATORS = [
    operator.add,
    operator.mul,
    operator.or_,
    operator.and_,
    operator.sub,
    operator.xor,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.iadd,
    operator.imul,
    operator.ior,
    operator.iand,
    operator.isub,
    operator.ixor,
]
OPERANDS: "list[Any]" = [{"a": 1}, [1], (1,), {1}, frozenset([1]), 2, "a", None]


def operate(function: "Callable[[Any, Any], Any]", left: Any, right: Any) -> Any:
    try:
        return plain(function(left, right))
    except (TypeError, ValueError) as error:
        return builtin_class(error)


@rows("function", OPERATORS)
@rows("operand", OPERANDS)
@rows("builtin", list(VIEWS))
def test_operator_does_what_it_does_to_the_builtin(
    builtin: type, operand: Any, function: "Callable[[Any, Any], Any]"
) -> None:
    start = STARTS[builtin][1]
    view = session("s", {"part": start})["part"]
    assert operate(function, view, operand) == operate(function, copy.copy(start), operand)


@rows("function", OPERATORS[:10])
@rows("operand", OPERANDS)
@rows("builtin", list(VIEWS))
def test_view_on_the_right_of_an_operator_counts_as_the_builtin(
    builtin: type, operand: Any, function: "Callable[[Any, Any], Any]"
) -> None:
    start = STARTS[builtin][1]
    view = session("s", {"part": start})["part"]
    expected = operate(function, copy.copy(operand), start)
    assert operate(function, operand, view) == expected


@rows("function", OPERATORS[:10])
@rows("builtin", list(VIEWS))
def test_two_views_count_as_two_builtins(
    builtin: type, function: "Callable[[Any, Any], Any]"
) -> None:
    one, two = STARTS[builtin][1:3]
    state = session("s", {"one": one, "two": two})
    assert operate(function, state["one"], state["two"]) == operate(function, one, two)


PARTS: "dict[str, type]" = {"keys": MapKeys, "values": MapValues, "items": MapItems}


@rows("name", list(PARTS))
def test_part_of_a_map_has_every_name_of_the_part_of_a_dict(name: str) -> None:
    assert set(dir(type(getattr({}, name)()))) - set(dir(PARTS[name])) == set()


SAMPLE: "dict[str, Any]" = {"b": 2, "a": 1}
PART_CALLS: "list[tuple[str, Any]]" = [
    ("repr", repr),
    ("len", len),
    ("list", list),
    ("reversed", lambda part: list(reversed(part))),
    ("has key", lambda part: "a" in part),
    ("has pair", lambda part: ("a", 1) in part),
    ("has value", lambda part: 2 in part),
    ("and", lambda part: part & {"a", ("a", 1)}),
    ("rand", lambda part: {"a", ("a", 1)} & part),
    ("or", lambda part: part | ["z"]),
    ("sub", lambda part: part - {"a", ("a", 1)}),
    ("rsub", lambda part: {"a", "z"} - part),
    ("xor", lambda part: part ^ {"a", "z"}),
    ("eq itself", lambda part: part == part),
    ("eq set", lambda part: part == {"a", "b"}),
    ("lt", lambda part: part < {"a", "b", "c"}),
    ("ge", lambda part: part >= {"a"}),
    ("isdisjoint", lambda part: part.isdisjoint(["z"])),
    ("mapping", lambda part: dict(part.mapping)),
    ("mapping is closed", lambda part: part.mapping.__setitem__("a", 1)),
    ("hash", lambda part: bool(hash(part)) or True),
    ("or number", lambda part: part | 5),
]


def attempt(call: "Callable[[Any], Any]", part: Any) -> Any:
    try:
        return call(part)
    except Exception as error:  # noqa: BLE001 - compared
        return type(error)


@rows("name", list(PARTS))
@rows(("what", "call"), PART_CALLS)
def test_part_of_a_map_does_what_the_part_of_a_dict_does(
    name: str, what: str, call: "Callable[[Any], Any]"
) -> None:
    state = session("s", SAMPLE)
    expected = attempt(call, getattr(SAMPLE, name)())
    assert attempt(call, getattr(state, name)()) == expected


@rows("name", list(PARTS))
def test_part_of_a_map_is_live(name: str) -> None:
    state = session("s", {"a": 1})
    part = getattr(state, name)()
    state["b"] = 2
    assert len(part) == len(list(part)) == 2


@rows("name", ["values", "items"])
def test_parts_of_a_map_hand_out_views(name: str) -> None:
    state = session("s", {"a": [1]})
    found = next(iter(getattr(state, name)()))
    assert (found[1] if name == "items" else found) is state.a


@rows("name", list(PARTS))
def test_map_changed_while_iterated_raises(name: str) -> None:
    state = session("s", {"a": 1, "b": 2})
    with pytest.raises(RuntimeError, match="changed size"):
        for _ in getattr(state, name)():
            state["c"] = 3


def test_pop_takes_any_member(area: Any) -> None:
    state = session("s", {"part": {1, 2}})
    gone = state["part"].pop()
    assert read(text_at(area)) == {"part": {1, 2} - {gone}}


def test_pop_of_an_empty_set_raises() -> None:
    with pytest.raises(KeyError):
        session("s", {"part": set()})["part"].pop()


# -- deliberate differences ------------------------------------------------------------------

REFUSED_KEYS = [1, None, 1.5, True, (1,), b"a"]
STRICTER: "list[tuple[str, Callable[[Any], Any]]]" = [
    *((f"key {key!r}", lambda state, key=key: state.__setitem__(key, 1)) for key in REFUSED_KEYS),
    ("setdefault", lambda state: state.setdefault(1)),
    ("update", lambda state: state.update({1: 1})),
    ("ior", lambda state: state.__ior__({1: 1})),
    ("tuple in a set", lambda state: state.set.add((1,))),
    ("tuple in update", lambda state: state.set.update([(1,)])),
    ("tuple in ior", lambda state: state.set.__ior__({(1,)})),
    ("object in a list", lambda state: state.list.append(object())),
]


@rows(("what", "statement"), STRICTER)
def test_what_json_cannot_give_back_is_a_type_error(
    what: str, statement: "Callable[[Any], Any]"
) -> None:
    with pytest.raises(TypeError):
        statement(session("s", {"set": {1}, "list": []}))


def test_tuple_is_stored_as_a_list() -> None:
    state = session("s", {"a": (1, (2,))})
    assert snapshot(state) == {"a": [1, [2]]}


def test_update_that_fails_changes_nothing(area: Any) -> None:
    state = session("s", {"a": 1})
    with pytest.raises(TypeError):
        state.update([("a", 2), ("b", object())])
    assert (snapshot(state), text_at(area)) == ({"a": 1}, '{"a":1}')


def test_set_update_that_fails_changes_nothing(area: Any) -> None:
    state = session("s", {"a": {1}})
    with pytest.raises(TypeError):
        state.a.update([2], [[]])
    assert snapshot(state) == read(text_at(area)) == {"a": {1}}


def test_repeated_container_becomes_separate_ones(area: Any) -> None:
    state = session("s", {"a": [[]]})
    state.a *= 2
    state.a[0].append(1)
    assert read(text_at(area)) == {"a": [[1], []]}


@rows("builtin", list(VIEWS))
def test_view_is_unhashable(builtin: type) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(session("s", {"part": builtin()})["part"])


@rows("builtin", list(VIEWS))
def test_class_takes_parameters(builtin: type) -> None:
    parameters = (str, int) if builtin is dict else int
    assert VIEWS[builtin][parameters].__origin__ is VIEWS[builtin]  # type: ignore[index]


@rows("builtin", list(VIEWS))
def test_pickle_is_of_plain_data(builtin: type) -> None:
    start = STARTS[builtin][-1]
    view = session("s", {"part": start})["part"]
    assert typed(pickle.loads(pickle.dumps(view))) == typed(start)


@rows("builtin", list(VIEWS))
def test_deep_copy_is_plain_data(builtin: type) -> None:
    start = STARTS[builtin][-1]
    assert typed(copy.deepcopy(session("s", {"part": start})["part"])) == typed(start)


@rows("builtin", list(VIEWS))
def test_copy_is_of_the_builtin(builtin: type) -> None:
    assert type(copy.copy(session("s", {"part": builtin()})["part"])) is builtin


def test_shallow_copy_holds_the_views_of_the_state() -> None:
    state = session("s", {"a": [1]})
    assert copy.copy(state)["a"] is state.a


def test_deep_copy_is_detached(area: Any) -> None:
    state = session("s", {"a": [1]})
    copy.deepcopy(state)["a"].append(2)
    assert text_at(area) == '{"a":[1]}'


@rows("start", [{"b": [1, {"c": None}]}, {"a": {}}, {}])
def test_json_takes_a_view_with_snapshot(start: "dict[str, Any]") -> None:
    assert json.dumps(session("s", start), default=snapshot) == json.dumps(start)


def test_popped_container_is_plain_data() -> None:
    state = session("s", {"a": {"b": [1]}, "l": [[1]]})
    popped = [state.l.pop(), state.pop("l"), state.popitem()]
    assert popped == [[1], [], ("a", {"b": [1]})]


def test_popped_container_is_detached(area: Any) -> None:
    state = session("s", {"l": [[1]]})
    state.l.pop().append(2)
    assert text_at(area) == '{"l":[]}'


def test_view_assigned_to_its_own_place_changes_nothing(area: Any) -> None:
    state = session("s", {"l": [1]})
    view = state.l
    state.l += [2]
    assert (state.l is view, text_at(area)) == (True, '{"l":[1,2]}')


def test_list_view_assigned_to_its_own_place_changes_nothing(area: Any) -> None:
    state = session("s", {"l": [[1]]})
    view = state.l[0]
    state.l[-1] += [2]
    assert (state.l[0] is view, text_at(area)) == (True, '{"l":[[1,2]]}')
