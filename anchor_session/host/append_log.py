"""Entries of an area that are numbered from 1: ``{prefix}1``, ``{prefix}2`` and so on, without a gap."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .area import Area


class AppendLog:
    """A run of entries to which several documents may append.

    Those read or appended here are known; an entry is added only directly behind the last known one.
    Entries are removed last first, so that what a crash leaves is a beginning. None is written over but the
    last one: who knows another text as the last reads all again.
    """

    __slots__ = ("_area", "_last", "count", "prefix")

    def __init__(self, area: "Area", prefix: str) -> None:
        self._area = area
        self.prefix = prefix
        self.count = 0  # of known entries
        self._last: str | None = None  # the text of the last known one

    def read(self) -> "list[str]":
        """The texts of all entries, which are known from now on."""
        self.count, self._last = 0, None
        return self.read_more() or []

    def read_more(self) -> "list[str] | None":
        """The texts behind the known ones, known from now on; None if the known ones are not there."""
        if self._get(self.count) != self._last:
            return None
        texts: list[str] = []
        text = self._get(self.count + 1)
        while text is not None:
            texts.append(text)
            self.count += 1
            self._last = text
            text = self._get(self.count + 1)
        return texts

    def holds(self, key: str, text: "str | None") -> bool:
        """Whether that text is at the key; of a long one, whether it looks like it."""
        return self._area.get(key) == text

    def is_current(self) -> bool:
        """Whether the last known entry is still there, and the last."""
        return self._get(self.count) == self._last and self._get(self.count + 1) is None

    def append(self, text: str) -> bool:
        """Store another entry; nothing, and False, if the last known one is no longer the last."""
        if not self.is_current():
            return False
        key = f"{self.prefix}{self.count + 1}"
        try:
            self._area.set(key, text)
        except BaseException:
            if self._area.get(key) is not None:  # it was stored before it failed
                self._area.remove(key)
            raise
        self.count += 1
        self._last = text
        return True

    def replace_last(self, text: str) -> bool:
        """Store that text in place of the last known entry; False if that is no longer the last."""
        if not self.count or not self.is_current():
            return False
        key = f"{self.prefix}{self.count}"
        try:
            self._area.set(key, text)
        except BaseException:
            if self._area.get(key) != self._last:  # it was stored before it failed
                self._area.set(key, self._last or "")
            raise
        self._last = text
        return True

    def texts(self, count: int) -> "list[str]":
        """Those of the first `count` entries."""
        return [self._get(number) or "" for number in range(1, count + 1)]

    def trim(self, count: int) -> None:
        """Remove all entries but the first `count`."""
        end = count
        while self._get(end + 1) is not None:
            end += 1
        for number in range(end, count, -1):
            self._area.remove(f"{self.prefix}{number}")
        self.count = count
        self._last = self._get(count)

    def _get(self, number: int) -> "str | None":
        return self._area.get(f"{self.prefix}{number}") if number else None
