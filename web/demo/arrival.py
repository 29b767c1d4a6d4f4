"""How the page comes up, and where the customer left it."""

from typing import Any

from pyscript import document, when, window

from anchor_session import batch, restored

from .dom import find, set_text
from .notices import show_status
from .state import restore_ms, view, visit


def arrive() -> None:
    """Open the page to the customer, where they were if they were here before."""
    outcome = restored(visit).outcome
    is_back = outcome in ("restored", "migrated")
    if is_back:
        view.reloads += 1
    show_times(outcome)
    if outcome == "migrated":
        title = "Everything is here, in its new shape."
        show_status(
            title, f"The order of an earlier release, brought over in {restore_ms:,.1f} ms."
        )
    elif is_back:
        show_status(
            "Everything is still here.",
            f"Reload {view.reloads}: basket, fields, step and cursor, back in {restore_ms:,.1f} ms.",
        )
    else:
        show_status("Go on, reload it.", "Change anything first: this tab will remember.")
    document.documentElement.dataset.ready = outcome
    find("main").inert = False
    find("#reload").disabled = find("#start-over").disabled = False
    if is_back:
        go_to_place()


def show_times(outcome: str) -> None:
    python = window.performance.getEntriesByName("python")[0].startTime
    ready = window.performance.now()
    set_text("#outcome", outcome)
    set_text("#restore", f"{restore_ms:,.1f} ms")
    set_text("#boot", f"{python:,.0f} ms")
    set_text("#program", f"{ready - python - restore_ms:,.0f} ms")


def go_to_place() -> None:
    """Focus, caret and scroll as they were when the page was left."""
    field = document.getElementById(view.field)
    if field and not field.closest("[hidden]"):
        field.focus(preventScroll=True)
        if view.caret is not None:
            field.setSelectionRange(view.caret, view.caret)
    window.scrollTo(0, view.scroll)


@when("focusin", "main")
def note_field(event: Any) -> None:
    if event.target.matches("input, select, textarea"):
        view.field = event.target.id


@when("pagehide", window)
def note_place() -> None:
    field = document.getElementById(view.field)
    caret = getattr(field, "selectionStart", None) if field else None
    with batch():
        view.scroll = round(window.scrollY)
        view.caret = caret if isinstance(caret, int) else None


@when("click", "#reload")
def reload() -> None:
    window.location.reload()
