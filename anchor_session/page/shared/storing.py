"""How a statement of a state that several tabs hold is stored: see `record` for what lies in the area.

It is one small entry. While the state is small, its document is written too; else that waits until the page
is idle. Where an entry has no room, the document is written in place.
"""

from functools import partial

from ... import host
from ...errors import QuotaExceededError, StorageError
from .. import deletions
from ..record.keeper import Keeper
from ..record.layout import JOURNAL_ABOVE, name_of
from .entries import SECOND
from .neighbours import Turn
from .reading import ENDED, UNHEARD
from .record import SharedRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...host.area import Area
    from ..binding import Binding
    from ..deletions import Names
    from .replica.changes import Changes

DEAF = 2 * SECOND
"""Microseconds after which a timer that is due tells that no task has come to its turn, nor an event."""


_ENDING = ENDED - 3 * SECOND
"""After so long without a base or a change another tab may be about to end the epoch."""


_SHORT = 60 * SECOND
"""So long the turn is wanted once a statement was refused, or a large one had no room as an entry."""

_LARGE = 16_384  # units; many small ones are folded soon


class SharedStoring(Keeper):
    """Stores what a state that tabs share was changed to."""

    record: SharedRecord
    _due = 0  # when the timer of `_stop_waiting` runs out
    _alive_at = 0  # when a statement was made in an epoch that cannot have ended yet
    _grew_at = (
        -1
    )  # when the state was found to be large, which was small before; 0 while it is small
    _short_until = 0  # how long room counts as short, as there was none for an entry

    def __init__(self, binding: "Binding", area: "Area", key: str, layout: str) -> None:
        super().__init__(binding, SharedRecord(area, key, host.current()), layout)
        self._turn = Turn(self._here, self.record.name, key, self._beg_turn)

    def _put(
        self,
        stamp: str,
        changes: "Changes",
        names_change: bool,
        may_place: bool = True,
        frees: bool = False,
        must: bool = False,
    ) -> None:
        """Store the changes as an entry; where there is no room beside the document, as the document.

        So too where it `frees` much. What `must` be stored may take the room that folding needs. While the
        state is small, or is to be a document always, that is written behind the entry.
        """
        binding, record = self._binding, self.record
        is_whole = not (self.is_journaling and binding.view._data)
        text = self.text() if is_whole else None
        is_deaf = is_whole and (self._may_be_over() or self._is_deaf())
        announces = is_whole and not is_deaf and record.can_announce()
        listed = record.stored[1]
        deleted, grown = binding.deleted, listed
        if names_change:
            deleted = self._deleted_now()
            grown = deletions.to_text(binding.deleted | deleted)
        now_listed = deletions.to_text(deleted) if names_change else listed
        is_placed = False
        try:
            if grown != listed:
                self._list_first(grown)
            if changes or binding.restored.dirty or record.epoch.unsent:
                document = name_of(text) if announces else None
                frees = frees and may_place and self._is_alone()
                try:
                    is_stored = not frees and record.append(stamp, changes, document, self.size)
                except QuotaExceededError:
                    is_stored = False
                if not is_stored and (frees or not self._append(stamp, changes, document)):
                    announces, text = False, self.text()
                    lists = (grown, now_listed)
                    is_placed = self._place(stamp, changes, text, lists, may_place, must)
                record.epoch.is_stale = not (is_placed or announces)
            else:
                is_whole = False
        except BaseException:
            self._put_list_back(listed)
            raise
        binding.restored.dirty = binding.has_diverged = False
        binding.deleted = deleted
        try:
            if announces and is_whole:
                record.put_text(text)
                record.epoch.announcement = stamp
            elif (
                is_whole and not (is_placed or is_deaf or self._is_growing()) and record.is_alone()
            ):
                record.fold(binding.view._data, text)
            if is_whole or is_placed:
                self.choose_layout(self._length)
            record.put_deleted(now_listed)
        except StorageError:  # the changes are stored, and a list that is too long means nothing
            record.epoch.is_stale = True
        self.wait()

    def _append(self, stamp: str, changes: "Changes", document: "str | None") -> bool:
        """Store the changes as an entry, if there is more room than was thought, or can be."""
        record, text = self.record, self.text()
        self.measure(text)
        record.drop()
        append = partial(record.append, grows=self._growth(text))
        return self._tries(append, stamp, changes, document, self.size)

    def _growth(self, text: "str | None") -> int:
        """By how many units the document is longer once that text is written."""
        return len(text or "") - len(self.record.stored[0] or "")

    def _place(
        self,
        stamp: str,
        changes: "Changes",
        text: "str | None",
        lists: "tuple[str | None, str | None]",
        may_place: bool,
        must: bool,
    ) -> bool:
        """Store changes for which an entry has no room: as the document, in place of the entries it has.

        False where they are an entry after all. What others have stored in the last seconds they may not have
        heard of from each other: then only what makes the document shorter is stored in place.
        """
        record, data = self.record, self._binding.view._data
        append = partial(record.append, stamp, changes, None, grows=self._growth(text))
        if self._binding.has_others_fold() and self._tries(append, self.size):
            return False
        if sum([len(change) for _, change in changes.values()]) > _LARGE:
            self._short_until = self._here.now() + _SHORT
        is_alone = self._is_alone()
        if not is_alone:
            record.drop_superseded(changes)
            if self._tries(append, self.size) or self._tries(append, None):
                return False
        shrinks = self._growth(text) <= 0
        may_place = may_place and (is_alone or (shrinks and record.knows_all()))
        write_alone = partial(self._write_alone, stamp, changes, text, lists, is_alone)
        if may_place:
            place = partial(record.place, stamp, changes, data, text, is_alone)
            if self._tries(place) or (record.release_reserve() and self._tries(place)):
                return True
            if is_alone and record.make_room(self._here) and self._tries(place):
                return True
            write_over = partial(record.write_over, stamp, changes, text, lists)
            if is_alone and self._tries(write_over):
                return True
            if shrinks and write_alone():
                return True
        if (is_alone or must) and self._tries(partial(append, is_last=must), None):
            return False
        if may_place and not shrinks and write_alone():
            return True
        self._short_until = self._here.now() + _SHORT
        if not is_alone and self._has_neighbour():
            self._turn.ask()
        raise record.full(text)

    def _write_alone(
        self,
        stamp: str,
        changes: "Changes",
        text: "str | None",
        lists: "tuple[str | None, str | None]",
        is_alone: bool,
    ) -> bool:
        """Whether there was nothing but the document, or could be, and the next one has room in its place.

        From here on the changes are of an epoch that has ended: they are to be stored in no other way.
        """
        record = self.record
        if not record.could_have(text):
            return False
        has_rest = self._tries(record.come_to_rest) if is_alone else record.is_bare
        return has_rest and self._tries(record.write_alone, stamp, changes, text, lists)

    def _tries(self, store: "Callable[..., bool | None]", *arguments: "Any") -> bool:
        """Whether there was room for storing it in that way."""
        try:
            return store(*arguments) is not False
        except QuotaExceededError:
            return False

    def _list_first(self, grown: "str | None") -> None:
        """List deleted names before what lacks them is stored; where the area is full, behind it."""
        try:
            self.record.put_deleted(grown)
        except QuotaExceededError:
            pass

    def _put_list_back(self, listed: "str | None") -> None:
        try:
            self.record.put_deleted(listed)
        except StorageError:
            pass  # a list that is too long means nothing

    def _deleted_now(self) -> "Names":
        """What other tabs have listed is kept listed."""
        binding, record = self._binding, self.record
        listed = record.area.get(record.deleted_key)
        if listed != record.stored[1]:
            record.stored = (record.stored[0], listed)
            binding.known |= deletions.from_text(listed, record.deleted_key)
        return binding.deleted_now()

    def _is_deaf(self) -> bool:
        """Whether no event has come to its turn for seconds: who knows what other tabs have stored.

        A document that was written now might lack what others have made of it, and no entry says any more.
        """
        return self._stop_waiting is not None and self._here.now() - self._due > DEAF

    def _may_be_over(self) -> bool:
        """Whether another tab may have ended the epoch without this one having been told.

        That is seconds after the last base or change. A document of an epoch that is over would lie over what
        others have made of it; what is stored as an entry goes on with a new base.
        """
        record, now = self.record, self._here.now()
        if not record.epoch.is_at_rest and self._has_others():
            alive_at = max(self._alive_at, record.last_base_seen[1], record.heard_others)
            if now - alive_at > _ENDING:
                return True
        self._alive_at = now
        return False

    def choose_layout(self, units: int) -> None:
        super().choose_layout(units)
        if units <= JOURNAL_ABOVE:
            self._grew_at = 0
        elif not self._grew_at:
            self._grew_at = self._here.now()
        elif self._grew_at < 0:
            self._grew_at = 1  # it was large when it was opened

    def _is_growing(self) -> bool:
        """Whether others may still take the state for a small one, and write its document.

        A base without a state has nothing but the document: that would be gone.
        """
        if not self._has_others():
            return False
        now = self._here.now()
        if self._grew_at > 0 and not 0 <= now - self._grew_at < UNHEARD:
            return False  # known without its text
        if len(self.text() or "") <= JOURNAL_ABOVE:
            return False
        if self._grew_at <= 0:
            self._grew_at = now
        return True

    def _is_alone(self) -> bool:
        """Whether this tab may store what its document then has alone; the turn is asked for, if need be."""
        has_others = self._has_neighbour()
        if (has_others or self.record.heard_others) and self._is_deaf():
            return False
        if has_others and not self._turn.is_mine:
            if self._is_short():
                self._turn.ask()
            return False
        return self.record.is_alone() and self.record.is_present()

    def _beg_turn(self) -> None:
        page = self._binding.page
        if page is not None:
            page.beg_turn(self._binding)

    def give_turn(self) -> None:
        record = self.record
        is_needed = record.epoch.is_stale or record.has_uncovered()  # to fold, when there is time
        if self._age_of_own() > SECOND and not is_needed:
            self._turn.give_up()

    def _is_short(self) -> bool:
        """Whether the state may soon have no room but in place of what lies there."""
        return self._here.now() < self._short_until or self.record.is_short(self.size())

    def _has_others(self) -> bool:
        """Whether another tab may be about to change something."""
        return self._has_neighbour() or bool(self.record.heard_others)

    def _has_neighbour(self) -> bool:
        page = self._binding.page
        return page is not None and page.has_neighbour(self._binding)

    def _age_of_own(self) -> int:
        """Microseconds since the last change of this tab."""
        own = self.record.epoch.seen.get(self.record.name, "0")
        return abs(self._here.now() - int(own[:13], 16))
