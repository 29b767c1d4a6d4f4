"""What one tab knows of an epoch: of what lies in the area since all was quiet.

When all is quiet an area holds the document alone, and the next change begins a new epoch, which is called
by that document's name. Nothing here touches the area.
"""

from ..record.layout import JOURNAL_ABOVE
from .changes import texts_of
from .replica import Replica

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .changes import Changes
    from .entries import Base, Entry

_MANY = 32  # entries of one tab, which are made one when that pays


class Epoch:
    """`replica` is what the changes so far have made.

    `since` is a time when this tab, or one it heard of, knew the epoch to be the present one. `seen` and
    `covered` have the last stamp by tab: of the changes in the state, and of those in the last base.
    `is_stale`: the document does not have it all; `is_lost`: only reading all can tell what the state is.
    `own_late_entries` are this tab's of an epoch that had ended before, and `foreign_entries` the stamps of
    such entries of other tabs, with the document that each announces.
    """

    __slots__ = (
        "_announcement",
        "_own",
        "_tab",
        "_units",
        "bases",
        "covered",
        "documents",
        "entries",
        "foreign_entries",
        "is_lost",
        "is_stale",
        "last_base",
        "name",
        "own_late_entries",
        "replica",
        "seen",
        "since",
        "unsent",
    )

    def __init__(self, name: str, since: str, tab: str) -> None:
        self.name = name
        self.since = since
        self._tab = tab  # as stamps end with it
        self.replica = Replica()
        self.seen: dict[str, str] = {}
        self.covered: dict[str, str] = {}
        self.is_stale = False
        self.is_lost = False
        self.bases: set[str] = set()  # keys
        self.last_base = ""
        self.documents: set[str] = set()  # that bases announce
        self.entries: dict[str, str | None] = {}  # stamps, and the document that each announces
        self.foreign_entries: dict[str, str | None] = {}
        self.own_late_entries: list[Entry] = []
        self._own: Changes = {}  # that are in entries of this tab
        self._units: dict[str, int] = {}  # of each of these entries, by stamp
        self._announcement = ""  # the last of them that announces a document
        self.unsent: Changes | None = None  # all own changes, while some are in no entry

    @property
    def is_at_rest(self) -> bool:
        """Whether there is nothing but the document."""
        return not self.entries and not self.bases and self.unsent is None

    # -- bases ----------------------------------------------------------------------------------

    def build_on(self, key: str, base: "Base", replica: Replica) -> None:
        """Begin with what the base has."""
        self.name, self.since, self.replica = base.epoch, base.since, replica
        self.last_base = key
        self.covered, self.seen = base.seen, base.seen.copy()

    def hear(self, key: str, base: "Base") -> bool:
        """Know what another tab's base contains; False where it is one of a later epoch."""
        self.documents.add(base.document)
        if base.epoch == self.name:
            self.since = max(self.since, base.since)
            if key > self.last_base:
                self.last_base = key
                self.covered = base.seen
        elif base.since > self.since:
            return False
        else:  # by one who did not know that the epoch had ended
            self.is_stale = True
        return True

    def put_base(self, key: str, document: str) -> None:
        """Know a base of this tab."""
        self.bases.add(key)
        self.documents.add(document)
        self.last_base = key

    def take_back_base(self) -> None:
        """That of `put_base` is not there after all; it was the first one."""
        self.bases.discard(self.last_base)
        self.last_base = ""

    def expects(self, document: str) -> bool:
        """Whether a base or an entry announces the document of that name: no stranger has written it."""
        return (
            document in self.documents
            or document in self.entries.values()
            or document in self.foreign_entries.values()
        )

    # -- entries --------------------------------------------------------------------------------

    def note(self, entry: "Entry") -> None:
        """Know an entry of this epoch, whose changes are made."""
        stamp, tab = entry.stamp, entry.stamp[13:]
        self.entries[stamp] = entry.document
        if stamp > self.seen.get(tab, ""):
            self.seen[tab] = stamp
        if stamp > self.replica.newest:
            self.replica.newest = stamp
        if tab == self._tab:
            self._units[stamp] = 0
            if entry.document is not None:
                self._announcement = stamp
            for each, changes in entry.groups:
                self._own.update(texts_of(each, changes))

    def is_later(self, entry: "Entry", document: str) -> bool:
        """Whether the entry begins a later epoch, on the document itself."""
        return self.name != document == entry.epoch and entry.since > self.since

    def is_covered(self, stamp: str) -> bool:
        """Whether the last base has the change."""
        return self.covered.get(stamp[13:], "") >= stamp

    def has_uncovered(self) -> bool:
        """Whether a change is in no base yet."""
        return any(not self.is_covered(stamp) for stamp in self.entries)

    def forget(self, stamp: str) -> None:
        """The entry is gone."""
        self.entries.pop(stamp, None)
        if self._units.pop(stamp, None) is not None and not self._units:
            self._own.clear()

    # -- changes made here ----------------------------------------------------------------------

    def keep_unsent(self, changes: "Changes") -> None:
        """Remember changes that could not be stored, for the next time."""
        self._own.update(changes)
        self.unsent = self._own

    def gather(self, changes: "Changes") -> "tuple[Changes, list[str]]":
        """What the next entry has besides: all own changes, where some are unsent or the entries many.

        And the stamps of the entries that it then stands for. The one that announces the document that is
        there now has to stay, until the next one is.
        """
        units = self._units.values()
        if self.unsent is None and (
            len(units) < _MANY or sum(units) <= 2 * max(JOURNAL_ABOVE, max(units, default=0))
        ):
            return changes, []
        merged = self._own.copy()
        merged.update(changes)
        return merged, [stamp for stamp in self._units if stamp != self._announcement]

    def sent(self, stamp: str, changes: "Changes", document: "str | None", units: int) -> None:
        """Know an entry of this tab, of so many units."""
        self._own.update(changes)
        self.unsent = None
        self.entries[stamp] = document
        self.seen[self._tab] = stamp
        self._units[stamp] = units
        if document is not None:
            self._announcement = stamp
