"""The tabs that are here, this one marked, and what is said of their number."""

from functools import partial
from typing import Any

from pyscript import document

from anchor_session import Effect, each, effect

from ..dom import copy_of, find, set_text
from ..notices import show_status
from .here import here
from .state import me

WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def in_words(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def show_tab(id: str, row: Any) -> None:
    tab = next(tab for tab in here() if tab["id"] == id)
    row.style.setProperty("--hue", str(tab["hue"]))
    set_text(".tab-name", tab["name"], row)


def tab_row(id: str) -> Any:
    row = copy_of("tab-chip")
    row.toggleAttribute("data-mine", id == me)
    Effect(partial(show_tab, id, row))
    return row


find("#here").replaceChildren()  # what stands there while Python boots
each(find("#here"), lambda: [tab["id"] for tab in here()], tab_row)


@effect
def show_count() -> None:
    tabs = here()
    count = len(tabs)
    if count < 2:
        show_status(
            "This basket is open in one tab.", "Open it in another one, and change something there."
        )
    else:
        number = WORDS[count] if count < len(WORDS) else str(count)
        others = [tab["name"] for tab in tabs if tab["id"] != me]
        show_status(f"{number} tabs, one basket.", f"With you: {in_words(others)}.")
    document.title = f"({count}) One basket · Tern & Tide"
