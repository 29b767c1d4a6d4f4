"""What is particular to records in memory."""

import asyncio
import math
from datetime import timedelta
from typing import Any

import pytest

from anchor_session.records import InMemoryStorage, MemoryStore
from tests.records.places import MemoryPlace
from tests.support import rows


@pytest.fixture
def place() -> MemoryPlace:
    return MemoryPlace()


@rows("interval", [0, -1, 0.0, -math.inf, math.nan, timedelta(0), timedelta(seconds=-1)])
def test_cleanup_interval_has_to_be_above_zero(interval: Any) -> None:
    with pytest.raises(ValueError, match="cleanup_interval is seconds above zero, or a timedelta"):
        MemoryStore(interval)


@rows("interval", [True, "60", None, [60]])
def test_cleanup_interval_has_to_be_a_time(interval: Any) -> None:
    with pytest.raises(TypeError, match="cleanup_interval is seconds or a timedelta, not"):
        MemoryStore(cleanup_interval=interval)


def test_seed_calls_it_in_memory_storage() -> None:
    assert InMemoryStorage is MemoryStore


def test_store_without_a_loop_is_used_in_several() -> None:
    store = MemoryStore()
    asyncio.run(store.save("a", {"n": 1}))
    assert asyncio.run(store.load("a")) == {"n": 1}


def test_record_is_over_at_the_moment_of_its_expiry(place: MemoryPlace) -> None:
    async def check() -> None:
        store = place.open()
        await store.save("a", {}, ttl=10)
        await place.pass_time(10 - 2**-10)
        assert await store.load("a") == {}
        await place.pass_time(2**-10)
        assert await store.load("a") is None

    asyncio.run(check())


async def filled(place: MemoryPlace, **options: Any) -> MemoryStore:
    store = MemoryStore(clock=place.now, **options)
    for n in range(10):
        await store.save(f"r{n}", {}, ttl=5)
    await store.save("kept", {})
    return store


def test_expired_record_is_dropped_when_it_is_asked_for(place: MemoryPlace) -> None:
    async def check() -> None:
        store = await filled(place)
        await place.pass_time(6)
        assert await store.load("r3") is None
        assert len(store._records) == 10

    asyncio.run(check())


def test_cleanup_interval_may_be_a_timedelta_of_days(place: MemoryPlace) -> None:
    async def check() -> None:
        store = await filled(place, cleanup_interval=timedelta(days=2, seconds=1))
        for seconds, kept in ((2 * 86_400, 11), (1, 1)):
            await place.pass_time(seconds)
            await store.load("kept")
            assert len(store._records) == kept

    asyncio.run(check())


@rows("call", ["load", "save", "delete"])
def test_any_call_sweeps_after_the_interval(place: MemoryPlace, call: str) -> None:
    async def check() -> None:
        store = await filled(place, cleanup_interval=20)
        await place.pass_time(19)
        await store.load("kept")
        assert len(store._records) == 11
        await place.pass_time(1)
        calls = {
            "load": store.load("kept"),
            "save": store.save("kept", {}),
            "delete": store.delete("other"),
        }
        await calls.pop(call)
        for other in calls.values():
            other.close()
        assert len(store._records) == 1

    asyncio.run(check())


def test_sweeping_is_done_once_an_interval(place: MemoryPlace) -> None:
    async def check() -> None:
        store = await filled(place, cleanup_interval=20)
        await place.pass_time(20)
        await store.load("kept")
        await store.save("late", {}, ttl=1)
        await place.pass_time(19)
        await store.load("kept")
        assert len(store._records) == 2
        await place.pass_time(1)
        await store.load("kept")
        assert len(store._records) == 1

    asyncio.run(check())


def test_clock_that_is_put_back_stops_no_sweeping(place: MemoryPlace) -> None:
    async def check() -> None:
        store = await filled(place, cleanup_interval=20)
        await place.pass_time(-1_000_000)
        await store.load("kept")
        await store.save("late", {}, ttl=1)
        await place.pass_time(20)
        await store.load("kept")
        assert len(store._records) == 11  # what was saved before is far from its end by now

    asyncio.run(check())


def test_closed_store_holds_nothing(place: MemoryPlace) -> None:
    async def check() -> None:
        store = await filled(place)
        await store.close()
        assert len(store._records) == 0

    asyncio.run(check())


def test_store_closes_itself_at_the_end_of_a_block(place: MemoryPlace) -> None:
    async def check() -> None:
        async with place.open() as store:
            await store.save("a", {})
        assert len(store._records) == 0

    asyncio.run(check())


def test_empty_store_is_true() -> None:
    assert MemoryStore(), "`store or another` would take the other one"
