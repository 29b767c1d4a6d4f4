"""Changes that are kept or undone together: one statement, or everything inside `batch()`."""

from ..errors import cut
from . import notifications, steps
from .steps import Step, cancel, commit, notify_after
from .threads import lock, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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
        self._outer = check_open()
        steps.innermost = self
        notifications.paused += 1
        return self

    def __exit__(self, kind: "Any", error: "BaseException | None", trace: "Any") -> None:
        steps.innermost = self._outer
        notifications.paused -= 1
        if error is not None:
            cancel(self.steps)
            if self._outer is None:
                notify_after(error)
        elif self._outer is not None:
            self._outer.steps += self.steps
        elif self.steps:
            try:
                commit(self.steps)
            except Exception as failed:
                cut(failed)
                raise


class _Batch(Transaction):
    """A transaction over a block of the user's code, which may wrongly contain an `await`.

    It holds the lock until its end, or until it is abandoned.
    """

    __slots__ = ("run",)

    def __init__(self, run: "Run") -> None:
        super().__init__()
        self.run = run

    def __enter__(self) -> "Transaction":
        if lock is not None:
            lock.acquire()
        try:
            super().__enter__()
            self.run.begin()
            if lock is not None:
                _look_when_asleep(self.run)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        return self

    def __exit__(self, kind: "Any", error: "BaseException | None", trace: "Any") -> None:
        if abandoned.pop(id(self), None) is None:
            if not self.run.interrupted():
                try:
                    super().__exit__(kind, error, trace)
                except Exception as failed:
                    cut(failed)
                    raise
                finally:
                    if lock is not None:
                        lock.release()
                return
            _abandon(self)
            del abandoned[id(self)]
        if error is None:
            raise _await_inside()


abandoned: "dict[int, _Batch]" = {}
"""Batches that were undone while their coroutine slept, until it notices."""


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


def check_open() -> "Transaction | None":
    """The open transaction, asked for before anything is changed. One of a coroutine that sleeps is undone.

    Raises `RuntimeError` in the coroutine whose transaction was. Where no transaction is open and none was
    abandoned there is nothing to ask for.
    """
    if abandoned and any(one.run.is_mine() for one in abandoned.values()):
        raise _await_inside()
    innermost = steps.innermost
    if isinstance(innermost, _Batch) and not innermost.run.is_mine():
        _abandon(innermost)
    return steps.innermost


@whole
def is_open() -> bool:
    """Whether the caller is inside a transaction."""
    return check_open() is not None


def _abandon(batch: _Batch) -> None:
    one: Transaction | None = batch
    given_up = 0
    while one is not None:
        cancel(one.steps)
        one.steps = []
        notifications.paused -= 1
        if isinstance(one, _Batch):
            abandoned[id(one)] = one
            given_up += 1
        one = one._outer
    steps.innermost = None
    if lock is not None:
        for _ in range(given_up):
            lock.release()


_watched: "Any" = None
"""The event loop whose next turn ends a batch that sleeps: other threads wait for its lock."""


def _look_when_asleep(run: "Run") -> None:
    """Have the loop of a batch's task, if it is in one, abandon the batch where it comes to its turn."""
    global _watched
    loop = run.loop()
    if loop is not None and loop is not _watched:
        _watched = loop
        loop.call_soon(_abandon_sleeping)


@whole
def _abandon_sleeping() -> None:
    global _watched
    _watched = None
    innermost = steps.innermost
    if isinstance(innermost, _Batch) and not innermost.run.is_mine():
        _abandon(innermost)


def order_before(view: "View") -> "list[str] | None":
    """The order of a map's keys, kept for undoing, before one that is not the last is removed.

    Once a transaction is enough, since steps are undone last first.
    """
    innermost = check_open()
    if innermost is not None:
        if id(view._data) in innermost.ordered:
            return None
        innermost.ordered.add(id(view._data))
    return list(view._data)
