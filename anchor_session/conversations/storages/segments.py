"""How a long conversation lies in a store of records: a head, and segments that never change.

A conversation whose messages have room in one record is that record, as `SessionState.to_dict` gives it.
When they have not, the older ones are sealed in records of their own, ``{id}.{token}.{number}``, and the
head says which, in order::

    {"state": {... the newest messages ...},
     "segments": {"revision": "...", "runs": [["token", 156]],
                  "stale": [["token", 0, 3, 1700000000000]]}}

- A run is the first segments of one token, so many; a token belongs to the one writer that drew it.
- A write is one save of a head. Two writers never share a segment that one of them could still change, so
  that the last head wins whole.
- Segments that a head does not name any more (of a token, from one number up to another) are stale since
  the time there. They are removed when nobody can be in the middle of writing another head with them.
- A head with ``"deleted": true`` in place of a state is what is left of a deletion that was interrupted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from ...codec import encode
from ..state import Message

COUNT = 64
"""Messages in a segment; the head holds as many at most."""

WEIGHT = 65_536
"""Characters in a segment, unless one message has more."""

GRACE = 600_000
"""Milliseconds after which a stale segment is in nobody's hands: a write takes some seconds at most."""

MOST = 100_000
"""Segments of one token."""

_NAME = re.compile(r".+\.[0-9A-Za-z]{16}\.(0|[1-9][0-9]{0,8})")
_SUFFIX = 1 + 16 + 1 + 9


class Run(NamedTuple):
    """The segments of a token from one number up to another; those that a head names begin at 0."""

    token: str
    start: int
    end: int


class Stale(NamedTuple):
    """The same for what no head names any more since `at`, in milliseconds."""

    token: str
    start: int
    end: int
    at: int


def prefix_of(id: str) -> str:
    """What the names of all segments of the conversation begin with; of a long id its beginning."""
    return f"{id[: 200 - _SUFFIX]}."


def segment_id(id: str, token: str, number: int) -> str:
    """The name of a segment; the token is enough for it to be the only one."""
    return f"{prefix_of(id)}{token}.{number}"


def is_segment(id: str) -> bool:
    """Whether a record's name is that of a segment."""
    return _NAME.fullmatch(id) is not None


def names_of(id: str, runs: Iterable[Run]) -> list[str]:
    """The names of all segments of the runs, in order."""
    return [
        segment_id(id, run.token, number) for run in runs for number in range(run.start, run.end)
    ]


@dataclass(frozen=True)
class Sealed:
    """A segment as its writer knows it: how many messages, and what they were."""

    count: int
    digest: bytes

    @classmethod
    def of(cls, messages: list[Message]) -> "Sealed":
        return cls(len(messages), blake2b(encode(messages).encode(), digest_size=16).digest())


@dataclass(frozen=True)
class Layout:
    """What a head says of its segments."""

    revision: str = ""
    runs: tuple[Run, ...] = ()
    stale: tuple[Stale, ...] = ()

    @property
    def everything(self) -> tuple[Run, ...]:
        """What is named, and what was."""
        return self.runs + tuple([Run(*each[:3]) for each in self.stale])

    def to_dict(self) -> dict[str, Any]:
        return {
            "revision": self.revision,
            "runs": [[run.token, run.end] for run in self.runs],
            "stale": [list(each) for each in self.stale],
        }

    @classmethod
    def from_dict(cls, data: Any) -> "Layout":
        """Raises `ValueError` for anything that `to_dict` did not make."""
        if not isinstance(data, Mapping) or not isinstance(data.get("revision"), str):
            raise ValueError("its `segments` are not of this package")
        runs = _parts(data.get("runs"), str, int)
        stale = _parts(data.get("stale"), str, int, int, int)
        return cls(
            data["revision"],
            tuple([Run(token, 0, end) for token, end in runs]),
            tuple([Stale(*each) for each in stale]),
        )


def _parts(found: Any, *kinds: type) -> list[Any]:
    if not isinstance(found, list):
        raise ValueError("its `segments` are not of this package")
    for part in found:
        if (
            not isinstance(part, list)
            or tuple(map(type, part)) != kinds
            or not is_segment(f"_.{part[0]}.0")
            or not all(0 <= number <= MOST for number in part[1:3])
        ):
            raise ValueError("its `segments` name what is no segment")
    return found


def chunks_of(messages: list[Message]) -> "tuple[list[list[Message]], list[Message]]":
    """The messages as segments, and those that have room in the head."""
    chunks: list[list[Message]] = []
    chunk: list[Message] = []
    weight = 0
    for message in messages:
        heavy = _weight(message)
        if chunk and (len(chunk) == COUNT or weight + heavy > WEIGHT):
            chunks.append(chunk)
            chunk, weight = [], 0
        chunk.append(message)
        weight += heavy
    return chunks, chunk


def _weight(message: Message) -> int:
    """About as many characters as it has."""
    content = message.get("content")
    if isinstance(content, str) and len(message) <= 3:
        return len(content) + 60
    return len(encode(message))
