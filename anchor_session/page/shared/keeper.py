"""How a state that several tabs hold is stored and followed: see `record` for what lies in the area.

A statement is one small entry. While the state is small, its document is written too; else that waits until
the page is idle, as does the removal of entries that everybody has heard of.
"""

from functools import partial

from ... import host
from ...errors import QuotaExceededError, StorageError, StorageWarning, warn
from ...host.memory import nothing
from ...reactive import notifications
from ...reactive.operations import invert
from ...reactive.patch import adopt_foreign, adopt_foreign_steps, difference
from ...reactive.plain import MISSING, copy_plain
from ...reactive.steps import Step
from ...reactive.transaction import is_open
from ...reactive.view import detached
from .. import deletions
from ..record.keeper import Keeper
from ..record.layout import name_of
from .neighbours import Turn
from .record import SharedRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...host.area import Area
    from ..binding import Binding
    from ..deletions import Names
    from .replica.changes import Changes, Groups

_SECOND = 1_000_000
_LOOKS = 5
_LATE = 2 * _SECOND
"""Microseconds after which what this tab has stored is there for all others, if they look."""

_DEAF = 2 * _SECOND
"""Microseconds after which a timer that is due tells that no task has come to its turn, nor an event."""

_PATIENCE = 3
"""Seconds after which a tab folds what another one has changed: that one comes first."""


class SharedKeeper(Keeper):
    """Keeps a state that tabs share: each statement an entry of its own, the document when there is time."""

    record: SharedRecord
    _agreed: "str | None" = None  # what this tab has compared itself with
    _may_have_come_to_rest = False
    _due = 0  # when `_idle` is to be called
    _has_said = False  # that a change could not be made again
    _was_late = False  # whether it came when others' changes may have waited behind it

    def __init__(self, binding: "Binding", area: "Area", key: str, layout: str) -> None:
        super().__init__(binding, SharedRecord(area, key, host.current()), layout)
        self._turn = Turn(self._here, self.record.name, key)

    @property
    def is_merging(self) -> bool:  # type: ignore[override]
        return not self.record.epoch.is_at_rest

    @property
    def has_unsent(self) -> bool:  # type: ignore[override]
        return self.record.epoch.unsent is not None

    # -- writing --------------------------------------------------------------------------------

    def write(self, steps: "list[Step]") -> "Callable[[], None]":
        binding = self._binding
        record = self.record
        unheard: Groups | None = []
        refusal: StorageError | None = None
        try:
            if record.epoch.is_lost or binding.has_diverged or binding.refused is not None:
                binding.catch_up(steps)
            elif record.is_behind(overwrites=not self.is_journaling or record.epoch.is_at_rest):
                unheard = self._unheard()
            if unheard is None:
                record.epoch.is_lost = True
                binding.catch_up(steps)
        except StorageError as error:
            if binding.terms.on_error is None:
                raise
            refusal = error
        if self._document is not None:
            self._document.change(steps)
        stamp = record.next_stamp()
        names_change = binding.restored.dirty or binding.may_change_names(steps)
        changes = record.epoch.replica.note(steps, stamp)
        dirty, deleted = binding.restored.dirty, binding.deleted
        report = None
        try:
            if refusal is not None:
                raise refusal
            if unheard:
                self._take_in(unheard, changes, steps)
            self._put(stamp, changes, names_change, not unheard, self.frees_much(steps))
        except BaseException as error:
            self.forget_text()
            if binding.terms.on_error is None or not isinstance(error, StorageError):
                record.epoch.is_lost = True
                if unheard:
                    self._begin_again(steps)
                raise
            record.epoch.keep_unsent(changes)
            report = binding.report(error)

        def take_back() -> None:
            self.forget_text()
            binding.deleted = deleted
            if report is not None:
                report.cancel()
            if unheard:
                self._take_back_alone(stamp)
            else:
                self._take_back(steps, dirty)

        return take_back

    def _unheard(self) -> "Groups | None":
        """What others have stored and nobody told of yet; None where only reading all of it can tell."""
        if self._binding.terms.judges_whole:
            return None
        try:
            for _ in range(_LOOKS):  # entries may be made one between two calls
                found = self.record.look(self.record.keys())
                if found is not None or self.record.epoch.is_lost:
                    return None if self.record.epoch.is_lost else found
        except StorageError:
            return None
        return None

    def _take_in(self, groups: "Groups", changes: "Changes", steps: "list[Step]") -> None:
        """Take over changes of others, which came before those of the steps: neither need know of the other.

        From here on the steps are not to be undone one by one, since what they changed may have moved.
        Raises `DetachedError` where it is gone.
        """
        binding = self._binding
        # The callbacks of what others stored run when the statement is complete.
        notifications.paused += 1
        try:
            if not self._adopt(groups):
                self.record.unwritten = changes
                binding.follow()
        finally:
            notifications.paused -= 1
            self.record.unwritten = {}
        for address, _ in changes:
            if not self.record.epoch.replica.reaches(binding.view._data, address):
                raise detached(address[-1][1:])

    def _adopt(self, groups: "Groups") -> bool:
        """Make changes of others in the state; False where only reading all there is can tell what it is."""
        if not groups:
            return True
        self.forget_text()
        view = self._binding.view
        replica, data = self.record.epoch.replica, view._data
        return adopt_foreign_steps(view, lambda emit: replica.apply(data, groups, emit))

    def _begin_again(self, steps: "list[Step]") -> None:
        """Have the state as it is stored, without the steps."""
        steps.clear()
        notifications.paused += 1
        try:
            self._binding.follow()
        finally:
            notifications.paused -= 1

    def _put(
        self,
        stamp: str,
        changes: "Changes",
        names_change: bool,
        may_place: bool = True,
        frees: bool = False,
    ) -> None:
        """Store the changes as an entry; where there is no room beside the document, as the document.

        So too where it `frees` much. While the state is small, or is to be a document always, that is written
        behind the entry.
        """
        binding, record = self._binding, self.record
        is_whole = not (self.is_journaling and binding.view._data)
        text = self.text() if is_whole else None
        is_deaf = is_whole and self._is_deaf()
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
                if frees or not self._append(stamp, changes, document):
                    announces, text = False, self.text()
                    is_placed = self._place(stamp, changes, text, (grown, now_listed), may_place)
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
            elif is_whole and not is_placed and not is_deaf and record.is_alone():
                record.fold(binding.view._data, text)
            if is_whole or is_placed:
                self.choose_layout(self._length)
            record.put_deleted(now_listed)
        except StorageError:  # the changes are stored, and a list that is too long means nothing
            record.epoch.is_stale = True
        self.wait()

    def _append(self, stamp: str, changes: "Changes", document: "str | None") -> bool:
        """Store the changes as an entry, if there is room."""
        record = self.record
        try:
            if record.append(stamp, changes, document, self.size):
                return True
        except QuotaExceededError:
            pass
        self.measure(self.text())  # perhaps there is more room than was thought, or can be
        record.drop()
        return self._tries(record.append, stamp, changes, document, self.size)

    def _is_deaf(self) -> bool:
        """Whether no event has come to its turn for seconds: who knows what other tabs have stored.

        A document that was written now might lack what others have made of it, and no entry says any more.
        """
        return self._stop_waiting is not None and self._here.now() - self._due > _DEAF

    def _is_alone(self) -> bool:
        """Whether this tab may store what its document then has alone; the turn is asked for, if need be."""
        has_others = self._has_neighbour()
        if (has_others or self.record.heard_others) and self._is_deaf():
            return False
        if has_others and not self._turn.is_mine:
            if self.record.is_short(self.size()):
                self._turn.ask()
            return False
        return self.record.is_alone()

    def _has_neighbour(self) -> bool:
        page = self._binding.page
        return page is not None and page.has_neighbour(self._binding)

    def _see_to_turn(self) -> None:
        """Have the turn in time where this tab writes and room is short, and not where another one does."""
        record = self.record
        if record.is_short(self.size()) and self._age_of_own() < _PATIENCE * _SECOND:
            if self._has_neighbour():
                self._turn.ask()
        elif record.hears_others() or record.epoch.is_at_rest:
            self._turn.give_up()

    def _age_of_own(self) -> int:
        """Microseconds since the last change of this tab."""
        own = self.record.epoch.seen.get(self.record.name, "0")
        return abs(self._here.now() - int(own[:13], 16))

    def _list_first(self, grown: "str | None") -> None:
        """List deleted names before what lacks them is stored; where the area is full, behind it."""
        try:
            self.record.put_deleted(grown)
        except QuotaExceededError:
            pass

    def _place(
        self,
        stamp: str,
        changes: "Changes",
        text: "str | None",
        lists: "tuple[str | None, str | None]",
        may_place: bool,
    ) -> bool:
        """Store changes for which an entry has no room: as the document, in place of the entries it has.

        False where they are an entry after all. What others have stored in the last seconds they may not have
        heard of from each other: then only what makes the document shorter is stored in place.
        """
        record, data = self.record, self._binding.view._data
        is_alone = self._is_alone()
        if not is_alone and self._tries(record.append, stamp, changes, None, None):
            return False
        shrinks = len(text or "") <= len(record.stored[0] or "")
        if may_place and (is_alone or (shrinks and record.knows_all())):
            place = partial(record.place, stamp, changes, data, text, is_alone)
            if self._tries(place) or (record.release_reserve() and self._tries(place)):
                return True
            if is_alone and self._tries(record.make_room, self._here) and self._tries(place):
                return True
            has_rest = record.come_to_rest() if is_alone else record.is_bare
            if has_rest and self._tries(record.write_alone, stamp, changes, text, lists):
                return True
        if is_alone and self._tries(record.append, stamp, changes, None, None):
            return False
        raise record.full(text)

    def _tries(self, store: "Callable[..., bool | None]", *arguments: "Any") -> bool:
        """Whether there was room for storing it in that way."""
        try:
            return store(*arguments) is not False
        except QuotaExceededError:
            return False

    def _put_list_back(self, listed: "str | None") -> None:
        try:
            self.record.put_deleted(listed)
        except StorageError:
            pass  # a list that is too long means nothing

    def _take_back_alone(self, stamp: str) -> None:
        """The same for a statement that others' changes came into: the state as it would be without it."""
        record = self.record
        without = record.load(but=stamp) or {}
        steps = difference(record.load() or {}, copy_plain(without))
        back = record.next_stamp()
        changes = record.epoch.replica.note(steps, back)
        adopt_foreign(self._binding.view, without)
        self._put(back, changes, names_change=True)

    def _take_back(self, steps: "list[Step]", dirty: bool) -> None:
        """Others may have heard of the steps: they are told the contrary."""
        record, restored = self.record, self._binding.restored
        stamp = record.next_stamp()
        changes = record.epoch.replica.note([_inverse(step) for step in reversed(steps)], stamp)
        try:
            self._put(stamp, changes, names_change=True)
        except StorageError:
            record.epoch.keep_unsent(changes)
            restored.dirty = True
        else:
            restored.dirty = dirty and restored.dirty

    def come_up_to_date(self) -> None:
        binding = self._binding
        if self.record.epoch.is_lost or self.record.is_behind(overwrites=True):
            binding.follow()
        if binding.has_diverged or binding.refused is not None:
            self.store(names_change=True)

    def store(self, names_change: bool) -> None:
        binding, record = self._binding, self.record
        if binding.refused is not None:
            if not binding.move_refused():
                return
            record.put_text(None)
        stored = record.load() or {}
        steps = difference(stored, copy_plain(binding.view._data))
        stamp = record.next_stamp()
        later: list[Step] = []
        changes: Changes = {}
        for step in steps:
            if (
                step.path
                or step.old is not MISSING
                or not record.epoch.replica.is_untouched(step.key)
            ):
                later.append(step)
            else:  # from init: whatever another tab has made of it already is newer
                changes.update(record.epoch.replica.note_first(step))
        changes.update(record.epoch.replica.note(later, stamp))
        try:
            self._put(stamp, changes, names_change)
        except StorageError:
            record.epoch.keep_unsent(changes)  # memory has them
            raise

    def _deleted_now(self) -> "Names":
        """What other tabs have listed is kept listed."""
        binding, record = self._binding, self.record
        listed = record.area.get(record.deleted_key)
        if listed != record.stored[1]:
            record.stored = (record.stored[0], listed)
            binding.known |= deletions.from_text(listed, record.deleted_key)
        return binding.deleted_now()

    # -- others ---------------------------------------------------------------------------------

    def mark(self) -> "Any":
        return object()  # what is there now is always to be compared

    def listed(self, text: "str | None", *, deep: bool) -> "Names":
        """Names that another tab has deleted and not listed yet are among them."""
        return super().listed(text, deep=deep) | self.record.epoch.replica.removed(deep=deep)

    def adopt_news(self, keys: "list[str] | None") -> bool:
        record = self.record
        was_at_rest = record.epoch.is_at_rest
        self._may_have_come_to_rest = False
        if keys is None or record.epoch.is_lost or self._binding.terms.judges_whole:
            return False
        try:
            groups = record.look(keys)
        except StorageError:
            return False  # the other way says what is wrong
        if groups is None:
            return False
        self._may_have_come_to_rest = not was_at_rest
        return self._adopt(groups)

    def settle(self) -> None:
        if self._turn.is_mine and self._age_of_own() > _SECOND and self.record.hears_others():
            self._turn.give_up()
        if self.record.must_store_again:
            self._store_again()
        if self.record.epoch.own_late_entries:
            self._reissue_late_entries()
        if self._may_have_come_to_rest and self.record.epoch.is_at_rest:
            self._agree()
        self.wait()

    def _store_again(self) -> None:
        """Store changes as an entry that are in memory alone, as others have written over them."""
        try:
            self._put(self.record.next_stamp(), {}, names_change=True)
        except StorageError as error:
            self._could_not_store(error)
        else:
            self.record.must_store_again = self._has_said = False

    def _could_not_store(self, error: StorageError) -> None:
        """A change that had to be made again, behind others', lives in memory until there is room."""
        restored = self._binding.restored
        restored.dirty, restored.error = True, error
        was_said, self._has_said = self._has_said, True
        if not was_said and self._binding.report(error) is None:
            warn(
                f"a change of `{self.record.key}` that was made again behind others' could not be "
                f"stored, and lives in memory: {error}",
                StorageWarning,
            )

    def _reissue_late_entries(self) -> None:
        """Make the changes again that came when the others had ended the epoch."""
        record = self.record
        late, record.epoch.own_late_entries = record.epoch.own_late_entries, []
        for entry in late:
            stamp = record.next_stamp()
            for _, changes in entry.groups:
                self._adopt([(stamp, changes)])
            again = entry.again(stamp)
            try:
                self._put(stamp, again, names_change=True)
            except StorageError as error:
                record.epoch.keep_unsent(again)
                record.must_store_again = True
                self._could_not_store(error)
            else:
                record.remove(entry)

    def _agree(self) -> None:
        """Have what everybody has: the order of keys too, which changes do not tell."""
        binding, record = self._binding, self.record
        agreed = record.agreed()
        if agreed is None or agreed == self._agreed:
            return
        if binding.has_diverged or binding.restored.dirty:
            return
        self._agreed = agreed
        if name_of(self.text()) != agreed.rpartition(".")[2]:
            record.epoch.is_lost = True
            binding.follow()

    # -- when the page is idle ------------------------------------------------------------------

    def fold(self) -> None:
        """The page is put aside or left: what lies beside the document would stay there for long."""
        if self._binding.restored.dirty or self._is_deaf():
            return
        record = self.record
        try:
            is_behind = record.epoch.is_stale or record.has_uncovered()
            is_first = not is_behind or self._age_of_newest() < _PATIENCE * _SECOND
            if is_behind:
                self._fold()
            if is_first and record.is_alone():  # none other is about to write the document
                record.drop(_LATE)
        except StorageError:
            record.epoch.is_lost = True

    def _fold(self) -> None:
        binding, record = self._binding, self.record
        binding.follow(record.keys())
        deleted = self._deleted_now()
        text = self.text()
        try:
            record.fold(binding.view._data, text)
        except QuotaExceededError:
            if not record.release_reserve():
                raise
            record.fold(binding.view._data, text)
        self.choose_layout(self._length)
        record.put_deleted(deletions.to_text(deleted))
        binding.deleted = deleted

    def wait(self) -> None:
        self._wait(1)

    def _wait(self, seconds: float) -> None:
        record = self.record
        if self._stop_waiting is None and not (
            record.epoch.is_at_rest and not record.epoch.foreign_entries
        ):
            seconds = 60 if record.epoch.is_at_rest else seconds
            self._due = self._here.now() + int(seconds * _SECOND)
            self._stop_waiting = self._here.after(seconds, self._idle)

    def _idle(self) -> None:
        self._stop_waiting = None
        is_late = self._here.now() - self._due > _DEAF
        if is_late and not self._was_late:
            self._was_late = True
            self._wait(0.1)
            return
        self._was_late = False
        self._see_to_turn()
        try:
            if self.record.must_store_again and not is_open():
                self._binding.follow(self.record.keys())
            if not is_open() and not self._binding.restored.dirty:
                self._see_to_record()
        except StorageError:
            self._wait(60)  # there may be room then
        else:
            self._wait(1)

    def _see_to_record(self) -> None:
        record = self.record
        self._agree()
        newest = record.epoch.replica.newest
        if record.epoch.is_stale or record.has_uncovered():
            is_mine = newest[13:] == record.name
            # Not all others at once: the first one's document is everybody's.
            patience = 1 if is_mine else _PATIENCE + int(record.name[:2], 16) / 128
            if self._age_of_newest() >= patience * _SECOND or (is_mine and record.is_long_behind()):
                self._fold()
        else:
            self._binding.follow(record.keys())
            if not record.epoch.is_stale and not record.has_uncovered():
                record.tidy()

    def _age_of_newest(self) -> int:
        """Microseconds since the last change; clocks are put back too."""
        return abs(self._here.now() - int(self.record.epoch.replica.newest[:13] or "0", 16))

    def sleep(self) -> None:
        self._turn.give_up()

    def stop(self) -> None:
        if self._stop_waiting is not None:
            self._stop_waiting()
        self._stop_waiting = nothing  # what is stored now wakes nobody
        self._turn.give_up()
        if self._binding.restored.dirty:
            self._binding.save()
        else:
            self._binding.fold()


def _inverse(step: Step) -> Step:
    """The step that takes this one back."""
    op, key, new, old = invert(step.op, step.key, step.new, step.old)
    return Step(step.view, step.path, op, key, new, old)
