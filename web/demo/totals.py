"""What an order costs, in whole cents. An order is a state or a `dict` of the same shape."""

from typing import Any, NamedTuple

from .catalogue import METHODS, PRODUCTS, VAT_PERCENT, WRAPPING


class Totals(NamedTuple):
    """Amounts in cents; `vat` is contained in `total`."""

    subtotal: int
    wrapping: int
    delivery: int
    vat: int
    total: int


def totals(order: Any) -> Totals:
    """What the order costs as it stands; an empty basket costs nothing, not even its delivery."""
    subtotal = sum(line_total(line) for line in order["lines"])
    delivery = order["delivery"]
    wrapping = WRAPPING if delivery["is_gift"] and subtotal else 0
    carriage = delivery_price(delivery["method"], subtotal) if subtotal else 0
    total = subtotal + wrapping + carriage
    return Totals(subtotal, wrapping, carriage, contained_vat(total), total)


def line_total(line: Any) -> int:
    return PRODUCTS[line["sku"]].price * int(line["quantity"])


def delivery_price(method: str, subtotal: int) -> int:
    chosen = METHODS[method]
    is_free = chosen.free_from is not None and subtotal >= chosen.free_from
    return 0 if is_free else chosen.price


def contained_vat(gross: int) -> int:
    """The VAT within a price that includes it, half a cent rounded up."""
    whole = 100 + VAT_PERCENT
    return (2 * gross * VAT_PERCENT + whole) // (2 * whole)


def euro(cents: int) -> str:
    """An amount as people read it: ``€1,234.50``."""
    return f"€{cents // 100:,}.{cents % 100:02}"
