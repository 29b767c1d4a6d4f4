"""What lies beside the document of a state that several tabs write to.

``{key}#edit.{stamp}`` are small entries, each with the changes of one statement of one tab, and
``{key}#base.{since}.{stamp}.{document}`` what `Replica` knows of a whole state, on which the entries build:
of a large state that is the document, which the base names, of a small one it is in the base too. What was
stored under such a key is never written over, so tabs that write at the same moment lose nothing.

A stamp is the time in microseconds since 1970, and who it was. What is read here is untrusted.

Three statements of the tab ``d82c07`` on a small state that was at rest: the base has the document that its
epoch is called by, each entry names the document that is written next.

    >>> cart.n = 2
    >>> cart.m = ["y"]
    >>> del cart.m
    >>> show()
    {key}
        {"n":2,"l":["x"]}
    {key}#base.60a241879cd80.60a241bb1c700d82c07.-
        ["1a31f604-11",{},["",[]],{"n":1,"l":["x"]}]
    {key}#edit.60a241bb1c700d82c07
        ["1a31f604-11","60a241879cd80","6daf24f4-11",[["60a241bb1c700d82c07",[["set",[".n"],2]]]]]
    {key}#edit.60a241bb1c701d82c07
        ["1a31f604-11","60a241879cd80","85dfb0a2-1b",[["60a241bb1c701d82c07",[["set",[".m"],["y"]]]]]]
    {key}#edit.60a241bb1c702d82c07
        ["1a31f604-11","60a241879cd80","6daf24f4-11",[["60a241bb1c702d82c07",[["delete",[".m"]]]]]]
"""

import re

from ...codec import decode, decode_object
from ...host.area import units
from ..record.layout import name_of
from .replica.changes import parse, texts_of
from .replica.replica import Replica

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..record.record import Data
    from .replica.changes import Change, Changes, Groups

DEPTH = 220  # of an entry or base: that of a state, and what is around it
SECOND = 1_000_000
YEAR = 365 * 86_400 * SECOND

_TIME = re.compile("[0-9a-f]{13}")
_STAMP = re.compile("[0-9a-e][0-9a-f]{18}")
_BEFORE_ALL = "0" * 13


class Entry:
    """The changes of a statement, by stamp, or of several."""

    __slots__ = ("document", "epoch", "groups", "since", "stamp", "units")

    def __init__(self, stamp: str, text: str, latest: str, key: str = "") -> None:
        """Raises `ValueError` for a text that is not the one of an entry, or for a stamp behind `latest`."""
        self.stamp = checked_stamp(stamp, latest)
        self.units = len(key) + (len(text) if text.isascii() else units(text))
        try:
            self.epoch: str
            self.since: str
            self.document: str | None
            self.epoch, self.since, self.document, groups = decode(text, DEPTH)
            self.groups: Groups = []
            for group, changes in groups:
                self.groups.append((checked_stamp(group, stamp), list(map(parse, changes))))
        except (LookupError, TypeError) as error:
            raise ValueError("not the entry of a state") from error
        named = (str, type(None))
        if not type(self.epoch) is type(self.since) is str or type(self.document) not in named:
            raise ValueError("not the entry of a state")

    def again(self, stamp: str) -> "Changes":
        """Its changes, with another stamp."""
        found: Changes = {}
        for _, changes in self.groups:
            found.update(texts_of(stamp, changes))
        return found


class Base:
    """A whole state on which entries build, and the document that its tab was about to write.

    That one is called ``-`` where the base holds what was there when the epoch began. `has_state`: the base
    can do without the document. `epoch` is the one of the base, `seen` has the stamp of the last change that
    is in it, by tab.
    """

    __slots__ = ("_text", "document", "epoch", "has_state", "seen", "since", "stamp")

    def __init__(self, name: str, text: str, latest: str) -> None:
        """Raises `ValueError` for what is no base or not all of one, or for a stamp behind `latest`.

        `name` is what stands behind ``#base.`` in its key.
        """
        since, stamp, self.document = name.split(".")
        self.since = checked_time(since)
        self.stamp = checked_stamp(stamp, latest)
        self._text = text
        try:
            self.epoch: str
            self.epoch, seen = decode(text[: text.index("}") + 1] + "]")
        except TypeError as error:
            raise ValueError("not a base") from error
        if type(self.epoch) is not str:
            raise ValueError("not a base")
        self.has_state = text[-2:] == "}]"
        if self.has_state:
            _check_whole(text, self.epoch if self.document == "-" else self.document)
        elif text[-2:] != "]]" or self.document == "-":
            raise ValueError("not a base, or not all of it")
        self.seen = _checked_seen(seen, stamp)

    def state(self, document: "str | None") -> "tuple[Replica, Data]":
        """The state, and what is known of it; `document` is the text of the one that the base names.

        Raises `ValueError` where the one does not fit the other.
        """
        try:
            if self.has_state:
                _, _, dump, data = decode(self._text, DEPTH)
            else:
                _, _, dump = decode(self._text, DEPTH)
                data = {} if document is None else decode_object(document)
        except TypeError as error:
            raise ValueError("not a base") from error
        if type(data) is not dict:
            raise ValueError("not a base")
        replica = Replica.load(dump, data)
        if replica.newest:
            checked_stamp(replica.newest, self.stamp)
        replica.newest = self.stamp
        return replica, data


def base_name(since: str, stamp: str, document: str) -> str:
    """What stands behind ``#base.`` in the key of such a base."""
    return f"{since}.{stamp}.{document}"


def base_text(epoch: str, seen: str, dump: str, state: "str | None") -> str:
    """The text of a base, of the texts of its parts; without the state where that is the document."""
    return f'["{epoch}",{seen},{dump}]' if state is None else f'["{epoch}",{seen},{dump},{state}]'


def entry_text(epoch: str, since: str, document: "str | None", changes: "Changes") -> str:
    """The text of an entry with these changes."""
    name = "null" if document is None else f'"{document}"'
    if len(changes) == 1:
        ((stamp, text),) = changes.values()
        return f'["{epoch}","{since}",{name},[["{stamp}",[{text}]]]]'
    by_stamp: dict[str, list[str]] = {}
    for stamp, text in changes.values():
        by_stamp.setdefault(stamp, []).append(text)
    groups = [f'["{stamp}",[{",".join(by_stamp[stamp])}]]' for stamp in sorted(by_stamp, key=_rank)]
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
    groups: Groups = []
    for entry in entries:
        groups += entry.groups
    if len(groups) > 1:
        groups.sort(key=_rank_of_group)
    return groups


def _rank_of_group(group: "tuple[str, list[Change]]") -> str:
    return _rank(group[0])


def _rank(stamp: str) -> str:
    """What changes are sorted by: of those that `init` brings, the first one comes first."""
    return "" if is_of_init(stamp) else stamp


def is_of_init(stamp: str) -> bool:
    """Whether a change is one that `init` brings: it is of the beginning of time."""
    return stamp.startswith(_BEFORE_ALL)


def are_in(entries: "list[Entry]", gone: "list[str]") -> bool:
    """Whether the entries that came and went were made one with others, which are among the entries."""
    merged = {entry.stamp[13:]: entry.stamp for entry in entries if len(entry.groups) > 1}
    return all(stamp < merged.get(stamp[13:], "") for stamp in gone)


def _checked_seen(seen: "Any", latest: str) -> "dict[str, str]":
    """The last stamps by tab, if they are that."""
    if type(seen) is not dict:
        raise ValueError("not a base")
    return {name: checked_stamp(stamp, latest) for name, stamp in seen.items()}


def _check_whole(text: str, document: str) -> None:
    """Raise `ValueError` where a base does not end with the document of that name."""
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
