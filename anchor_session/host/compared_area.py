"""An area for one who follows what others store in it, where nobody says what they have stored."""

from .append_log import AppendLog
from .area import Area, StaleReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_UNKNOWN = object()
_NOTHING = object()  # that is ever there


class ComparedArea(Area):
    """The same as the `plain` area; but `set` and `remove` raise `StaleReadError` for what was not seen.

    They look before they write the key that was read by `read_fresh`: whether what lies there, and beside it,
    is what was read or written last.
    """

    __slots__ = ("_beside", "_keeps", "_key", "_known", "_known_beside", "_plain")

    def __init__(self, plain: Area) -> None:
        self._plain = plain
        self.raw = plain.raw
        self.is_shared = plain.is_shared
        self._here = plain._here
        self._get, self._set, self._remove = plain._get, plain._set, plain._remove
        self._key: str | None = None
        self._known: Any = None  # the text there; while a write is under way, anything
        self._keeps = False  # whether anything was ever there: some areas keep nothing
        self._beside = ""
        self._known_beside: Any = None

    @property
    def plain(self) -> Area:
        return self._plain

    def append_log(self, prefix: str) -> AppendLog:
        return AppendLog(self, prefix)  # whose writes are seen here

    def look_again(self, key: str) -> "str | None":
        text = self.get(key)
        if self._known is _UNKNOWN:
            self._known = text
        return text

    def doubt(self) -> None:
        self._known = _NOTHING

    def read_fresh(self, key: str, beside: str = "") -> "str | None":
        text = self.get(key)
        self._known, self._known_beside = text, self.get(beside)
        self._key, self._beside = key, beside
        return text

    def set(self, key: str, text: str) -> None:
        if key != self._key:
            Area.set(self, key, text)
            if key == self._beside:
                self._known_beside = text
            return
        try:
            now, beside = self._get(key), self._get(self._beside)
            if now is not self._known or beside is not self._known_beside:  # mostly they are
                self._look(now, beside)
            if not self._keeps:
                self._keeps = isinstance(now, str)
            self._known = _UNKNOWN
            self._set(key, text)
        except StaleReadError:
            raise
        except Exception as error:
            raise self.named(error, key, text) from error
        self._known = text

    def remove(self, key: str) -> None:
        if key == self._key:
            self._look(self.get(key), self.get(self._beside))
            self._known = _UNKNOWN
        Area.remove(self, key)
        if key == self._key:
            self._known = None
        elif key == self._beside:
            self._known_beside = None

    def _look(self, text: "Any", beside: "Any") -> None:
        text = text if isinstance(text, str) else None  # JavaScript's null
        beside = beside if isinstance(beside, str) else None
        is_other = text != self._known and self._known is not _UNKNOWN
        if text is None and not self._keeps:
            is_other = False  # nothing is gone where nothing was
        if is_other or beside != self._known_beside:
            raise StaleReadError(self._key or "")
