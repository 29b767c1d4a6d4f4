"""Several processes with one place: saves never mix, and nobody meets a lock."""

import asyncio
import fcntl
import os
import resource
import signal
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from anchor_session import RecordCorruptError, StorageError
from anchor_session.records import FileStore, SQLiteStore, Store
from anchor_session.records.stores.atomic_files import remove_if, write_whole
from tests.cpython.processes import at_once, times
from tests.patience import PATIENCE
from tests.records.places import FilePlace

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")

STORES: "dict[str, Callable[[Path], Store]]" = {
    "file": FileStore,
    "sqlite": lambda directory: SQLiteStore(directory / "records.db", timeout=PATIENCE),
}
LENGTH = 10_000


def ended_in_time(work: Callable[[], None]) -> None:
    """Run it in a process that is ended where it hangs."""
    signal.alarm(round(PATIENCE))
    work()
    signal.alarm(0)


@pytest.mark.parametrize("kind", STORES)
def test_last_save_wins_whole(kind: str, tmp_path: Path) -> None:
    def work(number: int) -> None:
        async def save_and_load() -> None:
            async with STORES[kind](tmp_path) as store:
                for turn in range(times(20, 50)):
                    await store.save(f"own-{number}", {"turn": turn})
                    await store.save("common", {"by": number, "text": str(number) * LENGTH})
                    found = await store.load("common")
                    assert found is not None
                    assert found["text"] == str(found["by"]) * LENGTH
                    assert await store.load(f"own-{number}") == {"turn": turn}
                    assert "common" in await store.list()

        asyncio.run(save_and_load())

    at_once(4, work)

    async def check() -> None:
        async with STORES[kind](tmp_path) as store:
            assert await store.list() == ["common", "own-0", "own-1", "own-2", "own-3"]

    asyncio.run(check())


@pytest.mark.parametrize("kind", STORES)
def test_processes_may_begin_at_once(kind: str, tmp_path: Path) -> None:
    for attempt in range(times(3, 10)):

        def work(number: int, place: Path = tmp_path / str(attempt)) -> None:
            async def save() -> None:
                async with STORES[kind](place) as store:
                    await store.save(f"r{number}", {"n": number})

            asyncio.run(save())

        at_once(6, work)

        async def check(place: Path = tmp_path / str(attempt)) -> None:
            async with STORES[kind](place) as store:
                assert await store.list() == [f"r{n}" for n in range(6)]

        asyncio.run(check())


@pytest.mark.parametrize("kind", STORES)
def test_record_that_is_saved_again_is_not_swept_away(kind: str, tmp_path: Path) -> None:
    """Two processes revive records at the moment at which two others find them expired."""
    make: dict[str, Callable[..., Store]] = {
        "file": lambda **options: FileStore(tmp_path, cleanup_interval=1e-9, **options),
        "sqlite": lambda **options: SQLiteStore(
            tmp_path / "records.db", timeout=PATIENCE, cleanup_interval=1e-9, **options
        ),
    }

    def work(number: int) -> None:
        async def revive_and_load() -> None:
            time = 1000.0
            async with make[kind](clock=lambda: time) as store:
                for turn in range(times(30, 60)):
                    time += 10  # everything there is over
                    if number < 2:
                        await store.save(f"r{number}", {"turn": turn}, ttl=1e6)
                        assert await store.load(f"r{number}") == {"turn": turn}
                        await store.save(f"r{number}", {}, ttl=5)
                    else:
                        await store.load("r0")
                        await store.load("r1")
                        await store.save(f"other-{number}", {}, ttl=5)

        asyncio.run(revive_and_load())

    at_once(4, work)


def test_busy_database_is_waited_for_and_then_named(tmp_path: Path) -> None:
    async def check() -> None:
        async with SQLiteStore(tmp_path / "records.db", timeout=0.05) as store:
            await store.save("a", {"n": 1})
            other = sqlite3.connect(tmp_path / "records.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="database is locked") as caught:
                await store.save("a", {"n": 2})
            assert caught.value.key == str(tmp_path / "records.db")
            assert await store.load("a") == {"n": 1}
            other.execute("COMMIT")
            other.close()
            await store.save("a", {"n": 3})
            assert await store.load("a") == {"n": 3}

    asyncio.run(check())


def test_busy_database_keeps_no_reader_and_no_thread(tmp_path: Path) -> None:
    """A save that waits for another process has nothing that a load, or a cancelled save, waits for."""

    async def check() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        async with SQLiteStore(tmp_path / "records.db", timeout=PATIENCE) as store:
            await store.save("a", {"n": 1})
            other = sqlite3.connect(tmp_path / "records.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            saves = [asyncio.create_task(store.save(id, {})) for id in ("b", "c")]
            await asyncio.sleep(0)
            assert await store.load("a") == {"n": 1}
            saves[0].cancel()
            await asyncio.wait([saves[0]])
            other.execute("COMMIT")
            other.close()
            await saves[1]
            assert await store.list() == ["a", "c"]

    asyncio.run(check())


def test_fork_in_the_middle_of_a_call_leaves_no_lock_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteStore(tmp_path / "records.db")
    connect = SQLiteStore._connect

    def work(_: int) -> None:
        with pytest.raises(StorageError, match="make the store after the fork"):
            asyncio.run(store.load("a"))
        asyncio.run(store.close())

    def fork_and_connect(self: SQLiteStore) -> sqlite3.Connection:
        at_once(1, lambda number: ended_in_time(lambda: work(number)))
        return connect(self)

    monkeypatch.setattr(SQLiteStore, "_connect", fork_and_connect)
    asyncio.run(store.save("a", {"n": 1}))
    assert asyncio.run(store.load("a")) == {"n": 1}
    asyncio.run(store.close())


def test_fork_while_an_expired_file_is_removed_leaves_no_lock_behind(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "over")
    ending, opener = os.pipe()
    children = []

    def fork() -> bool:
        children.append(os.fork())
        if children[0] == 0:  # it has every descriptor, for as long as the test goes on
            os.close(opener)
            os.read(ending, 1)
            os._exit(0)
        return True

    assert remove_if(tmp_path / "a", fork)
    directory = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_SH | fcntl.LOCK_NB)  # as a save does, which would wait
    finally:
        os.close(directory)
        os.close(opener)
        os.close(ending)
        os.waitpid(children[0], 0)


def test_connection_is_not_taken_across_a_fork(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "records.db")
    asyncio.run(store.save("a", {"n": 1}))

    def work(_: int) -> None:
        with pytest.raises(StorageError, match="make the store after the fork"):
            asyncio.run(store.load("a"))

    at_once(1, work)
    assert asyncio.run(store.load("a")) == {"n": 1}
    asyncio.run(store.close())


def test_store_that_was_not_used_before_a_fork_is_used_after_it(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "records.db")
    at_once(3, lambda number: asyncio.run(store.save(f"r{number}", {})))
    assert asyncio.run(store.list()) == ["r0", "r1", "r2"]
    asyncio.run(store.close())


def test_expired_file_stays_while_another_may_replace_it(tmp_path: Path) -> None:
    place = FilePlace(tmp_path)

    async def check() -> None:
        store = place.open()
        await store.save("a", {}, ttl=10)
        await place.pass_time(11)
        replacing = os.open(tmp_path, os.O_RDONLY)
        try:
            fcntl.flock(replacing, fcntl.LOCK_SH)
            assert await store.load("a") is None
            assert (tmp_path / "a.json").exists()
        finally:
            os.close(replacing)
        assert await store.load("a") is None
        assert not (tmp_path / "a.json").exists()

    asyncio.run(check())


def test_pipe_in_the_place_of_a_record_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")

    async def check() -> None:
        store = FileStore(tmp_path)
        with pytest.raises(RecordCorruptError, match="it is no regular file") as caught:
            await store.load("a")
        assert caught.value.key == str(tmp_path / "a.json")
        assert await store.list() == ["a"]
        await store.delete("a")
        assert await store.list() == []

    asyncio.run(check())


@pytest.mark.parametrize("kind", STORES)
def test_full_disk_raises_and_keeps_the_old_record(kind: str, tmp_path: Path) -> None:
    """No file may grow beyond a limit, which fails in the middle of a write, as a full disk does."""

    def work(_: int) -> None:
        async def check() -> None:
            async with STORES[kind](tmp_path) as store:
                await store.save("a", {"n": 1})
                await store.save("b", {"n": 1})
                largest = max(path.stat().st_size for path in tmp_path.iterdir())
                limit = largest + 20_000
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                for _ in range(3):
                    with pytest.raises(StorageError) as caught:
                        await store.save("a", {"text": "x" * 200_000})
                    assert str(tmp_path) in str(caught.value)
                    assert await store.load("a") == {"n": 1}
                await store.save("b", {"n": 2})
                assert await store.list() == ["a", "b"]

        asyncio.run(check())

    at_once(1, work)

    async def check() -> None:
        async with STORES[kind](tmp_path) as store:
            assert [await store.load(id) for id in ("a", "b")] == [{"n": 1}, {"n": 2}]

    asyncio.run(check())
    assert list(tmp_path.glob(".anchor-*")) == []
