"""What a statement did, step by step: kept and told, taken back, made again after what others did."""

from ..errors import cut, note
from . import notifications
from .plain import CONTAINERS
from .tracking import changed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .change import Change
    from .subscription import Listener
    from .transaction import Transaction
    from .view import Root, View

innermost: "Transaction | None" = None
"""The innermost open transaction, which steps wait in."""


class Step:
    """One change of one container, which stood at `path`, with what is needed to undo it.

    `op` is one of a `Change`, or ``"order"``: the keys of a map were put in another order. `order` is that of
    the keys before a ``"delete"``; of a ``"move"`` that was undone, of the items as it had left them.
    """

    __slots__ = ("change", "hearers", "key", "new", "old", "op", "order", "path", "view")
    whole: "Any" = (
        None  # of a step that makes a state equal to other data: what all its changes are
    )

    def __init__(
        self,
        view: "View",
        path: "Path",
        op: str,
        key: "str | int | None",
        new: "Any",
        old: "Any",
        order: "list[Any] | None" = None,
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


def submit(
    view: "View",
    path: "Path",
    op: str,
    key: "str | int | None",
    new: "Any",
    old: "Any",
    order: "list[str] | None" = None,
) -> None:
    """Keep the step that was just made in `view`, which stands at `path`. Alone, it is committed."""
    step = Step(view, path, op, key, new, old, order)
    root = view._root
    if view._tracked or root.has_deep_tracking or view._iterated is not None:
        changed(view, op, key, new, old)
    if root.listeners and op != "order":
        root.describe(step, path)
    if innermost is None:
        try:
            commit([step])
        except Exception as error:
            cut(error)
            raise
    else:
        innermost.steps.append(step)


def submit_signal(signal: "Any", new: "Any", old: "Any") -> None:
    """The same for a signal, whose readers know already."""
    if innermost is None:
        notifications.run()
    else:
        innermost.steps.append(Step(signal, (), "signal", None, new, old))


def undo(steps: "list[Step]") -> None:
    """Put the data back as it was before the steps, which `redo` may make again."""
    from .operations import invert, perform  # with the first step that is undone

    for step in reversed(steps):
        view: Any = step.view
        if step.op == "signal":
            view._undo(step)
            continue
        op, key, new, old = invert(step.op, step.key, step.new, step.old)
        if op == "move":
            step.order = list(view._data)
        perform(view._data, op, key, new, old)
        if step.order is not None and op != "move":
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
            release(step.view, step.op, step.new, step.old)


def cancel(steps: "list[Step]") -> None:
    """Undo the steps for good: what they brought in is gone."""
    undo(steps)
    for step in reversed(steps):
        release(step.view, step.op, step.new, step.old)


def commit(steps: "list[Step]") -> None:
    """Store the steps, then tell. If one state cannot be stored, none is, and memory is as before."""
    undo_writes: list[Callable[[], None]] = []
    parts = [(steps[0].view._root, steps)] if len(steps) == 1 else _by_root(steps)
    try:
        for root, own in parts:
            if root is not None and root.check is not None:
                root.check(own)
        if len(parts) > 1:
            _mark_ahead([root for root, _ in parts], True)
        for root, own in parts:
            if root is not None and root.writer is not None:
                undo_writes.append(root.writer(own))
    except BaseException as error:
        for _, own in parts:
            cancel(own)
        for undo_write in reversed(undo_writes):
            undo_write()
        notify_after(error)
        raise
    finally:
        if len(parts) > 1:
            _mark_ahead([root for root, _ in parts], False)
    for _, own in parts:  # a writer may have left some out, see `redo`
        for step in own:
            if type(step.old) in CONTAINERS and step.view._children:
                release(step.view, step.op, step.old, step.new)
            if step.change is not None:
                for listener in step.hearers:
                    listener.tell(step.change)
    if notifications.waiting:
        notifications.run()


def _mark_ahead(roots: "list[Root | None]", is_ahead: bool) -> None:
    for root in roots:
        if root is not None:
            root.is_ahead = is_ahead


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


def notify_after(error: BaseException) -> None:
    """Let effects see that a change was undone; what they raise becomes a note of the error."""
    try:
        notifications.run()
    except Exception as other:  # noqa: BLE001 - noted
        note(error, f"a callback failed too: {other!r}")


def release(view: "View", op: str, gone: "Any", kept: "Any") -> None:
    """Let go of the views of containers in `view` that are gone for good."""
    children = view._children
    if not children:
        return
    if op == "splice":
        here = {id(container) for container in kept} if gone else ()
        for container in gone:
            if id(container) not in here:
                children.pop(id(container), None)
    else:
        children.pop(id(gone), None)
