"""The text of one state in its area, and what lies beside it under the same key.

``{key}`` has the state, ``{key}#journal.1`` and so on what changed since, ``{key}#deleted`` the names of
`init` that were deleted, ``{key}#rejected`` the last text that was refused, ``{key}#rejected.1`` and so on
those before it. ``{key}#reserve`` takes room while many entries lie there.
"""

from ...codec import decode_object
from ...errors import QuotaExceededError, StorageError, StorageWarning, warn
from ...host.area import StaleReadError
from .. import deletions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...host.area import Area
    from .journal import Journal

    Data = dict[str, Any]
    Stored = tuple[str | None, str | None]


MANY_UNITS = 2048
"""Units of entries from which on they have a reserve, and the area is asked whether they can be folded."""

_RESERVE = 2048  # units


class Record:
    """Writes compare with what is stored already; None stands for no entry."""

    __slots__ = (
        "area",
        "deleted_key",
        "has_reserve",
        "journal",
        "key",
        "rejected_key",
        "reserve_key",
        "stored",
        "tried",
    )

    def __init__(self, area: "Area", key: str) -> None:
        self.area = area
        self.key = key
        self.deleted_key = f"{key}#deleted"
        self.rejected_key = f"{key}#rejected"
        self.reserve_key = f"{key}#reserve"
        self.has_reserve = False  # as far as this document knows
        # Text and list of deleted names, as last read or written.
        self.stored: Stored = (None, None)
        self.tried: str | None = None  # the text of the last write, whether it came through or not
        self.journal: Journal | None = None  # once there was reason to have one

    def read(self) -> "Stored":
        """What is stored now: the state's text and the list of deleted names."""
        # Before the rest, which others may change meanwhile.
        text = self.area.read_fresh(self.key, f"{self.key}#journal.1")
        self.stored = (text, self.area.get(self.deleted_key))
        return self.stored

    def load(self) -> "Data | None":
        """Read again what is stored, and replay the journal: the data, None where there is none.

        Raises `ValueError` for a text that is not the one of a map. Entries of a journal that continue
        another document, or cannot be used, are moved aside.
        """
        text, _ = self.read()
        data, refusal = None, None
        if text is not None:
            try:
                data = decode_object(text)
            except ValueError as error:
                refusal = error
        if self.journal is not None or self.has_unknown_journal():
            journal = self.open_journal()
            data, unusable = journal.replay(text, data)
            self.has_reserve = journal.units > MANY_UNITS
            if unusable is not None:
                self._put_journal_aside(unusable)
        if refusal is not None:
            raise refusal
        return data

    def is_gone(self) -> bool:
        """Whether there is neither a document nor an entry."""
        if any(self.area.get(key) is not None for key in (self.key, f"{self.key}#journal.1")):
            return False
        entries = (f"{self.key}#edit.", f"{self.key}#base.")
        return not any(key.startswith(entries) for key in self.area.keys(f"{self.key}#"))

    def has_unknown_journal(self) -> bool:
        """Whether somebody else keeps a journal here."""
        is_known = self.journal is not None and self.journal.count > 0
        return not is_known and self.area.get(f"{self.key}#journal.1") is not None

    def open_journal(self) -> "Journal":
        """The journal of this record."""
        if self.journal is None:
            from .journal import Journal

            entries = self.area.append_log(f"{self.key}#journal.")
            self.journal = Journal(self.area, self.key, entries)
            self.journal.begin(len(self.stored[0] or ""))
        return self.journal

    def write(self, text: "str | None", grown: "str | None", deleted: "str | None") -> None:
        """Store the text with the list `deleted`; a journal is folded into it.

        `grown` is that list together with the names of the one before. It is stored before a record that
        lacks the names, and gives way after a record that has them again: between any two calls, a name
        that nobody deleted is not taken for deleted. Where the area is full the record goes first.
        """
        journal = self.journal
        if journal is None and grown == self.stored[1] == deleted:
            self.tried = text
            self.put_text(text)
        elif journal is None:
            self._write(text, grown, deleted)
        elif not journal.has_entries:
            journal.forget_fold()
            self._write(text, grown, deleted)
        elif journal.is_foreign:
            self._write(text, grown, deleted)
            try:
                journal.disown()
            except StaleReadError:
                pass  # whoever came in between has read the entries
        else:
            try:
                journal.announce_fold(text)
                self._write(text, grown, deleted)
            except StaleReadError:
                journal.forget_fold()
                raise
            journal.end()
            if self.has_reserve:
                self.release_reserve()

    def _write(self, text: "str | None", grown: "str | None", deleted: "str | None") -> None:
        self.tried = text
        list_first = grown != self.stored[1]
        if list_first:
            try:
                self.put_deleted(grown)
            except QuotaExceededError:
                list_first = False
        self.put_text(text)
        if self.stored[1] != deleted:
            try:
                self.put_deleted(deleted)
            except StaleReadError:
                pass  # the record has come through, and a list that is too long means nothing

    def put_back(self, stored: "Stored") -> bool:
        """Make the area hold what it held before, whatever a failing one did; whether that worked."""
        text, deleted = stored
        try:
            tried = self.tried
            now, listed = self.stored = (
                self.area.look_again(self.key),
                self.area.get(self.deleted_key),
            )
            if now is not None and now != text and now != tried:
                self.stored = stored  # another document's, which `follow` has yet to see
                return True
            try:
                self._write(text, deletions.joined(listed, deleted, self.deleted_key), deleted)
            except QuotaExceededError:  # the list of what failed takes the room
                self.put_deleted(deleted)
                self.put_text(text)
            if self.journal is not None and self.journal.is_announced:
                self.journal.withdraw_fold()
        except StaleReadError:
            self.stored = stored  # as above
        except StorageError:
            return False
        return True

    def beside(self) -> int:
        """The units of the entries beside the document, about."""
        return 0 if self.journal is None else self.journal.units

    def keep_reserve(self) -> None:
        """Take room beside many entries: what folds or removes them needs some, whoever fills the area."""
        try:
            self.area.fill(self.reserve_key, _RESERVE)
        except QuotaExceededError:
            return
        self.has_reserve = True

    def release_reserve(self) -> bool:
        """Give that room up; whether there was any."""
        self.has_reserve = False
        if self.area.get(self.reserve_key) is None:
            return False
        self.area.empty(self.reserve_key)
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
        """Remove the state, its journal and its list; what was refused stays."""
        if self.has_unknown_journal():
            self.open_journal().end()
            self.area.remove(self.reserve_key)
        self.area.remove(self.key)
        self.area.remove(f"{self.key}#journal")
        self.area.remove(self.deleted_key)

    def put_aside(self, text: str, what: str, *, then: str = "", otherwise: str = "") -> bool:
        """Move a text that cannot be used to `rejected_key`, and warn; False where there is no room.

        `what` is wrong with it; `then` and `otherwise` say what follows.
        """
        try:
            self.reject(text)
        except QuotaExceededError:
            end = f", and {otherwise}" if otherwise else ""
            warn(
                f"{what}; it stays, since there is no room to keep it elsewhere{end}",
                StorageWarning,
            )
            return False
        end = f", and {then}" if then else ""
        warn(f"{what}; it was moved to `{self.rejected_key}`{end}", StorageWarning)
        return True

    def _put_journal_aside(self, text: str) -> None:
        assert self.journal is not None
        what = f"the journal at `{self.key}#journal` does not fit the document it is to continue"
        self.journal.is_foreign = not self.put_aside(text, what)
        if not self.journal.is_foreign:
            self.journal.take_back(self.journal.usable)

    def put_text(self, text: "str | None") -> None:
        """Store the state's text, if it is another than what is stored."""
        if text == self.stored[0]:
            return
        if text is None:
            self.area.remove(self.key)
        else:
            self.area.set(self.key, text)
        self.stored = (text, self.stored[1])

    def put_deleted(self, text: "str | None") -> None:
        """Store the list of deleted names, if it is another than what is stored."""
        if text == self.stored[1]:
            return
        if text is None:
            self.area.remove(self.deleted_key)
        else:
            self.area.set(self.deleted_key, text)
        self.stored = (self.stored[0], text)
