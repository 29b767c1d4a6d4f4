"""The record of a state that several tabs write to: no two of them ever write the same entry.

What lies beside the document is told in `entries`. All tabs make the same state of it. Each entry or base
names the document that its tab is about to write, so another one is somebody else's.

An entry is stored only while the document could still be written with all that the entries say, beside them:
else nobody could ever fold them.
"""

from ...codec import decode_object, encode
from ...errors import QuotaExceededError, StorageError, StorageWarning, warn
from ...host.area import units
from ..record import layout
from ..record.layout import name_of
from ..record.record import MANY_UNITS, Record
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
from .epoch import Epoch, Placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...host.area import Area
    from ...host.protocol import Host
    from ..record.record import Data
    from .changes import Changes, Groups


UNHEARD = 5 * SECOND
"""After so long every tab has heard of what was stored: none writes a document without it."""

_BESIDE = 49_152
"""Units that document and entries together may take beside twice what the state does."""

_RESERVE = 4_096
"""Units that entries leave free: for bases, and for what makes room."""

_SMALL = 1024
"""Units of an entry that may use what is left free, where nothing else makes room."""

_NO_LIMIT = 1 << 40


class SharedRecord(Record):
    """`name` tells this document's entries from others'; `epoch` is what is known of the present one.

    `unwritten` are changes that the state has and that are about to be stored. `place_name` stands for it in
    what bases have seen, for the changes that no entry has.
    """

    __slots__ = (
        "_base",
        "_edit",
        "_foreign",
        "_looked",
        "_now",
        "_placed",
        "_refused",
        "_room",
        "_room_until",
        "_settled",
        "epoch",
        "heard_others",
        "last_base_seen",
        "must_store_again",
        "name",
        "place_name",
        "unwritten",
    )

    def __init__(self, area: "Area", key: str, here: "Host") -> None:
        super().__init__(area, key)
        self.name = here.name
        self.place_name = here.random_id()
        self._now = here.now
        self._edit = f"{key}#edit."
        self._base = f"{key}#base."
        self._refused: set[str] = set()  # keys of what is not ours, once that was said
        self._settled: set[str] = set()  # stamps of other epochs, whose changes were in a document
        self.unwritten: Changes = {}
        self.last_base_seen = ("", 0)  # the last base that this tab has learnt of, and when
        self._foreign: str | None = None  # the name of a document that somebody else wrote
        self._placed = Placed()
        self.must_store_again = False  # as what there is lacks changes of this tab
        self.heard_others = 0  # when this tab has last heard of a change of another one
        self._room = 0  # units up to which entries are known to have room
        self._room_until = ""  # a time, of which stamps begin
        self._begin("")

    def _begin(self, document: str) -> "Epoch":
        """A new epoch, on the document of that name."""
        self._looked = self._now()
        self._room_until = ""
        self.epoch = Epoch(document, time_text(self._looked), self.name)
        return self.epoch

    def next_stamp(self) -> str:
        """A stamp behind all that were met."""
        now, newest = time_text(self._now()), self.epoch.replica.newest[:13]
        if now <= newest:
            now = time_text(int(newest, 16) + 1)
        return now + self.name

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
        data = self._load_base(text)
        is_foreign = data is None and bool(epoch.documents) and not epoch.is_stale
        if data is not None and any(epoch.is_later(entry, document) for entry in entries):
            data = None  # the base is by one who did not know that its epoch had ended
            bases = epoch.bases
            epoch = self._begin(document)
            epoch.bases, epoch.is_stale = bases, True
        if self._foreign == document or (data is not None and epoch.name != document):
            is_foreign = True
        self._foreign = None
        if is_foreign and not (
            epoch.expects(document)
            or any(document in (entry.document, entry.epoch) for entry in entries)
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
                self._note(entry, min(self._looked, int(entry.stamp[:13], 16)))
                if entry.document == document and entry.stamp[13:] == self.name:
                    epoch.announcement = entry.stamp
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
        if self._is_placed_no_more():
            data = {} if data is None else data
            again = self._placed.missing(data)
            epoch.keep_unsent(again)
            epoch.replica.apply(data, groups_of(again))
            self._placed = Placed()
            self.must_store_again = True
        return data

    def _load_base(self, text: "str | None") -> "Data | None":
        """The data of the newest base that can be used, where the epoch goes on; None without one.

        `text` is that of the document. Then the epoch is stale if a newer base names another one: that was
        not written yet, or was written over. So is that of the document itself, if no base can be used.
        """
        epoch, document = self.epoch, name_of(text)
        found: Data | None = None
        latest = ""
        is_stale = begins_here = False
        for key in sorted(epoch.bases, reverse=True):
            base = self._read_base(key)
            if base is None:
                continue
            epoch.documents.add(base.document)
            latest = max(latest, base.since)
            if found is not None:
                continue
            begins_here = begins_here or base.epoch == document
            if not base.has_state and base.document != document:
                is_stale = True
                epoch.awaited.add(base.document)
                continue
            try:
                replica, found = base.state(text)
            except ValueError as error:
                self._ignore(key, error)
                continue
            epoch.build_on(key, base, replica)
            self._see_last_base()
        epoch.bases -= self._refused
        epoch.is_stale = is_stale and (found is not None or begins_here)
        if found is not None:
            epoch.since = max(epoch.since, latest)  # then the next base is behind them all
        return found

    def _is_placed_no_more(self) -> bool:
        """Whether changes that only a document had have to be stored again, as one without them is there."""
        epoch, placed = self.epoch, self._placed
        if not placed.changes:
            return False
        if placed.at < self._long_ago():  # what other tabs wrote since then, they wrote upon it
            self._placed = Placed()
            return False
        if epoch.name in placed.documents:
            return False
        is_covered = epoch.covered.get(self.place_name, "") >= placed.at
        has_it = epoch.has_state or name_of(self.stored[0]) in placed.documents
        return not (epoch.last_base and is_covered and has_it)

    def _note(self, entry: "Entry", at: int) -> None:
        """Know an entry, which was heard of at that time."""
        self.epoch.note(entry, at)
        self._room_until = ""
        if entry.stamp[13:] != self.name:
            self.heard_others = max(self.heard_others, at)

    def _read_base(self, key: str) -> "Base | None":
        """What is stored there; None where it is gone, or no base."""
        text = self.area.get(key)
        if text is None:
            return None
        try:
            base = Base(key[len(self._base) :], text, self._latest())
        except ValueError as error:
            self._ignore(key, error)
            return None
        placed = self._placed
        if placed.changes and base.seen.get(self.place_name, "") >= placed.at:
            placed.documents.add(base.document)
        return base

    def _see_last_base(self) -> None:
        if self.last_base_seen[0] != self.epoch.last_base:
            self.last_base_seen = (self.epoch.last_base, self._now())

    def look(self, keys: "list[str]") -> "Groups | None":
        """The changes that entries at those keys bring; None where only `load` can tell what there is now."""
        self._looked = self._now()
        bases = [key for key in keys if key.startswith(self._base)]
        if bases:
            self.epoch.documents.update([key.rpartition(".")[2] for key in bases])
            before = self.epoch.bases
            is_ours = self._look_at_bases()
            known = before | self.epoch.bases | self._refused
            if not (is_ours and known.issuperset(bases)):  # who knows what one had that came and went
                self.epoch.is_lost = True
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
        if gone and (bases or not are_in(found, gone) or any(map(epoch.is_covered, gone))):
            return None  # nothing is taken as known: who asks again may be told
        for entry in found:
            self._note(entry, self._looked)
        if self.key in keys:
            if epoch.awaited and name_of(self.area.get(self.key)) in epoch.awaited:
                return None  # one that was not there yet when all was read, and whose base was
            if not self._look_at_document():
                self._foreign = name_of(self.area.get(self.key))
                self.epoch.is_lost = True
                return None
        if were_removed and not found and self.epoch.entries and self._is_bare():
            return None  # all were removed, and there is no base that has them
        if self._placed.changes and self._is_placed_no_more():
            return None
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
                is_ours = epoch.hear(key, base) and not self._is_ahead(base) and is_ours
                if epoch.last_base == key:
                    self._see_last_base()
        epoch.bases -= self._refused
        if epoch.bases or not known:
            return is_ours
        text = self.area.get(self.key)
        if name_of(text) not in epoch.documents or self.area.keys(self._edit):
            return False
        self._begin(name_of(text)).unsent = epoch.unsent
        self.stored = (text, self.area.get(self.deleted_key))
        return True

    def _is_ahead(self, base: "Base") -> bool:
        """Whether the base has changes that this tab has not heard of, and that no entry says any more."""
        seen = self.epoch.seen
        return base.epoch == self.epoch.name and any(
            stamp > seen.get(tab, "") and self.area.get(f"{self._edit}{stamp}") is None
            for tab, stamp in base.seen.items()
        )

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
            return Entry(key[len(self._edit) :], text, self._latest(), key)
        except ValueError as error:
            self._ignore(key, error)
            return None

    def _ignore(self, key: str, error: Exception) -> None:
        if key not in self._refused:
            self._refused.add(key)
            warn(f"what is stored at `{key}` is ignored: {error}", StorageWarning)

    # -- writing --------------------------------------------------------------------------------

    def can_announce(self) -> bool:
        """Whether a statement may write the document: only where a base has the state before."""
        epoch = self.epoch
        if epoch.bases:
            return epoch.has_state
        return len(self.stored[0] or "") <= 2 * layout.JOURNAL_ABOVE

    def append(
        self,
        stamp: str,
        changes: "Changes",
        document: "str | None",
        size: "Callable[[], int] | None",
    ) -> bool:
        """Store changes as an entry; then the document of that name is to be written, if there is one.

        False where that would take room that is needed. `size` tells the units of the state: it may take
        twice as many, entries included. Without it there is no bound but the area's.
        """
        epoch = self.epoch
        begins = not epoch.bases and document is not None
        changes, replaced = epoch.gather(changes)
        key = f"{self._edit}{stamp}"
        text = entry_text(epoch.name, epoch.since, document, changes)
        taken = len(key) + (len(text) if text.isascii() else units(text))
        beside = epoch.units + taken
        is_known = beside <= self._room and stamp <= self._room_until and taken <= MANY_UNITS
        if not (is_known and beside <= _BESIDE) and not self._has_room(taken, size, is_known):
            return False
        if begins:
            self._put_base(stamp, "-", "{}", '["",[]]', self.stored[0] or "{}")
        try:
            self.area.set(key, text)
        except BaseException:
            if begins and not epoch.entries:  # the document may have room
                self._take_base_back("", has_state=False)
            raise
        epoch.sent(stamp, changes, document, taken, self._looked)
        if epoch.units > MANY_UNITS and not self.has_reserve:
            self.keep_reserve()
        if replaced:
            try:
                for each in replaced:
                    self._remove_entry(each)
            except StorageError:
                pass  # what they have is stored, once more than it need be
        return True

    def _has_room(self, taken: int, size: "Callable[[], int] | None", is_known: bool) -> bool:
        """Whether an entry of so many units leaves the room that folding needs."""
        beside = self.epoch.units + taken
        if size is None:
            if taken <= _SMALL:
                return True  # if the area has
        elif beside > _BESIDE and len(self.stored[0] or "") + beside > 2 * size() + _BESIDE:
            return False
        if not is_known:  # others may have taken what there was
            self._room, self._room_until = self._measured_room(), time_text(self._now() + SECOND)
        return beside <= self._room

    def _measured_room(self) -> int:
        """Units up to which entries may grow: those to come need room in the document too."""
        free = self.area.free()
        if free is None:
            return _NO_LIMIT
        unfolded = self.epoch.units - self.epoch.covered_units
        return self.epoch.units + (free - unfolded - _RESERVE) // 2

    def beside(self) -> int:
        return self.epoch.units

    def is_alone(self) -> bool:
        """Whether no other tab is at it, as far as this one can see.

        One that has changed something, or knows of a change that is not in the document yet, may be about to
        write it.
        """
        epoch, now = self.epoch, self._now()
        if 0 <= now - self.heard_others < SECOND:
            return False
        for tab, stamp in epoch.seen.items():
            is_own = tab == self.name or tab == self.place_name
            if not is_own and not epoch.is_covered(stamp) and stamp > self._long_ago():
                return False
        return self.knows_all()

    def knows_all(self) -> bool:
        """Whether every entry there was heard of: a base stands for all up to the last of each tab."""
        epoch = self.epoch
        for key in self.area.keys(self._edit):
            stamp = key[len(self._edit) :]
            is_known = stamp in epoch.entries or stamp in epoch.foreign_entries
            if not is_known and key not in self._refused:
                return False
        return True

    def place(
        self, stamp: str, changes: "Changes", data: "Data", text: "str | None", is_alone: bool
    ) -> None:
        """Store the state with these changes as the document, and remove the entries that it stands for.

        Those of which others may not have heard stay, unless this tab is alone.
        """
        epoch = self.epoch
        seen = epoch.seen.copy()
        epoch.seen[self.name] = stamp
        epoch.seen[self.place_name] = f"{stamp[:13]}{self.place_name}"
        epoch.replica.newest = max(epoch.replica.newest, stamp)  # the base comes behind it
        try:
            self.fold(data, text)
        except BaseException:
            epoch.seen = seen
            raise
        self._know_placed([*epoch.own(), changes], stamp)
        epoch.unsent = None
        self.drop(0 if is_alone else UNHEARD)

    def _know_placed(self, changes: "list[Changes]", stamp: str) -> None:
        """Know that the document has these changes, which no entry may have: it may be written over."""
        self._placed.add(changes, name_of(self.stored[0]), stamp[:13], self._long_ago())

    def full(self, text: "str | None") -> StorageError:
        """What to raise where there is no room for that document."""
        error = QuotaExceededError(f"no room for `{self.key}`", key=self.key)
        return self.area.named(error, self.key, text or "")

    def make_room(self, here: "Host") -> bool:
        """Fold what is stored as another tab would, and remove own entries; False where nothing is gained."""
        epoch = self.epoch
        if not epoch.entries:
            return False
        other = SharedRecord(self.area, self.key, here)
        other.place_name = self.place_name
        data = other.load() or {}
        if other.epoch.name != epoch.name:
            return False
        other.fold(data, encode(data) if data else None)
        other.drop(0)
        epoch.bases, epoch.last_base = other.epoch.bases, other.epoch.last_base
        epoch.has_state = other.epoch.has_state
        epoch.cover(other.epoch.covered)
        epoch.documents |= other.epoch.documents
        epoch.is_stale = False
        self.stored = other.stored
        self.last_base_seen = other.last_base_seen
        self._room_until = ""
        for stamp in [stamp for stamp in epoch.entries if stamp not in other.epoch.entries]:
            epoch.forget(stamp)
        return True

    def remove(self, late: "Entry") -> None:
        """Remove an entry whose changes were made again."""
        self.area.remove(f"{self._edit}{late.stamp}")

    def fold(self, data: "Data", text: "str | None") -> None:
        """Store the state, whose text that is, as the document, with a base that names it.

        Where that fails the document is as before.
        """
        epoch = self.epoch
        stamp = self.next_stamp()
        minute = time_text(self._now() - 60 * SECOND)
        for tab in [tab for tab, last in epoch.seen.items() if last <= minute]:
            if epoch.seen[tab] not in epoch.entries:
                del epoch.seen[tab]
        if self._placed.at > epoch.seen.get(self.place_name, ""):
            epoch.seen[self.place_name] = self._placed.at + self.place_name
        is_small = len(text or "") <= layout.JOURNAL_ABOVE
        # Where nobody is at it, no change of before is still to come; others may begin at the same time.
        begun = int(epoch.since, 16)
        is_settled = self.is_alone() and not 0 <= self._now() - begun < UNHEARD
        horizon = stamp if is_settled else minute
        dump = encode(epoch.replica.dump(data, horizon, minute, is_compact=not is_small))
        before, had_state = epoch.last_base, epoch.has_state
        state = text or "{}" if is_small else None
        self._put_base(stamp, name_of(text), encode(epoch.seen), dump, state)
        self.stored = (self.area.get(self.key), self.stored[1])
        try:
            self.put_text(text)
        except BaseException:
            self._take_base_back(before, has_state=had_state)
            raise
        self._placed.documents.add(name_of(text))
        epoch.replica.newest = stamp
        epoch.cover(epoch.seen.copy())
        epoch.is_stale = False
        self._room_until = ""
        self._remove_bases(time_text(self._now() - UNHEARD))
        if before in epoch.bases and not had_state and self._is_own_base(before):
            self._remove_base(before)  # its document is no more; another tab's may be still to come

    def is_long_behind(self) -> bool:
        """Whether the document lacks a change of some time ago, since there was no quiet second."""
        uncovered = self.epoch.uncovered()
        return bool(uncovered) and uncovered[0] < self._long_ago()

    def _long_ago(self) -> str:
        """Stamps before are of changes that all tabs know."""
        return time_text(self._now() - 2 * UNHEARD)

    def agreed(self) -> "str | None":
        """What has all changes and the order of keys, for everybody: the last base or, at rest, the document.

        Something that ends with a dot and the name of the document.
        """
        epoch = self.epoch
        if epoch.is_at_rest:
            return f"{self.key}.{name_of(self.stored[0])}"
        return None if self.has_uncovered() or not epoch.covered else epoch.last_base

    def has_uncovered(self) -> bool:
        """Whether the document does not have everything that was changed lately."""
        return self.epoch.has_uncovered(time_text(self._now() - 60 * SECOND))

    def tidy(self) -> None:
        """Remove what the last base contains, when no tab can be behind any more; at last the base too."""
        epoch, now = self.epoch, self._now()
        for stamp in [
            stamp
            for stamp in epoch.foreign_entries
            if not time_text(now - 60 * SECOND) < stamp < time_text(now)
        ]:
            self._put_entry_aside(stamp)
        if epoch.last_base and (self._droppable() or not epoch.entries):
            self._tidy(epoch.last_base)

    def _tidy(self, last: str) -> None:
        epoch = self.epoch
        document = last.rpartition(".")[2]
        bases = [key for key in self.area.keys(self._base) if key not in self._refused]
        if last not in bases or document != name_of(self.area.get(self.key)):
            # Documents were written at the same time: the last one is another's.
            epoch.is_stale = True
            return
        self.drop()
        if 0 <= self._now() - self.last_base_seen[1] < UNHEARD:
            return
        epoch.bases = set(bases)
        self._remove_bases(self._latest())
        present = set(self.area.keys(self._edit))
        for stamp in [stamp for stamp in epoch.entries if f"{self._edit}{stamp}" not in present]:
            epoch.forget(stamp)
        if not epoch.entries and max(bases) == last:
            for stamp in [stamp for stamp in epoch.foreign_entries if stamp in self._settled]:
                self._put_entry_aside(stamp)  # before this epoch is over as well
            self.area.remove(last)
            self.release_reserve()
            foreign_entries = epoch.foreign_entries
            self._begin(document).foreign_entries = foreign_entries

    def drop(self, after: int = UNHEARD) -> None:
        """Remove entries that the document has and that are as old as that, in microseconds."""
        for stamp in self._droppable(after):
            self._remove_entry(stamp)
        self._room_until = ""

    def _droppable(self, after: int = UNHEARD) -> "list[str]":
        epoch, now = self.epoch, self._now()
        if not epoch.has_state and not epoch.last_base.endswith(f".{name_of(self.stored[0])}"):
            return []  # another tab's document is there, which may not have all that the base has
        return [
            stamp
            for stamp, (_, _, heard) in epoch.entries.items()
            if epoch.is_covered(stamp) and not 0 <= now - heard < after
        ]

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
            if key.startswith((self._edit, self._base, self.reserve_key)):
                self.area.remove(key)

    @property
    def is_bare(self) -> bool:
        """Whether nothing is known to lie beside the document."""
        return not self.epoch.entries and not self.epoch.bases

    def come_to_rest(self) -> bool:
        """Remove all that lies beside a document that has everything; whether it has."""
        epoch = self.epoch
        document = name_of(self.stored[0])
        has_all = False
        if epoch.entries:
            last = max(epoch.entries)
            has_all = last == epoch.announcement and epoch.entries[last][0] == document
        if epoch.last_base.endswith(f".{document}"):
            has_all = has_all or not self.has_uncovered()
        if not (has_all or self.is_bare) or epoch.foreign_entries:
            return False
        for stamp in list(epoch.entries):
            self._remove_entry(stamp)
        for key in list(epoch.bases):
            self._remove_base(key)
        self.release_reserve()
        unsent, epoch.unsent = epoch.unsent, None
        self._know_placed(epoch.own(), self.next_stamp())
        self._begin(document).unsent = unsent
        return True

    def write_alone(
        self,
        stamp: str,
        changes: "Changes",
        text: "str | None",
        lists: "tuple[str | None, str | None]",
    ) -> None:
        """Store the document alone, where there is nothing else: that takes no room but its own.

        `lists` are those of deleted names, before and after it.
        """
        epoch, stored = self.epoch, self.stored
        try:
            self._write(text, *lists)
        except BaseException:
            self.put_text(stored[0])
            raise
        self._know_placed([*epoch.own(), changes], stamp)
        self._begin(name_of(text))

    def forget(self) -> None:
        super().forget()
        self.clear([])

    def _put_base(
        self, stamp: str, document: str, seen: str, dump: str, state: "str | None"
    ) -> None:
        epoch = self.epoch
        key = f"{self._base}{base_name(epoch.since, stamp, document)}"
        self.area.set(key, base_text(epoch.name, seen, dump, state))
        epoch.put_base(key, document, has_state=state is not None)
        self._see_last_base()

    def _remove_bases(self, before: str) -> None:
        """Remove those from before that time: the last one has what they have, and its document is there."""
        epoch = self.epoch
        for key in [key for key in epoch.bases if key < epoch.last_base]:
            if key[len(self._base) :].split(".")[1] < before:
                self._remove_base(key)

    def _is_own_base(self, key: str) -> bool:
        return key[len(self._base) :].split(".")[1].endswith(self.name)

    def _remove_base(self, key: str) -> None:
        self.area.remove(key)
        self.epoch.bases.discard(key)

    def _take_base_back(self, before: str, *, has_state: bool) -> None:
        """Have the last base be the one before, and not the one that was just put down."""
        epoch = self.epoch
        key, epoch.last_base, epoch.has_state = epoch.last_base, before, has_state
        epoch.bases.discard(key)
        self.area.remove(key)

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
