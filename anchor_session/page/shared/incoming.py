"""Edits made of the changes that arrive, for what the state holds now."""

from ...codec import decode, encode, same
from ...reactive.plain import MISSING, copy_plain
from .items import Items
from .node import AS_IS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ...reactive.edits import Edit
    from .changes import Address, Change
    from .fractional import Position
    from .node import Node


def enter(node: "Node", origin: str, container: "Any", part: str) -> "tuple[Any, Any]":
    """Key and value of the part in the container, MISSING where it is not there."""
    if type(container) is dict and part[:1] == ".":
        return part[1:], container.get(part[1:], MISSING)
    if type(container) is list:
        index = node.known_items(origin, len(container)).index(part)
        return index, MISSING if index is None else container[index]
    return None, MISSING


def edits_of(
    node: "Node",
    origin: str,
    container: "Any",
    path: "list[Any]",
    part: str,
    op: str,
    stamp: str,
    place: "Position | None",
    value: "Any",
) -> "Iterator[Edit]":
    child = node.child(part)
    is_list = type(container) is list and part[:1] == "#"
    if is_list:  # before the first change of it: then it is as it began
        items = node.known_items(origin, len(container))
    is_placed = place is not None and child.place_stamp < stamp
    if is_placed:
        child.place, child.place_stamp = place, stamp
    is_set = op != "move" and child.stamp < stamp
    if not is_placed and not is_set:
        return
    if is_set:
        child.stamp = stamp
        child.is_held = False
        child.text = None if value is MISSING else encode(value)
    elif is_list:
        value = MISSING
    if is_list:
        yield from _edits_of_item(container, items, path, part, child, is_set, value, stamp)
        return
    if not is_set:
        return
    key, old = enter(node, origin, container, part)
    value = _overlaid(child, old, value, stamp)
    if key is not None:
        if value is MISSING:
            if old is not MISSING:
                yield ["delete", path + [key]]
        elif old is MISSING or not same(old, value):
            yield ["set", path + [key], value]
    elif type(container) is set:
        member = _member(part)
        if value is MISSING and member in container:
            yield ["discard", path, member]
        elif value is not MISSING and member is not MISSING and member not in container:
            yield ["add", path, member]


def _member(part: str) -> "Any":
    """The member of a set that the part of an address stands for; MISSING for one of something else."""
    if part[:1] != "=":
        return MISSING
    try:
        member = decode(part[1:])
        hash(member)
    except (TypeError, ValueError):
        return MISSING
    return member


def is_move_beside(change: "Change", address: "Address") -> bool:
    return change[0] == "move" and change[1][:-1] == address[:-1]


def edits_of_moves(
    node: "Node",
    items: Items,
    container: "list[Any]",
    path: "list[Any]",
    stamp: str,
    places: "dict[str, Position | None]",
) -> "Iterator[Edit]":
    """One edit for the items of a list that are there and move together, as those of a sorted list do."""
    before = items.ids(0, len(items))
    moved: list[tuple[str, Position]] = []
    for part, place in places.items():
        child = node.child(part)
        if place is not None and child.place_stamp < stamp and items.place(part) is not None:
            child.place, child.place_stamp = place, stamp
            if items.place(part) != place:
                items.remove(part)
                moved.append((part, place))
    for part, place in moved:
        items.add(part, place)
    now = items.ids(0, len(items))
    changed = [number for number, part in enumerate(now) if part != before[number]]
    if changed:
        start, stop = changed[0], changed[-1] + 1
        values = dict(zip(before, container))
        yield ["splice", path, start, stop - start, [values[part] for part in now[start:stop]]]


def _edits_of_item(
    container: "list[Any]",
    items: Items,
    path: "list[Any]",
    part: str,
    child: "Node",
    is_set: bool,
    value: "Any",
    stamp: str,
) -> "Iterator[Edit]":
    index = items.index(part)
    old = MISSING if index is None else container[index]
    if is_set:
        value = _overlaid(child, old, value, stamp)
    if child.stamp and child.text is None:
        if index is not None:
            if child.place is None:
                child.place = items.place(part)
            items.remove(part)
            yield ["splice", path, index, 1, []]
    elif index is None:
        if child.text and child.place is not None:
            if not is_set:
                value = _revived(child)
            yield ["splice", path, items.add(part, child.place), 0, [value]]
    else:
        if is_set and not same(old, value):
            yield ["set", path + [index], value]
        if child.place is not None and items.place(part) != child.place:
            items.remove(part)
            target = items.add(part, child.place)
            if target != index:
                start, stop = min(index, target), max(index, target) + 1
                moved = container[start:stop]
                moved.insert(target - start, moved.pop(index - start))
                yield ["splice", path, start, stop - start, moved]


def _overlaid(node: "Node", old: "Any", new: "Any", stamp: str) -> "Any":
    """The new value of a node, changed at `stamp`, with what was changed below it after that.

    `old` is the value before. What was changed below earlier is forgotten.
    """
    children, old_items = node.children, node.items
    node.children = None
    if not node.is_held:
        node.items = None
    if not children:
        return new
    kept: dict[str, Node] = {}
    for part, child in children.items():
        before = value_at(old, old_items, part)
        if child.place_stamp <= stamp:
            child.place, child.place_stamp = None, ""
        if child.stamp > stamp:
            _put(node, new, part, child, before, stamp)
        else:
            child.stamp, child.text = "", None
            inner = MISSING
            if child.children or child.place is not None:
                _, inner = enter(node, stamp, new, part)
            if inner is not MISSING and child.place is not None:
                _move(node, new, part, child.place)
            _overlaid(child, before, inner, stamp)
        if not child.is_empty():
            kept[part] = child
    node.children = kept or None
    return new


def _revived(node: "Node") -> "Any":
    """The value of a node that had no place so far."""
    return _overlaid(node, MISSING, decode(node.text or "null"), node.stamp)


def _has_room(container: "Any", part: str, there: "Any", child: "Node") -> bool:
    """Whether the value of a child can stand in a container."""
    if type(container) is list:
        return there is not MISSING or (part[:1] == "#" and child.place is not None)
    kind = type(container)
    return (kind is dict and part[:1] == ".") or (kind is set and part[:1] == "=")


def value_at(container: "Any", items: "Items | None", part: str) -> "Any":
    if type(container) is dict:
        return container.get(part[1:], MISSING) if part[:1] == "." else MISSING
    if type(container) is set:
        member = _member(part)
        return member if member is not MISSING and member in container else MISSING
    index = items.index(part) if items is not None and type(container) is list else None
    return MISSING if index is None else container[index]


def _put(
    node: "Node", container: "Any", part: str, child: "Node", before: "Any", stamp: str
) -> None:
    """Let a later change be seen in the new value of the container that it was made in."""
    key, there = enter(node, stamp, container, part)
    value = MISSING
    if child.text is not None:
        if before is not MISSING:
            value = copy_plain(before)
        elif child.text != AS_IS:
            value = _revived(child)
        else:
            return
        if child.text == AS_IS and not _has_room(container, part, there, child):
            child.text, child.is_held = encode(value), True
    if type(container) is dict and key is not None:
        if value is MISSING:
            container.pop(key, None)
        else:
            container[key] = value
    elif type(container) is set:
        member = _member(part)
        if value is MISSING:
            container.discard(member)
        elif member is not MISSING:
            container.add(member)
    elif type(container) is list and part[:1] == "#":
        items = node.known_items(stamp, len(container))
        if value is MISSING:
            if there is not MISSING:
                child.place = child.place or items.place(part)
                del container[items.remove(part)]
        elif there is not MISSING:
            container[key] = value
            if child.place is not None:
                _move(node, container, part, child.place)
        elif child.place is not None:
            container.insert(items.add(part, child.place), value)


def _move(node: "Node", container: "Any", part: str, place: "Position") -> None:
    """Put an item of a list in its place."""
    items = node.items
    if items is not None and items.place(part) != place:
        value = container.pop(items.remove(part))
        container.insert(items.add(part, place), value)
