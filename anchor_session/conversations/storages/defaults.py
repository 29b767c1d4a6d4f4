"""The storage of those who name none."""

from typing import Any

from .checked import check_storage
from .contract import SessionStorage
from .memory import MemorySessionStorage

_default: Any = MemorySessionStorage()


def set_default_storage(storage: SessionStorage) -> None:
    """Keep conversations there from now on, unless another storage is named.

    ``MemorySessionStorage()`` is what it is at first. Raises `TypeError` for what is no storage.
    """
    global _default
    _default = check_storage(storage)


def default_storage() -> Any:
    """The storage that was set, or one in memory, the same for all."""
    return _default
