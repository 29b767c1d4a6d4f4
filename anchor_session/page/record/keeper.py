"""How the changes of a state are stored: each statement whole, in a document or in a journal."""

from ... import host
from ...codec import encode
from ...errors import QuotaExceededError, StorageError
from ...host.area import StaleReadError
from ...reactive import notifications
from ...reactive.graph import unowned
from ...reactive.plain import MISSING
from ...reactive.steps import redo, undo
from ...reactive.transaction import check_open, is_open
from .. import deletions
from .record import JOURNAL_ABOVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...reactive.steps import Step
    from ..deletions import Names
    from ..merging import Data
    from ..restored import Restored
    from .document import Document
    from .record import Record

_ATTEMPTS = 5
"""How often a statement lets others go first before it writes a document."""

_TURNS = 1000
"""How often a statement of a worker lets its page go first, which may change a state between two calls."""


class Writer:
    """Stores the state `view` in its record, as root's `writer`.

    `known` are the names of `init` that a reload would bring back if they were not listed, `deleted` those
    of them that the state does not hold, `refused` is a text that could not be moved from our key yet.
    `follow` takes over what another document has stored. `has_diverged`: what it made of that is not stored
    yet, and no entry of a journal could be built on it.
    """

    def __init__(
        self,
        record: "Record",
        restored: "Restored",
        init: "Data",
        layout: str,
        *,
        deep: bool,
        on_error: "Callable[[StorageError], object] | None",
        follow: "Callable[..., None]",
    ) -> None:
        self.record = record
        self.restored = restored
        self.view: Any = None
        self.known = deletions.NONE
        self.deleted = deletions.NONE
        self.refused: str | None = None
        self.instead = "the state starts from init"
        self._init = init
        self._layout = layout
        self._deep = deep
        self._on_error = on_error
        self._follow = follow
        self.is_journaling = False  # whether changes are appended to a journal
        self.has_diverged = False
        self._here = host.current()
        self._document: Document | None = None  # once something changed, if there is no journal
        self._stop_waiting: Callable[[], None] | None = None  # for an idle moment to fold in

    def forget_text(self) -> None:
        """The state changed in ways that nobody told."""
        if self._document is not None:
            self._document.forget()

    def write(self, steps: "list[Step]") -> "Callable[[], None]":
        """Store a statement or batch that is done in memory; how to take that back.

        What fails leaves storage as it was, and raises; then memory is to be put back too. With `on_error`
        it is reported instead, and memory stays ahead.
        """
        for _ in range(_TURNS):
            try:
                return self._write(steps)
            except StaleReadError:
                self._catch_up(steps)
        raise StorageError(
            f"another interpreter of this document keeps changing `{self.record.key}`",
            key=self.record.key,
        )

    def _write(self, steps: "list[Step]") -> "Callable[[], None]":
        restored = self.restored
        names_change = any(map(self._may_change_names, steps))
        if (
            self.is_journaling
            and not restored.dirty
            and not self.has_diverged
            and not (names_change and self._is_listed())
        ):
            take_back_entry = self._append(steps)
            if take_back_entry is not None:
                return take_back_entry
        if self._is_behind():
            self._catch_up(steps)
            names_change = any(map(self._may_change_names, steps))
        try:
            return self._write_document(steps, names_change)
        except QuotaExceededError:
            take_back_entry = None
            if self.is_journaling and not (names_change and self._is_listed()):
                take_back_entry = self._append(steps, fits=False)  # the way of the least room
            if take_back_entry is None:
                raise
            return take_back_entry

    def _write_document(self, steps: "list[Step]", names_change: bool) -> "Callable[[], None]":
        restored = self.restored
        stored, deleted, dirty = self.record.stored, self.deleted, restored.dirty
        count = 0 if self.record.journal is None else self.record.journal.count
        if self._document is not None:
            self._document.change(steps)
        report = self.save(dirty or self.has_diverged or names_change)

        def take_back() -> None:
            self.deleted = deleted
            if report is not None:
                report.cancel()
            self.forget_text()
            if count:  # the journal is gone, and memory is as before already
                try:
                    self._store(names_change=True)
                except StaleReadError:
                    self.has_diverged = True
                except StorageError:
                    restored.dirty = True
            else:
                restored.dirty = dirty or not self.record.put_back(stored)

        return take_back

    def _append(self, steps: "list[Step]", *, fits: bool = True) -> "Callable[[], None] | None":
        """Store the steps in the journal; how to take them back. None where only a document will do."""
        record = self.record
        journal = record.open_journal()
        if journal.is_blocked or (fits and not journal.has_room(steps)):
            return None
        try:
            kept = journal.count
            is_last = kept > 0 or journal.holds(record.key, record.stored[0])
            for _ in range(_ATTEMPTS):
                if is_last:
                    text = journal.entry(steps, record.stored[0], fits=fits)
                    if text is None:
                        return None
                    if journal.append(text):
                        break
                self._catch_up(steps)
                if not self.is_journaling or self.restored.dirty or self.has_diverged:
                    return None
                if fits and not journal.has_room(steps):
                    return None
                kept = journal.count
                is_last = True
            else:
                return None
        except StorageError:
            return None  # the document may still fit, or fails in its turn
        if kept == 0:
            self.fold_when_idle()
        return lambda: self._take_back_entries(kept)

    def _is_behind(self) -> bool:
        """Whether another document of the tab has continued or folded the journal, unheard of so far."""
        record = self.record
        journal = record.open_journal() if self.is_journaling else record.journal
        if journal is None or self.restored.dirty or journal.is_blocked:
            return False
        try:
            if journal.count == 0:
                if not self.is_journaling:
                    return False
                if not journal.holds(record.key, record.stored[0]):
                    return True
            return not journal.is_current()
        except StorageError:
            return False  # writing fails in its turn

    def _catch_up(self, steps: "list[Step]") -> None:
        """Let the steps come after what another document of the tab has stored before them."""
        undo(steps)
        notifications.paused += (
            1  # the callbacks of what it stored run when the statement is complete
        )
        try:
            self._come_up_to_date()
        finally:
            notifications.paused -= 1
            redo(steps)
        check = self.view._root.check
        if check is not None:
            check(steps)

    def _come_up_to_date(self) -> None:
        """Have memory and storage agree, while no step is under way."""
        self._follow()

    def _take_back_entries(self, kept: int) -> None:
        journal = self.record.open_journal()
        if journal.count == kept:
            return
        try:
            journal.take_back(kept)
        except StaleReadError:
            pass  # others have built on it
        except StorageError:
            self.restored.dirty = True

    def save(self, names_change: bool = True) -> "Report | None":
        """Store the state as a document. What fails leaves storage as it was, and raises or is reported.

        The report is made in the next round: user code never runs while a statement is half done.
        """
        stored = self.record.stored
        try:
            if self.restored.dirty:  # then nobody knows what the area holds
                stored = self.record.read()
            self._store(names_change)
        except StaleReadError:
            self.forget_text()
            raise
        except BaseException as error:
            self.forget_text()
            if not self.record.put_back(stored):
                self.restored.dirty = True
            if self._on_error is None or not isinstance(error, StorageError):
                raise
            self.restored.error = error
            self.restored.dirty = True
            return Report(self._on_error, error)
        return None

    def _store(self, names_change: bool) -> None:
        if self.refused is not None and not self._move_refused():
            return
        data = self.view._data
        text = self._text() if data else None
        if names_change:
            deleted = self._now_deleted()
            self.record.write(
                text,
                deletions.to_text(self.deleted | deleted),
                deletions.to_text(deleted),
            )
            self.deleted = deleted
        else:
            listed = self.record.stored[1]
            self.record.write(text, listed, listed)
        self.restored.dirty = self.has_diverged = False
        self.choose_layout(len(text or ""))

    def _text(self) -> str:
        if self.is_journaling or self.view._root.writer is None:  # no change is to be expected
            return encode(self.view._data)
        if self._document is None:
            from .document import Document

            self._document = Document(self.view._data)
        return self._document.text()

    def _now_deleted(self) -> "Names":
        known = self.known
        data = self.view._data
        if not data:  # then there will be no record, and all of init would come back
            known |= deletions.present(self._init, self._init, deep=False)
        return deletions.absent(known, data)

    def _is_listed(self) -> bool:
        """Whether the list of deleted names is to be written anew, or there will be no record."""
        return not self.view._data or self._now_deleted() != self.deleted

    def _may_change_names(self, step: "Step") -> bool:
        """Whether a name of `init` came or went, a map's names along with the map included."""
        if step.path and not self._deep:
            return False
        if step.op != "set":
            return step.op == "delete"
        return step.old is MISSING or type(step.old) is dict or type(step.new) is dict

    # -- layout ---------------------------------------------------------------------------------

    def choose_layout(self, units: int) -> None:
        """After a document of that length: whether changes are appended to a journal from now on."""
        if self._layout == "document":
            self.is_journaling = False
        elif self._layout == "auto":
            self.is_journaling = units > (
                JOURNAL_ABOVE // 2 if self.is_journaling else JOURNAL_ABOVE
            )
        else:
            self.is_journaling = True
        journal = self.record.journal
        if journal is not None and journal.is_blocked:
            self.is_journaling = False
        if self.is_journaling:
            self._document = None
            if journal is not None and journal.count == 0:
                journal.begin(units)

    def fold(self) -> None:
        """Write the document, if there is a journal; where that fails the journal stays."""
        check_open()
        if is_open():  # a batch that an idle moment came into
            self.fold_when_idle()
            return
        if self._is_behind():
            self._follow()
        journal = self.record.journal
        if journal is None or journal.count == 0 or journal.is_blocked or self.restored.dirty:
            return
        stored = self.record.stored
        try:
            self._store(names_change=False)
        except StaleReadError:
            self.fold_when_idle()
        except StorageError:
            if not self.record.put_back(stored):
                self.restored.dirty = True

    def fold_when_idle(self) -> None:
        if self._stop_waiting is None:
            self._stop_waiting = self._here.when_idle(self._idle)

    def _idle(self) -> None:
        self._stop_waiting = None
        self.fold()

    def _move_refused(self) -> bool:
        """Put the refused text aside; where there is no room it stays, and the state in memory."""
        assert self.refused is not None
        is_moved = self.record.put_aside(
            self.refused,
            f"the record at `{self.record.key}` was refused ({self.restored.error})",
            then=self.instead,
            otherwise="the state lives in memory until there is room",
        )
        if is_moved:
            self.refused = None
        return is_moved

    def stop(self) -> None:
        """Fold; what could not be stored so far is tried once more."""
        if self._stop_waiting is not None:
            self._stop_waiting()
        if self.restored.dirty:
            try:
                self.save()
            except StaleReadError:
                pass  # what others stored meanwhile is what a reload finds
        else:
            self.fold()


class Report:
    """A write that failed, on its way to `on_error`."""

    def __init__(self, on_error: "Callable[[StorageError], object]", error: StorageError) -> None:
        self._on_error: Callable[[StorageError], object] | None = on_error
        self._error = error
        notifications.waiting.append(self)

    def run(self) -> None:
        """Take a turn in a round."""
        if self._on_error is not None:
            on_error = self._on_error
            unowned(lambda: on_error(self._error))

    def skip(self) -> None:
        """Nothing waits for the report."""

    def cancel(self) -> None:
        """The statement was undone after all."""
        self._on_error = None
