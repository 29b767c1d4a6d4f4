"""The page's program: one state, what changes it, and what follows it."""

from collections.abc import Callable
from datetime import date, datetime
from time import perf_counter
from typing import Any

from pyscript import when, window

from anchor_session import Change, MapView, restored, session, snapshot, subscribe

from . import arrival, ledger, notices, view
from .catalogue import LARGEST_QUANTITY
from .checkout import new_order
from .dom import find, focus_on

# -- the state ----------------------------------------------------------------------------------

called = perf_counter()
order = session("order", new_order(), merge="deep", on_error=notices.show_error)
restore_ms = (perf_counter() - called) * 1000

before_start_over: dict[str, Any] = {}

# -- what changes it: the basket ----------------------------------------------------------------


@when("submit", "#add")
def add_line(event: Any) -> None:
    event.preventDefault()
    sku, field = find("#product").value, find("#quantity")
    line = line_of(sku)
    if line is None:
        order.lines.append({"sku": sku, "quantity": int(field.value)})
    else:
        line.quantity = within(line.quantity + int(field.value))
    field.value = "1"


@when("input", "#lines")
def type_quantity(event: Any) -> None:
    if event.target.validity.valid:
        line_of(sku_at(event.target)).quantity = int(event.target.value)


@when("change", "#lines")
def leave_quantity(event: Any) -> None:
    view.show_lines(order)  # what is no quantity gives way to the last one that was


@when("click", "#lines")
def press_in_line(event: Any) -> None:
    button = event.target.closest("button")
    if not button:
        return
    line = line_of(sku_at(button))
    if button.matches("[data-remove]"):
        order.lines.remove(line)
        find("#product").focus()
    else:
        line.quantity = within(line.quantity + int(button.dataset.by))


def sku_at(element: Any) -> str:
    sku: str = element.closest("li").dataset.sku
    return sku


def line_of(sku: str) -> Any:
    """The line of that product, None where there is none."""
    return next((line for line in order.lines if line.sku == sku), None)


def within(quantity: int) -> int:
    return min(max(quantity, 1), LARGEST_QUANTITY)


# -- what changes it: the fields and the steps --------------------------------------------------


@when("input", "#delivery, #payment")
def fill_in(event: Any) -> None:
    part, key = event.target.name.split(".")
    order[part][key] = value_of(event.target)


def value_of(field: Any) -> Any:
    if field.type == "checkbox":
        return field.checked
    if field.type == "date":
        return date.fromisoformat(field.value) if field.value else None
    return field.value


@when("click", "[data-go]")
def go(event: Any) -> None:
    go_to(event.currentTarget.dataset.go)


@when("submit", "[data-next]")
def go_on(event: Any) -> None:
    event.preventDefault()
    go_to(event.target.dataset.next)


def go_to(step: str) -> None:
    order.step = step
    focus_on(step)


@when("submit", "#place")
def place_order(event: Any) -> None:
    event.preventDefault()
    order.placed = datetime.now().replace(microsecond=0)
    focus_on("placed")


@when("click", "#start-over")
def start_over() -> None:
    global before_start_over
    before_start_over = snapshot(order)
    order.update(new_order() | {"view": order.view})
    notices.show_started_over()


@when("click", "#another")
def start_another() -> None:
    order.update(new_order() | {"view": order.view})
    focus_on("basket")


@when("click", "#undo")
def undo() -> None:
    order.update(before_start_over | {"view": order.view})
    find("#start-over").focus()


# -- what changes it: where the customer is -----------------------------------------------------


@when("focusin", "main")
def note_field(event: Any) -> None:
    if event.target.matches("input, select, textarea"):
        order.view.field = event.target.id


@when("pagehide", window)
def note_place() -> None:
    order.view.update(arrival.place(order))


@when("change", "#exact")
def choose_text(event: Any) -> None:
    order.view.is_exact = event.target.checked


@when("click", "#reload")
def reload() -> None:
    window.location.reload()


# -- what follows it ----------------------------------------------------------------------------


def follow(show: Callable[[MapView], None], *parts: str) -> None:
    """Show the order now, and again after each change of one of these parts, or of anything."""
    show(order)
    paths: list[tuple[str, ...]] = [(part,) for part in parts]
    for path in paths or [()]:
        subscribe(order, lambda change: show(order), path=path)


def drop_undo(change: Change) -> None:
    if change.path[:1] != ("view",):
        find("#undo").hidden = True


view.show_catalogue()
follow(view.show_lines, "lines")
follow(view.show_fields, "delivery", "payment")
follow(view.show_totals, "lines", "delivery")
follow(view.show_steps, "step", "placed", "lines", "delivery", "payment")
follow(view.show_review, "placed", "lines", "delivery", "payment")
follow(notices.show_problem)
follow(ledger.show_stored)
subscribe(order, drop_undo)

if restored(order).outcome == "restored":
    order.view.reloads += 1
arrival.show_ready(order, restore_ms)
