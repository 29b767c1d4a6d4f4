"""A view: one container of a state, where it stands, and the way to it.

The live data is plain `dict`, `list` and `set`; a view holds one of them. Each container has one parent
and one view. Whether a view is still part of the state is never noted down: a parent holds the container
or it does not, so no statement and no undoing of one has to keep a note true.
"""

from ..codec import STORED_AS_IS, as_stored
from ..errors import DetachedError, ImmutableError
from . import graph, steps
from .plain import copy_plain
from .threads import whole
from .tracking import BELOW, CONTENTS, LENGTH, track
from .transaction import abandoned, check_open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .steps import Step
    from .subscription import Listener
    from .tracking import TrackedKey

    Writer = Callable[[list[Step]], Callable[[], None]]


class Root:
    """What all views of one state share: the view at the top, who listens, and who stores.

    `writer(steps)` is called once a statement or batch, after the data changed and before anybody is
    told. It returns how to take its writing back, and raises to have the whole statement undone.
    `check(steps)` is called before any writer, and raises to have the whole statement undone.
    `describe(step, path)` is called with each step while somebody listens; `subscribe` sets it.
    `owner` is whoever made the root, for its own use. `is_ahead`: the data have steps that are being stored
    together with those of other states.
    """

    __slots__ = (
        "check",
        "describe",
        "has_deep_tracking",
        "is_ahead",
        "is_shallow",
        "listeners",
        "owner",
        "view",
        "writer",
    )

    def __init__(self) -> None:
        self.view: View
        self.listeners: list[Listener] = []
        self.describe: Callable[[Step, Path], None]
        self.writer: Writer | None = None
        self.check: Callable[[list[Step]], None] | None = None
        self.has_deep_tracking = False
        self.is_ahead = False
        self.is_shallow = False  # then containers inside the state are read as copies
        self.owner: Any = None


class View:
    """Base of `MapView`, `ListView` and `SetView`."""

    __slots__ = (
        "__weakref__",
        "_children",
        "_data",
        "_key",
        "_locked",
        "_parent",
        "_root",
        "_tracked",
        "_twin",
    )

    _data: "Any"
    _root: Root
    _parent: "View | None"
    _key: "str | int | None"  # in a list only where it was last seen
    _tracked: "dict[Any, TrackedKey] | None"  # what was read of it, once something was
    _locked: "View | None"  # the one of the same container that may not write, once asked for
    _twin: "View | None"  # of a view that may not write: the one of the same container that may
    _children: "dict[int, View]"  # by id() of the container, which the child keeps alive

    # Of a list what reading its items gives, once it was iterated.
    _iterated: "list[Any] | None" = None

    # `_as_stored(value, path)` gives the value as it is stored at `path`, in this container. It is not asked
    # for a value that is so already, as the test in `_stored_as_is` for its type tells.
    _as_stored: "Callable[[Any, Path], Any]" = staticmethod(as_stored)
    _stored_as_is: "dict[type, Callable[[Any], object]]" = STORED_AS_IS

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        data: "Any",
        root: Root,
        parent: "View | None" = None,
        key: "str | int | None" = None,
    ) -> None:
        # By the slots themselves: `MapView.__setattr__` is a call for each.
        _set_data(self, data)
        _set_root(self, root)
        _set_parent(self, parent)
        _set_key(self, key)
        _set_tracked(self, None)
        _set_children(self, {})
        _set_locked(self, None)
        _set_twin(self, None)

    def _peek(self, key: "Any") -> "Any":
        """What is at the key now: `MISSING`, a value, a container; of a set, whether it is a member."""
        raise NotImplementedError

    def _child(self, container: "Any", key: "str | int") -> "Any":
        """The view of a container in here; in a shallow state a copy of it."""
        child = self._children.get(id(container))
        if child is not None:
            if child._key != key:
                _set_key(child, key)
            return child
        if self._twin is not None:
            child = self._twin._child(container, key)
            return lock(child) if isinstance(child, View) else child
        if self._root.is_shallow:
            return self._copy_of(container, key)
        # Another thread that reads may have made it just now.
        return self._children.setdefault(id(container), self._make(container, key))

    def _make(self, container: "Any", key: "str | int") -> "View":
        """A view of a container that stands at the key."""
        made: View = VIEWS[type(container)](container, self._root, self, key)
        return made

    @whole
    def _copy_of(self, container: "Any", key: "str | int") -> "Any":
        """What a shallow state gives for it."""
        return copy_plain(container)

    def _again(self) -> "View":
        """Another view of the same container, which stands nowhere."""
        return type(self)(self._data, self._root)

    def _change_iterated(self, op: str, key: "Any", new: "Any", old: "Any") -> None:
        """Let `_iterated`, where there is one, follow a change."""

    def _key_of(self, child: "View") -> "str | int":
        """Where the child stands now. Raises `DetachedError` if it does not."""
        raise NotImplementedError

    def _path(self) -> "Path":
        """Keys and indexes from the root to here. Raises `DetachedError` for a removed view."""
        if self._parent is None:
            return ()
        keys: list[str | int] = []
        view = self
        while view._parent is not None:
            keys.append(view._parent._key_of(view))
            view = view._parent
        keys.reverse()
        return tuple(keys)

    def _last_path(self) -> "Path":
        """The same for reading it; of a removed view where it was last seen."""
        keys: list[Any] = []
        view = self
        while view._parent is not None:
            try:
                keys.append(view._parent._key_of(view))
            except DetachedError:
                keys.append(view._key)
            view = view._parent
        return tuple(keys[::-1])

    def _open(self) -> "Path":
        """The path, asked for at the start of each statement that changes this container."""
        if self._twin is not None:
            raise ImmutableError(
                "this state is immutable; writable(state) gives a view that may write"
            )
        if steps.innermost is not None or abandoned:
            check_open()
        return self._path()

    def _stands_at(self, parent: "View", key: "str | int") -> bool:
        return self._parent is parent and parent._key_of(self) == key

    def _put(self, key: "Any", value: "Any") -> None:
        """Set what is at the key of a map or a model."""
        raise NotImplementedError

    def _drop(self, key: "Any") -> None:
        """Remove it."""
        raise NotImplementedError

    def _takes(self, key: "Any") -> bool:
        """Whether there may be something at the key."""
        return True

    def __anchor_plain__(self) -> "Any":
        return self._read_all()

    def _read_all(self) -> "Any":
        """The data, which the present effect or computed value depends on as a whole."""
        if graph.reader is not None:
            track(self, BELOW)
        return self._data

    def _read_contents(self) -> "Any":
        """The data, of which it depends on what stands there, and not on what lies in containers."""
        if graph.reader is not None:
            track(self, CONTENTS)
        return self._data

    def __copy__(self) -> "Any":
        return self.copy()

    def copy(self) -> "Any":
        raise NotImplementedError

    @whole
    def __deepcopy__(self, memo: "dict[int, Any]") -> "Any":
        return copy_plain(self._read_all())

    @whole
    def __reduce__(self) -> "tuple[Any, ...]":
        return (copy_plain, (copy_plain(self._read_all()),))

    @whole
    def __repr__(self) -> str:
        return repr(self._read_all())

    @whole
    def __eq__(self, other: object) -> bool:
        return bool(self._read_all() == raw(other))

    def __len__(self) -> int:
        if graph.reader is not None:
            track(self, LENGTH)
        return len(self._data)


def _setter(slot: str) -> "Any":
    descriptor = getattr(View, slot, None)
    if descriptor is None:  # MicroPython has no slots
        return lambda view, value: setattr(view, slot, value)
    return descriptor.__set__


_set_data = _setter("_data")
_set_root = _setter("_root")
_set_parent = _setter("_parent")
_set_key = _setter("_key")
_set_tracked = _setter("_tracked")
_set_children = _setter("_children")
_set_locked = _setter("_locked")
_set_twin = _setter("_twin")


@whole
def lock(view: View) -> View:
    """The view of the same container, and of all below it, that refuses to write."""
    if view._locked is None:
        view._locked = view._again()
        view._locked._twin = view
    return view._locked


def writable(view: "Any") -> "Any":
    """The view of the same data that may write: of an immutable state, another one than `view`."""
    if not isinstance(view, View):
        raise TypeError(f"writable() takes a state or a part of one, not {type(view).__name__}")
    return view if view._twin is None else view._twin


VIEWS: "dict[type, Any]" = {}
"""Container type: what makes its view. Each view module enters its class."""


def enter(view_class: type, interface: str) -> None:
    """Have `isinstance` and `match` find the interface of `collections.abc` in the class."""
    try:
        from collections import abc
    except ImportError:  # MicroPython has no abstract classes
        return
    getattr(abc, interface).register(view_class)


def raw(value: "Any") -> "Any":
    """The data of a view, which is about to be read; anything else as it is."""
    return value._read_all() if isinstance(value, View) else value


def detached(key: "str | int | None") -> DetachedError:
    """The error for a write through a view that was removed from where `key` says."""
    return DetachedError(
        f"this view was removed from the state (it stood at {key!r}), so what is written to it could not "
        "be stored; read it again from the state, or change a snapshot() of it"
    )
