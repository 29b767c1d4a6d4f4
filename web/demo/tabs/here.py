"""Who is here: an entry of the session scope for each tab, which that tab alone writes."""

import asyncio
from typing import Any

from pyscript import document, when, window

from anchor_session import (
    SessionScope,
    Signal,
    instance_load,
    instance_save,
    session_load,
    session_remove,
    session_save,
)

from ..dom import begin
from .presence import BEAT, Presence, free_bird, has_to_yield, hue_of
from .state import me

here: Signal[list[dict[str, Any]]] = Signal([])
"""Who can be seen, first come first."""

mine = Signal({"name": "", "hue": 0})
"""How this tab is called."""

_is_left = False


def now() -> int:
    return int(window.Date.now())


def all_tabs() -> dict[str, Presence]:
    found = {}
    keys = SessionScope().keys()
    for key in keys:
        if type(key) is tuple and len(key) == 2 and key[0] == "here":
            presence = session_load(key, Presence)
            if presence is not None:
                found[key[1]] = presence
    return found


def present() -> dict[str, Presence]:
    return {id: each for id, each in all_tabs().items() if each.is_here(now())}


def enter() -> None:
    """Say that this tab is here, and how it is called."""
    if _is_left:
        return
    name, hue = instance_load("name"), instance_load("hue")
    if name is None:
        name = free_bird({each.name for id, each in present().items() if id != me})
        hue = hue_of(name)
        instance_save("name", name)
        instance_save("hue", hue)
        instance_save("since", now())
        instance_save("is named", False)
    mine.set({"name": name, "hue": hue})
    session_save(
        ("here", me), Presence(name, hue, instance_load("since"), now(), bool(document.hidden))
    )


def call(name: str | None = None, hue: int | None = None) -> None:
    """Give this tab another name or colour. A reload forgets that."""
    if name is not None:
        instance_save("name", name)
        instance_save("is named", True)
    if hue is not None:
        instance_save("hue", hue)
    enter()


def look() -> None:
    """See who is here, and see to those who are not."""
    tabs = all_tabs()
    for id, each in tabs.items():
        if each.is_forgotten(now()):
            session_remove(("here", id))
    seen = {id: each for id, each in tabs.items() if each.is_here(now())}
    if me in seen and not instance_load("is named") and has_to_yield(me, seen):
        instance_save("name", None)
        enter()
        return
    in_order = sorted(seen.items(), key=lambda item: (item[1].since, item[0]))
    here.set([{"id": id, "name": each.name, "hue": each.hue} for id, each in in_order])


def follow(change: Any) -> None:
    if type(change.key) is tuple and change.key[:1] == ("here",):
        if change.key == ("here", me) and change.value is None:
            enter()  # somebody has ended the session
        look()


async def stay() -> None:
    """Say it again and again, and see whose word has grown old."""
    while True:
        enter()
        look()
        await asyncio.sleep(BEAT)


@when("visibilitychange", document)
def say_at_once() -> None:
    enter()


@when("freeze", document)
@when("pagehide", window)
def leave() -> None:
    global _is_left
    _is_left = True
    session_remove(("here", me))


@when("resume", document)
@when("pageshow", window)
def come_back() -> None:
    global _is_left
    _is_left = False
    enter()
    look()


SessionScope().subscribe(follow)
begin(stay())
enter()
look()
