"""Numbers of browser sessions: what may be one, its lock, the note of its last use."""

import re

from ...errors import QuotaExceededError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...host.area import Area

LAST_USE = "anchor-browser:"
"""The key of the note, less the number: when the session was last in use, in milliseconds since 1970."""

_NUMBER = re.compile("[1-9][0-9]{0,14}")


def lock_name(id: str) -> str:
    """The name of the lock that every document of a session holds."""
    return f"anchor-session:{id}"


def is_number(text: "str | None") -> bool:
    """Whether that may be the number of a session."""
    return text is not None and _NUMBER.fullmatch(text) is not None


def put(area: "Area", key: str, text: str) -> None:
    """Store it, unless the area is full: what is kept here is missed by nobody at once."""
    try:
        area.set(key, text)
    except QuotaExceededError:
        return
