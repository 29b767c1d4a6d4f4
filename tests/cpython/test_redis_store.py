"""What is Redis's own: its clock, its keys, its absence, and connections that belong to a loop."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from time import monotonic

import pytest
import redis

from anchor_session import (
    RecordCorruptError,
    StorageError,
    StorageUnavailableError,
    StoreClosedError,
)
from anchor_session.records import RedisStore, SessionManager
from tests.cpython.redis_server import RedisServer
from tests.patience import PATIENCE
from tests.support import rows

numbers = count()


@pytest.fixture
def prefix() -> str:
    """A prefix that no other test has."""
    return f"test-{next(numbers)}:"


@pytest.fixture
def client(redis_server: RedisServer) -> "Iterator[redis.Redis]":
    """Another program that uses the same server."""
    with redis.Redis.from_url(redis_server.url) as client:
        yield client


@asynccontextmanager
async def opened(server: RedisServer, prefix: str, options: str = "") -> AsyncIterator[RedisStore]:
    async with RedisStore(server.url + options, prefix) as store:
        yield store


# -- keys -------------------------------------------------------------------------------------------


def test_record_is_the_text_of_one_key(
    redis_server: RedisServer, prefix: str, client: "redis.Redis"
) -> None:
    async def check() -> None:
        async with opened(redis_server, prefix) as store:
            await store.save("ab", {"user": "Ada"})

    asyncio.run(check())
    assert client.get(f"{prefix}ab") == b'{"user":"Ada"}'
    assert client.ttl(f"{prefix}ab") == -1


@rows("special", ["*", "?", "[a-z]", "[^x]", "\\", "\\*", "é*", "a*:*", "^", "-"])
def test_special_characters_of_a_prefix_mean_themselves(
    redis_server: RedisServer, prefix: str, client: "redis.Redis", special: str
) -> None:
    client.set(f"{prefix}xx:theirs", "{}")
    client.set(f"{prefix}a:theirs", "{}")
    client.set(f"{prefix}:theirs", "{}")

    async def check() -> None:
        async with opened(redis_server, f"{prefix}{special}:") as store:
            await store.save("a", {"n": 1})
            assert await store.list() == ["a"]
            assert await store.load("a") == {"n": 1}
            assert await store.load("theirs") is None

    asyncio.run(check())


def test_a_prefix_that_begins_another_sees_none_of_its_records(
    redis_server: RedisServer, prefix: str
) -> None:
    async def check() -> None:
        async with (
            opened(redis_server, prefix) as outer,
            opened(redis_server, f"{prefix}inner:") as inner,
        ):
            await outer.save("a", {"is": "outer"})
            await inner.save("a", {"is": "inner"})
            await inner.save("b", {})
            assert await outer.list() == ["a"]
            assert await inner.list() == ["a", "b"]
            assert await outer.load("b") is None
            await outer.delete("b")
            await outer.delete("a")
            assert await inner.load("a") == {"is": "inner"}

    asyncio.run(check())


@rows("prefix", ["", "session", "session-", "session_", "s.", "session1"])
def test_prefix_that_could_reach_others_keys_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="such as ':'"):
        RedisStore("redis://localhost", prefix)


def test_what_is_no_id_is_not_listed(
    redis_server: RedisServer, prefix: str, client: "redis.Redis"
) -> None:
    for name in (b"", b"a b", b"..", b"\xff\xfe", b"con", b"good"):
        client.set(prefix.encode() + name, "{}")

    async def check() -> None:
        async with opened(redis_server, prefix) as store:
            assert await store.list() == ["good"]

    asyncio.run(check())


def test_hundred_thousand_sessions_are_listed_while_others_are_served(
    own_redis_server: RedisServer,
) -> None:
    with redis.Redis.from_url(own_redis_server.url) as client:
        for start in range(0, 100_000, 10_000):
            client.mset({f"session:{start + n}": "{}" for n in range(10_000)})
        client.set("theirs", "{}")
        client.config_resetstat()

        async def check() -> None:
            async with RedisStore(own_redis_server.url) as store:
                listing = asyncio.create_task(store.list())
                served = 0
                while not listing.done():
                    assert await store.load("0") == {}
                    served += 1
                assert len(set(await listing)) == len(await listing) == 100_000
                assert served >= 10

        asyncio.run(check())
        calls = client.info("commandstats")
        # Steps of about a thousand keys: nobody has to wait for more than one of them.
        assert calls["cmdstat_scan"]["calls"] >= 50
        assert "cmdstat_keys" not in calls


# -- time -------------------------------------------------------------------------------------------


def test_record_is_ended_by_the_server(
    redis_server: RedisServer, prefix: str, client: "redis.Redis"
) -> None:
    client.config_set("notify-keyspace-events", "Ex")
    with client.pubsub() as ended:  # type: ignore[no-untyped-call]
        ended.subscribe("__keyevent@0__:expired")
        assert ended.get_message(timeout=PATIENCE) is not None  # that it is subscribed

        async def check() -> None:
            async with opened(redis_server, prefix) as store:
                await store.save("long", {"n": 1}, ttl=10_000)
                await store.save("short", {"n": 1}, ttl=0.02)
                message = await asyncio.to_thread(ended.get_message, timeout=PATIENCE)
                assert message is not None
                assert message["data"] == f"{prefix}short".encode()
                assert await store.load("short") is None
                assert await store.list() == ["long"]

        asyncio.run(check())
    assert 1000 * (10_000 - PATIENCE) < client.pttl(f"{prefix}long") <= 10_000_000


@rows(("ttl", "most"), [(1e-9, 1), (0.0004, 1), (1e10, 10**13)])
def test_any_ttl_is_one_that_the_server_takes(
    redis_server: RedisServer, prefix: str, client: "redis.Redis", ttl: float, most: int
) -> None:
    async def check() -> None:
        async with opened(redis_server, prefix) as store:
            await store.save("a", {}, ttl=ttl)

    asyncio.run(check())
    assert client.pttl(f"{prefix}a") in range(-2, most + 1)
    assert client.pttl(f"{prefix}a") != -1


# -- what others wrote ------------------------------------------------------------------------------


def test_key_of_another_type_is_no_record(
    redis_server: RedisServer, prefix: str, client: "redis.Redis"
) -> None:
    client.rpush(f"{prefix}a", "x")

    async def check() -> None:
        async with opened(redis_server, prefix) as store:
            with pytest.raises(RecordCorruptError, match="something else than text") as caught:
                await store.load("a")
            assert caught.value.key == f"{prefix}a"
            assert await store.list() == ["a"]
            await store.save("a", {"n": 1})
            assert await store.load("a") == {"n": 1}

    asyncio.run(check())


@rows("content", [b"\xff\xfe\x00", b'{"a":"\xff"}', b"\x80\x04K\x01."])
def test_bytes_that_are_no_text_are_no_record(
    redis_server: RedisServer, prefix: str, client: "redis.Redis", content: bytes
) -> None:
    client.set(f"{prefix}a", content)

    async def check() -> None:
        async with opened(redis_server, prefix) as store:
            with pytest.raises(RecordCorruptError, match=f"{prefix}a"):
                await store.load("a")

    asyncio.run(check())
    assert client.get(f"{prefix}a") == content


# -- a server that is not there ---------------------------------------------------------------------


def test_killed_server_is_a_typed_error_and_works_again(own_redis_server: RedisServer) -> None:
    async def check() -> None:
        store = RedisStore(own_redis_server.url)
        manager = SessionManager(store)
        session = await manager.new_session()
        session["user"] = "Ada"
        await asyncio.gather(*(store.save(f"s{n}", {}) for n in range(20)))  # many connections
        await manager.save_session(session)
        own_redis_server.kill()
        for _ in range(3):
            with pytest.raises(StorageUnavailableError, match="cannot be reached") as caught:
                await manager.save_session(session)
        assert caught.value.key == f"session:{session.id}"
        with pytest.raises(StorageUnavailableError):
            await store.list()
        own_redis_server.start()
        assert await manager.session(session.id) is None  # it had stored nothing on disk
        await manager.save_session(session)
        found = await asyncio.gather(*(manager.session(session.id) for _ in range(30)))
        assert [each and each["user"] for each in found] == ["Ada"] * 30
        await manager.close()

    asyncio.run(check())


def test_server_that_was_restarted_unnoticed_is_no_error(own_redis_server: RedisServer) -> None:
    async def check() -> None:
        async with RedisStore(own_redis_server.url) as store:
            await asyncio.gather(*(store.save(f"s{n}", {}) for n in range(20)))
            own_redis_server.kill()
            own_redis_server.start()
            assert await asyncio.gather(*(store.load(f"s{n}") for n in range(20))) == [None] * 20

    asyncio.run(check())


@contextmanager
def stopped(server: RedisServer) -> "Iterator[None]":
    """The server accepts, and does not answer."""
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


async def is_connected(store: RedisStore) -> bool:
    try:
        await store.save("a", {"n": 1})
    except StorageUnavailableError:
        return False
    return True


def test_server_that_does_not_answer_is_a_typed_error(own_redis_server: RedisServer) -> None:
    async def check() -> None:
        async with opened(own_redis_server, "session:", "?socket_timeout=0.05") as store:
            async with asyncio.timeout(PATIENCE):
                while not await is_connected(store):  # what is short is short for a busy server too
                    pass
            with stopped(own_redis_server), pytest.raises(StorageUnavailableError):
                await store.load("a")

    asyncio.run(check())


@rows("rounds", [0, 1, 2, 4, 8, 16])
def test_cancelled_call_leaves_no_answer_for_the_next_one(
    own_redis_server: RedisServer, rounds: int
) -> None:
    async def check() -> None:
        async with opened(own_redis_server, "session:", "?max_connections=1") as store:
            for id in ("a", "b"):
                await store.save(id, {"id": id})
            with stopped(own_redis_server):
                loading = asyncio.create_task(store.load("a"))
                for _ in range(rounds):  # not begun, asking, waiting for the answer
                    await asyncio.sleep(0)
                loading.cancel()
            await asyncio.wait([loading])  # whether it took notice in time is the driver's affair
            assert await store.load("b") == {"id": "b"}
            assert await store.load("a") == {"id": "a"}

    asyncio.run(check())


def test_full_server_keeps_the_old_record(own_redis_server: RedisServer) -> None:
    with redis.Redis.from_url(own_redis_server.url) as client:

        async def check() -> None:
            async with RedisStore(own_redis_server.url) as store:
                await store.save("a", {"n": 1})
                client.config_set("maxmemory", 1)
                with pytest.raises(StorageError, match=r"OOM|memory") as caught:
                    await store.save("a", {"n": 2})
                assert caught.value.key == "session:a"
                assert await store.load("a") == {"n": 1}

        asyncio.run(check())


def test_no_error_shows_the_password() -> None:
    async def check() -> None:
        async with RedisStore("redis://ada:secret@127.0.0.1:1/3") as store:
            with pytest.raises(StorageUnavailableError) as caught:
                await store.load("a")
        assert "secret" not in str(caught.value)
        assert "redis://127.0.0.1:1/3" in str(caught.value)

    asyncio.run(check())


@rows(
    "url",
    [
        "",
        "localhost:6379",
        "http://localhost",
        "redis://h?db=x",
        "redis://h?max_connections=0",
        "redis://h?max_connections=-1",
    ],
)
def test_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|db"):
        RedisStore(url)


def test_url_of_a_program_that_wants_texts_will_do(redis_server: RedisServer, prefix: str) -> None:
    async def check() -> None:
        async with opened(redis_server, prefix, "?decode_responses=True") as store:
            await store.save("a", {"n": 1})
            assert await store.load("a") == {"n": 1}
            assert await store.list() == ["a"]

    asyncio.run(check())


def test_address_with_colons_is_shown_in_brackets() -> None:
    async def check() -> None:
        async with RedisStore("redis://[::1]:1") as store:
            with pytest.raises(StorageUnavailableError, match=r"redis://\[::1\]:1/0 cannot"):
                await store.load("a")

    asyncio.run(check())


# -- loops ------------------------------------------------------------------------------------------


def connections(client: "redis.Redis") -> int:
    """Those of other clients."""
    return len(client.client_list()) - 1


def wait_for_no_connection(client: "redis.Redis") -> None:
    """The server hears of closed ones a moment later."""
    end = monotonic() + PATIENCE
    while connections(client):
        assert monotonic() < end, client.client_list()


def test_a_store_serves_one_loop_after_the_other(own_redis_server: RedisServer) -> None:
    store = RedisStore(own_redis_server.url)
    with redis.Redis.from_url(own_redis_server.url) as client:

        async def add(n: int) -> None:
            await store.save(f"r{n}", {"n": n})
            assert await store.load(f"r{n}") == {"n": n}
            assert connections(client) >= 1

        for n in range(3):
            asyncio.run(add(n))
            wait_for_no_connection(client)  # a loop that ends leaves none behind

        async def end() -> None:
            assert await store.list() == ["r0", "r1", "r2"]
            await store.close()

        asyncio.run(end())
        wait_for_no_connection(client)


def test_a_store_serves_loops_in_several_threads(own_redis_server: RedisServer) -> None:
    store = RedisStore(own_redis_server.url)
    failed: list[BaseException] = []

    async def work(name: str) -> None:
        for n in range(50):
            await store.save(f"{name}-{n}", {"n": n})
            assert await store.load(f"{name}-{n}") == {"n": n}

    def run(name: str) -> None:
        try:
            asyncio.run(work(name))
        except BaseException as error:  # noqa: BLE001 - looked at below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []

    async def check() -> None:
        assert len(await store.list()) == 200
        await store.close()

    asyncio.run(check())


def test_closing_ends_the_connections_of_other_loops_too(own_redis_server: RedisServer) -> None:
    store = RedisStore(own_redis_server.url)
    ready, closed = threading.Event(), threading.Event()
    left: list[int] = []

    with redis.Redis.from_url(own_redis_server.url) as client:

        async def other() -> None:
            await store.save("a", {})
            ready.set()
            await asyncio.to_thread(closed.wait)
            async with asyncio.timeout(PATIENCE):
                while connections(client):  # what was asked of this loop takes it a few rounds
                    await asyncio.sleep(0)
            left.append(connections(client))

        thread = threading.Thread(target=asyncio.run, args=(other(),))
        thread.start()
        ready.wait()
        asyncio.run(store.close())
        closed.set()
        thread.join()
        assert left == [0]


@pytest.mark.parametrize("options", ["", "?max_connections=2"])
def test_closing_in_the_middle_of_saves_leaves_no_connection(
    own_redis_server: RedisServer, options: str
) -> None:
    with redis.Redis.from_url(own_redis_server.url) as client:

        async def check() -> None:
            store = RedisStore(own_redis_server.url + options)
            await store.load("a")
            with stopped(own_redis_server):
                saves = [asyncio.create_task(store.save(f"r{n}", {})) for n in range(8)]
                closing = asyncio.create_task(store.close())
                for _ in range(20):
                    await asyncio.sleep(0)
            await closing
            found = await asyncio.gather(*saves, return_exceptions=True)
            assert {type(each) for each in found} <= {type(None), StoreClosedError}
            saved = {f"session:r{n}".encode() for n in range(8) if found[n] is None}
            assert set(client.keys()) == saved
            wait_for_no_connection(client)

        asyncio.run(check())


def test_closing_in_the_middle_of_a_list_connects_no_more(own_redis_server: RedisServer) -> None:
    with redis.Redis.from_url(own_redis_server.url) as client:
        client.mset({f"session:r{n}": "{}" for n in range(20_000)})

        async def check() -> None:
            store = RedisStore(own_redis_server.url)
            await store.load("a")
            listing = asyncio.create_task(store.list())
            await asyncio.sleep(0)
            await store.close()
            with pytest.raises(StoreClosedError):
                await listing
            wait_for_no_connection(client)

        asyncio.run(check())


# -- the driver -------------------------------------------------------------------------------------


def test_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(ImportError, match=r"anchor-session\[redis\]"):
        RedisStore("redis://localhost")
