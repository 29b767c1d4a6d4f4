"""One state bound to one key: opened from the record, written through, following others."""

from .. import host
from ..codec import encode
from ..errors import (
    MigrationError,
    QuotaExceededError,
    SchemaError,
    StorageError,
    StorageUnavailableError,
    StorageWarning,
    warn,
)
from ..host.area import Area
from ..host.memory import MemoryArea
from ..reactive import rounds
from ..reactive.graph import apart
from ..reactive.map_view import MapView
from ..reactive.patch import take_over, take_over_edits
from ..reactive.plain import MISSING, copy_plain
from ..reactive.transaction import redo, undo
from ..reactive.view import Root, View, lock
from . import deletions
from .document import Document
from .journal import BORDER
from .outcome import Restored
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..reactive.transaction import Step
    from ..typed.schema import Schema
    from .deletions import Names
    from .merging import Data
    from .migration import Migration


class Binding:
    """The tie between the state `view` and its record.

    `uses` counts the calls that opened it, less those that left it.
    """

    def __init__(
        self,
        area: Area,
        key: str,
        version: str,
        init: "Data",
        *,
        merge: "Callable[[Data, Data], Data]",
        overlays: bool = True,
        deep: bool = False,
        on_error: "Callable[[StorageError], object] | None" = None,
        recursive: bool = True,
        immutable: bool = False,
        schema: "Schema | None" = None,
        strict: bool = False,
        layout: str = "auto",
    ) -> None:
        self.area = area  # the one asked for, even where the record lives in memory
        self.key = key
        self.uses = 1
        self.view: Any
        self.state: Any = None  # what the user has of it: the view, or one that may not write
        self.restored = Restored("new", version)
        self.unavailable: StorageUnavailableError | None = None
        self.schema = schema
        self.layout = layout
        self._strict = strict
        self._record = Record(area, key)
        self._init = init
        self._merge = merge
        self._overlays = overlays  # whether every name that the record lacks comes from init
        self._deep = deep
        self._on_error = on_error
        self._recursive = recursive
        self._immutable = immutable
        self._known = deletions.NONE  # names that a reload would bring back if they were not listed
        self._deleted = deletions.NONE  # those that the state does not hold
        self._refused: str | None = None  # a text that could not be moved from our key yet
        self._instead = "the state starts from init"
        self._is_journaling = False
        self._document: Document | None = None  # once something changed, if there is no journal
        self._stop_waiting: Callable[[], None] | None = None  # for an idle moment to fold in

    # -- opening --------------------------------------------------------------------------------

    def open(self, migration: "Migration") -> "Any":
        """Read the record, or migrate an older one, merge it over `init`, store the result if it differs.

        Raises `MigrationError`, and `StorageError` where that fails; then older records are untouched.
        """
        try:
            stored = self._load()
        except StorageUnavailableError as error:
            self._record = Record(Area(MemoryArea()), self.key)
            self.live_in_memory(error)
            stored = self._load()
        text, listed = self._record.stored
        is_absent = text is None and stored is None
        older = migration.run(self._record.area) if is_absent else None
        if older is not None and listed is None:
            listed = older[1]
        self._deleted = deletions.from_text(listed, self._record.deleted_key)
        journal = self._record.journal
        has_journal = journal is not None and journal.count > 0
        before: str | None = None  # the text of what is stored
        outcome = "new"
        if older is not None:
            data = self._merge(self._init_less_deleted(older[2]), older[2])
            outcome = "migrated"
            self.restored.version = older[0]
        elif stored is not None:
            before = encode(stored)
            data = self._merge(self._init_less_deleted(stored), stored)
            outcome = "restored"
        elif is_absent:
            data = self._init_less_deleted({})
        else:
            data = copy_plain(self._init)
            outcome = "rejected"
        if self.schema is not None:
            data, outcome = self._fitted(
                self.schema, data, outcome, before if has_journal else text
            )
        if self.unavailable is None:
            self.restored.outcome = outcome
        root = Root()
        root.owner = self
        root.is_shallow = not self._recursive
        if self.schema is None:
            self.view = MapView(data, root)
        else:
            self.view = self.schema.view(data, root)
            root.check = self.schema.check
        root.view = self.view
        self.state = lock(self.view) if self._immutable else self.view
        held = self._init if self._overlays else data
        self._known = self._deleted | deletions.present(self._init, held, self._deep)
        self._choose_layout(len(text or ""))
        if before is None or self._refused is not None or before != encode(data):
            self._save()
        elif has_journal and not self._is_journaling:
            self.fold()
        elif has_journal:
            self._fold_when_idle()
        root.writer = self._write
        if not self.restored.dirty:
            migration.forget(self._record.area)
        return self.state

    def is_state(self, view: "Any") -> bool:
        """Whether that is the state, and not a part of it."""
        return view is self.view or (isinstance(view, View) and view._twin is self.view)

    def live_in_memory(self, error: StorageUnavailableError) -> None:
        """Note that there is no Web Storage, and why."""
        self.unavailable = error
        self.restored.outcome = "memory"
        self.restored.error = error

    def _fitted(
        self, schema: "Schema", data: "Data", outcome: str, text: "str | None"
    ) -> "tuple[Data, str]":
        """The data as the schema has it, and the outcome; of what does not fit, what can be used."""
        try:
            return schema.fit(data), outcome
        except SchemaError as error:
            if outcome == "migrated":
                raise MigrationError(
                    f"the migration from version {self.restored.version!r} gave what its schema refuses: "
                    f"{error}",
                    version=self.restored.version,
                ) from error
            if text is None:  # names were deleted that the schema needs
                return copy_plain(self._init), outcome
            self._refuse(text, error)
            if self._strict:
                return copy_plain(self._init), "rejected"
            data, keys = schema.salvage(data)
            self._instead = f"these keys start from init: {', '.join(keys) or 'those it lacked'}"
            return data, outcome

    def _init_less_deleted(self, stored: "Data") -> "Data":
        return deletions.without(copy_plain(self._init), self._deleted, stored)

    def _load(self) -> "Data | None":
        """The record as data; None where there is none or it is refused, which `_move_refused` sees to."""
        try:
            data = self._record.load()
        except ValueError as error:
            text = self._record.stored[0]
            assert text is not None
            self._refuse(text, error)
            return None
        self._refused = None
        return data

    def _refuse(self, text: str, error: "ValueError") -> None:
        self._refused = text
        self.restored.rejected = text
        self.restored.error = error
        self.restored.dirty = True

    # -- writing --------------------------------------------------------------------------------

    def _write(self, steps: "list[Step]") -> "Callable[[], None]":
        restored = self.restored
        names_change = any(map(self._may_change_names, steps))
        if self._is_journaling and not restored.dirty and not (names_change and self._is_listed()):
            take_back_entry = self._append(steps)
            if take_back_entry is not None:
                return take_back_entry
        if self._is_behind():
            self._catch_up(steps)
            names_change = any(map(self._may_change_names, steps))
        stored, deleted, dirty = self._record.stored, self._deleted, restored.dirty
        count = 0 if self._record.journal is None else self._record.journal.count
        if self._document is not None:
            self._document.change(steps)
        report = self._save(dirty or names_change)

        def take_back() -> None:
            self._deleted = deleted
            if report is not None:
                report.cancel()
            if self._document is not None:
                self._document.forget()
            if count:  # the journal is gone, and memory is as before already
                try:
                    self._store(names_change=True)
                except StorageError:
                    restored.dirty = True
            else:
                restored.dirty = dirty or not self._record.put_back(stored)

        return take_back

    def _append(self, steps: "list[Step]") -> "Callable[[], None] | None":
        """Store the steps in the journal; how to take them back. None where only a document will do."""
        record = self._record
        journal = record.open_journal()
        if not journal.has_room(steps):
            return None
        try:
            is_same = journal.count > 0 or record.area.get(self.key) == record.stored[0]
            kept = journal.count
            while not (is_same and journal.append(steps, record.stored[0])):
                self._catch_up(steps)
                if (
                    not self._is_journaling
                    or self.restored.dirty  # since what somebody else stored cannot be used
                    or not journal.has_room(steps)
                ):
                    return None
                is_same = True
                kept = journal.count
        except StorageError:
            return None  # the document may still fit, or fails in its turn
        if journal.count == 1:
            self._fold_when_idle()
        return lambda: self._take_back_entries(kept)

    def _is_behind(self) -> bool:
        """Whether another document of the tab has continued or folded the journal, unheard of so far."""
        journal = self._record.open_journal() if self._is_journaling else self._record.journal
        if journal is None or self.restored.dirty or journal.is_blocked:
            return False
        try:
            if journal.count == 0:
                if not self._is_journaling:
                    return False
                if self._record.area.get(self.key) != self._record.stored[0]:
                    return True
            return not journal.is_current()
        except StorageError:
            return False  # writing fails in its turn

    def _catch_up(self, steps: "list[Step]") -> None:
        """Let the steps come after what another document of the tab has stored before them."""
        undo(steps)
        rounds.held += 1  # the callbacks of what it stored run when the statement is complete
        try:
            self.follow()
        finally:
            rounds.held -= 1
            redo(steps)

    def _take_back_entries(self, kept: int) -> None:
        journal = self._record.open_journal()
        if journal.count == kept:
            return
        try:
            journal.take_back(kept)
        except StorageError:
            self.restored.dirty = True

    def _save(self, names_change: bool = True) -> "_Report | None":
        """Store the state as a document. What fails leaves storage as it was, and raises or is reported.

        The report is made in the next round: user code never runs while a statement is half done.
        """
        stored = self._record.stored
        try:
            if self.restored.dirty:  # then nobody knows what the area holds
                stored = self._record.read()
            self._store(names_change)
        except BaseException as error:
            if self._document is not None:
                self._document.forget()
            if not self._record.put_back(stored):
                self.restored.dirty = True
            if self._on_error is None or not isinstance(error, StorageError):
                raise
            self.restored.error = error
            self.restored.dirty = True
            return _Report(self._on_error, error)
        return None

    def _store(self, names_change: bool) -> None:
        if self._refused is not None and not self._move_refused():
            return
        data = self.view._data
        text = self._text() if data else None
        if names_change:
            deleted = self._now_deleted()
            self._record.write(
                text,
                deletions.to_text(self._deleted | deleted),
                deletions.to_text(deleted),
            )
            self._deleted = deleted
        else:
            listed = self._record.stored[1]
            self._record.write(text, listed, listed)
        self.restored.dirty = False
        self._choose_layout(len(text or ""))

    def _text(self) -> str:
        if self._is_journaling:
            return encode(self.view._data)
        if self._document is None:
            self._document = Document(self.view._data)
        return self._document.text()

    def _now_deleted(self) -> "Names":
        known = self._known
        data = self.view._data
        if not data:  # then there will be no record, and all of init would come back
            known |= deletions.present(self._init, self._init, deep=False)
        return deletions.absent(known, data)

    def _is_listed(self) -> bool:
        """Whether the list of deleted names is to be written anew, or there will be no record."""
        return not self.view._data or self._now_deleted() != self._deleted

    def _may_change_names(self, step: "Step") -> bool:
        """Whether a name of `init` came or went, a map's names along with the map included."""
        if step.path and not self._deep:
            return False
        if step.op != "set":
            return step.op == "delete"
        return step.old is MISSING or type(step.old) is dict or type(step.new) is dict

    # -- layout ---------------------------------------------------------------------------------

    def _choose_layout(self, units: int) -> None:
        """After a document of that length: whether changes are appended to a journal from now on."""
        if self.layout == "document" or self.area.is_shared:
            self._is_journaling = False
        elif self.layout == "auto":
            self._is_journaling = units > (BORDER // 2 if self._is_journaling else BORDER)
        else:
            self._is_journaling = True
        journal = self._record.journal
        if journal is not None and journal.is_blocked:
            self._is_journaling = False
        if self._is_journaling:
            self._document = None
            if journal is not None and journal.count == 0:
                journal.begin(units)

    def fold(self) -> None:
        """Write the document, if there is a journal; where that fails the journal stays."""
        if self._is_behind():
            self.follow()
        journal = self._record.journal
        if journal is None or journal.count == 0 or journal.is_blocked or self.restored.dirty:
            return
        stored = self._record.stored
        try:
            self._store(names_change=False)
        except StorageError:
            if not self._record.put_back(stored):
                self.restored.dirty = True

    def _fold_when_idle(self) -> None:
        if self._stop_waiting is None:
            self._stop_waiting = host.current().when_idle(self._idle)

    def _idle(self) -> None:
        self._stop_waiting = None
        self.fold()

    def _move_refused(self) -> bool:
        """Put the refused text aside; where there is no room it stays, and the state in memory."""
        assert self._refused is not None
        what = f"the record at `{self.key}` was refused ({self.restored.error})"
        try:
            self._record.reject(self._refused)
        except QuotaExceededError:
            warn(
                f"{what} and the area has no room to keep it elsewhere: it stays, and the state lives in "
                "memory until there is room",
                StorageWarning,
            )
            return False
        warn(
            f"{what}; it was moved to `{self._record.rejected_key}`, and {self._instead}",
            StorageWarning,
        )
        self._refused = None
        return True

    # -- others ---------------------------------------------------------------------------------

    def follow(self, key: "str | None" = None) -> None:
        """Take over what another document stored; called when there may be something new, at that key."""
        before, entries = self._record.stored, self._entries()
        try:
            if key is not None and key != self.key and self._follow_journal():
                return
            data = self._load()
        except StorageError as error:
            warn(f"the record at `{self.key}` changed but cannot be read: {error}", StorageWarning)
            return
        text, listed = self._record.stored
        if self._entries() == entries and (
            (text, listed) == before or (text is not None and text == before[0])
        ):
            return
        self._deleted = deletions.from_text(listed, self._record.deleted_key)
        if text is None and data is None:
            self._refused = None
            data = self._init_less_deleted({})
        stored = self._followed(data, text)
        if stored is None:
            warn(
                f"another document stored at `{self.key}` what cannot be used "
                f"({self.restored.error}); the state stays as it is",
                StorageWarning,
            )
            return
        self._known |= self._deleted | deletions.present(self._init, stored, self._deep)
        self.restored.dirty = False
        self._choose_layout(len(text or ""))
        if self._document is not None:
            self._document.forget()
        take_over(self.view, stored)

    def _entries(self) -> "tuple[int, int]":
        journal = self._record.journal
        return (0, 0) if journal is None else (journal.count, journal.mark)

    def _follow_journal(self) -> bool:
        """Take over what was appended to a journal that is known so far; False where that is not all."""
        journal = self._record.journal
        if journal is None or journal.count == 0 or journal.is_blocked or self.schema is not None:
            return False
        if self._document is not None:
            self._document.forget()
        edits = journal.read_more()
        return edits is not None and take_over_edits(self.view, edits)

    def _followed(self, data: "Data | None", text: "str | None") -> "Data | None":
        """Data of another document as the schema has it; None where it is refused."""
        if data is None or self.schema is None:
            return data
        try:
            return self.schema.fit(data)
        except SchemaError as error:
            if text is None:
                return copy_plain(self._init)  # type: ignore[no-any-return]
            self._refuse(text, error)
            return None

    def end(self) -> None:
        """Fold, and stop storing; what could not be stored so far is tried once more."""
        if self._stop_waiting is not None:
            self._stop_waiting()
        try:
            if self.restored.dirty:
                self._save()
            else:
                self.fold()
        finally:
            self.view._root.writer = None


class _Report:
    """A write that failed, on its way to `on_error`."""

    def __init__(self, on_error: "Callable[[StorageError], object]", error: StorageError) -> None:
        self._on_error: Callable[[StorageError], object] | None = on_error
        self._error = error
        rounds.waiting.append(self)

    def run(self) -> None:
        """Take a turn in a round."""
        if self._on_error is not None:
            on_error = self._on_error
            apart(lambda: on_error(self._error))

    def skip(self) -> None:
        """Nothing waits for the report."""

    def cancel(self) -> None:
        """The statement was undone after all."""
        self._on_error = None
