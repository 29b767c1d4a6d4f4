"""What a document alone has: changes for which an entry had no room, until no other tab can write over it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..record.record import Data
    from .replica.changes import Changes

_BEFORE_ALL = "0" * 13


class Placed:
    """Own `changes` of the last seconds that no entry has, since a document was written in place of it.

    That was last done `at` that time, as stamps begin. `documents` are those that have them.
    """

    __slots__ = ("at", "changes", "documents")

    def __init__(self) -> None:
        self.at = ""
        self.changes: Changes = {}
        self.documents: set[str] = set()

    def add(self, more: "list[Changes]", document: str, at: str, since: str) -> None:
        """Know that the document of that name has these, and those of before that came since then.

        What `init` brought is of the beginning of time, and stays.
        """
        newest: Changes = {}
        for address, change in self.changes.items():
            if change[0] >= since or change[0].startswith(_BEFORE_ALL):
                newest[address] = change
        for changes in more:
            for address, change in changes.items():
                if change[0] >= newest.get(address, ("",))[0]:
                    newest[address] = change
        self.changes, self.at, self.documents = newest, at, {document}

    def missing(self, data: "Data") -> "Changes":
        """Those that data without them lacks: what `init` brought wins over nothing that is there."""
        return {
            address: change
            for address, change in self.changes.items()
            if not change[0].startswith(_BEFORE_ALL) or address[0][0][1:] not in data
        }
