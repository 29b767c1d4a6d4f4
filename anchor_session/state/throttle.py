"""`Throttle`: when something may happen again, and that what has to wait is not forgotten."""

from .. import host
from ..reactive.threads import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Throttle:
    """Calls `act` for what was put off: `seconds` after the last time. When the page is hidden or goes,
    `last_act`.

    While something waits, and only then, there is a timer and a listener to the page's end. Where nobody
    runs timers (Python without a browser and without a loop), `is_due` says that it is time.
    """

    def __init__(
        self,
        seconds: float,
        act: "Callable[[], object]",
        last_act: "Callable[[], object] | None" = None,
    ) -> None:
        self._here = host.current()
        self._span = round(seconds * 1_000_000)
        self._act = act
        self._last_act = last_act or act
        self._last: int | None = None
        self._endings: list[Callable[[], None]] = []

    @property
    def is_free(self) -> bool:
        """Whether it may happen now: the last time is long enough ago."""
        return self._left() <= 0

    @property
    def is_due(self) -> bool:
        """Whether something waits that should have happened already."""
        return bool(self._endings) and self._left() <= 0

    def note(self) -> None:
        """It happens now; nothing waits any more."""
        self._last = self._here.now()
        self.stop()

    def wait(self) -> None:
        """Have `act` called at the end of the time."""
        if not self._endings:
            self._endings = [
                self._here.after(max(self._left(), 0) / 1_000_000, self._in_time),
                self._here.on_page_hide(self._at_the_end),
            ]

    def stop(self) -> None:
        """Wait no more."""
        endings, self._endings = self._endings, []
        for end in endings:
            end()

    @whole
    def _in_time(self) -> None:
        self.stop()
        self._act()

    @whole
    def _at_the_end(self) -> None:
        self.stop()
        self._last_act()

    def _left(self) -> int:
        """Microseconds; a clock that was put back makes nobody wait longer than the span."""
        if self._last is None:
            return 0
        passed = self._here.now() - self._last
        return self._span - passed if passed >= 0 else 0
