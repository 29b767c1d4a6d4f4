"""What lies beside the document of a state that several tabs write to.

``{key}#edit.{stamp}`` are small entries, each with the changes of one statement of one tab, and
``{key}#base.{since}.{stamp}.{document}`` whole states with what `Replica` knows of them, on which the
entries build. What was stored under such a key is never written over, so tabs that write at the same
moment lose nothing.

A stamp is the time in microseconds since 1970, and who it was. What is read here is untrusted.
"""

import re

from ...codec import decode
from ..record.journal import name_of
from .changes import change_text, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .changes import Changes, Groups

DEPTH = 220  # of an entry or base: that of a state, and what is around it
SECOND = 1_000_000
YEAR = 365 * 86_400 * SECOND

_TIME = re.compile("[0-9a-f]{13}")
_STAMP = re.compile("[0-9a-e][0-9a-f]{18}")
_BEFORE_ALL = "0" * 13


class Entry:
    """The changes of a statement, by stamp, or of several."""

    __slots__ = ("document", "epoch", "groups", "since", "stamp")

    def __init__(self, stamp: str, text: str, latest: str) -> None:
        """Raises `ValueError` for a text that is not the one of an entry, or for a stamp behind `latest`."""
        self.stamp = checked_stamp(stamp, latest)
        try:
            self.epoch: str
            self.since: str
            self.document: str | None
            self.epoch, self.since, self.document, groups = decode(text, DEPTH)
            self.groups: Groups = [
                (checked_stamp(group, stamp), [parse(change) for change in changes])
                for group, changes in groups
            ]
        except (LookupError, TypeError) as error:
            raise ValueError("not the entry of a state") from error
        named = (str, type(None))
        if not type(self.epoch) is type(self.since) is str or type(self.document) not in named:
            raise ValueError("not the entry of a state")

    def again(self, stamp: str) -> "Changes":
        """Its changes, with another stamp."""
        found: Changes = {}
        for _, changes in self.groups:
            for op, address, place, value in changes:
                found[address, op != "move"] = (stamp, change_text(op, address, place, value))
        return found


def entry_text(epoch: str, since: str, document: "str | None", changes: "Changes") -> str:
    """The text of an entry with these changes."""
    by_stamp: dict[str, list[str]] = {}
    for stamp, text in changes.values():
        by_stamp.setdefault(stamp, []).append(text)
    order = sorted(by_stamp, key=_rank)
    groups = [f'["{stamp}",[{",".join(by_stamp[stamp])}]]' for stamp in order]
    name = "null" if document is None else f'"{document}"'
    return f'["{epoch}","{since}",{name},[{",".join(groups)}]]'


def time_text(microseconds: int) -> str:
    """A time as stamps begin with it."""
    return f"{max(microseconds, 0):013x}"


def checked_stamp(text: "Any", latest: str) -> str:
    """The stamp, if it is one and not behind `latest`."""
    if type(text) is not str or not _STAMP.fullmatch(text) or text > latest:
        raise ValueError("not a stamp, or one of a day to come")
    return text


def checked_time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("not a time")
    return text


def in_order(entries: "list[Entry]") -> "Groups":
    """The changes of the entries, the oldest first: then none has to wait for its container."""
    groups = [group for entry in entries for group in entry.groups]
    groups.sort(key=lambda group: _rank(group[0]))
    return groups


def _rank(stamp: str) -> str:
    """What changes are sorted by: of those that `init` brings, the first one comes first."""
    return "" if stamp.startswith(_BEFORE_ALL) else stamp


def are_in(entries: "list[Entry]", gone: "list[str]") -> bool:
    """Whether the entries that came and went were made one with others, which are among the entries."""
    merged = {entry.stamp[13:]: entry.stamp for entry in entries if len(entry.groups) > 1}
    return all(stamp < merged.get(stamp[13:], "") for stamp in gone)


def checked_seen(seen: "Any", latest: str) -> "dict[str, str]":
    """The last stamps by tab, if they are that."""
    if type(seen) is not dict:
        raise ValueError("not a base")
    return {name: checked_stamp(stamp, latest) for name, stamp in seen.items()}


def check_whole(text: str, document: "Any") -> None:
    """Raise `ValueError` where a base does not end with the document of that name."""
    if type(document) is not str:
        raise ValueError("not a base")
    length = int(document.rpartition("-")[2], 16) if document else 2
    whole = text[-1 - length : -1]
    if name_of(whole) != document and (document or whole != "{}"):
        raise ValueError("not a base, or not all of it")


def groups_of(changes: "Changes") -> "Groups":
    """Changes whose texts are known, as an entry would have them."""
    found: Groups = []
    for stamp, text in sorted(changes.values()):
        found.append((stamp, [parse(decode(text, DEPTH))]))
    return found
