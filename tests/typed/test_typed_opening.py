"""How a record becomes a typed state again, and what happens to one that does not fit."""

import contextlib
import dataclasses
import enum
import warnings
from collections.abc import Callable
from typing import Any

import msgspec
import pydantic
import pytest

from anchor_session import (
    MigrationError,
    SchemaError,
    StorageWarning,
    UnstorableValueError,
    leave,
    restored,
    session,
    snapshot,
)
from anchor_session.page.open_states import leave_all
from tests.support import KEY, REJECTED, Killed, Spy, entries, read, rows, text_at
from tests.typed.kinds import KINDS, DataCart, StructCart

pytestmark = pytest.mark.both


def cart(kind: Any, **options: Any) -> Any:
    return session("s", kind.Cart(lines=[kind.Line(sku="A")], note="init"), **options)


def stored(area: Any, text: str) -> None:
    area.setItem(KEY, text)


def test_new_state_is_stored_at_once(kind: Any, area: Any) -> None:
    cart(kind, area=area)
    assert read(text_at(area))["note"] == "init"


def test_init_is_copied(kind: Any, area: Any) -> None:
    init = kind.Cart(lines=[kind.Line(sku="A")])
    state = session("s", init)
    init.lines[0].qty = 9
    init.lines.append(init.lines[0])
    assert state == kind.Cart(lines=[kind.Line(sku="A")])


def test_view_as_init_is_copied(kind: Any, area: Any) -> None:
    state = cart(kind, area=area)
    other = session("other", state)
    assert isinstance(other, kind.Cart)
    other.note = "x"
    assert state.note == "init"


def test_field_that_the_record_lacks_appears(kind: Any, area: Any) -> None:
    stored(area, '{"note":"old"}')
    state = cart(kind, area=area)
    assert (state.note, state.lines, state.items) == ("old", [kind.Line(sku="A")], {})
    assert restored(state).outcome == "restored"
    assert read(text_at(area))["pair"] == [0, "red"]


def test_nested_field_that_the_record_lacks_gets_its_default(kind: Any, area: Any) -> None:
    stored(area, '{"lines":[{"sku":"B"}]}')
    state = cart(kind, area=area)
    assert state.lines == [kind.Line(sku="B")]
    assert state.lines[0].qty == 1


def test_deleted_field_of_an_untyped_state_is_back(kind: Any, area: Any) -> None:
    cart(kind, area=area)
    leave_all()
    del session("s", {"note": "init"}, area=area)["note"]
    leave_all()
    assert cart(kind, area=area).note == "init"


def test_what_the_class_does_not_know_stays_in_the_record(kind: Any, area: Any) -> None:
    stored(area, '{"newer":[1],"lines":[{"sku":"B","newer":true}]}')
    state = cart(kind, area=area)
    state.note = "changed"
    found = read(text_at(area))
    assert found["newer"] == [1]
    assert found["lines"][0]["newer"] is True
    assert snapshot(state).lines == [kind.Line(sku="B")]
    leave_all()
    assert cart(kind, area=area) == snapshot(state)


def test_texts_of_javascript_become_what_the_class_says(kind: Any, area: Any) -> None:
    stored(area, '{"at":"2026-01-02T03:04:05","tags":["a"],"lines":[{"sku":"A","price":2}]}')
    state = cart(kind, area=area)
    assert state.at.minute == 4
    assert state.tags == {"a"}
    assert type(state.lines[0].price) is float


BAD_RECORD = '{"note":7,"lines":[{"sku":"B"}],"gift":{"sku":"G","qty":"x"}}'


def test_record_that_does_not_fit_keeps_its_good_keys(kind: Any, area: Any) -> None:
    stored(area, BAD_RECORD)
    with pytest.warns(StorageWarning, match="these keys start from init: note, gift"):
        state = cart(kind, area=area)
    assert state.lines == [kind.Line(sku="B")]
    assert (state.note, state.gift) == ("init", None)
    assert text_at(area, REJECTED) == BAD_RECORD
    found = restored(state)
    assert (found.outcome, found.rejected, found.dirty) == ("restored", BAD_RECORD, False)
    assert isinstance(found.error, SchemaError)
    assert found.error.path in ("$.note", "$.gift.qty")
    leave_all()
    assert cart(kind, area=area).lines == [kind.Line(sku="B")]


def test_strict_refuses_the_whole_record(kind: Any, area: Any) -> None:
    stored(area, BAD_RECORD)
    with pytest.warns(StorageWarning, match="starts from init"):
        state = cart(kind, strict=True, area=area)
    assert state == kind.Cart(lines=[kind.Line(sku="A")], note="init")
    assert text_at(area, REJECTED) == BAD_RECORD
    found = restored(state)
    assert (found.outcome, found.rejected) == ("rejected", BAD_RECORD)
    assert isinstance(found.error, SchemaError)


def test_record_that_does_not_fit_and_cannot_be_moved_stays(kind: Any) -> None:
    from anchor_session.testing import MemoryArea

    area = MemoryArea(quota=len(KEY) + len(BAD_RECORD) + 20)
    stored(area, BAD_RECORD)
    with pytest.warns(StorageWarning, match="no room"):
        state = cart(kind, area=area)
    assert text_at(area) == BAD_RECORD
    assert restored(state).dirty
    area.quota = None
    with pytest.warns(StorageWarning, match="moved"):
        state.note = "room again"
    assert text_at(area, REJECTED) == BAD_RECORD


def test_record_that_does_not_fit_survives_a_kill_at_any_call(kind: Any) -> None:
    for number in range(12):
        spy = Spy()
        stored(spy.area, BAD_RECORD)

        def fault(count: int, call: "tuple[str, ...]", number: int = number) -> None:
            if count == number:
                raise Killed

        spy.fault = fault
        with contextlib.suppress(Killed), warnings.catch_warnings():
            warnings.simplefilter("ignore", StorageWarning)
            cart(kind, area=spy)
        spy.heal()
        leave_all()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StorageWarning)
            assert cart(kind, area=spy).lines == [kind.Line(sku="B")]
        leave_all()
        assert BAD_RECORD in entries(spy).values()


def test_merge_options_apply(kind: Any, area: Any) -> None:
    stored(area, '{"items":{"b":2}}')
    state = session("s", kind.Cart(items={"a": 1}), merge="deep")
    assert state.items == {"b": 2, "a": 1}
    leave_all()
    state = session("s", kind.Cart(), merge=lambda init, found: {**found, "note": "merged"})
    assert state.note == "merged"


def test_migrated_record_has_to_fit(kind: Any, area: Any) -> None:
    area.setItem("anchor-session://s@1", '{"text":"old"}')
    with pytest.raises(MigrationError) as caught:
        session("s@2:1", kind.Cart(), area=area, migrate=lambda old: {"note": 7})
    assert caught.value.version == "1"
    assert isinstance(caught.value.__cause__, SchemaError)
    assert text_at(area, "anchor-session://s@1") == '{"text":"old"}'
    state = session("s@2:1", kind.Cart(), area=area, migrate=lambda old: {"note": old["text"]})
    assert (state.note, restored(state).outcome) == ("old", "migrated")


def test_same_class_again_is_the_same_object(kind: Any, area: Any) -> None:
    state = cart(kind, area=area)
    assert cart(kind, area=area) is state
    leave(state)
    leave(state)
    assert cart(kind, area=area) is not state


def test_another_class_raises() -> None:
    state = session("s", DataCart())
    with pytest.raises(ValueError, match="DataCart"):
        session("s", StructCart())
    with pytest.raises(ValueError, match="DataCart"):
        session("s", {})
    session("u", {})
    with pytest.raises(ValueError, match="DataCart"):
        session("u", DataCart())
    assert session("s", DataCart()) is state


def test_other_document_is_followed_where_it_fits(kind: Any, area: Any) -> None:
    from anchor_session import host
    from anchor_session.page import open_states

    state = cart(kind, area=area)
    line = state.lines[0]
    found = text_at(area)
    assert found is not None
    area.setItem(KEY, found.replace('"qty":1', '"qty":6'))
    open_states._pages[host.current()]._shown()
    assert line is state.lines[0]
    assert line.qty == 6
    area.setItem(KEY, found.replace('"qty":1', '"qty":"x"'))
    with pytest.warns(StorageWarning, match="stays as it is"):
        open_states._pages[host.current()]._shown()
    assert line.qty == 6
    with pytest.warns(StorageWarning, match="moved"):
        line.qty = 8
    assert read(text_at(area))["lines"][0]["qty"] == 8


# -- classes that no state can hold ----------------------------------------------------------


@dataclasses.dataclass
class Complex:
    number: complex = 1j


@dataclasses.dataclass
class Outer:
    inner: "list[Complex]" = dataclasses.field(default_factory=list)


class Calling(msgspec.Struct):
    then: Callable[[], None] | None = None


class ModelCalling(pydantic.BaseModel):
    then: Callable[[], None] | None = None


class ModelSecret(pydantic.BaseModel):
    word: pydantic.SecretStr = pydantic.SecretStr("x")


@dataclasses.dataclass
class ByNumber:
    names: "dict[int, str]" = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class SetOfLists:
    names: "set[tuple[int, int]]" = dataclasses.field(default_factory=set)


class Mixed(enum.Enum):
    ONE = 1.5


@dataclasses.dataclass
class Enumerated:
    one: Mixed = Mixed.ONE


@dataclasses.dataclass
class Computed:
    number: int = dataclasses.field(default=1, init=False)


class ListLike(msgspec.Struct, array_like=True):
    number: int = 1


@dataclasses.dataclass
class Clashing:
    _data: int = 1


@rows(
    ("init", "named"),
    [
        (Complex(), "Complex.number"),
        (Outer(), "Complex.number"),
        (Calling(), "Calling.then"),
        (ModelCalling(), "ModelCalling.then"),
        (ModelSecret(), "word"),
        (ByNumber(), "ByNumber.names"),
        (SetOfLists(), "SetOfLists.names"),
        (Computed(), "Computed.number"),
        (Enumerated(), "Enumerated.one"),
        (ListLike(), "ListLike"),
        (Clashing(), "Clashing._data"),
    ],
)
def test_class_that_no_state_can_hold_is_refused(area: Any, init: Any, named: str) -> None:
    stored(area, "{}")
    with pytest.raises((UnstorableValueError, TypeError), match=named):
        session("s", init)
    assert text_at(area) == "{}"


def test_init_that_does_not_fit_its_own_class_is_refused(kind: Any, area: Any) -> None:
    init = kind.Cart()
    init.lines = [kind.Line(sku="A")]
    init.lines[0].qty = "many"
    with pytest.raises(SchemaError, match="init does not fit") as caught:
        session("s", init)
    assert caught.value.path == "$.lines[0].qty"
    assert text_at(area) is None


def test_opening_again_looks_at_the_class_alone(kind: Any) -> None:
    state = cart(kind)
    init = kind.Cart()
    init.note = 7  # is not looked at
    assert session("s", init) is state


def test_class_itself_is_no_init() -> None:
    classes: list[Any] = [DataCart, StructCart, KINDS[2].Cart]
    for cls in classes:
        with pytest.raises(TypeError, match="instance"):
            session("s", cls)
