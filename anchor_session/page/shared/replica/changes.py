"""A change as it is stored: see `replica`. What is read of one is untrusted."""

from ....codec import MAX_DEPTH, decode, encode, is_deeper
from ....reactive.plain import MISSING
from .items import checked_position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .fractional import Position

    Address = tuple[str, ...]
    Change = tuple[str, Address, Position | None, Any]  # op, address, position, value
    Changes = dict[tuple[Address, bool], tuple[str, str]]
    Groups = list[tuple[str, list[Change]]]  # by stamp

CONTAINERS = (dict, list, set, frozenset)


def parse(change: "Any") -> "Change":
    """A change as JSON gives it. Raises `ValueError` where it is none."""
    op, address = change[0], change[1]
    depth = MAX_DEPTH - len(checked_address(address))
    position = None
    value: Any = MISSING
    if op == "set":
        _, _, value = change
        for each in (value, member_of(address[-1])):
            if type(each) in CONTAINERS and is_deeper(each, depth):
                raise ValueError("nested too deep")
    elif op == "move":
        _, _, position = change
        position = checked_position(position)
    elif op != "delete" or len(change) != 2:
        raise ValueError("no such change")
    return op, tuple(address), position, value


def member_of(part: str) -> "Any":
    """The member of a set that the part of an address stands for; MISSING for one of something else."""
    if part[:1] != "=":
        return MISSING
    try:
        member = decode(part[1:])
        hash(member)
    except (TypeError, ValueError):
        return MISSING
    return member


def checked_address(address: "Any") -> "list[str]":
    """The address that a JSON list stands for. Raises `ValueError` for anything else."""
    if type(address) is not list or not 0 < len(address) <= MAX_DEPTH:
        raise ValueError("not an address")
    for part in address:
        if type(part) is not str:
            raise ValueError("not an address")
    return address


def change_text(op: str, where: str, what: "str | None") -> str:
    """The JSON of a change, of those of its address, and of its value or position."""
    return f'["{op}",{where}]' if what is None else f'["{op}",{where},{what}]'


def texts_of(stamp: str, changes: "list[Change]") -> "Changes":
    """Changes that were read, as they are stored."""
    found: Changes = {}
    for op, address, position, value in changes:
        what = None
        if op != "delete":
            what = encode(value if op == "set" else list(position or ()))
        found[address, op != "move"] = (stamp, change_text(op, encode(list(address)), what))
    return found
