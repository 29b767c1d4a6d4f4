"""Stores, sessions and managers of a user's own, which derive from nothing of ours."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from anchor_session import SessionIdError
from anchor_session.records import (
    SERVICE_SESSION_MANAGER,
    SERVICE_SESSION_STORAGE,
    MemoryStore,
    Session,
    SessionManager,
    session_manager_from,
    session_storage_from,
)
from tests.support import rows


class OwnStore:
    """The three calls, over a dict that it neither copies nor checks."""

    def __init__(self) -> None:
        self.records: dict[str, Any] = {}

    async def load(self, id: str) -> Any:
        return self.records.get(id)

    async def save(self, id: str, data: Any, ttl: Any = None) -> None:
        self.records[id] = data

    async def delete(self, id: str) -> None:
        self.records.pop(id, None)


class Listing(OwnStore):
    async def list(self) -> Any: ...


class Closing(Listing):
    is_closed = False

    async def close(self) -> None:
        self.is_closed = True


class HandingOn:
    """Plain functions that hand on the coroutines of another store."""

    def __init__(self) -> None:
        self.other = MemoryStore()

    def load(self, id: str) -> "Awaitable[Any]":
        return self.other.load(id)

    def save(self, id: str, data: Any, ttl: Any = None) -> "Awaitable[None]":
        return self.other.save(id, data, ttl)

    def delete(self, id: str) -> "Awaitable[None]":
        return self.other.delete(id)


class OwnSession:
    def __init__(self, id: str, **values: Any) -> None:
        self.id = id
        self.values = values
        self.is_modified = True
        self.is_cleared = False

    def all(self) -> "dict[str, Any]":
        return self.values


class OwnManager:
    async def session(self, id: str) -> Any: ...
    async def new_session(self) -> Any: ...
    async def save_session(self, session: Any) -> None: ...
    async def delete_session(self, id: str) -> None: ...
    async def close(self) -> None: ...


Check = Callable[[SessionManager], Awaitable[None]]


def run(store: Any, check: Check) -> None:
    async def checked() -> None:
        await check(SessionManager(store))

    asyncio.run(checked())


# -- stores ---------------------------------------------------------------------------------------


@rows("make", [OwnStore, Listing, Closing, HandingOn])
def test_three_calls_are_enough_for_a_manager(make: "Callable[[], Any]") -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        session["n"] = 1
        await manager.save_session(session)
        found = await manager.session(session.id)
        assert found is not None
        assert found.all() == {"n": 1}
        found.clear()
        await manager.save_session(found)
        assert await manager.session(session.id) is None
        await manager.delete_session(session.id)
        await manager.close()

    run(make(), check)


@rows("make", [OwnStore, Listing, HandingOn])
def test_three_calls_are_enough_for_a_container(make: "Callable[[], Any]") -> None:
    store = make()
    found: Any = session_storage_from({SERVICE_SESSION_STORAGE: store})
    assert found is store


def test_store_that_can_be_closed_is_closed() -> None:
    async def check(manager: SessionManager) -> None:
        await manager.close()

    store = Closing()
    run(store, check)
    assert store.is_closed


def test_nothing_is_stored_before_it_is_saved_where_a_store_does_not_copy() -> None:
    async def check(manager: SessionManager) -> None:
        session = await manager.new_session()
        session["list"] = [1]
        await manager.save_session(session)
        session["list"].append(2)
        session["n"] = 1
        one, two = await manager.session(session.id), await manager.session(session.id)
        assert one is not None
        assert two is not None
        one["list"].append(3)
        assert two.all() == {"list": [1]}
        assert store.records == {session.id: {"list": [1]}}

    store = OwnStore()
    run(store, check)


@rows("lacking", ["load", "save", "delete"])
def test_store_that_lacks_one_of_the_three_is_refused(lacking: str) -> None:
    store = Closing()
    setattr(store, lacking, None)
    with pytest.raises(TypeError, match=f"not Closing, which has no {lacking}$"):
        SessionManager(store)


Act = Callable[[SessionManager], Awaitable[Any]]
PLAIN: "list[tuple[str, Callable[..., Any], Act]]" = [
    ("load", lambda id: {}, lambda manager: manager.session("a")),
    ("save", lambda *given: None, lambda manager: manager.save_session(OwnSession("a"))),
    ("delete", lambda id: None, lambda manager: manager.delete_session("a")),
    ("close", lambda: None, lambda manager: manager.close()),
]


@rows(("name", "plain", "act"), PLAIN)
def test_plain_function_in_a_store_is_named_with_its_remedy(
    name: str, plain: "Callable[..., Any]", act: Act
) -> None:
    async def check(manager: SessionManager) -> None:
        told = (
            rf"OwnStore\.{name} gave \w+, which cannot be awaited; write it as `async def {name}`"
        )
        with pytest.raises(TypeError, match=told):
            await act(manager)

    store = OwnStore()
    setattr(store, name, plain)
    run(store, check)


@rows("given", ["{}", [1], 1])
def test_store_that_gives_no_record_is_named(given: Any) -> None:
    async def check(manager: SessionManager) -> None:
        kind = type(given).__name__
        with pytest.raises(TypeError, match=rf"OwnStore\.load gave {kind}; it has to give a dict"):
            await manager.session("a")

    store = OwnStore()
    store.records["a"] = given
    run(store, check)


# -- sessions -------------------------------------------------------------------------------------


@rows("make", [MemoryStore, OwnStore])
def test_own_session_is_saved(make: "Callable[[], Any]") -> None:
    async def check(manager: SessionManager) -> None:
        own = OwnSession("a", list=[1])
        await manager.save_session(own)
        found = await manager.session("a")
        assert found is not None
        assert found.all() == {"list": [1]}

    run(make(), check)


def test_own_session_that_is_not_modified_is_not_saved() -> None:
    async def check(manager: SessionManager) -> None:
        own = OwnSession("a", n=1)
        own.is_modified = False
        await manager.save_session(own)
        assert await manager.session("a") is None

    run(MemoryStore(), check)


def test_own_session_that_is_cleared_is_deleted() -> None:
    async def check(manager: SessionManager) -> None:
        own = OwnSession("a", n=1)
        await manager.save_session(own)
        own.is_cleared = True
        await manager.save_session(own)
        assert await manager.session("a") is None

    run(MemoryStore(), check)


@rows("lacking", ["id", "is_modified", "is_cleared", "all"])
def test_own_session_that_lacks_something_is_refused(lacking: str) -> None:
    async def check(manager: SessionManager) -> None:
        own: Any = OwnSession("a", n=1)
        setattr(own, lacking, None)
        with pytest.raises(TypeError, match=f"not OwnSession, which has no {lacking}$"):
            await manager.save_session(own)
        assert await manager.session("a") is None

    run(MemoryStore(), check)


@rows("name", ["id", "is_modified", "is_cleared"])
def test_method_in_place_of_a_property_is_named(name: str) -> None:
    """As a condition it would always be true: everything would be deleted."""

    async def check(manager: SessionManager) -> None:
        own: Any = OwnSession("a", n=1)
        setattr(own, name, lambda: False)
        told = rf"OwnSession\.{name} is a method; make it a property"
        with pytest.raises(TypeError, match=told):
            await manager.save_session(own)

    run(MemoryStore(), check)


@rows("session", [OwnSession("../x", n=1), Session("../x", {})])
def test_malformed_id_of_a_session_does_not_reach_a_store(session: Any) -> None:
    async def check(manager: SessionManager) -> None:
        with pytest.raises(SessionIdError):
            await manager.save_session(session)
        assert store.records == {}

    store = OwnStore()
    run(store, check)


# -- managers -------------------------------------------------------------------------------------


def test_own_manager_is_found_in_a_container() -> None:
    own: Any = OwnManager()
    assert session_manager_from({SERVICE_SESSION_MANAGER: own}) is own
