"""The items of a list that tabs share: who they are, whatever their index, and in which order they stand."""

from bisect import bisect_left, insort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .fractional import Position


class Items:
    """Ids of items in the order of their places; of equal places, in that of their ids.

    An id begins with ``#``. Those that the list began with are called by their number, behind `origin`,
    which is "" for a list of the first document or else the stamp of the change that brought the list.
    """

    __slots__ = ("_order", "_places", "origin")

    def __init__(self, origin: str, count: int) -> None:
        self.origin = origin
        self._order: list[tuple[Position, str]] = []
        self._places: dict[str, Position] = {}
        for number in range(count):
            self._enter(self.first_id(number), (number,))

    def first_id(self, number: int) -> str:
        """The id of the item that stood there at the beginning."""
        return f"#{self.origin}/{number}" if self.origin else f"#{number}"

    def _enter(self, item: str, place: "Position") -> None:
        self._order.append((place, item))
        self._places[item] = place

    def __len__(self) -> int:
        return len(self._order)

    def ids(self, start: int, stop: int) -> "list[str]":
        return [item for _, item in self._order[start:stop]]

    def place_at(self, index: int) -> "Position | None":
        """The place of the item at the index; None beyond an end."""
        return self._order[index][0] if 0 <= index < len(self._order) else None

    def place(self, item: str) -> "Position | None":
        return self._places.get(item)

    def index(self, item: str) -> "int | None":
        """Where the item stands now; None if it does not."""
        place = self._places.get(item)
        return None if place is None else bisect_left(self._order, (place, item))

    def add(self, item: str, place: "Position") -> int:
        """Let an item in; its index."""
        insort(self._order, (place, item))
        self._places[item] = place
        return bisect_left(self._order, (place, item))

    def remove(self, item: str) -> int:
        """Let an item go; where it stood."""
        index = bisect_left(self._order, (self._places.pop(item), item))
        del self._order[index]
        return index

    def dump(self) -> "list[Any]":
        """As JSON: a number for an item in the place it began with, else id and place."""
        found: list[Any] = []
        for place, item in self._order:
            is_first = len(place) == 1 and place[0] >= 0 and item == self.first_id(place[0])
            found.append(place[0] if is_first else [item, list(place)])
        return found

    @classmethod
    def load(cls, origin: str, dump: "list[Any]") -> "Items":
        """The same again. Raises `ValueError` for what is no dump."""
        items = cls(origin, 0)
        for entry in dump:
            if type(entry) is int and entry >= 0:
                items._enter(items.first_id(entry), (entry,))
            else:
                item, place = entry
                items._enter(checked_id(item), checked_place(place))
        if items._order != sorted(items._order) or len(items._places) != len(items._order):
            raise ValueError("not the items of a list")
        return items


def checked_id(item: "Any") -> str:
    if type(item) is not str:
        raise ValueError("not the id of an item")
    return item


def checked_place(place: "Any") -> "Position":
    """The place that a JSON list stands for. Raises `ValueError` for anything else."""
    if type(place) is not list or not place:
        raise ValueError("not a place in a list")
    for each in place:
        if type(each) is not int:
            raise ValueError("not a place in a list")
    return tuple(place)
