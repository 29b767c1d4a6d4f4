"""The record of a state that several tabs write to: no two of them ever write the same entry.

What lies beside the document is told in `shared_entries`. All tabs make the same state of it. The document is
for readers of the key alone; each entry or base names the one that its tab is about to write, so another one
is somebody else's.

When all is quiet an area holds the document alone, and the next change begins a new epoch, which is called
by that document's name.
"""

from ...codec import decode, decode_object, encode
from ...errors import StorageError, StorageWarning, warn
from ..record.journal import name_of
from ..record.record import JOURNAL_ABOVE, Record
from .changes import change_text
from .entries import (
    DEPTH,
    SECOND,
    YEAR,
    Entry,
    are_in,
    check_whole,
    checked_seen,
    checked_stamp,
    checked_time,
    entry_text,
    groups_of,
    in_order,
    time_text,
)
from .replica import Replica

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...host.area import Area
    from ...host.protocol import Host
    from ..record.record import Data
    from .changes import Changes, Groups

_MANY = 32  # entries of one tab, which are made one when that pays


class SharedRecord(Record):
    """`name` tells this tab's entries from others'; `replica` is what the entries so far have made.

    `since` is a time when this tab, or one it heard of, knew the epoch to be the present one. `seen` and
    `covered` have the last stamp by tab: of the changes in the state, and of those in the last base.
    `is_stale`: the document does not have it all; `is_lost`: only `load` can tell what the state is.
    `pending` are changes that the state has and that are about to be stored.
    `strays` are own changes of an epoch that had ended before, and `others` the stamps of such entries of
    other tabs, with the document that each announces.
    """

    __slots__ = (
        "_announcement",
        "_base",
        "_bases",
        "_documents",
        "_edit",
        "_entries",
        "_foreign",
        "_last_base",
        "_looked",
        "_now",
        "_own",
        "_own_entries",
        "_refused",
        "_settled",
        "_unsent",
        "covered",
        "epoch",
        "foreign_entries",
        "is_lost",
        "is_stale",
        "last_base_seen",
        "name",
        "own_late_entries",
        "replica",
        "seen",
        "since",
        "unwritten",
    )

    def __init__(self, area: "Area", key: str, here: "Host") -> None:
        super().__init__(area, key)
        self.name = here.random_id()
        self._now = here.now
        self._edit = f"{key}#edit."
        self._base = f"{key}#base."
        self._refused: set[str] = set()  # keys of what is not ours, once that was said
        self._settled: set[str] = set()  # stamps of other epochs, whose changes were in a document
        self.unwritten: Changes = {}
        self.last_base_seen = ("", 0)  # the last base that this tab has learnt of, and when
        self._foreign: str | None = None  # the name of a document that somebody else wrote
        self._begin("")

    def _begin(self, epoch: str) -> None:
        self.epoch = epoch
        self.since = time_text(self._now())
        self.replica = Replica()
        self.seen: dict[str, str] = {}
        self.covered: dict[str, str] = {}
        self._last_base = ""
        self._looked = self._now()
        self.is_stale = False
        self.is_lost = False
        self.own_late_entries: list[Entry] = []
        self._bases: set[str] = set()  # keys
        self._entries: dict[str, str | None] = {}  # stamps, and the document that each announces
        self.foreign_entries: dict[str, str | None] = {}
        self._documents: set[str] = set()  # that bases announce
        self._own: Changes = {}
        self._own_entries: dict[str, int] = {}  # stamps, and the units of each
        self._announcement = ""  # the last of them that announces a document
        self._unsent = False

    @property
    def is_at_rest(self) -> bool:
        """Whether there is nothing but the document."""
        return not self._entries and not self._bases and not self._unsent

    def next_stamp(self) -> str:
        """A stamp behind all that were met."""
        newest = int(self.replica.newest[:13] or "0", 16)
        return f"{time_text(max(self._now(), newest + 1))}{self.name}"

    def _latest(self) -> str:
        """No tab can have made a stamp behind that, unless its clock was another year's."""
        return time_text(self._now() + YEAR)

    def is_behind(self, *, overwrites: bool) -> bool:
        """Whether there may be something that nobody was told of yet, and that the next change has to know.

        An epoch does not end sooner than seconds after its last change. A change that overwrites the
        document looks at it before: what the document has may lie nowhere else.
        """
        now = self._now()
        looked, self._looked = self._looked, now
        if now - looked > 2 * SECOND and not self.is_at_rest:
            return True
        return overwrites and self.area.get(self.key) != self.stored[0]

    # -- reading --------------------------------------------------------------------------------

    def load(self, *, but: "str | None" = None) -> "Data | None":
        """As `Record.load`; without the changes of the entry whose stamp is `but`."""
        text, _ = self.read()
        unsent = self._own if self._unsent else None
        keys = self.area.keys(f"{self.key}#")
        self._begin(name_of(text))
        entries = [entry for entry in map(self._read_entry, keys) if entry is not None]
        listed = [key for key in keys if key.startswith(self._edit) and key not in self._refused]
        if len(entries) < len(listed):  # a worker's page has made some one between two calls
            return self.load(but=but)
        entries.sort(key=lambda entry: entry.stamp)
        for key in keys:
            if key.startswith(self._base) and key not in self._refused:
                self._bases.add(key)
        data = self._load_base()
        if data is not None and any(self._is_later(entry, name_of(text)) for entry in entries):
            data = None  # the base is by one who did not know that its epoch had ended
            bases = self._bases
            self._begin(name_of(text))
            self._bases, self.is_stale = bases, True
        announced = self._documents.union([entry.document for entry in entries])
        is_foreign = self._foreign == name_of(text)
        if data is not None and self.epoch != name_of(text):
            is_foreign = True
        self._foreign = None
        if is_foreign and name_of(text) not in announced:
            if self.area.get(self.key) != text:  # a worker's page writes between two calls
                return self.load(but=but)
            data = None
            self.clear(entries)
            self._begin(name_of(text))
            entries = []
        if data is None and text is not None:
            data = decode_object(text)
        for entry in entries:
            if entry.epoch == self.epoch:
                self._note(entry)
                data = {} if data is None else data
            elif self._is_settled(entry) or entry.stamp[13:] != self.name:
                self.foreign_entries[entry.stamp] = entry.document
            else:
                self.own_late_entries.append(entry)
        if data is not None:
            known = [each for each in entries if each.stamp in self._entries]
            self.replica.apply(data, in_order([each for each in known if each.stamp != but]))
        if self.unwritten and data is not None:
            self.replica.apply(data, groups_of(self.unwritten))
        if unsent is not None:
            self._own, self._unsent = unsent, True
            data = {} if data is None else data
            self.replica.apply(data, groups_of(unsent))
        return data

    def _load_base(self) -> "Data | None":
        """The data of the newest base that can be used; None without one."""
        for key in sorted(self._bases, reverse=True):
            text = self.area.get(key)
            if text is None:
                continue
            try:
                since, stamp, document = self._base_of(key)
                epoch, seen, dump, data = decode(text, DEPTH)
                if type(data) is not dict:
                    raise ValueError("not a base")
                check_whole(text, epoch if document == "-" else document)
                covered = checked_seen(seen, stamp)
                replica = Replica.load(dump, data)
                if replica.newest:
                    checked_stamp(replica.newest, stamp)
            except (TypeError, ValueError) as error:
                self._bases.discard(key)
                self._ignore(key, error)
                continue
            if not self._last_base:
                self.epoch, self.since, self.replica = epoch, since, replica
                self.covered, self.seen = covered, covered.copy()
                self._hear(key)
                replica.newest = max(replica.newest, stamp)
                found: Data = data
            self._documents.add(document)
        return found if self._last_base else None

    def _base_of(self, key: str) -> "tuple[str, str, str]":
        """Since when its epoch was known, stamp, announced document. Raises `ValueError` for another key."""
        since, stamp, document = key[len(self._base) :].split(".")
        return checked_time(since), checked_stamp(stamp, self._latest()), document

    def _learn_base(self, key: str) -> bool:
        """Know what another tab's base contains; False where it is one of a later epoch."""
        text = self.area.get(key)
        if text is None:
            return True
        try:
            since, stamp, document = self._base_of(key)
            epoch, seen = decode(text[: text.index("}") + 1] + "]")
            check_whole(text, epoch if document == "-" else document)
            seen = checked_seen(seen, stamp)
        except (TypeError, ValueError) as error:
            self._ignore(key, error)
            return True
        self._documents.add(document)
        if epoch == self.epoch:
            self.since = max(self.since, since)
            if key > self._last_base:
                self._hear(key)
                self.covered = seen
        elif since > self.since:
            return False
        else:  # by one who did not know that the epoch had ended
            self.is_stale = True
        return True

    def _hear(self, key: str) -> None:
        self._last_base = key
        if self.last_base_seen[0] != key:
            self.last_base_seen = (key, self._now())

    def look(self, keys: "list[str]") -> "Groups | None":
        """The changes that entries at those keys bring; None where only `load` can tell what there is now."""
        self._looked = self._now()
        bases = [key for key in keys if key.startswith(self._base)]
        self._documents.update([key.rpartition(".")[2] for key in bases])
        if bases and not self._look_at_bases():
            return None
        were_removed = False  # perhaps
        gone: list[str] = []
        found: list[Entry] = []
        for key in keys:
            if not key.startswith(self._edit):
                continue
            if self._is_known(key):
                were_removed = True
                continue
            entry = self._read_entry(key)
            if entry is None:
                if key not in self._refused:
                    gone.append(key[len(self._edit) :])
            elif entry.epoch == self.epoch:
                found.append(entry)
            elif entry.since > self.since:
                return None
            else:
                self._is_settled(entry)
                self.foreign_entries[entry.stamp] = entry.document
        if gone and (bases or not are_in(found, gone)):
            return None  # nothing is taken as known: who asks again may be told
        for entry in found:
            self._note(entry)
        if self.key in keys and not self._look_at_document():
            self._foreign = name_of(self.area.get(self.key))
            self.is_lost = True
            return None
        if were_removed and not found and self._entries and self._is_bare():
            return None  # all were removed, and there is no base that has them
        return in_order(found)

    def _is_settled(self, entry: "Entry") -> bool:
        """Whether the changes of an entry of another epoch were in the document that this one began with.

        Who announced that document knew all there was. It stays so when this epoch is over as well.
        """
        if entry.document == self.epoch:
            self._settled.add(entry.stamp)
        return entry.stamp in self._settled

    def _is_bare(self) -> bool:
        return not self.area.keys(self._edit) and not self.area.keys(self._base)

    def _is_later(self, entry: "Entry", document: str) -> bool:
        """Whether the entry begins a later epoch, on the document itself."""
        return self.epoch != document == entry.epoch and entry.since > self.since

    def _look_at_bases(self) -> bool:
        """False where a later epoch has begun, or this one has ended in ways that nobody told."""
        bases = set(self.area.keys(self._base)) - self._refused
        known, self._bases = self._bases, bases
        is_ours = True
        for key in sorted(bases - known):
            is_ours = self._learn_base(key) and is_ours
        self._bases -= self._refused
        if self._bases or not known:
            return is_ours
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
        if text != self.stored[0] and self.is_at_rest:
            return False
        if text != self.stored[0] and name not in self._documents:
            self._look_at_bases()
            announced = list(self._entries.values()) + list(self.foreign_entries.values())
            if name not in self._documents and name not in announced:
                return False
        self.stored = (text, self.stored[1])
        return True

    def _is_known(self, key: str) -> bool:
        stamp = key[len(self._edit) :]
        return stamp in self._entries or stamp in self.foreign_entries or key in self._refused

    def keys(self) -> "list[str]":
        """Where there may be something that nobody told of: what is there, and what was there."""
        return self.area.keys(f"{self.key}#") + sorted(self._bases) + [self.key]

    def _read_entry(self, key: str) -> "Entry | None":
        if not key.startswith(self._edit) or key in self._refused:
            return None
        text = self.area.get(key)
        if text is None:
            return None
        try:
            return Entry(key[len(self._edit) :], text, self._latest())
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
            if entry.document is not None:
                self._announcement = stamp
            for each, changes in entry.groups:
                for op, address, place, value in changes:
                    text = change_text(op, address, place, value)
                    self._own[address, op != "move"] = (each, text)

    # -- writing --------------------------------------------------------------------------------

    def append(self, stamp: str, changes: "Changes", document: "str | None") -> None:
        """Store changes as an entry; then the document of that name is to be written, if one is named."""
        begins = not self._bases and document is not None
        if begins:
            self._put_base(stamp, "-", "{}", '["",[]]', self.stored[0])
        replaced: list[str] = []
        units = self._own_entries.values()
        if self._unsent or (
            len(units) >= _MANY and sum(units) > 2 * max(JOURNAL_ABOVE, max(units, default=0))
        ):
            # The document that is there now has to stay announced, until the next one is.
            replaced = [each for each in self._own_entries if each != self._announcement]
            merged = self._own.copy()
            merged.update(changes)
            changes = merged
        text = entry_text(self.epoch, self.since, document, changes)
        try:
            self.area.set(f"{self._edit}{stamp}", text)
        except BaseException:
            if begins and not self._entries:  # the document may have room
                self.area.remove(self._last_base)
                self._bases.discard(self._last_base)
                self._last_base = ""
            raise
        self._own.update(changes)
        self._unsent = False
        self._entries[stamp] = document
        self.seen[self.name] = stamp
        self._own_entries[stamp] = len(text)
        if document is not None:
            self._announcement = stamp
        try:
            for each in replaced:
                self._remove_entry(each)
        except StorageError:
            pass  # what they have is stored, once more than it need be

    def keep_unsent(self, changes: "Changes") -> None:
        """Remember changes that could not be stored, for the next time."""
        self._own.update(changes)
        self._unsent = True

    def remove(self, stray: "Entry") -> None:
        """Remove an entry whose changes were made again."""
        self.area.remove(f"{self._edit}{stray.stamp}")

    def fold(self, data: "Data", text: "str | None") -> None:
        """Store the state, with the text of the document, as a base of its own."""
        stamp = self.next_stamp()
        horizon = time_text(self._now() - 60 * SECOND)
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

    def agreed(self) -> "str | None":
        """What has all changes and the order of keys, for everybody: the last base or, at rest, the document.

        Something that ends with a dot and the name of the document.
        """
        if self.is_at_rest:
            return f"{self.key}.{name_of(self.stored[0])}"
        return None if self.has_uncovered() or not self.covered else self._last_base

    def tidy(self) -> None:
        """Remove what the last base contains, when no tab can be behind any more; at last the base too."""
        now = self._now()
        for stamp in [
            stamp
            for stamp in self.foreign_entries
            if not time_text(now - 60 * SECOND) < stamp < time_text(now)
        ]:
            self._put_entry_aside(stamp)
        last = self._last_base
        if not last or 0 <= now - self.last_base_seen[1] < 5 * SECOND:
            return
        document = self._base_of(last)[2]
        bases = [key for key in self.area.keys(self._base) if key not in self._refused]
        if last not in bases or document != name_of(self.area.get(self.key)):
            self.is_stale = (
                True  # documents were written at the same time: the last one is another's
            )
            return
        for key in self.area.keys(self._edit):
            stamp = key[len(self._edit) :]
            if stamp in self._entries and self._is_covered(stamp):
                self._remove_entry(stamp)
        for key in bases:
            if key < last:
                self.area.remove(key)
                self._bases.discard(key)
        present = set(self.area.keys(self._edit))
        for stamp in [stamp for stamp in self._entries if f"{self._edit}{stamp}" not in present]:
            del self._entries[stamp]
        if not self._entries and max(bases) == last:
            for stamp in [stamp for stamp in self.foreign_entries if stamp in self._settled]:
                self._put_entry_aside(stamp)  # before this epoch is over as well
            self.area.remove(last)
            others = self.foreign_entries
            self._begin(document)
            self.foreign_entries = others

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
        try:
            self.clear([])
        except StorageError:
            self.is_lost = True  # the rest goes with the next `load`

    def forget(self) -> None:
        super().forget()
        self.clear([])

    def _is_covered(self, stamp: str) -> bool:
        return self.covered.get(stamp[13:], "") >= stamp

    def _put_base(
        self, stamp: str, document: str, seen: str, dump: str, text: "str | None"
    ) -> None:
        key = f"{self._base}{self.since}.{stamp}.{document}"
        self.area.set(key, f'["{self.epoch}",{seen},{dump},{text or "{}"}]')
        self._bases.add(key)
        self._documents.add(document)
        self._hear(key)

    def _remove_entry(self, stamp: str) -> None:
        self.area.remove(f"{self._edit}{stamp}")
        self._entries.pop(stamp, None)
        if self._own_entries.pop(stamp, None) is not None and not self._own_entries:
            self._own.clear()

    def _put_entry_aside(self, stamp: str) -> None:
        """Of an epoch that is over, by a tab that is gone."""
        del self.foreign_entries[stamp]
        key = f"{self._edit}{stamp}"
        text = self.area.get(key)
        if text is not None and (stamp[13:] == self.name or stamp in self._settled):
            self.area.remove(key)  # it was in the document
        elif text is not None:
            if self.put_aside(text, f"the change at `{key}` is one of another document"):
                self.area.remove(key)
            else:
                self._refused.add(key)
