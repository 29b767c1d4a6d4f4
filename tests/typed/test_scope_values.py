"""Dataclasses, Structs and pydantic models in the session scope."""

import dataclasses
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Annotated, Any

import msgspec
import pytest

from anchor_session import (
    SchemaError,
    ScopeChange,
    SessionScope,
    UnstorableValueError,
    session,
    session_init,
    session_load,
    session_remove,
    session_save,
)
from anchor_session.page.scopes.browser_session import enter
from anchor_session.page.scopes.once import give_up_all
from tests.support import read

pytestmark = pytest.mark.both


def stored(key_text: str = '"k"') -> Any:
    return read(enter().area.get(f"{enter().scope_prefix()}{key_text}"))


def lines_of(kind: SimpleNamespace) -> Any:
    return list.__class_getitem__(kind.Line)


def cart(kind: SimpleNamespace) -> Any:
    return kind.Cart(lines=[kind.Line(sku="A", qty=2)])


def test_instance_is_stored_as_its_fields(kind: SimpleNamespace) -> None:
    session_save("k", kind.Line(sku="A", qty=2))
    assert stored()["sku"] == "A"
    assert session_load("k") == stored()


def test_instance_comes_back_as_its_class(kind: SimpleNamespace) -> None:
    value = cart(kind)
    session_save("k", value)
    found = session_load("k", kind.Cart)
    assert (type(found), found) == (kind.Cart, value)
    found.lines.append(kind.Line(sku="B"))
    assert session_load("k", kind.Cart) == value


def test_instances_inside_of_containers_are_stored_too(kind: SimpleNamespace) -> None:
    lines = [kind.Line(sku="A"), kind.Line(sku="B")]
    session_save("k", {"lines": lines, "n": 1})
    session_save("l", lines)
    assert [line["sku"] for line in session_load("k")["lines"]] == ["A", "B"]
    assert session_load("l", lines_of(kind)) == lines


def test_what_is_no_such_instance_is_none(kind: SimpleNamespace) -> None:
    for value in (1, "x", [1], {"sku": 1}, {"qty": "many"}):
        session_save("k", value)
        assert session_load("k", kind.Line) is None


def test_instance_that_does_not_fit_its_class_changes_nothing(kind: SimpleNamespace) -> None:
    session_save("k", 1)
    value = kind.Line(sku="A")
    value.qty = "many"
    with pytest.raises(SchemaError) as caught:
        session_save("k", [value])
    assert caught.value.path == "$[0].qty"
    assert session_load("k") == 1


def test_typed_state_is_saved_as_a_copy_of_its_data(kind: SimpleNamespace) -> None:
    state = session("cart", cart(kind))
    session_save("k", state)
    session_save("l", [state.lines[0]])
    state.lines[0].qty = 9
    assert session_load("k", kind.Cart) == cart(kind)
    assert session_load("l", lines_of(kind)) == cart(kind).lines


def test_union_of_classes(kind: SimpleNamespace) -> None:
    session_save("k", kind.Line(sku="A"))
    assert session_load("k", kind.Line | None) == kind.Line(sku="A")


def test_save_gives_the_value_before_as_the_class_of_the_new_one(kind: SimpleNamespace) -> None:
    assert session_save("k", kind.Line(sku="A")) is None
    give_up_all()
    previous = session_save("k", kind.Line(sku="B"))
    assert (type(previous), previous) == (kind.Line, kind.Line(sku="A"))


def test_value_before_that_is_no_such_instance_is_none(kind: SimpleNamespace) -> None:
    for value in (1, "x", [1], {"sku": 1}, {"qty": "many"}):
        session_save("k", value)
        assert session_save("k", kind.Line(sku="A")) is None
        assert stored()["sku"] == "A"


def test_saving_a_typed_state_gives_the_value_before_as_its_class(kind: SimpleNamespace) -> None:
    state = session("cart", cart(kind))
    session_save("k", state)
    previous = session_save("k", state)
    assert (type(previous), previous) == (kind.Cart, cart(kind))


def test_type_of_a_save_counts_more_than_the_class_of_the_value(kind: SimpleNamespace) -> None:
    session_save("k", kind.Line(sku="A"))
    fields = stored()
    assert session_save("k", kind.Line(sku="B"), dict) == fields
    assert session_save("k", {}, type=kind.Line) == kind.Line(sku="B")


def test_what_holds_instances_says_no_class(kind: SimpleNamespace) -> None:
    lines = [kind.Line(sku="A")]
    session_save("k", lines)
    assert session_save("k", lines) == session_load("k")
    assert session_save("k", lines, lines_of(kind)) == lines


def test_remove_gives_the_value_as_the_type_that_is_asked_for(kind: SimpleNamespace) -> None:
    for asked, expected in ((kind.Line, kind.Line(sku="A")), (list, None)):
        session_save("k", kind.Line(sku="A"))
        assert session_remove("k", asked) == expected
        assert session_load("k") is None


def test_class_for_a_factory_is_the_type_each_time(kind: SimpleNamespace) -> None:
    for factory in (kind.Cart, partial(kind.Cart, note="x")):
        first = session_init("k", factory)
        give_up_all()
        again = session_init("k", factory)
        assert (type(first), type(again)) == (kind.Cart, kind.Cart)
        assert first == again == factory()
        session_remove("k")


def test_what_another_factory_makes_comes_out_as_its_class_and_is_found_as_its_fields(
    kind: SimpleNamespace,
) -> None:
    assert session_init("k", lambda: kind.Line(sku="A")) == kind.Line(sku="A")
    assert session_init("k", lambda: 1 // 0) == stored()
    assert session_init("k", lambda: 1 // 0, kind.Line) == kind.Line(sku="A")


def test_init_leaves_what_is_no_such_instance(kind: SimpleNamespace) -> None:
    session_save("k", {"qty": "many"})
    assert [session_init("k", kind.Line), session_init("k", lambda: 1 // 0, list)] == [None, None]
    assert stored() == {"qty": "many"}


def test_subscribers_are_told_fields_whatever_the_call_gives(kind: SimpleNamespace) -> None:
    session_save("k", kind.Line(sku="A"))
    before = stored()
    heard: list[ScopeChange] = []
    SessionScope().subscribe(heard.append)
    session_save("k", kind.Line(sku="B"))
    after = stored()
    session_remove("k", kind.Line)
    assert heard == [ScopeChange("k", after, before), ScopeChange("k", None, after)]


@dataclass
class Strict:
    n: int = 1

    def __post_init__(self) -> None:
        assert self.n > 0


def test_what_a_class_asserts_away_keeps_nobody_from_saving() -> None:
    session_save("k", {"n": 0})
    assert session_load("k", Strict) is None
    assert session_save("k", Strict(2)) is None
    assert session_load("k", Strict) == Strict(2)


def test_instances_are_no_keys_and_their_remedy_makes_one(kind: SimpleNamespace) -> None:
    key = kind.Place(street="A", zip="2")
    with pytest.raises(UnstorableValueError, match=r"Place as a key .*: here ") as caught:
        session_save(key, 1)
    remedy = str(caught.value).partition(": here ")[2]
    names = {"key": key, "dataclasses": dataclasses, "msgspec": msgspec}
    assert eval(remedy, names) == ("A", "2")


def test_subscribers_are_told_the_fields(kind: SimpleNamespace) -> None:
    heard: list[ScopeChange] = []
    SessionScope().subscribe(heard.append)
    session_save("k", kind.Line(sku="A"))
    assert heard == [ScopeChange("k", stored(), None)]


@dataclass
class Socket:
    handle: object = field(default_factory=object)
    on_click: Any = print


def test_instance_with_what_cannot_be_stored_is_refused() -> None:
    with pytest.raises(UnstorableValueError):
        session_save("k", Socket())
    assert session_load("k") is None


def test_annotated_type_is_asserted() -> None:
    session_save("k", 5)
    for minimum, found in ((1, 5), (9, None)):
        assert session_load("k", Annotated[int, msgspec.Meta(ge=minimum)]) == found
    assert session_load("k", Annotated[int, ["unhashable"]]) == 5


def test_value_that_holds_itself_and_an_instance_is_refused() -> None:
    value: list[Any] = [Socket(1, 2)]
    value.append(value)
    with pytest.raises(UnstorableValueError, match="nested"):
        session_save("k", value)
