"""Random programs do to a typed state what they do to an instance, and a reload brings it back."""

import dataclasses
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anchor_session import session, snapshot
from anchor_session.page.open_states import leave_all
from anchor_session.testing import MemoryArea
from tests.programs import builtin_class
from tests.support import KEY, read
from tests.typed.kinds import KINDS, Color, Level

pytestmark = pytest.mark.both

Statement = Callable[[Any], Any]

_text = st.text('abé"😀', max_size=3)
_colors = st.sampled_from(Color)
_levels = st.sampled_from(Level)
_number = st.integers(-3, 3)
_floats = st.floats(allow_nan=False)


def fields(kind: Any) -> "dict[str, st.SearchStrategy[Any]]":
    """Everything that each field of a cart may hold."""
    lines = st.builds(kind.Line, sku=_text, qty=_number, price=_floats, color=_colors)
    return {
        "lines": st.lists(lines, max_size=3),
        "by_sku": st.dictionaries(_text, lines, max_size=2),
        "gift": st.none() | lines,
        "place": st.builds(kind.Place, street=_text, zip=_text),
        "tags": st.sets(_text, max_size=3),
        "colors": st.sets(_colors),
        "levels": st.lists(_levels, max_size=2),
        "at": st.none() | st.datetimes().map(lambda value: value.replace(fold=0)),
        "paid": st.decimals(allow_nan=False, allow_infinity=False),
        "id": st.none() | st.uuids(),
        "photo": st.binary(max_size=3),
        "pair": st.tuples(st.integers(), _colors),
        "grid": st.lists(st.lists(_number, max_size=2), max_size=2),
        "items": st.dictionaries(_text, st.integers(), max_size=2),
        "extra": st.dictionaries(
            _text, st.none() | _text | st.lists(_number, max_size=2), max_size=2
        ),
        "note": _text,
    }


def test_every_field_is_drawn() -> None:
    assert set(fields(KINDS[0])) == set(dataclasses.asdict(KINDS[0].Cart()))


def _assign(name: str, value: Any) -> Statement:
    return lambda cart: setattr(cart, name, deepcopy(value))


def _on_line(name: str, value: Any) -> Statement:
    def run(cart: Any) -> None:
        lines = [*cart.lines, *cart.by_sku.values(), *([cart.gift] if cart.gift else [])]
        if lines:
            setattr(lines[len(cart.note) % len(lines)], name, value)

    return run


def _call(path: str, method: str, *arguments: Any) -> Statement:
    def run(cart: Any) -> Any:
        return getattr(getattr(cart, path), method)(*deepcopy(arguments))

    return run


def statements(kind: Any) -> "st.SearchStrategy[Statement]":
    """One statement, which does the same to an instance and to a view."""
    lines = st.builds(kind.Line, sku=_text, qty=_number, color=_colors)
    return st.one_of(
        *[st.builds(_assign, st.just(name), values) for name, values in fields(kind).items()],
        st.builds(_on_line, st.just("qty"), _number),
        st.builds(_on_line, st.just("color"), _colors),
        st.builds(_on_line, st.just("sku"), _text),
        st.builds(_call, st.just("lines"), st.just("append"), lines),
        st.builds(_call, st.just("lines"), st.just("insert"), _number, lines),
        st.builds(_call, st.just("lines"), st.just("extend"), st.lists(lines, max_size=2)),
        st.builds(_call, st.just("lines"), st.just("pop"), _number),
        st.builds(_call, st.just("lines"), st.just("remove"), lines),
        st.builds(_call, st.just("lines"), st.just("__setitem__"), _number, lines),
        st.builds(_call, st.just("lines"), st.just("reverse")),
        st.builds(_call, st.just("by_sku"), st.just("__setitem__"), _text, lines),
        st.builds(_call, st.just("by_sku"), st.just("pop"), _text),
        st.builds(_call, st.just("by_sku"), st.just("clear")),
        st.builds(_call, st.just("tags"), st.just("add"), _text),
        st.builds(_call, st.just("colors"), st.just("discard"), _colors),
        st.builds(_call, st.just("colors"), st.just("add"), _colors),
        st.builds(_call, st.just("levels"), st.just("append"), _levels),
        st.builds(_call, st.just("levels"), st.just("sort")),
        st.builds(_call, st.just("grid"), st.just("append"), st.lists(_number, max_size=2)),
        st.builds(_call, st.just("items"), st.just("update"), st.dictionaries(_text, _number)),
    )


def outcome(statement: Statement, cart: Any) -> Any:
    """What the statement returns, or the class of its error."""
    try:
        result = statement(cart)
    except (LookupError, ValueError) as error:
        return builtin_class(error)
    return snapshot(result) if hasattr(type(result), "__anchor_plain__") else result


@given(st.data())
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_program_does_what_it_does_to_an_instance(data: "st.DataObject") -> None:
    kind = data.draw(st.sampled_from(KINDS))
    area = MemoryArea()
    model = data.draw(st.builds(kind.Cart, **fields(kind)))
    leave_all()
    state = session("s", model, area=area)
    for statement in data.draw(st.lists(statements(kind), min_size=4, max_size=8)):
        changed = deepcopy(model)
        assert outcome(statement, state) == outcome(statement, changed)
        model = changed
        assert snapshot(state) == model
        assert state == model
        leave_all()
        again = session("s", kind.Cart(), area=area)
        assert snapshot(again) == model
        text = area.getItem(KEY)
        assert read(text)["note"] == model.note
        state = again
