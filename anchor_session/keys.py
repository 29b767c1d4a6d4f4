"""Whose a key of Web Storage is: what messages call it, and which state it belongs to.

The record of a state lies at ``anchor-session://cart@2``, ``anchor-persistent://cart@2`` or, in browser
session 7, ``anchor-shared:7://cart@2`` (without a number in an area that the user gave); what belongs to it,
at the same key with a ``#`` and more behind it.
"""

_KINDS = ("session", "persistent", "shared")
_DEFAULT = "1.0.0"


def state_at(key: str) -> "tuple[str, str, str] | None":
    """The state's own key, its name as `session()` takes it, and its kind; None for anybody else's key."""
    own = key.partition("#")[0]
    prefix, _, rest = own.partition("://")
    prefix, colon, number = prefix.partition(":")  # the number of a browser session
    kind = prefix[len("anchor-") :]
    if prefix[:7] != "anchor-" or kind not in _KINDS:
        return None
    if colon and (kind != "shared" or not number.isdigit()):
        return None
    name, _, version = rest[1:].partition("@")  # the first letter may be an @ of its own
    name = rest[:1] + name
    if name in ("", "@") or not version or "@" in version or ":" in version:
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
