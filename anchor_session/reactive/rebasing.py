"""A step made again, after it was undone, on data that others have changed in between."""

from operator import is_

from ..codec import same
from .arranging import arranged, moved, place_of
from .operations import ordered, present
from .plain import CONTAINERS, MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .steps import Step


def rebase(step: "Step") -> bool:
    """Let the step tell what it does to the data as they are now; whether that is anything.

    What others have done too is not done again, and what they have removed is not brought back.
    """
    data = step.view._data
    op, new = step.op, step.new
    key: Any = step.key
    if op == "splice":
        start, stop, new = arranged(data, key, step.old, new)
        step.key, step.old, step.new = start, data[start:stop], new
        return len(new) != len(step.old) or not all(map(is_, new, step.old))
    if op == "move":
        return _rebase_move(step, data)
    if op == "add":
        return new not in data
    if op == "discard" and step.old not in data:
        return False
    if type(data) is list:
        key = step.key = place_of(data, step.old, key)
        if key >= len(data):
            return False
    old = step.old = present(data, op, key, step.old)
    if op == "order":
        step.new = ordered(data, new)
        return bool(step.new != old)
    if op == "delete":
        step.order = list(data)
        return old is not MISSING
    return op == "discard" or type(new) in CONTAINERS or not same(old, new)


def _rebase_move(step: "Step", data: "list[Any]") -> bool:
    order, step.order = step.order, None
    assert order is not None
    found = moved(data, step.old, order, step.new)
    if found is None:
        return False
    step.old, step.new = found
    return bool(step.old != step.new)
