"""Changes that are kept or undone together: one statement, or everything inside `batch()`."""

from . import notifications
from .steps import Step, cancel, commit, run_rounds_after
from .tracking import changed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..codec import Path
    from .suspension import Run
    from .view import View


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
        notifications.paused += 1
        return self

    def __exit__(self, kind: "Any", error: "BaseException | None", trace: "Any") -> None:
        global _current
        _current = self._outer
        notifications.paused -= 1
        if error is not None:
            cancel(self.steps)
            if self._outer is None:
                run_rounds_after(error)
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
        cancel(one.steps)
        one.steps = []
        if isinstance(one, _Batch):
            _abandoned[id(one)] = one
        one = one._outer
    _current = None
    notifications.paused = 0


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
    changed(view, op, key, new, old)
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
        notifications.run()


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
