"""What one tab knows of an epoch: of what lies in the area since all was quiet.

When all is quiet an area holds the document alone, and the next change begins a new epoch, which is called
by that document's name. Nothing here touches the area.
"""

from ..record.layout import JOURNAL_ABOVE
from .replica.changes import texts_of
from .replica.replica import Replica

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .entries import Base, Entry
    from .replica.changes import Changes

_MANY = 32  # entries of one tab, which are made one when that pays
_MUCH = 49_152  # units of all entries, beyond which that is looked at for fewer


class Epoch:
    """`replica` is what the changes so far have made.

    `since` is a time when this tab, or one it heard of, knew the epoch to be the present one. `seen` and
    `covered` have the last stamp by tab: of the changes in the state, and of those in the last base. `units`
    are those of all `entries`, `covered_units` of those that the last base has. `is_stale`: the document does
    not have it all; `is_lost`: only reading all can tell what the state is. `own_late_entries` are this tab's
    of an epoch that had ended before, and `foreign_entries` the stamps of such entries of others, with the
    document that each announces.
    """

    __slots__ = (
        "_announced",
        "_own",
        "_own_covered",
        "_tab",
        "announcement",
        "awaited",
        "bases",
        "covered",
        "covered_units",
        "documents",
        "entries",
        "foreign_entries",
        "has_state",
        "is_lost",
        "is_stale",
        "last_base",
        "name",
        "own_late_entries",
        "replica",
        "seen",
        "since",
        "units",
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
        self.has_state = False  # whether the last base can do without its document
        self.documents: set[str] = set()  # that bases announce
        self.awaited: set[str] = set()  # those of them that were not there when all was read
        # By stamp: the document that it announces, its units, and when it was heard of.
        self.entries: dict[str, tuple[str | None, int, int]] = {}
        # The last entry that announces a document, by its name.
        self._announced: dict[str, str] = {}
        self.units = self.covered_units = 0
        self.foreign_entries: dict[str, str | None] = {}
        self.own_late_entries: list[Entry] = []
        self._own: dict[str, Changes] = {}  # of each own entry that no base has, by stamp
        self._own_covered: dict[str, Changes] = {}  # of those that one has
        self.announcement = ""  # the one that announces the document that this tab has written last
        self.unsent: Changes | None = None  # that are in no entry, and have to be

    @property
    def is_at_rest(self) -> bool:
        """Whether there is nothing but the document."""
        return not self.entries and not self.bases and self.unsent is None

    # -- bases ----------------------------------------------------------------------------------

    def build_on(self, key: str, base: "Base", replica: Replica) -> None:
        """Begin with what the base has."""
        self.name, self.since, self.replica = base.epoch, base.since, replica
        self.last_base, self.has_state = key, base.has_state
        self.covered, self.seen = base.seen, base.seen.copy()

    def hear(self, key: str, base: "Base") -> bool:
        """Know what another tab's base contains; False where it is one of a later epoch."""
        self.documents.add(base.document)
        if base.epoch == self.name:
            self.since = max(self.since, base.since)
            if key > self.last_base:
                self.last_base, self.has_state = key, base.has_state
                self.cover(base.seen)
        elif (base.since, base.epoch) > (self.since, self.name):
            return False
        else:  # by one who did not know that the epoch had ended
            self.is_stale = True
        return True

    def put_base(self, key: str, document: str, *, has_state: bool) -> None:
        """Know a base of this tab."""
        self.bases.add(key)
        self.documents.add(document)
        self.last_base, self.has_state = key, has_state

    def cover(self, seen: "dict[str, str]") -> None:
        """Know what the last base contains."""
        self.covered = seen
        self.covered_units = 0
        for stamp, (_, units, _) in self.entries.items():
            if self.is_covered(stamp):
                self.covered_units += units
        for stamp in [stamp for stamp in self._own if self.is_covered(stamp)]:
            self._own_covered[stamp] = self._own.pop(stamp)

    def is_ambiguous(self, document: str) -> bool:
        """Whether one of that name was or is to be there otherwise than as the last entry announces it."""
        if document == self.name:
            return True
        last = max(self.entries, default="")
        return document in self.documents or any(
            announced == document and stamp != last
            for stamp, (announced, _, _) in self.entries.items()
        )

    def expects(self, document: str) -> bool:
        """Whether a base or an entry announces the document of that name: no stranger has written it."""
        return (
            document in self.documents
            or document in self._announced
            or document in self.foreign_entries.values()
        )

    # -- entries --------------------------------------------------------------------------------

    def note(self, entry: "Entry", now: int) -> None:
        """Know an entry of this epoch, whose changes are made."""
        stamp, tab = entry.stamp, entry.stamp[13:]
        document, units = entry.document, entry.units
        self.entries[stamp] = (document, units, now)
        self.units += units
        if document is not None:
            self._announced[document] = stamp
        if self.is_covered(stamp):
            self.covered_units += entry.units
        if stamp > self.seen.get(tab, ""):
            self.seen[tab] = stamp
        if stamp > self.replica.newest:
            self.replica.newest = stamp
        if tab == self._tab:
            own = self._own[stamp] = {}
            for each, changes in entry.groups:
                own.update(texts_of(each, changes))

    def is_later(self, entry: "Entry", document: str) -> bool:
        """Whether the entry begins a later epoch, on the document itself."""
        return self.name != document == entry.epoch and entry.since > self.since

    def is_covered(self, stamp: str) -> bool:
        """Whether the last base has the change."""
        return self.covered.get(stamp[13:], "") >= stamp

    def has_uncovered(self, horizon: str) -> bool:
        """Whether a change is in no base yet; one from before `horizon` counts while there is its entry."""
        for tab, stamp in self.seen.items():
            if stamp > self.covered.get(tab, "") and (stamp > horizon or stamp in self.entries):
                return True
        return False

    def uncovered(self) -> "list[str]":
        """The stamps of entries whose changes are in no base yet, oldest first."""
        return sorted([stamp for stamp in self.entries if not self.is_covered(stamp)])

    def forget(self, stamp: str) -> None:
        """The entry is gone."""
        known = self.entries.pop(stamp, None)
        if known is not None:
            document, units, _ = known
            if document is not None and self._announced.get(document) == stamp:
                del self._announced[document]
            self.units -= units
            if self._own.pop(stamp, None) is None:
                self._own_covered.pop(stamp, None)
                if self.is_covered(stamp):
                    self.covered_units -= units

    # -- changes made here ----------------------------------------------------------------------

    def keep_unsent(self, changes: "Changes") -> None:
        """Remember changes that could not be stored, for the next time."""
        if self.unsent is None:
            self.unsent = {}
        for address, change in changes.items():
            if change[0] >= self.unsent.get(address, ("",))[0]:
                self.unsent[address] = change

    def gather(self, changes: "Changes") -> "tuple[Changes, list[str]]":
        """What the next entry has besides: all own changes, where some are unsent or the entries many.

        And the stamps of the entries that it then stands for. The one that announces the document that is
        there now has to stay, until the next one is. What a base has is on its way out, and stays out of it.
        """
        if self.unsent is None and len(self._own) < _MANY and self.units < _MUCH:
            return changes, []
        if self.unsent is None:
            given_way = [stamp for stamp, own in self._own.items() if own.keys() <= changes.keys()]
            if given_way:
                return changes, [stamp for stamp in given_way if stamp != self.announcement]
            units = [self.entries[stamp][1] for stamp in self._own]
            if sum(units) <= 2 * max(JOURNAL_ABOVE, max(units, default=0)):
                return changes, []
        merged: Changes = {}
        for each in self._own.values():  # oldest first
            merged.update(each)
        for each in (self.unsent or {}, changes):
            for address, change in each.items():
                if address not in merged or change[0] >= merged[address][0]:
                    merged[address] = change
        return merged, [stamp for stamp in self._own if stamp != self.announcement]

    def sent(
        self, stamp: str, changes: "Changes", document: "str | None", units: int, now: int
    ) -> None:
        """Know an entry of this tab."""
        self.unsent = None
        self.entries[stamp] = (document, units, now)
        self.units += units
        if document is not None:
            self._announced[document] = stamp
        self._own[stamp] = changes
        self.seen[self._tab] = stamp

    def superseded(self, changes: "Changes") -> "list[str]":
        """The stamps of own entries that a base has, and whose changes all give way to these."""
        return [stamp for stamp, own in self._own_covered.items() if own.keys() <= changes.keys()]

    def own(self) -> "list[Changes]":
        """All own changes that are in entries, or have to be."""
        found = list(self._own_covered.values()) + list(self._own.values())
        found.append(self.unsent or {})
        return found
