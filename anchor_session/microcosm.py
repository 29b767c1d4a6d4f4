"""`Session`: which microcosms (spaces) somebody has opened, which one is active, and who they are.

After the `Session` of nodenogg.in's framework.
"""

import re

from . import host
from .page.open_states import leave
from .reactive.computed import Computed
from .reactive.signal import Signal
from .reactive.transaction import batch
from .state import Persistence, State

__all__ = ["MicrocosmReference", "Session"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal, TypedDict, overload

    class SessionState(TypedDict):
        """What a `Session` keeps."""

        active: str | None
        microcosms: dict[str, dict[str, Any]]

    class UserState(TypedDict):
        """Who uses the session."""

        identity_id: str
        username: str | None

    _Base = State[SessionState]
else:
    _Base = State

_ID = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_IDENTITY = re.compile(r"identity_[0-9a-f-]{36}")


class MicrocosmReference(dict):  # type: ignore[type-arg]
    """What a session remembers of a microcosm: a `dict`, whose keys are attributes too.

    `microcosm_id`; `last_accessed` in milliseconds since 1970; `view` and `password`, each a `str` or None.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        microcosm_id: str
        last_accessed: int
        view: str | None
        password: str | None
    else:

        def __getattr__(self, name):
            try:
                return self[name]
            except KeyError:
                raise AttributeError(f"a reference has no {name!r}", name=name, obj=self) from None


class Session(_Base):
    """The microcosms that somebody has opened, and which one is active.

    `persistence_name` is the storage key, or a list of names that make it; with None nothing is kept. The
    user is kept beside it, at ``{key}/user``. Area, interval and `sync_tabs` are as in `Persistence`.
    Passwords stay in memory, unless `persist_passwords`: Web Storage can be read by every script of the
    page. An id is ``title.id``, 16 to 60 letters, digits, ``-`` and ``_``; for another each method raises
    `ValueError`.
    """

    ready: "Signal[bool]"
    """Whether what was kept has been read."""

    microcosms: "Computed[list[MicrocosmReference]]"
    """The references, sorted by id."""

    user: "State[UserState]"
    """`identity_id`, which is made once (``identity_`` and a UUID), and `username`."""

    def __init__(
        self,
        persistence_name: "str | Sequence[str] | None" = None,
        *,
        area: "Any" = "session",
        interval: "float | None" = None,
        sync_tabs: bool = False,
        persist_passwords: bool = False,
    ) -> None:
        self.ready = Signal(False)
        kept = kept_user = None
        if persistence_name is not None:
            kept = Persistence(
                persistence_name,
                validate=_is_session,
                area=area,
                interval=interval,
                sync_tabs=sync_tabs,
            )
            kept_user = kept.beside("user", validate=_is_user)
        user = State(_new_user, persistence=kept_user)
        try:
            super().__init__(lambda: {"active": None, "microcosms": {}}, persistence=kept)
        except BaseException:
            leave(user._view)
            raise
        self.user = user
        self._persists_passwords = persist_passwords
        self._passwords: Signal[dict[str, str]] = Signal({})
        self.microcosms = Computed(self._sorted)
        self.ready.set(True)

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def key(self, name: Literal["active"]) -> Signal[str | None]: ...
        @overload
        def key(self, name: Literal["microcosms"]) -> Signal[dict[str, dict[str, Any]]]: ...
        def key(self, name: str) -> Signal[Any]: ...

    def register_reference(
        self, microcosm_id: str, view: "str | None" = None, password: "str | None" = None
    ) -> MicrocosmReference:
        """Remember the microcosm, as accessed now; an absent view or password keeps the one before."""
        _check(microcosm_id)
        _check_text("view", view)
        _check_text("password", password)
        entry: dict[str, Any] = {
            "microcosm_id": microcosm_id,
            "last_accessed": host.current().now() // 1000,
        }
        if view is not None:
            entry["view"] = view
        with batch():
            known = _valid(self.key("microcosms").peek()).get(microcosm_id, {})
            if password is not None and not self._persists_passwords:
                self._passwords.set(self._passwords.peek() | {microcosm_id: password})
                known.pop("password", None)  # an earlier session may have stored one
            elif password is not None:
                entry["password"] = password
            self.set({"microcosms": {microcosm_id: known | entry}})
            return self._known(microcosm_id)  # type: ignore[return-value]

    def get_reference(self, microcosm_id: str) -> "MicrocosmReference | Literal[False]":
        """The reference as it was so far, False where there is none; then it is accessed now."""
        _check(microcosm_id)
        found = self._known(microcosm_id)
        if found is None:
            return False
        self.register_reference(microcosm_id)
        return found

    def remove_reference(self, microcosm_id: str) -> None:
        """Forget the microcosm, its password too; if it was active, none is."""
        _check(microcosm_id)
        with batch():
            self._passwords.set(lambda known: _without(known, microcosm_id))
            self._drop("microcosms", microcosm_id)
            if self.key("active").peek() == microcosm_id:
                self.set({"active": None})

    def reset(self) -> None:
        """Forget all microcosms, their passwords too; none is active. The user stays who they are."""
        with batch():
            self._passwords.set({})
            super().reset()

    def set_active(self, microcosm_id: "str | None") -> None:
        """Have that microcosm be the active one; None for none."""
        if microcosm_id is not None:
            _check(microcosm_id)
        self.set({"active": microcosm_id})

    def is_active(self, microcosm_id: str) -> bool:
        """Whether that microcosm is the active one; a reader depends on it."""
        _check(microcosm_id)
        return self.key("active").get() == microcosm_id

    def _known(self, microcosm_id: str) -> "MicrocosmReference | None":
        entry = _valid(self.key("microcosms").peek()).get(microcosm_id)
        return None if entry is None else _reference(entry, self._passwords.peek())

    def _sorted(self) -> "list[MicrocosmReference]":
        entries = _valid(self.key("microcosms").get())
        passwords = self._passwords.get()
        return [_reference(entries[key], passwords) for key in sorted(entries)]


def _reference(entry: "dict[str, Any]", passwords: "dict[str, str]") -> MicrocosmReference:
    microcosm_id = entry["microcosm_id"]
    return MicrocosmReference(
        microcosm_id=microcosm_id,
        last_accessed=entry["last_accessed"],
        view=entry.get("view"),
        password=passwords.get(microcosm_id, entry.get("password")),
    )


def _new_user() -> "UserState":
    from uuid import uuid4

    return {"identity_id": f"identity_{uuid4()}", "username": None}


def _without(passwords: "dict[str, str]", microcosm_id: str) -> "dict[str, str]":
    return {key: password for key, password in passwords.items() if key != microcosm_id}


# -- what is accepted -----------------------------------------------------------------------------


def _check(microcosm_id: "Any") -> None:
    if not _is_id(microcosm_id):
        raise ValueError(
            "a microcosm's id is title.id, 16 to 60 letters, digits, - and _, not "
            f"{str(microcosm_id)[:80]!r}"
        )


def _check_text(name: str, value: "Any") -> None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is text, not {type(value).__name__}")


def _is_id(value: "Any") -> bool:
    return isinstance(value, str) and 16 <= len(value) <= 60 and bool(_ID.fullmatch(value))


def _is_session(data: "dict[str, Any]") -> bool:
    """Whether stored data is a session's: what else is there is nobody's business."""
    active, entries = data.get("active"), data.get("microcosms", {})
    return (
        (active is None or _is_id(active))
        and isinstance(entries, dict)
        and all(_is_entry(key, entry) for key, entry in entries.items())
    )


def _is_entry(key: str, entry: "Any") -> bool:
    return (
        isinstance(entry, dict)
        and _is_id(key)
        and entry.get("microcosm_id") == key
        and type(entry.get("last_accessed")) in (int, float)
        and all(isinstance(entry.get(name, ""), (str, type(None))) for name in ("view", "password"))
    )


def _valid(entries: "Any") -> "dict[str, dict[str, Any]]":
    """Those of the entries that are references: `set`, and other programs in other tabs, may bring others."""
    if not isinstance(entries, dict):
        return {}
    return {key: entry for key, entry in entries.items() if _is_entry(key, entry)}


def _is_user(data: "dict[str, Any]") -> bool:
    identity, name = data.get("identity_id"), data.get("username")
    return (
        isinstance(identity, str)
        and bool(_IDENTITY.fullmatch(identity))
        and (name is None or isinstance(name, str))
    )


def __getattr__(name: str) -> "Any":
    from .spelling import missing

    raise missing(__name__, name)
