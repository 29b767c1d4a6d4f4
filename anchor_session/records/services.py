"""Under which names a container holds the manager and the store, and how they are taken out of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..errors import ServiceError

if TYPE_CHECKING:
    from .manager import SessionManager
    from .store_like import StoreLike

SERVICE_SESSION_MANAGER = "service.session.manager"
SERVICE_SESSION_STORAGE = "service.session.storage"
SESSION_COOKIE_NAME = "SESSID"

STORE_METHODS = ("load", "save", "delete", "list", "close")
MANAGER_METHODS = ("session", "new_session", "save_session", "delete_session", "close")


class Container(Protocol):
    """Anything that gives a service for its name."""

    def get(self, name: str, /) -> Any: ...


def session_manager_from(container: "Container | Mapping[str, Any]") -> "SessionManager":
    """The manager in a container; `ServiceError` where there is none. One of your own is as good as ours."""
    return cast("SessionManager", _service(container, SERVICE_SESSION_MANAGER, MANAGER_METHODS))


def session_storage_from(container: "Container | Mapping[str, Any]") -> "StoreLike":
    """The store in a container; `ServiceError` where there is none."""
    return cast("StoreLike", _service(container, SERVICE_SESSION_STORAGE, STORE_METHODS))


def missing_methods(service: Any, names: "tuple[str, ...]") -> "list[str]":
    """Those of the methods that the object has not; a class has none, for it has no `self`."""
    if isinstance(service, type):
        return list(names)
    return [name for name in names if not callable(getattr(service, name, None))]


def _service(container: Any, name: str, methods: "tuple[str, ...]") -> Any:
    get = getattr(container, "get", None)
    if not callable(get) or isinstance(container, type):
        raise ServiceError(
            f"no {name!r}: a container is a mapping or has get(name), not {type(container).__name__}"
        )
    try:
        service = get(name)
    except LookupError as error:
        raise ServiceError(f"the container has no {name!r}; register one") from error
    if service is None:
        raise ServiceError(f"the container has no {name!r}, or None under it; register one")
    missing = missing_methods(service, methods)
    if missing:
        kind = "the class " + service.__name__ if isinstance(service, type) else ""
        raise ServiceError(
            f"{name!r} is {kind or type(service).__name__}, which has no {', '.join(missing)}"
        )
    return service
