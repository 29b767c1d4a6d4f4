"""A change made again in a list that others have changed: what it took or moved is found where it is now."""

from ..codec import encode
from .plain import CONTAINERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Items = list[Any]


def arranged(
    data: "Items", number: int, old: "Items", new: "Items"
) -> "tuple[int, int, list[Any]]":
    """The splice that lets `new` stand where the items of `old`, once at `number`, are: start, stop, items.

    What others have put between stays, and what they took away is not brought back. So a container that is
    both old and new moves: it stands nowhere twice, and none is lost.
    """
    texts = [_text(item) for item in old]
    missing = _counted(texts)
    found: set[int] = set()
    number = min(number, len(data))
    for index in list(range(number, len(data))) + list(range(number - 1, -1, -1)):
        if len(found) == len(old):
            break
        text = _text(data[index])
        if missing.get(text):
            missing[text] -= 1
            found.add(index)
    new_texts = [_text(item) for item in new]
    is_permutation = _counted(new_texts) == _counted(texts)
    coming = []
    for item, text in zip(new, new_texts):
        if missing.get(text) and (is_permutation or type(item) in CONTAINERS):
            missing[text] -= 1
        else:
            coming.append(item)
    if not found:
        return number, number, coming
    start, stop = min(found), max(found) + 1
    items = []
    used = 0
    for index in range(start, stop):
        if index not in found:
            items.append(data[index])
        elif used < len(coming):
            items.append(coming[used])
            used += 1
    return start, stop, items + coming[used:]


def moved(data: "Items", old: int, order: "Items", new: int) -> "tuple[int, int] | None":
    """From where to where the item goes that once went from `old` to `new`; None where it is no more.

    `order` is what that made of the list. It goes behind the nearest item that was before it, and one that
    went to the end goes there.
    """
    texts = [_text(item) for item in data]
    start = _nearest(texts, _text(order[new]), old)
    if start is None:
        return None
    del texts[start]
    if new == len(order) - 1:
        return start, len(texts)
    for number in range(new - 1, -1, -1):
        found = _nearest(texts, _text(order[number]), number)
        if found is not None:
            return start, found + 1
    return start, 0


def place_of(data: "Items", item: "Any", number: int) -> int:
    """Where the item that once stood at that index is now; the index itself where it is no more."""
    found = _nearest([_text(each) for each in data], _text(item), number)
    return number if found is None else found


def _nearest(texts: "list[str | int]", wanted: "str | int", number: int) -> "int | None":
    """Where the wanted text stands, as near to the number as it does."""
    found = None
    for index, text in enumerate(texts):
        if text == wanted and (found is None or abs(index - number) < abs(found - number)):
            found = index
    return found


def _text(item: "Any") -> "str | int":
    """What tells items apart: of a container which one it is, of anything else its value."""
    return id(item) if type(item) in CONTAINERS else encode(item)


def _counted(texts: "list[str | int]") -> "dict[str | int, int]":
    counts: dict[str | int, int] = {}
    for text in texts:
        counts[text] = counts.get(text, 0) + 1
    return counts
