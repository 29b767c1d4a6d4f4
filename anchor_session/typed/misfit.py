"""What a schema has against a piece of data."""

from typing import Any

from ..codec import format_path
from ..errors import SchemaError

Path = tuple[str | int, ...]


class Misfit(Exception):
    """`reason` says what is wrong, `path` where, from the piece of data that was looked at."""

    def __init__(self, reason: str, path: Path = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def at(self, path: Path = ()) -> SchemaError:
        """The error for the user, where the piece of data stands at `path`."""
        where = format_path(path + self.path)
        return SchemaError(f"`{where}` does not fit: {self.reason}", path=where)


def name_of(kind: Any) -> str:
    """The name of a class or a type, for messages."""
    return kind.__name__ if isinstance(kind, type) else str(kind)
