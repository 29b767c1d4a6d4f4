"""What is stored below the keys of the benchmark's states."""

from typing import Any

from js import sessionStorage

from anchor_session import session


def key_of(name: str) -> str:
    """Where the state of that name has its text; its other entries have keys that begin like that."""
    return f"anchor-session://{name}@1.0.0"


def stored(name: str) -> dict[str, str]:
    """The entries of that state."""
    keys = [sessionStorage.key(number) for number in range(sessionStorage.length)]
    return {key: sessionStorage.getItem(key) for key in keys if key.startswith(key_of(name))}


def drop(name: str, state: Any) -> None:
    """Leave the state and remove what it stored."""
    session.leave(state)
    for key in stored(name):
        sessionStorage.removeItem(key)
