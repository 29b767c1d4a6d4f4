"""The text of one state in its area, and what lies beside it under the same key.

``{key}`` has the state, ``{key}#deleted`` the names of `init` that were deleted, ``{key}#rejected`` the
last text that was refused, ``{key}#rejected.1`` and so on those before it.
"""

from ..errors import QuotaExceededError, StorageError
from . import deletions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..host.area import Area

    Stored = tuple[str | None, str | None]


class Record:
    """Writes compare with what is stored already; None stands for no entry."""

    __slots__ = ("area", "deleted_key", "key", "rejected_key", "stored", "tried")

    def __init__(self, area: "Area", key: str) -> None:
        self.area = area
        self.key = key
        self.deleted_key = f"{key}#deleted"
        self.rejected_key = f"{key}#rejected"
        # Text and list of deleted names, as last read or written.
        self.stored: Stored = (None, None)
        self.tried: str | None = None  # the text of the last write, whether it came through or not

    def read(self) -> "Stored":
        """What is stored now: the state's text and the list of deleted names."""
        self.stored = (self.area.get(self.key), self.area.get(self.deleted_key))
        return self.stored

    def write(self, text: "str | None", grown: "str | None", deleted: "str | None") -> None:
        """Store the text with the list `deleted`.

        `grown` is that list together with the names of the one before. It is stored before a record that
        lacks the names, and gives way after a record that has them again: between any two calls, a name
        that nobody deleted is not taken for deleted. Where the area is full the record goes first.
        """
        self.tried = text
        list_first = grown != self.stored[1]
        if list_first:
            try:
                self._put_deleted(grown)
            except QuotaExceededError:
                list_first = False
        self._put_text(text)
        if self.stored[1] != deleted:
            self._put_deleted(deleted)

    def put_back(self, stored: "Stored") -> bool:
        """Make the area hold what it held before, whatever a failing one did; whether that worked."""
        text, deleted = stored
        try:
            tried = self.tried
            now, listed = self.read()
            if now is not None and now != text and now != tried:
                self.stored = stored  # another document's, which `follow` has yet to see
                return True
            try:
                self.write(text, deletions.joined(listed, deleted, self.deleted_key), deleted)
            except QuotaExceededError:  # the list of what failed takes the room
                self._put_deleted(deleted)
                self._put_text(text)
        except StorageError:
            return False
        return True

    def reject(self, text: str) -> None:
        """Keep a refused text under `rejected_key`, and what was there under a number of its own."""
        earlier = self.area.get(self.rejected_key)
        if earlier == text:
            return
        if earlier is None:
            self.area.set(self.rejected_key, text)
            return
        number = 1
        while self.area.get(f"{self.rejected_key}.{number}") is not None:
            number += 1
        numbered = f"{self.rejected_key}.{number}"
        self.area.set(numbered, earlier)
        try:
            self.area.set(self.rejected_key, text)
        except StorageError:
            if self.area.get(self.rejected_key) == earlier:
                self.area.remove(numbered)
            raise

    def forget(self) -> None:
        """Remove the state and its list; what was refused stays."""
        self.area.remove(self.key)
        self.area.remove(self.deleted_key)

    def _put_text(self, text: "str | None") -> None:
        if text != self.stored[0]:
            self._put(self.key, text)
            self.stored = (text, self.stored[1])

    def _put_deleted(self, text: "str | None") -> None:
        if text != self.stored[1]:
            self._put(self.deleted_key, text)
            self.stored = (self.stored[0], text)

    def _put(self, key: str, text: "str | None") -> None:
        if text is None:
            self.area.remove(key)
        else:
            self.area.set(key, text)
