"""What the page column asks of the place where it runs."""

from typing import Any, Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .area import Area
    from .memory import MemoryArea
    from .numbered import Numbered


class Host(Protocol):
    """A `kind` of area is ``"session"`` or ``"local"``. What begins something returns how to end it."""

    has_warned: bool
    """Whether this page was told, or need not be, that its states live in memory."""

    def area(self, kind: str) -> Any:
        """The raw area. Raises `StorageUnavailableError` where there is none or it is refused."""

    def memory(self, kind: str) -> "MemoryArea":
        """An area of this interpreter, in place of one that is unavailable."""

    def is_shared(self, raw: Any) -> bool:
        """Whether that raw area is common to several tabs."""

    def numbered(self, area: "Area", prefix: str) -> "Numbered":
        """The entries of the area whose keys are the prefix and a number."""

    def listen(
        self, target: Any, event: str, handle: "Callable[[Any], object]"
    ) -> "Callable[[], None]":
        """Call `handle(event)` at each such event of an element, or whatever has `addEventListener`."""

    def on_storage(self, callback: "Callable[[Any, str | None], None]") -> "Callable[[], None]":
        """Call `callback(raw_area, key)` when another document changed it; key None: cleared."""

    def on_page_show(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back when the page is shown again from the cache of back and forward."""

    def on_page_hide(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back when the page is left, or put aside, as long as that can be done in time."""

    def when_idle(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back once, a second from now or later, when the page has nothing better to do."""

    def avoid_stale_cache(self) -> "Callable[[], None]":
        """Stay out of a page cache that would show old storage."""
