"""What changed since the document was written, in small entries beside it.

``{key}#journal.1`` and so on hold one statement or batch each, as a JSON array of edits. The first entry
begins with the name of the document it continues. Folding writes the state as a document
and removes the entries, last first; ``{key}#journal`` has the name of that document from before it is
written until the entries are gone, so that what a crash leaves of them is known to be in it already.

Three statements on ``{"lines": [], "n": 1}``:

    >>> cart.n = 2
    >>> cart.lines.append("ink")
    >>> cart.lines[0] = "pen"
    >>> show()
    {key}
        {"lines":[],"n":1}
    {key}#journal.1
        ["340a4817-12",["set",["n"],2]]
    {key}#journal.2
        [["splice",["lines"],0,0,["ink"]]]
    {key}#journal.3
        [["set",["lines",0],"pen"]]
"""

from ...codec import decode, decode_object
from ...errors import QuotaExceededError, StorageError
from ...host.area import StaleReadError
from ...reactive.edits import EDIT_DEPTH, apply, encode_steps
from . import layout
from .layout import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...host.append_log import AppendLog
    from ...host.area import Area
    from ...reactive.edits import Edit
    from ...reactive.steps import Step

    Data = dict[str, Any]

_MUCH = 49_152  # units of entries, beyond which the area is asked whether they can be folded
_SMALLEST_CHANGE = 20  # units
_ENTRY_DEPTH = EDIT_DEPTH + 1


class Journal:
    """The entries that continue one document.

    `usable` is the number of those that were replayed, `last` the text of the last known one. `is_foreign`:
    they continue another document, and had to stay; `is_unfinished`: a fold could not remove them. Either
    way nothing can be appended.
    """

    __slots__ = (
        "_area",
        "_document",
        "_entries",
        "_folded",
        "_head",
        "_head_key",
        "_key",
        "_room",
        "_units",
        "is_announced",
        "is_foreign",
        "is_unfinished",
        "last",
        "units",
        "usable",
    )

    def __init__(self, area: "Area", key: str, entries: "AppendLog") -> None:
        self._area = area
        self._entries = entries
        self._key = key
        self._head_key = f"{key}#journal"
        self._document: str | None = None  # the name of the one that is continued, once known
        self._folded: str | None = None  # the name of the one that is to contain the entries
        self._head: str | None = None  # what the head held before a fold was announced
        self._units = 0  # of the document
        self.units = 0  # of the entries
        self._room: int | None = None  # units that may still be appended, once that was asked for
        self.is_announced = False  # whether a fold has begun and not ended
        self.is_foreign = False
        self.is_unfinished = False
        self.last: str | None = None
        self.usable = 0

    @property
    def count(self) -> int:
        """How many entries there are."""
        return self._entries.count

    @property
    def is_blocked(self) -> bool:
        return self.is_foreign or self.is_unfinished

    @property
    def has_entries(self) -> bool:
        """Whether there may be any in the area."""
        return self._entries.count > 0 or self.is_unfinished

    # -- writing --------------------------------------------------------------------------------

    def begin(self, units: int, used: int = 0) -> None:
        """From now on the entries, of so many units, continue a document of that length."""
        self._document, self._folded = self._folded, None
        self._units = units
        self.units = used
        self._room = None

    def add(self, steps: "list[Step]", document: "str | None", *, fits: bool = True) -> bool:
        """Store the steps as an entry that continues the `document`. False where only a fold will do.

        Without `fits` there is no bound but the area's. Raises `StaleReadError` where somebody else has
        appended, folded or written the document: that has to be read first.
        """
        if self.is_foreign or self.is_unfinished or (fits and not self._has_room(len(steps))):
            return False
        entries = self._entries
        if entries.count == 0 and not entries.holds(self._key, document):
            raise StaleReadError(self._key)
        text = encode_steps(steps)
        if not text:  # somebody else did the same before
            if not entries.is_current():
                raise StaleReadError(self._key)
            return True
        if entries.count:
            text = f"[{text}]"
        else:
            if self._document is None:
                self._document = name_of(document)
            text = f'["{self._document}",{text}]'
        if fits and len(text) > (self._room or 0):
            return False
        if not entries.append(text):
            raise StaleReadError(self._key)
        self._room = (self._room or 0) - len(text)
        self.units += len(text)
        self.last = text
        return True

    def amend(self, document: "str | None", data: "Data") -> "str | None":
        """Have the last entry say what makes `data` of what comes before it; the text that it had.

        That may take less room than another entry, where most of what it says is undone. None where only
        reading all can tell.
        """
        from ...reactive.patch import difference
        from ...reactive.plain import copy_plain

        entries, last = self._entries, self.last
        if self.is_blocked or last is None:
            return None
        before = {} if document is None else decode_object(document)
        texts = entries.texts(entries.count - 1)
        for edits in _parse(texts)[0]:
            for edit in edits:
                apply(before, edit)
        text = encode_steps(difference(before, copy_plain(data)))
        if entries.count == 1:
            text = f'"{name_of(document)}",{text}' if text else f'"{name_of(document)}"'
        return last if self.replace_last(f"[{text}]") else None

    def replace_last(self, text: str) -> bool:
        """Have that be the last entry; False where others have appended, or folded."""
        if not self._entries.replace_last(text):
            return False
        self.units += len(text) - len(self.last or "")
        self.last, self._room = text, None
        return True

    def _has_room(self, steps: int) -> bool:
        """Whether so many steps may fit; else it is time to fold."""
        if self._room is None:
            self._room = max(layout.JOURNAL_ABOVE, self._units * 2 // 5) - self.units
            if self._room > _MUCH:
                # Folding takes the room of the entries once more, in the document.
                free = self._area.free()
                self._room = self._room if free is None else min(self._room, free // 2)
        return self._room > steps * _SMALLEST_CHANGE

    def forget_fold(self) -> None:
        """The document that was announced last is not written."""
        self._folded = None
        self.is_announced = False

    def holds(self, key: str, text: "str | None") -> bool:
        """Whether that text is at the key; of a long one, whether it looks like it."""
        return self._entries.holds(key, text)

    def is_current(self) -> bool:
        """Whether nobody else has appended anything, or folded."""
        return self._entries.is_current()

    def take_back(self, count: int) -> None:
        """Keep but the first `count` entries."""
        self._entries.trim(count)
        self.last = None

    def announce_fold(self, document: "str | None") -> None:
        """Say which document will contain the changes; without room for that, nothing is said."""
        self._head = self._area.get(self._head_key)
        try:
            self._area.set(self._head_key, name_of(document))
        except QuotaExceededError:
            pass
        except BaseException:  # it may have been stored before it failed
            self.withdraw_fold()
            raise
        self._folded = name_of(document)
        self.is_announced = True

    def withdraw_fold(self) -> None:
        """Say again what was said before: the document is not there."""
        self._folded = None
        self.is_announced = False
        if self._head is None:
            self._area.remove(self._head_key)
        else:
            self._area.set(self._head_key, self._head)

    def end(self) -> None:
        """Remove the entries, which are in the document now."""
        self.is_announced = False
        try:
            if self._document is not None and self._document == self._folded:
                try:
                    self.disown()  # it has the text that they continue: some would be replayed
                except QuotaExceededError:
                    pass  # only if the page is killed between their removals
            self.is_unfinished = True
            self.take_back(0)
            self._area.remove(self._head_key)
        except StaleReadError:  # another interpreter has read the document, and ended the journal
            self.is_unfinished = False
        except StorageError:  # the next document that is written tries again
            try:
                self.disown()
            except StorageError:
                pass
        else:
            self.is_unfinished = False

    def disown(self) -> None:
        """Let entries that have to stay continue no document, even if the one they name is written again."""
        key = f"{self._entries.prefix}1"
        text = self._area.get(key)
        if text is not None and self._document is not None:
            try:
                self._area.set(key, text.replace(f'"{self._document}"', '"-"', 1))
            except BaseException:
                if self._area.get(key) != text:
                    self._area.set(key, text)
                raise
            self._document = None

    # -- reading --------------------------------------------------------------------------------

    def replay(
        self, document: "str | None", data: "Data | None"
    ) -> "tuple[Data | None, str | None]":
        """The data as the entries leave it, and the text of those entries that cannot be used.

        An entry is used whole or not at all, and none behind one that is not. What a broken-off fold left
        is removed.
        """
        texts = self._entries.read()
        self._folded = None
        self.last = texts[-1] if texts else None
        self.usable = 0
        if not texts:
            self.begin(len(document or ""))
            return data, None
        if document is not None and data is None:  # nobody can read it
            return None, _joined(texts)
        name = name_of(document)
        records, begins = _parse(texts)
        if begins != name:
            self._document = begins
            if self._area.get(self._head_key) == name:
                self.end()
                return data, None
            return data, _joined(texts)
        replayed = {} if data is None else data
        for number, edits in enumerate(records):
            try:
                for edit in edits:
                    apply(replayed, edit)
            except (LookupError, TypeError, ValueError):
                replayed = {} if document is None else decode_object(document)
                for edit in [each for before in records[:number] for each in before]:
                    apply(replayed, edit)
                records = records[:number]
                break
        self.begin(len(document or ""), sum(map(len, texts)))
        self._document = name
        self.usable = len(records)
        return replayed, _joined(texts[len(records) :]) if len(records) < len(texts) else None

    def read_more(self) -> "list[Edit] | None":
        """The edits others appended since; None where only a replay can tell."""
        texts = self._entries.read_more()
        if texts is None or self._document is None:
            return None
        self._room = (self._room or 0) - sum(map(len, texts))
        self.last = texts[-1] if texts else self.last
        records, _ = _parse(texts)
        if len(records) < len(texts):
            return None
        return [edit for edits in records for edit in edits]


def _joined(texts: "list[str]") -> str:
    return f"[{','.join(texts)}]"


def _parse(texts: "list[str]") -> "tuple[list[list[Edit]], str | None]":
    """The edits by entry, up to one that is malformed, and the document named by the first."""
    records: list[list[Edit]] = []
    begins = None
    for text in texts:
        try:
            record = decode(text, _ENTRY_DEPTH)
        except ValueError:
            break
        if type(record) is not list:
            break
        if not records and record and type(record[0]) is str:
            begins = record.pop(0)
        records.append(record)
    return records, begins
