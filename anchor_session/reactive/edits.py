"""Edits: changes of a state as plain JSON, for those who were not there.

    ["set", path, value]                       an entry of a map, an item of a list
    ["delete", path]                           an entry of a map
    ["splice", path, index, removed, items]    of a list: so many items gave way to these
    ["move", path, old, new]                   of a list: the item at one index went to another
    ["add", path, member]  ["discard", path, member]          of a set
    ["order", path, keys]                      of a map: its keys, put in this order

What is read of them is untrusted: an edit that does not fit the data raises, and has changed nothing.
"""

from ..codec import MAX_DEPTH, encode, is_deeper, same
from .plain import MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .operations import Operation
    from .steps import Step
    from .view import View

    Edit = list[Any]

EDIT_DEPTH = MAX_DEPTH + 1
"""How deep containers may be nested in an edit, itself included."""

_CONTAINERS = (dict, list, set, frozenset)


def encode_steps(steps: "list[Step]") -> str:
    """The edits that make of the data before the steps the data after them, separated by commas."""
    if len(steps) == 1:
        return encode(edit_of(steps[0]))
    texts: list[str] = []
    # The ids of containers whose text, in an edit before, is already that of after the steps.
    fresh: set[int] = set()
    for step in steps:
        if fresh and stands_in(step.view, fresh):
            continue
        texts.append(encode(edit_of(step)))
        if step.op == "splice":
            fresh.update([id(item) for item in step.new if type(item) in _CONTAINERS])
        elif type(step.new) in _CONTAINERS:
            fresh.add(id(step.new))
    return ",".join(texts)


def edit_of(step: "Step") -> "Edit":
    """The step as an edit, whose values are those of the state itself."""
    op = step.op
    path: list[Any] = list(step.path)
    if op == "set":
        path.append(step.key)
        return [op, path, step.new]
    if op == "delete":
        path.append(step.key)
        return [op, path]
    if op == "splice":
        return [op, path, step.key, len(step.old), step.new]
    if op == "move":
        return [op, path, step.old, step.new]
    return [op, path, step.old if op == "discard" else step.new]


def stands_in(view: "View", containers: "set[int]") -> bool:
    """Whether the view is in one of the containers, which are given by `id()`."""
    above: View | None = view
    while above is not None:
        if id(above._data) in containers:
            return True
        above = above._parent
    return False


def apply(data: "dict[str, Any]", edit: "Edit") -> None:
    """Make the edit in the data of a whole state."""
    from .operations import perform  # with the first edit that is read

    path = container_path(edit)
    container: Any = data
    for key in path:
        container = container[check_key(container, key)]
    op, key, new, old = operation(container, edit, len(path))
    perform(container, op, key, new, old)


def container_path(edit: "Edit") -> "list[Any]":
    """The path of the container that an edit changes. Raises `ValueError` for a malformed one."""
    if type(edit) is not list or len(edit) < 2 or type(edit[1]) is not list:
        raise ValueError("not an edit")
    path: list[Any] = edit[1]
    if edit[0] != "set" and edit[0] != "delete":
        return path
    if not path:
        raise ValueError("an edit without a key")
    return path[:-1]


def check_key(container: "Any", key: "Any") -> "Any":
    """The key, if it is one for the container: text of a map, a number of a list."""
    kind = type(container)
    if kind is dict and type(key) is str:
        return key
    if kind is list and type(key) is int and 0 <= key < len(container):
        return key
    raise ValueError("no such key")


def operation(container: "Any", edit: "Edit", depth: int) -> "Operation":
    """What the edit does to its container, which lies `depth` containers deep.

    Raises `LookupError`, `TypeError` or `ValueError` where it does not fit.
    """
    op = edit[0]
    kind = type(container)
    key = new = old = None
    if op == "set":
        _, path, new = edit
        key = check_key(container, path[-1])
        _check_depth(new, depth)
        old = container.get(key, MISSING) if kind is dict else container[key]
    elif op == "delete" and kind is dict:
        key, new = check_key(container, edit[1][-1]), MISSING
        old = container[key]
    elif op == "splice" and kind is list:
        _, _, key, count, new = edit
        if not (type(key) is type(count) is int and 0 <= key <= key + count <= len(container)):
            raise ValueError("not a part of the list")
        if type(new) is not list:
            raise ValueError("not a list of items")
        _check_depth(new, depth - 1)
        old = container[key : key + count]
    elif op == "move" and kind is list:
        _, _, old, new = edit
        check_key(container, old)
        check_key(container, new)
    elif op == "add" and kind is set:
        _, _, new = edit
        _check_depth(new, depth)
    elif op == "discard" and kind is set:
        _, _, old = edit
        if old not in container:  # what is not a number is not equal to itself
            old = next((member for member in container if same(member, old)), old)
    elif op == "order" and kind is dict:
        _, _, new = edit
        old = list(container)
        if type(new) is not list or sorted(new) != sorted(old):
            raise ValueError("not the keys of the map")
    else:
        raise ValueError("no such edit")
    return op, key, new, old


def _check_depth(value: "Any", depth: int) -> None:
    if type(value) in _CONTAINERS and is_deeper(value, MAX_DEPTH - depth - 1):
        raise ValueError("nested too deep")
