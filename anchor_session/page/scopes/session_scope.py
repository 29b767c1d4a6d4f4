"""One map for all tabs of the browser session: an entry of `localStorage` for each key.

The storage is the truth: every call reads it, and a storage event only tells that something is to be read.
"""

from threading import RLock

from ... import host
from ...codec import MAX_DEPTH, as_stored, decode, encode, is_model
from ...errors import StorageWarning, UnstorableValueError, warn
from .browser_session import enter
from .once import once_per_page
from .scope_change import ScopeChange, Subscribers
from .scope_keys import key_of, key_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    T = TypeVar("T")


class SessionScope:
    """The session scope of this document: the same object each time.

    Keys are `str`, `int`, `bool`, None, members of enums, and tuples of these; `1`, `True` and `"1"` are
    three keys. Values are what a state can hold, and dataclasses, Structs and pydantic models, which are
    kept as their fields. They go in and come out as copies. A stored None reads like absence.

    Each call is whole, from any thread. Keys and values that cannot be stored raise `UnstorableValueError`
    (a `TypeError`) or `SchemaError`, a full area `QuotaExceededError`; then nothing has changed. A text that
    cannot be read warns and reads as absent; it stays until its key is saved or removed.

    It is not reactive, and no part of `batch()`: use `shared()` for that.
    """

    def __new__(cls) -> "SessionScope":
        return once_per_page(_make)

    def _begin(self) -> "SessionScope":
        self._here = host.current()
        self._session = enter()
        self._area = self._session.area
        self._get = self._area.get
        self._prefix = self._session.scope_prefix()
        self._lock = RLock()
        self._subscribers = Subscribers()
        self._seen: dict[str, str] = {}  # texts by their keys, while there are subscribers
        self._warned: dict[str, str] = {}  # unreadable texts by their keys
        self._endings: list[Callable[[], None]] = []
        return self

    def save(self, key: "Any", value: "Any") -> "Any":
        """Keep a copy of the value; gives the one before, or None."""
        at = self._prefix + key_text(key)
        text = encode(_plain(value))
        with self._lock:
            before = self._get(at)
            previous = self._read(at, before)
            if text != before:
                self._area.set(at, text)
                self._tell(at, text, ScopeChange(key, None, previous))
        return previous

    if TYPE_CHECKING:

        @overload
        def load(self, key: Any, type: "type[T]") -> "T | None": ...
        @overload
        def load(self, key: Any, type: Any = None) -> Any: ...

    def load(self, key: "Any", type: "Any" = None) -> "Any":
        """A copy of the value, or None; with `type`, the value as that type, or None if it is not one.

        `type` is a class that can be stored, exactly, or anything a field of a typed state can be: a
        dataclass, a Struct, a pydantic model, an enum, ``list[int]``, ``int | None``.
        """
        at = self._prefix + key_text(key)
        text = self._get(at)
        if text is None:
            return None
        value = self._read(at, text)
        return value if type is None or value is None else _converted(value, type)

    def remove(self, key: "Any") -> "Any":
        """Forget the key; gives the value it had, or None."""
        at = self._prefix + key_text(key)
        with self._lock:
            before = self._get(at)
            previous = self._read(at, before)
            if before is not None:
                self._area.remove(at)
                self._tell(at, None, ScopeChange(key, None, previous))
        return previous

    def init(self, key: "Any", factory: "Callable[[], Any]") -> "Any":
        """A copy of the value; where there is none, of what `factory()` gives, which is then saved.

        Other threads wait meanwhile. What the factory itself saves under the key counts.
        """
        with self._lock:
            value = self.load(key)
            if value is None:
                made = factory()
                value = self.load(key)
                if value is None:
                    self.save(key, made)
                    value = self.load(key)
        return value

    def keys(self) -> "list[Any]":
        """All keys. Members of enums that no module loaded here has are left out."""
        found = [key_of(at[len(self._prefix) :]) for at in sorted(self._area.keys(self._prefix))]
        return [key[0] for key in found if key is not None]

    def subscribe(self, callback: "Callable[[ScopeChange], object]") -> "Callable[[], None]":
        """Call ``callback(change)`` after each change of a value, here or in another tab; gives how to end.

        An equal value is no change. Other threads wait until all subscribers were told; what one of them
        changes is told after that. One that raises stops neither the others nor the change, and its error
        is raised when all were told.
        """
        with self._lock:
            if not self._endings:
                self._seen = self._texts()
                self._endings = [
                    self._here.on_storage(self._changed),
                    self._here.on_page_show(self._look),
                ]
            unsubscribe = self._subscribers.add(callback)

        def end() -> None:
            with self._lock:
                unsubscribe()
                if not self._subscribers:
                    self.give_up()

        return end

    def end(self) -> None:
        """Forget the session in every tab: this scope, and all `shared()` states, which begin again."""
        with self._lock:
            shared = sorted(self._area.keys(self._session.shared_prefix()))
            for key in shared:
                self._area.remove(key)
            changes = []
            for at in sorted(self._area.keys(self._prefix)):
                text = self._get(at)
                self._area.remove(at)
                changes += self._noted(at, text, None)
            try:
                if shared:
                    from .. import open_states

                    open_states.storage_changed(self._area.raw, shared)
            finally:
                self._subscribers.tell(changes)

    # -- telling --------------------------------------------------------------------------------

    def _tell(self, at: str, text: "str | None", change: ScopeChange) -> None:
        """Tell of a change that was made here."""
        if not self._subscribers:
            return
        _set(self._seen, at, text)
        change.value = self._read(at, text)
        if change.value is not None or change.previous is not None:
            self._subscribers.tell([change])

    def _changed(self, raw: "Any", keys: "list[str] | None") -> None:
        """Others have changed the area."""
        if not self._area.is_same(raw):
            return
        if keys is None:
            self._look()
            return
        with self._lock:
            changes = []
            for at in keys:
                if at.startswith(self._prefix):
                    changes += self._noted(at, self._seen.get(at), self._get(at))
            self._subscribers.tell(changes)

    def _look(self) -> None:
        """Anything may have changed."""
        with self._lock:
            texts = self._texts()
            changes = []
            for at in sorted(set(self._seen) | set(texts)):
                changes += self._noted(at, self._seen.get(at), texts.get(at))
            self._subscribers.tell(changes)

    def _noted(self, at: str, before: "str | None", text: "str | None") -> "list[ScopeChange]":
        """The change of a text, if it is one for subscribers."""
        if before == text or not self._subscribers:
            return []
        _set(self._seen, at, text)
        key = key_of(at[len(self._prefix) :])
        value, previous = self._read(at, text), self._read(at, before)
        if key is None or (value is None and previous is None):
            return []
        return [ScopeChange(key[0], value, previous)]

    # -- texts ----------------------------------------------------------------------------------

    def _texts(self) -> "dict[str, str]":
        found = {at: self._get(at) for at in self._area.keys(self._prefix)}
        return {at: text for at, text in found.items() if text is not None}

    def _read(self, at: str, text: "str | None") -> "Any":
        """The value of a text; None, and a warning, for one that is of no value."""
        if text is None:
            return None
        try:
            return decode(text)
        except ValueError as error:
            if self._warned.get(at) != text:
                self._warned[at] = text
                warn(f"the text at `{at}` is no value of this scope ({error})", StorageWarning)
            return None

    def give_up(self) -> None:
        """Hear of other tabs no more."""
        for end in self._endings:
            end()
        self._endings = []
        self._seen = {}


def _make() -> SessionScope:
    return object.__new__(SessionScope)._begin()


def _set(texts: "dict[str, str]", at: str, text: "str | None") -> None:
    if text is None:
        texts.pop(at, None)
    else:
        texts[at] = text


def _plain(value: "Any") -> "Any":
    try:
        return as_stored(value)
    except UnstorableValueError:
        if not _has_models(value):
            raise
    from ...typed.conversion import to_plain

    return to_plain(value)


def _has_models(value: "Any", depth: int = 0) -> bool:
    """Whether there are instances inside that `typed` knows."""
    if isinstance(value, (dict, list, tuple)):
        items = value.values() if isinstance(value, dict) else value
        return depth < MAX_DEPTH and any(_has_models(item, depth + 1) for item in items)
    return is_model(value)


def _converted(value: "Any", kind: "Any") -> "Any":
    if value.__class__ is kind:
        return value
    from ...typed.conversion import convert

    return convert(value, kind)


def session_save(key: "Any", value: "Any") -> "Any":
    """Keep a copy of the value for all tabs of the session; gives the one before, or None.

    After Session and Instance Storage, `SessionSave`. See `SessionScope` for keys, values and errors.
    """
    return once_per_page(_make).save(key, value)


if TYPE_CHECKING:

    @overload
    def session_load(key: Any, type: "type[T]") -> "T | None": ...
    @overload
    def session_load(key: Any, type: Any = None) -> Any: ...


def session_load(key: "Any", type: "Any" = None) -> "Any":
    """A copy of the session's value, or None; with `type`, as that type, or None if it is not one."""
    return once_per_page(_make).load(key, type)


def session_remove(key: "Any") -> "Any":
    """Forget the key in all tabs; gives the value it had, or None."""
    return once_per_page(_make).remove(key)


def session_init(key: "Any", factory: "Callable[[], Any]") -> "Any":
    """A copy of the session's value; where there is none, of what `factory()` gives, which is then saved."""
    return once_per_page(_make).init(key, factory)


def session_end() -> None:
    """Forget the browser session in every tab: its scope, and all `shared()` states, which begin again."""
    once_per_page(_make).end()
