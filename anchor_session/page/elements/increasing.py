"""The longest increasing subsequence: of things that change their order, the most that can stay."""

from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def longest_increasing(numbers: "list[int]", through: "int | None" = None) -> "set[int]":
    """The indexes of one of the longest; of those, one that has the index `through`, if there is any.

    The numbers are all different.
    """
    lengths, before = _chains(numbers)
    longest = max(lengths, default=0)
    if through is not None:
        rest_lengths, after = _chains([-number for number in reversed(numbers)])
        last = len(numbers) - 1
        if lengths[through] + rest_lengths[last - through] - 1 == longest:
            behind = [last - index for index in _follow(after, last - through)]
            return set(_follow(before, through)).union(behind)
    return set(_follow(before, lengths.index(longest))) if numbers else set()


def _chains(numbers: "list[int]") -> "tuple[list[int], list[int]]":
    """For each index the length of the longest that ends there, and the index before it, or -1."""
    ends: list[int] = []  # the least number that one of each length ends with
    at: list[int] = []
    lengths: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(at[length - 1] if length else -1)
        lengths.append(length + 1)
        if length == len(ends):
            ends.append(number)
            at.append(index)
        else:
            ends[length] = number
            at[length] = index
    return lengths, before


def _follow(before: "list[int]", index: int) -> "Iterable[int]":
    while index >= 0:
        yield index
        index = before[index]
