"""The whole order, to be looked at before and after it is placed."""

from datetime import datetime

from anchor_session import each

from .catalogue import METHODS
from .dom import find, item_of, show
from .state import order


def line_texts() -> list[str]:
    return [f"{line.quantity} × {line.product.name}" for line in order.lines]


def address_lines() -> list[str]:
    name, street, postcode, town = order.delivery.address
    lines = (name, street, f"{postcode} {town}".strip())
    return [line for line in lines if line]


def when_text() -> str:
    day = order.delivery.when
    chosen = f"{day:%A %-d %B %Y}" if day else "no day chosen"
    return f"{METHODS[order.delivery.method].name}, {chosen}"


def gift_text() -> str:
    if not order.delivery.is_gift:
        return "Not wrapped"
    note = order.delivery.note
    return f"Wrapped, with a note: “{note}”" if note else "Wrapped, without a note"


def payment_text() -> str:
    text: str = find(f"label:has(#pay-{order.payment.method}) .choice-name").textContent
    return text


def placed_text() -> str:
    return f"{datetime.fromisoformat(order.placed):%H:%M on %-d %B %Y}" if order.placed else ""


each(find("#review-lines"), line_texts, item_of)
each(find("#review-address"), address_lines, item_of)
show("#review-when", when_text)
show("#review-gift", gift_text)
show("#review-payment", payment_text)
show("#review-email", lambda: order.payment.email)
show("#placed-at", placed_text)
show("#placed-email", lambda: order.payment.email)
