"""A session in the hands of one request: a map that knows whether it has to be saved."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..codec import as_stored, as_stored_key, encode
from ..errors import UnstorableValueError

_CONTAINERS = (dict, list, set)


class Session:
    """What is kept under an id. Nothing is written before the manager saves it.

    A session is modified by `set`, `clear`, a `delete` of a key that was there, and by a change inside a
    map, list or set that it gave out. Two sessions of one id know nothing of each other.
    """

    def __init__(self, id: str, data: "Mapping[str, Any] | None" = None) -> None:
        self._id = id
        self._data: dict[str, Any] = {} if data is None else dict(data)
        self._modified = False
        self._cleared = False
        # Texts of the containers that were given out, by key.
        self._given: dict[str, str | None] = {}

    @property
    def id(self) -> str:
        """The id, which never changes."""
        return self._id

    @property
    def is_modified(self) -> bool:
        """Whether there is something to save; a save does not reset it."""
        if not self._modified:
            self._modified = any(
                key in self._data and _text_of(self._data[key]) != text
                for key, text in self._given.items()
            )
        return self._modified

    @property
    def is_cleared(self) -> bool:
        """Whether saving it deletes the record."""
        return self._cleared

    def get(self, key: str, default: Any = None) -> Any:
        """The value itself, no copy; changes inside it are seen at the next save."""
        if key not in self._data:
            return default
        return self[key]

    def string(self, key: str) -> str:
        """The value if it is text, else ``""``."""
        value = self._data.get(key)
        return value if isinstance(value, str) else ""

    def set(self, key: str, value: Any) -> None:
        """Keep the value; whether it can be stored is found out at the save. Ends a `clear`."""
        self._data[as_stored_key(key, ())] = value
        self._modified = True
        self._cleared = False

    def has(self, key: str) -> bool:
        """Whether the key is there; its value may be None."""
        return key in self._data

    def delete(self, key: str) -> None:
        """Forget the key, if it is there."""
        if key in self._data:
            del self[key]

    def clear(self) -> None:
        """Forget everything: saving the session then deletes its record."""
        self._data.clear()
        self._given.clear()
        self._modified = True
        self._cleared = True

    def all(self) -> "dict[str, Any]":
        """A copy of everything, maps, lists and sets inside it too."""
        copy: dict[str, Any] = copied(self._data)
        return copy

    def __getitem__(self, key: str) -> Any:
        value = self._data[key]
        if isinstance(value, _CONTAINERS) and key not in self._given and not self._modified:
            self._given[key] = _text_of(value)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        self.set(key, value)

    def __delitem__(self, key: str) -> None:
        del self._data[key]
        self._modified = True

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __bool__(self) -> bool:
        """An empty session is a session."""
        return True

    def __repr__(self) -> str:
        """Without the id and the values: whoever reads a log must not be able to take over the session."""
        return f"<Session {self._id[:4]}... with {sorted(self._data)}>"


def content_of(session: Session) -> "dict[str, Any]":
    """What is to be stored, and no copy: a store copies what it is given."""
    return session._data


def _text_of(value: Any) -> "str | None":
    """The text that would be stored; None for what cannot be, which differs from any text."""
    try:
        return encode(as_stored(value))
    except UnstorableValueError:
        return None


def copied(value: Any) -> Any:
    """The value, with maps, lists, tuples and sets of its own."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    if type(value) is tuple:
        return tuple([copied(item) for item in value])
    return set(value) if isinstance(value, set) else value
