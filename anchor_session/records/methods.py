"""The methods of what users bring along: which of them are missing, and that they are coroutines."""

from typing import Any

STORE_METHODS = ("load", "save", "delete")
MANAGER_METHODS = ("session", "new_session", "save_session", "delete_session", "close")


def missing_methods(service: Any, names: "tuple[str, ...]") -> "list[str]":
    """Those of the methods that the object has not; a class has none, for it has no `self`."""
    if isinstance(service, type):
        return list(names)
    return [name for name in names if not callable(getattr(service, name, None))]


def kind_of(service: Any) -> str:
    """What it is, for messages."""
    if service is None:
        return "None"
    return f"the class {service.__name__}" if isinstance(service, type) else type(service).__name__


async def call(store: Any, name: str, *arguments: Any) -> Any:
    """What that coroutine of a store gives. One that is missing, or a plain function, raises `TypeError`.

    Whether a function gives something to await is known when it was called: a plain one may hand on
    another's coroutine.
    """
    method = getattr(store, name, None)
    if not callable(method):
        raise TypeError(f"{kind_of(store)} has no {name}, which this needs; add `async def {name}`")
    found = method(*arguments)
    if not hasattr(found, "__await__"):
        raise TypeError(
            f"{kind_of(store)}.{name} gave {type(found).__name__}, which cannot be awaited; "
            f"write it as `async def {name}`"
        )
    return await found
