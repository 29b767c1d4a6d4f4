"""The same classes as dataclasses, Structs and pydantic models."""

import dataclasses
import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import pydantic


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class LineMethods:
    """What all `Line` classes define in Python."""

    if TYPE_CHECKING:
        qty: int
        price: float
    else:
        __slots__ = ()

    def total(self) -> float:
        return self.qty * self.price

    def more(self, number: int = 1) -> Any:
        self.qty += number
        return self

    def __str__(self) -> str:
        return f"{self.qty} pieces"


class CartMethods:
    """What all `Cart` classes define in Python."""

    if TYPE_CHECKING:
        lines: Any
        note: Any
    else:
        __slots__ = ()

    @property
    def total(self) -> float:
        return float(sum(line.total() for line in self.lines))

    @property
    def headline(self) -> str:
        return str(self.note).upper()

    @headline.setter
    def headline(self, text: str) -> None:
        self.note = text.lower()

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, line: Any) -> bool:
        return line in self.lines

    @classmethod
    def empty(cls) -> Any:
        return cls()

    @staticmethod
    def twice(number: int) -> int:
        return 2 * number


@dataclasses.dataclass
class DataLine(LineMethods):
    sku: str
    qty: int = 1
    price: float = 1.0
    color: Color = Color.RED


@dataclasses.dataclass(frozen=True)
class DataPlace:
    street: str = ""
    zip: str = ""


@dataclasses.dataclass
class DataCart(CartMethods):
    lines: "list[DataLine]" = dataclasses.field(default_factory=list)
    by_sku: "dict[str, DataLine]" = dataclasses.field(default_factory=dict)
    gift: "DataLine | None" = None
    place: DataPlace = dataclasses.field(default_factory=DataPlace)
    tags: "set[str]" = dataclasses.field(default_factory=set)
    colors: "set[Color]" = dataclasses.field(default_factory=set)
    levels: "list[Level]" = dataclasses.field(default_factory=list)
    at: "datetime | None" = None
    paid: Decimal = Decimal(0)
    id: "UUID | None" = None
    photo: bytes = b""
    pair: "tuple[int, Color]" = (0, Color.RED)
    grid: "list[list[int]]" = dataclasses.field(default_factory=list)
    items: "dict[str, int]" = dataclasses.field(default_factory=dict)
    extra: "dict[str, Any]" = dataclasses.field(default_factory=dict)
    note: str = ""


@dataclasses.dataclass
class DataNode:
    name: str = ""
    children: "list[DataNode]" = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class DataMoments:
    day: date = date(2026, 1, 2)
    hour: time = time(3, 4)
    length: timedelta = timedelta(5)
    fixed: "frozenset[int]" = frozenset()
    either: "int | str" = 0
    number: "float | None" = None


class StructLine(LineMethods, msgspec.Struct):
    sku: str
    qty: int = 1
    price: float = 1.0
    color: Color = Color.RED


class StructPlace(msgspec.Struct, frozen=True):
    street: str = ""
    zip: str = ""


class StructCart(CartMethods, msgspec.Struct):
    lines: list[StructLine] = []
    by_sku: dict[str, StructLine] = {}
    gift: StructLine | None = None
    place: StructPlace = msgspec.field(default_factory=StructPlace)
    tags: set[str] = set()
    colors: set[Color] = set()
    levels: list[Level] = []
    at: datetime | None = None
    paid: Decimal = Decimal(0)
    id: UUID | None = None
    photo: bytes = b""
    pair: tuple[int, Color] = (0, Color.RED)
    grid: list[list[int]] = []
    items: dict[str, int] = {}
    extra: dict[str, Any] = {}
    note: str = ""


class StructNode(msgspec.Struct):
    name: str = ""
    children: "list[StructNode]" = []


class StructMoments(msgspec.Struct):
    day: date = date(2026, 1, 2)
    hour: time = time(3, 4)
    length: timedelta = timedelta(5)
    fixed: frozenset[int] = frozenset()
    either: int | str = 0
    number: float | None = None


class ModelLine(LineMethods, pydantic.BaseModel):
    sku: str
    qty: int = 1
    price: float = 1.0
    color: Color = Color.RED


class ModelPlace(pydantic.BaseModel, frozen=True):
    street: str = ""
    zip: str = ""


class ModelCart(CartMethods, pydantic.BaseModel):
    lines: list[ModelLine] = []
    by_sku: dict[str, ModelLine] = {}
    gift: ModelLine | None = None
    place: ModelPlace = ModelPlace()
    tags: set[str] = set()
    colors: set[Color] = set()
    levels: list[Level] = []
    at: datetime | None = None
    paid: Decimal = Decimal(0)
    id: UUID | None = None
    photo: bytes = b""
    pair: tuple[int, Color] = (0, Color.RED)
    grid: list[list[int]] = []
    items: dict[str, int] = {}
    extra: dict[str, Any] = {}
    note: str = ""


class ModelNode(pydantic.BaseModel):
    name: str = ""
    children: "list[ModelNode]" = []


class ModelMoments(pydantic.BaseModel):
    day: date = date(2026, 1, 2)
    hour: time = time(3, 4)
    length: timedelta = timedelta(5)
    fixed: frozenset[int] = frozenset()
    either: int | str = 0
    number: float | None = None


def _kind(prefix: str) -> SimpleNamespace:
    names = ("Line", "Place", "Cart", "Node", "Moments")
    return SimpleNamespace(name=prefix, **{name: globals()[prefix + name] for name in names})


KINDS = [_kind("Data"), _kind("Struct"), _kind("Model")]
