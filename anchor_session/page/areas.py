"""Which area a state lives in: one that was given, the browser's, or memory; and the record in it."""

from .. import host
from ..errors import StorageUnavailableError, StorageUnavailableWarning, warn
from ..host.area import Area
from .record.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def find_area(adapter: "Any") -> "tuple[Area, StorageUnavailableError | None]":
    """The area for ``"session"``, ``"local"`` or any object that is an area itself.

    Where the browser has none to give it is one of memory, together with the reason.
    """
    here = host.current()
    if not isinstance(adapter, str):
        return Area(adapter, is_shared=here.is_shared(adapter), here=here), None
    if adapter not in ("session", "local"):
        raise ValueError(
            "an area is 'session', 'local' or an object with getItem, setItem and removeItem, not "
            f"{adapter!r}"
        )
    is_shared = adapter == "local"
    try:
        return Area(here.area(adapter), is_shared=is_shared, here=here), None
    except StorageUnavailableError as error:
        return Area(here.memory(adapter), here=here), error


def warn_once(error: StorageUnavailableError) -> None:
    """Say once a page that states will not survive it."""
    here = host.current()
    if not here.has_warned:
        here.has_warned = True
        warn(
            f"states live in memory and will not survive a reload: {error}",
            StorageUnavailableWarning,
        )


def record_at(area: Area, key: str) -> Record:
    """The record of that key: where tabs share the area, one that several of them may write to."""
    if not area.is_shared:
        return Record(area, key)
    from .shared.record import SharedRecord

    return SharedRecord(area, key, host.current())
