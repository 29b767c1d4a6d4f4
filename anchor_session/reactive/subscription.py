"""Who is told of a change, and when: after it is stored, synchronously, each once a statement."""

from ..errors import CycleError, DetachedError
from .change import Change, combine
from .plain import copy_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .transaction import Step
    from .view import View

MAX_ROUNDS = 100
"""Callbacks may change the state; what they change is announced in another round. So many are allowed."""


class Listener:
    """A callback and the part of the state it wants to hear of."""

    __slots__ = ("_at", "_path", "_view", "_was_removed", "callback", "is_active")

    def __init__(self, view: "View", path: "Path", callback: "Callable[[Change], object]") -> None:
        self._view = view
        self._path = path
        self._at = view._path() + path
        self._was_removed = False
        self.callback = callback
        self.is_active = True

    def hears(self, path: "Path") -> bool:
        """Whether a change at `path` is at, below or above what is listened to.

        A listener on a view hears the removal of that view, and after it nothing more.
        """
        try:
            self._at = self._view._path() + self._path
            self._was_removed = False
        except DetachedError:
            if self._was_removed:
                return False
            self._was_removed = True
        return path[: len(self._at)] == self._at[: len(path)]


def subscribe(
    state: "View", callback: "Callable[[Change], object]", *, path: "Path" = ()
) -> "Callable[[], None]":
    """Call `callback(change)` after each change of the state, or of the part at `path`.

    `state` may be a nested view: the callback follows it wherever it moves, and hears of its removal.
    Several changes in one statement or batch arrive as one, see `Change`. A callback that raises stops
    neither the others nor the write; the first error is raised when all have run. Returns a function that
    ends the subscription.
    """
    if not hasattr(type(state), "__anchor_plain__"):
        raise TypeError(f"subscribe() takes a state or a part of one, not {type(state).__name__}")
    if not callable(callback):
        raise TypeError(f"subscribe() takes a callback, not {type(callback).__name__}")
    listener = Listener(state, tuple(path), callback)
    listeners = state._root.listeners
    listeners.append(listener)

    def unsubscribe() -> None:
        listener.is_active = False
        if listener in listeners:
            listeners.remove(listener)

    return unsubscribe


def describe(step: "Step", path: "Path") -> None:
    """Give the step its `Change` and those who hear it, while it is the newest one."""
    op, key, new, old = step.op, step.key, step.new, step.old
    if op == "splice":
        change = Change(op, path, copy_plain(new), copy_plain(old), index=int(key or 0))
    elif op == "add":
        change = Change(op, path, value=new)
    elif op == "discard":
        change = Change(op, path, previous=old)
    else:
        change = Change(op, path if key is None else path + (key,), _known(new), _known(old))
    step.change = change
    step.hearers = [one for one in step.view._root.listeners if one.hears(change.path)]


def _known(value: "Any") -> "Any":
    return None if type(value) is object else copy_plain(value)  # MISSING


_waiting: "dict[Listener, list[Change]]" = {}
_is_announcing = False


def announce(steps: "list[Step]") -> None:
    """Tell everyone who hears one of the steps; called while telling, leave it for the next round."""
    for step in steps:
        if step.change is not None:
            for listener in step.hearers:
                _waiting.setdefault(listener, []).append(step.change)
    if _waiting and not _is_announcing:
        _run_rounds()


def announce_replaced(steps: "list[Step]", value: "Any", previous: "Any") -> None:
    """The same for a state that was taken over from storage: each listener hears one ``"replace"``."""
    heard: dict[Listener, list[Change]] = {}
    for step in steps:
        if step.change is not None:
            for listener in step.hearers:
                heard.setdefault(listener, []).append(step.change)
    for listener, changes in heard.items():
        replaced = Change("replace", (), value, previous, changes=tuple(changes))
        _waiting.setdefault(listener, []).append(replaced)
    if _waiting and not _is_announcing:
        _run_rounds()


def _run_rounds() -> None:
    global _waiting, _is_announcing
    errors: list[Exception] = []
    rounds = 0
    _is_announcing = True
    try:
        while _waiting:
            rounds += 1
            if rounds > MAX_ROUNDS:
                raise CycleError(
                    f"callbacks kept changing the state for {MAX_ROUNDS} rounds; one of them changes what "
                    "it listens to"
                )
            this_round, _waiting = _waiting, {}
            for listener, changes in this_round.items():
                if listener.is_active:
                    try:
                        listener.callback(combine(changes))
                    except Exception as error:  # noqa: BLE001 - raised when all have run
                        errors.append(error)
    finally:
        _is_announcing = False
        _waiting = {}
    if errors:
        first = errors[0]
        for other in errors[1:]:
            first.add_note(f"another callback failed too: {other!r}")
        raise first
