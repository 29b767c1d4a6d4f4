"""One tab's knowledge of who changed what last, so that all tabs make the same state of the same changes.

A change has a stamp, greater than all that its tab had met, and an address, from the top of the state: of
an entry of a map ``.`` and its key, of an item of a list its id (see `items`), of a member of a set ``=``
and its text. Whatever the order in which changes arrive, the state becomes what they
would have made one after the other in the order of their stamps:

- of one address, the last change wins;
- what lies in a container that was replaced or removed later is gone with it;
- an item of a list is found by its id, wherever it has moved; added ones keep their places, see `between`.

A change, as it is stored: ``["set", address, value]``, ``["delete", address]`` or, of an item of a list,
``["move", address, place]``; an item that is added is set and moved.
"""

from binascii import crc32

from ..codec import MAX_DEPTH, decode, encode, is_deeper, same
from ..reactive.edits import stands_in
from ..reactive.plain import MISSING, copy_plain
from .between import after, increasing
from .items import Items, checked_id, checked_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..codec import Path
    from ..reactive.edits import Edit
    from ..reactive.steps import Step
    from ..reactive.view import View
    from .between import Place

    Address = tuple[str, ...]
    Change = tuple[str, Address, Place | None, Any]  # op, address, place, value
    Changes = dict[tuple[Address, bool], tuple[str, str]]

_CONTAINERS = (dict, list, set, frozenset)
_AS_IS = ""
"""In place of a value's text: it is what the state holds."""


class _Node:
    """An address: stamp and text (None: deleted) of its last change, its place in a list, what is below."""

    __slots__ = ("children", "is_held", "items", "place", "place_stamp", "stamp", "text")

    def __init__(self) -> None:
        self.stamp = ""
        self.text: str | None = None
        self.is_held = False  # whether the text is that of a later moment, with what is below
        self.place: Place | None = None
        self.place_stamp = ""
        self.children: dict[str, _Node] | None = None
        self.items: Items | None = None  # of a list, once something in it was changed

    def child(self, part: str) -> "_Node":
        if self.children is None:
            self.children = {}
        found = self.children.get(part)
        if found is None:
            found = self.children[part] = _Node()
        return found

    def known_items(self, origin: str, count: int) -> Items:
        if self.items is None:
            self.items = Items(origin, count)
        return self.items

    def set(self, stamp: str) -> None:
        """Begin anew: what was below is gone."""
        self.stamp = stamp
        self.is_held = False
        self.children = None
        self.items = None

    def is_empty(self) -> bool:
        return self.items is None and not (self.stamp or self.place_stamp or self.children)


class Replica:
    """What is known of one state. `newest` is the greatest stamp met."""

    __slots__ = ("_top", "newest")

    def __init__(self) -> None:
        self._top = _Node()
        self.newest = ""

    # -- changes made here ----------------------------------------------------------------------

    def note(self, steps: "list[Step]", stamp: str) -> "Changes":
        """Stamp and text of each change that the steps have made, which get that stamp.

        By address, and by whether they have to do with the value there or with its place.
        """
        self.newest = max(self.newest, stamp)
        return _Noting(self._top, steps, stamp).changes()

    def note_first(self, step: "Step") -> "Changes":
        """The same for an entry of the state that nobody has changed yet, and that `init` brings.

        Its stamp is less than that of any change, and the same in tabs that bring the same.
        """
        stamp = f"{0:013x}{crc32(encode(step.new).encode('utf-8', 'surrogatepass')) >> 8:06x}"
        return _Noting(self._top, [step], stamp).changes()

    def is_untouched(self, key: "Any") -> bool:
        """Whether nobody has changed that entry of the state."""
        return f".{key}" not in (self._top.children or {})

    def removed(self, *, deep: bool) -> "frozenset[tuple[str, ...]]":
        """The keys of the state that were deleted, as paths; `deep`: those of maps within maps too."""
        found: list[tuple[str, ...]] = []
        _gather_removed(found, (), self._top, deep)
        return frozenset(found)

    # -- changes made elsewhere -----------------------------------------------------------------

    def edits(
        self, data: "dict[str, Any]", stamp: str, changes: "list[Change]"
    ) -> "Iterator[Edit]":
        """What the changes mean for the data now: each edit is to be made before the next is asked for."""
        if stamp > self.newest:
            self.newest = stamp
        number = 0
        while number < len(changes):
            op, address, place, value = changes[number]
            following = number + 1
            if op == "move":
                while following < len(changes) and _is_move_beside(changes[following], address):
                    following += 1
            container: Any = data
            node, path, origin = self._top, [], ""
            for part in address[:-1]:
                key, inner = _enter(node, origin, container, part)
                node = node.child(part)
                if node.stamp > stamp:
                    break  # the container was replaced or removed later
                origin = node.stamp or origin
                container = inner
                path.append(key)
            else:
                if following - number > 1 and type(container) is list:
                    items = node.known_items(origin, len(container))
                    places = {each[1][-1]: each[2] for each in changes[number:following]}
                    yield from _edits_of_moves(node, items, container, path, stamp, places)
                for op, address, place, value in changes[number:following]:
                    yield from _edits_of(
                        node, origin, container, path, address[-1], op, stamp, place, value
                    )
            number = following

    # -- what is stored with a whole state ------------------------------------------------------

    def dump(self, data: "dict[str, Any]", horizon: str) -> "list[Any]":
        """As JSON, without the values, which are in the data.

        What changed before `horizon` is left out where it holds nothing: no older change is expected.
        """
        found: list[Any] = []
        _dump(found, self._top, [], "", data, horizon)
        return [self.newest, found]

    @classmethod
    def load(cls, dump: "Any", data: "dict[str, Any]") -> "Replica":
        """The same again. Raises `ValueError` for what is no dump of that data."""
        replica = cls()
        try:
            newest, entries = dump
            replica.newest = checked_id(newest)
            for address, stamp, is_there, place, place_stamp, items, origin in entries:
                node: _Node = replica._top
                value: Any = data
                for part in checked_address(address):
                    value = _at(value, node.items, part)
                    node = node.child(part)
                node.stamp = checked_id(stamp)
                node.text = _AS_IS if is_there else None
                node.place = None if place is None else checked_place(place)
                node.place_stamp = checked_id(place_stamp)
                if items is not None:
                    node.items = Items.load(checked_id(origin), items)
                    if type(value) is not list or len(value) != len(items):
                        raise ValueError("not the items of the list")
        except (TypeError, ValueError) as error:
            raise ValueError(f"not a dump: {error}") from error
        return replica


def parse(change: "Any") -> "Change":
    """A change as JSON gives it. Raises `ValueError` where it is none."""
    op, address = change[0], change[1]
    checked_address(address)
    place = None
    value: Any = MISSING
    if op == "set":
        _, _, value = change
    elif op == "move":
        _, _, place = change
    elif op != "delete" or len(change) != 2:
        raise ValueError("no such change")
    if op == "move":
        place = checked_place(place)
    if type(value) in _CONTAINERS and is_deeper(value, MAX_DEPTH - len(address)):
        raise ValueError("nested too deep")
    return op, tuple(address), place, value


def checked_address(address: "Any") -> "list[str]":
    """The address that a JSON list stands for. Raises `ValueError` for anything else."""
    if type(address) is not list or not all(type(part) is str for part in address):
        raise ValueError("not an address")
    if not 0 < len(address) <= MAX_DEPTH:
        raise ValueError("not an address")
    return address


def change_text(
    op: str, address: "Address", place: "Place | None", value: "Any", text: "str | None" = None
) -> str:
    """The JSON of a change; `text` is that of the value, where it is known."""
    where = encode(list(address))
    if op == "delete":
        return f'["delete",{where}]'
    if op == "move":
        return f'["move",{where},{encode(list(place or ()))}]'
    return f'["set",{where},{encode(value) if text is None else text}]'


# -- making changes of steps ------------------------------------------------------------------------


class _Noting:
    """One pass over the steps of a statement, whose containers are already as all of them left them."""

    def __init__(self, top: _Node, steps: "list[Step]", stamp: str) -> None:
        self._top = top
        self._stamp = stamp
        self._values: dict[Address, Any] = {}  # by address: the new value, or MISSING
        self._places: dict[Address, Place] = {}
        self._nodes: dict[Address, _Node] = {}
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
            if address in self._values:
                value = self._values[address]
                node.text = None if value is MISSING else encode(value)
                op = "delete" if value is MISSING else "set"
                text = change_text(op, address, None, value, node.text)
                found[address, True] = (self._stamp, text)
            if address in self._places:
                text = change_text("move", address, self._places[address], None)
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
        elif op == "add" or op == "discard":
            member = step.new if op == "add" else step.old
            new = step.new if op == "add" else MISSING
            self._set(node, address, f"={encode(member)}", new)
        else:
            part = self._part(node, origin, view._data, step.key)
            self._set(node, address, part, step.new)

    def _find(self, view: "View", path: "Path") -> "tuple[_Node, str, Address]":
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

    def _part(self, node: _Node, origin: str, container: "Any", key: "Any") -> str:
        if type(container) is dict:
            return f".{key}"
        return self._items(node, origin, container).ids(key, key + 1)[0]

    def _items(self, node: _Node, origin: str, data: "list[Any]") -> Items:
        """The items of a list, as they are at this point of the pass."""
        if node.items is None:
            node.items = Items(origin, len(data) - self._growth.get(id(data), 0))
        return node.items

    def _set(self, node: _Node, address: "Address", part: str, value: "Any") -> None:
        child = node.child(part)
        address = address + (part,)
        if child.children:
            for each in [each for each in self._nodes if each[: len(address)] == address]:
                self._forget(each)
        child.set(self._stamp)
        self._values.pop(address, None)  # what was changed last is told last
        self._values[address] = value
        self._nodes.pop(address, None)
        self._nodes[address] = child
        if type(value) in _CONTAINERS:
            self._fresh.add(id(value))

    def _forget(self, address: "Address") -> None:
        del self._nodes[address]
        self._values.pop(address, None)
        self._places.pop(address, None)

    def _place(self, node: _Node, address: "Address", part: str, place: "Place") -> None:
        child = node.child(part)
        child.place = place
        child.place_stamp = self._stamp
        self._places[address + (part,)] = place
        self._nodes[address + (part,)] = child

    def _note_splice(self, node: _Node, address: "Address", items: Items, step: "Step") -> None:
        index: Any = step.key
        stay = items.ids(index, index + len(step.old))
        coming = _matched(step.old, stay, step.new)
        low = items.place_at(index - 1)
        stop = index + len(stay)
        # Items behind that have the same place as those before go along: nothing fits between.
        while low is not None and stop < len(items) and items.place_at(stop) == low:
            stop += 1
        coming += items.ids(index + len(stay), stop)
        stay += items.ids(index + len(stay), stop)
        high = items.place_at(stop)
        places = {item: items.place(item) for item in stay}
        for item in stay:
            items.remove(item)
        remain = set(coming)
        for item in stay:
            if item not in remain:
                self._remove(node, address, item, places[item])
        moving = [item for item in coming if item is not None]
        kept = increasing([places[item] or () for item in moving], low)
        fixed = {moving[number] for number in kept}
        ends = [places[item] if item in fixed else None for item in coming]
        for number in range(len(ends) - 1, -1, -1):  # the next fixed place behind each
            following = ends[number + 1] if number + 1 < len(ends) else high
            ends[number] = ends[number] or following
        for number, item in enumerate(coming):
            if item in fixed:
                low = places[item]
                assert low is not None
                items.add(item, low)
                continue
            low = after(low, ends[number])
            if item is None:
                item = f"#{self._stamp}.{self._inserted}"
                self._inserted += 1
                self._set(node, address, item, step.new[number])
            self._place(node, address, item, low)
            items.add(item, low)

    def _remove(self, node: _Node, address: "Address", item: str, place: "Place | None") -> None:
        is_new = item.startswith(f"#{self._stamp}.")  # came and went
        self._set(node, address, item, MISSING)
        node.child(item).place = place
        self._places.pop(address + (item,), None)
        if is_new:
            self._forget(address + (item,))
            assert node.children is not None
            del node.children[item]


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


def _gather_removed(
    found: "list[tuple[str, ...]]", path: "tuple[str, ...]", node: _Node, deep: bool
) -> None:
    for part, child in (node.children or {}).items():
        if part[:1] == ".":
            if child.stamp and child.text is None:
                found.append(path + (part[1:],))
            elif deep:
                _gather_removed(found, path + (part[1:],), child, deep)


# -- making edits of changes ------------------------------------------------------------------------


def _enter(node: _Node, origin: str, container: "Any", part: str) -> "tuple[Any, Any]":
    """Key and value of the part in the container, MISSING where it is not there."""
    if type(container) is dict and part[:1] == ".":
        return part[1:], container.get(part[1:], MISSING)
    if type(container) is list:
        index = node.known_items(origin, len(container)).index(part)
        return index, MISSING if index is None else container[index]
    return None, MISSING


def _edits_of(
    node: _Node,
    origin: str,
    container: "Any",
    path: "list[Any]",
    part: str,
    op: str,
    stamp: str,
    place: "Place | None",
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
    key, old = _enter(node, origin, container, part)
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


def _is_move_beside(change: "Change", address: "Address") -> bool:
    return change[0] == "move" and change[1][:-1] == address[:-1]


def _edits_of_moves(
    node: _Node,
    items: Items,
    container: "list[Any]",
    path: "list[Any]",
    stamp: str,
    places: "dict[str, Place | None]",
) -> "Iterator[Edit]":
    """One edit for the items of a list that are there and move together, as those of a sorted list do."""
    before = items.ids(0, len(items))
    moved: list[tuple[str, Place]] = []
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
    child: _Node,
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


def _overlaid(node: _Node, old: "Any", new: "Any", stamp: str) -> "Any":
    """The new value of a node, changed at `stamp`, with what was changed below it after that.

    `old` is the value before. What was changed below earlier is forgotten.
    """
    children, old_items = node.children, node.items
    node.children = None
    if not node.is_held:
        node.items = None
    if not children:
        return new
    kept: dict[str, _Node] = {}
    for part, child in children.items():
        before = _at(old, old_items, part)
        if child.place_stamp <= stamp:
            child.place, child.place_stamp = None, ""
        if child.stamp > stamp:
            _put(node, new, part, child, before, stamp)
        else:
            child.stamp, child.text = "", None
            inner = MISSING
            if child.children or child.place is not None:
                _, inner = _enter(node, stamp, new, part)
            if inner is not MISSING and child.place is not None:
                _move(node, new, part, child.place)
            _overlaid(child, before, inner, stamp)
        if not child.is_empty():
            kept[part] = child
    node.children = kept or None
    return new


def _revived(node: _Node) -> "Any":
    """The value of a node that had no place so far."""
    return _overlaid(node, MISSING, decode(node.text or "null"), node.stamp)


def _has_room(container: "Any", part: str, there: "Any", child: _Node) -> bool:
    """Whether the value of a child can stand in a container."""
    if type(container) is list:
        return there is not MISSING or (part[:1] == "#" and child.place is not None)
    kind = type(container)
    return (kind is dict and part[:1] == ".") or (kind is set and part[:1] == "=")


def _at(container: "Any", items: "Items | None", part: str) -> "Any":
    if type(container) is dict:
        return container.get(part[1:], MISSING) if part[:1] == "." else MISSING
    if type(container) is set:
        member = _member(part)
        return member if member is not MISSING and member in container else MISSING
    index = items.index(part) if items is not None and type(container) is list else None
    return MISSING if index is None else container[index]


def _put(node: _Node, container: "Any", part: str, child: _Node, before: "Any", stamp: str) -> None:
    """Let a later change be seen in the new value of the container that it was made in."""
    key, there = _enter(node, stamp, container, part)
    value = MISSING
    if child.text is not None:
        if before is not MISSING:
            value = copy_plain(before)
        elif child.text != _AS_IS:
            value = _revived(child)
        else:
            return
        if child.text == _AS_IS and not _has_room(container, part, there, child):
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


def _move(node: _Node, container: "Any", part: str, place: "Place") -> None:
    """Put an item of a list in its place."""
    items = node.items
    if items is not None and items.place(part) != place:
        value = container.pop(items.remove(part))
        container.insert(items.add(part, place), value)


def _dump(
    found: "list[Any]", node: _Node, address: "list[str]", origin: str, value: "Any", horizon: str
) -> None:
    is_recent = node.stamp > horizon or node.place_stamp > horizon
    is_nowhere = value is MISSING and node.text is not None
    if is_nowhere:
        pass  # it waits for its container, which is not expected any more
    elif node.items is not None or is_recent or (node.stamp and type(value) in _CONTAINERS):
        place = None if node.place is None else list(node.place)
        items = None if node.items is None else node.items.dump()
        from_ = "" if node.items is None else node.items.origin
        is_there = node.text is not None
        found.append([address, node.stamp, is_there, place, node.place_stamp, items, from_])
    for part, child in (node.children or {}).items():
        inner = _at(value, node.items, part)
        _dump(found, child, address + [part], origin, inner, horizon)
