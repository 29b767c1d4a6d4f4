"""The items of a list that tabs share: who they are, whatever their index, and in which order they stand."""

from bisect import bisect_left, insort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .fractional import Position


class Items:
    """Ids of items in the order of their positions; of equal positions, in that of their ids.

    An id begins with ``#``. Those that the list began with are called by their number, behind `origin`,
    which is "" for a list of the first document or else the stamp of the change that brought the list.
    """

    __slots__ = ("_order", "_positions", "origin")

    def __init__(self, origin: str, count: int) -> None:
        self.origin = origin
        self._order: list[tuple[Position, str]] = []
        self._positions: dict[str, Position] = {}
        for number in range(count):
            self._enter(self.first_id(number), (number,))

    def first_id(self, number: int) -> str:
        """The id of the item that stood there at the beginning."""
        return f"#{self.origin}/{number}" if self.origin else f"#{number}"

    def _enter(self, item: str, position: "Position") -> None:
        self._order.append((position, item))
        self._positions[item] = position

    def __len__(self) -> int:
        return len(self._order)

    def ids(self, start: int, stop: int) -> "list[str]":
        return [item for _, item in self._order[start:stop]]

    def position_at(self, index: int) -> "Position | None":
        """The position of the item at the index; None beyond an end."""
        return self._order[index][0] if 0 <= index < len(self._order) else None

    def position(self, item: str) -> "Position | None":
        return self._positions.get(item)

    def index(self, item: str) -> "int | None":
        """Where the item stands now; None if it does not."""
        position = self._positions.get(item)
        return None if position is None else bisect_left(self._order, (position, item))

    def add(self, item: str, position: "Position") -> int:
        """Let an item in; its index."""
        insort(self._order, (position, item))
        self._positions[item] = position
        return bisect_left(self._order, (position, item))

    def remove(self, item: str) -> int:
        """Let an item go; where it stood."""
        index = bisect_left(self._order, (self._positions.pop(item), item))
        del self._order[index]
        return index

    def dump(self) -> "list[Any]":
        """As JSON: a number for an item in the position it began with, else id and position."""
        found: list[Any] = []
        for position, item in self._order:
            is_first = (
                len(position) == 1 and position[0] >= 0 and item == self.first_id(position[0])
            )
            found.append(position[0] if is_first else [item, list(position)])
        return found

    @classmethod
    def load(cls, origin: str, dump: "list[Any]") -> "Items":
        """The same again. Raises `ValueError` for what is no dump."""
        items = cls(origin, 0)
        for entry in dump:
            if type(entry) is int and entry >= 0:
                items._enter(items.first_id(entry), (entry,))
            else:
                item, position = entry
                items._enter(checked_id(item), checked_position(position))
        if items._order != sorted(items._order) or len(items._positions) != len(items._order):
            raise ValueError("not the items of a list")
        return items


def checked_id(item: "Any") -> str:
    if type(item) is not str:
        raise ValueError("not the id of an item")
    return item


def checked_position(position: "Any") -> "Position":
    """The position that a JSON list stands for. Raises `ValueError` for anything else."""
    if type(position) is not list or not position:
        raise ValueError("not a position in a list")
    for each in position:
        if type(each) is not int:
            raise ValueError("not a position in a list")
    return tuple(position)
