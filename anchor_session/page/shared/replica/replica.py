"""One tab's knowledge of who changed what last, so that all tabs make the same state of the same changes.

A change has a stamp, greater than all that its tab had met, and an address, from the top of the state: of
an entry of a map ``.`` and its key, of an item of a list its id (see `items`), of a member of a set ``=``
and its text. Whatever the order in which changes arrive, the state becomes what they
would have made one after the other in the order of their stamps:

- of one address, the last change wins;
- what lies in a container that was replaced or removed later is gone with it;
- an item of a list is found by its id, wherever it has moved; added ones keep their positions (`fractional`).

A change, as it is stored: ``["set", address, value]``, ``["delete", address]`` or, of an item of a list,
``["move", address, position]``; an item that is added is set and moved.

Three statements of two tabs, which have not heard of each other yet: ``x`` is ``#0`` wherever it stands.

    >>> cart.l.append("y")
    >>> other.l.insert(0, "a")
    >>> other.l[1] = "X"
    >>> show_changes()
    {key}#edit.60a241bb1c700d82c07
        ["set",[".l","#60a241bb1c700d82c07.0"],"y"]
        ["move",[".l","#60a241bb1c700d82c07.0"],[1]]
    {key}#edit.60a241bb1c701629f6f
        ["set",[".l","#60a241bb1c701629f6f.0"],"a"]
        ["move",[".l","#60a241bb1c701629f6f.0"],[-1]]
    {key}#edit.60a241bb1c702629f6f
        ["set",[".l","#0"],"X"]
    >>> settle()
    >>> cart.l == other.l == ["a", "X", "y"]
    True
"""

from binascii import crc32

from ....codec import encode
from ....reactive.plain import MISSING
from .changes import CONTAINERS, checked_address
from .incoming import reach, value_at
from .items import Items, checked_id, checked_position, pack, unpack
from .node import AS_IS, Node
from .outgoing import StepRecorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ....reactive.patch import Emit
    from ....reactive.steps import Step
    from .changes import Address, Changes, Groups


_PARTS = 7
_USUAL: "list[Any]" = [True, None, "", None, ""]
"""What the parts of an entry of a dump are behind address and stamp, if they are not there."""


class Replica:
    """What is known of one state. `newest` is the greatest stamp met."""

    __slots__ = ("_top", "newest")

    def __init__(self) -> None:
        self._top = Node()
        self.newest = ""

    # -- changes made here ----------------------------------------------------------------------

    def note(self, steps: "list[Step]", stamp: str) -> "Changes":
        """Stamp and text of each change that the steps have made, which get that stamp.

        By address, and by whether they have to do with the value there or with its position.
        """
        self.newest = max(self.newest, stamp)
        return StepRecorder(self._top, steps, stamp).changes()

    def note_first(self, step: "Step") -> "Changes":
        """The same for an entry of the state that nobody has changed yet, and that `init` brings.

        Its stamp is less than that of any change, and the same in tabs that bring the same.
        """
        stamp = f"{0:013x}{crc32(encode(step.new).encode('utf-8', 'surrogatepass')) >> 8:06x}"
        return StepRecorder(self._top, [step], stamp).changes()

    def is_untouched(self, key: "Any") -> bool:
        """Whether nobody has changed that entry of the state."""
        return f".{key}" not in (self._top.children or {})

    def removed(self, *, deep: bool) -> "frozenset[tuple[str, ...]]":
        """The keys of the state that were deleted, as paths; `deep`: those of maps within maps too."""
        found: list[tuple[str, ...]] = []
        _gather_removed(found, (), self._top, deep)
        return frozenset(found)

    def reaches(self, data: "dict[str, Any]", address: "Address") -> bool:
        """Whether there is still a container that the address leads into."""
        node, value = self._top, data
        for part in address[:-1]:
            value = value_at(value, node.items, part)
            node = node.child(part)
        return type(value) in CONTAINERS

    # -- changes made elsewhere -----------------------------------------------------------------

    def apply(self, data: "dict[str, Any]", groups: "Groups", emit: "Emit | None" = None) -> None:
        """Make the changes in the data, and give each step to `emit` when it is made.

        What differs from the data is a step: path of its container, op, key, new, old, as of a `Step`.
        """
        for stamp, changes in groups:
            if stamp > self.newest:
                self.newest = stamp
            number = 0
            while number < len(changes):
                above = changes[number][1][:-1]
                following = number + 1
                while following < len(changes) and changes[following][1][:-1] == above:
                    following += 1
                target = reach(self._top, data, above, stamp, emit)
                if target is not None:
                    target.apply(changes[number:following])
                number = following

    # -- what is stored with a whole state ------------------------------------------------------

    def dump(
        self, data: "dict[str, Any]", horizon: str, names: str = "", *, is_compact: bool = False
    ) -> "list[Any]":
        """As JSON, without the values, which are in the data.

        What changed before `horizon`, or of the keys of the state before `names`, is left out where it holds
        nothing: no older change is expected. It is forgotten here too.
        """
        found: list[Any] = []
        _dump(found, self._top, [], data, horizon, names or horizon)
        if is_compact:
            found = [_shortened(entry) for entry in found]
        return [self.newest, found]

    @classmethod
    def load(cls, dump: "Any", data: "dict[str, Any]") -> "Replica":
        """The same again. Raises `ValueError` for what is no dump of that data."""
        replica = cls()
        try:
            newest, entries = dump
            replica.newest = checked_id(newest)
            for entry in entries:
                whole = entry + _USUAL[len(entry) - 2 :] if len(entry) < _PARTS else entry
                address, stamp, is_there, position, position_stamp, items, origin = whole
                node: Node = replica._top
                value: Any = data
                for part in checked_address(address):
                    value = value_at(value, node.items, part)
                    node = node.child(part)
                node.stamp = checked_id(stamp)
                node.text = AS_IS if is_there else None
                node.position = None if position is None else checked_position(position)
                node.position_stamp = checked_id(position_stamp)
                if items is not None:
                    if type(value) is not list:
                        raise ValueError("not a list")
                    node.items = Items.load(checked_id(origin), unpack(items, len(value)))
                    if len(value) != len(node.items):
                        raise ValueError("not the items of the list")
        except (TypeError, ValueError) as error:
            raise ValueError(f"not a dump: {error}") from error
        return replica


def _shortened(entry: "list[Any]") -> "list[Any]":
    """An entry of a dump, with its items in runs, and without what `load` adds at its end."""
    if entry[5] is not None:
        entry[5] = pack(entry[5])
    length = _PARTS
    while length > 2 and entry[length - 1] == _USUAL[length - 3]:
        length -= 1
    return entry[:length]


def _gather_removed(
    found: "list[tuple[str, ...]]", path: "tuple[str, ...]", node: Node, deep: bool
) -> None:
    for part, child in (node.children or {}).items():
        if part[:1] == ".":
            if child.stamp and child.text is None:
                found.append(path + (part[1:],))
            elif deep:
                _gather_removed(found, path + (part[1:],), child, deep)


def _dump(
    found: "list[Any]",
    node: Node,
    address: "list[str]",
    value: "Any",
    horizon: str,
    names: str,
) -> bool:
    """Dump the node and what is below it; False where none of it matters."""
    items = node.items if type(value) is list else None
    since = names if len(address) == 1 else horizon
    is_recent = node.stamp > since or node.position_stamp > since
    matters = is_recent or items is not None
    if value is MISSING and node.text is not None:
        pass  # it waits for its container, which is not expected any more by who comes later
    elif matters or (node.stamp and (_has_list(value) or _is_key_of_state(address, value))):
        matters = True
        position = None if node.position is None else list(node.position)
        known, origin = (None, "") if items is None else (items.dump(), items.origin)
        is_there = node.text is not None
        found.append([address, node.stamp, is_there, position, node.position_stamp, known, origin])
    children = node.children or {}
    for part in list(children):
        below = address + [part]
        if _dump(found, children[part], below, value_at(value, items, part), horizon, names):
            matters = True
        else:
            del children[part]
    node.children = children or None
    return matters


def _is_key_of_state(address: "list[str]", value: "Any") -> bool:
    """Whether a container stands there that other tabs may bring too, of their `init`."""
    return len(address) == 1 and type(value) in CONTAINERS


def _has_list(value: "Any") -> bool:
    """Whether a list lies in it: its items are called by what brought it."""
    kind = type(value)
    if kind is dict:
        return any(map(_has_list, value.values()))
    return kind is list
