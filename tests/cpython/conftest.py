"""What tests of CPython alone get: a real Redis."""

from collections.abc import Iterator

import pytest

from tests.cpython.redis_server import RedisServer


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One server for all tests; each has a prefix of its own in it."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """A server of this test's own, which it may kill."""
    with RedisServer() as server:
        yield server
