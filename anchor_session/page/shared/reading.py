"""What the area has of a state that several tabs write to, and what was heard of it.

What lies beside the document is told in `entries`. All tabs make the same state of it. Each entry or base
names the document that its tab is about to write, so another one is somebody else's.
"""

from ...codec import decode_object
from ...errors import StorageError, StorageWarning, warn
from ..record.layout import name_of
from ..record.record import Record
from .entries import SECOND, YEAR, Base, Entry, are_in, groups_of, in_order, time_text
from .epoch import Epoch
from .placed import Placed, is_marked, is_upon
from .room import Room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...host.area import Area
    from ...host.protocol import Host
    from ..record.record import Data
    from .replica.changes import Changes, Groups

UNHEARD = 5 * SECOND
"""After so long every tab has heard of what was stored: none writes a document without it."""

ENDED = 9 * SECOND
"""So long after the last base was seen an epoch may end, beside other tabs."""


class SharedReader(Record):
    """`name` tells this document's entries from others'; `epoch` is what is known of the present one.

    `unwritten` are changes that the state has and that are about to be stored. `place_name` stands for it in
    what bases have seen, for the changes that no entry has.
    """

    __slots__ = (
        "_base",
        "_edit",
        "_foreign",
        "_is_opened",
        "_last",
        "_looked",
        "_now",
        "_placed",
        "_refused",
        "_room",
        "_settled",
        "_upon",
        "epoch",
        "heard_others",
        "last_base_seen",
        "must_fold",
        "must_store_again",
        "name",
        "place_name",
        "rests",
        "unwritten",
    )

    def __init__(self, area: "Area", key: str, here: "Host") -> None:
        super().__init__(area, key)
        self.name = here.name
        self.place_name = here.random_id()
        self._now = here.now
        self._edit = f"{key}#edit."
        self._base = f"{key}#base."
        self._refused: set[str] = set()  # keys of what is not ours, once that was said
        self._settled: set[str] = set()  # stamps of other epochs, whose changes were in a document
        self.unwritten: Changes = {}
        self.last_base_seen = ("", 0)  # the last base that this tab has learnt of, and when
        self._is_opened = False
        self._last = "g"  # the last entry to be read, if it is not to be all of them
        self._foreign: str | None = None  # the name of a document that somebody else wrote
        self._placed = Placed()
        self._upon = ""  # the name of the last document that another tab has written
        self.rests = 0  # how often an epoch was ended here, in which items were called otherwise
        self.must_fold = False  # as no base has the changes before
        self.must_store_again = False  # as what there is lacks changes of this tab
        self.heard_others = 0  # when this tab has last heard of a change of another one
        self._room = Room(area)
        self._begin("")

    def _begin(self, document: str) -> "Epoch":
        """A new epoch, on the document of that name."""
        self._looked = self._now()
        self._room.forget()
        self.epoch = Epoch(document, time_text(self._looked), self.name)
        return self.epoch

    def next_stamp(self) -> str:
        """A stamp behind all that were met."""
        now, newest = time_text(self._now()), self.epoch.replica.newest[:13]
        if now <= newest:
            now = time_text(int(newest, 16) + 1)
        return now + self.name

    def _latest(self) -> str:
        """No tab can have made a stamp behind that, unless its clock was another year's."""
        return time_text(self._now() + YEAR)

    def is_behind(self, *, overwrites: bool) -> bool:
        """Whether there may be something that nobody was told of yet, and that the next change has to know.

        An epoch does not end sooner than seconds after its last change. A change that overwrites the
        document looks at it before: what the document has may lie nowhere else.
        """
        now = self._now()
        looked, self._looked = self._looked, now
        if now - looked > 2 * SECOND and not self.epoch.is_at_rest:
            return True
        return overwrites and self.area.get(self.key) != self.stored[0]

    def load(self, *, but: "str | None" = None) -> "Data | None":
        """As `Record.load`; without the changes of the entry whose stamp is `but`."""
        before = self.epoch
        before.is_lost = True  # if this fails
        try:
            return self._load(but)
        except StorageError:
            self.epoch = before  # with what is in no entry
            raise

    def _load(self, but: "str | None") -> "Data | None":
        had, before = self.stored[0], self.epoch
        text, _ = self.read()
        document = name_of(text)
        if text != had:
            self._upon = document
        keys = self.area.keys(f"{self.key}#")
        entries = self._entries_at(keys)
        if entries is None:  # a worker's page has made some one between two calls
            return self.load(but=but)
        self.has_reserve = self.reserve_key in keys
        if len(keys) == 1 and self.has_reserve:
            self.release_reserve()  # that of a page which was killed
        data, is_foreign = self._go_on(text, keys, entries)
        if is_foreign:
            if self.area.get(self.key) != text:  # a worker's page writes between two calls
                self.epoch = before
                return self.load(but=but)
            data = None
            self.clear(entries)
            if not is_marked(text):
                self._placed = Placed()
            self._begin(document)
            entries = []
        epoch = self.epoch
        if data is None and text is not None:
            data = decode_object(text)
        known = self._of_this_epoch(entries, document, before)
        if known and data is None:
            data = {}
        if data is not None:  # what the base contains it may have no stamps of any more
            new = [each for each in known if each.stamp != but and not epoch.is_covered(each.stamp)]
            epoch.replica.apply(data, in_order(new))
            self._see_whether_stale(document, new)
        if self.unwritten and data is not None:
            epoch.replica.apply(data, groups_of(self.unwritten))
        if before.unsent is not None:
            epoch.keep_unsent(before.unsent)
            data = {} if data is None else data
            epoch.replica.apply(data, groups_of(before.unsent))
        if self._is_placed_no_more():
            data = {} if data is None else data
            self._place_again(data)
        return data

    def _entries_at(self, keys: "list[str]") -> "list[Entry] | None":
        """The entries at those keys, oldest first; None where one is no longer there."""
        entries = [entry for entry in map(self._read_entry, keys) if entry is not None]
        listed = [key for key in keys if key.startswith(self._edit) and key not in self._refused]
        if len(entries) < len(listed):
            return None
        entries.sort(key=lambda entry: entry.stamp)
        return entries

    def _go_on(
        self, text: "str | None", keys: "list[str]", entries: "list[Entry]"
    ) -> "tuple[Data | None, bool]":
        """Know the epoch that the document, bases and entries are of: its last base's data, if it has one.

        And whether the document is a stranger's, which nothing announces.
        """
        document = name_of(text)
        epoch = self._begin(document)
        for key in keys:
            if key.startswith(self._base) and key not in self._refused:
                epoch.bases.add(key)
        data = self._load_base(text)
        is_foreign = data is None and bool(epoch.documents) and not epoch.is_stale
        if data is not None and any(epoch.is_later(entry, document) for entry in entries):
            data = None  # the base is by one who did not know that its epoch had ended
            bases = epoch.bases
            epoch = self._begin(document)
            epoch.bases, epoch.is_stale = bases, True
        if self._foreign == document or (data is not None and epoch.name != document):
            is_foreign = True
        self._foreign = None
        is_expected = epoch.expects(document) or any(
            document in (entry.document, entry.epoch) for entry in entries
        )
        return data, is_foreign and not is_expected

    def _of_this_epoch(self, entries: "list[Entry]", document: str, before: Epoch) -> "list[Entry]":
        """The entries of the epoch that goes on; the others are known as late ones, or as others'."""
        epoch = self.epoch
        is_first, self._is_opened = not self._is_opened, True
        known = []
        for entry in entries:
            if entry.stamp > self._last:
                continue
            if entry.epoch == epoch.name:
                self._note(entry, min(self._looked, int(entry.stamp[:13], 16)))
                if entry.document == document and entry.stamp[13:] == self.name:
                    epoch.announcement = entry.stamp
                known.append(entry)
            elif is_first or self._is_settled(entry) or not self._is_own(entry, before):
                epoch.foreign_entries[entry.stamp] = entry.document
            else:
                epoch.own_late_entries.append(entry)
        return known

    def _place_again(self, data: "Data") -> None:
        """Have changes stored again that only a document had; put aside what nobody can tell the place of."""
        epoch, placed = self.epoch, self._placed
        again = placed.missing(data, epoch.name)
        epoch.keep_unsent(again)
        epoch.replica.apply(data, groups_of(again))
        if placed.former:
            texts = ",".join([text for _, text in placed.former.values()])
            what = f"changes of `{self.key}` were written over by another tab"
            self.put_aside(f"[{texts}]", what)
        self._placed = Placed()
        self.must_store_again = True

    def _load_base(self, text: "str | None") -> "Data | None":
        """The data of the newest base that can be used, where the epoch goes on; None without one.

        `text` is that of the document. Then the epoch is stale if a newer base names another one: that was
        not written yet, or was written over. So is that of the document itself, if no base can be used.
        """
        epoch, document = self.epoch, name_of(text)
        found: Data | None = None
        latest = ""
        is_stale = begins_here = False
        for key in sorted(epoch.bases, reverse=True):
            base = self._read_base(key)
            if base is None:
                continue
            epoch.documents.add(base.document)
            latest = max(latest, base.since)
            if found is not None:
                continue
            begins_here = begins_here or base.epoch == document
            if not base.has_state and base.document != document:
                is_stale = True
                epoch.awaited.add(base.document)
                continue
            try:
                replica, found = base.state(text)
            except ValueError as error:
                self._ignore(key, error)
                continue
            epoch.build_on(key, base, replica)
            self._see_last_base()
        epoch.bases -= self._refused
        epoch.is_stale = is_stale and (found is not None or begins_here)
        if found is not None:
            epoch.since = max(epoch.since, latest)  # then the next base is behind them all
        return found

    def _is_own(self, entry: "Entry", before: Epoch) -> bool:
        """Whether the state here has the changes; not those that it was opened without."""
        return entry.stamp[13:] == self.name and entry.stamp not in before.foreign_entries

    def _see_whether_stale(self, document: str, new: "list[Entry]") -> None:
        """Know that the document that the base announces is still to come, unless an entry has a newer."""
        epoch = self.epoch
        announced = epoch.last_base.rpartition(".")[2]
        if announced not in ("", "-", document) and not any(
            entry.document == document for entry in new
        ):
            epoch.is_stale = True

    def _is_placed_no_more(self) -> bool:
        """Whether changes that only a document had have to be stored again, as one without them is there."""
        epoch, placed = self.epoch, self._placed
        if not placed.changes:
            return False
        age = self._now() - int(placed.at, 16)
        # What other tabs wrote since then, they wrote upon it; in little room they may not say so.
        if not 0 <= age < (2 * UNHEARD if epoch.last_base else 2 * SECOND):
            self._placed = Placed()
            return False
        if epoch.name in placed.documents:
            return False
        if is_upon(self.stored[0], placed.documents):
            placed.documents.add(name_of(self.stored[0]))
            return False
        if epoch.last_base.rpartition(".")[2] not in placed.documents:
            return True
        return not epoch.has_state and name_of(self.stored[0]) not in placed.documents

    def _note(self, entry: "Entry", at: int) -> None:
        """Know an entry, which was heard of at that time."""
        self.epoch.note(entry, at)
        self._room.forget()
        if entry.stamp[13:] != self.name:
            self.heard_others = max(self.heard_others, at)

    def _read_base(self, key: str) -> "Base | None":
        """What is stored there; None where it is gone, or no base."""
        text = self.area.get(key)
        if text is None:
            return None
        try:
            base = Base(key[len(self._base) :], text, self._latest())
        except ValueError as error:
            self._ignore(key, error)
            return None
        placed = self._placed
        if placed.changes and base.seen.get(self.place_name, "") >= placed.at:
            placed.documents.add(base.document)
        return base

    def _see_last_base(self) -> None:
        if self.last_base_seen[0] != self.epoch.last_base:
            self.last_base_seen = (self.epoch.last_base, self._now())

    def look(self, keys: "list[str]") -> "Groups | None":
        """The changes that entries at those keys bring; None where only `load` can tell what there is now."""
        self._looked = self._now()
        bases = [key for key in keys if key.startswith(self._base)]
        if bases:
            self.epoch.documents.update([key.rpartition(".")[2] for key in bases])
            before = self.epoch.bases
            is_ours = self._look_at_bases()
            known = before | self.epoch.bases | self._refused
            # Who knows what one had that came and went?
            if not is_ours or not known.issuperset(bases):
                self.epoch.is_lost = True
                return None
        epoch = self.epoch
        were_removed = False  # perhaps
        gone: list[str] = []
        found: list[Entry] = []
        for key in keys:
            if not key.startswith(self._edit):
                continue
            stamp = key[len(self._edit) :]
            if stamp in epoch.entries or stamp in epoch.foreign_entries or key in self._refused:
                were_removed = True
                continue
            entry = self._read_entry(key)
            if entry is None:
                if key not in self._refused:
                    gone.append(stamp)
            elif entry.epoch == epoch.name:
                found.append(entry)
            elif entry.since > epoch.since:
                return None
            else:
                self._is_settled(entry)
                epoch.foreign_entries[stamp] = entry.document
        if gone and (bases or not are_in(found, gone) or any(map(epoch.is_covered, gone))):
            return None  # nothing is taken as known: who asks again may be told
        for entry in found:
            self._note(entry, self._looked)
        if self.key in keys:
            if epoch.awaited and name_of(self.area.get(self.key)) in epoch.awaited:
                return None  # one that was not there yet when all was read, and whose base was
            if not self._look_at_document():
                self._foreign = name_of(self.area.get(self.key))
                self.epoch.is_lost = True
                return None
        if were_removed:
            had_entries = bool(epoch.entries)
            has_left = self._forget_removed()
            if had_entries and not found and not has_left and not self.area.keys(self._base):
                return None  # all were removed, and there is no base that has them
        if self._placed.changes and self._is_placed_no_more():
            return None
        return in_order(found)

    def _forget_removed(self) -> bool:
        """Forget entries that others have removed, or made one; whether the area has any."""
        present = set(self.area.keys(self._edit))
        for stamp in [each for each in self.epoch.entries if f"{self._edit}{each}" not in present]:
            self.epoch.forget(stamp)
        return bool(present)

    def _is_settled(self, entry: "Entry") -> bool:
        """Whether the changes of an entry of another epoch were in the document that this one began with.

        Who announced that document knew all there was. It stays so when this epoch is over as well.
        """
        if entry.document == self.epoch.name:
            self._settled.add(entry.stamp)
        return entry.stamp in self._settled

    def _look_at_bases(self) -> bool:
        """False where a later epoch has begun, or this one has ended in ways that nobody told."""
        epoch = self.epoch
        bases = set(self.area.keys(self._base)) - self._refused
        was_at_rest = epoch.is_at_rest
        known, epoch.bases = epoch.bases, bases
        is_ours = True
        for key in sorted(bases - known):
            base = self._read_base(key)
            if base is not None:
                is_ours = epoch.hear(key, base) and not self._is_ahead(base) and is_ours
                if was_at_rest and base.epoch != epoch.name:
                    is_ours = False  # perhaps its tab had just changed something, and goes on
                if epoch.last_base == key:
                    self._see_last_base()
        epoch.bases -= self._refused
        if epoch.bases or not known:
            return is_ours
        text = self.area.get(self.key)
        if name_of(text) not in epoch.documents:
            return False
        keys = self.area.keys(self._edit)
        if keys:
            # Others have ended the epoch when this tab had just changed something: it goes on, with a base.
            own = [f"{self._edit}{stamp}" for stamp in epoch.uncovered() if stamp[13:] == self.name]
            self.must_fold = sorted(keys) == own
            epoch.since = time_text(self._now())
            return self.must_fold
        self._begin(name_of(text)).unsent = epoch.unsent
        self.stored = (text, self.area.get(self.deleted_key))
        return True

    def _is_ahead(self, base: "Base") -> bool:
        """Whether the base has changes that this tab has not heard of, and that no entry says any more."""
        seen = self.epoch.seen
        return base.epoch == self.epoch.name and any(
            stamp > seen.get(tab, "") and self.area.get(f"{self._edit}{stamp}") is None
            for tab, stamp in base.seen.items()
        )

    def _look_at_document(self) -> bool:
        """Whether the document is one that a tab has announced."""
        text = self.area.get(self.key)
        if text != self.stored[0]:
            name = name_of(text)
            # Without a base the next change of this tab would make one, of the document at the beginning.
            if not (self.epoch.bases and self.epoch.expects(name)):
                if self.epoch.is_at_rest:
                    return False
                self._look_at_bases()
                if not self.epoch.expects(name):
                    return False
            self._upon = name
        self.stored = (text, self.stored[1])
        return True

    def keys(self) -> "list[str]":
        """Where there may be something that nobody told of: what is there, and what was there."""
        return self.area.keys(f"{self.key}#") + sorted(self.epoch.bases) + [self.key]

    def _read_entry(self, key: str) -> "Entry | None":
        if not key.startswith(self._edit) or key in self._refused:
            return None
        text = self.area.get(key)
        if text is None:
            return None
        try:
            return Entry(key[len(self._edit) :], text, self._latest(), key)
        except ValueError as error:
            self._ignore(key, error)
            return None

    def _ignore(self, key: str, error: Exception) -> None:
        if key not in self._refused:
            self._refused.add(key)
            warn(f"what is stored at `{key}` is ignored: {error}", StorageWarning)

    def clear(self, entries: "list[Entry]") -> None:
        """Remove all but the document; entries that no document ever had are put aside."""
        unread = [
            self.area.get(f"{self._edit}{entry.stamp}")
            for entry in entries
            if entry.document is None and not self.epoch.is_covered(entry.stamp)
        ]
        texts = [text for text in unread if text is not None]
        if texts:
            what = f"somebody else replaced the document at `{self.key}`, and these changes of it"
            if not self.put_aside(f"[{','.join(texts)}]", what):
                return
        for key in self.area.keys(f"{self.key}#"):
            if key.startswith((self._edit, self._base, self.reserve_key)):
                self.area.remove(key)

    def _long_ago(self) -> str:
        """Stamps before are of changes that all tabs know."""
        return time_text(self._now() - 2 * UNHEARD)

    def has_uncovered(self) -> bool:
        """Whether the document does not have everything that was changed lately."""
        return self.epoch.has_uncovered(time_text(self._now() - 60 * SECOND))
