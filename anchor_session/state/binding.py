"""The binding of a `State` to its record: as any state's, with what `Persistence` adds."""

from .. import host
from ..errors import SchemaError, StorageError
from ..page import open_states
from ..page.areas import find_area
from ..page.binding import Binding
from ..page.restoring import Terms
from ..reactive.graph import untracked
from ..reactive.plain import copy_plain
from ..reactive.threads import whole
from ..reactive.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..page.merging import Data
    from ..typed.schema import Schema
    from .persistence import Persistence
    from .throttled_writer import ThrottledWriter


@whole
def bind(persistence: "Persistence", data: "Data", schema: "Schema | None") -> "StateBinding":
    """The binding of that record: the one that is open already, else a new one, opened."""
    where, error = find_area(persistence.area)
    options = (persistence.interval, persistence.sync_tabs, schema and schema.kind)
    found = open_states.find(where, persistence.key)
    predecessor = None
    if found is not None and found.uses == 0:
        predecessor = found
    elif found is not None:
        if not isinstance(found, StateBinding) or found.options != options:
            raise ValueError(
                f"`{persistence.key}` is open already, with other options of Persistence, another class "
                "or by session()"
            )
        found.join(data, persistence)
        return found
    validate = persistence.validate
    terms = Terms(
        data,
        schema=schema,
        strict=True,
        misfit=None if validate is None else lambda record: _misfit(validate, record),
        has_fixed_keys=True,
        is_synced=persistence.sync_tabs or not where.is_shared,
    )
    binding = StateBinding(where, persistence.key, "", terms)
    binding.options = options
    if error is not None:
        binding.live_in_memory(error)
    open_states.begin(binding, predecessor=predecessor)
    if persistence.interval is not None and host.current().hears_end:
        binding.throttle(persistence.interval)
    return binding


class StateBinding(Binding):
    """The tie between the states of one `Persistence` name in this page and their record."""

    options: "tuple[Any, ...]" = ()  # what has to be equal for two states of one name
    _throttled: "ThrottledWriter | None" = None

    def join(self, data: "Data", persistence: "Persistence") -> None:
        """Another state has the same name: keys that are new start with its initial values."""
        if persistence.validate is not None:
            error = _misfit(persistence.validate, self.view._data)
            if error is not None:
                raise ValueError(f"`{self.key}` is open with data that validate refuses: {error}")
        self.bear(lambda: self._complete_with(data))
        for key, value in data.items():
            self.terms.init.setdefault(key, copy_plain(value))
        self.uses += 1

    def _complete_with(self, data: "Data") -> None:
        with Transaction():
            for key, value in data.items():
                if key not in self.view._data:
                    self.view[key] = value

    def knows(self, key: str) -> bool:
        """Whether a state of this name has the key."""
        return key in self.terms.init

    def throttle(self, seconds: float) -> None:
        """Write once in so many seconds at most from now on."""
        from .throttled_writer import ThrottledWriter

        self._throttled = ThrottledWriter(seconds, self.write, self.key)
        self.view._root.writer = self._throttled.write

    def _follow(self, keys: "list[str] | None") -> None:
        if self._throttled is None:
            super()._follow(keys)
        else:
            self._throttled.aside(lambda: super(StateBinding, self)._follow(keys))

    def rewrite(self) -> None:
        self.flush()
        super().rewrite()

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


def _misfit(validate: "Callable[[Data], object]", data: "Data") -> "SchemaError | None":
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
