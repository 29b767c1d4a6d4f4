"""The examples and caveats of melody's SESSION, in its order, as a program in Python has them."""

import asyncio
import re
import warnings
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from anchor_session import ServiceError
from anchor_session.records import (
    SERVICE_SESSION_MANAGER,
    SERVICE_SESSION_STORAGE,
    InMemoryStorage,
    MemoryStore,
    Session,
    SessionManager,
    session_manager_from,
    session_storage_from,
)
from tests.support import rows


class OwnStorage:
    """The contract `Storage`, over a dict; notes what it is asked for."""

    def __init__(self) -> None:
        self.records: dict[str, Any] = {}
        self.calls: list[str] = []

    async def load(self, session_id: str) -> "dict[str, Any] | None":
        self.calls.append("load")
        return self.records.get(session_id)

    async def save(self, session_id: str, data: "dict[str, Any]", ttl: Any = None) -> None:
        self.calls.append("save")
        self.records[session_id] = data

    async def delete(self, session_id: str) -> None:
        self.calls.append("delete")
        self.records.pop(session_id, None)


class OwnSession:
    """The contract `Session`."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.values: dict[str, Any] = {}
        self.is_modified = False
        self.is_cleared = False

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def set(self, key: str, value: Any) -> None:
        self.values[key] = value
        self.is_modified = True

    def clear(self) -> None:
        self.values = {}
        self.is_modified = self.is_cleared = True

    def all(self) -> "dict[str, Any]":
        return dict(self.values)


class OwnManager:
    """The contract `Manager`, around another one."""

    def __init__(self) -> None:
        self.manager = SessionManager(OwnStorage())

    async def session(self, session_id: str) -> "Session | None":
        return await self.manager.session(session_id)

    async def new_session(self) -> Session:
        return await self.manager.new_session()

    async def save_session(self, session: Any) -> None:
        await self.manager.save_session(session)

    async def delete_session(self, session_id: str) -> None:
        await self.manager.delete_session(session_id)

    async def close(self) -> None:
        await self.manager.close()


async def saved(manager: Any, **values: Any) -> str:
    """The id of a session that is stored with these values."""
    session = await manager.new_session()
    for key, value in values.items():
        session.set(key, value)
    await manager.save_session(session)
    return str(session.id)


def run(check: "Callable[[], Awaitable[None]]") -> None:
    async def checked() -> None:
        await check()

    asyncio.run(checked())


# -- Responsibilities ---------------------------------------------------------------------------------


def test_manager_creates_and_loads_sessions() -> None:
    """Responsibilities."""

    async def check() -> None:
        manager = SessionManager(InMemoryStorage())
        session = await manager.new_session()
        assert re.fullmatch("[0-9a-f]{32}", session.id)
        assert await manager.session(session.id) is None
        session.set("userId", "u-123")
        await manager.save_session(session)
        found = await manager.session(session.id)
        assert found is not None
        assert found.all() == {"userId": "u-123"}

    run(check)


# -- Container integration ----------------------------------------------------------------------------


def test_services_have_the_names_of_the_document() -> None:
    """Container integration."""
    assert SERVICE_SESSION_MANAGER == "service.session.manager"
    assert SERVICE_SESSION_STORAGE == "service.session.storage"


class Container:
    def __init__(self, services: "Mapping[str, Any]") -> None:
        self.services = services

    def get(self, name: str) -> Any:
        return self.services[name]


class Resolver:
    def __init__(self, services: "Mapping[str, Any]") -> None:
        self.services = services

    def resolve(self, name: str) -> Any:
        return self.services[name]


def function(services: "Mapping[str, Any]") -> "Callable[[str], Any]":
    return lambda name: services[name]


CONTAINERS: "list[Callable[[dict[str, Any]], Any]]" = [dict, Container, Resolver, function]


@rows("container", CONTAINERS)
def test_manager_and_storage_are_resolved_from_containers(
    container: "Callable[[dict[str, Any]], Any]",
) -> None:
    """Container integration, resolution helpers."""
    storage = InMemoryStorage()
    manager = SessionManager(storage)
    services = container({SERVICE_SESSION_MANAGER: manager, SERVICE_SESSION_STORAGE: storage})
    assert session_manager_from(services) is manager
    assert session_storage_from(services) is storage


@rows("container", CONTAINERS)
@rows(
    ("find", "name"),
    [
        (session_manager_from, SERVICE_SESSION_MANAGER),
        (session_storage_from, SERVICE_SESSION_STORAGE),
    ],
)
def test_service_that_is_missing_or_wrong_is_named(
    container: "Callable[[dict[str, Any]], Any]", find: "Callable[[Any], Any]", name: str
) -> None:
    """Container integration, resolution helpers: where Go panics."""
    for services, told in (
        ({}, f"has no '{name}'"),
        ({name: None}, f"has no '{name}'"),
        ({name: "x"}, f"'{name}' is str, which has no"),
    ):
        with pytest.raises(ServiceError, match=told):
            find(container(services))


# -- Usage --------------------------------------------------------------------------------------------


async def update_session(service_container: Any, session_id: str) -> None:
    manager = session_manager_from(service_container)

    session_instance = await manager.session(session_id)
    if session_instance is None:
        session_instance = await manager.new_session()

    session_instance.set("userId", "u-123")

    await manager.save_session(session_instance)


@rows("make", [lambda: SessionManager(InMemoryStorage()), OwnManager])
def test_session_is_updated_through_the_container(make: "Callable[[], Any]") -> None:
    """Usage: of a session that is stored."""

    async def check() -> None:
        manager = make()
        id = await saved(manager, lang="en")
        await update_session({SERVICE_SESSION_MANAGER: manager}, id)
        found = await manager.session(id)
        assert found.all() == {"lang": "en", "userId": "u-123"}

    run(check)


@rows("id", ["", "unknown", "../../etc/passwd"])
def test_session_is_made_where_there_is_none(id: str) -> None:
    """Usage: of an id that nobody knows."""

    async def check() -> None:
        storage = InMemoryStorage()
        await update_session({SERVICE_SESSION_MANAGER: SessionManager(storage)}, id)
        (made,) = await storage.list()
        assert made != id
        assert await storage.load(made) == {"userId": "u-123"}

    run(check)


def test_forgotten_await_fails_at_the_next_statement() -> None:
    """Usage: what Go has not."""
    manager = SessionManager(InMemoryStorage())
    forgotten: Any = manager.session("x")
    with pytest.raises(AttributeError, match="'coroutine' object has no attribute 'set'"):
        forgotten.set("userId", "u-123")
    with pytest.raises(TypeError, match=r"write `await` before SessionManager\.session\("):
        asyncio.run(manager.save_session(forgotten))
    forgotten.close()


def test_forgotten_await_is_warned_of_by_name() -> None:
    """Usage: what Go has not."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        SessionManager(InMemoryStorage()).session("x")  # type: ignore[unused-coroutine]
    assert "'SessionManager.session' was never awaited" in str(caught[0].message)


# -- Footguns & caveats -------------------------------------------------------------------------------


def test_session_that_is_only_read_is_not_written() -> None:
    """Footguns."""

    async def check() -> None:
        storage = OwnStorage()
        manager = SessionManager(storage)
        session = await manager.session(await saved(manager, n=1))
        assert session is not None
        storage.calls.clear()
        assert [session.get("n"), session.has("n"), session.all()] == [1, True, {"n": 1}]
        assert not session.is_modified
        await manager.save_session(session)
        assert storage.calls == []

    run(check)


def test_cleared_session_is_deleted_when_it_is_saved() -> None:
    """Footguns."""

    async def check() -> None:
        manager = SessionManager(InMemoryStorage())
        id = await saved(manager, n=1)
        session = await manager.session(id)
        assert session is not None
        session.clear()
        assert session.is_cleared
        assert await manager.session(id) is not None
        await manager.save_session(session)
        assert await manager.session(id) is None

    run(check)


def test_all_is_a_copy() -> None:
    """Footguns."""

    async def check() -> None:
        manager = SessionManager(InMemoryStorage())
        id = await saved(manager, n=1, list=[1])
        session = await manager.session(id)
        assert session is not None
        session.all()["n"] = 2
        session.all()["list"].append(2)
        await manager.save_session(session)
        found = await manager.session(id)
        assert found is not None
        assert found.all() == {"n": 1, "list": [1]}

    run(check)


# -- Userland API: contracts --------------------------------------------------------------------------


def test_own_storage_is_enough_for_a_manager() -> None:
    """Contracts, `Storage`."""

    async def check() -> None:
        storage = OwnStorage()
        manager = SessionManager(storage, ttl=timedelta(minutes=30))
        id = await saved(manager, n=1)
        assert storage.records == {id: {"n": 1}}
        await manager.delete_session(id)
        assert await manager.session(id) is None
        await manager.close()

    run(check)


def test_storage_of_plain_functions_is_told_to_be_async() -> None:
    """Contracts, `Storage`: translated without `async`."""

    class Plain:
        def load(self, session_id: str) -> Any:
            return None

        def save(self, session_id: str, data: Any, ttl: Any = None) -> None: ...

        def delete(self, session_id: str) -> None: ...

    async def check() -> None:
        with pytest.raises(TypeError, match=r"Plain\.load gave NoneType, .* `async def load`"):
            await SessionManager(Plain()).session("x")  # type: ignore[arg-type]

    run(check)


def test_own_session_is_saved_and_deleted() -> None:
    """Contracts, `Session`."""

    async def check() -> None:
        manager = SessionManager(InMemoryStorage())
        own = OwnSession("own-1")
        await manager.save_session(own)
        assert await manager.session("own-1") is None
        own.set("userId", "u-123")
        await manager.save_session(own)
        found = await manager.session("own-1")
        assert found is not None
        assert found.string("userId") == "u-123"
        own.clear()
        await manager.save_session(own)
        assert await manager.session("own-1") is None

    run(check)


def test_own_manager_is_resolved() -> None:
    """Contracts, `Manager`."""
    own: Any = OwnManager()
    assert session_manager_from({SERVICE_SESSION_MANAGER: own}) is own


def test_manager_that_lacks_methods_is_named() -> None:
    """Contracts, `Manager`."""
    with pytest.raises(ServiceError, match=r"'service\.session\.manager' is MemoryStore, which"):
        session_manager_from({SERVICE_SESSION_MANAGER: InMemoryStorage()})


# -- Types --------------------------------------------------------------------------------------------


def test_session_has_what_its_contract_says() -> None:
    """Types, `Session`."""
    session = Session("s-1", {"name": "Ada", "n": 1})
    assert session.id == "s-1"
    assert (session.get("n"), session.get("x")) == (1, None)
    assert (session.string("name"), session.string("n"), session.string("x")) == ("Ada", "", "")
    assert (session.has("n"), session.has("x")) == (True, False)
    assert not session.is_modified
    session.delete("n")
    assert session.all() == {"name": "Ada"}
    assert (session.is_modified, session.is_cleared) == (True, False)
    session.clear()
    assert (session.all(), session.is_cleared) == ({}, True)
    session.set("n", 2)
    assert (session.all(), session.is_cleared) == ({"n": 2}, False)


@rows("what", [None, {}, OwnStorage])
def test_manager_without_a_storage_says_what_to_pass(what: Any) -> None:
    """Types, `Manager`: where Go panics."""
    with pytest.raises(TypeError, match=r"a manager needs a store, such as MemoryStore\(\), not"):
        SessionManager(what)


def test_saving_no_session_says_what_to_pass() -> None:
    """Types, `Manager`: where Go gives an error."""
    nothing: Any = None
    with pytest.raises(TypeError, match=r"not None, .* `await manager\.new_session\(\)`"):
        asyncio.run(SessionManager(InMemoryStorage()).save_session(nothing))


# -- Constructors -------------------------------------------------------------------------------------


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@rows("ttl", [1800, 1800.0, timedelta(minutes=30)])
def test_session_lives_its_ttl_from_its_last_save(ttl: Any) -> None:
    """Constructors, `NewManager`."""

    async def check() -> None:
        clock = Clock()
        manager = SessionManager(MemoryStore(clock=clock), ttl)
        id = await saved(manager, n=1)
        clock.now += 1799
        assert await manager.session(id) is not None
        clock.now += 1
        assert await manager.session(id) is None

    run(check)


@rows("ttl", [0, None, timedelta(0)])
def test_session_without_a_ttl_lives_for_ever(ttl: Any) -> None:
    """Constructors, `NewManager`."""

    async def check() -> None:
        clock = Clock()
        manager = SessionManager(MemoryStore(clock=clock), ttl)
        id = await saved(manager, n=1)
        clock.now += 1e9
        assert await manager.session(id) is not None

    run(check)


def test_in_memory_storage_is_made_without_arguments() -> None:
    """Constructors, `NewInMemoryStorage`."""

    async def check() -> None:
        storage = InMemoryStorage()
        await storage.save("a", {"n": 1})
        assert await storage.load("a") == {"n": 1}
        assert await InMemoryStorage().load("a") is None

    run(check)


@rows("interval", [300, 300.0, timedelta(minutes=5)])
def test_expired_sessions_are_cleaned_up_once_an_interval(interval: Any) -> None:
    """Constructors, `NewInMemoryStorageWithCleanupInterval`."""

    async def check() -> None:
        clock = Clock()
        storage = InMemoryStorage(cleanup_interval=interval, clock=clock)
        await storage.save("a", {}, ttl=1)
        clock.now += 299
        await storage.load("other")
        assert len(storage._records) == 1
        clock.now += 1
        await storage.load("other")
        assert len(storage._records) == 0

    run(check)


@rows(
    ("interval", "error"),
    [
        (0, ValueError),
        (-1, ValueError),
        (timedelta(0), ValueError),
        (timedelta(seconds=-1), ValueError),
        (True, TypeError),
        ("1m", TypeError),
        (None, TypeError),
    ],
)
def test_cleanup_interval_is_a_time_above_zero(interval: Any, error: "type[Exception]") -> None:
    """Constructors, `NewInMemoryStorageWithCleanupInterval`: where Go panics."""
    with pytest.raises(error, match="cleanup_interval is seconds"):
        InMemoryStorage(cleanup_interval=interval)
