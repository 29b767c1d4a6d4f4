"""Taking the manager and the store out of a container."""

from collections import ChainMap
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import ServiceError
from anchor_session.records import (
    SERVICE_SESSION_MANAGER,
    SERVICE_SESSION_STORAGE,
    SESSION_COOKIE_NAME,
    MemoryStore,
    SessionManager,
    session_manager_from,
    session_storage_from,
)
from tests.support import rows


class Container:
    """One that raises for what it has not."""

    def __init__(self, services: "dict[str, Any]") -> None:
        self.services = services

    def get(self, name: str) -> Any:
        return self.services[name]


class OwnManager:
    """A user's manager, which derives from nothing of ours."""

    async def session(self, id: str) -> None: ...
    async def new_session(self) -> None: ...
    async def save_session(self, session: Any) -> None: ...
    async def delete_session(self, id: str) -> None: ...
    async def close(self) -> None: ...


class OwnStore:
    async def load(self, id: str) -> None: ...
    async def save(self, id: str, data: Any, ttl: Any = None) -> None: ...
    async def delete(self, id: str) -> None: ...
    async def list(self) -> Any: ...
    async def close(self) -> None: ...


def test_names_are_the_seeds() -> None:
    assert (SERVICE_SESSION_MANAGER, SERVICE_SESSION_STORAGE, SESSION_COOKIE_NAME) == (
        "service.session.manager",
        "service.session.storage",
        "SESSID",
    )


CONTAINERS: "list[Callable[[dict[str, Any]], Any]]" = [dict, ChainMap, Container]


@rows("container", CONTAINERS)
@rows("manager", [SessionManager(MemoryStore()), OwnManager()])
def test_manager_is_found(container: "Callable[[dict[str, Any]], Any]", manager: Any) -> None:
    assert session_manager_from(container({SERVICE_SESSION_MANAGER: manager})) is manager


@rows("container", CONTAINERS)
@rows("store", [MemoryStore(), OwnStore()])
def test_store_is_found(container: "Callable[[dict[str, Any]], Any]", store: Any) -> None:
    assert session_storage_from(container({SERVICE_SESSION_STORAGE: store})) is store


HELPERS: "list[tuple[Callable[[Any], Any], str]]" = [
    (session_manager_from, SERVICE_SESSION_MANAGER),
    (session_storage_from, SERVICE_SESSION_STORAGE),
]


@rows(("find", "name"), HELPERS)
@rows("container", CONTAINERS)
@rows("has_none", [True, False])
def test_missing_service_is_named(
    find: "Callable[[Any], Any]", name: str, container: "Callable[[Any], Any]", has_none: bool
) -> None:
    with pytest.raises(ServiceError, match=f"the container has no '{name}'"):
        find(container({name: None} if has_none else {}))


@rows(("find", "name"), HELPERS)
@rows(
    ("wrong", "kind"),
    [
        (1, "int"),
        ("manager", "str"),
        ({}, "dict"),
        (SessionManager, "the class SessionManager"),
        (MemoryStore, "the class MemoryStore"),
        (lambda: None, "function"),
    ],
)
def test_wrong_service_is_named_with_its_type(
    find: "Callable[[Any], Any]", name: str, wrong: Any, kind: str
) -> None:
    with pytest.raises(ServiceError, match=f"'{name}' is {kind}, which has no .*close"):
        find({name: wrong})


def test_store_is_no_manager() -> None:
    with pytest.raises(ServiceError, match="is MemoryStore, which has no session, new_session"):
        session_manager_from({SERVICE_SESSION_MANAGER: MemoryStore()})


@rows(("find", "name"), HELPERS)
@rows("container", [None, 1, object(), [], dict, Container])
def test_what_is_no_container_is_refused(
    find: "Callable[[Any], Any]", name: str, container: Any
) -> None:
    with pytest.raises(ServiceError, match=f"no '{name}': a container is a mapping or has get"):
        find(container)


@rows("error", [RuntimeError("no such service"), KeyError("REDIS_URL")])
def test_container_that_raises_is_told_apart_from_an_empty_one(error: Exception) -> None:
    class Failing:
        def get(self, name: str) -> Any:
            raise error

    with pytest.raises(ServiceError, match=f"has no '{SERVICE_SESSION_MANAGER}'") as caught:
        session_manager_from(Failing())
    assert repr(error) in str(caught.value)
    assert caught.value.__cause__ is error


def test_service_error_is_a_lookup_error() -> None:
    with pytest.raises(LookupError):
        session_manager_from({})
