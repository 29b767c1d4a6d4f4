"""A storage by the name of its kind, as a program's settings have it."""

import os
from typing import Any

from ..options import by_keyword
from .contract import SessionStorage

_NEEDS = {"memory": "", "file": "directory", "sqlite": "path", "redis": "url", "web": ""}


@by_keyword()
def create_session_storage(
    type: str = "memory",
    *,
    directory: str | os.PathLike[str] | None = None,
    path: str | os.PathLike[str] | None = None,
    url: str | None = None,
) -> SessionStorage:
    """A storage of the type ``"memory"``, ``"file"`` (`directory`), ``"sqlite"`` (`path`), ``"redis"``
    (`url`) or ``"web"`` (the browser's `localStorage`).

    Raises `ValueError` for another type and a missing option, `TypeError` for an option of another type.
    """
    if not isinstance(type, str) or type not in _NEEDS:
        raise ValueError(f"no storage is of the type {type!r}; there are {', '.join(_NEEDS)}")
    options: dict[str, Any] = {"directory": directory, "path": path, "url": url}
    needed = _NEEDS[type]
    for option, value in options.items():
        if value is not None and option != needed:
            takes = f"it takes {needed}=" if needed else "it takes none"
            raise TypeError(f"a storage of the type {type!r} has no option {option}=; {takes}")
    if needed and not options[needed]:
        raise ValueError(f"a storage of the type {type!r} needs {needed}=")
    if type == "memory":
        from .memory import MemorySessionStorage

        return MemorySessionStorage()
    if type == "file":
        from .files import FileSessionStorage

        return FileSessionStorage(options[needed])
    from .in_store import StoreSessionStorage

    return StoreSessionStorage(_store(type, options[needed] if needed else None))


def _store(type: str, option: Any) -> Any:
    if type == "sqlite":
        from ...records import SQLiteStore

        return SQLiteStore(option)
    if type == "redis":
        from ...records import RedisStore

        return RedisStore(option, prefix="conversation:")  # `session:` is for other records
    from ...records import WebStore

    return WebStore()
