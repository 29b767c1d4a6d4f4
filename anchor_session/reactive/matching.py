"""Which items of a list are among those that it is to have: equal containers, wherever they stand."""

from ..codec import encode, same
from .plain import CONTAINERS, copy_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def matched(data: "list[Any]", new: "list[Any]") -> "tuple[list[Any], list[int]]":
    """The new items with the containers of `data` in place of equal ones; where one of those is changed.

    The indexes, one at most, are of the only item that is left over on either side: it is the same, changed.
    """
    items, open_indexes, left = _in_place_of_equal(data, new)
    if len(left) != 1 or len(open_indexes) != 1 or type(left[0]) is not type(new[open_indexes[0]]):
        return items, []
    items[open_indexes[0]] = left[0]
    return items, open_indexes


def brought_back(data: "list[Any]", items: "list[Any]") -> "list[Any]":
    """Copies of the items; in place of one that a container of `data` is equal to, that one itself."""
    if not data or not items:
        return copy_plain(items)  # type: ignore[no-any-return]
    found, fresh, _ = _in_place_of_equal(data, items)
    for index in fresh:
        found[index] = copy_plain(items[index])
    return found


def _in_place_of_equal(
    data: "list[Any]", new: "list[Any]"
) -> "tuple[list[Any], list[int], list[Any]]":
    """The new items with containers of `data` in place of equal ones; who has none; those left over."""
    here: dict[str, list[Any]] = {}
    for item in data:
        if type(item) in CONTAINERS:
            here.setdefault(encode(item), []).append(item)
    items = []
    open_indexes = []
    for index, item in enumerate(new):
        found = here.get(encode(item)) if type(item) in CONTAINERS else None
        if found:
            item = found.pop(0)
        elif type(item) in CONTAINERS:
            open_indexes.append(index)
        items.append(item)
    left = [item for found in here.values() for item in found]
    return items, open_indexes, left


def is_rearranged(data: "list[Any]", new: "list[Any]") -> bool:
    """Whether some container of `data` stands elsewhere in a list of the same length."""
    differing = [index for index, item in enumerate(data) if not same(item, new[index])]
    texts = {encode(data[index]) for index in differing if type(data[index]) in CONTAINERS}
    return any(encode(new[index]) in texts for index in differing)


def is_same_item(one: "Any", other: "Any") -> bool:
    """Of containers only the same one: an equal one may have found another."""
    return one is other if type(other) in CONTAINERS else same(one, other)
