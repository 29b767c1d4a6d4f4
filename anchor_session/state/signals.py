"""The signals of a `State`: one for each key, and all of them together."""

from ..host.memory import nothing
from ..reactive.computed import Computed
from ..reactive.graph import check_function, untracked
from ..reactive.signal import Signal
from ..reactive.watched import let_go, watch
from .merge import part, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Generic, TypeVar

    from . import State

    T = TypeVar("T")

    class Of(Generic[T]):
        """The signals of a state of that type, for checkers."""
else:
    T = "T"
    Of = {T: object}  # as in `State`


class KeySignal(Signal):
    """The signal of one key: it reads and writes the state, so that its changes are stored like any other.

    Who follows it follows `_source`, which computes the value from the state's graph. What `get` gives is a
    copy: changing it changes nothing.
    """

    __slots__ = ("_name", "_source", "_state")

    def __init__(self, state: "State[Any]", name: str) -> None:
        super().__init__(None)
        self._state = state
        self._name = name
        self._source: Computed[Any] = Computed(lambda: state._part(name))

    def peek(self) -> "Any":
        return untracked(self.get)

    def get(self) -> "Any":
        """The value; inside an effect or a computed value it is depended on."""
        name = self._name
        return self._state._read(self._source.read, lambda view: plain(part(view, name)))

    __call__ = get

    def set(self, value: "Any") -> None:
        """Replace the value, or with a callable what it makes of the present one.

        As `State.set`, but a map is replaced by a map and not merged with it.
        """
        self._state._set_key(self._name, value)

    def on(self, callback: "Callable[[Any], object]") -> "Callable[[], None]":
        """Call `callback(value)` after each change; returns a function that ends it."""
        check_function(callback, "on")
        if self._state._is_disposed:
            return nothing
        return watch(self._source, lambda _: callback(self.peek()))

    def dispose(self) -> None:
        """Let go of everyone who follows the signal, and call what `use` was given."""
        let_go(self._source)
        super().dispose()

    def __repr__(self) -> str:
        return f"Signal({self.peek()!r})"


class Signals(Of[T]):
    """One `Signal` for each key of a state, as attribute and as item."""

    __slots__ = ("_state",)
    _state: "State[T]"

    def __init__(self, state: "State[T]") -> None:
        object.__setattr__(self, "_state", state)

    if not TYPE_CHECKING:

        def __setattr__(self, name, value):
            getattr(self, name)  # raises where there is no such key
            raise AttributeError(f"write signal.{name}.set(value)", name=name, obj=self)

        def __setitem__(self, key, value):
            self._state.key(key)
            raise TypeError(f"write signal[{key!r}].set(value)")

    def __getitem__(self, key: str) -> "Signal[Any]":
        return self._state.key(key)

    def __getattr__(self, name: str) -> "Signal[Any]":
        if name[:1] == "_" or name not in self._state.keys:
            raise AttributeError(f"this state has no key {name!r}", name=name, obj=self)
        return self._state.key(name)

    def __iter__(self) -> "Iterator[str]":
        return iter(self._state.keys)

    def __len__(self) -> int:
        return len(self._state.keys)

    def __dir__(self) -> "list[str]":
        return list(object.__dir__(self)) + self._state.keys

    def __repr__(self) -> str:
        return f"Signals({', '.join(self._state.keys)})"
