"""What is on its way to a document, and arrives when the test says so."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .areas import Copy
    from .browser import Browser


class Arrivals:
    """Storage events, messages of channels, and callbacks that fall due. While it is frozen they wait.

    `local` is the document's copy of `localStorage`.
    """

    def __init__(self, browser: "Browser", local: "Copy") -> None:
        self.browser = browser
        self.is_frozen = False
        self.is_closed = False
        self._local = local
        self._pending: list[tuple[object, str | None]] = []
        self._messages: list[tuple[Callable[[str], None], str]] = []
        self._late: list[Callable[[], None]] = []  # what fell due while it was frozen
        self._on_storage: list[Callable[[object, list[str] | None], None]] = []

    def send(self) -> None:
        """Let all that this tab wrote reach the browser, where that takes time."""
        while self._local.sent:
            self._local.kept.take(self._local)

    def deliver(self) -> None:
        """Let all arrive that has reached the browser from other documents, and run what is due."""
        while self.is_busy():
            self.receive()
            self.tell_all()
            while self._messages and self.is_awake:
                self.hear_one(0)
            self.run()

    def receive(self) -> None:
        """Bring the tab's copy of `localStorage` up to date with the browser, and tell nobody yet."""
        while self._local.coming:
            self._local.receive()

    def tell_all(self) -> None:
        """Let all waiting storage events arrive, together where they may."""
        while self._pending and self.is_awake:
            area, key = self._pending.pop(0)
            keys = None if key is None else [key]
            while keys and self._pending and self._pending[0][0] is area:
                following = self._pending[0][1]
                if following is None:
                    break
                del self._pending[0]
                if following not in keys:
                    keys.append(following)
            self._tell(area, keys)

    def tell_one(self, which: int, *, again: bool = False) -> None:
        """Let one of the waiting storage events arrive, and perhaps `again` another time."""
        which %= len(self._pending)
        area, key = self._pending[which] if again else self._pending.pop(which)
        self._tell(area, None if key is None else [key])

    def hear_one(self, which: int) -> None:
        """Let one of the waiting messages of channels arrive."""
        receive, text = self._messages.pop(which % len(self._messages))
        self._do(receive, text)

    def run(self) -> None:
        """Run what is due."""
        while self._late and self.is_awake:
            self._do(self._late.pop(0))
        if self.is_awake:
            self.browser.clock.run(self)

    @property
    def is_awake(self) -> bool:
        """Neither frozen nor closed."""
        return not (self.is_frozen or self.is_closed)

    def is_busy(self) -> bool:
        """Whether something could arrive or run now."""
        waiting = self.events or self.messages or self._local.coming
        return self.is_awake and (bool(waiting) or self.has_due())

    def has_due(self) -> bool:
        """Whether something could run now."""
        return bool(self._late) or self.browser.clock.has_due(self)

    @property
    def events(self) -> int:
        """How many storage events wait."""
        return len(self._pending)

    @property
    def messages(self) -> int:
        """How many messages of channels wait."""
        return len(self._messages)

    def notice(self, area: object, key: "str | None") -> None:
        """Queue a storage event."""
        self._pending.append((area, key))

    def hear(self, receive: Callable[[str], None], text: str) -> None:
        """Queue a message of a channel."""
        self._messages.append((receive, text))

    def _tell(self, area: object, keys: "list[str] | None") -> None:
        for callback in self._on_storage.copy():
            self._do(callback, area, keys)

    def _do(self, callback: Callable[..., object], *arguments: object) -> None:
        """Call with this document as the current host."""
        raise NotImplementedError
