"""Server-sent events, from bytes cut wherever the network cuts them (WHATWG HTML, 9.2.6)."""

import re
from codecs import getincrementaldecoder

from ..errors import ProviderError

LONGEST = 16 * 1024 * 1024
"""Characters of one event; who sends more is not believed."""

_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")  # a CR at the end may be the first half of CRLF


class EventReader:
    """Feed it bytes, get the `data` of the events that are complete.

    Comments, names, ids and retry times are read over. Bytes that are no UTF-8 become U+FFFD.
    """

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8-sig")("replace")
        self._rest = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, content: bytes) -> list[str]:
        """The events that end within these bytes."""
        return self._read(self._decoder.decode(content))

    def end(self) -> list[str]:
        """What is left when the stream has ended: servers forget the last empty line."""
        rest = self._decoder.decode(b"", final=True)
        return self._read(f"{rest}\n\n")

    def _read(self, text: str) -> list[str]:
        *lines, self._rest = _LINE_END.split(self._rest + text)
        if self._size + len(self._rest) > LONGEST:
            raise ProviderError(f"the server sends an event of more than {LONGEST} characters")
        events = []
        for line in lines:
            if line:
                self._take(line)
            elif self._data:
                events.append("\n".join(self._data))
                self._data, self._size = [], 0
        return events

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
            self._size += len(value)
