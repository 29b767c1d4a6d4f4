"""Numbered entries of a page's area, each operation in one crossing to JavaScript.

From a PyScript worker every call is a round trip of a third of a millisecond, so an append that looked
before it wrote would take three of them.
"""

from json import loads

from .numbered import Numbered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .area import Area

_LONG = 5000
"""Units beyond which a text stays in the page, where its length and a sample of it are compared."""

_SAMPLE = 100

_SOURCE = """(area, prefix) => {
  let count = 0, last = null;
  const at = (number) => (number ? area.getItem(prefix + number) ?? null : null);
  const more = () => {
    if (at(count) !== last) return null;
    const texts = [];
    for (let text; (text = at(count + 1)) !== null; count += 1, last = text) texts.push(text);
    return JSON.stringify(texts);
  };
  const isCurrent = () => at(count) === last && at(count + 1) === null;
  return {
    sample(key, step) {
      const text = area.getItem(key) ?? "";
      let found = text.length + ":";
      for (let n = 0; n < text.length; n += step) found += text[n];
      return found;
    },
    used() {
      let units = 0;
      for (let n = 0, key; (key = area.key(n)) !== null; n += 1)
        units += key.length + (area.getItem(key) ?? "").length;
      return units;
    },
    isCurrent,
    read: () => (count = 0, last = null, more()),
    more,
    append(text) {
      if (!isCurrent()) return false;
      area.setItem(prefix + (count + 1), text);
      count += 1;
      last = text;
      return true;
    },
    trim(kept) {
      let end = kept;
      while (at(end + 1) !== null) end += 1;
      for (; end > kept; end -= 1) area.removeItem(prefix + end);
      count = kept;
      last = at(kept);
    },
  };
}"""


class PageEntries(Numbered):
    """The same as `Numbered`, run by the page."""

    __slots__ = ("_append", "_is_current", "_more", "_read", "_sample", "_trim", "_used")

    @classmethod
    def make(cls, window: "Any", area: "Area", prefix: str) -> "PageEntries | None":
        """None for an area of Python's own, and where the page's policy forbids `eval`."""
        from pyodide.ffi import JsProxy

        if not isinstance(area.raw, JsProxy):
            return None
        try:
            functions = window.eval(_SOURCE)(area.raw, prefix)
            return cls(area, prefix, functions)
        except Exception:  # noqa: BLE001 - whatever is refused, the plain way works
            return None

    def __init__(self, area: "Area", prefix: str, functions: "Any") -> None:
        super().__init__(area, prefix)
        self._append = functions.append
        self._is_current = functions.isCurrent
        self._more = functions.more
        self._read = functions.read
        self._sample = functions.sample
        self._trim = functions.trim
        self._used = functions.used

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

    def free(self) -> "int | None":
        quota = self._area.quota()
        if quota is None:
            return None
        try:
            return quota - int(self._used())
        except Exception:  # noqa: BLE001 - an area that cannot list its keys
            return None

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

    def trim(self, count: int) -> None:
        try:
            self._trim(count)
        except Exception as error:
            raise self._area.named(error, self.prefix) from error
        self.count = count
