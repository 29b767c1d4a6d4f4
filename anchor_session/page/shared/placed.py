"""What a document alone has: changes for which an entry had no room, until no other tab can write over it."""

from .entries import is_of_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..record.record import Data
    from .replica.changes import Address, Changes


class Placed:
    """Own `changes` of the last seconds that no entry has, since a document was written in place of it.

    That was last done `at` that time, as stamps begin, in the epoch of that name. `documents` are those that
    have them. `former` are changes of items as they were called in an epoch before.
    """

    __slots__ = ("at", "changes", "documents", "epoch", "former")

    def __init__(self) -> None:
        self.at = ""
        self.epoch = ""
        self.changes: Changes = {}
        self.former: Changes = {}
        self.documents: set[str] = set()

    def add(self, more: "list[Changes]", document: str, epoch: str, at: str, since: str) -> None:
        """Know that the document of that name has these, and those of before that came since then.

        What `init` brought is of the beginning of time, and stays.
        """
        newest: Changes = {}
        self._enter(epoch)
        for address, change in self.changes.items():
            if change[0] >= since or is_of_init(change[0]):
                newest[address] = change
        for changes in more:
            for address, change in changes.items():
                if change[0] >= newest.get(address, ("",))[0]:
                    newest[address] = change
        self.changes, self.at, self.documents = newest, at, {document}

    def _enter(self, epoch: str) -> None:
        if epoch != self.epoch:
            for address in [each for each in self.changes if not is_portable(each)]:
                self.former[address] = self.changes.pop(address)
            self.epoch = epoch

    def missing(self, data: "Data", epoch: str) -> "Changes":
        """Those that data without them lacks: what `init` brought wins over nothing that is there.

        The others are `former` then.
        """
        self._enter(epoch)
        return {
            address: change
            for address, change in self.changes.items()
            if not is_of_init(change[0]) or address[0][0][1:] not in data
        }


def is_portable(address: "tuple[Address, bool]") -> bool:
    """Whether that place is called the same in any epoch: it is in no item of a list."""
    return not any(part.startswith("#") for part in address[0])
