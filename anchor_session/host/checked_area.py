"""An area for one who follows what others store in it, and never writes over what it has not seen.

Others are the other Python interpreters of this document: where one writes, the rest are behind on that state
(a key, and what lies beside it behind a ``#``) until they have read it again. They are its scripts and the
frames of its tab, too, which tell nobody, or later: that the text is another one is seen when it is written.
"""

from .area import Area, StaleReadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .switchboard import BoundArea


class CheckedArea(Area):
    """The same as the `plain` area; but `set` and `remove` raise `StaleReadError` while they are behind.

    Whether that is so is found out in the same crossing that writes.
    """

    __slots__ = ("_plain", "_read_fresh")

    is_checked = True

    def __init__(self, plain: Area, bound: "BoundArea") -> None:
        self._plain = plain
        self.raw = plain.raw
        self.is_shared = plain.is_shared
        self._here = plain._here
        self._get = bound.get
        self._read_fresh, self._set, self._remove = bound.checked()

    @property
    def plain(self) -> Area:
        return self._plain

    def read_fresh(self, key: str, beside: str = "") -> "str | None":
        try:
            text = self._read_fresh(key, beside)
        except Exception as error:
            raise self.named(error, key) from error
        return text if isinstance(text, str) else None

    def set(self, key: str, text: str) -> None:
        try:
            is_done = self._set(key, text)
        except Exception as error:
            raise self.named(error, key, text) from error
        if is_done is False:
            raise StaleReadError(key)

    def remove(self, key: str) -> None:
        try:
            is_done = self._remove(key)
        except Exception as error:
            raise self.named(error, key) from error
        if is_done is False:
            raise StaleReadError(key)
