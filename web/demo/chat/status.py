"""What is said above the conversation of how things stand."""

from pyscript import document

from anchor_session import effect

from ..notices import show_status
from .shelf import known
from .state import is_back
from .talk import coming, shown
from .wording import number_of

_has_spoken = False  # since this page was loaded


@effect
def show_how_it_stands() -> None:
    global _has_spoken
    found, count = shown(), len(known()) - 1
    if coming() is not None:
        _has_spoken = True
        show_status("Reload now.", "What has come of the answer stays, and it goes on from there.")
    elif found["pending"] and is_back and not _has_spoken:
        show_status(
            "The page was reloaded, not the conversation.", "What had come is here. Go on with it."
        )
    elif count:
        show_status(
            f"{number_of(count, 'conversation')}, kept in this browser.",
            "Branch off after any message: the original stays as it is.",
        )
    else:
        show_status(
            "Ask the counter something.", "It is answered without a network, and kept here."
        )
    document.title = f"{'… ' if coming() is not None else ''}At the counter · Tern & Tide"
