"""The binding of a `State` to its record: as any state's, with what `Persistence` adds."""

from .. import host
from ..codec import encode
from ..errors import SchemaError, StorageError
from ..page import deletions, merging, open_states
from ..page.areas import find_area
from ..page.binding import Binding, is_text_of
from ..page.opening import begin
from ..page.record.record import Record
from ..reactive import notifications
from ..reactive.graph import untracked
from ..reactive.plain import copy_plain
from ..reactive.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..host.area import Area
    from ..page.deletions import Names
    from ..page.merging import Data
    from ..typed.schema import Schema
    from .persistence import Persistence
    from .throttled_writer import ThrottledWriter


def bind(persistence: "Persistence", data: "Data", schema: "Schema | None") -> "StateBinding":
    """The binding of that record: the one that is open already, else a new one, opened."""
    where, error = find_area(persistence.area)
    options = (persistence.interval, persistence.sync_tabs, schema and schema.kind)
    found = open_states.find(where, persistence.key)
    if found is not None:
        if not isinstance(found, StateBinding) or found.options != options:
            raise ValueError(
                f"`{persistence.key}` is open already, with other options of Persistence, another class "
                "or by session()"
            )
        found.join(data, persistence)
        return found
    kind = _class_for(where, persistence)
    binding = kind(
        where,
        persistence.key,
        "",
        data,
        merge=merging.merger("shallow"),
        schema=schema,
        strict=True,
        layout=kind.layout_option,
    )
    binding.options = options
    binding.validate = persistence.validate
    if error is not None:
        binding.live_in_memory(error)
    begin(binding)
    if persistence.interval is not None and host.current().hears_end:
        binding.throttle(persistence.interval)
    return binding


class StateBinding(Binding):
    """The tie between the states of one `Persistence` name in this page and their record."""

    options: "tuple[Any, ...]" = ()  # what has to be equal for two states of one name
    layout_option = "auto"
    validate: "Callable[[Data], object] | None" = None
    _throttled: "ThrottledWriter | None" = None

    def join(self, data: "Data", persistence: "Persistence") -> None:
        """Another state has the same name: keys that are new start with its initial values."""
        if persistence.validate is not None:
            error = _error(persistence.validate, self.view._data)
            if error is not None:
                raise ValueError(f"`{self.key}` is open with data that validate refuses: {error}")
        with Transaction():
            for key, value in data.items():
                if key not in self.view._data:
                    self.view[key] = value
        for key, value in data.items():
            self._init.setdefault(key, copy_plain(value))
        self.uses += 1

    def knows(self, key: str) -> bool:
        """Whether a state of this name has the key."""
        return key in self._init

    def throttle(self, seconds: float) -> None:
        """Write once in so many seconds at most from now on."""
        from .throttled_writer import ThrottledWriter

        self._throttled = ThrottledWriter(seconds, self.writer.write, self.key)
        self.view._root.writer = self._throttled.write

    def _listed(self, text: "str | None") -> "Names":
        return deletions.NONE  # keys are fixed, whatever the record says

    def _load(self) -> "Data | None":
        data = super()._load()
        if data is None or self.validate is None:
            return data
        error = _error(self.validate, data)
        if error is None:
            return data
        text = self.writer.record.stored[0]
        is_whole = text is not None and is_text_of(data, text)  # or a journal goes with it
        self._refuse(text if text is not None and is_whole else encode(data), error)
        return None

    def follow(self, keys: "list[str] | None" = None) -> None:
        notifications.paused += 1  # nobody is to see the state without one of its keys
        try:
            if self._throttled is None:
                super().follow(keys)
            else:
                self._throttled.aside(lambda: super(StateBinding, self).follow(keys))
            self._complete()
        finally:
            notifications.paused -= 1
        notifications.run()

    def _complete(self) -> None:
        """A key that others have removed starts again from its initial value."""
        data = self.view._data
        if self.schema is not None or all(key in data for key in self._init):
            return
        whole = copy_plain(data)
        for key, value in self._init.items():
            whole.setdefault(key, copy_plain(value))
        self.writer.has_diverged = True
        self.writer.forget_text()
        from ..reactive.patch import adopt_foreign

        adopt_foreign(self.view, whole)

    def flush(self) -> None:
        """Write what waits for the end of an interval; a failure is warned of."""
        if self._throttled is not None:
            self._throttled.flush_in_time()

    def end(self) -> None:
        try:
            if self._throttled is not None:
                self._throttled.end()
        finally:
            super().end()


class LastWriteWins(StateBinding):
    """The same, of a record that other tabs store too, unheard: the one that writes last wins whole."""

    layout_option = "document"  # a journal is read before it is continued

    def _record(self, area: "Area") -> Record:
        return Record(area, self.key)  # not guarded, for the same reason

    def own(self, keys: "list[str]") -> "list[str]":
        return []


def _class_for(area: "Area", persistence: "Persistence") -> "type[StateBinding]":
    """Only a state that tabs share imports `page.sharing`."""
    if not area.is_shared:
        return StateBinding
    if not persistence.sync_tabs:
        return LastWriteWins
    from ..page.shared.keeper import SharedBinding

    class SyncedStateBinding(StateBinding, SharedBinding):
        """The same, of a record that tabs share."""

    return SyncedStateBinding


def _error(validate: "Callable[[Data], object]", data: "Data") -> "SchemaError | None":
    """What is wrong with the data, None where it is valid."""
    try:
        if untracked(lambda: validate(copy_plain(data))):
            return None
    except StorageError:
        raise
    except Exception as cause:  # noqa: BLE001 - it is the validator's way to refuse
        error = SchemaError(f"its validator raised {cause!r}")
        error.__cause__ = cause
        return error
    return SchemaError("its validator refused it")
