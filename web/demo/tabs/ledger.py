"""The panel that shows what `localStorage` holds of the basket, for all tabs."""

import asyncio
import json

from pyscript import document, window

from anchor_session import effect, restored, snapshot

from ..dom import begin, find, set_text
from ..notices import say
from .state import basket, restore_ms

_NAME = "://basket@1.0.0"


def kept() -> dict[str, str]:
    """The entries of the basket, by the rest of their keys; the document is at ""."""
    area = window.localStorage
    prefix = f"{session_prefix()}{_NAME}"
    keys = [area.key(number) for number in range(area.length)]
    return {key[len(prefix) :]: area.getItem(key) or "" for key in keys if key.startswith(prefix)}


def session_prefix() -> str:
    number = window.sessionStorage.getItem("anchor-browser")
    return f"anchor-shared:{number or 0}"


def show_stored() -> None:
    is_memory = restored(basket).outcome == "memory"
    found = {} if is_memory else kept()
    text = found.pop("", "")
    set_text("#key", f"{session_prefix()}{_NAME}")
    set_text("#stored", json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else "")
    set_text("#edits", str(sum(key.startswith("#edit.") for key in found)))
    set_text("#bases", str(sum(key.startswith("#base.") for key in found)))
    find("#stored").toggleAttribute("data-busy", bool(found))
    if is_memory:
        say("This browser keeps no data for this page: other tabs have baskets of their own.")


async def keep_looking() -> None:
    """What is tidied away is no change of the basket, and is told by nobody."""
    while True:
        await asyncio.sleep(1)
        if not document.hidden:
            show_stored()


@effect
def follow() -> None:
    snapshot(basket)
    show_stored()


set_text("#outcome", restored(basket).outcome)
set_text("#restore", f"{restore_ms:,.1f} ms")
begin(keep_looking())
