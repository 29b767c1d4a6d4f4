"""Time that passes when the test says so."""

from collections.abc import Callable


class ManualClock:
    """Microseconds since 1970, with what is to run at a time.

    Each reading is `tick` later than the one before, so that no two are equal.
    """

    def __init__(self, start: int = 1_700_000_000_000_000, *, tick: int = 1) -> None:
        self._time = start
        self._tick = tick
        self._timers: list[tuple[int, object, Callable[[], object]]] = []

    def now(self) -> int:
        """The time in microseconds."""
        self._time += self._tick
        return self._time

    def advance(self, seconds: float) -> None:
        """Let time pass, and run what falls due in it, in order of time."""
        end = self._time + round(1_000_000 * seconds)
        while due := self._due(end):
            self._time = max(self._time, due[0][0])
            self._run(due[0])
        self._time = max(self._time, end) if seconds > 0 else end

    def call(
        self, seconds: float, callback: Callable[[], object], *, owner: object = None
    ) -> Callable[[], None]:
        """Run `callback` once, in so many seconds, at `run` or `advance`. Returns how to cancel it."""
        timer = (self._time + round(1_000_000 * seconds), owner, callback)
        self._timers.append(timer)
        return lambda: self._forget(timer)

    def has_due(self, owner: object) -> bool:
        """Whether something of `owner` could run now."""
        return bool(self._due(self._time, owner))

    def run(self, owner: object = None) -> None:
        """Run what is due now (of `owner` alone, if given), and what thereby becomes due."""
        while due := self._due(self._time, owner):
            self._run(due[0])

    def _due(
        self, end: int, owner: object = None
    ) -> "list[tuple[int, object, Callable[[], object]]]":
        found = [each for each in self._timers if each[0] <= end and owner in (None, each[1])]
        return sorted(found, key=lambda each: each[0])

    def _run(self, timer: "tuple[int, object, Callable[[], object]]") -> None:
        self._forget(timer)
        timer[2]()

    def _forget(self, timer: "tuple[int, object, Callable[[], object]]") -> None:
        self._timers = [each for each in self._timers if each is not timer]
