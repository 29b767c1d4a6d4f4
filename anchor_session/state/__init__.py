"""`State`: a state whose keys are fixed and have a signal each.

After the `State` of nodenogg.in's statekit, on the graph, the codec and the areas of `session()`.
"""

from itertools import count
from types import GenericAlias

from .. import host
from ..codec import as_stored, is_model
from ..errors import raise_first, with_article
from ..host.memory import nothing
from ..page import open_states
from ..page.opening import find_schema
from ..reactive.computed import Computed
from ..reactive.graph import check_function, untracked
from ..reactive.map_view import MapView
from ..reactive.plain import copy_plain
from ..reactive.threads import whole
from ..reactive.transaction import Transaction, is_open
from ..reactive.watched import Watched, watch
from .held_changes import HeldChanges
from .merge import assign, comparable, part, plain, remove, view_of
from .persistence import Persistence, to_seconds
from .signals import KeySignal, Signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta
    from typing import Any, Generic, TypeVar

    from ..page.merging import Data
    from ..reactive.signal import Signal
    from .binding import StateBinding
    from .merge import Equality

    T = TypeVar("T")

    class Of(Generic[T]):
        """A state of that type, for checkers."""
else:
    T = "T"
    Of = {T: object}  # so that `Of[T]` is a class where there is no `Generic`

__all__ = ["Persistence", "Signals", "State", "is_state"]

_ids = count(1)


class State(Of[T]):
    """A state with the keys of ``initial()``, which is a `dict` or a dataclass, Struct or pydantic model.

    Each key has a `Signal`; effects and computed values follow what they read. Values are what the codec
    holds, and what is read of them is a copy. With `persistence` the state starts from its record, and each
    change is stored before its statement returns: where that fails the statement raises and nothing has
    changed.

    - `throttle`: seconds, or a `timedelta`. A `set` within that time of the last is held, and applied at the
      end of the time, when the page is hidden or goes away, or at `dispose`; its errors are raised at once.
      A PyScript worker, which hears too late that its page goes away, holds only what is not persistent. A
      number above 60 is asked about by a `StorageWarning`: elsewhere such options are milliseconds.
    - `equality`: ``(old, new) -> bool``; a key whose value is equal does not change. By default: data that
      encodes to the same text.

    Raises `TypeError` for an `initial` that is no function or gives no map, `UnstorableValueError` for
    values that cannot be stored, `StorageError` where the area fails.
    """

    _READ_ONLY = {
        "id": "it is given when the state is made",
        "is_disposed": "await dispose()",
        "keys": "they are those of initial(); make another State",
        "signal": "write signal.name.set(value), or set({'name': value})",
    }

    def __init__(
        self,
        initial: "Callable[[], T]",
        *,
        persistence: "Persistence | None" = None,
        throttle: "float | timedelta | None" = None,
        equality: "Equality | None" = None,
    ) -> None:
        if not callable(initial):
            raise TypeError(
                "State() takes a function that gives the initial state, as in "
                f"State(lambda: {{...}}, throttle=0.1), not {with_article(type(initial).__name__)}"
            )
        if equality is not None:
            check_function(equality, "equality")
        if persistence is not None and not isinstance(persistence, Persistence):
            raise TypeError(
                'persistence is a Persistence, as in Persistence("app", area="local"), not '
                + with_article(type(persistence).__name__)
            )
        seconds = to_seconds("throttle", throttle)
        self._id = next(_ids)
        self._is_disposed = False
        self._initial = initial
        self._equality = equality
        first = untracked(initial)
        schema = find_schema(first) if is_model(first) else None
        data: Data = _map(first) if schema is None else schema.init
        self._schema = schema
        self._keys: list[str] = list(data) if schema is None else schema.fields
        self._binding: StateBinding | None = None
        if persistence is None:
            self._view = view_of(data, schema)
        else:
            from .binding import bind

            self._binding = bind(persistence, data, schema)
            self._view = self._binding.view
        self._signals: dict[str, KeySignal] = {}
        self._by_name: Signals[T] = Signals(self)
        self._whole: Computed[Any] = Computed(lambda: [self._part(key) for key in self._keys])
        if persistence is not None and not host.current().hears_end:
            seconds = None  # what is held could not be stored when the page goes away
        flush = None if self._binding is None else self._binding.flush
        self._held = HeldChanges(self._view, schema, equality, seconds, flush)
        self._hooks: list[list[Callable[[], object]]] = []  # of each call of `use` what is left

    def __class_getitem__(cls, item: "Any") -> "Any":
        return GenericAlias(cls, item)

    # -- reading --------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """A text that no other state of this interpreter has."""
        return f"state-{self._id}"

    @property
    def is_disposed(self) -> bool:
        """Whether `dispose` has been called."""
        return self._is_disposed

    @property
    def keys(self) -> "list[str]":
        """The names of the keys, in the order of `initial()`."""
        return list(self._keys)

    @whole
    def key(self, name: str) -> "Signal[Any]":
        """The signal of that key, the same each time. Raises `KeyError` for another name."""
        signal = self._signals.get(name)
        if signal is None:
            self._check_key(name)
            signal = self._signals[name] = KeySignal(self, name)
        return signal

    @property
    def signal(self) -> "Signals[T]":
        """The signals of all keys, as attributes and as items."""
        return self._by_name

    def get(self) -> "T":
        """The whole state: a `dict` of its keys, or an instance of its class. Changing it changes nothing."""
        whole: T = self._read(self._whole.read, self._copy)
        return whole

    def on(self, callback: "Callable[[T], object]") -> "Callable[[], None]":
        """Call `callback(state)` with the whole state after each change; returns a function that ends it.

        Changes of one statement or batch are one call. It is not called at once.
        """
        check_function(callback, "on")
        if self._is_disposed:
            return nothing
        return watch(self._whole, lambda _: callback(untracked(self.get)))

    # -- writing --------------------------------------------------------------------------------

    @whole
    def set(
        self,
        partial: "Mapping[str, Any] | T | Callable[[T], Mapping[str, Any] | T]",
        sync: bool = True,
    ) -> None:
        """Merge a partial state, or what a function of the present state returns.

        A map merges with the map that is there, one level deep; everything else replaces. With
        ``sync=False`` nobody is notified and nothing is written, until the next change that is; `get` gives
        it at once. Raises `KeyError` for an unknown key, `TypeError` for what is no map,
        `UnstorableValueError`, `SchemaError` and `StorageError`, and whatever the function raises: then
        nothing has changed.
        """
        if callable(partial) and not is_model(partial):
            function, state = partial, untracked(lambda: self._copy(self._held.latest()))
            partial = untracked(lambda: function(state))
        changes = [(key, value, False) for key, value in self._items(partial)]
        self._held.submit(changes, is_silent=not sync)

    @whole
    def reset(self) -> None:
        """Start again from ``initial()``: nothing of the present state remains, nor of what was held."""
        items = self._items(untracked(self._initial))
        if {key for key, _ in items} != set(self._keys):
            raise ValueError(f"initial() has to give the keys {', '.join(self._keys)} each time")
        with Transaction():
            self._held.forget()
            for key in [key for key in self._view._data if not self._is_known(key)]:
                remove(self._view, key)
            for key, value in items:
                assign(self._view, (key, value, True), None)
        self._held.stop()

    @whole
    def _drop(self, key: str, item: str) -> None:
        """Remove one item of the map at that key, which no partial can."""
        with Transaction():
            self._held.submit([], is_silent=False)  # what was kept comes first
            untracked(lambda: part(self._view, key)).pop(item, None)

    # -- the end --------------------------------------------------------------------------------

    def use(self, *functions: "Callable[[], object]") -> "Callable[[], None]":
        """Functions to call at `dispose`, which awaits what is awaitable of what they return.

        Returns a function that takes them out again.
        """
        for function in functions:
            check_function(function, "use")
        own = list(functions)
        self._hooks.append(own)
        return own.clear

    async def dispose(self) -> None:
        """End persistence and notifications, for good; calls what `use` was given.

        What was held is applied and written before. States, signals and computed values that are attributes
        of this object are disposed too. The first error is raised when all is done. Afterwards the state
        is memory that nobody hears of. Disposing twice is fine.
        """
        if self._is_disposed:
            return
        if is_open():
            raise RuntimeError("dispose() inside batch(): what it changed would not be stored")
        errors: list[Exception] = []
        _attempt(errors, self._held.apply)
        self._held.stop()
        self._is_disposed = True
        for each in list(vars(self).values()):
            if is_state(each):
                try:
                    await each.dispose()
                except Exception as error:  # noqa: BLE001 - raised below
                    errors.append(error)
            elif isinstance(each, Watched) and not isinstance(each, KeySignal):
                _attempt(errors, each.dispose)
                if isinstance(each, Computed):
                    each.retire()
        hooks, self._hooks = self._hooks, []
        for hook in [hook for own in hooks for hook in own]:
            try:
                result = hook()
                if hasattr(result, "__await__"):
                    await result
            except Exception as error:  # noqa: BLE001 - raised below
                errors.append(error)
        for signal in self._signals.values():
            _attempt(errors, signal.dispose)
        _attempt(errors, self._leave)
        raise_first(errors)

    @whole
    def _leave(self) -> None:
        """Go on with a copy that nobody stores."""
        bound = self._view
        self._view = view_of(copy_plain(self._held.latest()._data), self._schema)
        self._held = HeldChanges(self._view, self._schema, self._equality, None)
        binding, self._binding = self._binding, None
        if binding is not None:
            open_states.leave(bound)

    # -- parts ----------------------------------------------------------------------------------

    @whole
    def _read(self, follow: "Callable[[], object]", give: "Callable[[Any], Any]") -> "Any":
        """What `give` makes of the state; the present reader depends on what `follow` reads."""
        self._held.apply_what_is_due()
        if not self._is_disposed:
            follow()
            self._held.follow()
        return untracked(lambda: give(self._held.seen()))

    def _part(self, key: str) -> "Any":
        """The value of a key, to be compared; the present reader depends on it."""
        return comparable(part(self._view, key))

    def _copy(self, view: "Any") -> "T":
        if self._schema is not None:
            return plain(view)  # type: ignore[no-any-return]
        return {key: plain(part(view, key)) for key in self._keys}  # type: ignore[return-value]

    @whole
    def _set_key(self, key: str, value: "Any") -> None:
        """What `key(name).set(value)` does."""
        if callable(value) and not is_model(value):
            function, present = value, untracked(lambda: plain(part(self._held.latest(), key)))
            value = untracked(lambda: function(present))
        self._check_value(key, value)
        self._held.submit([(key, value, True)], is_silent=False)

    def _items(self, partial: "Any") -> "list[tuple[str, Any]]":
        """Keys and values of a partial. Raises `TypeError` and `KeyError`."""
        if self._schema is not None and type(partial) is self._schema.kind:
            return [(key, getattr(partial, key)) for key in self._keys]
        if not isinstance(partial, (dict, MapView)):
            raise TypeError(f"a partial state is a dict, not {type(partial).__name__}")
        items = list(partial.items())
        for key, value in items:
            self._check_key(key)
            self._check_value(key, value)
        return items

    def _check_value(self, key: str, value: "Any") -> None:
        """Raise for a value that a subclass does not take for the key."""

    def _check_key(self, key: "Any") -> None:
        if key not in self._keys:
            raise KeyError(f"this state has no key {key!r}; it has {', '.join(self._keys)}")

    def _is_known(self, key: str) -> bool:
        """Whether a key of the record is one of this state's, or of another one of its name."""
        if self._schema is not None:
            return key in self._schema.stored_fields
        return key in self._keys or (self._binding is not None and self._binding.knows(key))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({untracked(self.get)!r})"

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            from .hints import missing

            raise AttributeError(missing(self, name), name=name, obj=self)

        def __setattr__(self, name, value):
            if name[:1] != "_" and self._is_taken(name, value):
                from .hints import read_only

                raise AttributeError(read_only(self, name), name=name, obj=self)
            object.__setattr__(self, name, value)

    def _is_taken(self, name: str, value: "Any") -> bool:
        """Whether an attribute of that name would hide a part of the state, and change nothing.

        Signals and states of a subclass may have the name of a key.
        """
        if name in self._READ_ONLY:
            return True
        return name in self.__dict__.get("_keys", ()) and not isinstance(value, (Watched, State))


def is_state(x: object) -> bool:
    """Whether that is a `State`."""
    return isinstance(x, State)


def _map(first: "Any") -> "Data":
    if not isinstance(first, (dict, MapView)):
        raise TypeError(
            "initial() gives a dict, or an instance of a dataclass, Struct or pydantic model, not "
            f"{type(first).__name__}"
        )
    data: Data = as_stored(first)
    return data


def _attempt(errors: "list[Exception]", call: "Callable[[], object]") -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - raised when all is done
        errors.append(error)


def __getattr__(name: str) -> "Any":
    from ..spelling import missing

    raise missing(__name__, name)
