"""The graph of what depends on what: sources, such as signals, and their readers, such as effects.

A `Source` has a version, which only grows. A `Reader` keeps the sources it reads, each with its version
and value, and is out of date once one of them has another version and a value that is different. A change
marks the readers below it as doubtful (a walk down); whether they have to run is found out when they are
asked, or at the end of the statement (a walk up, which recomputes the computed values on the way). So
diamonds run once, in the right order, and nothing that nobody asks for is computed.
"""

from ..codec import same
from .threads import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .effect import Effect

reader: "Reader | None" = None
"""Who is reading just now. Views look here before they track a read."""

owner: "Effect | None" = None
"""Whose children new effects become; untracked() does not hide it."""

clock = 0
"""Grows with every change of any source."""


def tick() -> None:
    """Note that something changed somewhere: values that were computed before have to be looked at again."""
    global clock
    clock += 1


def is_same(left: "Any", right: "Any") -> bool:
    """Whether two values encode to the same text, or hold the very same views in the same places."""
    if same(left, right):
        return True
    kind = type(left)
    if kind is not type(right) or kind not in (list, tuple, dict) or len(left) != len(right):
        return False
    if kind is dict:
        if list(left) != list(right):
            return False
        left, right = left.values(), right.values()
    return all(one is other or is_same(one, other) for one, other in zip(left, right))


class Source:
    """Something that can be read, and changes."""

    __slots__ = ("targets", "version")
    is_lazy = False  # whether it has to be refreshed before its version counts
    if TYPE_CHECKING:
        # Of one that is lazy: what was different when it was computed last.
        computed_for: "list[Source]"

    def __init__(self) -> None:
        self.version = 0
        self.targets: dict[Reader, None] = {}  # in order of subscription

    def peek(self) -> "Any":
        """The value, without tracking a read."""
        raise NotImplementedError

    def equals(self, left: "Any", right: "Any") -> bool:
        return is_same(left, right)

    def refresh(self) -> None:
        """Bring version and value up to date."""

    def place(self) -> "tuple[Any, Path]":
        """What it is part of, and where: for those who ask why something ran."""
        return self, ()

    @whole
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

    def causes(self) -> "list[Source] | None":
        """The sources that have a different value than when they were read, or None.

        Of a computed value those that it was computed again for. After the first one nothing is computed any
        more: this reader will run, and may not ask for it again.
        """
        found: list[Source] | None = None
        for source, (version, value) in self.sources.items():
            if found is None and source.is_lazy:
                source.refresh()
            if source.version != version and not source.equals(value, source.peek()):
                causes = source.computed_for if source.is_lazy else None
                if not causes:
                    causes = [source]
                found = causes if found is None else found + causes
        return found

    def track(self, function: "Callable[[], Any]") -> "Any":
        """Call the function and keep what it reads as `sources`, in place of those before."""
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


@whole
def untracked(fn: "Callable[[], Any]") -> "Any":
    """What `fn()` returns, without depending on what it reads."""
    global reader
    before, reader = reader, None
    try:
        return fn()
    finally:
        reader = before


def unowned(fn: "Callable[[], Any]") -> "Any":
    """What `fn()` returns; neither its reads nor the effects it starts belong to who runs just now."""
    global owner
    before, owner = owner, None
    try:
        return untracked(fn)
    finally:
        owner = before
