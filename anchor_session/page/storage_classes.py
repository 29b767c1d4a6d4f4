"""The storage classes below `session()`: a map that publishes events, and one that writes through.

They follow Session Storage APIs, `MemoryStorage` and `SessionStorage`, with one deliberate difference:
`assign` and `clear` write through too, where the original waits for the next write and may lose data.
"""

from functools import partial

from ..codec import as_stored, as_stored_key, encode, same
from ..errors import StorageWarning, call_all, warn
from ..reactive.plain import copy_plain
from . import merging, names
from .areas import find_area, record_at, warn_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from ..host.area import Area


class StorageEvent:
    """What a storage publishes after a change.

    `type` is ``"set"``, ``"delete"``, ``"assign"`` or ``"clear"``; `name` the key, ``""`` for the last two;
    `value` the new value, or what was assigned; None where there is none.
    """

    __slots__ = ("name", "type", "value")

    def __init__(self, type: str, name: str, value: "Any" = None) -> None:
        self.type = type
        self.name = name
        self.value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StorageEvent):
            return NotImplemented
        return (self.type, self.name, self.value) == (other.type, other.name, other.value)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"StorageEvent({self.type!r}, {self.name!r}, {self.value!r})"


class MemoryStorage:
    """A map of text to storable values, in memory. Values go in and come out as copies."""

    def __init__(self, init: "Mapping[str, Any] | None" = None) -> None:
        self._data: dict[str, Any] = as_stored({} if init is None else dict(init))
        self._subscribers: list[Callable[[StorageEvent], object]] = []

    def get(self, key: str, default: "Any" = None) -> "Any":
        """A copy of the value, or `default`."""
        return copy_plain(self._data[key]) if key in self._data else default

    def set(self, key: str, value: "Any") -> None:
        """Store a copy of the value. Publishes even if it is equal to the one before."""
        key = as_stored_key(key, ())
        new = as_stored(value, (key,))
        if key not in self._data or not same(self._data[key], new):
            changed = self._data.copy()
            changed[key] = new
            self._change(changed)
        self.publish(StorageEvent("set", key, copy_plain(new)))

    def delete(self, key: str) -> None:
        """Remove the key. Publishes even if it was not there."""
        if key in self._data:
            self._change({name: value for name, value in self._data.items() if name != key})
        self.publish(StorageEvent("delete", key))

    def assign(self, values: "Mapping[str, Any]") -> None:
        """Set several keys at once: one write, one event."""
        new = as_stored(dict(values))
        merged = self._data.copy()
        merged.update(new)
        if not same(merged, self._data):
            self._change(merged)
        self.publish(StorageEvent("assign", "", copy_plain(new)))

    def clear(self) -> None:
        """Remove all keys: one write, one event."""
        if self._data:
            self._change({})
        self.publish(StorageEvent("clear", ""))

    def subscribe(self, callback: "Callable[[StorageEvent], object]") -> "Callable[[], None]":
        """Call `callback(event)` after each change; returns a function that ends it."""
        self._subscribers.append(callback)
        is_subscribed = True

        def unsubscribe() -> None:
            nonlocal is_subscribed
            if is_subscribed:
                is_subscribed = False
                self._subscribers.remove(callback)

        return unsubscribe

    def publish(self, event: StorageEvent) -> None:
        """Send an event to all subscribers; the first error is raised when all have run."""
        call_all([partial(callback, event) for callback in self._subscribers])

    def json(self, indent: "int | None" = None) -> str:
        """The text as it is stored, or spread over lines."""
        text = encode(self._data)
        if indent is None:
            return text
        from json import dumps, loads

        return dumps(loads(text), ensure_ascii=False, indent=indent)

    def keys(self) -> "list[str]":
        return list(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __iter__(self) -> "Iterator[str]":
        return iter(self.keys())

    def _change(self, data: "dict[str, Any]") -> None:
        self._data = data


class SessionStorage(MemoryStorage):
    """A map that is in `sessionStorage` before the next statement runs.

    The constructor reads the record, merges it over `init` by top-level keys, writes where that differs,
    and then removes the record of `previous_version` unread. `adapter` is any storage area; without one
    and without a browser the map lives in memory. A write that fails raises as in `session()`, and
    nothing has changed.
    """

    prefix = "anchor-session"
    adapter: "Any" = "session"
    """Where records live by default: ``"session"``, ``"local"`` or an area; a subclass may say otherwise."""

    def __init__(
        self,
        name: str,
        init: "Mapping[str, Any] | None" = None,
        version: str = names.DEFAULT_VERSION,
        previous_version: "str | None" = None,
        adapter: "Any" = None,
    ) -> None:
        super().__init__(init)
        names.check(name, version, previous_version)
        self.key = self.key_for(name, version)
        self.old_key = None if previous_version is None else self.key_for(name, previous_version)
        area, error = find_area(self.adapter if adapter is None else adapter)
        if error is not None:
            warn_once(error)
        self._record = record_at(area, self.key)
        self._open(area)

    @classmethod
    def key_for(cls, name: str, version: str = names.DEFAULT_VERSION) -> str:
        """The key of a record: ``anchor-session://{name}@{version}``."""
        return names.key(cls.prefix, name, version)

    def write(self) -> None:
        """Write the whole state, whatever is thought to be stored; an empty one removes the item."""
        self._record.read()
        self._store(self._data)

    def _open(self, area: "Area") -> None:
        try:
            stored = self._record.load()
        except ValueError as error:
            text = self._record.stored[0]
            assert text is not None
            self._record.reject(text)
            warn(
                f"the record at `{self.key}` was refused ({error}); it was moved to "
                f"`{self._record.rejected_key}`",
                StorageWarning,
            )
        else:
            if stored is not None:
                self._data = merging.merger("shallow")(self._data, stored)
        self._store(self._data)
        if self.old_key is not None:
            record_at(area, self.old_key).forget()

    def _change(self, data: "dict[str, Any]") -> None:
        self._store(data)
        self._data = data

    def _store(self, data: "dict[str, Any]") -> None:
        if (
            self._record.has_unknown_journal()
        ):  # of a state that is open under this key: it is overwritten
            self._record.open_journal().replay(None, None)
        stored = self._record.stored
        try:
            self._record.write(encode(data) if data else None, stored[1], stored[1])
        except BaseException:
            self._record.put_back(stored)
            raise


class PersistentStorage(SessionStorage):
    """The same in `localStorage`: kept until it is removed, common to all tabs."""

    prefix = "anchor-persistent"
    adapter = "local"
