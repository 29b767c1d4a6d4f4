"""The items of a list that tabs share: who they are, whatever their index, and in which order they stand.

A base names them: a number for an item that the list began with, where it began, else id and position.
That is longer than many an item, so in the base of a large state three or more neighbours, at positions that
follow each other, are one run:

- ``[3, 5]``: the items that the list began with, five from the fourth on;
- ``["60a24181e4004d82c07", 0, 8, 5]``: five that one change added, from its first on, at ``[8]`` and behind;
- ``[8, "d82c07", "60a24181e4004,3e8,3e8"]``: of one tab, a change each, so many microseconds apart.
"""

import re
from bisect import bisect_left, insort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .fractional import Position

_FEW = 3
_TIME = 13  # digits of a stamp; behind them are those of the tab
_ADDED = re.compile("#([0-9a-e][0-9a-f]{18})\\.(0|[1-9][0-9]*)")  # stamp and number


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


def pack(dump: "list[Any]") -> "list[Any]":
    """The same, with runs in place of what they stand for."""
    packed: list[Any] = []
    start = 0
    while start < len(dump):
        for stop, run in (
            _beginnings(dump, start),
            _one_change(dump, start),
            _one_tab(dump, start),
        ):
            if stop - start >= _FEW:
                packed.append(run)
                break
        else:
            stop = start + 1
            packed.append(dump[start])
        start = stop
    return packed


def unpack(packed: "Any", most: int) -> "list[Any]":
    """What `pack` was given. Raises `ValueError` for what it does not give, or for more items than `most`."""
    dump: list[Any] = []
    for each in packed:
        kinds = [] if type(each) is int else [type(part) for part in each]
        if not kinds:
            dump.append(each)
        elif kinds == [int, int]:
            first, count = each
            dump += range(first, first + min(count, most + 1))
        elif kinds == [str, int, int, int]:
            stamp, first, position, count = each
            for number in range(min(count, most + 1)):
                dump.append([f"#{stamp}.{first + number}", [position + number]])
        elif kinds == [int, str, str]:
            position, tab, times = each
            time = 0
            for number, later in enumerate(times.split(",")):
                time += int(later, 16)
                dump.append([f"#{time:013x}{tab}.0", [position + number]])
        else:
            item, position = each
            dump.append([checked_id(item), list(checked_position(position))])
        if len(dump) > most:
            raise ValueError("more items than the list has")
    return dump


def _beginnings(dump: "list[Any]", start: int) -> "tuple[int, list[Any]]":
    first, stop = dump[start], start
    while type(first) is int and stop < len(dump) and dump[stop] == first + stop - start:
        stop += 1
    return stop, [first, stop - start]


def _one_change(dump: "list[Any]", start: int) -> "tuple[int, list[Any]]":
    found = _added(dump[start])
    if found is None:
        return start, []
    stamp, first, position = found
    stop = start + 1
    while stop < len(dump) and _added(dump[stop]) == (
        stamp,
        first + stop - start,
        position + stop - start,
    ):
        stop += 1
    return stop, [stamp, first, position, stop - start]


def _one_tab(dump: "list[Any]", start: int) -> "tuple[int, list[Any]]":
    found = _added(dump[start])
    if found is None or found[1] != 0:
        return start, []
    tab, position = found[0][_TIME:], found[2]
    before = int(found[0][:_TIME], 16)
    times = [f"{before:x}"]
    stop = start + 1
    while stop < len(dump):
        found = _added(dump[stop])
        if found is None or found[1:] != (0, position + stop - start) or found[0][_TIME:] != tab:
            break
        time = int(found[0][:_TIME], 16)
        if time < before:
            break
        times.append(f"{time - before:x}")
        before = time
        stop += 1
    return stop, [position, tab, ",".join(times)]


def _added(entry: "Any") -> "tuple[str, int, int] | None":
    """Stamp, number and position of an item that was added, at a position of one number; else None."""
    if type(entry) is int or len(entry[1]) != 1:
        return None
    found = _ADDED.fullmatch(entry[0])
    return None if found is None else (found.group(1), int(found.group(2)), entry[1][0])
