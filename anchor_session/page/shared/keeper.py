"""How a state that several tabs hold is stored and followed: see `shared_record` for what lies in the area.

A statement is one small entry. While the state is small, its document is written too; else that waits until
the page is idle, as does the removal of entries that everybody has heard of.
"""

from ...errors import QuotaExceededError, SchemaError, StorageError
from ...reactive import notifications
from ...reactive.operations import invert
from ...reactive.patch import adopt_foreign, adopt_foreign_edits, difference
from ...reactive.plain import MISSING, copy_plain
from ...reactive.steps import Step
from ...reactive.transaction import check_open, is_open
from ...reactive.view import detached
from .. import deletions
from ..binding import Binding
from ..record.journal import name_of
from ..record.keeper import Report, Writer
from ..record.record import Record
from .record import SharedRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ...host.area import Area
    from ...reactive.edits import Edit
    from ..deletions import Names
    from ..merging import Data
    from .changes import Changes
    from .entries import Groups

_SECOND = 1_000_000
_LOOKS = 5
_PATIENCE = 3
"""Seconds after which a tab folds what another one has changed: that one comes first."""


class SharedWriter(Writer):
    """Stores the changes of one tab."""

    record: SharedRecord
    _agreed: "str | None" = None  # what this tab has compared itself with

    def write(self, steps: "list[Step]") -> "Callable[[], None]":
        record = self.record
        unheard: Groups | None = []
        refusal: StorageError | None = None
        try:
            if record.is_lost or self.has_diverged or self.refused is not None:
                self._catch_up(steps)
            elif record.is_behind(overwrites=not self.is_journaling or record.is_at_rest):
                unheard = self._unheard()
            if unheard is None:
                record.is_lost = True
                self._catch_up(steps)
        except StorageError as error:
            if self._on_error is None:
                raise
            refusal = error
        if self._document is not None:
            self._document.change(steps)
        stamp = record.next_stamp()
        names_change = any(map(self._may_change_names, steps))
        changes = record.replica.note(steps, stamp)
        dirty, deleted = self.restored.dirty, self.deleted
        report = None
        try:
            if refusal is not None:
                raise refusal
            if unheard:
                self._take_in(unheard, changes, steps)
            self._put(stamp, changes, names_change)
        except BaseException as error:
            self.forget_text()
            if self._on_error is None or not isinstance(error, StorageError):
                record.is_lost = True
                if unheard:
                    self._begin_again(steps)
                raise
            record.keep_unsent(changes)
            self.restored.error = error
            self.restored.dirty = True
            report = Report(self._on_error, error)

        def take_back() -> None:
            self.forget_text()
            self.deleted = deleted
            if report is not None:
                report.cancel()
            if unheard:
                self._take_back_alone(stamp)
            else:
                self._take_back(steps, dirty)

        return take_back

    def _unheard(self) -> "Groups | None":
        """What others have stored and nobody told of yet; None where only reading all of it can tell."""
        if self.view._root.check is not None:
            return None
        try:
            for _ in range(_LOOKS):  # entries may be made one between two calls
                found = self.record.look(self.record.keys())
                if found is not None or self.record.is_lost:
                    return None if self.record.is_lost else found
        except StorageError:
            return None
        return None

    def _take_in(self, groups: "Groups", changes: "Changes", steps: "list[Step]") -> None:
        """Take over changes of others, which came before those of the steps: neither need know of the other.

        From here on the steps are not to be undone one by one, since what they changed may have moved.
        Raises `DetachedError` where it is gone.
        """
        self.forget_text()
        notifications.paused += (
            1  # the callbacks of what others stored run when the statement is complete
        )
        try:
            if not adopt_foreign_edits(self.view, self.edits(groups)):
                self.record.unwritten = changes
                self._follow()
        finally:
            notifications.paused -= 1
            self.record.unwritten = {}
        for address, is_value in changes:
            if is_value and not self.record.replica.reaches(self.view._data, address):
                raise detached(address[-1][1:])

    def edits(self, groups: "Groups") -> "Iterator[Edit]":
        """What changes of others mean for the state: each edit is to be made before the next is asked for."""
        replica = self.record.replica
        for stamp, changes in groups:
            yield from replica.edits(self.view._data, stamp, changes)

    def _begin_again(self, steps: "list[Step]") -> None:
        """Have the state as it is stored, without the steps."""
        steps.clear()
        notifications.paused += 1
        try:
            self._follow()
        finally:
            notifications.paused -= 1

    def _put(self, stamp: str, changes: "Changes", names_change: bool) -> None:
        """Store the changes; where there is no room beside the document, the document in place of all."""
        record = self.record
        text = document = None
        data = self.view._data
        is_whole = not (self.is_journaling and data)
        if is_whole:
            text = self._text() if data else None
            document = name_of(text)
        listed = record.stored[1]
        deleted, grown = self.deleted, listed
        if names_change:
            deleted = self._now_deleted()
            grown = deletions.to_text(self.deleted | deleted)
        now_listed = deletions.to_text(deleted) if names_change else listed
        try:
            if grown != listed:
                record.put_deleted(grown)
            if changes or self.restored.dirty:
                record.append(stamp, changes, document)
            else:
                is_whole = False
            record.is_stale = not is_whole
        except QuotaExceededError:
            text = self._text() if data else None
            self._put_document(text, grown, now_listed)
            is_whole = False
        except BaseException:
            self._put_list_back(listed)
            raise
        self.restored.dirty = self.has_diverged = False
        self.deleted = deleted
        try:
            if is_whole:
                record.put_text(text)
                self.choose_layout(len(text or ""))
            record.put_deleted(now_listed)
        except StorageError:  # the changes are stored, and a list that is too long means nothing
            record.is_stale = True
        self._wake()

    def _put_document(self, text: "str | None", grown: "str | None", deleted: "str | None") -> None:
        listed = self.record.stored[1]
        try:
            self.record.write(text, grown, deleted)
        except BaseException:
            self._put_list_back(listed)
            raise

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
        changes = record.replica.note(steps, back)
        adopt_foreign(self.view, without)
        self._put(back, changes, names_change=True)

    def _take_back(self, steps: "list[Step]", dirty: bool) -> None:
        """Others may have heard of the steps: they are told the contrary."""
        record = self.record
        stamp = record.next_stamp()
        changes = record.replica.note([_inverse(step) for step in reversed(steps)], stamp)
        try:
            self._put(stamp, changes, names_change=True)
        except StorageError:
            record.keep_unsent(changes)
            self.restored.dirty = True
        else:
            self.restored.dirty = dirty and self.restored.dirty

    def _come_up_to_date(self) -> None:
        if self.record.is_lost or self.record.is_behind(overwrites=True):
            self._follow()
        if self.has_diverged or self.refused is not None:
            self._store(names_change=True)

    def _store(self, names_change: bool) -> None:
        """Store whatever the state has that storage has not."""
        record = self.record
        if self.refused is not None:
            if not self._move_refused():
                return
            record.put_text(None)
        stored = record.load() or {}
        steps = difference(stored, copy_plain(self.view._data))
        stamp = record.next_stamp()
        later: list[Step] = []
        changes: Changes = {}
        for step in steps:
            if step.path or step.old is not MISSING or not record.replica.is_untouched(step.key):
                later.append(step)
            else:  # from init: whatever another tab has made of it already is newer
                changes.update(record.replica.note_first(step))
        changes.update(record.replica.note(later, stamp))
        self._put(stamp, changes, names_change)

    def reissue_strays(self) -> None:
        """Make the changes again that came when the others had ended the epoch."""
        record = self.record
        strays, record.own_late_entries = record.own_late_entries, []
        for stray in strays:
            stamp = record.next_stamp()
            for _, changes in stray.groups:
                adopt_foreign_edits(
                    self.view, record.replica.edits(self.view._data, stamp, changes)
                )
            self.forget_text()
            self._put(stamp, stray.again(stamp), names_change=True)
            record.remove(stray)

    # -- when the page is idle ------------------------------------------------------------------

    def _now_deleted(self) -> "Names":
        """What other tabs have listed is kept listed."""
        record = self.record
        listed = record.area.get(record.deleted_key)
        if listed != record.stored[1]:
            record.stored = (record.stored[0], listed)
            self.known |= deletions.from_text(listed, record.deleted_key)
        return super()._now_deleted()

    def fold(self) -> None:
        check_open()
        if not is_open() and self.record.is_stale and not self.restored.dirty:
            try:
                self._fold()
            except StorageError:
                self.record.is_lost = True

    def _fold(self) -> None:
        self._follow(self.record.keys())
        record = self.record
        data = self.view._data
        deleted = self._now_deleted()
        record.fold(data, self._text() if data else None)
        record.put_deleted(deletions.to_text(deleted))
        self.deleted = deleted

    def wait(self) -> None:
        """See to what lies in the area when there is time."""
        self._wake()

    def _wake(self, seconds: float = 1) -> None:
        record = self.record
        if self._stop_waiting is None and not (record.is_at_rest and not record.foreign_entries):
            seconds = 60 if record.is_at_rest else seconds
            self._stop_waiting = self._here.after(seconds, self._idle)

    def _idle(self) -> None:
        self._stop_waiting = None
        record = self.record
        try:
            if not is_open() and not self.restored.dirty:
                self._see_to_record(record)
        except StorageError:
            self._wake(60)  # there may be room then
        else:
            self._wake()

    def _see_to_record(self, record: SharedRecord) -> None:
        self.settle()
        now = self._here.now()
        newest = record.replica.newest
        if record.is_stale or record.has_uncovered():
            is_mine = newest[13:] == record.name
            age = abs(now - int(newest[:13] or "0", 16))  # clocks are put back too
            # Not all others at once: the first one's document is everybody's.
            patience = 1 if is_mine else _PATIENCE + int(record.name[:2], 16) / 128
            if age >= patience * _SECOND:
                self._fold()
        else:
            self._follow(record.keys())
            if not record.is_stale and not record.has_uncovered():
                record.tidy()

    def settle(self) -> None:
        """Have what everybody has: the order of keys too, which changes do not tell."""
        record = self.record
        agreed = record.agreed()
        if agreed is None or agreed == self._agreed or self.has_diverged or self.restored.dirty:
            return
        self._agreed = agreed
        if name_of(self._text() if self.view._data else None) != agreed.rpartition(".")[2]:
            record.is_lost = True
            self._follow()

    def stop(self) -> None:
        if self._stop_waiting is not None:
            self._stop_waiting()
        self._stop_waiting = nothing  # what is stored now wakes nobody
        if self.restored.dirty:
            self.save()
        else:
            self.fold()


def nothing() -> None:
    """Stops what waits no more."""


class SharedBinding(Binding):
    """The tie between a state and the record that tabs share."""

    writer: SharedWriter
    _writer_class = SharedWriter

    def _record(self, area: "Area") -> Record:
        from ... import host

        return SharedRecord(area, self.key, host.current())

    def open(self, migration: "Any" = None) -> "Any":
        state = super().open(migration)
        self.writer.wait()
        return state

    def follow(self, keys: "list[str] | None" = None) -> None:
        record = self.writer.record
        was_at_rest = record.is_at_rest
        groups: Groups | None = None
        if keys is not None and not record.is_lost and self.schema is None:
            try:
                groups = record.look(keys)
            except StorageError:
                groups = None  # the other way says what is wrong
        if groups is None or not self._take_over(groups):
            super().follow()
        if record.own_late_entries:
            self.writer.reissue_strays()
        if groups is not None and record.is_at_rest and not was_at_rest:
            self.writer.settle()
        self.writer.wait()

    def _listed(self, text: "str | None") -> "Names":
        """Names that another tab has deleted and not listed yet are among them."""
        removed = self.writer.record.replica.removed(deep=self._deep)
        return super()._listed(text) | removed

    def _take_over(self, groups: "Groups") -> bool:
        if not groups:
            return True
        self.writer.forget_text()
        return adopt_foreign_edits(self.view, self.writer.edits(groups))

    def _entries(self) -> "Any":
        return 0, object()  # what is there now is always to be compared

    def _followed(self, data: "Data | None", text: "str | None") -> "Data | None":
        """Changes that fit one by one may not fit together: then what does is used, the same in all tabs."""
        record = self.writer.record
        if data is None or self.schema is None or record.is_at_rest:
            return super()._followed(data, text)
        try:
            return self.schema.fit(data)
        except SchemaError:
            return self.schema.salvage(data)[0]


def _inverse(step: Step) -> Step:
    """The step that takes this one back."""
    op, key, new, old = invert(step.op, step.key, step.new, step.old)
    return Step(step.view, step.path, op, key, new, old)
