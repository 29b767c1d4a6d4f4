"""What a type checker makes of records. It is read by mypy and never run.

A line with ``type: ignore`` has to be an error: one that is none any more is reported as unused.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, assert_type

from anchor_session.records import (
    FileStore,
    InMemoryStorage,
    MemoryStore,
    Session,
    SessionManager,
    SQLiteStore,
    Store,
    StoreLike,
    session_manager_from,
    session_storage_from,
)
from anchor_session.testing import store_contract


class OwnStore:
    """A store that derives from nothing."""

    async def load(self, key: str) -> "dict[str, Any] | None":
        return None

    async def save(
        self, key: str, value: "dict[str, Any]", ttl: "float | timedelta | None" = None
    ) -> None: ...
    async def delete(self, key: str) -> None: ...
    async def list(self) -> "list[str]":
        return []

    async def close(self) -> None: ...


class ThreeCalls:
    async def load(self, id: str) -> "dict[str, Any] | None": ...
    async def save(self, id: str, data: "dict[str, Any]", ttl: Any = None) -> None: ...
    async def delete(self, id: str) -> None: ...


class Plain:
    def load(self, id: str) -> "dict[str, Any] | None": ...
    def save(self, id: str, data: "dict[str, Any]", ttl: Any = None) -> None: ...
    def delete(self, id: str) -> None: ...


class Half:
    async def delete(self, id: str) -> None: ...


class OwnSession:
    """One that derives from nothing."""

    id = "a"
    is_modified = True

    @property
    def is_cleared(self) -> bool:
        return False

    def all(self) -> "dict[str, Any]":
        return {}


class Resolver:
    def resolve(self, name: str) -> object: ...


def service(name: str) -> object: ...


async def use(manager: SessionManager, store: Store, container: "Mapping[str, Any]") -> None:
    assert_type(await manager.session("a"), Session | None)
    assert_type(await manager.session(None), Session | None)
    assert_type(await manager.new_session(), Session)
    assert_type(await store.load("a"), dict[str, Any] | None)
    assert_type(await store.list(), list[str])
    await store.save("a", {"n": 1}, ttl=10)
    await store.save("a", {"n": 1}, timedelta(days=1))
    await store.save("a", {"n": 1}, ttl="10")  # type: ignore[arg-type]
    await store.save("a", ["n"])  # type: ignore[arg-type]
    await store.load(1)  # type: ignore[arg-type]
    await manager.save_session(await manager.session("a"))  # type: ignore[arg-type]
    await manager.save_session(OwnSession())
    await manager.save_session(OwnStore())  # type: ignore[arg-type]
    assert_type(session_manager_from(container), SessionManager)
    assert_type(session_manager_from(Resolver()), SessionManager)
    assert_type(session_storage_from(service), StoreLike)
    assert_type(session_manager_from({"a": 1}), SessionManager)
    assert_type(session_storage_from(container), StoreLike)
    session_manager_from(None)  # type: ignore[arg-type]
    async with FileStore("sessions") as files:
        assert_type(files, FileStore)


def make() -> None:
    stores: list[StoreLike] = [
        MemoryStore(),
        InMemoryStorage(cleanup_interval=1),
        MemoryStore(timedelta(minutes=5)),
        FileStore("sessions"),
        SQLiteStore("sessions.db"),
        OwnStore(),
    ]
    SessionManager(stores[0], ttl=timedelta(hours=1))
    SessionManager(ThreeCalls(), ttl=60)
    SessionManager(Plain())  # type: ignore[arg-type]
    SessionManager(None)  # type: ignore[arg-type]
    SessionManager(Half())  # type: ignore[arg-type]
    SessionManager()  # type: ignore[call-arg]


def read(session: Session) -> None:
    assert_type(session.id, str)
    assert_type(session.string("a"), str)
    assert_type(session.all(), dict[str, Any])
    assert_type(session["a"], Any)
    session["a"] = 1
    del session["a"]
    session.is_modified = True  # type: ignore[misc]


class OwnPlace(store_contract.StorePlace):
    def open(self) -> OwnStore:
        return OwnStore()
