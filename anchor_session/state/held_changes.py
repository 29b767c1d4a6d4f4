"""Changes of a `State` that its view does not have yet, because they are held or nobody is told.

Both wait in one list, oldest first, so that they are made in the order in which they were asked for.
"""

from ..errors import StorageError, StorageWarning, warn
from ..reactive.graph import untracked
from ..reactive.plain import copy_plain
from ..reactive.signal import Signal
from ..reactive.threads import whole
from ..reactive.transaction import Transaction, is_open
from .merge import assign, detached, joined, view_of
from .throttle import Throttle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..reactive.steps import Step
    from ..typed.schema import Schema
    from .merge import Change, Equality

    Kept = list[tuple[list[Change], bool]]  # changes, and whether they are seen already, in silence


class HeldChanges:
    """The changes of one view, made at once or kept; `throttle` is in seconds.

    `flush` writes what was changed, if that has to wait too.
    """

    def __init__(
        self,
        view: "Any",
        schema: "Schema | None",
        equality: "Equality | None",
        throttle: "float | None",
        flush: "Callable[[], object] | None" = None,
    ) -> None:
        self._view = view
        self._schema = schema
        self._equality = equality
        self._flush = flush
        self._throttle: Throttle | None = None
        if throttle:
            self._throttle = Throttle(throttle, self._apply_in_time, self._apply_at_the_end)
        self._kept = _Kept(self._throttle)
        self._told = Signal(0)  # grows when what was set in silence is told

    def submit(self, changes: "list[Change]", *, is_silent: bool) -> None:
        """Make the changes, after all that was kept; or keep them."""
        throttle = self._throttle
        if is_silent or (throttle is not None and not throttle.is_free):
            self._kept.set(self._with(self._detached(changes), is_silent))
            if throttle is not None and not is_silent:
                throttle.wait()
            return
        self.latest()  # raises what is wrong with what was kept
        with Transaction():
            for kept_changes, _ in self._kept.peek():
                self._assign(self._view, kept_changes)
            self.forget()
            self._assign(self._view, changes)
        if throttle is not None:
            throttle.note()

    def forget(self) -> None:
        """Keep nothing any more."""
        if self._is_ahead():
            self._told.set(self._told.peek() + 1)
        if self._kept.peek():
            self._kept.set([])

    @whole
    def apply(self) -> None:
        """Make what is held, and what was asked for in silence before it."""
        if _is_held(self._kept.peek()):
            self.latest()  # raises what is wrong with it
            with Transaction():
                for changes, _ in self._kept.peek():
                    self._assign(self._view, changes)
                self.forget()

    @whole
    def stop(self) -> None:
        """Wait for nothing any more."""
        if self._throttle is not None:
            self._throttle.stop()

    def latest(self) -> "Any":
        """A view of the state with everything that was ever asked for.

        Raises where that cannot be made any more, after others changed the state; then it is forgotten.
        """
        return self._ahead_or_forget(self._kept.peek())

    def apply_what_is_due(self) -> None:
        """Where nobody runs timers, whoever reads does."""
        if self._throttle is not None and self._throttle.is_due and not is_open():
            self._throttle.stop()
            untracked(self._apply_in_time)

    def follow(self) -> None:
        """Have the present reader, if it sees what was set in silence, run again when that is told."""
        if self._is_ahead():
            self._told.get()

    def _is_ahead(self) -> bool:
        return any(is_silent for _, is_silent in self._kept.peek())

    def seen(self) -> "Any":
        """A view of the state as readers see it: without what is held."""
        return self._ahead_or_forget([each for each in self._kept.peek() if each[1]])

    def _apply_in_time(self) -> None:
        throttle = self._throttle
        assert throttle is not None
        throttle.note()
        if is_open():
            throttle.wait()
            return
        try:
            self.apply()
        except StorageError as error:
            throttle.wait()
            warn(
                f"a change that was held could not be stored, and is tried again: {error}",
                StorageWarning,
            )

    def _apply_at_the_end(self) -> None:
        """When the page is hidden or goes away, where nobody who starts to listen is called any more."""
        try:
            self._apply_in_time()
        finally:
            if self._flush is not None:
                self._flush()

    def _ahead_or_forget(self, kept: "Kept") -> "Any":
        try:
            return self._ahead(kept)
        except Exception:
            self.forget()
            raise

    def _ahead(self, kept: "Kept") -> "Any":
        """A view of the state after those changes, which the state does not know of."""
        if not kept:
            return self._view
        view = view_of(copy_plain(self._view._data), self._schema)
        with Transaction():
            for changes, _ in kept:
                self._assign(view, changes)
        return view

    def _with(self, changes: "list[Change]", is_silent: bool) -> "Kept":
        """What is kept and the changes. Raises what making them would raise."""
        kept: Kept = self._kept.peek()
        if self._schema is None and self._equality is None:  # whatever can be stored can be made
            if kept and kept[-1][1] == is_silent:
                return kept[:-1] + [(joined(kept[-1][0], changes), is_silent)]
            return kept + [(changes, is_silent)]
        kept = kept + [(changes, is_silent)]
        self._ahead(kept)
        return kept

    def _assign(self, view: "Any", changes: "list[Change]") -> None:
        for change in changes:
            assign(view, change, self._equality)

    def _detached(self, changes: "list[Change]") -> "list[Change]":
        is_typed = self._schema is not None
        return [
            (key, detached(value, key, is_typed=is_typed), replaces)
            for key, value, replaces in changes
        ]


class _Kept(Signal):
    """What is kept: a signal, so that a batch that fails takes back what became of it."""

    __slots__ = ("_throttle",)

    def __init__(self, throttle: "Throttle | None") -> None:
        super().__init__([], equality=_is)
        self._throttle = throttle

    def _undo(self, step: "Step") -> None:
        super()._undo(step)
        if self._throttle is not None and _is_held(self.peek()):
            self._throttle.wait()  # it waited no more when that was made


def _is_held(kept: "Kept") -> bool:
    return any(not is_silent for _, is_silent in kept)


def _is(left: object, right: object) -> bool:
    return left is right
