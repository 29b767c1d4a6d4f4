"""`Later`: changes of a `State` that its view does not have yet, because they are held or nobody is told.

Both wait in one list, oldest first, so that they are made in the order in which they were asked for.
"""

from ..errors import StorageError, StorageWarning, warn
from ..reactive.plain import copy_plain
from ..reactive.signal import Signal
from ..reactive.transaction import Transaction, is_open
from .merge import assign, detached, view_of
from .pace import Pace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..typed.schema import Schema
    from .merge import Change, Equality

    Kept = list[tuple[list[Change], bool]]  # changes, and whether they are seen already, in silence


class Later:
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
        self._pace: Pace | None = None
        if throttle:
            self._pace = Pace(throttle, self._apply_in_time, self._apply_at_the_end)
        # A signal, so that a batch that fails takes back what was kept as well.
        self._kept: Signal[Kept] = Signal([], equality=_is)

    def submit(self, changes: "list[Change]", *, is_silent: bool) -> None:
        """Make the changes, after all that was kept; or keep them."""
        pace = self._pace
        if is_silent or (pace is not None and not pace.is_free):
            kept = self._kept.peek() + [(self._detached(changes), is_silent)]
            self._ahead(kept)  # raises what they would raise
            self._kept.set(kept)
            if pace is not None and not is_silent:
                pace.wait()
            return
        with Transaction():
            for kept_changes, _ in self._kept.peek():
                self._assign(self._view, kept_changes)
            self.forget()
            self._assign(self._view, changes)
        if pace is not None:
            pace.note()

    def forget(self) -> None:
        """Keep nothing any more."""
        if self._kept.peek():
            self._kept.set([])

    def apply(self) -> None:
        """Make what is held, and what was asked for in silence before it."""
        if any(not is_silent for _, is_silent in self._kept.peek()):
            with Transaction():
                for changes, _ in self._kept.peek():
                    self._assign(self._view, changes)
                self.forget()

    def stop(self) -> None:
        """Wait for nothing any more."""
        if self._pace is not None:
            self._pace.stop()

    def latest(self) -> "Any":
        """A view of the state with everything that was ever asked for."""
        return self._ahead(self._kept.peek())

    def seen(self) -> "Any":
        """A view of the state as readers see it: without what is held."""
        if self._pace is not None and self._pace.is_due and not is_open():
            self._pace.stop()  # where nobody runs timers, whoever reads does
            self._apply_in_time()
        return self._ahead([each for each in self._kept.peek() if each[1]])

    def _apply_in_time(self) -> None:
        pace = self._pace
        assert pace is not None
        pace.note()
        if is_open():
            pace.wait()
            return
        try:
            self.apply()
        except StorageError as error:
            pace.wait()
            warn(
                f"a change that was held could not be stored, and is tried again: {error}",
                StorageWarning,
            )

    def _apply_at_the_end(self) -> None:
        """When the page goes away, where nobody who starts to listen is called any more."""
        self._apply_in_time()
        if self._flush is not None:
            self._flush()

    def _ahead(self, kept: "Kept") -> "Any":
        """A view of the state after those changes, which the state does not know of."""
        if not kept:
            return self._view
        view = view_of(copy_plain(self._view._data), self._schema)
        with Transaction():
            for changes, _ in kept:
                self._assign(view, changes)
        return view

    def _assign(self, view: "Any", changes: "list[Change]") -> None:
        for change in changes:
            assign(view, change, self._equality)

    def _detached(self, changes: "list[Change]") -> "list[Change]":
        is_typed = self._schema is not None
        return [
            (key, detached(value, key, is_typed=is_typed), replaces)
            for key, value, replaces in changes
        ]


def _is(left: object, right: object) -> bool:
    return left is right
