"""The contract of stores, on a real Redis."""

from collections.abc import Iterator
from itertools import count

import pytest
import redis

from anchor_session.records import RedisStore
from anchor_session.testing.store_contract import SharedStoreContract, StorePlace
from tests.cpython.redis_server import RedisServer

numbers = count()


class RedisPlace(StorePlace):
    """A prefix of its own. The server has its own clock: time passes by moving the end of each key nearer."""

    def __init__(self, server: RedisServer) -> None:
        super().__init__()
        self.url = server.url
        self.prefix = f"contract-{next(numbers)}:"
        self.client = redis.Redis.from_url(server.url)

    def open(self) -> RedisStore:
        return RedisStore(self.url, self.prefix)

    async def spoil(self, id: str, text: str) -> None:
        self.client.set(self.prefix + id, text)

    async def pass_time(self, seconds: float) -> None:
        for key in self.client.scan_iter(match=self.prefix + "*"):
            end = self.client.pexpiretime(key)
            if end > 0:
                self.client.pexpireat(key, end - round(seconds * 1000))


class TestRedisStore(SharedStoreContract):
    @pytest.fixture
    def place(self, redis_server: RedisServer) -> Iterator[RedisPlace]:
        place = RedisPlace(redis_server)
        yield place
        place.client.close()
