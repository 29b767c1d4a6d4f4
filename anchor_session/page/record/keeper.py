"""How a state is kept at its key: whole after each statement, or as a journal of statements beside it."""

from ... import host
from ...codec import encode
from ...errors import QuotaExceededError, StorageError
from ...host.area import StaleReadError
from ...reactive import notifications
from ...reactive.plain import CONTAINERS
from .. import deletions
from . import layout as layouts
from .record import MANY_UNITS, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...host.area import Area
    from ...reactive.steps import Step
    from ..binding import Binding
    from ..deletions import Names
    from ..merging import Data
    from .document import Document

_SIZED = (str,) + CONTAINERS
"""Types of values that may take much room."""

_FREED = 49_152
"""Units that a state takes beside twice its size before what is removed from it is written in place."""

_LATER = 10
"""Seconds until a fold that found no room is tried again."""

_SHORT = 200
"""Units up to which a text is written anew faster than it is kept from change to change."""


class Keeper:
    """What all keepers have: the record, the text of the state, the choice between document and entries.

    The binding is the state's side: it knows what the statement was, what is deleted, refused or not stored
    yet, and takes over what others did. The keeper knows what lies in the area, and writes there.
    """

    record: Record

    def __init__(self, binding: "Binding", record: Record, layout: str) -> None:
        self._binding = binding
        self.record = record
        self._layout = layout
        self.is_journaling = (
            False  # whether changes are appended, beside a document that stays behind
        )
        self._here = host.current()
        self._document: Document | None = None  # of a text that is kept from change to change
        self._length = 0  # of the text, when it was last made
        self._size = 0  # of the text, when all of it was looked at
        self._removed = 0  # units that were removed since then, about
        self._stop_waiting: Callable[[], None] | None = None

    # -- for the binding ------------------------------------------------------------------------

    is_merging = False  # whether what others write comes change by change
    has_journal = False  # whether entries continue the document
    has_unsent = False  # whether changes of this tab are in the state, and not in the area

    def write(self, steps: "list[Step]") -> "Callable[[], None]":
        """Store a statement that is done in memory; how to take that back.

        Raises `StaleReadError` where others have to be read first, and what the area raises; then storage is
        as it was.
        """
        raise NotImplementedError

    def store(self, names_change: bool) -> None:
        """Store the state as it is in memory."""
        raise NotImplementedError

    def fold(self) -> None:
        """Have the document be the state; where that fails, what continues it stays."""
        raise NotImplementedError

    def make_room(self) -> bool:
        """Have the area hold what is stored in less room, if that can be; memory is ahead of it."""
        return False

    def give_room(self) -> bool:
        """Fold at once, as another state has no room; whether something was folded."""
        return False

    def give_turn(self) -> None:
        """Let another document write in place of what lies there, if this one does not."""

    def wait(self) -> None:
        """See to what lies in the area when there is time."""

    def mark(self) -> "Any":
        """What is equal as long as nobody else has stored anything."""
        raise NotImplementedError

    def come_up_to_date(self) -> None:
        """Have memory and storage agree, while no statement is under way."""
        self._binding.follow()

    def adopt_news(self, keys: "list[str] | None") -> bool:
        """Take over what others stored change by change; False where all has to be read again."""
        raise NotImplementedError

    def settle(self) -> None:
        """See to what following others has left to be done."""

    def listed(self, text: "str | None", *, deep: bool) -> "Names":
        """The names of `init` that were deleted, as a stored list has them."""
        return deletions.from_text(text, self.record.deleted_key)

    def stop(self) -> None:
        """Write what is not written yet, and wait for nothing more."""
        raise NotImplementedError

    def frees_much(self, steps: "list[Step]") -> bool:
        """Whether so much is removed that a document that still has it is not to wait for an idle moment."""
        removed = added = 0
        for step in steps:
            if type(step.old) in _SIZED and step.old:
                removed += _units(step.old)
                added += _units(step.new)
        if not removed:
            return False
        self._removed += removed
        taken = len(self.record.stored[0] or "") + self.record.beside() + added
        if taken <= 2 * self.size() + _FREED:
            return False
        self.measure(self.text())
        return taken > 2 * self.size() + _FREED

    def size(self) -> int:
        """The units that the state takes at least, as far as that is known without looking at all of it."""
        return max(self._size - self._removed, 0)

    def measure(self, text: "str | None") -> None:
        """Know the size of the state, whose text that is."""
        self._size, self._removed = len(text or ""), 0

    def sleep(self) -> None:
        """Hold nothing that would keep the page from the cache of back and forward."""

    def rest(self) -> None:
        """Wait for nothing more: another keeper has the state."""
        if self._stop_waiting is not None:
            self._stop_waiting()
            self._stop_waiting = None

    def serve(self, binding: "Binding") -> None:
        """Keep the state of that binding, which is an equal one."""
        self._binding = binding
        self._document = None

    # -- text -----------------------------------------------------------------------------------

    def text(self) -> "str | None":
        """The text of the state; None for an empty one, which has no entry."""
        data: Data = self._binding.view._data
        if not data:
            self._document, self._length = None, 0
            return None
        if self._length <= _SHORT or self.is_journaling:
            self._document = None
            text = encode(data)
        else:
            if self._document is None:
                from .document import Document

                self._document = Document(data)
            text = self._document.text()
        self._length = len(text)
        return text

    def forget_text(self) -> None:
        """The state changed in ways that nobody told."""
        if self._document is not None:
            self._document.forget()

    def choose_layout(self, units: int) -> None:
        """After a document of that length: whether changes are appended from now on."""
        self._length = units
        self._size, self._removed = units, 0
        if self._layout == "auto":
            above = layouts.JOURNAL_ABOVE
            self.is_journaling = units > (above // 2 if self.is_journaling else above)
        else:
            self.is_journaling = self._layout == "journal"
        if self.is_journaling:
            self._document = None


def _units(value: "Any") -> int:
    """Those of a text or container, about; none of anything else, as it is small."""
    if type(value) is str:
        return len(value)
    return len(encode(value)) if type(value) in CONTAINERS and value else 0


class TabKeeper(Keeper):
    """Keeps a state of one tab: a document, and when that has grown a journal behind it."""

    def __init__(self, binding: "Binding", area: "Area", key: str, layout: str) -> None:
        super().__init__(binding, Record(area, key), layout)

    @property
    def has_journal(self) -> bool:  # type: ignore[override]
        journal = self.record.journal
        return journal is not None and journal.count > 0

    # -- writing --------------------------------------------------------------------------------

    def write(self, steps: "list[Step]") -> "Callable[[], None]":
        binding = self._binding
        names_change = binding.may_change_names(steps)
        if (
            self.is_journaling
            and not binding.restored.dirty
            and not binding.has_diverged
            and not (names_change and binding.lists_names())
            and not self.frees_much(steps)
        ):
            take_back_entry = self._append(steps)
            if take_back_entry is not None:
                return take_back_entry
        has_journal = self.is_journaling or self.record.journal is not None
        if has_journal and self._is_behind():
            binding.catch_up(steps)
            names_change = binding.may_change_names(steps)
        try:
            return self._write_document(steps, names_change)
        except QuotaExceededError:
            take_back_entry = None
            if self.is_journaling and not (names_change and binding.lists_names()):
                # The ways of the least room.
                take_back_entry = self._append(steps, fits=False) or self._amend()
            if take_back_entry is None:
                raise
            return take_back_entry

    def _append(self, steps: "list[Step]", *, fits: bool = True) -> "Callable[[], None] | None":
        """Store the steps in the journal; how to take them back. None where only a document will do."""
        journal = self.record.journal or self.record.open_journal()
        kept = journal.count
        try:
            if not journal.add(steps, self.record.stored[0], fits=fits):
                return None
        except StaleReadError:
            raise
        except StorageError:
            return None  # the document may still fit, or fails in its turn
        if kept == 0:
            self.wait()
        if journal.units > MANY_UNITS and not self.record.has_reserve:
            self.record.keep_reserve()
        return lambda: self._take_back_entries(kept)

    def _amend(self) -> "Callable[[], None] | None":
        """Store what was changed in place of the last entry; how to take that back."""
        record, journal = self.record, self.record.open_journal()
        try:
            last = journal.amend(record.stored[0], self._binding.view._data)
        except QuotaExceededError:
            return None
        if last is None:
            return None

        def take_back() -> None:
            try:
                if not journal.replace_last(last):  # others have built on it
                    self._binding.has_diverged = True
            except StorageError:
                self._binding.restored.dirty = True

        return take_back

    def _take_back_entries(self, kept: int) -> None:
        journal = self.record.open_journal()
        if journal.count == kept:
            return
        try:
            journal.take_back(kept)
        except StaleReadError:
            pass  # others have built on it
        except StorageError:
            self._binding.restored.dirty = True

    def _write_document(self, steps: "list[Step]", names_change: bool) -> "Callable[[], None]":
        binding, record = self._binding, self.record
        restored = binding.restored
        stored, deleted, dirty = record.stored, binding.deleted, restored.dirty
        count = 0 if record.journal is None else record.journal.count
        if self._document is not None:
            self._document.change(steps)
        report = binding.save(dirty or binding.has_diverged or names_change)

        def take_back() -> None:
            binding.deleted = deleted
            if report is not None:
                report.cancel()
            self.forget_text()
            if count:  # the journal is gone, and memory is as before already
                try:
                    self.store(names_change=True)
                except StaleReadError:
                    binding.has_diverged = True
                except StorageError:
                    restored.dirty = True
            else:
                restored.dirty = dirty or not record.put_back(stored)

        return take_back

    def store(self, names_change: bool) -> None:
        binding = self._binding
        if binding.refused is not None and not binding.move_refused():
            return
        text = self.text()
        listed = grown = self.record.stored[1]
        deleted = binding.deleted
        if names_change:
            deleted = binding.deleted_now()
            listed = deletions.to_text(deleted)
            grown = deletions.to_text(binding.deleted | deleted)
        self.record.write(text, grown, listed)
        binding.deleted = deleted
        binding.restored.dirty = binding.has_diverged = False
        if self._layout == "auto" or self.record.journal is not None:
            self.choose_layout(self._length)

    def choose_layout(self, units: int) -> None:
        super().choose_layout(units)
        journal = self.record.journal
        if journal is None:
            return
        if journal.is_blocked:
            self.is_journaling = False
        elif self.is_journaling and journal.count == 0:
            journal.begin(units)

    # -- others ---------------------------------------------------------------------------------

    def mark(self) -> "Any":
        text, listed = self.record.stored
        journal = self.record.journal
        entries = (0, None) if journal is None else (journal.count, journal.last)
        return text, listed if text is None else None, entries

    def adopt_news(self, keys: "list[str] | None") -> bool:
        journal = self.record.journal
        prefix = f"{self.record.key}#journal."
        if keys is None or not all(key.startswith(prefix) for key in keys):
            return False
        if journal is None or journal.count == 0 or journal.is_blocked:
            return False
        if self._binding.terms.judges_whole:
            return False
        self.forget_text()
        from ...reactive.patch import adopt_foreign_edits

        edits = journal.read_more()
        return edits is not None and adopt_foreign_edits(self._binding.view, edits)

    def _is_behind(self) -> bool:
        """Whether another document of the tab has continued or folded the journal, unheard of so far."""
        record = self.record
        journal = record.open_journal() if self.is_journaling else record.journal
        if journal is None or self._binding.restored.dirty or journal.is_blocked:
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

    # -- when the page is idle ------------------------------------------------------------------

    def fold(self) -> None:
        binding = self._binding
        journal = self.record.journal
        if journal is None:
            return
        if self._is_behind():
            binding.follow()
        if journal.count == 0 or journal.is_blocked or binding.restored.dirty:
            return
        stored = self.record.stored
        try:
            self.store(names_change=False)
        except StaleReadError:
            self.wait()
        except StorageError:
            if not self.record.put_back(stored):
                binding.restored.dirty = True
            if self._stop_waiting is None:  # there may be room then
                self._stop_waiting = self._here.after(_LATER, self._idle)

    def give_room(self) -> bool:
        journal = self.record.journal
        if journal is None or journal.count == 0:
            return False
        notifications.paused += 1  # nobody's callback is to run while a statement is half done
        try:
            self.fold()
        finally:
            notifications.paused -= 1
        return journal.count == 0

    def make_room(self) -> bool:
        """Fold the entries that are stored: a document of what is in memory has no room beside them."""
        record, journal = self.record, self.record.journal
        if record.has_reserve and record.release_reserve():
            return True
        if journal is None or journal.count == 0 or journal.is_blocked:
            return False
        # Which may find what this one is still to be told of.
        other = Record(record.area, record.key)
        try:
            data = other.load()
            stored, folded = other.stored, other.open_journal()
            if (stored[0], folded.count) != (record.stored[0], journal.count):
                record.area.doubt()
                raise StaleReadError(record.key)
            text = encode(data) if data else None
            try:
                other.write(text, stored[1], stored[1])
            except BaseException:
                other.put_back(stored)
                raise
        except StaleReadError:
            raise
        except (ValueError, StorageError):
            return False
        record.stored, record.journal, record.has_reserve = other.stored, folded, False
        self.choose_layout(len(text or ""))
        return True

    def wait(self) -> None:
        if self._stop_waiting is None and self.has_journal:
            self._stop_waiting = self._here.when_idle(self._idle)

    def _idle(self) -> None:
        self._stop_waiting = None
        self._binding.fold()

    def stop(self) -> None:
        if self._stop_waiting is not None:
            self._stop_waiting()
        if self._binding.restored.dirty:
            try:
                self._binding.save()
            except StaleReadError:
                pass  # what others stored meanwhile is what a reload finds
        else:
            self._binding.fold()
