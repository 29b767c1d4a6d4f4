"""The answer for those who hear the page: sentence by sentence, since word by word nobody can listen."""

from pyscript import document

from anchor_session import effect

from ..dom import find
from .talk import coming
from .wording import sentences

_told = ""  # of the answer that comes
_last = ""


def tell(text: str) -> None:
    if text.strip():
        paragraph = document.createElement("p")
        paragraph.textContent = text.strip()
        find("#spoken").append(paragraph)


@effect
def follow() -> None:
    global _told, _last
    text = coming()
    if text is None or not text.startswith(_told):
        tell(_last[len(_told) :])  # the end of the one before
        _told = _last = ""
    if text is None:
        return
    if not text:
        find("#spoken").replaceChildren()
        return
    _last = text
    end = sentences(text)
    if end > len(_told):
        tell(text[len(_told) : end])
        _told = text[:end]
