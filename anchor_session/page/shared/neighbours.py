"""Who else has a state open, and whose turn it is to write its document in place.

What is written in place is in no entry, so no other tab may write a document at that moment. Nothing tells in
time what another tab is doing: so where there are others, one of them at a time has the turn. It is asked for
before it is needed, as the answer comes in another task.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...host.protocol import Host

CHANNEL = "anchor-open"
"""Documents say ``open {key}`` there when they open a state, and ``here {key}`` where it is open already."""

_TURN = "anchor-turn:"


class Neighbours:
    """The keys of states that are open in this document, and which of them other documents have open."""

    def __init__(self, here: "Host") -> None:
        self._here = here
        self._open: dict[str, bool] = {}  # whether elsewhere too
        self._send: Callable[[str], None]
        self._end: Callable[[], None] | None = None

    def add(self, keys: "list[str]") -> None:
        """States are open here. What was said before about them stays known."""
        for key in keys:
            if key not in self._open:
                self._open[key] = False
                self._say(key)

    def remove(self, key: str) -> None:
        self._open.pop(key, None)

    def has(self, key: str) -> bool:
        """Whether another document has it open too, or had: nobody says that it is gone."""
        return self._open.get(key, False)

    def wake(self) -> None:
        """Listen again: others may have opened the states meanwhile."""
        for key in self._open:
            self._say(key)

    def sleep(self) -> None:
        """Listen no more. Chromium drops a page from the cache of back and forward that is sent a message."""
        if self._end is not None:
            self._end()
            self._end = None

    def _say(self, key: str) -> None:
        if self._end is None:
            self._send, self._end = self._here.channel(CHANNEL, self._hear)
        self._send(f"open {key}")

    def _hear(self, text: str) -> None:
        word, _, key = text.partition(" ")
        if key in self._open:
            self._open[key] = True
            if word == "open":
                self._send(f"here {key}")


class Turn:
    """A Web Lock, which one document holds at a time. `is_mine`: this one does, as far as is known.

    It is asked for only where room is short: Chromium drops pages that hold one (as those of a browser
    session do) from the cache of back and forward as soon as another page asks for any.
    """

    def __init__(self, here: "Host", name: str, key: str) -> None:
        self._here = here
        self._key = f":{key}"
        self._lock = f"{_TURN}{name}{self._key}"
        self._release: Callable[[], None] | None = None
        self.is_mine = False

    def ask(self) -> None:
        """Have it, unless another document does; that is known in another task."""
        if self._release is None:
            self._release = self._here.hold(self._lock)
            self._here.held(self._decide)

    def _decide(self, locks: "set[str] | None") -> None:
        if self._release is None:
            return
        for lock in locks or ():  # without Web Locks there is nobody to be told of
            if lock.startswith(_TURN) and lock.endswith(self._key) and lock != self._lock:
                self.give_up()
                return
        self.is_mine = True

    def give_up(self) -> None:
        if self._release is not None:
            self._release()
        self._release = None
        self.is_mine = False
