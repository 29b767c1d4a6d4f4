"""What all tabs agree on, the theme, and what is this one's alone: name, colour, how often it was loaded."""

import asyncio
from typing import Any

from pyscript import document, when

from anchor_session import (
    SessionScope,
    effect,
    restored,
    session_end,
    session_load,
    session_remove,
    session_save,
)

from ..dom import begin, copy_of, find, find_all, set_text
from .here import call, mine
from .presence import BIRDS
from .state import tab

# -- all tabs -----------------------------------------------------------------------------------


def show_theme() -> None:
    theme = session_load("theme", str)
    document.documentElement.style.colorScheme = theme or ""
    for choice in find_all("[name=theme]"):
        choice.checked = choice.value == (theme or "")


@when("change", "[name=theme]")
def choose_theme(event: Any) -> None:
    if event.target.value:
        session_save("theme", event.target.value)
    else:
        session_remove("theme")


@when("click", "#end")
def end() -> None:
    session_end()
    find("#product").focus()


def follow(change: Any) -> None:
    if change.key == "theme":
        show_theme()


# -- this one -----------------------------------------------------------------------------------

for bird, hue in BIRDS.items():
    choice = copy_of("hue-choice")
    choice.style.setProperty("--hue", str(hue))
    find("input", choice).value = str(hue)
    set_text(".unseen", f"Colour of the {bird.lower()}", choice)
    find("#hues").append(choice)


@effect
def show_mine() -> None:
    found = mine()
    field = find("#name")
    if field != document.activeElement:
        field.value = found["name"]
    document.documentElement.style.setProperty("--mine", str(found["hue"]))
    for choice in find_all("[name=hue]"):
        choice.checked = choice.value == str(found["hue"])


@when("input", "#name")
def rename(event: Any) -> None:
    if event.target.value.strip():
        call(name=event.target.value.strip())


@when("change", "#name")
def leave_name(event: Any) -> None:
    event.target.value = mine.get()["name"]


@when("change", "#hues")
def recolour(event: Any) -> None:
    call(hue=int(event.target.value))


async def show_copied() -> None:
    """Whether the browser has made this tab of another one, by "Duplicate". The other one is asked."""
    while restored(tab).copied is None:
        await asyncio.sleep(0.1)
    set_text("#copied", "Yes" if restored(tab).copied else "No")


begin(show_copied())
show_theme()
set_text("#loads", str(tab.loads))
set_text("#changes", "0")
SessionScope().subscribe(follow)
