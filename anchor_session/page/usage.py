"""How full an area is."""

from ..errors import StorageError
from ..keys import by_state, state_at
from ..reactive.threads import whole
from . import open_states
from .areas import find_area

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..host.area import Area


class Usage:
    """Sizes in UTF-16 units: `used` of `quota`, the `largest` entries as ``(key, units)``, and `states`.

    `used` is None where the area cannot list its keys, `quota` where it has no limit. `states` has each
    state that is stored there, open or not, as ``(name, kind, units)``, largest first, with all that belongs
    to it: ``("cart@2", "session", 120)``. The kind is ``"session"``, ``"persistent"``, ``"shared"``, or
    ``"state"`` of what is open under a key of its own, as a `State` is.
    """

    __slots__ = ("largest", "quota", "states", "used")

    def __init__(
        self,
        used: "int | None",
        quota: "int | None",
        largest: "list[tuple[str, int]]",
        states: "list[tuple[str, str, int]]",
    ) -> None:
        self.used = used
        self.quota = quota
        self.largest = largest
        self.states = states

    def __repr__(self) -> str:
        return (
            f"Usage(used={self.used}, quota={self.quota}, largest={self.largest!r}, "
            f"states={self.states!r})"
        )


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
        return Usage(None, quota, [], [])
    return Usage(sum(size for _, size in sizes), quota, sizes[:10], _states(where, sizes))


def _states(area: "Area", sizes: "list[tuple[str, int]]") -> "list[tuple[str, str, int]]":
    states = []
    for key, size in by_state(sizes):
        found = state_at(key)
        if found is not None:
            states.append((found[1], found[2], size))
    for key in open_states.keys_in(area):
        if state_at(key) is None:
            own = [size for each, size in sizes if each == key or each.startswith(f"{key}#")]
            if own:
                states.append((key, "state", sum(own)))
    return sorted(states, key=lambda state: -state[2])
