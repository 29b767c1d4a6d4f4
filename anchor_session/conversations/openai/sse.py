"""Server-sent events, from bytes cut wherever the network cuts them (WHATWG HTML, 9.2.6)."""

import re
from codecs import getincrementaldecoder

from ...errors import ProviderError

LONGEST = 16 * 1024 * 1024
"""Characters of one event; who sends more is not believed."""

_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")  # a CR at the end may be the first half of CRLF


class EventReader:
    """Feed it bytes, get the `data` of the events that are complete.

    Comments, names, ids and retry times are read over. Bytes that are no UTF-8 become U+FFFD.
    """

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8-sig")("replace")
        self._rest: list[str] = []  # a line so far, in the pieces it came in
        self._rest_size = 0
        self._data: list[str] = []  # the lines of an event so far
        self._data_size = 0

    def feed(self, content: bytes) -> list[str]:
        """The events that end within these bytes."""
        return self._read(self._decoder.decode(content))

    def end(self) -> list[str]:
        """What is left when the stream has ended: servers forget the last empty line."""
        rest = self._decoder.decode(b"", final=True)
        return self._read(f"{rest}\n\n")

    def _read(self, text: str) -> list[str]:
        events = []
        for line in self._lines(text):
            if line:
                self._take(line)
            elif self._data:
                events.append("\n".join(self._data))
                self._data, self._data_size = [], 0
        if self._data_size + self._rest_size > LONGEST:
            raise ProviderError(f"the server sends an event of more than {LONGEST} characters")
        return events

    def _lines(self, text: str) -> list[str]:
        """The lines that end in the text. Pieces are joined once a line, however many there are."""
        self._rest.append(text)
        self._rest_size += len(text)
        if not ("\n" in text or "\r" in text or self._rest[-2:][0].endswith("\r")):
            return []
        *lines, rest = _LINE_END.split("".join(self._rest))
        self._rest, self._rest_size = [rest], len(rest)
        return lines

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
            self._data_size += len(value) + 1
