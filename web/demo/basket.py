"""The basket: a row for each line."""

from functools import partial
from typing import Any

from pyscript import when, window

from anchor_session import Effect, effect

from .catalogue import LARGEST_QUANTITY, PRODUCTS
from .dom import copy_of, find, find_all, set_text
from .order import Line
from .prices import euro
from .state import order

# -- what is shown ------------------------------------------------------------------------------


def show_line(line: Line, row: Any) -> None:
    show_quantity(line, find("input", row))
    set_text(".line-total", euro(line.price), row)


def show_quantity(line: Line, field: Any) -> None:
    if field.value != str(line.quantity):
        field.value = str(line.quantity)


def new_row(line: Line) -> Any:
    product, field = line.product, f"quantity-{line.sku}"
    row = copy_of("line-row")
    row.dataset.sku = line.sku
    row.style.setProperty("--tint", str(product.tint))
    find("use", row).setAttribute("href", f"#picture-{line.sku}")
    set_text(".line-name", product.name, row)
    set_text(".line-note", f"{product.note} · {euro(product.price)}", row)
    set_text("label", f"Quantity of {product.name}", row)
    find("label", row).htmlFor = find("input", row).id = field
    find("input", row).max = str(LARGEST_QUANTITY)
    find("[data-by='-1']", row).ariaLabel = f"One {product.name} less"
    find("[data-by='1']", row).ariaLabel = f"One {product.name} more"
    find("[data-remove]", row).ariaLabel = f"Remove {product.name}"
    return row


@effect
def show_lines() -> None:
    """Rows that are there stay, and so does the focus in them. A quantity concerns its row alone."""
    old = {row.dataset.sku: row for row in find_all("#lines > li")}
    # Each by its index: a loop over the lines would read, and follow, all that is in them.
    lines = [order.lines[number] for number in range(len(order.lines))]
    rows = [old.pop(line.sku, None) or new_row(line) for line in lines]
    for row in old.values():
        row.remove()
    box = find("#lines")
    for number, row in enumerate(rows):
        there = box.children.item(number)
        if there != row:
            box.insertBefore(row, there)
        Effect(partial(show_line, lines[number], row))
    find("#empty").hidden = len(lines) > 0
    find("#to-delivery").disabled = not lines


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
    show_quantity(line_at(event.target), event.target)  # the last one that was a quantity


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
