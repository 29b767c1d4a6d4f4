"""How full an area is."""

from ..errors import StorageError
from ..reactive.threads import whole
from .areas import find_area

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Usage:
    """Sizes in UTF-16 units: `used` of `quota`, and the `largest` entries as ``(key, units)``.

    `used` is None where the area cannot list its keys, `quota` where it has no limit.
    """

    __slots__ = ("largest", "quota", "used")

    def __init__(
        self, used: "int | None", quota: "int | None", largest: "list[tuple[str, int]]"
    ) -> None:
        self.used = used
        self.quota = quota
        self.largest = largest

    def __repr__(self) -> str:
        return f"Usage(used={self.used}, quota={self.quota}, largest={self.largest!r})"


@whole
def usage(area: "Any" = None) -> Usage:
    """How full the area is, by default this tab's `sessionStorage`; it counts every program's entries."""
    where, _ = find_area("session" if area is None else area)
    quota = where.quota()
    try:
        sizes = where.sizes()
    except StorageError:
        sizes = None
    if sizes is None:
        return Usage(None, quota, [])
    return Usage(sum(size for _, size in sizes), quota, sizes[:10])
