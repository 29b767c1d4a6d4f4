"""One state bound to one key: opened from the record, written through, following others."""

from ..codec import decode_object, encode
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
from ..reactive import rounds
from ..reactive.graph import apart
from ..reactive.map_view import MapView
from ..reactive.plain import MISSING, copy_plain
from ..reactive.view import Root, View, lock
from . import deletions
from .outcome import Restored
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..reactive.transaction import Step
    from ..typed.schema import Schema
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
    ) -> None:
        self.area = area  # the one asked for, even where the record lives in memory
        self.key = key
        self.uses = 1
        self.view: Any
        self.state: Any = None  # what the user has of it: the view, or one that may not write
        self.restored = Restored("new", version)
        self.unavailable: StorageUnavailableError | None = None
        self.schema = schema
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

    # -- opening --------------------------------------------------------------------------------

    def open(self, migration: "Migration | None" = None) -> "Any":
        """Read the record, or migrate an older one, merge it over `init`, store the result if it differs.

        Raises `MigrationError`, and `StorageError` where that fails; then older records are untouched.
        """
        try:
            text, listed = self._record.read()
        except StorageUnavailableError as error:
            from ..host.memory import MemoryArea

            self._record = Record(Area(MemoryArea()), self.key)
            self.live_in_memory(error)
            text, listed = self._record.read()
        older = None
        if text is None and migration is not None:
            older = migration.run(self._record.area)
        if older is not None and listed is None:
            listed = older[1]
        self._deleted = deletions.from_text(listed, self._record.deleted_key)
        stored = None if text is None else self._decode(text)
        outcome = "new"
        if older is not None:
            data = self._merge(self._init_less_deleted(older[2]), older[2])
            outcome = "migrated"
            self.restored.version = older[0]
        elif stored is not None:
            data = self._merge(self._init_less_deleted(stored), copy_plain(stored))
            outcome = "restored"
        elif text is None:
            data = self._init_less_deleted({})
        else:
            data = copy_plain(self._init)
            outcome = "rejected"
        if self.schema is not None:
            data, outcome = self._fitted(self.schema, data, outcome)
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
        if stored is None or self._refused is not None or encode(stored) != encode(data):
            self._save()
        root.writer = self._write
        if migration is not None and not self.restored.dirty:
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

    def _fitted(self, schema: "Schema", data: "Data", outcome: str) -> "tuple[Data, str]":
        """The data as the schema has it, and the outcome; of what does not fit, what can be used."""
        try:
            return schema.fit(data), outcome
        except SchemaError as error:
            text = self._record.stored[0]
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

    def _decode(self, text: str) -> "Data | None":
        """The record as data; None where it is refused, which is kept for `_move_refused`."""
        try:
            data = decode_object(text)
        except ValueError as error:
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
        stored, deleted = self._record.stored, self._deleted
        dirty = self.restored.dirty
        report = self._save(dirty or any(_may_change_names(step) for step in steps))

        def take_back() -> None:
            self._deleted = deleted
            self.restored.dirty = dirty or not self._record.put_back(stored)
            if report is not None:
                report.cancel()

        return take_back

    def _save(self, names_change: bool = True) -> "_Report | None":
        """Store the state. What fails leaves storage as it was, and raises or is reported to `on_error`.

        The report is made in the next round: user code never runs while a statement is half done.
        """
        stored = self._record.stored
        try:
            if self.restored.dirty:  # then nobody knows what the area holds
                stored = self._record.read()
            self._store(names_change)
        except BaseException as error:
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
        if not names_change:
            listed = self._record.stored[1]
            self._record.write(encode(data), listed, listed)
            return
        known = self._known
        if not data:  # then there will be no record, and all of init would come back
            known |= deletions.present(self._init, self._init, deep=False)
        deleted = deletions.absent(known, data)
        self._record.write(
            encode(data) if data else None,
            deletions.to_text(self._deleted | deleted),
            deletions.to_text(deleted),
        )
        self._deleted = deleted
        self.restored.dirty = False

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

    def follow(self) -> None:
        """Take over what another document stored; called when there may be something new."""
        before = self._record.stored
        try:
            text, listed = self._record.read()
        except StorageError as error:
            warn(f"the record at `{self.key}` changed but cannot be read: {error}", StorageWarning)
            return
        if (text, listed) == before or (text is not None and text == before[0]):
            return
        self._deleted = deletions.from_text(listed, self._record.deleted_key)
        if text is None:
            self._refused = None
            stored = self._followed(self._init_less_deleted({}), text)
        else:
            stored = self._followed(self._decode(text), text)
        if stored is None:
            warn(
                f"another document stored at `{self.key}` what cannot be used "
                f"({self.restored.error}); the state stays as it is",
                StorageWarning,
            )
            return
        data = stored
        self._known |= self._deleted | deletions.present(self._init, data, self._deep)
        self.restored.dirty = False
        from ..reactive.patch import take_over

        take_over(self.view, data)

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
        """Stop storing; what could not be stored so far is tried once more."""
        try:
            if self.restored.dirty:
                self._save()
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


def _may_change_names(step: "Step") -> bool:
    """Whether a key came or went, a map's keys along with the map included."""
    if step.op != "set":
        return step.op == "delete"
    return step.old is MISSING or type(step.old) is dict or type(step.new) is dict
