"""How much more an area holds of what lies beside a document."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...host.area import Area
    from .epoch import Epoch

_RESERVE = 4_096
"""Units that entries leave free: for bases, and for what makes room."""

_NO_LIMIT = 1 << 40


class Room:
    """Entries may grow to so many `units`, as far as is known, for stamps up to `until`.

    One more entry is not to be the last thing that has room: folding it takes as many units once more, in the
    document.
    """

    __slots__ = ("_area", "units", "until")

    def __init__(self, area: "Area") -> None:
        self._area = area
        self.units = _NO_LIMIT
        self.until = ""

    def measure(self, epoch: "Epoch", until: str) -> None:
        """Look at the area. Others may take what is free: what was seen counts up to that time."""
        free = self._area.free()
        unfolded = epoch.units - epoch.covered_units
        self.units = _NO_LIMIT if free is None else epoch.units + (free - unfolded - _RESERVE) // 2
        self.until = until

    def has(self, taken: int, grows: int) -> bool:
        """Whether there is room for an entry of so many units, and for a document that grows by so many."""
        free = self._area.free()
        return free is None or taken + max(grows, 0) + _RESERVE <= free

    def forget(self) -> None:
        """It has changed."""
        self.until = ""
