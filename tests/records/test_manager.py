"""The manager: which sessions it finds, makes, saves and deletes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from anchor_session import (
    RecordCorruptError,
    SessionIdError,
    StorageWarning,
    StoreClosedError,
    UnstorableValueError,
)
from anchor_session.records import MemoryStore, Session, SessionManager
from anchor_session.testing.store_contract import HOSTILE_IDS
from tests.records.places import MemoryPlace
from tests.support import rows


class Spy(MemoryStore):
    """A store that notes what it is asked for."""

    def __init__(self, place: MemoryPlace) -> None:
        super().__init__(clock=place.now)
        self.calls: list[str] = []

    async def load(self, id: str) -> "dict[str, Any] | None":
        self.calls.append("load")
        return await super().load(id)

    async def save(self, id: str, data: "dict[str, Any]", ttl: Any = None) -> None:
        self.calls.append("save")
        await super().save(id, data, ttl)

    async def delete(self, id: str) -> None:
        self.calls.append("delete")
        await super().delete(id)


@pytest.fixture
def place() -> MemoryPlace:
    return MemoryPlace()


@pytest.fixture
def store(place: MemoryPlace) -> Spy:
    return Spy(place)


Check = Callable[[SessionManager], Awaitable[None]]


def run(store: Spy, check: Check, ttl: Any = 0) -> None:
    async def checked() -> None:
        await check(SessionManager(store, ttl))

    asyncio.run(checked())


# -- finding --------------------------------------------------------------------------------------


def test_stored_session_is_found(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {"n": 1})
        session = await manager.session("a")
        assert session is not None
        assert (session.id, session.all(), session.is_modified) == ("a", {"n": 1}, False)

    run(store, check)


@rows("id", ["unknown", *HOSTILE_IDS])
def test_any_other_id_gives_none(store: Spy, id: Any) -> None:
    async def check(manager: SessionManager) -> None:
        assert await manager.session(id) is None

    run(store, check)


def test_malformed_id_does_not_reach_the_store(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await manager.session("../x")
        assert store.calls == []

    run(store, check)


def test_two_loads_of_one_id_are_two_sessions(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {"list": [1]})
        one, two = await manager.session("a"), await manager.session("a")
        assert one is not None
        assert two is not None
        one["list"].append(2)
        assert two.all() == {"list": [1]}

    run(store, check)


def test_empty_record_is_a_session(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {})
        assert await manager.session("a")

    run(store, check)


def test_unreadable_record_raises(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        store._records["a"] = "not a record", None
        with pytest.raises(RecordCorruptError):
            await manager.session("a")

    run(store, check)


# -- making ---------------------------------------------------------------------------------------


def test_new_id_is_32_lowercase_hex_digits(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        ids = {(await manager.new_session()).id for _ in range(100)}
        assert len(ids) == 100
        assert all(len(id) == 32 and set(id) <= set("0123456789abcdef") for id in ids)

    run(store, check)


def test_new_session_is_not_stored(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        await manager.save_session(session)
        assert await store.list() == []
        session["n"] = 1
        assert await store.list() == []
        await manager.save_session(session)
        assert await store.load(session.id) == {"n": 1}

    run(store, check)


def test_id_that_is_taken_is_not_given_out(store: Spy) -> None:
    async def check(_: SessionManager) -> None:
        taken, unreadable, free = (bytes([n]) * 16 for n in range(3))
        await store.save(taken.hex(), {})
        store._records[unreadable.hex()] = "not a record", None
        source = iter([taken, unreadable, taken, free])
        manager = SessionManager(store, random_bytes=lambda _: next(source))
        assert (await manager.new_session()).id == free.hex()

    run(store, check)


def test_source_that_gives_taken_ids_alone_is_tried_128_times(store: Spy) -> None:
    async def check(_: SessionManager) -> None:
        await store.save("00" * 16, {})
        asked: list[int] = []

        def zeros(size: int) -> bytes:
            asked.append(size)
            return bytes(size)

        with pytest.raises(SessionIdError, match="no free id in 128 tries"):
            await SessionManager(store, random_bytes=zeros).new_session()
        assert asked == [16] * 128

    run(store, check)


# -- saving ---------------------------------------------------------------------------------------


def test_unmodified_session_is_not_saved(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {"n": 1})
        session = await manager.session("a")
        assert session is not None
        store.calls.clear()
        await manager.save_session(session)
        assert store.calls == []

    run(store, check)


def test_unmodified_session_lives_no_longer(store: Spy, place: MemoryPlace) -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        session["n"] = 1
        await manager.save_session(session)
        await place.pass_time(60)
        again = await manager.session(session.id)
        assert again is not None
        await manager.save_session(again)
        await place.pass_time(41)
        assert await manager.session(session.id) is None

    run(store, check, ttl=100)


def test_modified_session_lives_on_with_each_save(store: Spy, place: MemoryPlace) -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        session["n"] = 1
        for _ in range(3):
            await manager.save_session(session)
            await place.pass_time(60)
        assert session.is_modified
        assert await manager.session(session.id) is not None
        await place.pass_time(41)
        assert await manager.session(session.id) is None

    run(store, check, ttl=100)


def test_change_inside_a_value_is_saved(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {"cart": {"lines": []}})
        session = await manager.session("a")
        assert session is not None
        session["cart"]["lines"].append("A1")
        await manager.save_session(session)
        assert await store.load("a") == {"cart": {"lines": ["A1"]}}

    run(store, check)


def test_cleared_session_is_deleted(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {"n": 1})
        session = await manager.session("a")
        assert session is not None
        session.clear()
        await manager.save_session(session)
        assert await store.list() == []

    run(store, check)


def test_cleared_new_session_is_no_error(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        session.clear()
        await manager.save_session(session)
        assert await store.list() == []

    run(store, check)


def test_revived_session_is_saved_with_the_new_keys_alone(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {"n": 1, "m": 1})
        session = await manager.session("a")
        assert session is not None
        session.clear()
        session["n"] = 2
        await manager.save_session(session)
        assert await store.load("a") == {"n": 2}

    run(store, check)


def test_session_that_lost_its_last_key_is_kept_empty(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {"n": 1})
        session = await manager.session("a")
        assert session is not None
        session.delete("n")
        await manager.save_session(session)
        assert await store.load("a") == {}

    run(store, check)


def test_unstorable_value_leaves_the_old_record(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {"n": 1})
        session = await manager.session("a")
        assert session is not None
        session["user"] = {"name": object()}
        with pytest.raises(UnstorableValueError) as caught:
            await manager.save_session(session)
        assert caught.value.path == "$.user.name"
        assert await store.load("a") == {"n": 1}

    run(store, check)


def test_value_that_holds_itself_is_unstorable(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        session["cart"] = {}
        session["cart"]["self"] = session["cart"]
        with pytest.raises(UnstorableValueError):
            await manager.save_session(session)
        assert await store.list() == []

    run(store, check)


def test_session_goes_on_after_it_was_saved(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        session["list"] = [1]
        await manager.save_session(session)
        session["list"].append(2)
        assert await store.load(session.id) == {"list": [1]}
        await manager.save_session(session)
        assert await store.load(session.id) == {"list": [1, 2]}

    run(store, check)


@rows(
    ("what", "told"),
    [
        (None, r"not None, .*; take `await manager\.new_session\(\)` then"),
        ({}, "not dict, which has no id, is_modified, is_cleared, all"),
        ("a", "not str, which has no id"),
        (Session, "not the class Session, which has no id"),
    ],
)
def test_what_is_no_session_cannot_be_saved(store: Spy, what: Any, told: str) -> None:
    async def check(manager: SessionManager) -> None:
        with pytest.raises(TypeError, match=f"save_session takes a Session, {told}"):
            await manager.save_session(what)
        assert store.calls == []

    run(store, check)


def test_session_that_was_not_awaited_says_so(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        forgotten: Any = manager.new_session()
        with pytest.raises(TypeError, match=r"write `await` before SessionManager\.new_session\("):
            await manager.save_session(forgotten)
        forgotten.close()

    run(store, check)


def test_last_save_wins_whole(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {"n": 0})
        one, two = await manager.session("a"), await manager.session("a")
        assert one is not None
        assert two is not None
        one["one"] = 1
        two["two"] = 2
        await manager.save_session(one)
        await manager.save_session(two)
        assert await store.load("a") == {"n": 0, "two": 2}

    run(store, check)


@rows("ttl", [None, 0, timedelta(0)])
def test_session_without_a_ttl_lives_for_ever(store: Spy, place: MemoryPlace, ttl: Any) -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        session["n"] = 1
        await manager.save_session(session)
        await place.pass_time(1e9)
        assert await manager.session(session.id) is not None

    run(store, check, ttl)


def test_ttl_may_be_a_timedelta_of_days(store: Spy, place: MemoryPlace) -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        session["n"] = 1
        await manager.save_session(session)
        await place.pass_time(2 * 86_400)
        assert await manager.session(session.id) is not None
        await place.pass_time(86_401)
        assert await manager.session(session.id) is None

    run(store, check, timedelta(days=3))


# -- deleting and closing -------------------------------------------------------------------------


def test_deleted_session_is_gone(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await store.save("a", {})
        await manager.delete_session("a")
        await manager.delete_session("a")
        assert await manager.session("a") is None

    run(store, check)


@rows("id", HOSTILE_IDS)
def test_deleting_a_malformed_id_raises(store: Spy, id: Any) -> None:
    async def check(manager: SessionManager) -> None:
        with pytest.raises(SessionIdError):
            await manager.delete_session(id)
        assert store.calls == []

    run(store, check)


def test_closing_the_manager_closes_the_store(store: Spy) -> None:
    async def check(manager: SessionManager) -> None:
        await manager.close()
        await manager.close()
        with pytest.raises(StoreClosedError):
            await manager.session("a")
        with pytest.raises(StoreClosedError):
            await manager.new_session()
        with pytest.raises(StoreClosedError):
            await store.list()

    run(store, check)


# -- what it is made of ---------------------------------------------------------------------------


@rows("what", [None, {}, "memory", MemoryStore])
def test_manager_needs_a_store(what: Any) -> None:
    with pytest.raises(TypeError, match=r"a manager needs a store, such as MemoryStore\(\), not"):
        SessionManager(what)


def test_class_of_a_store_is_named_as_such() -> None:
    with pytest.raises(TypeError, match="not the class MemoryStore, which has no load"):
        SessionManager(MemoryStore)  # type: ignore[arg-type]


@rows("ttl", ["10", [1], True, float("nan"), -1, -0.5, timedelta(seconds=-1)])
def test_ttl_that_is_no_time_is_refused_at_once(store: Spy, ttl: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="ttl is"):
        SessionManager(store, ttl)


def test_manager_without_a_store_says_what_is_missing() -> None:
    with pytest.raises(TypeError, match=r"SessionManager\.__init__.*'store'"):
        SessionManager()  # type: ignore[call-arg]


def test_ttl_of_a_century_is_asked_about() -> None:
    with pytest.warns(StorageWarning, match=r"write 1800 for as many nanoseconds, or None"):
        SessionManager(MemoryStore(), ttl=30 * 60 * 10**9)
