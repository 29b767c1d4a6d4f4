"""Places in a list to which several tabs add at once: there is always one between two others.

A position is a tuple of integers, and tuples are in Python's order. The items that a list began with are at
``(0,)``, ``(1,)`` and so on; between ``(1,)`` and ``(2,)`` lies ``(1, 0)``, before that ``(1, -1)``.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Position = tuple[int, ...]


def after(low: "Position | None", high: "Position | None") -> "Position":
    """A position behind `low` and before `high`, None for an end of the list; `low` is before `high`."""
    if low is None:
        return (0,) if high is None else high[:-1] + (high[-1] - 1,)
    following = low[:-1] + (low[-1] + 1,)
    if high is None or following < high:
        return following
    if high[: len(low)] == low:
        return low + (high[len(low)] - 1,)
    return low + (0,)


def increasing(positions: "list[Position]", low: "Position | None") -> "set[int]":
    """Which of the positions, by number, can stay where they are: a longest increasing run behind `low`."""
    from bisect import bisect_left

    ends: list[Position] = []  # the last position of the best run of each length
    numbers: list[int] = []
    before: list[int] = []
    for number, position in enumerate(positions):
        before.append(-1)
        if low is not None and position <= low:
            continue
        length = bisect_left(ends, position)
        if length:
            before[number] = numbers[length - 1]
        ends[length : length + 1] = [position]
        numbers[length : length + 1] = [number]
    kept: set[int] = set()
    number = numbers[-1] if numbers else -1
    while number >= 0:
        kept.add(number)
        number = before[number]
    return kept
