"""`Session`: which microcosms (spaces) somebody has opened, which one is active, and who they are.

After the `Session` of nodenogg.in's framework.
"""

import re

from . import host
from .errors import with_article
from .page.open_states import leave
from .reactive.computed import Computed
from .reactive.signal import Signal
from .reactive.threads import whole
from .reactive.transaction import batch
from .reactive.view import raw
from .state import Persistence, State

__all__ = ["MicrocosmReference", "Session"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
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
                from .spelling import snake

                own = snake(name)
                hint = f"; here it is {own!r}" if own in self else ""
                raise AttributeError(
                    f"a reference has no {name!r}{hint}", name=name, obj=self
                ) from None


class References(Computed):
    """Computed references of which each `get` gives copies: sorting them sorts nobody else's."""

    def get(self) -> "list[MicrocosmReference]":
        return [MicrocosmReference(each) for each in super().get()]

    __call__ = get


class Session(_Base):
    """The microcosms that somebody has opened, and which one is active.

    `persistence_name` is the storage key, or a list of names that make it; with None nothing is kept. The
    user is kept beside it, at ``{key}/user``. Area, interval (seconds or a `timedelta`) and `sync_tabs` are
    as in `Persistence`. Passwords stay in memory, unless `persist_passwords`: Web Storage can be read by
    every script of the page.

    An id is ``title.id``, 16 to 60 letters, digits, ``-`` and ``_``. Another one is refused where it would be
    kept, with `ValueError`, and is not there for who asks. Where an id is taken a reference is taken, too.
    """

    _READ_ONLY = State._READ_ONLY | {
        "microcosms": "register_reference() and remove_reference() change them",
        "ready": "it says whether what was kept has been read",
        "user": "write user.set({'username': name})",
    }

    def __init__(
        self,
        persistence_name: "str | Sequence[str] | None" = None,
        *,
        area: "Any" = "session",
        interval: "float | timedelta | None" = None,
        sync_tabs: bool = False,
        persist_passwords: bool = False,
    ) -> None:
        self._ready = Signal(False)
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
        self._persists_passwords = persist_passwords
        user = _User(_new_user, persistence=kept_user)
        try:
            super().__init__(lambda: {"active": None, "microcosms": {}}, persistence=kept)
        except BaseException:
            leave(user._view)
            raise
        self._user = user
        self._passwords: Signal[dict[str, str]] = Signal({})
        self._references = References(self._sorted)
        self._ready.set(True)

    @property
    def ready(self) -> "Signal[bool]":
        """Whether what was kept has been read."""
        return self._ready

    @property
    def microcosms(self) -> "Computed[list[MicrocosmReference]]":
        """The references, sorted by id. Each `get` gives copies."""
        return self._references

    @property
    def user(self) -> "State[UserState]":
        """`identity_id`, which is made once (``identity_`` and a UUID), and `username`."""
        return self._user

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def key(self, name: Literal["active"]) -> Signal[str | None]: ...
        @overload
        def key(self, name: Literal["microcosms"]) -> Signal[dict[str, dict[str, Any]]]: ...
        def key(self, name: str) -> Signal[Any]: ...

    def register_reference(
        self,
        microcosm_id: "str | Mapping[str, Any]",
        view: "str | None" = None,
        password: "str | None" = None,
    ) -> MicrocosmReference:
        """Remember the microcosm, as accessed now; an absent view or password keeps the one before.

        A reference, or another map with `microcosm_id`, may stand for all three; what else it has is ignored.
        """
        microcosm_id, view, password = _request(microcosm_id, view, password)
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

    @whole
    def get_reference(
        self, microcosm_id: "str | Mapping[str, Any]"
    ) -> "MicrocosmReference | Literal[False]":
        """The reference as it was so far, False where there is none; then it is accessed now."""
        found_id = _id_of(microcosm_id)
        found = self._known(found_id) if _is_id(found_id) else None
        if found is None:
            return False
        self.register_reference(found_id)
        return found

    def remove_reference(self, microcosm_id: "str | Mapping[str, Any]") -> None:
        """Forget the microcosm, its password too; if it was active, none is."""
        found_id = _id_of(microcosm_id)
        if not _is_id(found_id):
            return  # nothing is kept under it
        with batch():
            self._passwords.set(lambda known: _without(known, found_id))
            self._drop("microcosms", found_id)
            if self.key("active").peek() == found_id:
                self.set({"active": None})

    def reset(self) -> None:
        """Forget all microcosms, their passwords too; none is active. The user stays who they are."""
        with batch():
            self._passwords.set({})
            super().reset()

    def set_active(self, microcosm_id: "str | Mapping[str, Any] | None") -> None:
        """Have that microcosm be the active one; None for none."""
        self.set({"active": None if microcosm_id is None else _id_to_keep(microcosm_id)})

    def is_active(self, microcosm_id: "str | Mapping[str, Any]") -> bool:
        """Whether that microcosm is the active one; a reader depends on it."""
        active, found_id = self.key("active").get(), _id_of(microcosm_id)
        return _is_id(found_id) and active == found_id

    def _check_value(self, key: str, value: "Any") -> None:
        """What the next start would refuse is not taken, nor a password where it would be stored."""
        if key == "active" and value is not None:
            _checked(value)
        elif key == "microcosms":
            self._check_entries(value)

    def _check_entries(self, entries: "Any") -> None:
        entries = raw(entries)
        if not isinstance(entries, dict):
            raise ValueError(f"microcosms is a map, not {with_article(type(entries).__name__)}")
        for microcosm_id, entry in entries.items():
            if not _is_entry(_checked(microcosm_id), raw(entry)):
                raise ValueError(
                    f"the entry of {microcosm_id!r} is none: register_reference() makes what is one"
                )
            if entry.get("password") is not None and not self._persists_passwords:
                raise ValueError(
                    f"the entry of {microcosm_id!r} has a password, which would be stored; "
                    "register_reference() keeps it in memory, persist_passwords=True stores it"
                )

    def _known(self, microcosm_id: str) -> "MicrocosmReference | None":
        entry = _valid(self.key("microcosms").peek()).get(microcosm_id)
        return None if entry is None else _reference(entry, self._passwords.peek())

    def _sorted(self) -> "list[MicrocosmReference]":
        entries = _valid(self.key("microcosms").get())
        passwords = self._passwords.get()
        return [_reference(entries[key], passwords) for key in sorted(entries)]


class _User(State):  # type: ignore[type-arg]
    """Who uses a session."""

    def _check_value(self, key: str, value: "Any") -> None:
        """What the next start would refuse is not taken."""
        if key == "username":
            _text(key, value)
        elif not (isinstance(value, str) and _IDENTITY.fullmatch(value)):
            raise ValueError("identity_id is identity_ and a UUID, as it is made once")


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


def _request(
    given: "Any", view: "str | None", password: "str | None"
) -> "tuple[str, str | None, str | None]":
    """Id, view and password: those beside a map come before those in it."""
    microcosm_id = _id_to_keep(given)
    if _is_map(given):
        view = given.get("view") if view is None else view
        password = given.get("password") if password is None else password
    return microcosm_id, _text("view", view), _text("password", password)


def _is_map(value: "Any") -> bool:
    return hasattr(type(value), "__getitem__") and hasattr(type(value), "get")


def _id_of(given: "Any") -> "Any":
    """The id that was given, itself or in a reference."""
    return given.get("microcosm_id") if _is_map(given) else given


def _id_to_keep(given: "Any") -> str:
    """The same, where it will be stored."""
    if _is_map(given) and "microcosm_id" not in given:
        raise ValueError(
            "a map in place of an id has 'microcosm_id' (microcosmID is written so here); "
            f"this one has {', '.join(map(repr, given)) or 'nothing'}"
        )
    return _checked(_id_of(given))


def _checked(microcosm_id: "Any") -> str:
    if _is_id(microcosm_id):
        return microcosm_id  # type: ignore[no-any-return]
    is_text = isinstance(microcosm_id, str)
    found = repr(microcosm_id[:80]) if is_text else with_article(type(microcosm_id).__name__)
    raise ValueError(
        f"a microcosm's id is title.id, 16 to 60 letters, digits, - and _, not {found}"
    )


def _text(name: str, value: "Any") -> "str | None":
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{name} is text, not {with_article(type(value).__name__)}")


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
