"""Several processes with one Redis, and one that is killed while it saves."""

import asyncio
import os
import signal
import time
from itertools import count
from random import Random

import pytest

from anchor_session.records import RedisStore
from tests.cpython.processes import at_once
from tests.cpython.redis_server import RedisServer

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")

LENGTH = 200_000  # characters: more than the system takes at once
KILLS = 200
numbers = count()


def test_last_save_wins_whole(redis_server: RedisServer) -> None:
    prefix = f"processes-{next(numbers)}:"

    def work(number: int) -> None:
        async def save_and_load() -> None:
            async with RedisStore(redis_server.url, prefix) as store:
                for turn in range(50):
                    await store.save(f"own-{number}", {"turn": turn})
                    await store.save("common", {"by": number, "text": str(number) * LENGTH})
                    found = await store.load("common")
                    assert found is not None
                    assert found["text"] == str(found["by"]) * LENGTH
                    assert await store.load(f"own-{number}") == {"turn": turn}

        asyncio.run(save_and_load())

    at_once(4, work)

    async def check() -> None:
        async with RedisStore(redis_server.url, prefix) as store:
            assert await store.list() == ["common", "own-0", "own-1", "own-2", "own-3"]

    asyncio.run(check())


def save_for_ever(url: str, prefix: str, ready: int) -> None:
    """Save two records again and again; tell when the first are there."""

    async def save() -> None:
        store = RedisStore(url, prefix)
        turn = 0
        while True:
            for id in ("a", "b"):
                await store.save(id, {"id": id, "text": str(turn % 10) * LENGTH})
            if turn == 0:
                os.write(ready, b"!")
            turn += 1

    asyncio.run(save())


def test_killed_process_leaves_whole_records(redis_server: RedisServer) -> None:
    prefix = f"processes-{next(numbers)}:"
    random = Random(7)

    async def check() -> None:
        async with RedisStore(redis_server.url, prefix) as store:
            assert await store.list() == ["a", "b"]
            for id in ("a", "b"):
                found = await store.load(id)
                assert found is not None
                assert found["id"] == id
                assert found["text"] == found["text"][0] * LENGTH

    for _ in range(KILLS // 4):
        reader, writer = os.pipe()
        children = []
        for _ in range(4):  # at once, so that the moments are of a busy server too
            child = os.fork()
            if child == 0:
                try:
                    save_for_ever(redis_server.url, prefix, writer)
                finally:
                    os._exit(1)
            children.append(child)
        os.close(writer)
        os.read(reader, 1)
        for child in children:
            time.sleep(random.uniform(0, 0.005))  # the moment is the test
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            asyncio.run(check())
        os.close(reader)
