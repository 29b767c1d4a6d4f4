"""The contract of stores, on each of them."""

import pytest

from anchor_session.testing.store_contract import StoreContract
from tests.records.places import MemoryPlace


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def place(self) -> MemoryPlace:
        return MemoryPlace()
