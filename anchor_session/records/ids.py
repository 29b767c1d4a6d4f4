"""What an id of a record may be: the same rule in every store.

An id is 1 to 200 characters of ``A-Z a-z 0-9 . _ -``, begins with a letter, a digit or ``_``, and is no
name of a Windows device. So it is a whole file name wherever it goes, never a path, an option or a pattern.
"""

import re
from typing import Any

from ..errors import SessionIdError

MAX_LENGTH = 200
RULE = (
    f"an id is 1 to {MAX_LENGTH} characters of A-Z a-z 0-9 . _ -, begins with a letter, a digit or _, "
    "and is no Windows device name"
)

_FORM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*", re.ASCII)
# With an extension too: to Windows `nul.json` is the device.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE | re.ASCII)


def is_id(value: Any) -> bool:
    """Whether the value keeps the rule."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_LENGTH
        and _FORM.fullmatch(value) is not None
        and _DEVICE.fullmatch(value) is None
    )


def check_id(id: Any) -> str:
    """The id as plain `str`; anything that breaks the rule raises `SessionIdError`."""
    if not is_id(id):
        raise SessionIdError(f"{_shortened(id)} is no id of a record: {RULE}")
    return str.__str__(id)


def _shortened(value: Any) -> str:
    if not isinstance(value, str):
        return f"a value of type {type(value).__name__}"
    if len(value) <= 40:
        return repr(value)
    return f"{value[:40]!r}... ({len(value)} characters)"
