"""How a text carries the time of its end, for places that keep nothing but text.

    {"id":"ab","expires_at":1700000000.5,"data":{...}}

`expires_at` is in seconds since 1970, or null. The data comes last, so that the first bytes of a large
record say whether it is still alive. The id is there for file systems that take ``ab`` and ``AB`` for one.
"""

import re

from ...codec import decode_object, encode

HEAD = 600
"""Characters within which a head lies, unless someone spread it out with spaces."""

_HEAD = re.compile(
    r'\s*\{\s*"id"\s*:\s*"([A-Za-z0-9._-]*)"\s*,'
    r'\s*"expires_at"\s*:\s*(null|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*,\s*"data"\s*:',
    re.ASCII,
)


class Head:
    """What is known of a record before its data is read; `start` is where that begins."""

    __slots__ = ("expires_at", "id", "start")

    def __init__(self, id: str, expires_at: "float | None", start: int) -> None:
        self.id = id
        self.expires_at = expires_at
        self.start = start

    def is_over(self, now: float) -> bool:
        """Whether the record has expired."""
        return self.expires_at is not None and self.expires_at <= now


def wrap(id: str, text: str, expires_at: "float | None") -> str:
    """The text with its head."""
    at = "null" if expires_at is None else repr(float(expires_at))
    return f'{{"id":"{id}","expires_at":{at},"data":{text}}}'


def read_head(text: str) -> "Head | None":
    """The head of a text, which may be cut off behind it; None where there is none."""
    found = _HEAD.match(text)
    if found is None:
        return None
    at = found[2]
    return Head(found[1], None if at == "null" else float(at), found.end())


def unwrap(text: str) -> "tuple[Head, str]":
    """The head and the text that was wrapped; raises `ValueError` for what `wrap` did not write.

    The same map with its keys in another order, as a tool may write it, is read too.
    """
    head = read_head(text)
    if head is None:
        found = decode_object(text)
        at = found.get("expires_at", "")
        if set(found) != {"id", "expires_at", "data"} or type(found["id"]) is not str:
            raise ValueError(
                "it is no record of this package: id, expires_at and data are its keys"
            )
        if not (at is None or type(at) in (int, float)):
            raise ValueError("its expires_at is no number")
        return Head(found["id"], at, 0), encode(found["data"])
    rest = text.rstrip()
    if not rest.endswith("}"):
        raise ValueError("its end is missing")
    return head, rest[head.start : -1]
