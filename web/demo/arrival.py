"""How the page comes up, and where the customer left it."""

from pyscript import document, window

from anchor_session import MapView, restored

from .dom import find, find_all, set_text
from .notices import show_status


def show_ready(order: MapView, restore_ms: float) -> None:
    """Open the page to the customer, where they were if they were here before."""
    python = window.performance.getEntriesByName("python")[0].startTime
    ready = window.performance.now()
    outcome = restored(order).outcome
    set_text("#outcome", outcome)
    set_text("#restore", f"{restore_ms:,.1f} ms")
    set_text("#boot", f"{python:,.0f} ms")
    set_text("#program", f"{ready - python - restore_ms:,.0f} ms")
    if outcome == "restored":
        show_status(
            "Everything is still here.",
            f"Reload {order.view.reloads}: basket, fields, step and cursor, back in "
            f"{restore_ms:,.1f} ms.",
        )
    else:
        show_status("Go on, reload it.", "Change anything first: this tab will remember.")
    document.documentElement.dataset.ready = outcome
    find("main").inert = False
    for button in find_all(".proof button"):
        button.disabled = False
    if outcome == "restored":
        go_to_place(order)


def place(order: MapView) -> dict[str, int | None]:
    """How far the page is scrolled, and where the caret is in the field that was last used."""
    field = document.getElementById(order.view.field)
    caret = getattr(field, "selectionStart", None) if field else None
    return {
        "scroll": round(window.scrollY),
        "caret": caret if isinstance(caret, int) else None,
    }


def go_to_place(order: MapView) -> None:
    """Focus, caret and scroll as they were when the page was left."""
    here = order.view
    field = document.getElementById(here.field)
    if field and not field.closest("[hidden]"):
        field.focus(preventScroll=True)
        if here.caret is not None:
            field.setSelectionRange(here.caret, here.caret)
    window.scrollTo(0, here.scroll)
