"""`history(state)`: undo and redo of what the program itself changed."""

from time import monotonic

from . import notifications
from .plain import MISSING, copy_plain
from .signal import Signal
from .subscription import subscribe
from .transaction import Transaction, is_open, order_before, record
from .view import View, writable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .change import Change
    from .steps import Step


class History:
    """The changes of a state since `history()` was called, as steps that can be undone and redone.

    A statement or a batch is one step, together with what callbacks and effects changed because of it.
    `can_undo` and `can_redo` are tracked by effects.
    """

    def __init__(
        self, state: View, limit: int, group: "float | None", clock: "Callable[[], float]"
    ) -> None:
        self._view = state._root.view
        self._limit = limit
        self._group = group
        self._clock = clock
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._own: list[Step] = []  # made by undo and redo, and not heard of yet
        self._has_diverged = False  # whether others changed something while a step was replayed
        self._can = Signal((False, False))
        self._unsubscribe = subscribe(state, self._hear)

    @property
    def can_undo(self) -> bool:
        return bool(self._can.get()[0])

    @property
    def can_redo(self) -> bool:
        return bool(self._can.get()[1])

    def undo(self) -> bool:
        """Take back the last step: one write, one notification. Whether there was one.

        Raises what a write raises, and nothing has changed then; `RuntimeError` inside `batch()`.
        """
        return self._replay(self._done, self._undone, _Step.revert)

    def redo(self) -> bool:
        """Do again what was undone last; the same as `undo()` otherwise."""
        return self._replay(self._undone, self._done, _Step.apply)

    def clear(self) -> None:
        """Forget all steps; the state stays as it is."""
        self._done.clear()
        self._undone.clear()
        self._tell()

    def stop(self) -> None:
        """Note no further changes, and forget all steps."""
        self._unsubscribe()
        self.clear()

    def _replay(
        self,
        source: "list[_Step]",
        target: "list[_Step]",
        replay: "Callable[[_Step, Any], None]",
    ) -> bool:
        if is_open():
            raise RuntimeError(
                "undo() and redo() do not work inside batch(): it may be undone itself"
            )
        if not source:
            return False
        step = source.pop()
        self._has_diverged = False
        is_done = False
        try:
            with Transaction() as transaction:
                replay(step, self._view)
                own = self._own + transaction.steps
                self._own = [step for step in own if step.change is not None]
                is_done = True
        except BaseException:
            if not is_done or self._is_unheard():  # it was not stored
                self._own.clear()
                source.append(step)
                raise
            self._finish(step, target)
            raise
        self._finish(step, target)
        return True

    def _finish(self, step: "_Step", target: "list[_Step]") -> None:
        if not self._has_diverged or target is self._done:
            target.append(step)
        self._tell()

    def _hear(self, change: "Change") -> None:
        changes = [each for each in change.changes or (change,) if not self._is_own(each)]
        if not changes:
            return
        if change.op == "replace":
            self._keep_what_is_apart(changes)
        else:
            self._note(changes)
        self._has_diverged = True
        self._undone.clear()
        self._tell()

    def _is_unheard(self) -> bool:
        return any(step.change is not None for step in self._own)

    def _is_own(self, change: "Change") -> bool:
        for number, own in enumerate(self._own):
            if own.change is change:
                del self._own[number]
                return True
        return False

    def _note(self, changes: "list[Change]") -> None:
        now = self._clock()
        last = self._done[-1] if self._done else None
        if last is not None and (
            last.run == notifications.number or self._is_grouped(last, changes, now)
        ):
            last.changes += changes
            last.time = now
        else:
            self._done.append(_Step(changes, now))
            del self._done[: -self._limit]

    def _is_grouped(self, last: "_Step", changes: "list[Change]", now: float) -> bool:
        if self._group is None or now - last.time > self._group:
            return False
        path = last.changes[0].path
        return all(change.path == path for change in last.changes + changes)

    def _keep_what_is_apart(self, adopted: "list[Change]") -> None:
        """Forget the steps that another document's changes touch, and those before them."""
        for number in range(len(self._done) - 1, -1, -1):
            if any(
                _touch(one.path, other.path)
                for one in self._done[number].changes
                for other in adopted
            ):
                del self._done[: number + 1]
                return

    def _tell(self) -> None:
        self._can.set((bool(self._done), bool(self._undone)))


def history(
    state: "Any",
    *,
    limit: int = 100,
    group: "float | None" = None,
    clock: "Callable[[], float]" = monotonic,
) -> History:
    """Undo and redo for a state, or for a part of it.

    `limit` is the number of steps kept; within `group` seconds of each other, by `clock`, changes of one
    path are one step. What another document changed is no step: it ends all redoing, and the undoing of
    steps that it touches.
    """
    if not isinstance(state, View):
        raise TypeError(f"history() takes a state or a part of one, not {type(state).__name__}")
    if limit < 1:
        raise ValueError(f"limit is at least 1, not {limit}")
    return History(writable(state), limit, group, clock)


class _Step:
    """Changes that were one step, oldest first."""

    def __init__(self, changes: "list[Change]", time: float) -> None:
        self.changes = changes
        self.time = time
        self.run = notifications.number

    def revert(self, top: View) -> None:
        for change in reversed(self.changes):
            view, path, key = _place(top, change)
            if (change.op == "set" and not change._is_new) or change.op == "delete":
                _put(view, path, key, change.previous)
                if change._order is not None:
                    _order(view, path, change._order)
            elif change.op == "set":
                _drop(view, path, key)
            elif change.op == "splice":
                _splice(view, path, key, len(change.value), change.previous)
            elif change.op == "add":
                _discard(view, path, change.value)
            else:
                _add(view, path, change.previous)

    def apply(self, top: View) -> None:
        for change in self.changes:
            view, path, key = _place(top, change)
            if change.op == "set":
                _put(view, path, key, change.value)
            elif change.op == "delete":
                _drop(view, path, key)
            elif change.op == "splice":
                _splice(view, path, key, len(change.previous), change.value)
            elif change.op == "add":
                _add(view, path, change.value)
            else:
                _discard(view, path, change.previous)


def _touch(left: "Path", right: "Path") -> bool:
    return left[: len(right)] == right[: len(left)]


def _place(top: View, change: "Change") -> "tuple[Any, Path, Any]":
    """The view of the container that changed, its path, and the key or index in it."""
    path, key = change.path, change.index
    if change.op == "set" or change.op == "delete":
        path, key = path[:-1], path[-1]  # type: ignore[assignment]
    view: Any = top
    for part in path:
        view = view._child(view._data[part], part)
    return view, path, key


def _put(view: "Any", path: "Path", key: "Any", value: "Any") -> None:
    data = view._data
    old = data.get(key, MISSING) if type(data) is dict else data[key]
    data[key] = new = copy_plain(value)
    record(view, path, "set", key, new, old)


def _drop(view: "Any", path: "Path", key: str) -> None:
    order = order_before(view)
    record(view, path, "delete", key, MISSING, view._data.pop(key), order)


def _order(view: "Any", path: "Path", keys: "list[str]") -> None:
    before = list(view._data)
    view._reorder(keys)
    record(view, path, "order", None, list(view._data), before)


def _splice(view: "Any", path: "Path", start: int, length: int, values: "list[Any]") -> None:
    old = view._data[start : start + length]
    view._data[start : start + length] = new = copy_plain(values)
    record(view, path, "splice", start, new, old)


def _add(view: "Any", path: "Path", member: "Any") -> None:
    view._data.add(member)
    record(view, path, "add", None, member, None)


def _discard(view: "Any", path: "Path", member: "Any") -> None:
    view._data.discard(member)
    record(view, path, "discard", None, None, member)
