"""What a type checker makes of `session()`. It is read by mypy and never run.

A line with ``type: ignore`` has to be an error: one that is none any more is reported as unused.
"""

from dataclasses import dataclass, field
from typing import assert_type

import msgspec
import pydantic

from anchor_session import (
    Computed,
    Effect,
    History,
    ListView,
    MapView,
    effect,
    history,
    persistent,
    reset,
    restored,
    session,
    snapshot,
    writable,
)


@dataclass
class Line:
    sku: str
    qty: int = 1


@dataclass
class Cart:
    lines: list[Line] = field(default_factory=list)
    note: str = ""

    def total(self) -> int:
        return sum(line.qty for line in self.lines)


class Place(msgspec.Struct):
    street: str = ""


class Person(pydantic.BaseModel):
    name: str = ""


cart = session("cart", Cart())
assert_type(cart, Cart)
assert_type(cart.lines, list[Line])
assert_type(cart.total(), int)
cart.lines.append(Line("A"))
cart.note = "x"
assert_type(session("place", Place(), strict=True).street, str)
assert_type(persistent("person", Person()).name, str)
assert_type(session("cart", Cart(), merge="deep", immutable=True), Cart)

cart.note = 1  # type: ignore[assignment]
cart.lines.append("A")  # type: ignore[arg-type]
cart.lines[0].qty = "many"  # type: ignore[assignment]
cart.lines.move(0, 1)  # type: ignore[attr-defined]
cart.colour = "red"  # type: ignore[attr-defined]
cart["lines"]  # type: ignore[index]

assert_type(session("map"), MapView)
assert_type(session("map", {"a": 1}), MapView)
assert_type(session("map", {"a": 1}, schema=Cart, strict=True), MapView)
session("map", None).anything.goes = 1
restored(cart).outcome.upper()
snapshot(cart)
rows: ListView = session("map")["rows"]
rows.move(0, -1)
writable(cart.lines).move(0, -1)

session("list", [1, 2])  # type: ignore[call-overload]
session("number", 7)  # type: ignore[call-overload]
session("typo", Cart(), stict=True)  # type: ignore[call-overload]
session("merge", Cart(), merge=3)  # type: ignore[call-overload]

reset(cart)
session.reset(cart)
assert_type(history(session("map"), session("other"), limit=5), History)


@effect
def show() -> None:
    cart.total()


@effect(on_error=lambda error: print(error.args))
def show_it() -> None:
    cart.total()


assert_type(show, Effect)
assert_type(show_it, Effect)
assert_type(Effect(cart.total, on_error=print).stop(), None)
assert_type(show.why[0][1], tuple[str | int, ...])
Effect(cart.total, on_err=print)  # type: ignore[call-arg]
Computed(cart.total, on_error=print)  # type: ignore[call-arg]
