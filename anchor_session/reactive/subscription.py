"""Who is told of a change, and when: after it is stored, synchronously, each once a statement."""

from ..errors import DetachedError
from . import notifications
from .change import Change, combine
from .graph import unowned
from .plain import MISSING, copy_plain
from .threads import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .steps import Step
    from .view import View


class Listener:
    """A callback and the part of the state it wants to hear of."""

    __slots__ = (
        "_at",
        "_callback",
        "_heard",
        "_path",
        "_round",
        "_view",
        "_was_removed",
        "is_active",
    )

    def __init__(self, view: "View", path: "Path", callback: "Callable[[Change], object]") -> None:
        self._view = view
        self._path = path
        self._at = view._path() + path
        self._was_removed = False
        self._callback = callback
        self._heard: list[list[Change]] = []  # a list for each round that it waits for
        self._round = 0
        self.is_active = True

    def hears(self, path: "Path") -> bool:
        """Whether a change at `path` is at, below or above what is listened to.

        A listener on a view hears the removal of that view, and after it nothing more.
        """
        if not self.locate():
            if self._was_removed:
                return False
            self._was_removed = True
        return path[: len(self._at)] == self._at[: len(path)]

    def locate(self) -> bool:
        """Note where the view stands; False if it was removed, from where it was last seen."""
        try:
            self._at = self._view._path() + self._path
        except DetachedError:
            return False
        self._was_removed = False
        return True

    def tell(self, change: Change) -> None:
        """Have the callback called with the change in the next round; with a ``"replace"`` alone."""
        if (
            not self._heard
            or self._round != notifications.round_number
            or change.op == "replace"
            or self._heard[-1][-1].op == "replace"
            or change._whole is not self._heard[-1][-1]._whole
        ):
            notifications.waiting.append(self)
            self._heard.append([])
            self._round = notifications.round_number
        self._heard[-1].append(change)

    def run(self) -> None:
        """Take a turn in a round."""
        heard = self._heard.pop(0)
        if self.is_active:
            unowned(lambda: self._callback(combine(heard)))

    def skip(self) -> None:
        self._heard = []


@whole
def subscribe(
    state: "Any", callback: "Callable[[Change], object]", *, path: "Path | str" = ()
) -> "Callable[[], None]":
    """Call `callback(change)` after each change of the state, or of the part at `path`.

    `path` is a tuple of keys and indexes, or one key. `state` may be a nested view: the callback follows
    it wherever it moves, and hears of its removal. Several changes in one statement or batch arrive as
    one, see `Change`. A callback that raises stops neither the others nor the write; the first error is
    raised when all have run. Returns a function that ends the subscription.
    """
    if not hasattr(type(state), "__anchor_plain__"):
        raise TypeError(f"subscribe() takes a state or a part of one, not {type(state).__name__}")
    if isinstance(path, str):
        path = (path,)
    if not callable(callback):
        raise TypeError(f"subscribe() takes a callback, not {type(callback).__name__}")
    listener = Listener(state if state._twin is None else state._twin, tuple(path), callback)
    root = state._root
    root.describe = describe
    listeners = root.listeners
    listeners.append(listener)

    @whole
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
        change._is_new = old is MISSING
        change._order = step.order
    change._whole = step.whole
    step.change = change
    step.hearers = [one for one in step.view._root.listeners if one.hears(change.path)]


def _known(value: "Any") -> "Any":
    return None if value is MISSING else copy_plain(value)


def announce_replaced(steps: "list[Step]", value: "Any", previous: "Any") -> None:
    """Tell them of a state that was taken over from storage: each listener hears one ``"replace"``."""
    heard: dict[Listener, list[Change]] = {}
    for step in steps:
        if step.change is not None:
            for listener in step.hearers:
                heard.setdefault(listener, []).append(step.change)
    for listener, changes in heard.items():
        change = Change("replace", (), value, previous, changes=tuple(changes))
        if held is None:
            listener.tell(change)
        else:
            held.told.append((listener, change))


held: "Held | None" = None
"""Where what is announced waits."""


class Held:
    """What is taken over inside of a ``with`` block, in the middle of a statement: told behind that."""

    def __init__(self) -> None:
        self.told: list[tuple[Listener, Change]] = []

    def __enter__(self) -> None:
        global held
        held = self

    def __exit__(self, *error: object) -> None:
        global held
        held = None
        notifications.waiting.append(self)

    def run(self) -> None:
        """Take a turn in a round, in which listeners hear of the statement: they hear of this in the next."""
        told, self.told = self.told, []
        for listener, change in told:
            listener.tell(change)

    def skip(self) -> None:
        self.told = []
