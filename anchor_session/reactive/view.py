"""A view: one container of a state, where it stands, and the way to it.

The live data is plain `dict`, `list` and `set`; a view holds one of them. Each container has one parent
and one view. Whether a view is still part of the state is never noted down: a parent holds the container
or it does not, so no statement and no undoing of one has to keep a note true.
"""

from ..errors import DetachedError
from .plain import copy_plain
from .transaction import check_open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .subscription import Listener
    from .transaction import Step

    Writer = Callable[[list[Step]], Callable[[], None]]


class Root:
    """What all views of one state share: the view at the top, who listens, and who stores.

    `writer(steps)` is called once a statement or batch, after the data changed and before anybody is
    told. It returns how to take its writing back, and raises to have the whole statement undone.
    `owner` is whoever made the root, for its own use.
    """

    __slots__ = ("listeners", "owner", "view", "writer")

    def __init__(self) -> None:
        self.view: View
        self.listeners: list[Listener] = []
        self.writer: Writer | None = None
        self.owner: Any = None


class View:
    """Base of `MapView`, `ListView` and `SetView`."""

    __slots__ = ("__weakref__", "_children", "_data", "_key", "_parent", "_root")

    _data: "Any"
    _root: Root
    _parent: "View | None"
    _key: "str | int | None"  # in a list only where it was last seen
    _children: "dict[int, View]"  # by id() of the container, which the child keeps alive

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        data: "Any",
        root: Root,
        parent: "View | None" = None,
        key: "str | int | None" = None,
    ) -> None:
        self._data = data
        self._root = root
        self._parent = parent
        self._key = key
        self._children = {}

    def _child(self, container: "Any", key: "str | int") -> "View":
        child = self._children.get(id(container))
        if child is None:
            child = VIEWS[type(container)](container, self._root, self, key)
            self._children[id(container)] = child
        else:
            child._key = key
        return child

    def _key_of(self, child: "View") -> "str | int":
        """Where the child stands now. Raises `DetachedError` if it does not."""
        raise NotImplementedError

    def _undo(self, step: "Step") -> None:
        """Put back what the step changed in this container."""
        raise NotImplementedError

    def _path(self) -> "Path":
        """Keys and indexes from the root to here. Raises `DetachedError` for a removed view."""
        keys: list[str | int] = []
        view = self
        while view._parent is not None:
            keys.append(view._parent._key_of(view))
            view = view._parent
        keys.reverse()
        return tuple(keys)

    def _open(self) -> "Path":
        """The path, asked for at the start of each statement that changes this container."""
        check_open()
        return self._path()

    def _stands_at(self, parent: "View", key: "str | int") -> bool:
        return self._parent is parent and parent._key_of(self) == key

    def __anchor_plain__(self) -> "Any":
        return self._data

    def __copy__(self) -> "Any":
        return self.copy()

    def copy(self) -> "Any":
        raise NotImplementedError

    def __deepcopy__(self, memo: "dict[int, Any]") -> "Any":
        return copy_plain(self._data)

    def __reduce__(self) -> "tuple[Any, ...]":
        return (copy_plain, (self._data,))

    def __repr__(self) -> str:
        return repr(self._data)

    def __eq__(self, other: object) -> bool:
        return bool(self._data == raw(other))

    def __len__(self) -> int:
        return len(self._data)


VIEWS: "dict[type, Any]" = {}  # container type: view class; each view module enters its own


def raw(value: "Any") -> "Any":
    """The data of a view; anything else as it is."""
    return value._data if isinstance(value, View) else value


def detached(key: "str | int | None") -> DetachedError:
    """The error for a write through a view that was removed from where `key` says."""
    return DetachedError(
        f"this view was removed from the state (it stood at {key!r}), so what is written to it could not "
        "be stored; read it again from the state, or change a snapshot() of it"
    )
