"""Whether this tab began as a copy of another.

A duplicated tab, and one that `window.open` or a link with an opener has opened, starts with a copy of the
other's `sessionStorage`. So a tab keeps a token there, and a document that finds one asks on a channel who
else has it. Every document that has answers, and before that leaves a mark beside its own token: whoever asks
and sees the mark was answered from its own tab (a frame, the page of a worker), and knows what that knows.
Who does not see it is a copy, and takes a token of its own.

Silence means no. An original that was busy or frozen answers as soon as it can: what was False is then True.
One that has no state open does not answer.
"""

from ..errors import StorageError, StorageWarning, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .area import Area
    from .protocol import Host

KEY = "anchor-tab"
"""The token's key in `sessionStorage`; marks lie at ``anchor-tab#...``. The channel has the name too."""

PATIENCE = 0.5
"""Seconds of silence that mean no. Chromium brings an answer in about a millisecond."""

_ANSWERS = {"copy": True, "original": False, "unsure": None}


class TabOrigin:
    """Finds out how the tab began, for `host.copied`, and answers the copies of it."""

    def __init__(self, here: "Host", area: "Area") -> None:
        self._here = here
        self._area = area
        self._id = f"{here.now():016x}{here.random_id()}"  # of two, the smaller began first
        self._asked = ""
        self._marks: set[str] = set()  # that nobody has seen yet
        self._send: Callable[[str], None]
        self._end: Callable[[], None] | None = None
        self._stop_waiting: Callable[[], None] | None = None
        if not self._token():
            self._begin()
        self.wake()

    def wake(self) -> None:
        """Listen, at first and after `sleep`, and ask as long as there was no answer."""
        if self._end is None:
            self._send, self._end = self._here.channel(KEY, self._hear)
            if self._here.copied is None:
                self._ask()

    def sleep(self) -> None:
        """Stop listening. Chromium drops a page from the cache of back and forward that is sent a message."""
        if self._end is not None:
            self._end()
            self._end = None
        if self._stop_waiting is not None:  # nobody could have been heard: that is no silence
            self._stop_waiting()
            self._stop_waiting = None
        while self._marks:
            self._area.remove(self._marks.pop())

    def _token(self) -> str:
        token = self._area.get(KEY) or ""
        return token if _is_id(token) else ""

    def _take_token(self) -> None:
        try:
            self._area.set(KEY, self._id)
        except StorageError as error:
            warn(f"copies of this tab will not be known as copies: {error}", StorageWarning)

    def _begin(self) -> None:
        """Be no copy, unless it is known already."""
        self._take_token()
        self._here.copied = bool(self._here.copied)

    def _ask(self) -> None:
        self._asked = self._token()
        if not self._asked:
            self._begin()
            return
        self._send(f"ask {self._id} {self._asked}")
        self._stop_waiting = self._here.after(PATIENCE, self._silence)

    def _silence(self) -> None:
        if self._here.copied is None:
            self._here.copied = False

    def _hear(self, text: str) -> None:
        """What documents say: ``ask <asker> <token>``, ``<answer> <asker> <who>``, ``seen <who> <asker>``."""
        words = text.split(" ")
        if len(words) != 3 or not _is_id(words[1]) or not _is_id(words[2]):
            words = [""]
        if words[0] == "ask":
            self._answer(words[1], words[2])
        elif words[0] == "seen":
            if words[1] == self._id:
                mark = _mark(words[2], self._id)
                self._marks.discard(mark)
                self._area.remove(mark)
        elif words[0] in _ANSWERS:
            if words[1] == self._id:
                self._learn(_ANSWERS[words[0]], words[2])
        else:
            warn(f"the channel `{KEY}` brought what is not ours: {text[:100]!r}", StorageWarning)

    def _answer(self, asker: str, token: str) -> None:
        if self._token() != token:
            return
        mark = _mark(asker, self._id)
        try:
            self._area.set(mark, "")
        except StorageError:
            return  # the area is full, and an answer without a mark would seem to be another tab's
        self._marks.add(mark)
        known = self._here.copied
        answer = "unsure" if known is None else "copy" if known else "original"
        self._send(f"{answer} {asker} {self._id}")

    def _learn(self, known: "bool | None", who: str) -> None:
        """Of a document that has the token too, and knows that much of its own tab."""
        is_of_this_tab = self._area.get(_mark(self._id, who)) is not None
        self._send(f"seen {who} {self._id}")
        if is_of_this_tab:
            if known is not None and not self._here.copied:
                self._here.copied = known
        elif known is not None or who < self._id:  # two that ask at once: the first is the original
            self._here.copied = True
            if self._token() == self._asked:
                self._take_token()
                for mark in self._area.keys(f"{KEY}#"):  # that were copied with the rest
                    self._area.remove(mark)


def _mark(asker: str, who: str) -> str:
    return f"{KEY}#{asker}.{who}"


def _is_id(text: str) -> bool:
    return len(text) == 22 and all(digit in "0123456789abcdef" for digit in text)
