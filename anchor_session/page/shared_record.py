"""The record of a state that several tabs write to: no two of them ever write the same entry.

``{key}#edit.{stamp}`` are small entries, each with the changes of one statement of one tab, and
``{key}#base.{stamp}.{document}`` whole states with what `Replica` knows of them, on which the entries build.
What was stored under such a key is never written over, so tabs that write at the same moment lose nothing,
and all of them make the same state of what lies there. ``{key}`` is the document, for readers of the key
alone; each entry or base names the one that its tab is about to write, so another one is somebody else's.

When all is quiet an area holds the document alone, and the next change begins a new epoch, which is called
by that document's name.
"""

import re

from ..codec import decode, decode_object, encode
from ..errors import StorageWarning, warn
from ..reactive.edits import apply
from .journal import name_of
from .record import BORDER, Record
from .replica import Replica, change_text, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..host.area import Area
    from .record import Data
    from .replica import Change, Changes

    Groups = list[tuple[str, list[Change]]]

_STAMP = re.compile("[0-9a-e][0-9a-f]{18}")  # microseconds since 1970, and who it was
_DEPTH = 220  # of an entry or base: that of a state, and what is around it
_SECOND = 1_000_000

_MANY = 32  # entries of one tab, which are made one when that pays


class Entry:
    """The changes of a statement, by stamp, or of several."""

    __slots__ = ("document", "epoch", "groups", "stamp")

    def __init__(self, stamp: str, text: str) -> None:
        """Raises `ValueError` for a text that is not the one of an entry."""
        if not _STAMP.fullmatch(stamp):
            raise ValueError("not a stamp")
        self.stamp = stamp
        try:
            self.epoch, self.document, groups = decode(text, _DEPTH)
            self.groups: Groups = [
                (_stamp(group), [parse(change) for change in changes]) for group, changes in groups
            ]
        except (LookupError, TypeError) as error:
            raise ValueError("not the entry of a state") from error
        if type(self.epoch) is not str or type(self.document) not in (str, type(None)):
            raise ValueError("not the entry of a state")


class SharedRecord(Record):
    """`name` tells this tab's entries from others'; `replica` is what the entries so far have made.

    `seen` and `covered` have the last stamp by tab: of the changes in the state, and of those in the last
    base, whose stamp is `last_base`, "" for none. `is_stale`: the document does not have it all; `is_lost`:
    only `load` can tell what the state is; `strays` are own changes of an epoch that had ended before.
    """

    __slots__ = (
        "_base",
        "_bases",
        "_documents",
        "_edit",
        "_entries",
        "_others",
        "_own",
        "_own_entries",
        "_refused",
        "_unsent",
        "covered",
        "epoch",
        "is_lost",
        "is_stale",
        "last_base",
        "name",
        "replica",
        "seen",
        "strays",
    )

    def __init__(self, area: "Area", key: str, name: str) -> None:
        super().__init__(area, key)
        self.name = name
        self._edit = f"{key}#edit."
        self._base = f"{key}#base."
        self._refused: set[str] = set()  # keys of what is not ours, once that was said
        self._begin("")

    def _begin(self, epoch: str) -> None:
        self.epoch = epoch
        self.replica = Replica()
        self.seen: dict[str, str] = {}
        self.covered: dict[str, str] = {}
        self.last_base = ""
        self.is_stale = False
        self.is_lost = False
        self.strays: list[Entry] = []
        self._bases: set[str] = set()  # keys
        self._entries: dict[str, str | None] = {}  # stamps, and the document that each announces
        self._others: set[str] = set()  # stamps of entries of other epochs
        self._documents: set[str] = set()  # that bases announce
        self._own: Changes = {}
        self._own_entries: dict[str, int] = {}  # stamps, and the units of each
        self._unsent = False

    @property
    def is_at_rest(self) -> bool:
        """Whether there is nothing but the document."""
        return not self._entries and not self._bases and not self._unsent

    def next_stamp(self, now: int) -> str:
        """A stamp behind all that were met; `now` in microseconds since 1970."""
        newest = int(self.replica.newest[:13] or "0", 16)
        return f"{max(now, newest + 1):013x}{self.name}"

    # -- reading --------------------------------------------------------------------------------

    def load(self) -> "Data | None":
        text, _ = self.read()
        unsent = self._own if self._unsent else None
        keys = self.area.keys(f"{self.key}#")
        self._begin(name_of(text))
        entries = [entry for entry in map(self._read_entry, keys) if entry is not None]
        entries.sort(key=lambda entry: entry.stamp)
        for key in keys:
            if key.startswith(self._base):
                self._bases.add(key)
                self._documents.add(key.rpartition(".")[2])
        data = self._load_base()
        announced = self._documents.union([entry.document for entry in entries])
        if data is not None and self.epoch != name_of(text) and name_of(text) not in announced:
            data = None  # somebody else wrote the document
            self.clear(entries)
            self._begin(name_of(text))
            entries = []
        if data is None and text is not None:
            data = decode_object(text)
        for entry in entries:
            if entry.epoch == self.epoch:
                self._note(entry)
                data = {} if data is None else data
                self._apply(data, entry.groups)
            elif entry.stamp[13:] != self.name:
                self._others.add(entry.stamp)
            elif (
                entry.document == self.epoch
            ):  # it was written by one who knew all of the epoch before
                self.area.remove(f"{self._edit}{entry.stamp}")
            else:
                self.strays.append(entry)
        if unsent is not None:
            self._own, self._unsent = unsent, True
            data = {} if data is None else data
            self._apply(data, _groups(unsent))
        return data

    def _load_base(self) -> "Data | None":
        """The data of the newest base that can be used; None without one."""
        for key in sorted(self._bases, reverse=True):
            text = self.area.get(key)
            if text is None:
                continue
            try:
                stamp = _stamp(key[len(self._base) :].partition(".")[0])
                epoch, seen, dump, data = decode(text, _DEPTH)
                if type(epoch) is not str or type(data) is not dict:
                    raise ValueError("not a base")
                replica = Replica.load(dump)
                self.covered = _checked_seen(seen)
            except (TypeError, ValueError) as error:
                self._ignore(key, error)
                continue
            self.epoch, self.replica, self.last_base = epoch, replica, stamp
            self.seen = self.covered.copy()
            replica.newest = max(replica.newest, stamp)
            found: Data = data
            return found
        return None

    def _learn_base(self, key: str) -> None:
        """Know what another tab's base contains; the state has that already."""
        text = self.area.get(key)
        try:
            stamp = _stamp(key[len(self._base) :].partition(".")[0])
            if text is None or stamp < self.last_base:
                return
            epoch, seen = decode(text[: text.index("}") + 1] + "]")
            seen = _checked_seen(seen)
        except (TypeError, ValueError) as error:
            self._ignore(key, error)
            return
        if epoch == self.epoch:
            self.last_base, self.covered = stamp, seen

    def look(self, keys: "list[str]") -> "Groups | None":
        """The changes that entries at those keys bring; None where only `load` can tell what there is now."""
        found: list[Entry] = []
        rest: list[str] = []
        for key in keys:
            if not key.startswith(self._edit):
                rest.append(key)
                continue
            if self._is_known(key):
                continue
            entry = self._read_entry(key)
            if entry is not None and entry.epoch == self.epoch:
                self._note(entry)
                found.append(entry)
            elif key not in self._refused:
                return None  # it came and went, or continues another document
        if any(key.startswith(self._base) for key in rest) and not self._look_at_bases():
            return None
        if self.key in rest and not self._look_at_document():
            return None
        found.sort(key=lambda entry: entry.stamp)
        return [group for entry in found for group in entry.groups]

    def _look_at_bases(self) -> bool:
        bases = set(self.area.keys(self._base))
        known, self._bases = self._bases, bases
        for key in sorted(bases - known - self._refused):
            self._documents.add(key.rpartition(".")[2])
            self._learn_base(key)
        if bases or not known:
            return True
        text = self.area.get(self.key)
        if name_of(text) not in self._documents or self.area.keys(self._edit):
            return False
        self._begin(name_of(text))
        self.stored = (text, self.area.get(self.deleted_key))
        return True

    def _look_at_document(self) -> bool:
        """Whether the document is one that a tab has announced."""
        text = self.area.get(self.key)
        name = name_of(text)
        if text != self.stored[0] and name not in self._documents:
            self._documents.update([key.rpartition(".")[2] for key in self.area.keys(self._base)])
            if name not in self._documents and name not in self._entries.values():
                return False
        self.stored = (text, self.stored[1])
        return True

    def _is_known(self, key: str) -> bool:
        stamp = key[len(self._edit) :]
        return stamp in self._entries or stamp in self._others or key in self._refused

    def has_unread(self) -> bool:
        """Whether there are entries that nobody was told of yet."""
        return any(not self._is_known(key) for key in self.area.keys(self._edit))

    def _read_entry(self, key: str) -> "Entry | None":
        if not key.startswith(self._edit) or key in self._refused:
            return None
        text = self.area.get(key)
        if text is None:
            return None
        try:
            return Entry(key[len(self._edit) :], text)
        except ValueError as error:
            self._ignore(key, error)
            return None

    def _ignore(self, key: str, error: Exception) -> None:
        if key not in self._refused:
            self._refused.add(key)
            warn(f"what is stored at `{key}` is ignored: {error}", StorageWarning)

    def _note(self, entry: Entry) -> None:
        stamp, name = entry.stamp, entry.stamp[13:]
        self._entries[stamp] = entry.document
        self.seen[name] = max(stamp, self.seen.get(name, ""))
        self.replica.newest = max(stamp, self.replica.newest)
        if name == self.name:
            self._own_entries[stamp] = 0
            for each, changes in entry.groups:
                for op, address, place, value in changes:
                    text = change_text(op, address, place, value)
                    self._own[address, op != "move"] = (each, text)

    def _apply(self, data: "Data", groups: "Groups") -> None:
        for stamp, changes in groups:
            for edit in self.replica.edits(data, stamp, changes):
                apply(data, edit)

    # -- writing --------------------------------------------------------------------------------

    def append(self, stamp: str, changes: "Changes", document: "str | None") -> None:
        """Store changes as an entry; then the document of that name is to be written, if one is named."""
        if not self._bases and document is not None:
            self._put_base(stamp, "-", "{}", '["",[]]', self.stored[0])
        replaced: list[str] = []
        units = self._own_entries.values()
        if self._unsent or (
            len(units) >= _MANY and sum(units) > 2 * max(BORDER, max(units, default=0))
        ):
            replaced = list(self._own_entries)
            self._own.update(changes)
            changes = self._own
        text = self._entry_text(changes, document)
        self.area.set(f"{self._edit}{stamp}", text)
        self._own.update(changes)
        self._unsent = False
        self._entries[stamp] = document
        self.seen[self.name] = stamp
        for each in replaced:
            self._remove_entry(each)
        self._own_entries[stamp] = len(text)

    def keep_unsent(self, changes: "Changes") -> None:
        """Remember changes that could not be stored, for the next time."""
        self._own.update(changes)
        self._unsent = True

    def reissue(self, stray: "Entry", stamp: str) -> None:
        """Store the changes of a stray again."""
        changes: Changes = {}
        for _, each in stray.groups:
            for op, address, place, value in each:
                text = change_text(op, address, place, value)
                changes[address, op != "move"] = (stamp, text)
        self.append(stamp, changes, None)
        self.area.remove(f"{self._edit}{stray.stamp}")

    def fold(self, stamp: str, data: "Data", text: "str | None", now: int) -> None:
        """Store the state, with the text of the document, as a base of its own."""
        horizon = f"{max(now - 60 * _SECOND, 0):013x}"
        dump = encode(self.replica.dump(data, horizon))
        self._put_base(stamp, name_of(text), encode(self.seen), dump, text)
        self.replica.newest = stamp
        self.covered = self.seen.copy()
        self.stored = (self.area.get(self.key), self.stored[1])
        self.put_text(text)
        self.is_stale = False

    def has_uncovered(self) -> bool:
        """Whether a change is in no base yet."""
        return any(not self._is_covered(stamp) for stamp in self._entries)

    def tidy(self, now: int) -> None:
        """Remove what the last base contains, when no tab can be behind any more; at last the base too."""
        horizon = f"{max(now - 5 * _SECOND, 0):013x}"
        for stamp in [
            stamp for stamp in self._others if stamp < f"{max(now - 60 * _SECOND, 0):013x}"
        ]:
            self._put_entry_aside(stamp)
        if not self.last_base or self.last_base > horizon:
            return
        name = name_of(self.area.get(self.key))
        last = f"{self._base}{self.last_base}.{name}"
        bases = [key for key in self.area.keys(self._base) if key not in self._refused]
        if last not in bases:
            self.is_stale = (
                True  # documents were written at the same time: the last one is another's
            )
            return
        for key in self.area.keys(self._edit):
            stamp = key[len(self._edit) :]
            if stamp < horizon and stamp in self._entries and self._is_covered(stamp):
                self._remove_entry(stamp)
        for key in bases:
            if key < last:
                self.area.remove(key)
                self._bases.discard(key)
        present = set(self.area.keys(self._edit))
        for stamp in [stamp for stamp in self._entries if f"{self._edit}{stamp}" not in present]:
            del self._entries[stamp]
        if not self._entries and max(bases) == last:
            self.area.remove(last)
            others = self._others
            self._begin(name)
            self._others = others

    def clear(self, entries: "list[Entry]") -> None:
        """Remove all but the document; entries that no document ever had are put aside."""
        unread = [
            self.area.get(f"{self._edit}{entry.stamp}")
            for entry in entries
            if entry.document is None and not self._is_covered(entry.stamp)
        ]
        texts = [text for text in unread if text is not None]
        if texts:
            what = f"somebody else replaced the document at `{self.key}`, and these changes of it"
            if not self.put_aside(f"[{','.join(texts)}]", what):
                return
        for key in self.area.keys(f"{self.key}#"):
            if key.startswith((self._edit, self._base)):
                self.area.remove(key)

    def write(self, text: "str | None", grown: "str | None", deleted: "str | None") -> None:
        """Store the document alone, in place of all that is there."""
        self._write(text, grown, deleted)
        self._begin(name_of(text))
        self.clear([])

    def forget(self) -> None:
        super().forget()
        self.clear([])

    def _is_covered(self, stamp: str) -> bool:
        return self.covered.get(stamp[13:], "") >= stamp

    def _put_base(
        self, stamp: str, document: str, seen: str, dump: str, text: "str | None"
    ) -> None:
        key = f"{self._base}{stamp}.{document}"
        self.area.set(key, f'["{self.epoch}",{seen},{dump},{text or "{}"}]')
        self._bases.add(key)
        self._documents.add(document)
        self.last_base = stamp

    def _entry_text(self, changes: "Changes", document: "str | None") -> str:
        by_stamp: dict[str, list[str]] = {}
        for stamp, text in changes.values():
            by_stamp.setdefault(stamp, []).append(text)
        groups = [f'["{stamp}",[{",".join(by_stamp[stamp])}]]' for stamp in sorted(by_stamp)]
        name = "null" if document is None else f'"{document}"'
        return f'["{self.epoch}",{name},[{",".join(groups)}]]'

    def _remove_entry(self, stamp: str) -> None:
        self.area.remove(f"{self._edit}{stamp}")
        self._entries.pop(stamp, None)
        if self._own_entries.pop(stamp, None) is not None and not self._own_entries:
            self._own.clear()

    def _put_entry_aside(self, stamp: str) -> None:
        """Of an epoch that is over, by a tab that is gone."""
        self._others.discard(stamp)
        key = f"{self._edit}{stamp}"
        text = self.area.get(key)
        if text is not None:
            if self.put_aside(text, f"the change at `{key}` is one of another document"):
                self.area.remove(key)
            else:
                self._refused.add(key)


def _stamp(group: "Any") -> str:
    if type(group) is not str or not _STAMP.fullmatch(group):
        raise ValueError("not a stamp")
    return group


def _checked_seen(seen: "Any") -> "dict[str, str]":
    if type(seen) is not dict or not all(type(each) is str for each in seen.values()):
        raise ValueError("not a base")
    found: dict[str, str] = seen
    return found


def _groups(changes: "Changes") -> "Groups":
    found: Groups = []
    for stamp, text in sorted(changes.values()):
        found.append((stamp, [parse(decode(text, _DEPTH))]))
    return found
