"""What is said beside the order: how it stands, and what went wrong."""

from anchor_session import Restored

from .dom import find, set_text


def show_error(error: Exception) -> None:
    """Say that the order could not be stored."""
    say(
        f"Not saved: {error}. The order is kept as long as this page stays open, and it will be "
        "saved as soon as there is room."
    )


def show_problem(found: Restored) -> None:
    """Say where the order is not stored as it should be; take it back once all is well."""
    if found.outcome == "memory":
        say("This browser keeps no data for this page: a reload will lose the order.")
    elif found.dirty and found.error is not None:
        show_error(found.error)
    elif found.outcome == "rejected":
        say("The stored order could not be read. It was put aside, and this is a new one.")
    else:
        say("")


def say(problem: str) -> None:
    set_text("#problem", problem)
    find("#problem").hidden = not problem


def show_status(title: str, detail: str) -> None:
    set_text("#status-title", title)
    set_text("#status-detail", detail)
