"""What the page column asks of the place where it runs."""

from typing import Any, Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .append_log import AppendLog
    from .area import Area
    from .memory import MemoryArea
    from .switchboard import BoundArea


class Host(Protocol):
    """A `kind` of area is ``"session"`` or ``"local"``. What begins something returns how to end it."""

    has_warned: bool
    """Whether this page was told, or need not be, that its states live in memory."""

    copied: bool | None
    """Whether the tab began as a copy of another; None as long as that is not known."""

    hears_end: bool
    """Whether `on_page_hide` calls back before the page is gone: a worker is told by a message, too late."""

    @property
    def is_prerendering(self) -> bool:
        """Whether the page is only prepared for a tab that shows another one, and may never be shown.

        Then its `sessionStorage` is a copy of the tab's, which is thrown away when the page is shown.
        """

    def area(self, kind: str) -> Any:
        """The raw area. Raises `StorageUnavailableError` where there is none or it is refused."""

    def memory(self, kind: str) -> "MemoryArea":
        """An area of this interpreter, in place of one that is unavailable."""

    def is_shared(self, raw: Any) -> bool:
        """Whether that raw area is common to several tabs."""

    def bound(self, raw: Any) -> "BoundArea | None":
        """How this interpreter reads and writes an area that others of this document write too.

        None for an area where nobody else writes unseen; its own methods do.
        """

    def checked(self, area: "Area") -> "Area":
        """The area for one who follows others; the same one where nobody else writes unseen."""

    def append_log(self, area: "Area", prefix: str) -> "AppendLog":
        """The entries of the area whose keys are the prefix and a number."""

    def listen(
        self, target: Any, event: str, handle: "Callable[[Any], object]"
    ) -> "Callable[[], None]":
        """Call `handle(event)` at each such event of an element, or whatever has `addEventListener`."""

    def keys(self, area: "Area", prefix: str) -> "list[str]":
        """The keys of the area that begin with the prefix. Raises `StorageError`."""

    def on_storage(
        self, callback: "Callable[[Any, list[str] | None], None]"
    ) -> "Callable[[], None]":
        """Call `callback(raw_area, keys)` when others changed it; None for keys: any of them.

        Others are other documents, and another interpreter of this one: a PyScript worker and its page.
        What comes close together is told at once, each key once, in the order of the first changes. None
        stands for an area that was cleared, and for more keys than anybody should be told of.
        """

    def on_page_show(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back when the page is shown that was in the cache of back and forward, or prerendered."""

    def on_page_hide(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back when the page is hidden or about to be left, and left, if that can be done in time.

        It may be the last that it hears: a phone ends hidden pages without a word.
        """

    def on_page_leave(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back when the page is left, or put into the cache of back and forward."""

    def when_idle(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back once, a second from now or later, when the page has nothing better to do."""

    def avoid_stale_cache(self) -> "Callable[[], None]":
        """Stay out of a page cache that would show old storage."""

    # -- what tabs have in common -------------------------------------------------------------

    def now(self) -> int:
        """Microseconds since 1970."""

    def random_id(self) -> str:
        """Six random hexadecimal digits."""

    def soon(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back once, in a task of its own."""

    def after(self, seconds: float, callback: "Callable[[], None]") -> "Callable[[], None]":
        """Call back once, in so many seconds."""

    def cookie(self, name: str) -> "str | None":
        """The value of the origin's cookie; None where there is none, or cookies are refused."""

    def set_cookie(self, name: str, value: str) -> None:
        """Set a cookie that lives as long as the browser session. Where it is refused nothing happens."""

    def channel(
        self, name: str, callback: "Callable[[str], None]"
    ) -> "tuple[Callable[[str], None], Callable[[], None]]":
        """How to send text to all other documents that listen to that name, and how to end listening."""

    def hold(self, name: str) -> "Callable[[], None]":
        """Hold a lock that many may hold, for as long as the document lives; how to give it up."""

    def held(self, callback: "Callable[[set[str] | None], None]") -> None:
        """Call back with the names of all locks held in this origin; None where nobody can tell."""
