"""Changes made of the steps of a statement, in one pass over them."""

from ....codec import encode
from ....reactive.edits import stands_in
from ....reactive.plain import MISSING
from .changes import CONTAINERS, change_text
from .fractional import after, increasing
from .items import Items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ....codec import Path
    from ....reactive.steps import Step
    from ....reactive.view import View
    from .changes import Address, Changes
    from .fractional import Position
    from .node import Node


class StepRecorder:
    """One pass over the steps of a statement, whose containers are already as all of them left them."""

    def __init__(self, top: "Node", steps: "list[Step]", stamp: str) -> None:
        self._top = top
        self._stamp = stamp
        self._values: dict[Address, Any] = {}  # by address: the new value, or MISSING
        self._positions: dict[Address, Position] = {}
        self._nodes: dict[Address, Node] = {}
        self._inserted = 0
        self._growth: dict[int, int] = {}  # of lists, by id(): how much later steps add
        self._fresh: set[int] = set()  # containers that came with the statement, by id()
        for step in steps:
            if step.op == "splice":
                self._grow(step, 1)
        for step in steps:
            if step.op != "order" and not (self._fresh and stands_in(step.view, self._fresh)):
                self._note(step)
            elif step.op == "splice":
                self._grow(step, -1)

    def changes(self) -> "Changes":
        found: Changes = {}
        for address, node in self._nodes.items():
            where = encode(list(address))
            if address in self._values:
                value = self._values[address]
                node.text = None if value is MISSING else encode(value)
                op = "delete" if value is MISSING else "set"
                found[address, True] = (self._stamp, change_text(op, where, node.text))
            if address in self._positions:
                text = change_text("move", where, encode(list(self._positions[address])))
                found[address, False] = (self._stamp, text)
        return found

    def _grow(self, step: "Step", sign: int) -> None:
        container = id(step.view._data)
        more = sign * (len(step.new) - len(step.old))
        self._growth[container] = self._growth.get(container, 0) + more

    def _note(self, step: "Step") -> None:
        view, op = step.view, step.op
        node, origin, address = self._find(view, step.path)
        if op == "splice":
            items = self._items(node, origin, view._data)
            self._grow(step, -1)
            self._note_splice(node, address, items, step)
        elif op == "move":
            self._note_move(node, address, self._items(node, origin, view._data), step)
        elif op == "add" or op == "discard":
            member = step.new if op == "add" else step.old
            new = step.new if op == "add" else MISSING
            self._set(node, address, f"={encode(member)}", new)
        else:
            part = self._part(node, origin, view._data, step.key)
            self._set(node, address, part, step.new)

    def _find(self, view: "View", path: "Path") -> "tuple[Node, str, Address]":
        chain: list[View] = []
        above: View | None = view
        while above is not None:
            chain.append(above)
            above = above._parent
        chain.reverse()
        node, origin, address = self._top, "", []
        for key, container in zip(path, chain):
            part = self._part(node, origin, container._data, key)
            address.append(part)
            node = node.child(part)
            origin = node.stamp or origin
        return node, origin, tuple(address)

    def _part(self, node: "Node", origin: str, container: "Any", key: "Any") -> str:
        if type(container) is dict:
            return f".{key}"
        return self._items(node, origin, container).ids(key, key + 1)[0]

    def _items(self, node: "Node", origin: str, data: "list[Any]") -> Items:
        """The items of a list, as they are at this point of the pass."""
        if node.items is None:
            node.items = Items(origin, len(data) - self._growth.get(id(data), 0))
        return node.items

    def _set(self, node: "Node", address: "Address", part: str, value: "Any") -> "Node":
        child = node.child(part)
        address = address + (part,)
        if child.children:
            depth = len(address)
            for each in list(self._nodes):
                if len(each) > depth and each[:depth] == address:
                    self._forget(each)
        child.set(self._stamp)
        self._values.pop(address, None)  # what was changed last is told last
        self._values[address] = value
        self._nodes.pop(address, None)
        self._nodes[address] = child
        if type(value) in CONTAINERS:
            self._fresh.add(id(value))
        return child

    def _forget(self, address: "Address") -> None:
        del self._nodes[address]
        self._values.pop(address, None)
        self._positions.pop(address, None)

    def _put_at(self, child: "Node", address: "Address", position: "Position") -> None:
        child.position = position
        child.position_stamp = self._stamp
        self._positions[address] = position
        self._nodes[address] = child

    def _note_splice(self, node: "Node", address: "Address", items: Items, step: "Step") -> None:
        index: Any = step.key
        low = items.position_at(index - 1)
        count = len(step.old)
        stop = index + count
        # Items behind that have the same position as those before go along: nothing fits between.
        while low is not None and stop < len(items) and items.position_at(stop) == low:
            stop += 1
        stay = items.ids(index, stop)
        coming = _matched(step.old, stay[:count], step.new) + stay[count:]
        high = items.position_at(stop)
        positions = self._take_out(node, address, items, stay, coming)
        fixed = _fixed(coming, positions, low)
        ends = [positions[item] if item in fixed else None for item in coming]
        for number in range(len(ends) - 1, -1, -1):  # the next fixed position behind each
            following = ends[number + 1] if number + 1 < len(ends) else high
            ends[number] = ends[number] or following
        for number, item in enumerate(coming):
            if item in fixed:
                low = positions[item]
                assert low is not None
                items.add(item, low)
                continue
            low = after(low, ends[number])
            if item is None:
                item = f"#{self._stamp}.{self._inserted}"
                self._inserted += 1
                child = self._set(node, address, item, step.new[number])
            else:
                child = node.child(item)
            self._put_at(child, address + (item,), low)
            items.add(item, low)

    def _note_move(self, node: "Node", address: "Address", items: Items, step: "Step") -> None:
        start: int = step.new
        going = items.ids(step.old, step.old + 1)
        items.remove(going[0])
        low = items.position_at(start - 1)
        stop = start
        # As in a splice: those of one position with the item before go along.
        while low is not None and items.position_at(stop) == low:
            stop += 1
        going += items.ids(start, stop)
        high = items.position_at(stop)
        for item in going[1:]:
            items.remove(item)
        for item in going:
            low = after(low, high)
            self._put_at(node.child(item), address + (item,), low)
            items.add(item, low)

    def _take_out(
        self,
        node: "Node",
        address: "Address",
        items: Items,
        stay: "list[str]",
        coming: "list[str | None]",
    ) -> "dict[str, Position]":
        """Let go of the items, and of those that are not to come back for good; where they stood."""
        positions: dict[str, Position] = {}
        for item in stay:
            position = items.position(item)
            assert position is not None
            positions[item] = position
            items.remove(item)
        remain = set(coming)
        for item in stay:
            if item not in remain:
                self._remove(node, address, item, positions[item])
        return positions

    def _remove(
        self, node: "Node", address: "Address", item: str, position: "Position | None"
    ) -> None:
        is_new = item.startswith(f"#{self._stamp}.")  # came and went
        self._set(node, address, item, MISSING)
        node.child(item).position = position  # told if it is new: the item may come back there
        if is_new:
            self._forget(address + (item,))
            assert node.children is not None
            del node.children[item]


def _fixed(
    coming: "list[str | None]", positions: "dict[str, Position]", low: "Position | None"
) -> "set[str]":
    """The items that can stay where they stood."""
    if not positions:
        return set()
    moving = [item for item in coming if item is not None]
    kept = increasing([positions[item] for item in moving], low)
    return {moving[number] for number in kept}


def _matched(old: "list[Any]", ids: "list[str]", new: "list[Any]") -> "list[Any]":
    """For each new item the id of the old one that it is, or None."""
    if not old or not new:
        return [None] * len(new)
    found: dict[Any, list[str]] = {}
    for item, each in zip(reversed(old), reversed(ids)):
        found.setdefault(_identity(item), []).append(each)
    coming: list[Any] = []
    for item in new:
        same_ones = found.get(_identity(item))
        coming.append(same_ones.pop() if same_ones else None)
    return coming


def _identity(item: "Any") -> "int | str":
    return id(item) if type(item) in (dict, list, set) else encode(item)
