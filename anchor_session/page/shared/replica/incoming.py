"""Changes that arrive, made in the data: what each means depends on what is there now."""

from ....codec import decode, encode, same
from ....reactive.operations import perform
from ....reactive.plain import MISSING, copy_plain
from .changes import member_of
from .items import Items
from .node import AS_IS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ....codec import Path
    from ....reactive.patch import Emit
    from .changes import Address, Change
    from .fractional import Position
    from .node import Node


class Target:
    """A container that changes of one stamp arrive in; `origin` is the stamp of what brought it.

    Each step is made in `data` and given to `emit` at once, since the next one builds on it.
    """

    __slots__ = ("_data", "_emit", "_node", "_origin", "_path", "_stamp")

    def __init__(
        self, node: "Node", origin: str, data: "Any", path: "Path", stamp: str, emit: "Emit | None"
    ) -> None:
        self._node = node
        self._origin = origin
        self._data = data
        self._path = path
        self._stamp = stamp
        self._emit = emit

    def apply(self, changes: "list[Change]") -> None:
        """Make changes of what is in the container."""
        number = 0
        while number < len(changes):
            op, address, position, value = changes[number]
            part = address[-1]
            number += 1
            following = number
            if op == "move":
                while following < len(changes) and changes[following][0] == "move":
                    following += 1
                if following > number and type(self._data) is list:
                    self._move_together(changes[number - 1 : following])
                for _, moved, position, value in changes[number - 1 : following]:
                    self._apply(moved[-1], False, position, value)
                number = following
                continue
            if number < len(changes) and changes[number][:2] == ("move", address):
                position = changes[number][2]  # as of an item that is added
                number += 1
            self._apply(part, True, position, value)

    def _apply(self, part: str, is_set: bool, position: "Position | None", value: "Any") -> None:
        stamp = self._stamp
        child = self._node.child(part)
        is_item = type(self._data) is list and part[:1] == "#"
        if is_item:  # before the first change of it: then it is as it began
            items = self._node.known_items(self._origin, len(self._data))
        is_moved = position is not None and child.position_stamp < stamp
        if is_moved:
            child.position, child.position_stamp = position, stamp
        is_set = is_set and child.stamp < stamp
        if is_set:
            child.stamp = stamp
            child.is_held = False
            child.text = None if value is MISSING else encode(value)
        if is_item and (is_set or is_moved):
            self._apply_to_item(items, part, child, is_set, value)
        elif is_set:
            self._set(part, child, value)

    def _set(self, part: str, child: "Node", value: "Any") -> None:
        """A key of a map or a member of a set."""
        data = self._data
        key, old = enter(self._node, self._origin, data, part)
        value = _overlaid(child, old, value, self._stamp)
        if key is not None:
            if value is MISSING:
                if old is not MISSING:
                    self._make("delete", key, MISSING, old)
            elif old is MISSING or not same(old, value):
                self._make("set", key, value, old)
        elif type(data) is set:
            member = member_of(part)
            if value is MISSING and member in data:
                self._make("discard", None, None, member)
            elif value is not MISSING and member is not MISSING and member not in data:
                self._make("add", None, member, None)

    def _apply_to_item(
        self, items: Items, part: str, child: "Node", is_set: bool, value: "Any"
    ) -> None:
        data = self._data
        index = items.index(part)
        old = MISSING if index is None else data[index]
        if is_set:
            value = _overlaid(child, old, value, self._stamp)
        if child.stamp and child.text is None:
            if index is not None:
                if child.position is None:
                    child.position = items.position(part)
                items.remove(part)
                self._make("splice", index, [], [old])
        elif index is None:
            if child.text and child.position is not None:
                if not is_set:
                    value = _revived(child)
                self._make("splice", items.add(part, child.position), [value], [])
        else:
            if is_set and not same(old, value):
                self._make("set", index, value, old)
            if child.position is not None and items.position(part) != child.position:
                items.remove(part)
                target = items.add(part, child.position)
                if target != index:
                    self._make("move", None, target, index)

    def _move_together(self, moves: "list[Change]") -> None:
        """One step for the items of a list that are there and move, as those of a sorted list do."""
        stamp = self._stamp
        items = self._node.known_items(self._origin, len(self._data))
        before = items.ids(0, len(items))
        positions: dict[str, Position] = {}
        for _, address, position, _ in moves:
            if position is not None:
                positions[address[-1]] = position
        moved: list[tuple[str, Position]] = []
        for part, position in positions.items():
            child = self._node.child(part)
            if child.position_stamp < stamp and items.position(part) is not None:
                child.position, child.position_stamp = position, stamp
                if items.position(part) != position:
                    items.remove(part)
                    moved.append((part, position))
        for part, position in moved:
            items.add(part, position)
        now = items.ids(0, len(items))
        changed = [number for number, part in enumerate(now) if part != before[number]]
        if changed:
            start, stop = changed[0], changed[-1] + 1
            values = dict(zip(before, self._data))
            arranged = [values[part] for part in now[start:stop]]
            self._make("splice", start, arranged, self._data[start:stop])

    def _make(self, op: str, key: "Any", new: "Any", old: "Any") -> None:
        """Make a step, and tell of it."""
        perform(self._data, op, key, new, old)
        if self._emit is not None:
            self._emit(self._path, op, key, new, old)


def reach(
    top: "Node",
    data: "dict[str, Any]",
    address: "Address",
    stamp: str,
    emit: "Emit | None",
) -> "Target | None":
    """The container that the address leads into; None where it was replaced or removed after the stamp.

    It need not be there yet: what changes in it is known then, and waits.
    """
    node, origin = top, ""
    container: Any = data
    path: Path = ()
    for part in address:
        key, container = enter(node, origin, container, part)
        node = node.child(part)
        if node.stamp > stamp:
            return None
        origin = node.stamp or origin
        path += (key,)
    return Target(node, origin, container, path, stamp, emit)


def enter(node: "Node", origin: str, container: "Any", part: str) -> "tuple[Any, Any]":
    """Key and value of the part in the container, MISSING where it is not there."""
    if type(container) is dict and part[:1] == ".":
        return part[1:], container.get(part[1:], MISSING)
    if type(container) is list:
        index = node.known_items(origin, len(container)).index(part)
        return index, MISSING if index is None else container[index]
    return None, MISSING


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
        if child.position_stamp <= stamp:
            child.position, child.position_stamp = None, ""
        if child.stamp > stamp:
            _put(node, new, part, child, before, stamp)
        else:
            child.stamp, child.text = "", None
            inner = MISSING
            if child.children or child.position is not None:
                _, inner = enter(node, stamp, new, part)
            if inner is not MISSING and child.position is not None:
                _move(node, new, part, child.position)
            _overlaid(child, before, inner, stamp)
        if not child.is_empty():
            kept[part] = child
    node.children = kept or None
    return new


def _revived(node: "Node") -> "Any":
    """The value of a node that had no position so far."""
    return _overlaid(node, MISSING, decode(node.text or "null"), node.stamp)


def _has_room(container: "Any", part: str, there: "Any", child: "Node") -> bool:
    """Whether the value of a child can stand in a container."""
    if type(container) is list:
        return there is not MISSING or (part[:1] == "#" and child.position is not None)
    kind = type(container)
    return (kind is dict and part[:1] == ".") or (kind is set and part[:1] == "=")


def value_at(container: "Any", items: "Items | None", part: str) -> "Any":
    if type(container) is dict:
        return container.get(part[1:], MISSING) if part[:1] == "." else MISSING
    if type(container) is set:
        member = member_of(part)
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
        member = member_of(part)
        if value is MISSING:
            container.discard(member)
        elif member is not MISSING:
            container.add(member)
    elif type(container) is list and part[:1] == "#":
        items = node.known_items(stamp, len(container))
        if value is MISSING:
            if there is not MISSING:
                child.position = child.position or items.position(part)
                del container[items.remove(part)]
        elif there is not MISSING:
            container[key] = value
            if child.position is not None:
                _move(node, container, part, child.position)
        elif child.position is not None:
            container.insert(items.add(part, child.position), value)


def _move(node: "Node", container: "Any", part: str, position: "Position") -> None:
    """Move an item of a list to its position."""
    items = node.items
    if items is not None and items.position(part) != position:
        value = container.pop(items.remove(part))
        container.insert(items.add(part, position), value)
