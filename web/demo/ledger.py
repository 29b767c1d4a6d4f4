"""The panel that shows what the tab's storage holds, read back from it after every change."""

import json
import re
from typing import Any

from pyscript import document, window

from anchor_session import SessionStorage, bind, effect, restored, snapshot

from .dom import find, set_text
from .notices import show_problem
from .state import view, visit

KEY = SessionStorage.key_for("order", "2")

_shown: list[str] = []  # the pieces in the box


def show_stored() -> None:
    """Show the stored text, mark what differs from the text before, and say how large it is."""
    text = stored_text()
    set_text("#units", f"{len(text.encode('utf-16-le')) // 2:,}")
    set_text("#bytes", f"{len(text.encode()):,}")
    set_text("#key", KEY)
    pieces = in_parts(text) if view.is_exact else in_lines(text)
    box = find("#stored")
    was_exact = box.classList.contains("exact")
    box.classList.toggle("exact", view.is_exact)
    fill(box, pieces, changed(_shown if was_exact == view.is_exact else [], pieces))
    _shown[:] = pieces


def stored_text() -> str:
    """What is at the key, empty where there is nothing or no storage."""
    if restored(visit).outcome == "memory":
        return ""
    return window.sessionStorage.getItem(KEY) or ""


def in_lines(text: str) -> list[str]:
    readable = json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""
    return readable.splitlines(keepends=True)


def in_parts(text: str) -> list[str]:
    """The text itself, cut behind commas and opening brackets."""
    return re.split(r"(?<=[,{\[])", text)


def changed(old: list[str], new: list[str]) -> slice:
    """Where `new` differs from `old`; where something is gone, the piece before it."""
    if not old or old == new:
        return slice(0, 0)
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    rest = range(shorter - start)
    end = next((n for n in rest if old[-1 - n] != new[-1 - n]), len(rest))
    stop = len(new) - end
    return slice(start, stop) if start < stop else slice(max(start - 1, 0), start)


def fill(box: Any, pieces: list[str], marked: slice) -> None:
    """Put the pieces into the box, the marked ones in a `<mark>` that is scrolled into its view."""
    mark = document.createElement("mark")
    mark.textContent = "".join(pieces[marked])
    before, after = "".join(pieces[: marked.start]), "".join(pieces[marked.stop :])
    if not mark.textContent:
        box.replaceChildren(before + after)
        return
    box.replaceChildren(before, mark, after)
    box.scrollTop = mark.offsetTop - box.clientHeight // 3


bind(find("#exact"), view, "is_exact")


@effect
def follow() -> None:
    """After any change: what is read here comes from the storage, which is written by then."""
    snapshot(visit)
    show_problem(restored(visit))
    show_stored()
