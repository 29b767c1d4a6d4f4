"""Undo and redo, by their buttons and by the keys that everybody knows."""

from collections.abc import Callable
from typing import Any

from pyscript import document, when, window

from anchor_session import effect

from .dom import find, focus_on
from .notices import show_status
from .state import order, past

# There the browser has an undo of its own, letter by letter. It is left alone: what it brings back is
# entered like anything else, and the state follows.
TYPED_INTO = "textarea, input:not([type=radio], [type=checkbox], [type=date])"


@effect
def show_undo() -> None:
    find("#undo").disabled = not past.can_undo


@effect
def show_redo() -> None:
    find("#redo").disabled = not past.can_redo


@when("click", "#undo")
def undo() -> None:
    if replay(past.undo, "#redo"):
        show_status("Undone.", "The order is as it was before.")


@when("click", "#redo")
def redo() -> None:
    if replay(past.redo, "#undo"):
        show_status("Done again.", "The order is as it was after.")


def replay(move: Callable[[], bool], opposite: str) -> bool:
    """Undo or redo, and find a new place for the focus where its own is gone. Whether anything was done."""
    focused = document.activeElement
    is_done = move()
    if focused.matches(".actions :disabled"):
        find(opposite).focus()
    elif focused.matches(":disabled") or not focused.checkVisibility():
        focus_on(order.panel)
    return is_done


@when("keydown", window)
def press(event: Any) -> None:
    key = event.key.lower()
    if event.altKey or not (event.ctrlKey or event.metaKey) or event.target.matches(TYPED_INTO):
        return
    if key == "z":
        event.preventDefault()
        (redo if event.shiftKey else undo)()
    elif key == "y" and event.ctrlKey:
        event.preventDefault()
        redo()
