"""How spaces are called, and when something was, in words."""

import re
import unicodedata
from zlib import crc32

VIEWS = {"notes": "Notes", "board": "Board", "map": "Map"}
"""How a space can be looked at, and what that is called."""

_LONGEST_TITLE = 40
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def new_id(name: str, digits: str) -> str:
    """An id of a space, `title.digits`; `digits` are at least 14 hexadecimal ones."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    title = re.sub("[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:_LONGEST_TITLE].strip("-")
    return f"{title or 'space'}.{digits}"


def name_in(space: str) -> str:
    """What can be told of a name by the id alone."""
    return space.partition(".")[0].replace("-", " ").replace("_", " ").strip().capitalize() or space


def hue_of(space: str) -> int:
    """In degrees, the same in every tab."""
    return crc32(space.encode()) % 360


def view_of(view: str | None) -> str:
    """The view that is shown for the one that is kept."""
    return view if view in VIEWS else "notes"


def ago(then: float, now: float) -> str:
    """How long ago that was, both in milliseconds."""
    minutes = int((now - then) // 60_000)
    if minutes < 1:
        return "just now"
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        count = minutes // size
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    raise AssertionError(minutes)


def number_of_spaces(count: int) -> str:
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} space{'' if count == 1 else 's'}"
