"""The tabs that are here, this one marked, and what is said of their number."""

from typing import Any

from pyscript import document

from anchor_session import effect

from ..dom import arrange, copy_of, find, find_all, set_text
from ..notices import show_status
from .here import here
from .state import me

WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def in_words(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


@effect
def show_tabs() -> None:
    old = {each.dataset.tab: each for each in find_all("#here > li")}
    rows: list[Any] = []
    for each in here():
        row = old.pop(each["id"], None) or copy_of("tab-chip")
        row.dataset.tab = each["id"]
        row.style.setProperty("--hue", str(each["hue"]))
        row.toggleAttribute("data-mine", each["id"] == me)
        set_text(".tab-name", each["name"], row)
        rows.append(row)
    for row in old.values():
        row.remove()
    arrange(find("#here"), rows)


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
        others = [each["name"] for each in tabs if each["id"] != me]
        show_status(f"{number} tabs, one basket.", f"With you: {in_words(others)}.")
    document.title = f"({count}) One basket · Tern & Tide"
