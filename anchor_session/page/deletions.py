"""Names of `init` that the user deleted, so that a reload does not bring them back.

A path is a tuple of keys: of one key, or under ``merge="deep"`` of any number. The list is advice about
what a record lacks: a name that the record holds is not deleted, whatever the list says.
"""

from ..codec import decode, encode
from ..errors import StorageWarning, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Data = dict[str, Any]
    Names = frozenset[tuple[str, ...]]

NONE: "Names" = frozenset()


def from_text(text: "str | None", key: str) -> "Names":
    """The paths that a stored list names; what cannot be read names none, with a warning."""
    if text is None:
        return NONE
    try:
        entries = decode(text)
        if type(entries) is not list:
            raise ValueError("not a list")
        paths = [(entry,) if type(entry) is str else tuple(entry) for entry in entries]
        if not all(path and all(type(part) is str for part in path) for path in paths):
            raise ValueError("not a list of names")
    except (ValueError, TypeError) as error:
        warn(f"the list of deleted names at `{key}` is ignored: {error}", StorageWarning)
        return NONE
    return frozenset(paths)


def to_text(paths: "Names") -> "str | None":
    """The list as it is stored: a name as text, a longer path as a list. None for no paths."""
    if not paths:
        return None
    return encode([path[0] if len(path) == 1 else list(path) for path in sorted(paths)])


def joined(one: "str | None", other: "str | None", key: str) -> "str | None":
    """The list that names what either of two stored lists names."""
    if one is None or other is None or one == other:
        return other if one is None else one
    return to_text(from_text(one, key) | from_text(other, key))


def without(init: "Data", paths: "Names", record: "Data") -> "Data":
    """`init` less the paths that the record does not hold either; `init` is used up."""
    for path in paths:
        if not _holds(record, path):
            data = init
            for key in path[:-1]:
                data = data.get(key, {})
                if type(data) is not dict:
                    break
            else:
                data.pop(path[-1], None)
    return init


def present(init: "Data", data: "Data", deep: bool) -> "Names":
    """The paths of `init` that the data holds."""
    if not deep:
        return frozenset([(key,) for key in init if key in data])
    found: list[tuple[str, ...]] = []
    _gather(found, (), init, data)
    return frozenset(found)


def _gather(
    found: "list[tuple[str, ...]]", path: "tuple[str, ...]", init: "Data", data: "Data"
) -> None:
    for key, value in init.items():
        if key in data:
            found.append(path + (key,))
            if type(value) is dict and type(data[key]) is dict:
                _gather(found, path + (key,), value, data[key])


def absent(paths: "Names", data: "Data") -> "Names":
    """Those of the paths that the data lacks; of a map that is gone, itself and nothing below it."""
    gone = frozenset([path for path in paths if not _holds(data, path)])
    return frozenset([path for path in gone if path[:-1] not in gone])


def _holds(data: "Any", path: "tuple[str, ...]") -> bool:
    for key in path:
        if type(data) is not dict:
            return True  # another value stands in the map's place: nothing below it was deleted
        if key not in data:
            return False
        data = data[key]
    return True
