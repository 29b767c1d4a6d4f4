"""Whose a key of Web Storage is: what messages call it, and which state it belongs to.

The record of a state lies at ``anchor-session://cart@2``, ``anchor-persistent://cart@2`` or, in browser
session 7, ``anchor-shared:7://cart@2``; what belongs to it, at the same key with a ``#`` and more behind it.
"""

import re

_FORM = re.compile(
    r"(anchor-(session|persistent|shared):?([0-9]*)://(@?[^@#]+)@([^@#:]+))(?:#.*)?", re.DOTALL
)
_DEFAULT = "1.0.0"


def state_at(key: str) -> "tuple[str, str, str] | None":
    """The state's own key, its name as ``session()`` takes it, and its kind; None for anybody else's key."""
    found = _FORM.fullmatch(key)
    if found is None:
        return None
    own, kind, number, name, version = found.groups()
    if (kind == "shared") != bool(number):
        return None
    return own, name if version == _DEFAULT else f"{name}@{version}", kind


def label(key: str, size: str = "") -> str:
    """What a message calls it, with its size: ``the state `cart` (session)``, or the key of anybody else."""
    found = state_at(key)
    if found is None:
        return f"`{key}` ({size})" if size else f"`{key}`"
    return f"the state `{found[1]}` ({found[2]}{size and ', '}{size})"


def by_state(sizes: "list[tuple[str, int]]") -> "list[tuple[str, int]]":
    """The sizes of entries, those of one state as one at its own key, largest first."""
    sums: dict[str, int] = {}
    for key, size in sizes:
        found = state_at(key)
        own = key if found is None else found[0]
        sums[own] = sums.get(own, 0) + size
    return sorted(sums.items(), key=lambda entry: -entry[1])
