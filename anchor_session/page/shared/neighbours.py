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
"""Documents say ``open {key}`` there when they open a state, ``here {key}`` where it is open already.

``turn {key}`` asks for the turn.
"""

_TURN = "anchor-turn:"
_BEGS = 3


class Neighbours:
    """The keys of states that are open in this document, and which of them other documents have open.

    `give_turn` is called with the key of a state whose turn another one asks for.
    """

    def __init__(self, here: "Host", give_turn: "Callable[[str], None]") -> None:
        self._here = here
        self._give_turn = give_turn
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

    def beg(self, key: str) -> None:
        """Ask who has the turn for it."""
        if self._end is not None:
            self._send(f"turn {key}")

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
            elif word == "turn":
                self._give_turn(key)


class Turn:
    """A Web Lock, which one document holds at a time. `is_mine`: this one does, as far as is known.

    It is asked for only where room is short: Chromium drops pages that hold one (as those of a browser
    session do) from the cache of back and forward as soon as another page asks for any.
    """

    def __init__(self, here: "Host", name: str, key: str, beg: "Callable[[], None]") -> None:
        self._here = here
        self._key = f":{key}"
        self._lock = f"{_TURN}{name}{self._key}"
        self._release: Callable[[], None] | None = None
        self._beg = beg  # says to the others that this one asks
        self._begs = 0  # how often that is still to be done
        self._pause = 0.2 + int(name[:2], 16) / 512  # seconds; not all at once
        self.is_mine = False

    def ask(self) -> None:
        """Have it, once no other document does; that is known in another task."""
        if self._release is None and not self._begs:
            self._begs = _BEGS
            self._try()

    def _try(self) -> None:
        if self._release is None and self._begs:
            self._release = self._here.hold(self._lock)
            self._here.held(self._decide)

    def _decide(self, locks: "set[str] | None") -> None:
        if self._release is None:
            return
        for lock in locks or ():  # without Web Locks there is nobody to be told of
            if lock.startswith(_TURN) and lock.endswith(self._key) and lock != self._lock:
                self._let_go()
                self._begs -= 1
                if self._begs:
                    self._beg()
                    self._here.after(self._pause, self._try)
                return
        self._begs = 0
        self.is_mine = True

    def give_up(self) -> None:
        """Have it no more, nor want it."""
        self._begs = 0
        self._let_go()

    def _let_go(self) -> None:
        if self._release is not None:
            self._release()
        self._release = None
        self.is_mine = False
