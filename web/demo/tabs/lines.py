"""The basket that all tabs share: a row for each line, marked where another tab has just changed it."""

from functools import partial
from typing import Any

from pyscript import when, window

from anchor_session import Computed, Effect, batch, each, effect, instance_load, instance_save

from ..catalogue import LARGEST_QUANTITY, PRODUCTS
from ..dom import find, find_all, set_text, show
from ..prices import euro
from ..rows import new_row, show_quantity
from .here import mine, now
from .state import basket, me

# -- what is shown ------------------------------------------------------------------------------

_drawn: dict[str, int] = {}  # quantities


def show_line(sku: str, row: Any) -> None:
    line = basket.lines[sku]
    quantity, by = line.quantity, line.by
    show_quantity(quantity, find("input", row))
    set_text(".line-total", euro(PRODUCTS[sku].price * quantity), row)
    row.style.setProperty("--hue", str(by.hue))
    set_text(".line-by", "you" if by.id == me else by.name, row)
    if by.id == me:
        row.classList.remove("news")
    elif _drawn.get(sku, quantity) != quantity:
        flash(row)
    _drawn[sku] = quantity


def flash(row: Any) -> None:
    row.classList.remove("news")
    row.offsetWidth  # noqa: B018 - the browser has to see it without, or the animation goes on
    row.classList.add("news")


def known_lines() -> list[str]:
    """What there are lines of, in the order they were added."""
    lines = basket.lines
    return sorted(
        (sku for sku in lines if sku in PRODUCTS), key=lambda sku: (lines[sku].added, sku)
    )


def line_row(sku: str) -> Any:
    row = new_row(sku)
    if not find("#lines .ghost") and basket.lines[sku].by.id != me:
        flash(row)
    Effect(partial(show_line, sku, row))
    return row


each(find("#lines"), known_lines, line_row)
for ghost in find_all("#lines .ghost"):  # what stands there while Python boots
    ghost.remove()


@effect
def show_whether_empty() -> None:
    find("#empty").hidden = len(known_lines()) > 0


def pieces_text() -> str:
    pieces = sum(basket.lines[sku].quantity for sku in known_lines())
    return "1 item" if pieces == 1 else f"{pieces} items"


total = Computed(
    lambda: sum(PRODUCTS[sku].price * basket.lines[sku].quantity for sku in known_lines())
)
show("#pieces", pieces_text)
show("#total", lambda: euro(total()))


# -- what changes it ----------------------------------------------------------------------------


def put(sku: str, quantity: int) -> None:
    """Let there be so many of it, by this tab."""
    quantity = min(max(quantity, 1), LARGEST_QUANTITY)
    by = {"id": me, **mine.get()}
    with batch():
        if sku in basket.lines:
            line = basket.lines[sku]
            line.quantity = quantity
            line.by = by
        else:
            basket.lines[sku] = {"quantity": quantity, "added": now(), "by": by}
    count()


def count() -> None:
    changes = instance_load("changes") + 1
    instance_save("changes", changes)
    set_text("#changes", str(changes))


def quantity_of(sku: str) -> int:
    quantity: int = basket.lines[sku].quantity if sku in basket.lines else 0
    return quantity


@when("submit", "#add")
def add_line(event: Any) -> None:
    event.preventDefault()
    sku = find("#product").value
    put(sku, quantity_of(sku) + int(find("#quantity").value))
    find("#quantity").value = "1"


@when("input", "#lines")
def type_quantity(event: Any) -> None:
    if event.target.validity.valid:
        put(sku_at(event.target), int(event.target.value))


@when("change", "#lines")
def leave_quantity(event: Any) -> None:
    show_quantity(quantity_of(sku_at(event.target)), event.target)


@when("click", "#lines")
def press_in_line(event: Any) -> None:
    button = event.target.closest("button")
    if not button:
        return
    sku = sku_at(button)
    if button.matches("[data-remove]"):
        basket.lines.pop(sku, None)
        count()
        find("#product").focus()
    else:
        put(sku, quantity_of(sku) + int(button.dataset.by))


def sku_at(element: Any) -> str:
    """What the row is of in which that is."""
    sku: str = element.closest("li").dataset.sku
    return sku


for sku, product in PRODUCTS.items():
    find("#product").add(window.Option.new(f"{product.name}, {euro(product.price)}", sku))
find("#quantity").max = str(LARGEST_QUANTITY)
