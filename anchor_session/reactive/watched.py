"""`Watched`: a source that callbacks hear the changes of, as signals and computed values are."""

from itertools import count

from ..errors import call_all
from . import graph, notifications
from .graph import Reader, Source, check_function
from .threads import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Generic

    from typing_extensions import TypeVar

    T = TypeVar("T", default=Any)

    class Of(Source, Generic[T]):
        """A source of that type, for checkers."""
else:
    T = "T"
    Of = {T: Source}  # so that `Of[T]` is a class where there is no `Generic`

_ids = count(1)


class Watched(Of[T]):
    """A source with a value, an id that no other has, and an end. Who listens keeps it alive."""

    __slots__ = ("_hooks", "_id")

    def __init__(self) -> None:
        super().__init__()
        self._hooks: list[Callable[[], object]] = []
        self._id = next(_ids)

    @property
    def id(self) -> str:
        """A text that no other signal or computed value of this interpreter has."""
        return f"signal-{self._id}"

    def get(self) -> "T":
        """The value; inside an effect or a computed value it is depended on."""
        raise NotImplementedError

    def on(self, callback: "Callable[[T], object]") -> "Callable[[], None]":
        """Call `callback(value)` after each change; returns a function that ends it.

        It is not called at once. What cannot be computed is raised to whoever made the change.
        """
        check_function(callback, "on")
        return watch(self, lambda _: callback(self.get()))

    def use(self, *functions: "Callable[[], object]") -> None:
        """Functions to call at `dispose()`."""
        for function in functions:
            check_function(function, "use")
        self._hooks += functions

    @whole
    def dispose(self) -> None:
        """Let go of everyone who follows it, and call what `use` was given.

        The first error of those is raised when all were called.
        """
        let_go(self)
        hooks, self._hooks = self._hooks, []
        call_all(hooks)


def let_go(source: Source) -> None:
    """Have nobody follow the source any more."""
    for target in tuple(source.targets):
        source.lose(target)


@whole
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

    @whole
    def stop(self) -> None:
        self.sources = {}
        self._signal.lose(self)
