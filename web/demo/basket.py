"""The basket: a row for each line."""

from functools import partial
from typing import Any

from pyscript import when, window

from anchor_session import Effect, each, effect

from .catalogue import LARGEST_QUANTITY, PRODUCTS
from .dom import find, set_text
from .order import Line
from .prices import euro
from .rows import new_row, show_quantity
from .state import order

# -- what is shown ------------------------------------------------------------------------------


def show_line(line: Line, row: Any) -> None:
    show_quantity(line.quantity, find("input", row))
    set_text(".line-total", euro(line.price), row)


def line_row(line: Line) -> Any:
    """A quantity concerns its row alone."""
    row = new_row(line.sku)
    Effect(partial(show_line, line, row))
    return row


find("#lines").replaceChildren()  # the rows that stand there while Python boots
each(find("#lines"), order.lines, line_row)


@effect
def show_whether_empty() -> None:
    find("#empty").hidden = len(order.lines) > 0
    find("#to-delivery").disabled = not order.lines


# -- what changes it ----------------------------------------------------------------------------


@when("submit", "#add")
def add_line(event: Any) -> None:
    event.preventDefault()
    order.add(find("#product").value, int(find("#quantity").value))
    find("#quantity").value = "1"


# Not bound: a field that is empty, or beyond the limits, on the way to a quantity is none yet.
@when("input", "#lines")
def type_quantity(event: Any) -> None:
    if event.target.validity.valid:
        line_at(event.target).quantity = int(event.target.value)


@when("change", "#lines")
def leave_quantity(event: Any) -> None:
    show_quantity(line_at(event.target).quantity, event.target)  # the last one that was a quantity


@when("click", "#lines")
def press_in_line(event: Any) -> None:
    button = event.target.closest("button")
    if not button:
        return
    line = line_at(button)
    if button.matches("[data-remove]"):
        order.lines.remove(line)
        find("#product").focus()
    else:
        line.add(int(button.dataset.by))


def line_at(element: Any) -> Line:
    """The line in whose row that is."""
    line = order.line_of(element.closest("li").dataset.sku)
    assert line is not None
    return line


for sku, product in PRODUCTS.items():
    find("#product").add(window.Option.new(f"{product.name}, {euro(product.price)}", sku))
find("#quantity").max = str(LARGEST_QUANTITY)
