"""The record of a state that several tabs write to: no two of them ever write the same entry.

What lies beside the document is told in `entries`. All tabs make the same state of it. The document is
for readers of the key alone; each entry or base names the one that its tab is about to write, so another one
is somebody else's.
"""

from ...codec import decode_object, encode
from ...errors import StorageError, StorageWarning, warn
from ..record.layout import name_of
from ..record.record import Record
from .entries import (
    SECOND,
    YEAR,
    Base,
    Entry,
    are_in,
    base_name,
    base_text,
    entry_text,
    groups_of,
    in_order,
    time_text,
)
from .epoch import Epoch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...host.area import Area
    from ...host.protocol import Host
    from ..record.record import Data
    from .changes import Changes, Groups


class SharedRecord(Record):
    """`name` tells this tab's entries from others'; `epoch` is what is known of the present one.

    `unwritten` are changes that the state has and that are about to be stored. Whatever takes room, documents
    as well as entries and bases, is stored by `_put`.
    """

    __slots__ = (
        "_base",
        "_edit",
        "_foreign",
        "_looked",
        "_now",
        "_refused",
        "_settled",
        "epoch",
        "last_base_seen",
        "name",
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

    def _begin(self, document: str) -> "Epoch":
        """A new epoch, on the document of that name."""
        self._looked = self._now()
        self.epoch = Epoch(document, time_text(self._looked), self.name)
        return self.epoch

    def next_stamp(self) -> str:
        """A stamp behind all that were met."""
        newest = int(self.epoch.replica.newest[:13] or "0", 16)
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
        if now - looked > 2 * SECOND and not self.epoch.is_at_rest:
            return True
        return overwrites and self.area.get(self.key) != self.stored[0]

    # -- reading --------------------------------------------------------------------------------

    def load(self, *, but: "str | None" = None) -> "Data | None":
        """As `Record.load`; without the changes of the entry whose stamp is `but`."""
        before = self.epoch
        before.is_lost = True  # if this fails
        try:
            return self._load(but)
        except StorageError:
            self.epoch = before  # with what is in no entry
            raise

    def _load(self, but: "str | None") -> "Data | None":
        text, _ = self.read()
        document = name_of(text)
        before = self.epoch
        keys = self.area.keys(f"{self.key}#")
        entries = [entry for entry in map(self._read_entry, keys) if entry is not None]
        listed = [key for key in keys if key.startswith(self._edit) and key not in self._refused]
        if len(entries) < len(listed):  # a worker's page has made some one between two calls
            return self.load(but=but)
        entries.sort(key=lambda entry: entry.stamp)
        epoch = self._begin(document)
        for key in keys:
            if key.startswith(self._base) and key not in self._refused:
                epoch.bases.add(key)
        data = self._load_base()
        if data is not None and any(epoch.is_later(entry, document) for entry in entries):
            data = None  # the base is by one who did not know that its epoch had ended
            bases = epoch.bases
            epoch = self._begin(document)
            epoch.bases, epoch.is_stale = bases, True
        is_foreign = self._foreign == document or (data is not None and epoch.name != document)
        self._foreign = None
        if is_foreign and not (
            epoch.expects(document) or any(entry.document == document for entry in entries)
        ):
            if self.area.get(self.key) != text:  # a worker's page writes between two calls
                self.epoch = before
                return self.load(but=but)
            data = None
            self.clear(entries)
            epoch = self._begin(document)
            entries = []
        if data is None and text is not None:
            data = decode_object(text)
        known = []
        for entry in entries:
            if entry.epoch == epoch.name:
                epoch.note(entry)
                known.append(entry)
                data = {} if data is None else data
            elif self._is_settled(entry) or entry.stamp[13:] != self.name:
                epoch.foreign_entries[entry.stamp] = entry.document
            else:
                epoch.own_late_entries.append(entry)
        if data is not None:
            epoch.replica.apply(data, in_order([each for each in known if each.stamp != but]))
        if self.unwritten and data is not None:
            epoch.replica.apply(data, groups_of(self.unwritten))
        if before.unsent is not None:
            epoch.keep_unsent(before.unsent)
            data = {} if data is None else data
            epoch.replica.apply(data, groups_of(before.unsent))
        return data

    def _load_base(self) -> "Data | None":
        """The data of the newest base that can be used, where the epoch goes on; None without one."""
        epoch = self.epoch
        found: Data | None = None
        for key in sorted(epoch.bases, reverse=True):
            base = self._read_base(key)
            if base is None:
                continue
            try:
                replica, data = base.state()
            except ValueError as error:
                self._ignore(key, error)
                continue
            if found is None:
                found = data
                epoch.build_on(key, base, replica)
                self._see_last_base()
            epoch.documents.add(base.document)
        epoch.bases -= self._refused
        return found

    def _read_base(self, key: str) -> "Base | None":
        """What is stored there; None where it is gone, or no base."""
        text = self.area.get(key)
        if text is None:
            return None
        try:
            return Base(key[len(self._base) :], text, self._latest())
        except ValueError as error:
            self._ignore(key, error)
            return None

    def _see_last_base(self) -> None:
        if self.last_base_seen[0] != self.epoch.last_base:
            self.last_base_seen = (self.epoch.last_base, self._now())

    def look(self, keys: "list[str]") -> "Groups | None":
        """The changes that entries at those keys bring; None where only `load` can tell what there is now."""
        self._looked = self._now()
        bases = [key for key in keys if key.startswith(self._base)]
        if bases:
            self.epoch.documents.update([key.rpartition(".")[2] for key in bases])
            if not self._look_at_bases():
                return None
        epoch = self.epoch
        were_removed = False  # perhaps
        gone: list[str] = []
        found: list[Entry] = []
        for key in keys:
            if not key.startswith(self._edit):
                continue
            stamp = key[len(self._edit) :]
            if stamp in epoch.entries or stamp in epoch.foreign_entries or key in self._refused:
                were_removed = True
                continue
            entry = self._read_entry(key)
            if entry is None:
                if key not in self._refused:
                    gone.append(stamp)
            elif entry.epoch == epoch.name:
                found.append(entry)
            elif entry.since > epoch.since:
                return None
            else:
                self._is_settled(entry)
                epoch.foreign_entries[stamp] = entry.document
        if gone and (bases or not are_in(found, gone)):
            return None  # nothing is taken as known: who asks again may be told
        for entry in found:
            epoch.note(entry)
        if self.key in keys and not self._look_at_document():
            self._foreign = name_of(self.area.get(self.key))
            self.epoch.is_lost = True
            return None
        if were_removed and not found and self.epoch.entries and self._is_bare():
            return None  # all were removed, and there is no base that has them
        return in_order(found)

    def _is_settled(self, entry: "Entry") -> bool:
        """Whether the changes of an entry of another epoch were in the document that this one began with.

        Who announced that document knew all there was. It stays so when this epoch is over as well.
        """
        if entry.document == self.epoch.name:
            self._settled.add(entry.stamp)
        return entry.stamp in self._settled

    def _is_bare(self) -> bool:
        return not self.area.keys(self._edit) and not self.area.keys(self._base)

    def _look_at_bases(self) -> bool:
        """False where a later epoch has begun, or this one has ended in ways that nobody told."""
        epoch = self.epoch
        bases = set(self.area.keys(self._base)) - self._refused
        known, epoch.bases = epoch.bases, bases
        is_ours = True
        for key in sorted(bases - known):
            base = self._read_base(key)
            if base is not None:
                is_ours = epoch.hear(key, base) and is_ours
                if epoch.last_base == key:
                    self._see_last_base()
        epoch.bases -= self._refused
        if epoch.bases or not known:
            return is_ours
        text = self.area.get(self.key)
        if name_of(text) not in epoch.documents or self.area.keys(self._edit):
            return False
        self._begin(name_of(text))
        self.stored = (text, self.area.get(self.deleted_key))
        return True

    def _look_at_document(self) -> bool:
        """Whether the document is one that a tab has announced."""
        text = self.area.get(self.key)
        if text != self.stored[0]:
            name = name_of(text)
            # Without a base the next change of this tab would make one, of the document at the beginning.
            if not (self.epoch.bases and self.epoch.expects(name)):
                if self.epoch.is_at_rest:
                    return False
                self._look_at_bases()
                if not self.epoch.expects(name):
                    return False
        self.stored = (text, self.stored[1])
        return True

    def keys(self) -> "list[str]":
        """Where there may be something that nobody told of: what is there, and what was there."""
        return self.area.keys(f"{self.key}#") + sorted(self.epoch.bases) + [self.key]

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

    # -- writing --------------------------------------------------------------------------------

    def append(self, stamp: str, changes: "Changes", document: "str | None") -> None:
        """Store changes as an entry; then the document of that name is to be written, if one is named."""
        epoch = self.epoch
        begins = not epoch.bases and document is not None
        if begins:
            self._put_base(stamp, "-", "{}", '["",[]]', self.stored[0])
        changes, replaced = epoch.gather(changes)
        text = entry_text(epoch.name, epoch.since, document, changes)
        try:
            self._put(f"{self._edit}{stamp}", text)
        except BaseException:
            if begins and not epoch.entries:  # the document may have room
                self.area.remove(epoch.last_base)
                epoch.take_back_base()
            raise
        epoch.sent(stamp, changes, document, len(text))
        try:
            for each in replaced:
                self._remove_entry(each)
        except StorageError:
            pass  # what they have is stored, once more than it need be

    def remove(self, late: "Entry") -> None:
        """Remove an entry whose changes were made again."""
        self.area.remove(f"{self._edit}{late.stamp}")

    def fold(self, data: "Data", text: "str | None") -> None:
        """Store the state, with the text of the document, as a base of its own."""
        epoch = self.epoch
        stamp = self.next_stamp()
        horizon = time_text(self._now() - 60 * SECOND)
        dump = encode(epoch.replica.dump(data, horizon))
        self._put_base(stamp, name_of(text), encode(epoch.seen), dump, text)
        epoch.replica.newest = stamp
        epoch.covered = epoch.seen.copy()
        self.stored = (self.area.get(self.key), self.stored[1])
        self.put_text(text)
        epoch.is_stale = False

    def agreed(self) -> "str | None":
        """What has all changes and the order of keys, for everybody: the last base or, at rest, the document.

        Something that ends with a dot and the name of the document.
        """
        epoch = self.epoch
        if epoch.is_at_rest:
            return f"{self.key}.{name_of(self.stored[0])}"
        return None if epoch.has_uncovered() or not epoch.covered else epoch.last_base

    def tidy(self) -> None:
        """Remove what the last base contains, when no tab can be behind any more; at last the base too."""
        epoch = self.epoch
        now = self._now()
        for stamp in [
            stamp
            for stamp in epoch.foreign_entries
            if not time_text(now - 60 * SECOND) < stamp < time_text(now)
        ]:
            self._put_entry_aside(stamp)
        last = epoch.last_base
        if not last or 0 <= now - self.last_base_seen[1] < 5 * SECOND:
            return
        document = last.rpartition(".")[2]
        bases = [key for key in self.area.keys(self._base) if key not in self._refused]
        if last not in bases or document != name_of(self.area.get(self.key)):
            # Documents were written at the same time: the last one is another's.
            epoch.is_stale = True
            return
        for key in self.area.keys(self._edit):
            stamp = key[len(self._edit) :]
            if stamp in epoch.entries and epoch.is_covered(stamp):
                self._remove_entry(stamp)
        for key in bases:
            if key < last:
                self.area.remove(key)
                epoch.bases.discard(key)
        present = set(self.area.keys(self._edit))
        for stamp in [stamp for stamp in epoch.entries if f"{self._edit}{stamp}" not in present]:
            del epoch.entries[stamp]
        if not epoch.entries and max(bases) == last:
            for stamp in [stamp for stamp in epoch.foreign_entries if stamp in self._settled]:
                self._put_entry_aside(stamp)  # before this epoch is over as well
            self.area.remove(last)
            foreign_entries = epoch.foreign_entries
            self._begin(document).foreign_entries = foreign_entries

    def clear(self, entries: "list[Entry]") -> None:
        """Remove all but the document; entries that no document ever had are put aside."""
        unread = [
            self.area.get(f"{self._edit}{entry.stamp}")
            for entry in entries
            if entry.document is None and not self.epoch.is_covered(entry.stamp)
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
        epoch = self._begin(name_of(text))
        try:
            self.clear([])
        except StorageError:
            epoch.is_lost = True  # the rest goes with the next `load`

    def forget(self) -> None:
        super().forget()
        self.clear([])

    def _put(self, key: str, text: str) -> None:
        """Store what lies beside the document: here the area is asked for room."""
        self.area.set(key, text)

    def _put_base(
        self, stamp: str, document: str, seen: str, dump: str, text: "str | None"
    ) -> None:
        epoch = self.epoch
        key = f"{self._base}{base_name(epoch.since, stamp, document)}"
        self._put(key, base_text(epoch.name, seen, dump, text))
        epoch.put_base(key, document)
        self._see_last_base()

    def _remove_entry(self, stamp: str) -> None:
        self.area.remove(f"{self._edit}{stamp}")
        self.epoch.forget(stamp)

    def _put_entry_aside(self, stamp: str) -> None:
        """Of an epoch that is over, by a tab that is gone."""
        del self.epoch.foreign_entries[stamp]
        key = f"{self._edit}{stamp}"
        text = self.area.get(key)
        if text is not None and (stamp[13:] == self.name or stamp in self._settled):
            self.area.remove(key)  # it was in the document
        elif text is not None:
            if self.put_aside(text, f"the change at `{key}` is one of another document"):
                self.area.remove(key)
            else:
                self._refused.add(key)
