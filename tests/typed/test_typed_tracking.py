"""What effects read of typed lists, maps and sets: what stands there, not what lies below."""

import dataclasses
import enum
from collections.abc import Callable
from typing import Any

from anchor_session import Effect, batch, session, snapshot
from anchor_session.testing import MemoryArea
from tests.support import rows


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Line:
    sku: str
    quantity: int = 1


@dataclasses.dataclass
class Cart:
    lines: list[Line] = dataclasses.field(default_factory=lambda: [Line("A"), Line("B")])
    by_sku: dict[str, Line] = dataclasses.field(default_factory=lambda: {"A": Line("A")})
    colors: list[Color] = dataclasses.field(default_factory=lambda: [Color.RED])
    shades: set[Color] = dataclasses.field(default_factory=lambda: {Color.RED})
    pair: tuple[Line, Line] = (Line("P"), Line("Q"))


def is_run_again(read: Callable[[Cart], object], change: Callable[[Any], object]) -> bool:
    cart = session("cart", Cart(), area=MemoryArea())
    runs: list[int] = []

    def follow() -> None:
        read(cart)
        runs.append(1)

    one = Effect(follow)
    with batch():
        change(cart)
    one.stop()
    return len(runs) == 2


def below(cart: Cart) -> None:
    cart.lines[0].quantity = 7
    cart.by_sku["A"].quantity = 7


def there_and_back(cart: Cart) -> None:
    cart.lines.append(Line("C"))
    cart.lines.pop()
    cart.colors.append(Color.BLUE)
    cart.colors.pop()
    cart.shades.add(Color.BLUE)
    cart.shades.discard(Color.BLUE)
    cart.by_sku["B"] = Line("B")
    del cart.by_sku["B"]


def grow(cart: Cart) -> None:
    cart.lines.append(Line("C"))
    cart.by_sku["B"] = Line("B")
    cart.colors.append(Color.BLUE)
    cart.shades.add(Color.BLUE)


READS: dict[str, Callable[[Cart], object]] = {
    "a list": lambda cart: list(cart.lines),
    "a list backwards": lambda cart: list(reversed(cart.lines)),
    "a slice": lambda cart: cart.lines[:],
    "keys": lambda cart: list(cart.by_sku),
    "values": lambda cart: list(cart.by_sku.values()),
    "items": lambda cart: list(cart.by_sku.items()),
    "a list of scalars": lambda cart: list(cart.colors),
    "a set": lambda cart: set(cart.shades),
    "length": lambda cart: len(cart.lines),
}


@rows("read", sorted(READS))
def test_iterating_depends_on_what_stands_there(read: str) -> None:
    assert not is_run_again(READS[read], below)
    assert not is_run_again(READS[read], there_and_back)
    assert is_run_again(READS[read], grow)


@rows(
    "read",
    [
        snapshot,
        repr,
        lambda cart: cart == Cart(),
        lambda cart: cart.lines.copy(),
        lambda cart: cart.lines == [],
        lambda cart: Line("A") in cart.lines,
        lambda cart: ("A", Line("A")) in cart.by_sku.items(),
        lambda cart: [line.quantity for line in cart.lines],
    ],
)
def test_reading_the_whole_depends_on_everything_below(read: Callable[[Cart], object]) -> None:
    assert is_run_again(read, below)


def test_what_is_looked_for_is_compared_with_what_is_read() -> None:
    cart = session("cart", Cart(), area=MemoryArea())
    assert Color.RED in cart.colors
    assert "red" not in cart.colors  # type: ignore[comparison-overlap]
    assert cart.colors.count(Color.RED) == 1
    assert not is_run_again(lambda cart: Color.RED in cart.colors, below)
    assert is_run_again(lambda cart: Color.RED in cart.colors, grow)


def test_reading_a_tuple_depends_on_which_parts_it_has() -> None:
    def below_pair(cart: Cart) -> None:
        cart.pair[0].quantity = 9

    assert not is_run_again(lambda cart: cart.pair, below_pair)
    assert is_run_again(
        lambda cart: cart.pair, lambda cart: setattr(cart, "pair", (Line("X"), Line("Y")))
    )
