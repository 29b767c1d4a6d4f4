"""`ThrottledWriter`: a state's changes, written at most once an interval, the last of them always."""

from ..errors import DetachedError, StorageError, StorageWarning, warn
from ..reactive import notifications
from ..reactive.steps import Step, redo, undo
from ..reactive.transaction import is_open
from ..reactive.view import VIEWS
from .throttle import Throttle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..reactive.view import Writer


class ThrottledWriter:
    """Stands before a `writer` and keeps the steps that it has not written yet, in the order they were made.

    A write that fails where no statement can raise it is warned of, and tried again an interval later.
    """

    def __init__(self, seconds: float, write: "Writer", key: str) -> None:
        self._write = write
        self._key = key
        self._pending: list[Step] = []
        self._throttle = Throttle(seconds, self.flush_in_time)

    def write(self, steps: "list[Step]") -> "Callable[[], None]":
        """As `Root.writer`: store the steps now, with what waits, or have them wait."""
        if self._throttle.is_free:
            return self._write_all(steps)
        before = [(step, step.new) for step in self._pending]
        for step in steps:
            self._append(step)
        self._throttle.wait()

        def take_back() -> None:
            self._pending = [step for step, _ in before]
            for step, new in before:
                step.new = new

        return take_back

    def flush(self) -> None:
        """Store what waits. Raises `StorageError`; then it goes on waiting."""
        if self._pending:
            self._write_all([])
            notifications.run()
        self._throttle.stop()

    def end(self) -> None:
        """Store what waits, now or never."""
        try:
            self.flush()
        finally:
            self._pending = []
            self._throttle.stop()

    def aside(self, follow: "Callable[[], None]") -> None:
        """Call `follow`, which takes over what others stored, as if what waits came after it."""
        if not self._pending:
            follow()
            return
        undo(self._pending)
        notifications.paused += 1  # nobody is to see the state without what waits
        try:
            follow()
        finally:
            notifications.paused -= 1
            self._pending = [step for step in self._pending if _is_made_again(step)]
        notifications.run()

    def _write_all(self, steps: "list[Step]") -> "Callable[[], None]":
        pending, self._pending = self._pending, []  # while it is written nothing of it waits
        both = pending + steps
        try:
            undo_write = self._write(both)
        except BaseException:
            self._pending = pending
            if not both:  # memory is what is stored already, without any of the steps
                self._pending = [step for step in pending if _is_made_again(step)]
                steps.clear()
            raise
        kept = {id(step) for step in both}
        steps[:] = [step for step in steps if id(step) in kept]
        self._throttle.note()

        def take_back() -> None:
            undo_write()
            self._pending = pending
            if pending:
                self._throttle.wait()

        return take_back

    def _append(self, step: Step) -> None:
        """Add the step, or let an earlier one of the same place have its value.

        That is the same as long as no container came or went in between, which has places of its own.
        """
        if not _is_plain(step):
            self._pending.append(_copy(step))
            return
        for earlier in reversed(self._pending):
            if not _is_plain(earlier):
                break
            if earlier.view is step.view and earlier.key == step.key:
                earlier.new = step.new
                return
        self._pending.append(_copy(step))

    def flush_in_time(self) -> None:
        """Store what waits, with nobody there whom an error could be raised to."""
        if is_open():
            self._throttle.wait()
            return
        try:
            self.flush()
        except StorageError as error:
            self._throttle.note()
            self._throttle.wait()
            warn(
                f"`{self._key}` could not be written and is tried again: {error}",
                StorageWarning,
            )


def _is_plain(step: Step) -> bool:
    """Whether the step gave a key of a map another value, and neither is a container."""
    return step.op == "set" and type(step.new) not in VIEWS and type(step.old) not in VIEWS


def _copy(step: Step) -> Step:
    """A step whose value may be exchanged without anybody noticing who keeps the first."""
    return Step(step.view, step.path, step.op, step.key, step.new, step.old, step.order)


def _is_made_again(step: "Any") -> bool:
    steps = [step]
    try:
        redo(steps)
    except DetachedError:  # somebody has removed what the change was made to
        return False
    return bool(steps)
