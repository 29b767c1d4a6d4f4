"""Where the stores under test keep their records."""

from anchor_session.records import MemoryStore
from anchor_session.testing.store_contract import StorePlace


class MemoryPlace(StorePlace):
    def open(self) -> MemoryStore:
        return MemoryStore(clock=self.now)
