"""One map for all tabs of the browser session: an entry of `localStorage` for each key.

The storage is the truth: every call reads it, and a storage event only tells that something is to be read.
"""

from ... import host
from ...codec import decode, encode
from ...errors import StorageWarning, warn, with_article
from ...reactive.threads import whole
from .browser_session import enter
from .once import once_per_page
from .scope_change import ScopeChange, Subscribers, check_callback
from .scope_keys import key_of, key_text
from .scope_values import check_type, class_made_by, class_of, converted, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    from ..opening import Model

    T = TypeVar("T")
    M = TypeVar("M", bound=Model)


class SessionScope:
    """The session scope of this document: the same object each time.

    Keys are `str`, `int`, `bool`, None, members of enums, and tuples of these; `1`, `True` and `"1"` are
    three keys. Values are what a state can hold, and dataclasses, Structs and pydantic models, which are
    kept as their fields. They go in and come out as copies. A stored None reads like absence.

    `type` asserts what comes out: the value as that type, or None if it is not one. It is a class that can be
    stored, exactly, or anything a field of a typed state can be: a dataclass, a Struct, a pydantic model, an
    enum, ``list[int]``, ``int | None``. Anything else raises `TypeError`, and nothing has changed.

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
        self._subscribers = Subscribers()
        self._seen: dict[str, str] = {}  # texts by their keys, while there are subscribers
        self._warned: dict[str, str] = {}  # unreadable texts by their keys
        self._endings: list[Callable[[], None]] = []
        return self

    if TYPE_CHECKING:

        @overload
        def save(self, key: Any, value: Any, type: "type[T]") -> "T | None": ...
        @overload
        def save(self, key: Any, value: M, type: None = None) -> "M | None": ...
        @overload
        def save(self, key: Any, value: Any, type: Any = None) -> Any: ...

    @whole
    def save(self, key: "Any", value: "Any", type: "Any" = None) -> "Any":
        """Keep a copy of the value; gives the one before, or None.

        Without `type` that is asserted to be of the class of the new value, if it is a dataclass, Struct or
        model.
        """
        at = self._at(key, type, "save(key, value, type=None)")
        text = encode(plain(value))
        kind = class_of(value) if type is None else type
        before = self._get(at)
        previous = converted(self._read(at, before), kind)
        if text != before:
            self._area.set(at, text)
            self._tell(key, at, before, text)
        return previous

    if TYPE_CHECKING:

        @overload
        def load(self, key: Any, type: "type[T]") -> "T | None": ...
        @overload
        def load(self, key: Any, type: Any = None) -> Any: ...

    def load(self, key: "Any", type: "Any" = None) -> "Any":
        """A copy of the value, or None."""
        at = self._at(key, type, "load(key, type=None)")
        text = self._get(at)
        return None if text is None else converted(self._read(at, text), type)

    if TYPE_CHECKING:

        @overload
        def remove(self, key: Any, type: "type[T]") -> "T | None": ...
        @overload
        def remove(self, key: Any, type: Any = None) -> Any: ...

    @whole
    def remove(self, key: "Any", type: "Any" = None) -> "Any":
        """Forget the key; gives the value it had, or None."""
        at = self._at(key, type, "remove(key, type=None)")
        before = self._get(at)
        previous = converted(self._read(at, before), type)
        if before is not None:
            self._area.remove(at)
            self._tell(key, at, before, None)
        return previous

    if TYPE_CHECKING:

        @overload
        def init(self, key: Any, factory: "Callable[[], Any]", type: "type[T]") -> "T | None": ...
        @overload
        def init(self, key: Any, factory: "Callable[[], Any]", type: Any = None) -> Any: ...

    @whole
    def init(self, key: "Any", factory: "Callable[[], Any]", type: "Any" = None) -> "Any":
        """A copy of the value; where there is none, of what `factory()` gives, which is then saved.

        Other threads wait meanwhile. What the factory itself saves under the key counts. Without `type` the
        value is asserted to be of the factory, if that is the class of a dataclass, Struct or model; what any
        other factory makes comes out as its own class then, but as its fields when it is found later.
        """
        at = self._at(key, type, "init(key, factory, type=None)")
        if not callable(factory):
            found = with_article(factory.__class__.__name__)
            raise TypeError(f"session_init takes a function that makes the value, not {found}")
        kind = class_made_by(factory) if type is None else type
        value = self._read(at, self._get(at))
        if value is None:
            made = factory()
            value = self._read(at, self._get(at))
            if value is None:
                self.save(key, made)
                value = self._read(at, self._get(at))
                kind = class_of(made) if kind is None else kind
        return converted(value, kind)

    @whole
    def keys(self) -> "list[Any]":
        """All keys. Members of enums that no module loaded here has are left out."""
        found = [key_of(at[len(self._prefix) :]) for at in sorted(self._area.keys(self._prefix))]
        return [key[0] for key in found if key is not None]

    @whole
    def subscribe(self, callback: "Callable[[ScopeChange], object]") -> "Callable[[], None]":
        """Call ``callback(change)`` after each change of a value, here or in another tab; gives how to end.

        An equal value is no change. Other threads wait until all subscribers were told; what one of them
        changes is told after that. One that raises stops neither the others nor the change, and its error
        is raised when all were told.
        """
        check_callback(callback)
        if not self._endings:
            self._seen = self._texts()
            self._endings = [
                self._here.on_storage(self._changed),
                self._here.on_page_show(self._look),
            ]
        unsubscribe = self._subscribers.add(callback)

        @whole
        def end() -> None:
            unsubscribe()
            if not self._subscribers:
                self.give_up()

        return end

    @whole
    def end(self) -> None:
        """Forget the session in every tab: this scope, and all `shared()` states, which begin again."""
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

    def _tell(self, key: "Any", at: str, before: "str | None", text: "str | None") -> None:
        """Tell of a change that was made here."""
        if not self._subscribers:
            return
        _set(self._seen, at, text)
        value, previous = self._read(at, text), self._read(at, before)
        if value is not None or previous is not None:
            self._subscribers.tell([ScopeChange(key, value, previous)])

    @whole
    def _changed(self, raw: "Any", keys: "list[str] | None") -> None:
        """Others have changed the area."""
        if not self._area.is_same(raw):
            return
        if keys is None:
            self._look()
            return
        changes = []
        for at in keys:
            if at.startswith(self._prefix):
                changes += self._noted(at, self._seen.get(at), self._get(at))
        self._subscribers.tell(changes)

    @whole
    def _look(self) -> None:
        """Anything may have changed."""
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

    def _at(self, key: "Any", kind: "Any", form: str) -> str:
        """Where the text of the key lies; what a call was given that it cannot use raises, with its form."""
        form = f"session_{form}"
        at = self._prefix + key_text(key, form)
        check_type(kind, form)
        return at

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


if TYPE_CHECKING:

    @overload
    def session_save(key: Any, value: Any, type: "type[T]") -> "T | None": ...
    @overload
    def session_save(key: Any, value: M, type: None = None) -> "M | None": ...
    @overload
    def session_save(key: Any, value: Any, type: Any = None) -> Any: ...


def session_save(key: "Any", value: "Any", type: "Any" = None) -> "Any":
    """Keep a copy of the value for all tabs of the session; gives the one before, or None.

    With `type` as that type, or None if it is not one; without, beside a dataclass, Struct or model, as the
    class of that.
    After Session and Instance Storage, `SessionSave`. See `SessionScope` for keys, values and errors.
    """
    return once_per_page(_make).save(key, value, type)


if TYPE_CHECKING:

    @overload
    def session_load(key: Any, type: "type[T]") -> "T | None": ...
    @overload
    def session_load(key: Any, type: Any = None) -> Any: ...


def session_load(key: "Any", type: "Any" = None) -> "Any":
    """A copy of the session's value, or None; with `type`, as that type, or None if it is not one."""
    return once_per_page(_make).load(key, type)


if TYPE_CHECKING:

    @overload
    def session_remove(key: Any, type: "type[T]") -> "T | None": ...
    @overload
    def session_remove(key: Any, type: Any = None) -> Any: ...


def session_remove(key: "Any", type: "Any" = None) -> "Any":
    """Forget the key in all tabs; gives the value it had, or None; with `type`, as `session_load` does."""
    return once_per_page(_make).remove(key, type)


if TYPE_CHECKING:

    @overload
    def session_init(key: Any, factory: "Callable[[], Any]", type: "type[T]") -> "T | None": ...
    @overload
    def session_init(key: Any, factory: "Callable[[], Any]", type: Any = None) -> Any: ...


def session_init(key: "Any", factory: "Callable[[], Any]", type: "Any" = None) -> "Any":
    """A copy of the session's value; where there is none, of what `factory()` gives, which is then saved.

    With `type`, or a class for the factory, as that type, or None if it is not one. See `SessionScope.init`.
    """
    return once_per_page(_make).init(key, factory, type)


def session_end() -> None:
    """Forget the browser session in every tab: its scope, and all `shared()` states, which begin again."""
    once_per_page(_make).end()
