"""Several processes with one Redis, and one that is killed while it saves."""

import asyncio
import os
import signal
import socket
import time
from functools import partial
from itertools import count
from random import Random

import pytest

from anchor_session.records import RedisStore
from tests.cpython.processes import at_once, killed, times
from tests.cpython.redis_server import RedisServer
from tests.support import table

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")

LENGTH = 200_000  # characters: more than the system takes at once
KILLS = times(8, 200)
numbers = count()


def test_last_save_wins_whole(redis_server: RedisServer) -> None:
    prefix = f"processes-{next(numbers)}:"

    def work(number: int) -> None:
        async def save_and_load() -> None:
            async with RedisStore(redis_server.url, prefix) as store:
                for turn in range(times(20, 50)):
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


def check_records(url: str, prefix: str, *texts: str) -> None:
    """Both records are there and whole; where texts are given, each is one of them."""

    async def check() -> None:
        async with RedisStore(url, prefix) as store:
            assert await store.list() == ["a", "b"]
            for id in ("a", "b"):
                found = await store.load(id)
                assert found is not None
                assert found["id"] == id
                assert found["text"] == found["text"][0] * LENGTH
                assert found["text"][0] in (texts or "0123456789")

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
            check_records(redis_server.url, prefix)
        os.close(reader)


def save_and_die(url: str, prefix: str, share: float) -> None:
    """Save a record, of which the server gets so much."""

    def die(writer: asyncio.StreamWriter, parts: "list[bytes]") -> None:
        data = b"".join(parts)
        if len(data) > LENGTH:  # it is no greeting
            connection = socket.socket(fileno=writer.get_extra_info("socket").fileno())
            connection.setblocking(True)
            connection.sendall(data[: round(len(data) * share)])
            os.kill(os.getpid(), signal.SIGKILL)
        writer.write(data)

    asyncio.StreamWriter.writelines = die  # type: ignore[method-assign, assignment]
    asyncio.run(RedisStore(url, prefix).save("a", {"id": "a", "text": "1" * LENGTH}))


def test_process_that_dies_in_the_middle_of_a_save_leaves_the_record_whole(
    redis_server: RedisServer,
) -> None:
    prefix = f"processes-{next(numbers)}:"

    async def begin() -> None:
        async with RedisStore(redis_server.url, prefix) as store:
            for id in ("a", "b"):
                await store.save(id, {"id": id, "text": "0" * LENGTH})

    asyncio.run(begin())
    with table() as row:
        for share in (0, 0.0001, 0.5, 0.9999):
            with row(share):
                assert killed(partial(save_and_die, redis_server.url, prefix, share))
                check_records(redis_server.url, prefix, "0")
