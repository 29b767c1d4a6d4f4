"""The graph of what depends on what: signals, computed values, effects.

A `Source` has a version, which only grows. A `Reader` notes the sources it reads, each with its version
and value, and is out of date once one of them has another version and a value that is different. A change
marks the readers below it as doubtful (a walk down); whether they have to run is found out when they are
asked, or at the end of the statement (a walk up, which recomputes the computed values on the way). So
diamonds run once, in the right order, and nothing that nobody asks for is computed.
"""

from ..codec import same
from . import rounds
from .first_step import begin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

reader: "Reader | None" = None
"""Who is reading just now. Views look here before they note a read."""

_owner: "Effect | None" = None  # whose children new effects become; untracked() does not hide it
clock = 0
"""Grows with every change of any source."""


def tick() -> None:
    """Note that something changed somewhere: values that were computed before have to be looked at again."""
    global clock
    clock += 1


class Source:
    """Something that can be read, and changes."""

    __slots__ = ("targets", "version")
    is_lazy = False  # whether it has to be refreshed before its version counts

    def __init__(self) -> None:
        self.version = 0
        self.targets: dict[Reader, None] = {}  # in order of subscription

    def peek(self) -> "Any":
        """The value, without noting a read."""
        raise NotImplementedError

    def equals(self, left: "Any", right: "Any") -> bool:
        return same(left, right)

    def refresh(self) -> None:
        """Bring version and value up to date."""

    def read(self) -> "Any":
        """The value, which the present reader depends on from now on."""
        self.refresh()
        value = self.peek()
        if reader is not None and self not in reader.sources:
            reader.sources[self] = (self.version, value)
        return value

    def changed(self) -> None:
        """Say that the value is another one."""
        tick()
        self.version += 1
        for target in tuple(self.targets):
            target.doubt()

    def gain(self, target: "Reader") -> None:
        self.targets[target] = None

    def lose(self, target: "Reader") -> None:
        self.targets.pop(target, None)


class Reader:
    """Something that reads sources and follows them."""

    __slots__ = ()  # a computed value is a source too, and two bases with slots do not go together
    if TYPE_CHECKING:
        sources: dict[Source, tuple[int, Any]]

    def doubt(self) -> None:
        """Hear that a source may have changed."""
        raise NotImplementedError

    def is_outdated(self) -> bool:
        """Whether one of the sources has a different value than when it was read."""
        for source, (version, value) in self.sources.items():
            if source.is_lazy:
                source.refresh()
            if source.version != version and not source.equals(value, source.peek()):
                return True
        return False

    def note(self, function: "Callable[[], Any]") -> "Any":
        """Call the function and note what it reads in `sources`, in place of what was noted before."""
        global reader
        before, reader = reader, self
        self.sources = {}  # type: ignore[misc]
        try:
            return function()
        finally:
            reader = before


def resubscribe(target: Reader, before: "dict[Source, tuple[int, Any]]") -> None:
    for source in target.sources:
        if source not in before:
            source.gain(target)
    for source in before:
        if source not in target.sources:
            source.lose(target)


def check_function(fn: object, name: str) -> None:
    """Raise `TypeError` for what is no function."""
    if not callable(fn):
        raise TypeError(f"{name}() takes a function, not {type(fn).__name__}")


class Effect(Reader):
    """Runs `fn` now, and again after each change of what it read, until `stop()`, referenced or not.

    What `fn` returns, if it is callable, is called before the next run and at the end. Effects that `fn`
    starts are stopped at the same moments. Of an `async def` the reads up to its first `await` count; a run
    that is still going on when the next one begins is cancelled.
    """

    __slots__ = ("_children", "_cleanup", "_fn", "_is_stopped", "_is_waiting", "_task", "sources")

    def __init__(self, fn: "Callable[[], Any]") -> None:
        check_function(fn, "Effect")
        self.sources = {}
        self._fn = fn
        self._children: list[Effect] = []
        self._cleanup: Callable[[], object] | None = None
        self._task: Any = None
        self._is_stopped = False
        self._is_waiting = False
        if _owner is not None:
            _owner._children.append(self)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        rounds.run()

    def doubt(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            rounds.waiting.append(self)

    def run(self) -> None:
        """Take a turn in a round."""
        self._is_waiting = False
        if not self._is_stopped and self.is_outdated():
            self._start()

    def skip(self) -> None:
        self._is_waiting = False

    def stop(self) -> None:
        """Run no more; clean up, and stop the effects that were started inside."""
        self._is_stopped = True
        before, self.sources = self.sources, {}
        resubscribe(self, before)
        self._clean()

    def _start(self) -> None:
        global _owner
        if self._children or self._task is not None or self._cleanup is not None:
            self._clean()
        before, started = self.sources, clock
        outer, _owner = _owner, self
        try:
            result = self.note(self._call)
            if callable(result):
                self._cleanup = result
        finally:
            _owner = outer
            if self._is_stopped:
                self.sources = {}
            if self.sources.keys() != before.keys():
                resubscribe(self, before)
        if self._is_stopped:
            self._clean()
        elif started != clock and self.is_outdated():
            self.doubt()  # it wrote what it read

    def _call(self) -> "Any":
        result = self._fn()
        if result is not None and hasattr(result, "cr_frame"):  # a coroutine
            self._task, result = begin(result), None
        return result

    def _clean(self) -> None:
        children, self._children = self._children, []
        for child in children:
            child.stop()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        cleanup, self._cleanup = self._cleanup, None
        if cleanup is not None:
            untracked(cleanup)


effect = Effect  # as a decorator


def untracked(fn: "Callable[[], Any]") -> "Any":
    """What `fn()` returns, without depending on what it reads."""
    global reader
    before, reader = reader, None
    try:
        return fn()
    finally:
        reader = before


def apart(fn: "Callable[[], Any]") -> "Any":
    """What `fn()` returns; neither its reads nor the effects it starts belong to who runs just now."""
    global _owner
    before, _owner = _owner, None
    try:
        return untracked(fn)
    finally:
        _owner = before
