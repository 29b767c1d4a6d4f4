"""One state bound to one key: written through, following others."""

from ..codec import encode
from ..errors import (
    QuotaExceededError,
    SchemaError,
    StorageError,
    StorageUnavailableError,
    StorageWarning,
    warn,
)
from ..host.area import Area, StaleReadError
from ..reactive import notifications
from ..reactive.graph import Source, unowned
from ..reactive.map_view import MapView
from ..reactive.plain import MISSING, copy_plain
from ..reactive.steps import notify_after, redo, undo
from ..reactive.transaction import Transaction, check_open, is_open
from ..reactive.view import Root, View, lock
from . import deletions
from .record.keeper import TabKeeper
from .restored import Restored
from .restoring import listed_names, load, restore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..reactive.steps import Step
    from .merging import Data
    from .migration import Migration
    from .open_states import Page
    from .record.keeper import Keeper
    from .restoring import Refusal, Terms
    from .shared.prerendered import Prerendered

_ATTEMPTS = 3
"""How often a write is tried, as long as something can be done about the room that it lacks."""

_TURNS = 1000
"""How often a statement of a worker lets its page go first, which may change a state between two calls."""


class Binding:
    """The tie between the state `view` and its record.

    `uses` counts the calls that opened it, less those that left it. `known` are the names of `init` that a
    reload would bring back if they were not listed, `deleted` those of them that the state does not hold.
    `refused` is a text that could not be moved from our key yet. `has_diverged`: what was made of others'
    data is not stored, and nothing is to be built on it. `is_late`: so is what an opening added to the
    record. Whether memory is ahead is `restored.dirty`.
    """

    def __init__(self, area: Area, key: str, version: str, terms: "Terms") -> None:
        self.area = area  # the one asked for, even where the record lives in memory
        self.key = key
        self.terms = terms
        self.uses = 1
        self.page: Page | None = None  # that it is open in
        self.view: Any
        self.state: Any = None  # what the user has of it: the view, or one that may not write
        self.restored = Restored("new", version)
        self.unavailable: StorageUnavailableError | None = None
        self.known = deletions.NONE
        self.deleted = deletions.NONE
        self.refused: str | None = None
        self.has_diverged = False
        self.is_late = False
        self.ended: ViewEnd | None = None  # once a storage's reader depends on it
        self.prerendered: Prerendered | None = None  # until the page is shown
        self._instead = ""  # what is used in place of the refused text
        self._unreadable: StorageError | None = None  # why the record could not be read last time
        self.keeper = self._keeper(area)

    def _keeper(self, area: Area) -> "Keeper":
        """Who writes the state there. Only a state that tabs share imports `shared`."""
        if not self.terms.is_synced:
            # What others write is not read: no journal, and no look before a write.
            return TabKeeper(self, area, self.key, "document")
        if not area.is_shared:
            return TabKeeper(self, area.checked(), self.key, self.terms.layout)
        from .shared.keeper import SharedKeeper

        return SharedKeeper(self, area, self.key, self.terms.layout)

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
        terms = self.terms
        try:
            stored, refusal = load(self.keeper, terms)
        except StorageUnavailableError as error:
            from ..host.memory import MemoryArea

            self.keeper = self._keeper(Area(MemoryArea()))
            self.live_in_memory(error)
            stored, refusal = load(self.keeper, terms)
        units = len(self.keeper.record.stored[0] or "")
        version = self.restored.version
        found = restore(self.keeper, terms, version, stored, refusal, migration)
        self.restored.version = found.version
        if found.refusal is not None:
            self._refuse(found.refusal)
            self._instead = found.instead
        if self.unavailable is None:
            self.restored.outcome = found.outcome
        root = Root()
        root.owner = self
        root.is_shallow = not terms.recursive
        if terms.schema is None:
            self.view = MapView(found.data, root)
        else:
            self.view = terms.schema.view(found.data, root)
            root.check = terms.schema.check
        if terms.has_fixed_keys and terms.schema is None:
            root.check = self._check_names
        root.view = self.view
        self.state = lock(self.view) if terms.immutable else self.view
        self.deleted = found.names
        held = terms.init if terms.overlays else found.data
        self.known = self.deleted | deletions.present(terms.init, held, terms.deep)
        self.keeper.choose_layout(units)
        is_first = found.outcome == "new" and self.keeper.record.stored[1] is None
        plain = self.keeper.record.area.plain
        if is_first and migration is not None and migration.warn_of_others(plain):
            # A record of init would be in the way of the data that are meant.
            self.has_diverged = True
        elif not found.is_stored or self.refused is not None:  # by an attempt before this one
            if is_first:
                self.save()
            else:  # what there is is not kept from its user by what it lacks
                self.bear(self.save)
        elif self.keeper.has_journal and not self.keeper.is_journaling:
            self.keeper.fold()
        self.keeper.wait()
        root.writer = self.write
        if migration is not None and not self.restored.dirty:
            migration.forget(plain)
        return self.state

    def is_state(self, view: "Any") -> bool:
        """Whether that is the state, and not a part of it."""
        return view is self.view or (isinstance(view, View) and view._twin is self.view)

    def become(self, other: "Binding") -> None:
        """Be kept as the other one is, which was opened for the same record; the view stays."""
        self.keeper.rest()
        self.keeper = other.keeper
        self.keeper.serve(self)
        self.known, self.deleted = other.known, other.deleted
        self.refused, self._instead = other.refused, other._instead
        self.has_diverged, self.is_late = other.has_diverged, other.is_late
        self.unavailable = other.unavailable
        self._unreadable = None
        self.restored.begin_again(other.restored)

    def live_in_memory(self, error: StorageUnavailableError) -> None:
        """Note that there is no Web Storage, and why."""
        self.unavailable = error
        self.restored.outcome = "memory"
        self.restored.error = error

    def _refuse(self, refusal: "Refusal") -> None:
        self.refused, self.restored.error = refusal
        self.restored.rejected = self.refused
        self.restored.dirty = True
        self._instead = "the state starts from init"

    # -- writing --------------------------------------------------------------------------------

    def bear(self, act: "Callable[[], object]") -> None:
        """Have `act` store what an opening adds; where that fails memory is ahead, and a warning says so."""
        terms, before = self.terms, self.restored.error
        on_error = terms.on_error
        if on_error is None:
            terms.on_error = self._warn_of
        try:
            act()
        finally:
            terms.on_error = on_error
            if self.restored.error is not before:
                self.is_late = self.restored.dirty

    def _warn_of(self, error: StorageError) -> None:
        from ..keys import label, state_at

        name = label(self.key) if state_at(self.key) else f"the state {label(self.key)}"
        warn(
            f"{name} has more in memory than in its record, since that could not be written: {error}. "
            "The next change stores the whole state, if there is room then",
            StorageWarning,
        )

    def write(self, steps: "list[Step]") -> "Callable[[], None]":
        """As root's `writer`: store a statement or batch that is done in memory; how to take that back.

        What fails leaves storage as it was, and raises; then memory is to be put back too. With `on_error`
        it is reported instead, and memory stays ahead.
        """
        if self.prerendered is not None and self.prerendered.is_over:
            return self._write_after_others(steps)
        try:
            take_back = self.keeper.write(steps)
        except StaleReadError:
            take_back = self._write_after_others(steps)
        if self.is_late:
            self.is_late = self.restored.dirty
        return take_back

    def _write_after_others(self, steps: "list[Step]") -> "Callable[[], None]":
        """The same for a statement before which others have stored something."""
        for _ in range(_TURNS):
            self._unreadable = None
            self.catch_up(steps)
            if self._unreadable is not None:
                report = self.report(self._unreadable)
                if report is None:
                    raise self._unreadable
                return report.cancel
            try:
                return self.keeper.write(steps)
            except StaleReadError:
                pass
        raise self._always_late()

    def _always_late(self) -> StorageError:
        return StorageError(f"somebody else in this tab keeps changing `{self.key}`", key=self.key)

    def catch_up(self, steps: "list[Step]") -> None:
        """Let the steps come after what others have stored before them."""
        undo(steps)
        notifications.paused += 1  # others' callbacks run when the statement is complete
        try:
            self.keeper.come_up_to_date()
        finally:
            notifications.paused -= 1
            redo(steps)
        check = self.view._root.check
        if check is not None:
            check(steps)

    def save(self, names_change: bool = True) -> "Report | None":
        """Store the state as it is in memory. What fails leaves storage as it was, and raises or is reported.

        The report is made in the next round: user code never runs while a statement is half done.
        """
        record = self.keeper.record
        for attempt in range(_ATTEMPTS):
            stored, refused = record.stored, self.refused
            try:
                if self.restored.dirty:  # then nobody knows what the area holds
                    stored = record.read()
                self.keeper.store(names_change)
                break
            except StaleReadError:
                self.keeper.forget_text()
                raise
            except BaseException as error:
                self.keeper.forget_text()
                self.refused = refused  # it stands at the key again
                if not record.put_back(stored):
                    self.restored.dirty = True
                elif (
                    isinstance(error, QuotaExceededError)
                    and attempt + 1 < _ATTEMPTS
                    and (self.keeper.make_room() or self.has_others_fold())
                ):
                    continue
                if not isinstance(error, StorageError):
                    raise
                report = self.report(error)
                if report is None:
                    raise
                return report
        return None

    def has_others_fold(self) -> bool:
        """Have the page's other states of the area give room; whether one has."""
        return self.page is not None and self.page.make_room(self)

    def rewrite(self) -> None:
        """Store the whole state though nothing changed; what others have stored is taken over first."""
        if is_open():
            raise RuntimeError(
                "write() inside batch(): what it changed would be stored before its end"
            )
        record = self.keeper.record
        for _ in range(_TURNS):
            try:
                if record.is_gone():
                    record.read()
                elif self.terms.is_synced:
                    self.follow()
                    if self._unreadable is not None:
                        raise self._unreadable
                self.save()
                self.is_late = self.is_late and self.restored.dirty
                notifications.run()
                return
            except StaleReadError:
                pass
        raise self._always_late()

    def report(self, error: StorageError) -> "Report | None":
        """Have `on_error` hear of a write that failed, and memory stay ahead; None where nobody does."""
        if self.terms.on_error is None:
            return None
        self.restored.error = error
        self.restored.dirty = True
        return Report(self.terms.on_error, error)

    def move_refused(self) -> bool:
        """Put the refused text aside; where there is no room it stays, and the state in memory."""
        assert self.refused is not None
        is_moved = self.keeper.record.put_aside(
            self.refused,
            f"the record at `{self.key}` was refused ({self.restored.error})",
            then=self._instead,
            otherwise="the state lives in memory until there is room",
        )
        if is_moved:
            self.refused = None
        return is_moved

    def unstored(self) -> "tuple[Data, set[str]] | None":
        """The data and the names that were removed, as memory alone has them; None where the area does."""
        is_there = self.area.is_same(self.keeper.record.area.raw)
        if is_there and not self.restored.dirty and not is_open():
            return None
        try:
            record = self.keeper.record.load() or {}
        except (ValueError, StorageError):
            record = {}
        data = self.view._data
        return copy_plain(data), {name for name in record if name not in data}

    def reset(self) -> None:
        """Have the state be `init`, of which nothing counts as deleted any more."""
        from ..reactive.patch import become

        init, known = self.terms.init, self.known
        self.known = deletions.present(init, init, self.terms.deep)
        try:
            has_changed = become(self.view, copy_plain(init))
            is_behind = bool(self.deleted) or self.restored.dirty
            if is_behind and not has_changed and not is_open() and self.page is not None:
                self.rewrite()
        except BaseException:
            self.known |= known
            raise

    def take(self, data: "Data", removed: "set[str]") -> None:
        """Have the state hold the data, and not what was removed."""
        fixed = self.terms.init if self.terms.has_fixed_keys else {}
        with Transaction():
            for name in removed:
                if name in self.view._data and name not in fixed and isinstance(self.view, MapView):
                    del self.view[name]
            for name, value in data.items():
                if self.view._takes(name):
                    self.view._put(name, value)

    def _check_names(self, steps: "list[Step]") -> None:
        for step in steps:
            if step.op == "delete" and not step.path and step.key in self.terms.init:
                raise KeyError(
                    f"{step.key!r} is a key of a State, which are always there; set it instead"
                )

    # -- names of init --------------------------------------------------------------------------

    def may_change_names(self, steps: "list[Step]") -> bool:
        """Whether a name of `init` came or went, a map's names along with the map included."""
        for step in steps:
            if step.whole is not None:
                return True
            if step.path and not self.terms.deep:
                continue
            if step.op == "delete":
                return True
            if step.op == "set" and (
                step.old is MISSING or type(step.old) is dict or type(step.new) is dict
            ):
                return True
        return False

    def deleted_now(self) -> "deletions.Names":
        """The names of `init` that a record of the present state has to list."""
        known = self.known
        data = self.view._data
        if not data:  # then there will be no record, and all of init would come back
            known |= deletions.present(self.terms.init, self.terms.init, deep=False)
        return deletions.absent(known, data)

    def lists_names(self) -> bool:
        """Whether the list of deleted names is to be written anew, or there will be no record."""
        return not self.view._data or self.deleted_now() != self.deleted

    # -- others ---------------------------------------------------------------------------------

    def own(self, keys: "list[str]") -> "list[str]":
        """Those of the keys where this state is stored, or what belongs to it."""
        if not self.terms.is_synced:
            return []
        beside = f"{self.key}#"
        return [key for key in keys if key == self.key or key.startswith(beside)]

    def hear(self, keys: "list[str] | None" = None) -> None:
        """Follow, where no statement has asked for it: nobody else says that the record cannot be read."""
        self.follow(keys)
        if self._unreadable is not None:
            warn(
                f"the record at `{self.key}` changed but cannot be read: {self._unreadable}",
                StorageWarning,
            )

    def follow(self, keys: "list[str] | None" = None) -> None:
        """Take over what others stored; called when there may be something new, at those keys or any."""
        notifications.paused += 1  # nobody is to see the state half taken over
        try:
            self._follow(keys)
            if self.terms.has_fixed_keys:
                self._complete()
        except BaseException as error:
            notifications.paused -= 1
            notify_after(error)
            raise
        notifications.paused -= 1
        notifications.run()

    def _follow(self, keys: "list[str] | None") -> None:
        if self.prerendered is None:
            self.adopt_stored(keys)
        else:
            self.prerendered.follow(self, keys)
        self.keeper.settle()

    def could_not_read(self, error: StorageError) -> None:
        """Let the statement that asked raise that, or the next one."""
        self._unreadable = error

    def adopt_stored(self, keys: "list[str] | None") -> None:
        terms, keeper = self.terms, self.keeper
        self._unreadable = None
        before, stored = keeper.mark(), keeper.record.stored
        try:
            if keeper.adopt_news(keys):
                return
            data, refusal = load(keeper, terms)
            if refusal is not None and terms.misfit is not None and self._is_misfit():
                data, refusal = keeper.record.load(), None  # others do not make it worse
        except StorageError as error:
            keeper.record.stored = stored
            keeper.record.area.doubt()
            self.could_not_read(error)
            return
        if keeper.mark() == before:
            return
        text, listed = keeper.record.stored
        self.deleted = listed_names(keeper, terms, listed)
        is_removed = text is None and data is None and refusal is None
        if is_removed:
            data = deletions.without(copy_plain(terms.init), self.deleted, {})
        is_late = self.is_late and self.restored.dirty and terms.overlays
        found = None
        if data is not None and (is_late or terms.schema is not None):
            found = encode(data)
        if data is not None and is_late:
            data = terms.merge(deletions.without(copy_plain(terms.init), self.deleted, data), data)
        if data is not None and terms.schema is not None:
            data, refusal = self._fit_foreign(data, text)
        if data is None:
            assert refusal is not None
            if refusal[0] == self.refused:
                return  # that was said
            self._refuse(refusal)
            self._instead = "the state stays as it is"
            warn(
                f"another document stored at `{self.key}` what cannot be used "
                f"({self.restored.error}); the state stays as it is",
                StorageWarning,
            )
            return
        self.known |= self.deleted | deletions.present(terms.init, data, terms.deep)
        self.refused = None
        # What init or the schema has made of it is not written, but nothing is to be built on it either.
        self.has_diverged = is_removed or (found is not None and found != encode(data))
        if terms.has_fixed_keys and terms.schema is None:
            self.has_diverged = self._completes(data) or self.has_diverged
        self.restored.dirty = keeper.has_unsent or (is_late and self.has_diverged)
        self.is_late = is_late and self.restored.dirty
        keeper.choose_layout(len(text or ""))
        keeper.forget_text()
        from ..reactive.patch import adopt_foreign

        adopt_foreign(self.view, data)

    def _completes(self, data: "Data") -> bool:
        """Give names of `init` that others have removed their initial values; whether there were any."""
        missing = [key for key in self.terms.init if key not in data]
        for key in missing:
            data[key] = copy_plain(self.terms.init[key])
        return bool(missing)

    def _is_misfit(self) -> bool:
        misfit = self.terms.misfit
        return misfit is not None and misfit(self.view._data) is not None

    def _fit_foreign(
        self, data: "Data", text: "str | None"
    ) -> "tuple[Data | None, Refusal | None]":
        """Data of another document as the schema has them, or the refusal."""
        schema = self.terms.schema
        assert schema is not None
        try:
            return schema.fit(data), None
        except SchemaError as error:
            if self.keeper.is_merging:
                # Changes that fit one by one may not fit together: what does is used, the same in all tabs.
                return schema.salvage(data)[0], None
            if text is None:
                return copy_plain(self.terms.init), None
            return None, (encode(data) if self.keeper.has_journal else text, error)

    def _complete(self) -> None:
        """The same for changes that came one by one."""
        data, init = self.view._data, self.terms.init
        if self.terms.schema is not None or all(key in data for key in init):
            return
        whole = copy_plain(data)
        self.has_diverged = self._completes(whole)
        self.keeper.forget_text()
        from ..reactive.patch import adopt_foreign

        adopt_foreign(self.view, whole)

    # -- the end --------------------------------------------------------------------------------

    def fold(self) -> None:
        """Have the document be the state, if entries continue it; inside a batch, later."""
        check_open()
        if is_open():  # an idle moment came into it
            self.keeper.wait()
        else:
            self.keeper.fold()

    def end_of_view(self) -> "ViewEnd":
        """What changes when the record is open as another state, or is left."""
        if self.ended is None:
            self.ended = ViewEnd(self.state)
        return self.ended

    def end(self) -> None:
        """Fold, and stop storing; what could not be stored so far is tried once more."""
        try:
            self.keeper.stop()
        except StorageError:
            if not self.is_late:  # else it was told, and the next opening adds it again
                raise
        finally:
            self.view._root.writer = None


class ViewEnd(Source):
    """That a state is the one of its record: who reads the record through a storage has to look again."""

    __slots__ = ("_state",)

    def __init__(self, state: "Any") -> None:
        super().__init__()
        self._state = state

    def peek(self) -> int:
        return self.version

    def place(self) -> "tuple[Any, tuple[()]]":
        return self._state, ()


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
