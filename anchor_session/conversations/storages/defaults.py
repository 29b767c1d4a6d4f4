"""The storage of those who name none."""

from typing import Any

from .checked import check_storage
from .contract import SessionStorage
from .memory import MemorySessionStorage

_default: Any = None


def set_default_storage(storage: SessionStorage | None) -> None:
    """Keep conversations there from now on, unless another storage is named; None: in memory again."""
    global _default
    _default = None if storage is None else check_storage(storage)


def default_storage() -> Any:
    """The storage that was set, or one in memory, the same for all."""
    global _default
    if _default is None:
        _default = MemorySessionStorage()
    return _default
