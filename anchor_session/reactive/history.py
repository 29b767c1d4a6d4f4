"""`history(*states)`: undo and redo of what the program itself changed."""

from time import monotonic

from ..codec import same
from . import notifications
from .matching import brought_back
from .operations import invert, ordered, perform, present
from .plain import MISSING, copy_plain
from .signal import Signal
from .steps import submit
from .subscription import subscribe
from .threads import whole
from .transaction import Transaction, is_open, order_before
from .view import View, writable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .change import Change
    from .operations import Operation
    from .steps import Step
    from .subscription import Listener

    Located = tuple[View, Change]  # with the whole state that changed


class History:
    """The changes of states since `history()` was called, as steps that can be undone and redone.

    A statement or a batch is one step, together with what callbacks and effects changed because of it, in
    whichever of the states. `can_undo` and `can_redo` are tracked by effects.
    """

    def __init__(
        self,
        states: "list[View]",
        limit: int,
        group: "float | None",
        clock: "Callable[[], float]",
    ) -> None:
        self._limit = limit
        self._group = group
        self._clock = clock
        self._done: list[Entry] = []
        self._undone: list[Entry] = []
        self._own: list[Step] = []  # made by undo and redo, and not heard of yet by all listeners
        self._heard: dict[int, int] = {}  # how many have heard of one of those, by its id()
        self._listeners: list[Listener] = []
        self._has_diverged = False  # whether others changed something while one was replayed
        self._replayed: Entry | None = None  # None too where others have changed what it is about
        self._can = Signal((False, False))
        self._unsubscribe = [self._follow(state) for state in states]

    def _follow(self, state: View) -> "Callable[[], None]":
        top = state._root.view
        unsubscribe = subscribe(state, lambda change: self._hear(top, change))
        self._listeners.append(state._root.listeners[-1])
        return unsubscribe

    @property
    def can_undo(self) -> bool:
        return bool(self._can.get()[0])

    @property
    def can_redo(self) -> bool:
        return bool(self._can.get()[1])

    @whole
    def undo(self) -> bool:
        """Take back the last step: one write a state, one notification. Whether there was one.

        Raises what a write raises, and nothing has changed then; `RuntimeError` inside `batch()`.
        """
        return self._replay(self._done, self._undone, Entry.revert)

    @whole
    def redo(self) -> bool:
        """Do again what was undone last; the same as `undo()` otherwise."""
        return self._replay(self._undone, self._done, Entry.apply)

    @whole
    def clear(self) -> None:
        """Forget all steps; the states stay as they are."""
        self._done.clear()
        self._undone.clear()
        self._tell()

    @whole
    def stop(self) -> None:
        """Hear of no further changes, and forget all steps."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.clear()

    def _replay(
        self,
        source: "list[Entry]",
        target: "list[Entry]",
        replay: "Callable[[Entry], None]",
    ) -> bool:
        if is_open():
            raise RuntimeError(
                "undo() and redo() do not work inside batch(): it may be undone itself"
            )
        if source is self._done:
            self._forget_back()
        if not source:
            return False
        entry = self._replayed = source.pop()
        self._has_diverged = False
        is_done = False
        try:
            with Transaction() as transaction:
                replay(entry)
                own = self._own + transaction.steps
                self._own = [step for step in own if step.change is not None]
                is_done = True
        except BaseException:
            if not is_done or self._is_unheard():  # it was not stored
                self._own.clear()
                self._heard.clear()
                self._replayed = None
                source.append(entry)
                raise
            self._finish(entry, target)
            raise
        self._finish(entry, target)
        return True

    def _finish(self, entry: "Entry", target: "list[Entry]") -> None:
        if not self._has_diverged or (target is self._done and self._replayed is entry):
            target.append(entry)
        self._replayed = None
        self._tell()

    def _hear(self, top: View, change: "Change") -> None:
        changes = [each for each in change.changes or (change,) if not self._is_own(each)]
        if not changes:
            return
        if change.op == "replace" and changes[0]._whole is None:  # it came from storage
            self._keep_what_is_apart(top, changes)
        else:
            self._keep([(top, each) for each in changes])
        self._has_diverged = True
        self._undone.clear()
        self._tell()

    def _is_unheard(self) -> bool:
        return any(step.change is not None for step in self._own)

    def _is_own(self, change: "Change") -> bool:
        for number, own in enumerate(self._own):
            if own.change is change:
                heard = self._heard.pop(id(own), 0) + 1
                if heard < len([one for one in own.hearers if one in self._listeners]):
                    self._heard[id(own)] = heard
                else:
                    del self._own[number]
                return True
        return False

    def _keep(self, changes: "list[Located]") -> None:
        now = self._clock()
        last = self._done[-1] if self._done else None
        is_same_run = last is not None and last.run == notifications.number
        if is_same_run and len(self._listeners) > 1:
            assert last is not None
            known = {id(change) for _, change in last.changes}
            changes = [each for each in changes if id(each[1]) not in known]
        if last is not None and is_same_run:
            last.changes += changes
            last.time = now
        elif last is not None and self._is_grouped(last, changes, now):
            last.changes += changes
            last.time, last.run, last.is_grouped = now, notifications.number, True
        else:
            self._forget_back()
            self._done.append(Entry(changes, now))
            del self._done[: -self._limit]

    def _forget_back(self) -> None:
        """Forget steps at the end that were made one with others, and leave all as it was before them."""
        while self._done and self._done[-1].is_back():
            self._done.pop()

    def _is_grouped(self, last: "Entry", changes: "list[Located]", now: float) -> bool:
        if self._group is None or now - last.time > self._group:
            return False
        top, first = last.changes[0]
        return first.op == "set" and all(
            other is top and change.op == "set" and change.path == first.path
            for other, change in changes
        )

    def _keep_what_is_apart(self, top: View, adopted: "list[Change]") -> None:
        """Forget the entries that another document's changes touch, and those before them."""
        if self._replayed is not None and self._replayed.is_touched(top, adopted):
            self._replayed = None
            self._done.clear()
        for number in range(len(self._done) - 1, -1, -1):
            if self._done[number].is_touched(top, adopted):
                del self._done[: number + 1]
                return

    def _tell(self) -> None:
        can_undo = any(not entry.is_back() for entry in reversed(self._done))
        self._can.set((can_undo, bool(self._undone)))


@whole
def history(
    *states: "Any",
    limit: int = 100,
    group: "float | None" = None,
    clock: "Callable[[], float]" = monotonic,
) -> History:
    """Undo and redo for states, or for parts of them: what one batch changes in several is one step.

    `limit` is the number of steps kept. What is set at one path within `group` seconds of the change before,
    by `clock`, is one step, as for typing; none where it is as it was at first. What another document
    changed is no step: it ends all redoing, and the undoing of steps that it touches.
    """
    if not states:
        raise TypeError("history() takes a state or a part of one, or several")
    for state in states:
        if not isinstance(state, View):
            raise TypeError(f"history() takes a state or a part of one, not {type(state).__name__}")
    if limit < 1:
        raise ValueError(f"limit is at least 1, not {limit}")
    return History([writable(state) for state in states], limit, group, clock)


class Entry:
    """What the user calls a step: changes that are undone and redone together, oldest first."""

    def __init__(self, changes: "list[Located]", time: float) -> None:
        self.changes = changes
        self.time = time
        self.run = notifications.number
        self.is_grouped = False

    def revert(self) -> None:
        for top, change in reversed(self.changes):
            op, key, new, old = _operation(change)
            _perform(top, change, invert(op, key, new, old))
            if change._order is not None:
                _perform(top, change, ("order", None, change._order, None))

    def apply(self) -> None:
        for top, change in self.changes:
            _perform(top, change, _operation(change))

    def is_back(self) -> bool:
        """Whether what was set several times is as it was at first."""
        if not self.is_grouped:
            return False
        first: dict[tuple[int, Path], Change] = {}
        last: dict[tuple[int, Path], Change] = {}
        for top, change in self.changes:
            if change.op != "set":
                return False
            place = (id(top), change.path)
            first.setdefault(place, change)
            last[place] = change
        return all(
            not one._is_new and same(one.previous, last[place].value)
            for place, one in first.items()
        )

    def is_touched(self, top: View, adopted: "list[Change]") -> bool:
        """Whether what others changed in a state is at, above or below what the step changed."""
        return any(
            of is top and _overlap(one.path, other.path)
            for of, one in self.changes
            for other in adopted
        )


def _overlap(left: "Path", right: "Path") -> bool:
    return left[: len(right)] == right[: len(left)]


def _operation(change: "Change") -> "Operation":
    """What a change did to its container."""
    op, key = change.op, change.index
    if op == "set" or op == "delete":
        key = change.path[-1]  # type: ignore[assignment]
    new = MISSING if op == "delete" else change.value
    old = MISSING if change._is_new else change.previous
    return op, key, new, old


def _perform(top: View, change: "Change", operation: "Operation") -> None:
    """Do the operation in the container that changed, as a statement of the program does."""
    path = change.path
    if change.op == "set" or change.op == "delete":
        path = path[:-1]
    view: Any = top
    for part in path:
        view = view._child(view._data[part], part)
    data = view._data
    op, key, new, old = operation
    # A change has copies: what is removed is what is there, whose views may come back.
    old = present(data, op, key, old)
    if op == "order":
        new = ordered(data, new)
    else:
        new = brought_back(old, new) if op == "splice" else copy_plain(new)
    order = order_before(view) if op == "delete" else None
    perform(data, op, key, new, old)
    submit(view, path, op, key, new, old, order)
