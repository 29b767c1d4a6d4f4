"""What a session has to have to be saved, for those who bring their own."""

import inspect
from typing import Any, Protocol

from .methods import kind_of
from .session import Session

_NEEDED = ("id", "is_modified", "is_cleared", "all")


class SessionLike(Protocol):
    """Any object with these: an attribute or a property each, and `all()`, a map to be stored."""

    @property
    def id(self) -> str: ...

    @property
    def is_modified(self) -> bool: ...

    @property
    def is_cleared(self) -> bool: ...

    def all(self) -> "dict[str, Any]": ...


def check_session(session: Any) -> None:
    """Raises `TypeError`, with what to pass, for what cannot be saved."""
    if isinstance(session, Session):
        return
    if session is None:
        raise TypeError(
            "save_session takes a Session, not None, which session(id) gives for an id that is not "
            "there; take `await manager.new_session()` then"
        )
    if inspect.iscoroutine(session):
        raise TypeError(
            "save_session takes a Session, not a coroutine; write `await` before "
            f"{session.__qualname__}(...)"
        )
    found = (
        {}
        if isinstance(session, type)
        else {name: getattr(session, name, None) for name in _NEEDED}
    )
    missing = [name for name in _NEEDED if found.get(name) is None]
    if missing:
        raise TypeError(
            f"save_session takes a Session, not {kind_of(session)}, which has no {', '.join(missing)}"
        )
    for name in _NEEDED[:-1]:
        if callable(found[name]):
            # As a condition a method is always true.
            raise TypeError(f"{kind_of(session)}.{name} is a method; make it a property")
