"""How a state that several tabs write to is stored: no two of them ever write the same entry.

An entry is stored only while the document could still be written with all that the entries say, beside them:
else nobody could ever fold them. Where it cannot, and no other tab is at it, the document is written in
place of them.
"""

from ...codec import encode
from ...errors import QuotaExceededError, StorageError
from ...host.area import units
from ..record import layout
from ..record.layout import name_of
from ..record.record import MANY_UNITS
from .entries import SECOND, base_name, base_text, entry_text, time_text
from .placed import is_portable, written_upon
from .reading import ENDED, UNHEARD, SharedReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...host.protocol import Host
    from ..record.record import Data
    from .entries import Entry
    from .replica.changes import Changes

_BESIDE = 49_152
"""Units that document and entries together may take beside twice what the state does."""

_SMALL = 1024
"""Units of an entry that may use what is left free, where nothing else makes room."""


class SharedRecord(SharedReader):
    """What lies at one key, read and written."""

    __slots__ = ()

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
        *,
        grows: "int | None" = None,
        is_last: bool = False,
    ) -> bool:
        """Store changes as an entry; then the document of that name is to be written, if there is one.

        False where that would take room that is needed, unless it `is_last`. `size` tells the units of the
        state: it may take twice as many, entries included. Without it there is no bound but the area's. What
        folding needs is estimated, unless it is known by how many units the document `grows` then.
        """
        epoch = self.epoch
        begins = not epoch.bases and document is not None
        changes, replaced = epoch.gather(changes)
        key = f"{self._edit}{stamp}"
        text = entry_text(epoch.name, epoch.since, document, changes)
        taken = len(key) + (len(text) if text.isascii() else units(text))
        beside = epoch.units + taken
        room = self._room
        is_known = beside <= room.units and stamp <= room.until and taken <= MANY_UNITS
        is_well = is_last or (is_known and beside <= _BESIDE)
        if not is_well and not self._has_room(taken, size, is_known, grows):
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

    def _has_room(
        self,
        taken: int,
        size: "Callable[[], int] | None",
        is_known: bool,
        grows: "int | None",
    ) -> bool:
        """Whether an entry of so many units leaves the room that folding needs."""
        beside = self.epoch.units + taken
        if size is None:
            if taken <= _SMALL:
                return True  # if the area has
        elif beside > _BESIDE and len(self.stored[0] or "") + beside > 2 * size() + _BESIDE:
            return False
        if grows is not None:
            return self._room.has(taken, grows)
        if not is_known:
            self._room.measure(self.epoch, time_text(self._now() + SECOND))
        return beside <= self._room.units

    def beside(self) -> int:
        return self.epoch.units

    def is_alone(self) -> bool:
        """Whether no other tab is at it, as far as this one can see.

        One that has changed something, or knows of a change that is not in the document yet, may be about to
        write it.
        """
        if self.hears_others():
            return False
        epoch = self.epoch
        for tab, stamp in epoch.seen.items():
            is_own = tab == self.name or tab == self.place_name
            if not is_own and not epoch.is_covered(stamp) and stamp > self._long_ago():
                return False
        return self.knows_all()

    def hears_others(self) -> bool:
        """Whether another tab has changed something in the last second."""
        return 0 <= self._now() - self.heard_others < SECOND

    def is_short(self, size: int) -> bool:
        """Whether entries as long as the state would have no room, as far as that was looked at."""
        return self._room.units - self.epoch.units < size + _BESIDE

    def knows_all(self) -> bool:
        """Whether every entry there was heard of: a base stands for all up to the last of each tab."""
        epoch = self.epoch
        for key in self.area.keys(self._edit):
            stamp = key[len(self._edit) :]
            is_known = stamp in epoch.entries or stamp in epoch.foreign_entries
            if not is_known and key not in self._refused:
                return False
        return True

    def is_present(self) -> bool:
        """Whether document and bases are the ones that this tab knows: others may have just written some."""
        bases = set(self.area.keys(self._base)) - self._refused
        return bases <= self.epoch.bases and self.area.get(self.key) == self.stored[0]

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
        self._know_placed(epoch.own() + [changes], stamp)
        epoch.unsent = None
        try:
            self.drop(0 if is_alone else UNHEARD)
        except StorageError:
            pass  # the base has them: they are removed when there is time

    def _know_placed(self, changes: "list[Changes]", stamp: str) -> None:
        """Know that the document has these changes, which no entry may have: it may be written over."""
        document, epoch = name_of(self.stored[0]), self.epoch.name
        self._placed.add(changes, document, epoch, stamp[:13], self._long_ago())

    def full(self, text: "str | None") -> StorageError:
        """What to raise where there is no room for that document."""
        error = QuotaExceededError(f"no room for `{self.key}`", key=self.key)
        return self.area.named(error, self.key, text or "")

    def make_room(self, here: "Host") -> bool:
        """Fold what is stored as another tab would, and remove entries; False where nothing is gained.

        Where there is no room for folding all of it the oldest half is folded first, and so on.
        """
        has_gained = False
        stamps = sorted(self.epoch.entries)
        count = len(stamps)
        while count:
            try:
                if not self._fold_stored(stamps[count - 1], here):
                    break
                has_gained = True
                stamps = sorted(self.epoch.entries)
                count = len(stamps)
            except QuotaExceededError:
                count //= 2
        return has_gained

    def _fold_stored(self, last: str, here: "Host") -> bool:
        """Fold what is stored up to that entry, and remove what that takes; False where nothing can be."""
        epoch = self.epoch
        other = SharedRecord(self.area, self.key, here)
        other.place_name, other._placed, other._last = self.place_name, self._placed, last
        data = other.load() or {}
        if other.epoch.name != epoch.name:
            return False
        other.fold(data, encode(data) if data else None)
        other.drop(0)
        epoch.bases, epoch.last_base = other.epoch.bases, other.epoch.last_base
        epoch.has_state = other.epoch.has_state
        epoch.cover(other.epoch.covered)
        epoch.documents |= other.epoch.documents
        epoch.since = max(epoch.since, other.epoch.since)  # the next base comes behind that one
        epoch.is_stale = epoch.is_stale and bool(epoch.uncovered())
        self.stored = other.stored
        self.last_base_seen = other.last_base_seen
        self._room.forget()
        self._know_placed(epoch.own(), other.epoch.replica.newest)
        gone = [
            stamp for stamp in epoch.entries if stamp <= last and stamp not in other.epoch.entries
        ]
        for stamp in gone:
            epoch.forget(stamp)
        return bool(gone)

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
        horizon = time_text(self._now() - 2 * SECOND) if is_settled else minute
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
        self._room.forget()
        try:
            self._remove_bases(time_text(self._now() - UNHEARD))
            if before in epoch.bases and not had_state and self._is_own_base(before):
                # Its document is no more; another tab's may be still to come.
                self._remove_base(before)
        except StorageError:
            pass  # the last one counts

    def is_long_behind(self) -> bool:
        """Whether the document lacks a change of some time ago, since there was no quiet second."""
        uncovered = self.epoch.uncovered()
        return bool(uncovered) and uncovered[0] < self._long_ago()

    def agreed(self) -> "str | None":
        """What has all changes and the order of keys, for everybody: the last base or, at rest, the document.

        Something that ends with a dot and the name of the document.
        """
        epoch = self.epoch
        if epoch.is_at_rest:
            return f"{self.key}.{name_of(self.stored[0])}"
        return None if self.has_uncovered() or not epoch.covered else epoch.last_base

    def tidy(self, has_others: bool) -> None:
        """Remove what the last base contains, when no tab can be behind any more; at last the base too.

        Beside others that waits longer: what one of them stores without knowing of it is of no epoch.
        """
        epoch, now = self.epoch, self._now()
        for stamp in [
            stamp
            for stamp in epoch.foreign_entries
            if not time_text(now - 60 * SECOND) < stamp < time_text(now)
        ]:
            self._put_entry_aside(stamp)
        if epoch.last_base and (self._droppable() or not epoch.entries):
            self._tidy(epoch.last_base, ENDED if has_others else UNHEARD)

    def _tidy(self, last: str, patience: int) -> None:
        epoch = self.epoch
        document = last.rpartition(".")[2]
        bases = [key for key in self.area.keys(self._base) if key not in self._refused]
        if last not in bases or document != name_of(self.area.get(self.key)):
            # Documents were written at the same time: the last one is another's.
            epoch.is_stale = True
            return
        self.drop()
        if 0 <= self._now() - self.last_base_seen[1] < patience:
            return
        epoch.bases = set(bases)
        self._remove_bases(self._latest())
        self._forget_removed()
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
        self._room.forget()

    def drop_superseded(self, changes: "Changes") -> None:
        """Remove own entries that the document has, whose changes all give way to these."""
        for stamp in self.epoch.superseded(changes):
            self._remove_entry(stamp)
        self._room.forget()

    def _droppable(self, after: int = UNHEARD) -> "list[str]":
        epoch, now = self.epoch, self._now()
        present = name_of(self.stored[0])
        is_there = epoch.last_base.endswith(f".{present}")
        if not is_there and not epoch.has_state:
            return []  # another tab's document is there, which may not have all that the base has
        found = []
        for stamp, (document, _, heard) in epoch.entries.items():
            is_old = not 0 <= now - heard < after
            if is_old and epoch.is_covered(stamp) and (is_there or document != present):
                found.append(stamp)
        return sorted(found)

    @property
    def is_bare(self) -> bool:
        """Whether nothing is known to lie beside the document."""
        return not self.epoch.entries and not self.epoch.bases

    def could_have(self, text: "str | None") -> bool:
        """Whether there would be room for that document if nothing lay beside it."""
        free = self.area.free()
        if free is None:
            return True
        beside = sum(
            [units(key) + units(self.area.get(key) or "") for key in self.area.keys(f"{self.key}#")]
        )
        return units(text or "") <= free + beside + units(self.stored[0] or "")

    def come_to_rest(self) -> bool:
        """Remove all that lies beside a document that has everything; whether it has."""
        epoch = self.epoch
        document = name_of(self.stored[0])
        has_base = epoch.last_base.endswith(f".{document}") and not self.has_uncovered()
        has_all = has_base or self.is_bare
        if epoch.entries and not has_all:
            last = max(epoch.entries)
            has_all = last == epoch.announcement and epoch.entries[last][0] == document
        if not has_all or epoch.foreign_entries:
            return False
        if not all(map(is_portable, epoch.unsent or {})):
            return False  # in another epoch they would be of other items
        if not has_base and epoch.is_ambiguous(document):  # a page may be killed amid what follows
            self._write_marked(*self.stored, self.stored[1])
            document = name_of(self.stored[0])
        # The one that announces the document first: without it that counts, whatever else is there.
        for stamp in sorted(epoch.entries, reverse=True):
            self._remove_entry(stamp)
        for key in sorted(epoch.bases):
            self._remove_base(key)
        self.release_reserve()
        unsent, epoch.unsent = epoch.unsent, None
        self._know_placed(epoch.own(), self._newest_own())
        self._begin(document).unsent = unsent
        self.rests += 1
        return True

    def _newest_own(self) -> str:
        """The stamp of the last change of this tab that others may not have heard of."""
        own = [change[0] for changes in self.epoch.own() for change in changes.values()]
        return max([self._placed.at] + own)

    def write_alone(
        self,
        stamp: str,
        changes: "Changes",
        text: "str | None",
        lists: "tuple[str | None, str | None]",
    ) -> None:
        """Store the document alone, where nothing else counts: that takes no room but its own.

        `lists` are those of deleted names, before and after it.
        """
        epoch, stored = self.epoch, self.stored
        is_bare = self.is_bare
        try:
            if is_bare and text is None:
                self._write(None, *lists)
            else:
                try:
                    self._write_marked(text, *lists)
                except QuotaExceededError:
                    if not is_bare and epoch.is_ambiguous(name_of(text)):
                        raise
                    self._write(text, *lists)
        except BaseException:
            self.put_text(stored[0])
            raise
        self._know_placed(epoch.own() + [changes], stamp)
        self._begin(name_of(self.stored[0]))

    def _write_marked(self, text: "str | None", grown: "str | None", deleted: "str | None") -> None:
        """Store a document with the mark of what it was written upon; entries are made shorter for that."""
        marked = written_upon(self._upon, text or "{}")
        try:
            self._write(marked, grown, deleted)
        except QuotaExceededError:
            if not self._shorten_entries():
                raise
            self._write(marked, grown, deleted)

    def _shorten_entries(self) -> bool:
        """Take from own entries what only those need who have missed an epoch; whether there are any."""
        since = f'","{self.epoch.since}",'
        has_shortened = False
        for stamp in self.epoch.entries:
            key = f"{self._edit}{stamp}"
            text = self.area.get(key) if stamp.endswith(self.name) else None
            if text is not None and since in text[:60]:
                self.area.set(key, text.replace(since, '","",', 1))
                has_shortened = True
        return has_shortened

    def write_over(
        self,
        stamp: str,
        changes: "Changes",
        text: "str | None",
        lists: "tuple[str | None, str | None]",
    ) -> bool:
        """Store the document in place of all that lies there, without a base; False where that is not known.

        From the moment on in which it is there it counts, as nothing announces it.
        """
        epoch = self.epoch
        if epoch.foreign_entries:
            return False
        self.write_alone(stamp, changes, text, lists)
        try:
            for each in sorted(epoch.entries, reverse=True):
                self.area.remove(f"{self._edit}{each}")
            for key in sorted(epoch.bases):
                self.area.remove(key)
            self.release_reserve()
            if text is None:
                self.put_text(None)
                self._begin("")
        except StorageError:
            self.epoch.is_lost = True  # whoever reads all removes them
        return True

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
