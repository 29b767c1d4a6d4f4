"""The answer for those who hear the page: sentence by sentence, since word by word nobody can listen."""

from pyscript import document

from anchor_session import effect

from ..dom import find
from .talk import coming
from .wording import sentences

_last: str | None = None  # the text as it was before
_told = 0  # characters of it


def tell(text: str) -> None:
    if text.strip():
        paragraph = document.createElement("p")
        paragraph.textContent = text.strip()
        find("#spoken").append(paragraph)


@effect
def follow() -> None:
    global _told, _last
    text = coming()
    if _last is None:
        find("#spoken").replaceChildren()
    if text is None or not text.startswith(_last or ""):
        tell((_last or "")[_told:])  # nothing more is added to that
        _told = 0
    _last = text
    end = sentences(text or "")
    if end > _told:
        tell((text or "")[_told:end])
        _told = end
