"""What is particular to records in SQLite."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from anchor_session import RecordCorruptError, StorageError, StoreClosedError
from anchor_session.records import SQLiteStore
from anchor_session.records.stores.sqlite import TABLE
from tests.records.places import SQLitePlace
from tests.support import rows, table


@pytest.fixture
def place(tmp_path: Path) -> SQLitePlace:
    return SQLitePlace(tmp_path / "some" / "records.db")


def sql(place: SQLitePlace, statement: str, *values: Any) -> "list[Any]":
    """What another program would see, or do."""
    connection = sqlite3.connect(place.path)
    with connection:
        rows = connection.execute(statement, values).fetchall()
    connection.close()
    return rows


def test_file_is_made_at_the_first_call(place: SQLitePlace) -> None:
    store = place.open()
    assert not place.path.parent.exists()
    asyncio.run(store.save("a", {}))
    asyncio.run(store.close())
    assert place.path.exists()


def test_file_is_its_owners_alone(place: SQLitePlace) -> None:
    async def check() -> None:
        async with place.open() as store:
            await store.save("a", {})
            modes = {path.name: path.stat().st_mode & 0o777 for path in place.path.parent.iterdir()}
            assert set(modes.values()) == {0o600}

    asyncio.run(check())


@pytest.mark.both
def test_closed_store_leaves_one_file(place: SQLitePlace) -> None:
    async def check() -> None:
        async with place.open() as store:
            await store.save("a", {})

    asyncio.run(check())
    assert [path.name for path in place.path.parent.iterdir()] == ["records.db"]


def test_other_tables_are_left_alone(place: SQLitePlace) -> None:
    place.path.parent.mkdir()
    sql(place, "CREATE TABLE records (id, data)")
    sql(place, "INSERT INTO records VALUES ('a', 'mine')")

    async def check() -> None:
        async with place.open() as store:
            await store.save("a", {})
            assert await store.list() == ["a"]
            await store.delete("a")

    asyncio.run(check())
    assert sql(place, "SELECT * FROM records") == [("a", "mine")]


def test_record_is_over_at_the_moment_of_its_expiry(place: SQLitePlace) -> None:
    async def check() -> None:
        async with place.open() as store:
            await store.save("a", {}, ttl=10)
            await place.pass_time(10 - 2**-10)
            assert await store.load("a") == {}
            await place.pass_time(2**-10)
            assert await store.load("a") is None
            assert await store.list() == []

    asyncio.run(check())


def test_saves_sweep_once_an_interval(place: SQLitePlace) -> None:
    async def check() -> None:
        async with SQLiteStore(place.path, cleanup_interval=20, clock=place.now) as store:
            await store.save("kept", {})
            for n in range(10):
                await store.save(f"r{n}", {}, ttl=5)
            await place.pass_time(19)
            await store.save("kept", {})
            assert sql(place, f"SELECT count(*) FROM {TABLE}") == [(11,)]
            await place.pass_time(1)
            await store.save("kept", {})
            assert sql(place, f"SELECT id FROM {TABLE}") == [("kept",)]

    asyncio.run(check())


@rows("interval", [0, -1])
def test_cleanup_interval_has_to_be_above_zero(tmp_path: Path, interval: float) -> None:
    with pytest.raises(ValueError, match="cleanup_interval is seconds above zero"):
        SQLiteStore(tmp_path / "x.db", cleanup_interval=interval)


def test_name_of_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match=r"MemoryStore\(\) keeps records in memory"):
        SQLiteStore(":memory:")


def test_data_that_something_else_wrote_raises(place: SQLitePlace) -> None:
    async def check() -> None:
        async with place.open() as store:
            await store.save("a", {})
            with table() as row:
                for data in (b"\xff", b"{", "[1]", 1, 1.5):
                    with row(data):
                        if isinstance(data, bytes):
                            sql(place, f"UPDATE {TABLE} SET data = CAST(? AS BLOB)", data)
                        else:  # in a table that takes anything
                            sql(place, f"DROP TABLE {TABLE}")
                            sql(place, f"CREATE TABLE {TABLE} (id, data, expires_at)")
                            sql(place, f"INSERT INTO {TABLE} VALUES ('a', ?, NULL)", data)
                        with pytest.raises(RecordCorruptError) as caught:
                            await store.load("a")
                        assert caught.value.key == f"{place.path}: a"
                        assert await store.list() == ["a"]

    asyncio.run(check())


def test_ids_that_something_else_wrote_are_not_listed(place: SQLitePlace) -> None:
    async def check() -> None:
        async with place.open() as store:
            await store.save("a", {})
            for id in ("../x", b"\xff", 5, None, ""):
                sql(place, f"INSERT INTO {TABLE} VALUES (?, '{{}}', NULL)", id)
            assert await store.list() == ["5", "a"]

    asyncio.run(check())


@pytest.mark.both
def test_file_that_is_no_database_raises_and_stays(place: SQLitePlace) -> None:
    place.path.parent.mkdir()
    place.path.write_text("mine " * 1000)

    async def check() -> None:
        async with place.open() as store:
            for call in (store.load("a"), store.save("a", {}), store.delete("a"), store.list()):
                with pytest.raises(StorageError, match="not a database") as caught:
                    await call
                assert caught.value.key == str(place.path)

    asyncio.run(check())
    assert place.path.read_text() == "mine " * 1000


def test_table_of_another_shape_raises(place: SQLitePlace) -> None:
    place.path.parent.mkdir()
    sql(place, f"CREATE TABLE {TABLE} (id, expires_at)")

    async def check() -> None:
        async with place.open() as store:
            with pytest.raises(StorageError, match="no such column"):
                await store.load("a")

    asyncio.run(check())


def test_directory_in_the_place_of_the_file_raises(place: SQLitePlace) -> None:
    place.path.mkdir(parents=True)

    async def check() -> None:
        async with place.open() as store:
            with pytest.raises(StorageError, match="unable to open"):
                await store.load("a")

    asyncio.run(check())


def test_file_in_the_place_of_the_directory_raises(place: SQLitePlace) -> None:
    place.path.parent.write_text("mine")

    async def check() -> None:
        async with place.open() as store:
            with pytest.raises(StorageError):
                await store.save("a", {})

    asyncio.run(check())


def test_store_that_never_was_used_may_be_closed(place: SQLitePlace) -> None:
    asyncio.run(place.open().close())
    assert not place.path.exists()


@pytest.mark.both
def test_store_is_used_in_several_loops(place: SQLitePlace) -> None:
    store = place.open()
    asyncio.run(store.save("a", {"n": 1}))
    assert asyncio.run(store.load("a")) == {"n": 1}
    asyncio.run(store.close())


def test_call_that_the_closing_overtook_says_so(place: SQLitePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {})
        found = await asyncio.gather(
            *(store.save("a", {"n": n}) for n in range(20)), store.close(), return_exceptions=True
        )
        assert found[-1] is None
        assert {type(each) for each in found[:-1]} <= {type(None), StoreClosedError}

    asyncio.run(check())


def test_call_that_was_waiting_when_the_store_closed_opens_nothing(place: SQLitePlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {})
        await store.close()
        with pytest.raises(StoreClosedError, match="closed meanwhile"):
            await store._execute("SELECT 1")  # what such a call does
        assert store._connection is None

    asyncio.run(check())
