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
from anchor_session.records.methods import kind_of
from tests.support import rows


class Container:
    """One that raises for what it has not."""

    def __init__(self, services: "dict[str, Any]") -> None:
        self.services = services

    def get(self, name: str) -> Any:
        return self.services[name]


def test_names_are_the_seeds() -> None:
    assert (SERVICE_SESSION_MANAGER, SERVICE_SESSION_STORAGE, SESSION_COOKIE_NAME) == (
        "service.session.manager",
        "service.session.storage",
        "SESSID",
    )


class Resolver:
    """One whose word is another; it gives None for what it has not."""

    def __init__(self, services: "dict[str, Any]") -> None:
        self.services = services

    def resolve(self, name: str) -> Any:
        return self.services.get(name)


def function(services: "dict[str, Any]") -> "Callable[[str], Any]":
    return lambda name: services[name]


CONTAINERS: "list[Callable[[dict[str, Any]], Any]]" = [
    dict,
    ChainMap,
    Container,
    Resolver,
    function,
]


@rows("container", CONTAINERS)
def test_manager_is_found(container: "Callable[[dict[str, Any]], Any]") -> None:
    manager = SessionManager(MemoryStore())
    assert session_manager_from(container({SERVICE_SESSION_MANAGER: manager})) is manager


@rows("container", CONTAINERS)
def test_store_is_found(container: "Callable[[dict[str, Any]], Any]") -> None:
    store = MemoryStore()
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
    with pytest.raises(ServiceError, match=f"'{name}' is {kind}, which has no .*save"):
        find({name: wrong})


def test_store_is_no_manager() -> None:
    with pytest.raises(ServiceError, match="is MemoryStore, which has no session, new_session"):
        session_manager_from({SERVICE_SESSION_MANAGER: MemoryStore()})


@rows(("find", "name"), HELPERS)
@rows("container", [None, 1, object(), [], dict, Container])
def test_what_is_no_container_is_refused(
    find: "Callable[[Any], Any]", name: str, container: Any
) -> None:
    with pytest.raises(
        ServiceError, match=f"no '{name}': a container is a mapping, has get"
    ) as caught:
        find(container)
    assert f"not {kind_of(container)}" in str(caught.value)


class Both:
    """Has `get` and `resolve`, which say which of them was asked."""

    def __init__(self, given: Any) -> None:
        self.given = given
        self.asked: list[str] = []

    def get(self, name: str) -> Any:
        self.asked.append("get")
        return self.given

    def resolve(self, name: str) -> Any:
        self.asked.append("resolve")
        return MANAGER

    def __call__(self, name: str) -> Any:
        self.asked.append("call")


MANAGER = SessionManager(MemoryStore())


@rows(("given", "asked"), [(MANAGER, ["get"]), (None, ["get", "resolve"])])
def test_get_is_asked_before_resolve_and_neither_is_called(given: Any, asked: Any) -> None:
    container = Both(given)
    assert session_manager_from(container) is MANAGER
    assert container.asked == asked


def test_container_that_has_to_be_awaited_says_so() -> None:
    class Later:
        async def get(self, name: str) -> Any: ...

    told = f"its get gave a coroutine for '{SERVICE_SESSION_MANAGER}'; await it"
    with pytest.raises(ServiceError, match=told):
        session_manager_from(Later())


def test_word_of_the_container_that_raised_is_told() -> None:
    class Failing:
        def resolve(self, name: str) -> Any:
            raise KeyError(name)

    with pytest.raises(ServiceError, match=f"has no '{SERVICE_SESSION_MANAGER}': its resolve rais"):
        session_manager_from(Failing())


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
