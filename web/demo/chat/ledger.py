"""The panel that shows what `localStorage` holds of the open conversation."""

import json

from pyscript import window

from anchor_session import effect, usage

from ..dom import find, set_text
from .keeping import saved
from .state import PREFIX, is_kept
from .talk import open_ms, shown

_LONGEST = 20_000
"""Characters of the record that are shown."""


@effect
def show_stored() -> None:
    saved()
    found = shown()
    set_text("#restore", f"{open_ms():,.1f} ms" if open_ms() else "—")
    tokens = found["usage"]
    set_text(
        "#tokens", f"{tokens.get('input_tokens', 0):,} in, {tokens.get('output_tokens', 0):,} out"
    )
    if not is_kept():
        set_text("#used", "0")
        set_text("#key", "none")
        return
    area = window.localStorage
    set_text("#used", f"{usage(area).used or 0:,}")
    key = f"{PREFIX}{found['id']}"
    text = (area.getItem(key) if found["id"] else None) or ""
    set_text("#key", key if found["id"] else "none yet")
    pretty = json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""
    box = find("#stored")
    at_end = box.scrollHeight - box.scrollTop - box.clientHeight < 80
    set_text("#stored", pretty if len(pretty) <= _LONGEST else f"…{pretty[-_LONGEST:]}")
    if at_end:
        box.scrollTop = box.scrollHeight
