"""The operations of containers: what each does to plain data, and which one takes it back.

    op          of           key      new       old
    "set"       map, list    key      value     value; `MISSING` where a map had none
    "delete"    map          key      MISSING   value
    "splice"    list         index    items     items
    "move"      list         None     index     index
    "add"       set          None     member    None
    "discard"   set          None     None      member
    "order"     map          None     keys      keys

`new` is what is there after the operation, `old` what was there before; of an item that moves, where it is
and where it was. Nothing is checked here.
"""

from .plain import MISSING, find_member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Operation = tuple[str, Any, Any, Any]


def perform(container: "Any", op: str, key: "Any", new: "Any", old: "Any") -> None:
    """Do the operation. Raises what the container raises, and nothing has changed then."""
    if op == "set":
        container[key] = new
    elif op == "delete":
        del container[key]
    elif op == "splice":
        container[key : key + len(old)] = new
    elif op == "move":
        container.insert(new, container.pop(old))
    elif op == "add":
        container.add(new)
    elif op == "discard":
        container.remove(old)
    else:
        entries = [(each, container[each]) for each in ordered(container, new)]
        container.clear()
        container.update(entries)


def invert(op: str, key: "Any", new: "Any", old: "Any") -> "Operation":
    """The operation that takes this one back.

    A key that was deleted comes back as the last one: where it was, an "order" after it says.
    """
    if op == "add":
        op = "discard"
    elif op == "discard":
        op = "add"
    elif op == "set" or op == "delete":
        op = "delete" if old is MISSING else "set"
    return op, key, old, new


def present(container: "Any", op: str, key: "Any", old: "Any") -> "Any":
    """What is there now for `old`, which is known as a copy only, or from before."""
    if op == "splice":
        return container[key : key + len(old)]
    if op == "move":
        return old
    if op == "order":
        return list(container)
    if op == "discard":
        return find_member(container, old)
    if op == "add":
        return None
    return container.get(key, MISSING) if type(container) is dict else container[key]


def ordered(container: "dict[str, Any]", keys: "list[str]") -> "list[str]":
    """The keys of the container in that order; those that it does not name come after them."""
    named = set(keys)
    return [key for key in keys if key in container] + [
        key for key in container if key not in named
    ]
