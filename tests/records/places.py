"""Where the stores under test keep their records."""

from anchor_session.records import MemoryStore, WebStore
from anchor_session.testing import MemoryArea
from anchor_session.testing.store_contract import StorePlace


class MemoryPlace(StorePlace):
    def open(self) -> MemoryStore:
        return MemoryStore(clock=self.now)


class WebPlace(StorePlace):
    """An area with the records of one test, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.area = MemoryArea()

    def open(self) -> WebStore:
        return WebStore(self.area, clock=self.now)

    async def spoil(self, id: str, text: str) -> None:
        self.area.setItem(f"anchor-records://{id}", text)
