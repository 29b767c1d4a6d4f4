"""Which area a state lives in: one that was given, the browser's, or memory in its place."""

from .. import host
from ..errors import StorageUnavailableError, StorageUnavailableWarning, warn
from ..host.area import Area

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def place(adapter: "Any") -> "tuple[Area, StorageUnavailableError | None]":
    """The area for ``"session"``, ``"local"`` or any object that is an area itself.

    Where the browser has none to give it is one of memory, together with the reason.
    """
    if not isinstance(adapter, str):
        return Area(adapter), None
    here = host.current()
    try:
        return Area(here.area(adapter)), None
    except StorageUnavailableError as error:
        return Area(here.memory(adapter)), error


def warn_once(error: StorageUnavailableError) -> None:
    """Say once a page that states will not survive it."""
    here = host.current()
    if not here.has_warned:
        here.has_warned = True
        warn(
            f"states live in memory and will not survive a reload: {error}",
            StorageUnavailableWarning,
        )
