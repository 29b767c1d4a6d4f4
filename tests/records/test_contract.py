"""The contract of stores, on each of them."""

import pytest

from anchor_session.testing.store_contract import SharedStoreContract, StoreContract
from tests.records.places import MemoryPlace, WebPlace


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def place(self) -> MemoryPlace:
        return MemoryPlace()


class TestWebStore(SharedStoreContract):
    @pytest.fixture
    def place(self) -> WebPlace:
        return WebPlace()
