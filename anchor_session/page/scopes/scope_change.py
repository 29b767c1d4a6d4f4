"""What a scope tells its subscribers, one change after the other."""

from ...errors import CycleError, raise_first, with_article
from ...reactive.notifications import MAX_ROUNDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class ScopeChange:
    """One key of a scope has another value: `value` instead of `previous`, None for absence.

    Of another tab's change `previous` is what this one saw last. The values are common to all subscribers.
    """

    __slots__ = ("key", "previous", "value")

    def __init__(self, key: "Any", value: "Any", previous: "Any") -> None:
        self.key = key
        self.value = value
        self.previous = previous

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScopeChange):
            return NotImplemented
        return (self.key, self.value, self.previous) == (other.key, other.value, other.previous)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ScopeChange({self.key!r}, {self.value!r}, {self.previous!r})"


def check_callback(callback: object) -> None:
    """Raise `TypeError` for what cannot be called."""
    if not callable(callback):
        raise TypeError(
            f"subscribe() takes a function, not {with_article(type(callback).__name__)}"
        )


class Subscribers:
    """Who is told. The scope's lock is held meanwhile, so that all hear the same history.

    What a subscriber changes is told after what is being told. One that raises does not stop the others.
    """

    def __init__(self) -> None:
        self._entries: list[list[Callable[[ScopeChange], object]]] = []
        self._waiting: list[ScopeChange] = []
        self._is_telling = False

    def __bool__(self) -> bool:
        return bool(self._entries)

    def add(self, callback: "Callable[[ScopeChange], object]") -> "Callable[[], None]":
        """Have it told; gives how to end that."""
        entry = [callback]
        self._entries.append(entry)

        def unsubscribe() -> None:
            entry.clear()
            self._entries = [other for other in self._entries if other]

        return unsubscribe

    def tell(self, changes: "list[ScopeChange]") -> None:
        """Tell them, and what they change meanwhile. Raises the first error when all were told.

        `CycleError` after 100 rounds of changes that cause changes.
        """
        self._waiting.extend(changes)
        if self._is_telling:
            return
        self._is_telling = True
        errors: list[Exception] = []
        rounds = 0
        try:
            while self._waiting:
                rounds += 1
                if rounds > MAX_ROUNDS:
                    raise CycleError(
                        f"subscribers kept changing the scope for {MAX_ROUNDS} rounds; one of them changes "
                        "what it listens to"
                    )
                told, self._waiting = self._waiting, []
                for change in told:
                    self._tell_all(change, errors)
        finally:
            self._is_telling = False
            self._waiting = []
        raise_first(errors)

    def _tell_all(self, change: ScopeChange, errors: "list[Exception]") -> None:
        for entry in self._entries.copy():
            if entry:  # no other has unsubscribed it meanwhile
                try:
                    entry[0](change)
                except Exception as error:  # noqa: BLE001 - raised when all were told
                    errors.append(error)
