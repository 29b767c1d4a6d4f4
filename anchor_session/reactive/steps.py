"""What a statement did, step by step: taken back, made again after what others did, kept and told."""

from . import notifications
from .tracking import changed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .change import Change
    from .subscription import Listener
    from .view import Root, View


class Step:
    """One change of one container, which stood at `path`, with what is needed to undo it.

    `op` is one of a `Change`, or ``"order"``: the keys of a map were put in another order.
    """

    __slots__ = ("change", "hearers", "key", "new", "old", "op", "order", "path", "view")

    def __init__(
        self,
        view: "View",
        path: "Path",
        op: str,
        key: "str | int | None",
        new: "Any",
        old: "Any",
        order: "list[str] | None" = None,
    ) -> None:
        self.view = view
        self.path = path
        self.op = op
        self.key = key
        self.new = new
        self.old = old
        self.order = order
        self.change: Change | None = None
        self.hearers: list[Listener] = []


def undo(steps: "list[Step]") -> None:
    """Put the data back as it was before the steps, which `redo` may make again."""
    from .operations import invert, perform  # with the first step that is undone

    for step in reversed(steps):
        view: Any = step.view
        if step.op == "signal":
            view._undo(step)
            continue
        op, key, new, old = invert(step.op, step.key, step.new, step.old)
        perform(view._data, op, key, new, old)
        if step.order is not None:
            perform(view._data, "order", None, step.order, None)
        changed(view, op, key, new, old)


def redo(steps: "list[Step]") -> None:
    """Make undone steps of one state again, on data that others have changed in between.

    Steps that others have made too leave the list. Raises `DetachedError` where a container has gone; then
    the list has those that are done, to be undone again.
    """
    from .operations import perform
    from .rebasing import rebase

    undone = steps.copy()
    steps.clear()
    try:
        for step in undone:
            view = step.view
            step.path = view._path()
            for listener in step.hearers:
                listener.locate()
            if rebase(step):
                perform(view._data, step.op, step.key, step.new, step.old)
                steps.append(step)
                changed(view, step.op, step.key, step.new, step.old)
                if step.change is not None:
                    view._root.describe(step, step.path)
    finally:
        if len(steps) < len(undone):
            _leave_out(undone, steps)


def _leave_out(undone: "list[Step]", done: "list[Step]") -> None:
    """Let the steps that were not made again be told to nobody."""
    held = {id(step) for step in done}
    for step in undone:
        if id(step) not in held:
            step.change = None
            step.hearers = []
            _forget(step.view, step.op, step.new, step.old)


def cancel(steps: "list[Step]") -> None:
    """Undo the steps for good: what they brought in is gone."""
    undo(steps)
    for step in reversed(steps):
        if step.op != "signal":
            _forget(step.view, step.op, step.new, step.old)


def commit(steps: "list[Step]") -> None:
    """Store the steps, then tell. If one state cannot be stored, none is, and memory is as before."""
    undo_writes: list[Callable[[], None]] = []
    parts = [(steps[0].view._root, steps)] if len(steps) == 1 else _by_root(steps)
    try:
        for root, own in parts:
            if root is not None and root.check is not None:
                root.check(own)
        for root, own in parts:
            if root is not None and root.writer is not None:
                undo_writes.append(root.writer(own))
    except BaseException as error:
        for _, own in parts:
            cancel(own)
        for undo_write in reversed(undo_writes):
            undo_write()
        run_rounds_after(error)
        raise
    for _, own in parts:  # a writer may have left some out, see `redo`
        settle(own)
        announce(own)
    if notifications.waiting:
        notifications.run()


def announce(steps: "list[Step]") -> None:
    """Tell everyone who hears one of the steps, in the next round."""
    for step in steps:
        if step.change is not None:
            for listener in step.hearers:
                listener.tell(step.change)


def _by_root(steps: "list[Step]") -> "list[tuple[Root | None, list[Step]]]":
    """The steps of each state, oldest first; those of a single one are the list itself."""
    root = steps[0].view._root
    if all(step.view._root is root for step in steps):
        return [(root, steps)]
    parts: dict[int, tuple[Root | None, list[Step]]] = {}
    for step in steps:
        root = step.view._root
        parts.setdefault(id(root), (root, []))[1].append(step)
    return list(parts.values())


def run_rounds_after(error: BaseException) -> None:
    """Let effects see that a change was undone; what they raise becomes a note of the error."""
    try:
        notifications.run()
    except Exception as other:  # noqa: BLE001 - noted
        error.add_note(f"a callback failed too: {other!r}")


def settle(steps: "list[Step]") -> None:
    """Forget the views of containers that the steps removed for good."""
    for step in steps:
        if step.op != "signal":
            _forget(step.view, step.op, step.old, step.new)


def _forget(view: "View", op: str, gone: "Any", kept: "Any") -> None:
    children = view._children
    if not children:
        return
    if op == "splice":
        here = {id(container) for container in kept}
        for container in gone:
            if id(container) not in here:
                children.pop(id(container), None)
    else:
        children.pop(id(gone), None)
