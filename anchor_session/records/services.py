"""Under which names a container holds the manager and the store, and how they are taken out of it."""

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..errors import ServiceError
from .methods import MANAGER_METHODS, STORE_METHODS, kind_of, missing_methods

if TYPE_CHECKING:
    from .manager import SessionManager
    from .store_like import StoreLike

SERVICE_SESSION_MANAGER = "service.session.manager"
SERVICE_SESSION_STORAGE = "service.session.storage"
SESSION_COOKIE_NAME = "SESSID"


class Container(Protocol):
    """Anything that gives a service for its name."""

    def get(self, name: str, /) -> Any: ...


class Resolver(Protocol):
    """The same, by another word."""

    def resolve(self, name: str, /) -> Any: ...


if TYPE_CHECKING:
    Services = Container | Resolver | Mapping[str, Any] | Callable[[str], Any]


def session_manager_from(container: "Services") -> "SessionManager":
    """The manager in a container; `ServiceError` where there is none. One of your own is as good as ours.

    A container is a mapping, an object with `get(name)` or `resolve(name)`, or a function of the name. Of an
    object that has both, `get` is asked first, and `resolve` where that gives None.
    """
    return cast("SessionManager", _service(container, SERVICE_SESSION_MANAGER, MANAGER_METHODS))


def session_storage_from(container: "Services") -> "StoreLike":
    """The store in a container, taken out in the same way; `ServiceError` where there is none."""
    return cast("StoreLike", _service(container, SERVICE_SESSION_STORAGE, STORE_METHODS))


def _service(container: Any, name: str, methods: "tuple[str, ...]") -> Any:
    service = None
    for way, find in _ways(container, name):
        try:
            service = find(name)
        except Exception as error:
            raise ServiceError(
                f"the container has no {name!r}: {way} raised {error!r}; register one that can be made"
            ) from error
        if inspect.isawaitable(service):
            if inspect.iscoroutine(service):
                service.close()
            raise ServiceError(
                f"{way} gave a {kind_of(service)} for {name!r}; await it yourself, and "
                f"pass {{{name!r}: service}}"
            )
        if service is not None:
            break
    if service is None:
        raise ServiceError(f"the container has no {name!r}, or None under it; register one")
    missing = missing_methods(service, methods)
    if missing:
        raise ServiceError(f"{name!r} is {kind_of(service)}, which has no {', '.join(missing)}")
    return service


def _ways(container: Any, name: str) -> "list[tuple[str, Callable[[str], Any]]]":
    """The functions that may be asked, with their names, in their order."""
    if not isinstance(container, type):
        methods = [(way, getattr(container, way, None)) for way in ("get", "resolve")]
        found = [(f"its {way}", method) for way, method in methods if callable(method)]
        if not found and callable(container):
            found = [("it", container)]
        if found:
            return found
    raise ServiceError(
        f"no {name!r}: a container is a mapping, has get(name) or resolve(name), or is a function of the "
        f"name, not {kind_of(container)}"
    )
