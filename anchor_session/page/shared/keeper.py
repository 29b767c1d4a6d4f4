"""How a state that several tabs hold is kept and followed, and tidied when there is time.

What others have stored comes before the statement that is made just now; what this tab had to take back, or
what others have written over, is made again behind it.
"""

from ...errors import QuotaExceededError, StorageError, StorageWarning, warn
from ...host.memory import nothing
from ...reactive import notifications
from ...reactive.operations import invert
from ...reactive.patch import adopt_foreign, adopt_foreign_steps, difference
from ...reactive.plain import CONTAINERS, MISSING, copy_plain
from ...reactive.steps import Step
from ...reactive.subscription import Held
from ...reactive.transaction import is_open
from ...reactive.view import detached
from .. import deletions
from ..record.layout import name_of
from .entries import SECOND
from .storing import DEAF, SharedStoring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..deletions import Names
    from .replica.changes import Changes, Groups

_LOOKS = 5
_LATE = 2 * SECOND
"""Microseconds after which what this tab has stored is there for all others, if they look."""

_PATIENCE = 3
"""Seconds after which a tab folds what another one has changed: that one comes first."""


class SharedKeeper(SharedStoring):
    """Keeps a state that tabs share: each statement an entry of its own, the document when there is time."""

    _agreed: "str | None" = None  # what this tab has compared itself with
    _may_have_come_to_rest = False
    _failures = 0  # how often what was to be done in an idle moment had no room
    _has_said = False  # that a change could not be made again
    _was_late = False  # whether it came when others' changes may have waited behind it

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
        report, rests, others = None, record.rests, Held()
        try:
            if refusal is not None:
                raise refusal
            if unheard:
                self._take_in(unheard, changes, others)
            try:
                self._put(stamp, changes, names_change, not unheard, self.frees_much(steps))
            except QuotaExceededError:
                if unheard or not self._put_less(steps, names_change):
                    raise
        except BaseException as error:
            self.forget_text()
            if binding.terms.on_error is None or not isinstance(error, StorageError):
                record.epoch.is_lost = True
                if unheard:
                    others.run()
                    self._begin_again(steps)
                raise
            if rests != record.rests:  # items are called otherwise now
                changes = record.epoch.replica.note(steps, stamp)
            record.epoch.keep_unsent(changes)
            report = binding.report(error)

        def take_back() -> None:
            self.forget_text()
            binding.deleted = deleted
            if report is not None:
                report.cancel()
            if unheard:
                others.run()
                self._take_back_alone(stamp)
            else:
                self._take_back(steps, dirty)

        return take_back

    def _put_less(self, steps: "list[Step]", names_change: bool) -> bool:
        """Store what is different after the steps; False where that is not less than what they say.

        What is assigned in place of a container, as by ``s.rows = s.rows[1:]``, may have most of it.
        """
        binding, record = self._binding, self.record
        if not any(map(_gives_much, steps)) or not self._is_alone():
            return False
        stored = record.load() or {}
        less = difference(stored, copy_plain(binding.view._data))
        stamp = record.next_stamp()
        self._put(stamp, record.epoch.replica.note(less, stamp), names_change)
        return True

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

    def _take_in(self, groups: "Groups", changes: "Changes", others: Held) -> None:
        """Take over changes of others, which came before a statement: neither need know of the other.

        They are made in what the statement has left, and told of behind it. From here on its steps are not
        to be undone one by one, since what they changed may have moved. Raises `DetachedError` where that
        is gone.
        """
        binding = self._binding
        # The callbacks of what others stored run when the statement is complete.
        notifications.paused += 1
        try:
            with others:
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

    def _take_back_alone(self, stamp: str) -> None:
        """The same for a statement that others' changes came into: the state as it would be without it."""
        record = self.record
        without = record.load(but=stamp) or {}
        steps = difference(record.load() or {}, copy_plain(without))
        back = record.next_stamp()
        changes = record.epoch.replica.note(steps, back)
        adopt_foreign(self._binding.view, without)
        self._put(back, changes, True, must=True)

    def _take_back(self, steps: "list[Step]", dirty: bool) -> None:
        """Others may have heard of the steps: they are told the contrary."""
        record, restored = self.record, self._binding.restored
        stamp = record.next_stamp()
        changes = record.epoch.replica.note([_inverse(step) for step in reversed(steps)], stamp)
        try:
            self._put(stamp, changes, True, must=True)
        except StorageError:
            record.epoch.keep_unsent(changes)
            restored.dirty = True
        else:
            restored.dirty = dirty and restored.dirty

    def come_up_to_date(self) -> None:
        binding = self._binding
        # What is diverged is stored as it is in memory: that has to have what others have stored.
        if (
            self.record.epoch.is_lost
            or binding.has_diverged
            or self.record.is_behind(overwrites=True)
        ):
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
        if self._turn.is_mine and self._age_of_own() > SECOND and self.record.hears_others():
            self._turn.give_up()
        if self.record.must_fold:
            self._go_on()
        if self.record.must_store_again:
            self._store_again()
        if self.record.epoch.own_late_entries:
            self._reissue_late_entries()
        if self._may_have_come_to_rest and self.record.epoch.is_at_rest:
            self._agree()
        self.wait()

    def _go_on(self) -> None:
        """Give the epoch that others have ended a base that has the last changes of this tab too."""
        self.record.must_fold = False
        try:
            self.record.fold(self._binding.view._data, self.text())
        except StorageError:
            self.record.epoch.is_stale = True  # once more when there is time

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
        if self._is_growing():
            return
        try:
            is_behind = record.epoch.is_stale or record.has_uncovered()
            is_first = not is_behind or self._age_of_newest() < _PATIENCE * SECOND
            if is_behind:
                self._fold()
            if is_first and record.is_alone():  # none other is about to write the document
                record.drop(_LATE)
        except StorageError:
            record.epoch.is_lost = True

    def give_room(self) -> bool:
        record = self.record
        if self._binding.restored.dirty or not record.epoch.entries or not self._is_alone():
            return False
        notifications.paused += 1  # nobody's callback is to run while a statement is half done
        try:
            if record.epoch.is_stale or record.has_uncovered():
                self._fold()
            record.drop(0)
        except StorageError:
            record.epoch.is_lost = True
            return False
        finally:
            notifications.paused -= 1
        return True

    def _fold(self) -> None:
        binding, record = self._binding, self.record
        binding.follow(record.keys())
        deleted = self._deleted_now()
        text = self.text()
        try:
            record.fold(binding.view._data, text)
        except QuotaExceededError:
            if not self._folds_in_little_room(text) or record.epoch.uncovered():
                raise
        self.choose_layout(self._length)
        record.put_deleted(deletions.to_text(deleted))
        binding.deleted = deleted

    def _folds_in_little_room(self, text: "str | None") -> bool:
        """Whether the reserve made room, or this tab alone could fold without a base, or by halves."""
        record = self.record
        if record.release_reserve() and self._tries(record.fold, self._binding.view._data, text):
            return True
        if not self._is_alone():
            return False
        lists = (record.stored[1], record.stored[1])
        if self._tries(record.write_over, record.next_stamp(), {}, text, lists):
            return True
        return record.make_room(self._here)

    def wait(self) -> None:
        self._wait(1)

    def _wait(self, seconds: float) -> None:
        record = self.record
        if self._stop_waiting is None and not (
            record.epoch.is_at_rest and not record.epoch.foreign_entries
        ):
            seconds = 60 if record.epoch.is_at_rest else seconds
            self._due = self._here.now() + int(seconds * SECOND)
            self._stop_waiting = self._here.after(seconds, self._idle)

    def _idle(self) -> None:
        self._stop_waiting = None
        is_late = self._here.now() - self._due > DEAF
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
            self._failures += 1
            self._wait(min(2**self._failures, 60))  # there may be room then
        else:
            self._failures = 0
            self._wait(1)

    def _see_to_record(self) -> None:
        record = self.record
        self._agree()
        newest = record.epoch.replica.newest
        if record.epoch.is_stale or record.has_uncovered():
            is_mine = newest[13:] == record.name
            # Not all others at once: the first one's document is everybody's.
            patience = 1 if is_mine else _PATIENCE + int(record.name[:2], 16) / 128
            is_time = self._age_of_newest() >= patience * SECOND
            is_time = is_time or (is_mine and record.is_long_behind())
            if is_time and not self._is_growing():
                self._fold()
        else:
            self._binding.follow(record.keys())
            if not record.epoch.is_stale and not record.has_uncovered():
                record.tidy(self._has_others())

    def _see_to_turn(self) -> None:
        """Have the turn in time where this tab writes and room is short, until another one writes."""
        is_short = self._is_short()
        if is_short and self._age_of_own() < _PATIENCE * SECOND:
            if self._has_neighbour():
                self._turn.ask()
        elif self.record.hears_others() or not is_short:
            self._turn.give_up()

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


def _gives_much(step: Step) -> bool:
    """Whether containers or items gave way to others, which may be the same for the most part."""
    old, new = step.old, step.new
    return type(old) in CONTAINERS and type(new) in CONTAINERS and bool(old) and bool(new)


def _inverse(step: Step) -> Step:
    """The step that takes this one back."""
    op, key, new, old = invert(step.op, step.key, step.new, step.old)
    return Step(step.view, step.path, op, key, new, old)
