"""One state bound to one key: opened from the record, written through, following others."""

from ..codec import decode_object, encode
from ..errors import (
    MigrationError,
    SchemaError,
    StorageError,
    StorageUnavailableError,
    StorageWarning,
    warn,
)
from ..host.area import Area, StaleReadError
from ..reactive.map_view import MapView
from ..reactive.plain import copy_plain
from ..reactive.view import Root, View, lock
from . import deletions
from .record.keeper import Writer
from .record.record import Record
from .restored import Restored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..typed.schema import Schema
    from .merging import Data
    from .migration import Migration


class Binding:
    """The tie between the state `view` and its record.

    `uses` counts the calls that opened it, less those that left it.
    """

    _writer_class = Writer

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
        self._init = init
        self._merge = merge
        self._overlays = overlays  # whether every name that the record lacks comes from init
        self._deep = deep
        self._recursive = recursive
        self._immutable = immutable
        self.writer = self._writer_class(
            self._record(area),
            self.restored,
            init,
            layout,
            deep=deep,
            on_error=on_error,
            follow=self.follow,
        )

    def _record(self, area: Area) -> Record:
        return Record(area.checked(), self.key)

    # -- opening --------------------------------------------------------------------------------

    def open(self, migration: "Migration | None" = None) -> "Any":
        """Read the record, or migrate an older one, merge it over `init`, store the result if it differs.

        Raises `MigrationError`, and `StorageError` where that fails; then older records are untouched.
        """
        while True:
            try:
                return self._open(migration)
            except StaleReadError:
                pass  # another interpreter stored it in between: read that

    def _open(self, migration: "Migration | None") -> "Any":
        try:
            stored = self._load()
        except StorageUnavailableError as error:
            from ..host.memory import MemoryArea

            self.writer.record = self._record(Area(MemoryArea()))
            self.live_in_memory(error)
            stored = self._load()
        text, listed = self.writer.record.stored
        is_absent = text is None and stored is None and self.writer.refused is None
        older = None
        if is_absent and migration is not None:
            older = migration.run(self.writer.record.area.plain)
        if older is not None and listed is None:
            listed = older[1]
        self.writer.deleted = self._listed(listed)
        journal = self.writer.record.journal
        has_journal = journal is not None and journal.count > 0
        before: str | None = None  # the text of what is stored
        names = 0  # in it
        outcome = "new"
        if older is not None:
            data = self._merge(self._init_less_deleted(older[2]), older[2])
            outcome = "migrated"
            self.restored.version = older[0]
        elif stored is not None:
            before = encode(stored) if has_journal else text
            names = len(stored)
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
        root.view = self.writer.view = self.view
        self.state = lock(self.view) if self._immutable else self.view
        held = self._init if self._overlays else data
        self.writer.known = self.writer.deleted | deletions.present(self._init, held, self._deep)
        self.writer.choose_layout(len(text or ""))
        if before is None or self.writer.refused is not None or self._differs(data, before, names):
            self.writer.save()
        elif has_journal and not self.writer.is_journaling:
            self.writer.fold()
        elif has_journal:
            self.writer.fold_when_idle()
        root.writer = self.writer.write
        if migration is not None and not self.restored.dirty:
            migration.forget(self.writer.record.area.plain)
        return self.state

    def _differs(self, data: "Data", text: str, names: int) -> bool:
        """Whether the data are others than what is stored, whose text that is, with so many names."""
        if self.schema is None and self._overlays and not self._deep:
            return len(data) != names  # all that init can do is to add some
        return not is_text_of(data, text)

    def _listed(self, text: "str | None") -> "deletions.Names":
        """The names of `init` that were deleted, as a stored list has them."""
        return deletions.from_text(text, self.writer.record.deleted_key)

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
            self.writer.instead = (
                f"these keys start from init: {', '.join(keys) or 'those it lacked'}"
            )
            return data, outcome

    def _init_less_deleted(self, stored: "Data") -> "Data":
        return deletions.without(copy_plain(self._init), self.writer.deleted, stored)

    def _load(self) -> "Data | None":
        """The record as data; None where there is none or it is refused, which `_move_refused` sees to."""
        try:
            data = self.writer.record.load()
        except StaleReadError:
            return self._load()
        except ValueError as error:
            text = self.writer.record.stored[0]
            assert text is not None
            self._refuse(text, error)
            return None
        return data

    def _refuse(self, text: str, error: "ValueError") -> None:
        self.writer.refused = text
        self.restored.rejected = text
        self.restored.error = error
        self.restored.dirty = True

    # -- others ---------------------------------------------------------------------------------

    def follow(self, keys: "list[str] | None" = None) -> None:
        """Take over what others stored; called when there may be something new, at those keys or any."""
        before, entries = self.writer.record.stored, self._entries()
        try:
            if keys is not None and self._is_journal(keys) and self._follow_journal():
                return
            data = self._load()
        except StorageError as error:
            warn(f"the record at `{self.key}` changed but cannot be read: {error}", StorageWarning)
            return
        text, listed = self.writer.record.stored
        if self._entries() == entries and (
            (text, listed) == before or (text is not None and text == before[0])
        ):
            return
        self.writer.deleted = self._listed(listed)
        is_removed = text is None and data is None
        if is_removed:
            data = self._init_less_deleted({})
        found = None if self.schema is None or data is None else encode(data)
        stored = self._followed(data, text)
        if stored is None:
            warn(
                f"another document stored at `{self.key}` what cannot be used "
                f"({self.restored.error}); the state stays as it is",
                StorageWarning,
            )
            return
        self.writer.known |= self.writer.deleted | deletions.present(self._init, stored, self._deep)
        self.writer.refused = None
        self.restored.dirty = False
        # What init or the schema has made of it is not written, but nothing is to be built on it either.
        self.writer.has_diverged = is_removed or (found is not None and found != encode(stored))
        self.writer.choose_layout(len(text or ""))
        self.writer.forget_text()
        from ..reactive.patch import adopt_foreign

        adopt_foreign(self.view, stored)

    def _entries(self) -> "tuple[int, str | None]":
        journal = self.writer.record.journal
        return (0, None) if journal is None else (journal.count, journal.last)

    def own(self, keys: "list[str]") -> "list[str]":
        """Those of the keys where this state is stored, or what belongs to it."""
        beside = f"{self.key}#"
        return [key for key in keys if key == self.key or key.startswith(beside)]

    def _is_journal(self, keys: "list[str]") -> bool:
        return all(key.startswith(f"{self.key}#journal.") for key in keys)

    def _follow_journal(self) -> bool:
        """Take over what was appended to a journal that is known so far; False where that is not all."""
        journal = self.writer.record.journal
        if journal is None or journal.count == 0 or journal.is_blocked or self.schema is not None:
            return False
        self.writer.forget_text()
        from ..reactive.patch import adopt_foreign_edits

        edits = journal.read_more()
        return edits is not None and adopt_foreign_edits(self.view, edits)

    def _followed(self, data: "Data | None", text: "str | None") -> "Data | None":
        """Data of another document as the schema has it; None where it is refused."""
        if data is None or self.schema is None:
            return data
        try:
            return self.schema.fit(data)
        except SchemaError as error:
            if text is None:
                return copy_plain(self._init)  # type: ignore[no-any-return]
            self._refuse(encode(data) if self._entries()[0] else text, error)
            return None

    def end(self) -> None:
        """Fold, and stop storing; what could not be stored so far is tried once more."""
        try:
            self.writer.stop()
        finally:
            self.view._root.writer = None


def is_text_of(data: "Data", text: str) -> bool:
    """Whether the text stands for the data, though it may be written with spaces."""
    encoded = encode(data)
    return encoded == text or encoded == encode(decode_object(text))
