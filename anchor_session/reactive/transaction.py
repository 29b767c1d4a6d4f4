"""Changes that are kept or undone together: one statement, or everything inside `batch()`."""

from ..errors import DetachedError
from . import rounds
from .tracking import touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..codec import Path
    from .change import Change
    from .subscription import Listener
    from .suspension import Run
    from .view import Root, View


class Step:
    """One change of one container, which stood at `path`, with what is needed to undo it.

    `op` is one of a `Change`, or ``"order"``: the keys of a map were put in another order. ``"none"``: it
    could not be made again, or needed not.
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


class Transaction:
    """The steps since `__enter__`; an exception undoes them, else they are stored and announced.

    Inside another transaction its steps join the outer one's.
    """

    __slots__ = ("_outer", "ordered", "steps")

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.ordered: set[int] = set()  # id() of the maps whose order of keys a step has kept
        self._outer: Transaction | None = None

    def __enter__(self) -> "Transaction":
        global _current
        self._outer = _open_here()
        _current = self
        rounds.held += 1
        return self

    def __exit__(self, kind: "Any", error: "BaseException | None", trace: "Any") -> None:
        global _current
        _current = self._outer
        rounds.held -= 1
        if error is not None:
            undo(self.steps)
            if self._outer is None:
                _run_rounds_after(error)
        elif self._outer is not None:
            self._outer.steps += self.steps
        elif self.steps:
            commit(self.steps)


class _Batch(Transaction):
    """A transaction over a block of the user's code, which may wrongly contain an `await`."""

    __slots__ = ("run",)

    def __init__(self, run: "Run") -> None:
        super().__init__()
        self.run = run

    def __enter__(self) -> "Transaction":
        super().__enter__()
        self.run.begin()
        return self

    def __exit__(self, kind: "Any", error: "BaseException | None", trace: "Any") -> None:
        if _abandoned.pop(id(self), None) is None:
            if not self.run.interrupted():
                super().__exit__(kind, error, trace)
                return
            _abandon(self)
            del _abandoned[id(self)]
        if error is None:
            raise _await_inside()


_current: "Transaction | None" = None  # the innermost open transaction
_abandoned: "dict[int, _Batch]" = {}  # batches undone while their coroutine slept, until it notices


def batch() -> "Transaction":
    """A context manager: what changes inside is one write a state and one notification a subscriber.

    An exception undoes all of it, and so does a write that fails. Spans every state. Not atomic against a
    crash between the writes of two states. An `await` inside undoes the block and raises `RuntimeError`.
    Subscribers hear of each change inside, there and back again too; effects compare values and do not.
    """
    from .suspension import Run

    return _Batch(Run())


def _await_inside() -> RuntimeError:
    return RuntimeError(
        "await inside batch(): other code ran while the changes were half done, so they were undone; "
        "await first, then change the state in one go"
    )


def _open_here() -> "Transaction | None":
    """The open transaction, unless it belongs to a coroutine that sleeps."""
    if _abandoned and any(one.run.is_mine() for one in _abandoned.values()):
        raise _await_inside()
    if isinstance(_current, _Batch) and not _current.run.is_mine():
        _abandon(_current)
    return _current


def is_open() -> bool:
    """Whether the caller is inside a transaction."""
    return _open_here() is not None


def check_open() -> None:
    """Raise, or undo a batch that sleeps, before anything is changed."""
    if _current is not None or _abandoned:
        _open_here()


def _abandon(batch: _Batch) -> None:
    global _current
    one: Transaction | None = batch
    while one is not None:
        undo(one.steps)
        one.steps = []
        if isinstance(one, _Batch):
            _abandoned[id(one)] = one
        one = one._outer
    _current = None
    rounds.held = 0


def record(
    view: "View",
    path: "Path",
    op: str,
    key: "str | int | None",
    new: "Any",
    old: "Any",
    order: "list[str] | None" = None,
) -> None:
    """Note a change that was just made to `view`, which stands at `path`. Alone, it is committed."""
    step = Step(view, path, op, key, new, old, order)
    touch(view, op, key, new, old)
    if view._root.listeners and op != "order":
        view._root.describe(step, path)
    if _current is not None:
        _current.steps.append(step)
    else:
        commit([step])


def record_signal(signal: "Any", new: "Any", old: "Any") -> None:
    """The same for a signal, whose readers know already."""
    if _current is not None:
        _current.steps.append(Step(signal, (), "signal", None, new, old))
    else:
        rounds.run()


def record_quietly(
    steps: "list[Step]",
    view: "View",
    path: "Path",
    op: str,
    key: "str | int | None",
    new: "Any",
    old: "Any",
) -> None:
    """Note a change that is neither to be stored nor undone: it came from storage."""
    step = Step(view, path, op, key, new, old)
    touch(view, op, key, new, old)
    if view._root.listeners:
        view._root.describe(step, path)
    steps.append(step)


def order_before(view: "View") -> "list[str] | None":
    """The order of a map's keys, kept for undoing, before one that is not the last is removed.

    Once a transaction is enough, since steps are undone last first.
    """
    open_here = _open_here()
    if open_here is not None:
        if id(view._data) in open_here.ordered:
            return None
        open_here.ordered.add(id(view._data))
    return list(view._data)


def undo(steps: "list[Step]") -> None:
    """Put the data back as it was before the steps."""
    for step in reversed(steps):
        if step.op == "none":
            continue
        step.view._undo(step)
        if step.op != "signal":
            step.view._iterated = None
            touch(step.view, step.op, step.key, step.new, step.old)
            _forget(step.view, step.op, step.new, step.old)


def redo(steps: "list[Step]") -> None:
    """Make undone steps again, on data that others have changed in between.

    Raises `DetachedError` where a container has gone; then the steps that are done can be undone again.
    """
    for number, step in enumerate(steps):
        if step.op == "signal":
            continue
        try:
            step.path = step.view._path()
        except DetachedError:
            for rest in steps[number:]:
                rest.op = "none"
            raise
        step.view._redo(step)
        touch(step.view, step.op, step.key, step.new, step.old)


def commit(steps: "list[Step]") -> None:
    """Store the steps, then tell. If one state cannot be stored, none is, and memory is as before."""
    undo_writes: list[Callable[[], None]] = []
    try:
        parts = [(steps[0].view._root, steps)] if len(steps) == 1 else _by_root(steps)
        for root, own in parts:
            if root is not None and root.check is not None:
                root.check(own)
        for root, own in parts:
            if root is not None and root.writer is not None:
                undo_writes.append(root.writer(own))
    except BaseException as error:
        undo(steps)
        for undo_write in reversed(undo_writes):
            undo_write()
        _run_rounds_after(error)
        raise
    settle(steps)
    announce(steps)
    if rounds.waiting:
        rounds.run()


def announce(steps: "list[Step]") -> None:
    """Tell everyone who hears one of the steps, in the next round."""
    for step in steps:
        if step.change is not None:
            for listener in step.hearers:
                listener.tell(step.change)


def _by_root(steps: "list[Step]") -> "list[tuple[Root | None, list[Step]]]":
    parts: dict[int, tuple[Root | None, list[Step]]] = {}
    for step in steps:
        root = step.view._root
        parts.setdefault(id(root), (root, []))[1].append(step)
    return list(parts.values())


def _run_rounds_after(error: BaseException) -> None:
    """Let effects see that a change was undone; what they raise becomes a note of the error."""
    try:
        rounds.run()
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
