"""`schema`: classes and functions that decide what a state of a dict may hold."""

from typing import Any

import pytest

from anchor_session import (
    MapView,
    SchemaError,
    StorageWarning,
    batch,
    restored,
    session,
    snapshot,
)
from anchor_session.page.open_states import leave_all
from tests.support import KEY, REJECTED, Spy, rows, text_at
from tests.typed.kinds import DataCart, StructCart

pytestmark = pytest.mark.both

INIT = {"note": "init", "lines": [{"sku": "A"}]}


def cart(kind: Any, **options: Any) -> Any:
    return session("s", INIT, schema=kind.Cart, **options)


def test_view_is_an_ordinary_map(kind: Any) -> None:
    state = cart(kind)
    assert type(state) is MapView
    assert state == INIT
    assert type(snapshot(state)) is dict
    state.lines[0]["qty"] = 4
    state["newer"] = 1
    del state["newer"]
    leave_all()
    assert cart(kind).lines == [{"sku": "A", "qty": 4}]


@rows(
    ("path", "statement"),
    [
        ("$.note", lambda state: setattr(state, "note", 7)),
        ("$.lines[0].qty", lambda state: state.lines[0].update(qty="x")),
        ("$.lines[0].sku", lambda state: state.lines[0].pop("sku")),
        ("$.lines[1].sku", lambda state: state.lines.append({"qty": 1})),
        ("$.lines", lambda state: setattr(state, "lines", {})),
        ("$.by_sku.z.qty", lambda state: setattr(state, "by_sku", {"z": {"sku": "z", "qty": "x"}})),
        ("$.lines[0].qty", lambda state: state.lines.insert(0, {"sku": "a", "qty": "x"})),
        ("$.place.street", lambda state: state.setdefault("place", {"street": 1})),
    ],
)
def test_bad_change_is_refused_and_changes_nothing(
    kind: Any, area: Any, path: str, statement: Any
) -> None:
    state = cart(kind)
    text = text_at(area)
    with pytest.raises(SchemaError) as caught:
        statement(state)
    assert caught.value.path == path
    assert state == INIT
    assert text_at(area) == text


def test_batch_is_looked_at_when_it_ends(kind: Any, area: Any) -> None:
    state = cart(kind)
    text = text_at(area)
    with batch():
        state.lines.append({})
        state.lines[1]["sku"] = "B"
        state.note = 5
        state.note = "fine"
        state.lines.insert(0, {"sku": "C"})
    assert [line["sku"] for line in state.lines] == ["C", "A", "B"]
    text = text_at(area)
    with pytest.raises(SchemaError), batch():
        state.note = "good"
        state.lines.append({"sku": 1})
        state.gift = {"sku": "G"}
    assert text_at(area) == text
    assert state.note == "fine"
    assert len(state.lines) == 3
    assert "gift" not in state


def test_record_that_does_not_fit_keeps_its_good_keys(kind: Any, area: Any) -> None:
    text = '{"note":7,"lines":[{"sku":"B"}],"gift":{"sku":2},"newer":1}'
    area.setItem(KEY, text)
    with pytest.warns(StorageWarning, match="these keys start from init: note, gift"):
        state = cart(kind, area=area)
    assert state == {"note": "init", "lines": [{"sku": "B"}], "newer": 1}
    assert text_at(area, REJECTED) == text
    assert restored(state).outcome == "restored"
    leave_all()
    area.setItem(KEY, text)
    with pytest.warns(StorageWarning, match="starts from init"):
        state = cart(kind, strict=True, area=area)
    assert state == INIT
    assert restored(state).outcome == "rejected"


def test_reload_changes_nothing_of_what_fits(kind: Any, area: Any) -> None:
    text = '{"note":"","lines":[],"at":"2026-01-02T03:04:05","paid":1}'
    area.setItem(KEY, text)
    state = cart(kind)
    assert state.at == "2026-01-02T03:04:05"
    assert text_at(area) == text


def test_init_has_to_fit(kind: Any, area: Any) -> None:
    with pytest.raises(SchemaError, match="init does not fit") as caught:
        session("s", {"lines": [{"qty": 1}]}, schema=kind.Cart)
    assert caught.value.path == "$.lines[0].sku"
    assert text_at(area) is None
    assert session("s", schema=kind.Cart) == {}


# -- functions -------------------------------------------------------------------------------


def limited(data: "dict[str, Any]") -> "dict[str, Any]":
    if data["number"] > 10:
        raise ValueError("number is more than 10")
    return {**data, "number": int(data["number"])}


def numbered(schema: Any = limited, **options: Any) -> Any:
    return session("s", {"number": 1, "text": ""}, schema=schema, **options)


def test_function_refuses_a_change(area: Any) -> None:
    state = numbered()
    text = text_at(area)
    with pytest.raises(SchemaError, match="number is more than 10") as caught:
        state.number = 11
    assert caught.value.path == "$"
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(SchemaError):
        del state.number
    assert state.number == 1
    assert text_at(area) == text
    state.number = 10


def test_what_a_function_returns_counts_at_opening_only(area: Any) -> None:
    area.setItem(KEY, '{"number":"7"}')
    with pytest.warns(StorageWarning):
        assert numbered().number == 1
    leave_all()
    area.setItem(KEY, '{"number":2.5}')
    state = numbered()
    assert state == {"number": 2, "text": ""}
    assert text_at(area) == '{"number":2,"text":""}'
    state.number = 3.5
    assert state.number == 3.5


def test_function_that_changes_its_argument_does_no_harm(area: Any) -> None:
    def spoils(data: "dict[str, Any]") -> "dict[str, Any]":
        found = {**data, "list": list(data["list"])}
        data["list"].append("spoilt")
        data.clear()
        return found

    state = session("s", {"list": []}, schema=spoils)
    state.list.append(1)
    assert state == {"list": [1]}
    assert text_at(area) == '{"list":[1]}'


@rows("returned", [None, [], 1, "x"])
def test_function_that_returns_something_else_refuses_init(area: Any, returned: Any) -> None:
    area.setItem(KEY, '{"number":2}')
    with pytest.raises(SchemaError, match="not a dict"):
        numbered(lambda data: returned)
    assert text_at(area) == '{"number":2}'


def test_function_that_returns_what_cannot_be_stored(area: Any) -> None:
    with pytest.raises(SchemaError, match="cannot store"):
        numbered(lambda data: {"number": object()})
    assert text_at(area) is None


def test_function_that_raises_something_odd(area: Any) -> None:
    class Odd(Exception):
        pass

    def refuses(data: "dict[str, Any]") -> "dict[str, Any]":
        if data["number"] == 5:
            raise Odd
        if data["number"] == 6:
            raise KeyboardInterrupt
        return data

    state = numbered(refuses)
    with pytest.raises(SchemaError, match="Odd"):
        state.number = 5
    with pytest.raises(KeyboardInterrupt):
        state.number = 6
    assert state.number == 1
    assert text_at(area) == '{"number":1,"text":""}'


def test_function_that_refuses_a_record_keeps_its_good_keys(area: Any) -> None:
    area.setItem(KEY, '{"number":11,"text":"good"}')
    with pytest.warns(StorageWarning, match="these keys start from init: number"):
        state = numbered()
    assert state == {"number": 1, "text": "good"}


def test_function_is_asked_once_a_batch() -> None:
    asked: list[Any] = []

    def note(data: "dict[str, Any]") -> "dict[str, Any]":
        asked.append(data)
        return data

    spy = Spy()
    state = numbered(note, area=spy)
    asked.clear()
    with batch():
        state.number = 2
        state.number = 3
    assert asked == [{"number": 3, "text": ""}]
    state.number = 3
    assert len(asked) == 1


def test_function_checks_a_typed_state_too(kind: Any) -> None:
    def short(data: "dict[str, Any]") -> "dict[str, Any]":
        if len(data["lines"]) > 1:
            raise ValueError("too many")
        return data

    state = session("s", kind.Cart(lines=[kind.Line(sku="A")]), schema=short)
    assert isinstance(state, kind.Cart)
    with pytest.raises(SchemaError, match="too many"):
        state.lines.append(kind.Line(sku="B"))
    assert len(state.lines) == 1


def test_schema_error_of_a_function_keeps_its_path() -> None:
    def refuses(data: "dict[str, Any]") -> "dict[str, Any]":
        if data["number"] == 5:
            raise SchemaError("five", path="$.number")
        return data

    state = numbered(refuses)
    with pytest.raises(SchemaError, match="five") as caught:
        state.number = 5
    assert caught.value.path == "$.number"


# -- second opening --------------------------------------------------------------------------


def test_another_schema_raises() -> None:
    state = session("s", {}, schema=DataCart)
    assert session("s", {}, schema=DataCart) is state
    assert session("s") is state
    with pytest.raises(ValueError, match="StructCart"):
        session("s", {}, schema=StructCart)
    with pytest.raises(ValueError, match="limited"):
        session("s", {"number": 1}, schema=limited)
    session("free", {})
    with pytest.raises(ValueError, match="DataCart"):
        session("free", {}, schema=DataCart)


def test_schema_of_another_class_than_init_raises() -> None:
    with pytest.raises(ValueError, match="its own schema"):
        session("s", DataCart(), schema=StructCart)
    session("s", DataCart(), schema=DataCart)


@rows("schema", [dict, int, 7, "x", DataCart()])
def test_what_is_no_schema_raises(schema: Any) -> None:
    with pytest.raises(TypeError, match="schema is a dataclass"):
        session("s", {}, schema=schema)
