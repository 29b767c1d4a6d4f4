"""The items of a list as a base of a large state names them: neighbours that follow a rule are one run.

What `Items.dump` gives is a number for an item that the list began with, where it began, else id and position.
That is longer than many an item. Of its neighbours at positions that follow each other, three or more are one:

- ``[3, 5]``: the items that the list began with, five from the fourth on;
- ``["60a24181e4004d82c07", 0, 8, 5]``: five that one change added, from its first on, at ``[8]`` and behind;
- ``[8, "d82c07", "60a24181e4004,3e8,3e8"]``: of one tab, a change each, so many microseconds apart.
"""

import re

from .items import checked_id, checked_position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FEW = 3
_TIME = 13  # digits of a stamp; behind them are those of the tab
_ADDED = re.compile("#([0-9a-e][0-9a-f]{18})\\.(0|[1-9][0-9]*)")  # stamp and number


def pack(dump: "list[Any]") -> "list[Any]":
    """The same, with runs in place of what they stand for."""
    packed: list[Any] = []
    start = 0
    while start < len(dump):
        for stop, run in (_beginnings(dump, start), _one_change(dump, start), _one_tab(dump, start)):
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
        if type(each) is int:
            dump.append(each)
            continue
        kinds = [type(part) for part in each]
        if kinds == [int, int]:
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
