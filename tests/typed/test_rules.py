"""What a class demands beyond the types of its fields, and types that take more than one form."""

import dataclasses
import itertools
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal, NewType

import msgspec
import pydantic
import pytest

from anchor_session import SchemaError, batch, session, snapshot
from anchor_session.page.open_states import leave_all
from tests.support import read, rows, text_at

pytestmark = pytest.mark.both


@dataclasses.dataclass
class Range:
    low: int = 0
    high: int = 10

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


@dataclasses.dataclass
class Ranges:
    first: Range = dataclasses.field(default_factory=Range)
    more: "list[Range]" = dataclasses.field(default_factory=list)
    note: str = ""


class StructRange(msgspec.Struct):
    low: int = 0
    high: int = 10

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


class StructRanges(msgspec.Struct):
    first: StructRange = msgspec.field(default_factory=StructRange)
    more: list[StructRange] = []
    note: str = ""


class ModelRange(pydantic.BaseModel):
    low: int = 0
    high: int = 10

    @pydantic.model_validator(mode="after")
    def ordered(self) -> "ModelRange":
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class ModelRanges(pydantic.BaseModel):
    first: ModelRange = ModelRange()
    more: list[ModelRange] = []
    note: str = ""


@rows("kind", [Ranges, StructRanges, ModelRanges])
def test_rule_of_a_whole_is_asked_after_each_statement(kind: Any, area: Any) -> None:
    state = session("s", kind())
    text = text_at(area)
    with pytest.raises(SchemaError, match="low is above high") as caught:
        state.first.low = 11
    assert caught.value.path == "$.first"
    assert text_at(area) == text
    with batch():
        state.first.low = 11
        state.first.high = 12
    state.more.append({"low": 1})
    with pytest.raises(SchemaError) as caught:
        state.more[0].high = 0
    assert caught.value.path == "$.more[0]"
    with pytest.raises(SchemaError, match="above"), batch():
        state.note = "x"
        state.more[0].high = 0
    assert (state.note, state.more[0].high) == ("", 10)
    with pytest.raises(SchemaError, match="above"):
        state.more.append({"low": 1, "high": 0})
    found = snapshot(state)
    leave_all()
    assert session("s", kind()) == found


class Limits(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1)] = "x"
    numbers: Annotated[list[int], msgspec.Meta(max_length=2)] = []


class ModelLimits(pydantic.BaseModel):
    name: str = pydantic.Field(default="x", min_length=1)
    numbers: list[int] = pydantic.Field(default=[], max_length=2)


@rows("kind", [Limits, ModelLimits])
def test_limits_of_values_and_containers_hold(kind: Any) -> None:
    state = session("s", kind())
    with pytest.raises(SchemaError):
        state.name = ""
    state.numbers.extend([1, 2])
    with pytest.raises(SchemaError) as caught:
        state.numbers.append(3)
    assert caught.value.path == "$.numbers"
    assert state.numbers == [1, 2]


class Mail(pydantic.BaseModel):
    host: IPv4Address | None = None


def test_validators_of_pydantic_change_what_is_stored(area: Any) -> None:
    class Lower(pydantic.BaseModel):
        address: str = ""
        number: int = pydantic.Field(0, alias="NUMBER")

        @pydantic.field_validator("address")
        @classmethod
        def lower(cls, value: str) -> str:
            if " " in value:
                raise ValueError("a space")
            return value.lower()

        @pydantic.computed_field  # type: ignore[prop-decorator]
        @property
        def domain(self) -> str:
            return self.address.partition("@")[2]

    state: Any = session("s", Lower.model_validate({"address": "A@B"}))
    state.address = "Ada@Example.ORG"
    assert state.address == "ada@example.org"
    assert state.domain == "example.org"
    assert read(text_at(area)) == {"address": "ada@example.org", "number": 0}
    with pytest.raises(SchemaError, match="a space") as caught:
        state.address = "a b"
    assert caught.value.path == "$.address"
    state.number = "7"
    assert state.number == 7
    assert snapshot(state).address == "ada@example.org"


def test_type_of_pydantic_without_a_form_of_ours_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Mail\.host"):
        session("s", Mail())


def test_extra_keys_of_a_pydantic_model(area: Any) -> None:
    class Open(pydantic.BaseModel, extra="allow"):
        a: int = 1

    class Closed(pydantic.BaseModel, extra="forbid"):
        a: int = 1

    state: Any = session("s", Open.model_validate({"a": 2, "b": [1]}))
    assert state.b == [1]
    assert snapshot(state).model_extra == {"b": [1]}
    leave_all()
    with pytest.warns(UserWarning, match="init: b"):
        assert session("s", Closed()) == Closed(a=2)
    assert read(text_at(area)) == {"a": 2}


class Cat(msgspec.Struct, tag=True):
    name: str = ""
    lives: int = 9


class Dog(msgspec.Struct, tag=True):
    name: str = ""
    tricks: list[str] = []


class Zoo(msgspec.Struct):
    one: Cat | Dog | None = None
    all: list[Cat | Dog] = []


class ModelCat(pydantic.BaseModel):
    type: Literal["Cat"] = "Cat"
    name: str = ""
    lives: int = 9


class ModelDog(pydantic.BaseModel):
    type: Literal["Dog"] = "Dog"
    name: str = ""
    tricks: list[str] = []


class ModelZoo(pydantic.BaseModel):
    one: ModelCat | ModelDog | None = None
    all: list[ModelCat | ModelDog] = []


@rows(("zoo", "cat", "dog"), [(Zoo, Cat, Dog), (ModelZoo, ModelCat, ModelDog)])
def test_one_of_several_models(zoo: Any, cat: Any, dog: Any) -> None:
    state = session("s", zoo(all=[dog(name="Rex", tricks=["sit"])]))
    assert isinstance(state.all[0], dog)
    state.all.append(cat(name="Tom"))
    state.all[1].lives -= 1
    state.all[0].tricks.append("roll")
    state.one = dog()
    state.one = cat(lives=3)
    with pytest.raises(SchemaError):
        state.all[1].lives = "x"
    found = snapshot(state)
    assert found == zoo(
        one=cat(lives=3), all=[dog(name="Rex", tricks=["sit", "roll"]), cat(name="Tom", lives=8)]
    )
    leave_all()
    state = session("s", zoo())
    assert state == found
    assert isinstance(state.one, cat)


Sku = NewType("Sku", str)


class Renamed(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    list_price: float = 1.0
    sku: Sku = Sku("")
    size: Literal["s", "m"] = "s"


class Shop(msgspec.Struct):
    goods: list[Renamed] = []


def test_renamed_fields_are_stored_under_their_names_in_json(area: Any) -> None:
    state = session("s", Shop(goods=[Renamed(list_price=2.0)]))
    assert read(text_at(area)) == {"goods": [{"listPrice": 2.0, "sku": "", "size": "s"}]}
    assert state.goods[0].list_price == 2.0
    with pytest.raises(SchemaError):
        state.goods.append({"size": "l"})  # type: ignore[arg-type]
    state.goods[0] = Renamed(size="m")
    assert snapshot(state) == Shop(goods=[Renamed(size="m")])


def test_pydantic_model_inside_a_dataclass() -> None:
    @dataclasses.dataclass
    class Holder:
        limits: ModelLimits
        all: Any = None

    Holder.__annotations__["limits"] = ModelLimits
    state: Any = session("s", Holder(ModelLimits()))
    assert isinstance(state.limits, ModelLimits)
    state.limits.name = "new"
    with pytest.raises(SchemaError):
        state.limits.name = ""
    assert snapshot(state) == Holder(ModelLimits(name="new"))


@rows("kind", [Ranges, StructRanges, ModelRanges])
def test_rule_that_is_broken_for_a_moment_is_an_error_of_ours(kind: Any) -> None:
    state = session("s", kind())
    with batch():
        state.first.low = 11
        assert "11" in repr(state.first)
        with pytest.raises(SchemaError, match="low is above high"):
            snapshot(state.first)
        state.first.low = 1
    assert snapshot(state.first).low == 1


class Sorted(pydantic.BaseModel):
    ranges: Annotated[list[ModelRange], pydantic.AfterValidator(lambda found: _rising(found))] = []


def _rising(ranges: "list[ModelRange]") -> "list[ModelRange]":
    if any(one.low > other.low for one, other in itertools.pairwise(ranges)):
        raise ValueError("not in order")
    return ranges


@rows("kind", ["class", "schema"])
def test_move_that_breaks_a_rule_of_the_list_is_refused(kind: str, area: Any) -> None:
    init = {"ranges": [{"low": 1, "high": 9}, {"low": 2, "high": 9}]}
    state: Any = (
        session("s", Sorted(**init)) if kind == "class" else session("s", init, schema=Sorted)  # type: ignore[arg-type]
    )
    first = state.ranges[0]
    with pytest.raises(SchemaError, match="not in order"):
        state.ranges.move(0, 1)
    assert (state.ranges[0] is first, read(text_at(area))) == (True, init)


class Place(msgspec.Struct):
    at: tuple[int, str] = (0, "")


def test_move_that_breaks_the_form_of_a_tuple_is_refused(area: Any) -> None:
    state = session("s", {"at": [1, "x"]}, schema=Place)
    with pytest.raises(SchemaError):
        state.at.move(0, 1)
    assert read(text_at(area)) == {"at": [1, "x"]}


@dataclasses.dataclass(order=True)
class Version:
    major: int = 0
    minor: int = 0

    def __enter__(self) -> "Version":
        return self

    def __exit__(self, *error: object) -> None:
        self.minor += 1


@dataclasses.dataclass
class Releases:
    all: "list[Version]" = dataclasses.field(default_factory=list)


def test_order_and_other_special_methods_of_the_class() -> None:
    state = session("s", Releases([Version(2, 1), Version(1, 5)]))
    assert state.all[0] > state.all[1]
    assert state.all[0] < Version(3)
    state.all.sort()
    assert [one.major for one in state.all] == [1, 2]
    assert max(state.all) is state.all[1]
    with state.all[0] as one:
        assert one.minor == 5
    assert state.all[0] == Version(1, 6)


class Base(pydantic.BaseModel):
    name: str = "base"

    def greet(self) -> str:
        return f"I am {self.name}"


class Derived(Base):
    def greet(self) -> str:
        return super().greet() + "!"


def test_super_works_in_methods() -> None:
    state = session("s", Derived())
    state.name = "new"
    assert state.greet() == "I am new!"
