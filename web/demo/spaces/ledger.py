"""The panel that shows what `localStorage` holds of the page."""

import asyncio
import json

from pyscript import document, window

from anchor_session import effect

from ..dom import begin, find, set_text
from .state import KEY, clock, is_in_memory, names, now, restore_ms, session

_BEAT = 2.0  # seconds


def kept() -> dict[str, str]:
    area = window.localStorage
    keys = sorted(area.key(number) for number in range(area.length))
    return {
        key: area.getItem(key)
        for key in keys
        if key == KEY or key.startswith((f"{KEY}/", f"{KEY}#"))
    }


def show_stored() -> None:
    found = {} if is_in_memory else kept()
    records = {key: text for key, text in found.items() if "#" not in key}
    set_text("#edits", str(sum("#edit." in key for key in found)))
    parts = [
        f"{key}\n{json.dumps(json.loads(text), indent=2, ensure_ascii=False)}"
        for key, text in records.items()
    ]
    set_text("#stored", "\n\n".join(parts))
    find("#stored").toggleAttribute("data-busy", len(found) > len(records))


async def keep_looking() -> None:
    """What is tidied away is told by nobody, and time goes by."""
    while True:
        await asyncio.sleep(_BEAT)
        if not document.hidden:
            show_stored()
            clock.set(now())


@effect
def follow() -> None:
    for state in (session, session.user, names):
        state.get()
    show_stored()


set_text("#restore", f"{restore_ms:,.1f} ms")
begin(keep_looking())
