"""The storage classes below `session()`: a map that publishes events, and one that writes through.

They follow Session Storage APIs, `MemoryStorage` and `SessionStorage`, with one deliberate difference:
`assign` and `clear` write through too, where the original waits for the next write and may lose data.
"""

from functools import partial

from ..codec import as_stored, encode
from ..errors import call_all, with_article
from ..reactive import graph
from ..reactive.graph import check_function
from ..reactive.map_view import MapView
from ..reactive.plain import CONTAINERS, copy_plain
from ..reactive.threads import whole
from ..reactive.tracking import BELOW, KEYS, LENGTH, track
from ..reactive.transaction import Transaction, is_open
from ..reactive.view import Root, View
from . import deletions, names, open_states
from .areas import find_area
from .binding import Binding
from .restoring import Terms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from .migration import Migration


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
        self._subscribers: list[Callable[[StorageEvent], object]] = []
        if init is not None and not isinstance(init, (dict, MapView)):
            raise TypeError(
                f"a storage starts from a dict, not {with_article(type(init).__name__)}"
            )
        self._init: dict[str, Any] = {} if init is None else as_stored(init)
        self._memory = MapView(self._init, Root())

    def _view(self) -> "View":
        """Where the data are."""
        return self._memory

    def _seen(self, key: "Any") -> "View":
        """The same for who reads that key, or one of `tracking`: the present reader depends on it."""
        view = self._view()
        if graph.reader is not None:
            track(view, key)
        return view

    def _whole(self) -> "dict[str, Any]":
        data: dict[str, Any] = self._seen(BELOW)._data
        return data

    @whole
    def get(self, key: str, default: "Any" = None) -> "Any":
        """A copy of the value, or `default`."""
        view = self._seen(key)
        if key not in view._data:
            return default
        value = view._data[key]
        if graph.reader is not None and type(value) in CONTAINERS:
            child = view._child(value, key)
            if isinstance(child, View):
                child.__anchor_plain__()
        return copy_plain(value)

    @whole
    def set(self, key: str, value: "Any") -> None:
        """Store a copy of the value. Publishes even if it is equal to the one before."""
        self.publish(StorageEvent("set", key, self._assign({key: value})[key]))

    @whole
    def delete(self, key: str) -> None:
        """Remove the key. Publishes even if it was not there."""
        if key in self._view()._data:
            self._remove([key])
        self.publish(StorageEvent("delete", key))

    @whole
    def assign(self, values: "Mapping[str, Any]") -> None:
        """Set several keys at once: one write, one event."""
        self.publish(StorageEvent("assign", "", self._assign(values)))

    @whole
    def clear(self) -> None:
        """Remove all keys: one write, one event."""
        self._remove(list(self._view()._data))
        self.publish(StorageEvent("clear", ""))

    def subscribe(self, callback: "Callable[[StorageEvent], object]") -> "Callable[[], None]":
        """Call `callback(event)` after each call that changes this object; returns a function that ends it.

        `subscribe` and effects hear of a record's changes whoever makes them.
        """
        check_function(callback, "subscribe")
        self._subscribers.append(callback)
        is_subscribed = True

        @whole
        def unsubscribe() -> None:
            nonlocal is_subscribed
            if is_subscribed:
                is_subscribed = False
                self._subscribers.remove(callback)

        return unsubscribe

    def publish(self, event: StorageEvent) -> None:
        """Send an event to all subscribers; the first error is raised when all have run."""
        call_all([partial(callback, event) for callback in self._subscribers])

    @whole
    def json(self, indent: "int | None" = None) -> str:
        """The text as it is stored, or spread over lines."""
        text = encode(self._whole())
        if indent is None:
            return text
        from json import dumps, loads

        return dumps(loads(text), ensure_ascii=False, indent=indent)

    @whole
    def keys(self) -> "list[str]":
        return list(self._seen(KEYS)._data)

    @whole
    def __len__(self) -> int:
        return len(self._seen(LENGTH)._data)

    @whole
    def __contains__(self, key: object) -> bool:
        return key in self._seen(key)._data

    def __iter__(self) -> "Iterator[str]":
        return iter(self.keys())

    def _assign(self, values: "Mapping[str, Any]") -> "dict[str, Any]":
        """Set several keys; copies of what is there then."""
        view = self._view()
        new = {}
        with Transaction():
            for key, value in dict(values).items():
                view._put(key, value)
                new[key] = copy_plain(view._data[key])
        return new

    def _remove(self, keys: "list[str]") -> None:
        view = self._view()
        with Transaction():
            for key in reversed(keys):
                view._drop(key)


class SessionStorage(MemoryStorage):
    """A map that is in `sessionStorage` before the next statement runs.

    The constructor reads the record, merges it over `init` by top-level keys, writes where that differs,
    and then removes the record of `previous_version` unread. A key of `init` that was deleted comes back by
    that, unless a `session()` deleted it, which keeps a list. `adapter` is any storage area; without one and
    without a browser the map lives in memory. A write that fails raises as in `session()`, and nothing has
    changed.

    The page has the record open from here on, until `leave(storage)`. One record in a page is one set of
    data: what another `SessionStorage` or a `session()` of this name changes is changed here too. While a
    `session()` has it open, its rules hold here: schema, batches.
    """

    prefix = "anchor-session"
    adapter: "Any" = "session"
    """Where records live by default: ``"session"``, ``"local"`` or an area; a subclass may say otherwise."""

    @whole
    def __init__(
        self,
        name: str,
        init: "Mapping[str, Any] | None" = None,
        version: str = names.DEFAULT_VERSION,
        previous_version: "str | None" = None,
        adapter: "Any" = None,
    ) -> None:
        super().__init__(init)
        names.check_text(name, version)
        if previous_version is not None:
            names.check_text(previous_version)
        names.check(name, version, previous_version)
        self._version = version
        self._key = self.key_for(name, version)
        self._old_key = None if previous_version is None else self.key_for(name, previous_version)
        self._area, self._error = find_area(self.adapter if adapter is None else adapter)
        self._bound: Binding | None = None
        migration = None
        if previous_version is not None:
            from .migration import Migration

            migration = Migration(
                None, previous_version, version, lambda version: self.key_for(name, version)
            )
        binding = open_states.find(self._area, self._key)
        if binding is None:
            binding = self._open(self._init, migration)
        else:
            data = binding.view._data
            given = deletions.without(self._init, binding.deleted, data)
            new = {key: value for key, value in given.items() if key not in data}
            binding.bear(lambda: self._assign(new))
            waits = bool(new) and is_open()
            if migration is not None and not binding.restored.dirty and not waits:
                migration.forget(self._area)

    @property
    def key(self) -> str:
        """The key of the record in its area."""
        return self._key

    @property
    def old_key(self) -> "str | None":
        """The key of the record of `previous_version`, which was removed; None without one."""
        return self._old_key

    @classmethod
    def key_for(cls, name: str, version: str = names.DEFAULT_VERSION) -> str:
        """The key of a record: ``anchor-session://{name}@{version}``."""
        return names.key(cls.prefix, name, version)

    @whole
    def write(self) -> None:
        """Write the whole state, whatever is thought to be stored; an empty one removes the item."""
        self._binding().rewrite()

    def _view(self) -> "View":
        view: View = self._binding().view
        return view

    def _seen(self, key: "Any") -> "View":
        if graph.reader is not None:
            self._binding().end_of_view().read()
        return super()._seen(key)

    def _binding(self) -> Binding:
        """What the page has open at the key; if nothing, a state that the next `session()` takes over."""
        binding = self._bound
        if binding is None or binding.page is None:
            binding = open_states.find(self._area, self._key)
            self._bound = binding = self._open({}) if binding is None else binding
        return binding

    def _open(self, init: "dict[str, Any]", migration: "Migration | None" = None) -> Binding:
        terms = Terms(init, layout="document")
        binding = Binding(self._area, self._key, self._version, terms)
        binding.uses = 0
        if self._error is not None:
            binding.live_in_memory(self._error)
        open_states.begin(binding, migration)
        # From here on init is as anything else: what is deleted is not listed.
        terms.init, binding.known = {}, binding.deleted
        self._bound = binding
        return binding

    _is_storage = True  # for `leave`

    def _leave(self) -> None:
        """What `leave(storage)` does: the page has the record open no more, as far as only storages do."""
        binding = open_states.find(self._area, self._key)
        if binding is not None and binding.uses == 0:
            open_states.close(binding)


class PersistentStorage(SessionStorage):
    """The same in `localStorage`: kept until it is removed, common to all tabs."""

    prefix = "anchor-persistent"
    adapter = "local"


def _named(given: "Any") -> str:
    return (
        f"the class {given.__name__}"
        if isinstance(given, type)
        else with_article(type(given).__name__)
    )


_USED = ("adapter", "key_for", "prefix")


def check_storage_class(given: "Any") -> None:
    """Raise `TypeError` for what is no `SessionStorage`, or overrides what a state does not use."""
    if not isinstance(given, type) or not issubclass(given, SessionStorage):
        raise TypeError(
            f"storage_class is a subclass of SessionStorage, not {_named(given)}; area= takes a storage area"
        )
    for base in given.__mro__:
        if base.__module__ == SessionStorage.__module__:
            return
        for name in vars(base):
            is_python_s = name[:2] == "__" and name != "__init__"
            if hasattr(SessionStorage, name) and name not in _USED and not is_python_s:
                raise TypeError(
                    f"`{base.__name__}.{name}` would never be called: of a storage_class, prefix or key_for "
                    "and adapter decide where the record lies, and the state does the rest; to encrypt, say, "
                    "pass area= an object whose getItem and setItem do"
                )
