"""A typed state reads like an instance of its class."""

import copy
import dataclasses
import json
import pickle
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from anchor_session import MapView, SetView, session, snapshot
from tests.support import rows, text_at
from tests.typed.kinds import KINDS, Color, Level

pytestmark = pytest.mark.both


def opened(kind: Any) -> Any:
    return session("s", full(kind))


def full(kind: Any) -> Any:
    return kind.Cart(
        lines=[kind.Line(sku="A", qty=2, price=1.5), kind.Line(sku="B", color=Color.BLUE)],
        by_sku={"A": kind.Line(sku="A")},
        gift=kind.Line(sku="G"),
        place=kind.Place(street="Main"),
        tags={"x"},
        colors={Color.BLUE},
        levels=[Level.HIGH],
        at=datetime(2026, 1, 2),
        paid=Decimal("1.50"),
        photo=b"\x00\xff",
        pair=(3, Color.BLUE),
        grid=[[1], [2]],
        items={"a": 1},
        extra={"deep": {"list": [1]}},
        note="hi",
    )


def test_state_is_an_instance(kind: Any) -> None:
    state = opened(kind)
    assert isinstance(state, kind.Cart)
    assert isinstance(state.lines[0], kind.Line)
    assert isinstance(state.by_sku["A"], kind.Line)
    assert isinstance(state.gift, kind.Line)
    assert isinstance(state.place, kind.Place)
    assert not isinstance(state, (dict, MapView))


def test_fields_read_as_those_of_the_instance(kind: Any) -> None:
    state, plain = opened(kind), full(kind)
    for name in dataclasses.asdict(KINDS[0].Cart()):
        assert getattr(state, name) == getattr(plain, name), name
        assert getattr(plain, name) == getattr(state, name), name
    assert state.colors == {Color.BLUE}
    assert isinstance(state.colors, SetView)
    assert state.levels[0] is Level.HIGH
    assert type(state.pair) is tuple
    assert state.lines[1].color is Color.BLUE
    assert state.items["a"] == 1


def test_equality_holds_both_ways(kind: Any) -> None:
    state, plain = opened(kind), full(kind)
    assert state == plain
    assert plain == state
    assert not state != plain  # noqa: SIM202
    assert state == session("other", full(kind))
    plain.lines[0].qty = 9
    assert state != plain
    assert plain != state
    assert state != {"lines": []}
    assert state.lines != plain.lines
    assert state.lines[1:] == plain.lines[1:]
    assert state.by_sku == {"A": kind.Line(sku="A")}
    assert {"A": kind.Line(sku="A")} == state.by_sku
    assert state.lines[0] == kind.Line(sku="A", qty=2, price=1.5)


def test_repr_and_str_are_those_of_the_instance(kind: Any) -> None:
    state = opened(kind)
    assert repr(state) == repr(full(kind))
    assert repr(state.lines) == repr(full(kind).lines)
    assert repr(state.by_sku) == repr(full(kind).by_sku)
    assert str(state.lines[0]) == "2 pieces"


def test_what_the_class_defines_works_on_the_view(kind: Any) -> None:
    state = opened(kind)
    assert state.total == 4.0
    assert state.lines[0].total() == 3.0
    assert len(state) == 2
    assert kind.Line(sku="B", color=Color.BLUE) in state
    assert state.twice(4) == 8
    assert state.empty() == kind.Cart()
    assert type(state.empty()) is kind.Cart
    state.headline = "LOUD"
    assert (state.note, state.headline) == ("loud", "LOUD")


def test_method_that_changes_the_instance_changes_the_state(kind: Any, area: Any) -> None:
    state = opened(kind)
    line = state.lines[0]
    assert line.more(3) is line
    assert json.loads(text_at(area) or "")["lines"][0]["qty"] == 5


def test_same_container_is_the_same_view(kind: Any) -> None:
    state = opened(kind)
    assert state.lines is state.lines
    assert state.lines[0] is state.lines[0]
    assert state.lines[0] is next(iter(state.lines))
    assert state.lines[0] is state.lines[0:1][0]
    assert state.gift is state.gift
    assert state.by_sku["A"] is next(iter(state.by_sku.values()))
    assert state.by_sku["A"] is dict(state.by_sku.items())["A"]
    first = state.lines[0]
    state.lines.insert(0, kind.Line(sku="new"))
    assert state.lines[1] is first


def test_snapshot_is_an_instance_of_its_own(kind: Any) -> None:
    state = opened(kind)
    found = snapshot(state)
    assert type(found) is kind.Cart
    assert type(found.lines[0]) is kind.Line
    assert type(found.lines) is list
    assert found == full(kind)
    found.lines[0].qty = 99
    found.extra["deep"]["list"].append(2)
    found.tags.add("y")
    assert state == full(kind)
    assert [type(line) for line in snapshot(state.lines)] == [kind.Line, kind.Line]
    assert type(snapshot(state.by_sku)["A"]) is kind.Line
    assert snapshot(state.levels) == [Level.HIGH]
    assert type(snapshot(state.tags)) is set


@rows("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_are_instances(kind: Any, copied: Any) -> None:
    state = opened(kind)
    assert type(copied(state)) is kind.Cart
    assert copied(state) == state
    assert type(copied(state.lines)) is list


def test_match_takes_the_view_for_an_instance() -> None:
    from tests.typed.kinds import DataCart, DataLine

    state: Any = session("s", DataCart([DataLine("A", 2)]))
    match state:
        case DataCart(lines=[DataLine("A", number)]):
            assert number == 2
        case _:
            raise AssertionError


def test_state_may_refer_to_its_own_class(kind: Any) -> None:
    tree = kind.Node(name="a", children=[kind.Node(name="b", children=[kind.Node(name="c")])])
    state = session("s", tree)
    assert state.children[0].children[0].name == "c"
    state.children[0].children[0].children.append(kind.Node(name="d"))
    assert isinstance(state.children[0].children[0].children[0], kind.Node)
    assert snapshot(state).children[0].children[0].children == [kind.Node(name="d")]


def test_view_has_no_more_than_the_instance(kind: Any) -> None:
    state = opened(kind)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        state.nothing  # noqa: B018
    assert not hasattr(state.lines[0], "get")
    assert not hasattr(state.lines[0], "keys")
    with pytest.raises(TypeError, match="no len"):
        len(state.lines[0])
    with pytest.raises(TypeError, match="not subscriptable"):
        state["lines"]
    assert bool(state.lines[0])
    with pytest.raises(TypeError, match="unhashable"):
        hash(state)
    assert {"lines", "total", "place"} <= set(dir(state))


def test_what_pydantic_does_itself_takes_a_snapshot() -> None:
    state: Any = opened(KINDS[2])
    with pytest.raises(AttributeError, match="snapshot"):
        state.model_dump()
    assert snapshot(state).model_dump()["note"] == "hi"
