"""`Signal`: one value that effects and computed values follow."""

from itertools import count
from types import GenericAlias

from ..codec import same
from ..errors import call_all
from . import graph, notifications, steps, transaction
from .graph import Reader, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Generic

    from typing_extensions import TypeVar

    from .steps import Step

    T = TypeVar("T", default=Any)

    class Of(Source, Generic[T]):
        """A source of that type, for checkers."""
else:
    T = "T"
    Of = {T: Source}  # so that `Of[T]` is a class where there is no `Generic`

_ids = count(1)


class Signal(Of[T]):
    """A value that readers follow.

    `set(x)` with an equal value does nothing; equal is what `equality(old, new)` says, by default: the same
    object, or data that encodes to the same text. `set(fn)` calls `fn` with the present value.
    """

    __slots__ = ("_equality", "_hooks", "_value", "id")
    _root = _children = None  # part of no state, and has no parts

    def __init__(self, value: "T", *, equality: "Callable[[T, T], bool] | None" = None) -> None:
        super().__init__()
        self._value = value
        self._equality = equality
        self._hooks: list[Callable[[], object]] = []
        self.id = f"signal-{next(_ids)}"

    def __class_getitem__(cls, item: "Any") -> "Any":
        return GenericAlias(cls, item)

    def peek(self) -> "T":
        """The value, without depending on it."""
        return self._value

    def equals(self, left: "Any", right: "Any") -> bool:
        return same(left, right) if self._equality is None else self._equality(left, right)

    def get(self) -> "T":
        """The value; inside an effect or a computed value it is depended on."""
        if graph.reader is not None:
            self.read()
        return self._value

    __call__ = get

    def set(self, value: "T | Callable[[T], T]") -> None:
        """Replace the value, or with a callable what it makes of the present one."""
        old = self._value
        new = value(old) if callable(value) else value
        if not self.equals(old, new):
            if steps.innermost is not None or transaction.abandoned:
                transaction.check_open()
            self._value = new
            self.changed()
            steps.submit_signal(self, new, old)

    def _undo(self, step: "Step") -> None:
        """Take back a change, for a batch that failed."""
        self._value = step.old
        self.changed()

    def on(self, callback: "Callable[[T], object]") -> "Callable[[], None]":
        """Call `callback(value)` after each change; returns a function that ends it."""
        return watch(self, callback)

    def use(self, *functions: "Callable[[], object]") -> None:
        """Functions to call at `dispose()`."""
        self._hooks += functions

    def dispose(self) -> None:
        """Let go of everyone who follows the signal, and call what `use` was given.

        The first error of those is raised when all were called.
        """
        let_go(self)
        hooks, self._hooks = self._hooks, []
        call_all(hooks)

    def __repr__(self) -> str:
        return f"Signal({self._value!r})"


def let_go(source: Source) -> None:
    """Have nobody follow the source any more."""
    for target in tuple(source.targets):
        source.lose(target)


def watch(source: Source, callback: "Callable[[Any], object]") -> "Callable[[], None]":
    """Call `callback(value)` after each change of the source; returns a function that ends it."""
    return _Watch(source, callback).stop


class _Watch(Reader):
    """A callback that hears the new values of one source."""

    __slots__ = ("_callback", "_is_waiting", "_signal", "sources")

    def __init__(self, signal: Source, callback: "Callable[[Any], object]") -> None:
        signal.refresh()
        self.sources = {signal: (signal.version, signal.peek())}
        self._signal = signal
        self._callback = callback
        self._is_waiting = False
        signal.gain(self)

    def doubt(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            notifications.waiting.append(self)

    def run(self) -> None:
        self._is_waiting = False
        if self.sources and self.is_outdated():
            value = self._signal.peek()
            self.sources = {self._signal: (self._signal.version, value)}
            graph.unowned(lambda: self._callback(value))

    def skip(self) -> None:
        self._is_waiting = False

    def stop(self) -> None:
        self.sources = {}
        self._signal.lose(self)
