"""The steps of the order: which one is shown, and how to get to another."""

from datetime import date, datetime
from typing import Any

from pyscript import when

from anchor_session import Computed, batch, effect

from .dom import find_all, focus_on
from .notices import show_status
from .order import STEPS
from .state import order, past

reached = Computed(lambda: order.reached(date.today()))


@effect
def show_panel() -> None:
    for panel in find_all(".panel"):
        panel.hidden = panel.id != order.panel


@effect
def show_steps() -> None:
    """How far the indicator says the order is."""
    for number, button in enumerate(find_all(".steps button")):
        is_current = STEPS[number] == order.panel
        button.disabled = not is_current and (bool(order.placed) or number > reached())
        is_done = bool(order.placed) or number < STEPS.index(order.step)
        button.toggleAttribute("data-done", is_done)
        if is_current:
            button.setAttribute("aria-current", "step")
        else:
            button.removeAttribute("aria-current")


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
    order.placed = datetime.now().isoformat(timespec="seconds")
    past.clear()  # an order that was sent is not taken back by a key
    focus_on("placed")


@when("click", "#start-over")
def start_over() -> None:
    with batch():
        order.start_over()
    show_status("A new order.", "Undo brings the old one back.")


@when("click", "#another")
def start_another() -> None:
    start_over()
    focus_on("basket")
