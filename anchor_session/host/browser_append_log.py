"""Numbered entries of a page's area, each operation in one crossing to JavaScript.

From a PyScript worker every call is a round trip of a third of a millisecond, so an append that looked
before it wrote would take three of them.
"""

from json import loads

from .append_log import AppendLog
from .area import StaleReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .area import Area

_LONG = 5000
"""Units beyond which a text stays in the page, where its length and a sample of it are compared."""

_SAMPLE = 100


class BrowserAppendLog(AppendLog):
    """The same as `AppendLog`, run by the page with the `functions` of its switchboard.

    Where the area is checked, nothing is appended by one that is behind, and `trim` raises `StaleReadError`.
    """

    __slots__ = ("_append", "_is_current", "_more", "_read", "_replace_last", "_sample", "_trim")

    def __init__(self, area: "Area", prefix: str, functions: "Any") -> None:
        super().__init__(area, prefix)
        self._append = functions.append
        self._is_current = functions.isCurrent
        self._more = functions.more
        self._read = functions.read
        self._replace_last = functions.replaceLast
        self._sample = functions.sample
        self._trim = functions.trim

    def read(self) -> "list[str]":
        self.count = 0
        return self._known(self._read) or []

    def read_more(self) -> "list[str] | None":
        return self._known(self._more)

    def _known(self, read: "Any") -> "list[str] | None":
        try:
            answer = read()
        except Exception as error:
            raise self._area.named(error, self.prefix) from error
        if not isinstance(answer, str):
            return None
        texts: list[str] = loads(answer)
        self.count += len(texts)
        return texts

    def holds(self, key: str, text: "str | None") -> bool:
        if text is None or len(text) < _LONG or not text.isascii():
            return super().holds(key, text)
        step = len(text) // _SAMPLE
        try:
            found = self._sample(key, step)
        except Exception as error:
            raise self._area.named(error, key) from error
        return bool(found == f"{len(text)}:{text[::step]}")

    def is_current(self) -> bool:
        try:
            return bool(self._is_current())
        except Exception as error:
            raise self._area.named(error, self.prefix) from error

    def append(self, text: str) -> bool:
        try:
            is_done = self._append(text)
        except Exception as error:
            raise self._area.named(error, f"{self.prefix}{self.count + 1}", text) from error
        if is_done:
            self.count += 1
        return bool(is_done)

    def replace_last(self, text: str) -> bool:
        try:
            return bool(self._replace_last(text))
        except Exception as error:
            raise self._area.named(error, f"{self.prefix}{self.count}", text) from error

    def trim(self, count: int) -> None:
        try:
            is_done = self._trim(count)
        except Exception as error:
            raise self._area.named(error, self.prefix) from error
        if not is_done:
            raise StaleReadError(self.prefix)
        self.count = count
