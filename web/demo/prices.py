"""Amounts in whole cents: what delivery costs, what is VAT, how they are written."""

from .catalogue import METHODS, VAT_PERCENT


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


def euro_or_free(cents: int) -> str:
    return euro(cents) if cents else "Free"
