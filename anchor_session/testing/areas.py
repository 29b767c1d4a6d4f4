"""Areas that several documents have in common."""

from typing import TYPE_CHECKING

from ..host.memory import MemoryArea

if TYPE_CHECKING:
    from .tabs import Tab


class CommonArea(MemoryArea):
    """One document's handle on entries that its peers hold too; what it changes, they are told of."""

    def __init__(self, owner: "Tab", kind: str, peers: "list[CommonArea]") -> None:
        super().__init__()
        self.owner = owner
        self._kind = kind
        self.peers = peers
        if peers:
            self._items = peers[0]._items
        peers.append(self)

    def setItem(self, key: str, value: str) -> None:
        before = self._items.get(key)
        super().setItem(key, value)
        if value != before:
            self._tell(key)

    def removeItem(self, key: str) -> None:
        was_there = key in self._items
        super().removeItem(key)
        if was_there:
            self._tell(key)

    def clear(self) -> None:
        super().clear()
        self._tell(None)

    def fill(self, items: dict[str, str]) -> None:
        """Put these entries in, of which nobody is told."""
        self._items.update(items)

    def copy(self) -> dict[str, str]:
        """What is in it."""
        return dict(self._items)

    def part(self) -> None:
        """Be of no effect on the others from now on; they keep what is there."""
        self.peers.remove(self)
        self.peers, self._items = [], self.copy()

    def _tell(self, key: "str | None") -> None:
        for peer in self.peers:
            if peer is not self:
                peer.owner.notice(self._kind, key)
