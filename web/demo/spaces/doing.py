"""What can be done with spaces. Each is stored, and in the other tabs, when the function returns."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from anchor_session import StorageError, batch

from ..notices import say
from .state import clock, lasting, names, now, session
from .wording import name_in, new_id, view_of

opened_here: set[str] = set()
"""The spaces that this tab has opened."""


def told(do: Callable[..., None]) -> Callable[..., None]:
    """What cannot be stored has not happened, and the page says so."""

    @wraps(do)
    def wrapper(*given: Any) -> None:
        try:
            do(*given)
        except StorageError as error:
            say(f"Not saved: {error}. Nothing has changed.")
        else:
            say(lasting)
        clock.set(now())

    return wrapper


def name_of(space: str) -> str:
    found: str | None = names.key("names")().get(space)
    return found or name_in(space)


def active() -> str | None:
    found: str | None = session.key("active")()
    return found


@told
def open_space(name: str) -> None:
    space = new_id(name, uuid4().hex[:16])
    opened_here.add(space)
    with batch():
        names.set({"names": {space: name}})
        session.register_reference(space, view=view_of(None))
        session.set_active(space)


@told
def enter(space: str) -> None:
    with batch():
        if session.get_reference(space):  # which counts as using it
            session.set_active(space)


@told
def leave() -> None:
    session.set_active(None)


@told
def look_at(space: str, view: str) -> None:
    session.register_reference(space, view=view)


@told
def rename(space: str, name: str) -> None:
    names.set({"names": {space: name}})


@told
def remove(space: str) -> None:
    with batch():
        session.remove_reference(space)
        names.key("names").set(
            lambda found: {each: name for each, name in found.items() if each != space}
        )


@told
def call_user(name: str) -> None:
    session.user.set({"username": name or None})
