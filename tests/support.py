"""What many tests share: how to check a table, look into an area, reload, and break one."""

import base64
import functools
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from weakref import WeakSet
from zlib import crc32

import pytest
from hypothesis import settings

from anchor_session import MapView, host, session
from anchor_session.page.open_states import leave_all
from anchor_session.page.scopes.once import give_up_all
from anchor_session.testing import MemoryArea

ON_BROWSER = sys.platform == "emscripten"
KEY = "anchor-session://s@1.0.0"
DELETED = f"{KEY}#deleted"
REJECTED = f"{KEY}#rejected"
JOURNAL = f"{KEY}#journal"
LAYOUTS = ["document", "journal", "auto"]

# -- tables ----------------------------------------------------------------------------------

Row = Callable[[object], AbstractContextManager[None]]


@contextmanager
def table() -> "Iterator[Row]":
    """Check rows one by one; the failures of all of them are raised at the end, with their rows' names.

    ``with table() as row:``, and inside, for each of its rows, ``with row(name): assert ...``.
    """
    checked = 0
    failed: list[tuple[str, BaseException]] = []

    @contextmanager
    def row(name: object) -> "Iterator[None]":
        nonlocal checked
        checked += 1
        try:
            yield
        except BaseException as error:
            error.add_note(f"in the row {name}")
            if not isinstance(error, (Exception, pytest.fail.Exception)):
                raise
            failed.append((str(name), error))

    yield row
    if failed:
        names = ", ".join([name for name, _ in failed])
        errors = [error for _, error in failed]
        raise BaseExceptionGroup(f"{len(failed)} of {checked} rows failed: {names}", errors)
    assert checked, "the table has no rows"


def rows(
    names: "str | tuple[str, ...]", values: "Iterable[Any]"
) -> "Callable[[Callable[..., None]], Callable[..., None]]":
    """`pytest.mark.parametrize` as one test. Each row begins with no open state and empty default areas.

    A mapping's keys name its rows. Fixtures are those of the one test: they open no state themselves.
    """
    named = values.items() if isinstance(values, Mapping) else ((None, each) for each in values)
    found = [(name, each if isinstance(names, tuple) else (each,)) for name, each in named]
    names = names if isinstance(names, tuple) else (names,)

    def decorate(test: "Callable[..., None]") -> "Callable[..., None]":
        @functools.wraps(test)
        def run(**fixtures: Any) -> None:
            with table() as row:
                for number, (name, each) in enumerate(found):
                    with row(name or _shown(number, each)):
                        try:
                            test(**fixtures, **dict(zip(names, each, strict=True)))
                        finally:
                            fresh()

        signature = inspect.signature(test)
        others = [each for each in signature.parameters.values() if each.name not in names]
        run.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
        return run

    return decorate


def fresh() -> None:
    """No open state, and empty default areas, as between two tests; what a test broke is whole before."""
    for spy in Spy.living:
        spy.heal()
    leave_all()
    give_up_all()
    here = host.current()
    for kind in ("session", "local"):
        (here.area if ON_BROWSER else here.memory)(kind).clear()


def examples(share: float) -> settings:
    """Settings of a test that takes so much of the profile's examples, as it is slower than others."""
    return settings(max_examples=max(1, round(settings().max_examples * share)))


def _shown(number: int, values: "tuple[Any, ...]") -> str:
    """What the row is called: its number and its values, a function's by the line it is at."""
    texts = []
    for each in values:
        code = getattr(each, "__code__", None)
        try:
            text = f"{each.__name__} of line {code.co_firstlineno}" if code else repr(each)
        except (ValueError, RecursionError):  # too many digits, too deep
            text = type(each).__name__
        texts.append(text[:60])
    return f"{number} ({', '.join(texts)})"


# -- areas -----------------------------------------------------------------------------------


def text_at(area: Any, key: str = KEY) -> "str | None":
    """The text stored under the key; a browser has another null than Python."""
    text = unwatched(area).getItem(key)
    return text if isinstance(text, str) else None


def entries(area: Any) -> "dict[str, str]":
    """Everything in the area, but for the tab's token, which is there some time after the first state."""
    area = unwatched(area)
    keys = [area.key(n) for n in range(area.length)]
    return {key: area.getItem(key) for key in keys if key != "anchor-tab"}


def documents(area: Any) -> "dict[str, str]":
    """The same, but for what lies beside the document of a shared state until all is quiet."""
    beside = ("#edit.", "#base.")
    return {
        key: text for key, text in entries(area).items() if not any(each in key for each in beside)
    }


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


def stored(area: Any, key: str = KEY) -> Any:
    """The state under the key: the document, and the entries that continue it, if they do."""
    document = text_at(area, key)
    data = read(document)
    texts = journal_at(area, key)
    if not texts:
        return data
    begins = document_name(document)
    for number, text in enumerate(texts):
        before = deepcopy(data)
        try:
            edits = read(text)
            if number == 0 and edits.pop(0) != begins:
                return before
            for edit in edits:
                _make_edit(data, *edit)
        except (LookupError, TypeError, ValueError, AttributeError, AssertionError):
            return before  # an entry counts whole or not at all, and none behind it
    return data


def journal_at(area: Any, key: str = KEY) -> "list[str]":
    """The texts of the entries of the journal."""
    texts: list[str] = []
    while (text := text_at(area, f"{key}#journal.{len(texts) + 1}")) is not None:
        texts.append(text)
    return texts


def document_name(text: "str | None") -> str:
    """How a journal names the document that it continues."""
    if text is None:
        return ""
    return f"{crc32(text.encode('utf-8', 'surrogatepass')):08x}-{len(text):x}"


def _make_edit(data: Any, op: str, path: "list[Any]", *rest: Any) -> None:
    *above, key = path if op in ("set", "delete") else [*path, None]
    for part in above:
        data = data[part]
    if op == "set":
        data[key] = rest[0]
    elif op == "delete":
        del data[key]
    elif op == "splice":
        start, removed, items = rest
        assert start + removed <= len(data)
        data[start : start + removed] = items
    elif op == "move":
        old, new = rest
        assert 0 <= min(rest) <= max(rest) < len(data)
        data.insert(new, data.pop(old))
    elif op == "add":
        data.add(rest[0])
    elif op == "discard":
        (member,) = [member for member in data if typed(member) == typed(rest[0])][:1]
        data.remove(member)
    elif op == "order":
        assert set(rest[0]) == set(data)
        for each in rest[0]:
            data[each] = data.pop(each)
    else:
        raise AssertionError(f"no edit is called {op}")


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


def kill_at(number: int) -> "Callable[[int, tuple[str, ...]], None]":
    """A fault: the page is gone from that call on."""

    def fault(count: int, call: "tuple[str, ...]") -> None:
        if count >= number:
            raise Killed

    return fault


def revived(area: Any) -> MemoryArea:
    """Another area that holds what this one holds: what a page finds that comes after a crash."""
    found = MemoryArea()
    for key, text in entries(area).items():
        found.setItem(key, text)
    return found


class Spy:
    """An area that notes every call and passes it on; `fault(number, call)` may raise before it.

    Calls are ``("get", key)``, ``("set", key, text)`` and ``("remove", key)``, counted from 0.
    """

    living: "WeakSet[Spy]" = WeakSet()

    def __init__(self, area: Any = None) -> None:
        self.living.add(self)
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
