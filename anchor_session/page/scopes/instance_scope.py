"""This page's own map: values by reference, gone with the page."""

from ...errors import with_article
from ...reactive.threads import whole
from .once import once_per_page
from .scope_change import ScopeChange, Subscribers, check_callback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    T = TypeVar("T")


class InstanceScope:
    """The instance scope of this document: the same object each time.

    Keys are anything that can be hashed, by type too: `1`, `True` and `1.0` are three keys, inside tuples as
    well. Values are anything, by reference. A stored None reads like absence. Each call is whole, from any
    thread. A key that cannot be hashed raises `TypeError`, and nothing has changed.
    """

    def __new__(cls) -> "InstanceScope":
        return once_per_page(_make)

    def _begin(self) -> "InstanceScope":
        self._entries: dict[Any, tuple[Any, Any]] = {}  # (key, value)
        self._subscribers = Subscribers()
        return self

    @whole
    def save(self, key: "Any", value: "Any") -> "Any":
        """Keep the value; gives the one before, or None."""
        at = _place(key)
        previous = self._entries.get(at, _NONE)[1]
        self._entries[at] = (key, value)
        self._tell(key, value, previous)
        return previous

    if TYPE_CHECKING:

        @overload
        def load(self, key: Any, type: "type[T]") -> "T | None": ...
        @overload
        def load(self, key: Any, type: Any = None) -> Any: ...

    def load(self, key: "Any", type: "Any" = None) -> "Any":
        """The value, or None; with `type`, only an instance of that class, and a bool is no int.

        `type` may also be a union of classes, or a tuple of them.
        """
        value = self._entries.get(_place(key), _NONE)[1]
        return value if type is None or _is(value, type) else None

    @whole
    def remove(self, key: "Any") -> "Any":
        """Forget the key; gives the value it had, or None."""
        at = _place(key)
        previous = self._entries.pop(at, _NONE)[1]
        self._tell(key, None, previous)
        return previous

    @whole
    def init(self, key: "Any", factory: "Callable[[], Any]") -> "Any":
        """The value; where there is none, what `factory()` gives, which is then saved.

        Other threads wait meanwhile: the factory runs once. What it saves under the key itself counts.
        """
        if not callable(factory):
            found = with_article(type(factory).__name__)
            raise TypeError(f"instance_init takes a function that makes the value, not {found}")
        value = self.load(key)
        if value is None:
            made = factory()
            value = self.load(key)
            if value is None:
                self.save(key, made)
                value = made
        return value

    @whole
    def keys(self) -> "list[Any]":
        """All keys, in the order they were first saved."""
        return [key for key, _ in self._entries.values()]

    @whole
    def subscribe(self, callback: "Callable[[ScopeChange], object]") -> "Callable[[], None]":
        """Call ``callback(change)`` after each change; gives how to end.

        The same object again is no change, nor is equal text or an equal number. Other threads wait until
        all subscribers were told; what one of them changes is told after that. One that raises stops
        neither the others nor the change, and its error is raised when all were told.
        """
        check_callback(callback)
        unsubscribe = self._subscribers.add(callback)

        @whole
        def end() -> None:
            unsubscribe()

        return end

    @whole
    def give_up(self) -> None:
        """Forget everything, as the end of the page does."""
        self._entries = {}
        self._subscribers = Subscribers()

    def _tell(self, key: "Any", value: "Any", previous: "Any") -> None:
        if self._subscribers and not _same(value, previous):
            self._subscribers.tell([ScopeChange(key, value, previous)])


def _make() -> InstanceScope:
    return object.__new__(InstanceScope)._begin()


_NONE = (None, None)
_SCALARS = (str, int, float, bool, bytes)


def _place(key: "Any") -> "Any":
    """Where the key lies: equal keys of different types have different places."""
    kind = type(key)
    if kind is str:
        return key
    if isinstance(key, tuple):
        return (kind, tuple([_place(part) for part in key]))
    try:
        hash(key)
    except TypeError as error:
        raise TypeError(f"a key has to be hashable: {error}") from error
    if isinstance(key, frozenset):
        return (kind, frozenset([_place(part) for part in key]))
    return (kind, key)


def _is(value: "Any", kind: "Any") -> bool:
    if type(value) is bool and not isinstance(kind, type):
        parts = kind if isinstance(kind, tuple) else getattr(kind, "__args__", ())
        return any(_is(value, part) for part in parts)
    try:
        return isinstance(value, kind) and not (kind is int and type(value) is bool)
    except TypeError as error:
        raise TypeError(
            f"type= is a class, or a union or a tuple of classes, not {with_article(type(kind).__name__)}; "
            "the form is instance_load(key, type=None)"
        ) from error


def _same(value: "Any", other: "Any") -> bool:
    return value is other or (
        type(value) is type(other) and type(value) in _SCALARS and bool(value == other)
    )


def instance_save(key: "Any", value: "Any") -> "Any":
    """Keep the value, by reference, for as long as this page lives; gives the one before, or None.

    After Session and Instance Storage, `InstanceSave`. See `InstanceScope` for keys and errors.
    """
    return once_per_page(_make).save(key, value)


if TYPE_CHECKING:

    @overload
    def instance_load(key: Any, type: "type[T]") -> "T | None": ...
    @overload
    def instance_load(key: Any, type: Any = None) -> Any: ...


def instance_load(key: "Any", type: "Any" = None) -> "Any":
    """This page's value, or None; with `type`, only if it is an instance of that class."""
    return once_per_page(_make).load(key, type)


def instance_remove(key: "Any") -> "Any":
    """Forget the key; gives the value it had, or None."""
    return once_per_page(_make).remove(key)


def instance_init(key: "Any", factory: "Callable[[], Any]") -> "Any":
    """This page's value; where there is none, what `factory()` gives, which is then saved."""
    return once_per_page(_make).init(key, factory)
