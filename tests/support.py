"""What many tests share: how to look into an area, reload, and break one."""

import base64
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from anchor_session import MapView, session
from anchor_session.page.registry import leave_all
from anchor_session.testing import MemoryArea

ON_BROWSER = sys.platform == "emscripten"
KEY = "anchor-session://s@1.0.0"
DELETED = f"{KEY}#deleted"
REJECTED = f"{KEY}#rejected"


def text_at(area: Any, key: str = KEY) -> "str | None":
    """The text stored under the key; a browser has another null than Python."""
    text = unwatched(area).getItem(key)
    return text if isinstance(text, str) else None


def entries(area: Any) -> "dict[str, str]":
    """Everything in the area."""
    area = unwatched(area)
    return {key: area.getItem(key) for key in [area.key(n) for n in range(area.length)]}


def unwatched(area: Any) -> Any:
    """The area itself, so that a test's own look is no call that a `Spy` counts."""
    return area.area if isinstance(area, Spy) else area


def reopen(name: str = "s", init: "Mapping[str, Any] | None" = None, **options: Any) -> MapView:
    """What a reload does: all objects are gone, and the name is opened again."""
    leave_all()
    return session(name, init, **options)


# -- an independent reader of the wire format ------------------------------------------------


def read(text: "str | None") -> Any:
    """What the text stands for, by the wire format's description; an absent one is the empty map."""
    return {} if text is None else json.loads(text, object_hook=_untag)


def _untag(found: "dict[str, Any]") -> Any:
    if set(found) != {"$anchor", "value"}:
        return found
    value = found["value"]
    builders: dict[str, Callable[[], Any]] = {
        "map": lambda: dict(value),
        "datetime": lambda: datetime.fromisoformat(value),
        "date": lambda: date.fromisoformat(value),
        "time": lambda: time.fromisoformat(value),
        "timedelta": lambda: timedelta(*value),
        "Decimal": lambda: Decimal(value),
        "UUID": lambda: UUID(value),
        "bytes": lambda: base64.b64decode(value),
        "set": lambda: set(value),
        "frozenset": lambda: frozenset(value),
        "int": lambda: int(value),
        "float": lambda: float(value),
    }
    return builders[found["$anchor"]]()


def typed(value: Any) -> Any:
    """The value in a form whose equality minds types, the order of keys, `nan` and the sign of zero."""
    if isinstance(value, dict):
        return ("dict", [(key, typed(item)) for key, item in value.items()])
    if isinstance(value, list):
        return ("list", [typed(item) for item in value])
    if isinstance(value, (set, frozenset)):
        return (type(value).__name__, sorted([repr(typed(member)) for member in value]))
    return (type(value).__name__, repr(value))


# -- areas that break ------------------------------------------------------------------------


class Killed(BaseException):
    """The page is gone."""


class Spy:
    """An area that notes every call and passes it on; `fault(number, call)` may raise before it.

    Calls are ``("get", key)``, ``("set", key, text)`` and ``("remove", key)``, counted from 0.
    """

    def __init__(self, area: Any = None) -> None:
        self.area = MemoryArea() if area is None else area
        self.calls: list[tuple[str, ...]] = []
        self.fault: Callable[[int, tuple[str, ...]], None] = lambda number, call: None
        self.fault_after: Callable[[int, tuple[str, ...]], None] = lambda number, call: None

    @property
    def writes(self) -> "list[tuple[str, ...]]":
        return [call for call in self.calls if call[0] != "get"]

    def heal(self) -> None:
        """Break no more, and forget the calls."""
        self.fault = self.fault_after = lambda number, call: None
        self.calls.clear()

    def getItem(self, key: str) -> Any:
        return self._pass_on(("get", key), lambda: self.area.getItem(key))

    def setItem(self, key: str, text: str) -> None:
        self._pass_on(("set", key, text), lambda: self.area.setItem(key, text))

    def removeItem(self, key: str) -> None:
        self._pass_on(("remove", key), lambda: self.area.removeItem(key))

    def key(self, number: int) -> Any:
        return self.area.key(number)

    @property
    def length(self) -> int:
        return int(self.area.length)

    def _pass_on(self, call: "tuple[str, ...]", act: "Callable[[], Any]") -> Any:
        number = len(self.calls)
        self.calls.append(call)
        self.fault(number, call)
        result = act()
        self.fault_after(number, call)
        return result


def walk(value: Any) -> "Iterator[Any]":
    """The value, and every container below it."""
    yield value
    for item in list(value.values()) if isinstance(value, Mapping) else value:
        if not isinstance(item, str) and hasattr(item, "__len__"):
            yield from walk(item)
