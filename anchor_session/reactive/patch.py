"""Making a state equal to other data: only what differs changes.

Either somebody else stored them, and nothing is stored again; or it is a statement like any other.
"""

from ..codec import encode, same
from . import notifications
from .change import Change
from .edits import check_key, container_path, operation
from .matching import is_rearranged, is_same_item, matched
from .operations import perform
from .plain import MISSING, copy_plain
from .steps import Step, release
from .subscription import announce_replaced
from .tracking import changed
from .transaction import Transaction, check_open, order_before

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .edits import Edit
    from .list_view import ListView
    from .map_view import MapView
    from .set_view import SetView
    from .view import View

    Emit = Callable[[Path, str, Any, Any, Any], None]
    Do = Callable[[View, Path, str, Any, Any, Any], None]


def adopt_foreign(state: "MapView", data: "dict[str, Any]") -> bool:
    """Make the state equal to `data`, which it then owns. Whether anything differed.

    Containers that stay keep their views. Listeners hear one ``"replace"`` whose `changes` they asked for.
    """
    check_open()
    listened = bool(state._root.listeners)
    previous = copy_plain(state._data) if listened else None
    steps: list[Step] = []
    _patch(_taking_over(steps), state, (), data)
    for step in steps:
        release(step.view, step.op, step.old, step.new)
    if listened:
        announce_replaced(steps, copy_plain(state._data), previous)
    notifications.run()
    return bool(steps)


def difference(data: "dict[str, Any]", wanted: "dict[str, Any]") -> "list[Step]":
    """The steps that make one state of another; `data` is changed by them."""
    from .map_view import MapView
    from .view import Root

    root = Root()
    root.view = MapView(data, root)
    steps: list[Step] = []
    _patch(_taking_over(steps), root.view, (), wanted)
    return steps


def adopt_foreign_edits(state: "MapView", edits: "list[Edit]") -> bool:
    """Make the edits that another document has stored. False where one does not fit, or cannot be told."""

    def make(emit: "Emit") -> None:
        for edit in edits:
            path = tuple(container_path(edit))
            container: Any = state._data
            for part in path:
                container = container[check_key(container, part)]
            op, key, new, old = operation(container, edit, len(path))
            perform(container, op, key, new, old)
            emit(path, op, key, new, old)

    return adopt_foreign_steps(state, make)


def adopt_foreign_steps(state: "MapView", make: "Callable[[Emit], None]") -> bool:
    """Let `make` change the data of the state, as another document has changed its own.

    It tells `emit` of each step when it is made: path of the container, op, key, new, old. False where it
    finds what does not fit, or the steps cannot be told.
    """
    check_open()
    if state._root.is_shallow:
        return False
    listened = bool(state._root.listeners)
    previous = copy_plain(state._data) if listened else None
    steps: list[Step] = []

    def emit(path: "Path", op: str, key: "Any", new: "Any", old: "Any") -> None:
        view: Any = state
        for part in path:
            view = view._child(view._data[part], part)
        _keep(steps, view, path, op, key, new, old)

    fits = True
    try:
        make(emit)
    except (LookupError, TypeError, ValueError):
        fits = False
    for step in steps:
        release(step.view, step.op, step.old, step.new)
    if listened and steps:
        announce_replaced(steps, copy_plain(state._data), previous)
    notifications.run()
    return fits


def become(state: "MapView", data: "dict[str, Any]") -> bool:
    """Make the state equal to `data`, which it then owns, as one statement. Whether anything differed.

    Containers that stay keep their views. Listeners hear one ``"replace"`` whose `changes` they asked for.
    Raises what a statement raises, and nothing has changed then.
    """
    whole = _Whole(state)
    with Transaction() as transaction:

        def do(view: "View", path: "Path", op: str, key: "Any", new: "Any", old: "Any") -> None:
            order = order_before(view) if type(view._data) is dict else None
            step = _Part(view, path, op, key, new, old, order)
            step.whole = whole
            perform(view._data, op, key, new, old)
            transaction.steps.append(step)
            changed(view, op, key, new, old)
            if view._root.listeners and op != "order":
                view._root.describe(step, path)

        _patch(do, state, (), data)
        return bool(transaction.steps)


class _Whole:
    """What a statement made equal to other data: as it was before, and as it is when listeners hear of it."""

    __slots__ = ("_previous", "_state", "_value")

    def __init__(self, state: "MapView") -> None:
        self._state = state
        self._previous = copy_plain(state._data) if state._root.listeners else None
        self._value: Any = None

    def combined(self, changes: "list[Change]") -> "Change":
        if self._value is None:
            self._value = copy_plain(self._state._data)
        return Change("replace", (), self._value, self._previous, changes=tuple(changes))


class _Part(Step):
    """A step of such a statement."""

    __slots__ = ("whole",)


def _taking_over(steps: "list[Step]") -> "Do":
    """What does an operation that came from storage, and keeps it among the steps."""

    def do(view: "View", path: "Path", op: str, key: "Any", new: "Any", old: "Any") -> None:
        perform(view._data, op, key, new, old)
        _keep(steps, view, path, op, key, new, old)

    return do


def _keep(
    steps: "list[Step]", view: "View", path: "Path", op: str, key: "Any", new: "Any", old: "Any"
) -> None:
    """Keep what was just done in the view, to tell of it: it came from storage, and nobody undoes it.

    Of an order of keys nobody is told but who reads them.
    """
    changed(view, op, key, new, old)
    if op != "order":
        step = Step(view, path, op, key, new, old)
        if view._root.listeners:
            view._root.describe(step, path)
        steps.append(step)


def _patch(do: "Do", view: "View", path: "Path", new: "Any") -> None:
    _PATCHES[type(new)](do, view, path, new)


def _patch_item(do: "Do", view: "Any", path: "Path", key: "Any", old: "Any", new: "Any") -> None:
    if old is not MISSING and same(old, new):
        return
    if type(new) in _PATCHES and type(old) is type(new) and not view._root.is_shallow:
        _patch(do, view._child(old, key), path + (key,), new)
    else:
        do(view, path, "set", key, new, old)


def _patch_map(do: "Do", view: "MapView", path: "Path", new: "dict[str, Any]") -> None:
    data = view._data
    for key in [key for key in data if key not in new]:
        do(view, path, "delete", key, MISSING, data[key])
    for key, value in new.items():
        _patch_item(do, view, path, key, data.get(key, MISSING), value)
    if list(data) != list(new):
        do(view, path, "order", None, list(new), list(data))


def _patch_list(do: "Do", view: "ListView", path: "Path", new: "list[Any]") -> None:
    data = view._data
    if len(data) == len(new) and not is_rearranged(data, new):
        for number, value in enumerate(new):
            _patch_item(do, view, path, number, data[number], value)
        return
    given = new
    changed_at: list[int] = []
    is_there: Callable[[Any, Any], bool] = same
    if not view._root.is_shallow:
        new, changed_at = matched(data, new)
        is_there = is_same_item
    shorter = min(len(data), len(new))
    start = 0
    while start < shorter and is_there(data[start], new[start]):
        start += 1
    end = 0
    while end < shorter - start and is_there(data[-1 - end], new[-1 - end]):
        end += 1
    old, items = data[start : len(data) - end], new[start : len(new) - end]
    do(view, path, "splice", start, items, old)
    for number in changed_at:
        _patch_item(do, view, path, number, data[number], given[number])


def _patch_set(do: "Do", view: "SetView", path: "Path", new: "set[Any]") -> None:
    data = view._data
    old_texts = {encode(member): member for member in data}  # 1, 1.0 and True are one member
    new_texts = {encode(member): member for member in new}
    for text, member in old_texts.items():
        if text not in new_texts:
            do(view, path, "discard", None, None, member)
    for text, member in new_texts.items():
        if text not in old_texts:
            do(view, path, "add", None, member, None)


_PATCHES: "dict[type, Any]" = {dict: _patch_map, list: _patch_list, set: _patch_set}
