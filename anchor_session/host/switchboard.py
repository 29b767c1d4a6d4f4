"""A Python interpreter's place at the switchboard of its window, through which it writes and is told.

What one interpreter of a document stores, the others are told of, never the writer itself; so are all of them
of what other documents store. A write is one crossing to JavaScript, told to others or not: from a PyScript
worker each is a round trip of a third of a millisecond.
"""

from functools import partial
from json import loads

from ..errors import call_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Tell = Callable[[Any, list[str] | None], None]


class BoundArea:
    """The functions of an area of the window, looked up once."""

    __slots__ = ("_checked", "_functions", "get", "kind", "raw", "remove", "set")

    def __init__(self, raw: "Any", functions: "Any") -> None:
        self.raw = raw
        self.kind: str = functions.kind
        self.get = functions.read
        self.set = functions.write
        self.remove = functions.remove
        self._functions = functions
        self._checked: tuple[Any, Any, Any] | None = None

    def checked(self) -> "tuple[Any, Any, Any]":
        """`learn`, `set` and `remove` of one that follows others; the last two may refuse, by False."""
        if self._checked is None:
            found = self._functions
            self._checked = (found.learn, found.writeIfKnown, found.removeIfKnown)
        return self._checked


class Switchboard:
    """One interpreter's membership."""

    def __init__(self, window: "Any", member: "Any") -> None:
        self._window = window
        self._member = member
        self._bound: list[BoundArea] = []
        self._callbacks: list[Tell] = []
        self._destroy: Callable[[], None] | None = None

    @classmethod
    def join(cls, window: "Any") -> "Switchboard | None":
        """None where the page's policy forbids `eval`, or whatever else is refused."""
        source = _read("switchboard.js")
        try:
            return cls(window, window.eval(source).join())
        except Exception:  # noqa: BLE001 - everything works without it, for one interpreter
            return None

    def bound(self, raw: "Any") -> "BoundArea | None":
        """The functions of that area; None for one that is not the window's own."""
        for each in self._bound:
            if each.raw == raw:
                return each
        functions = self._member.bind(raw)
        if not functions:
            return None
        found = BoundArea(raw, functions)
        self._bound.append(found)
        return found

    def number(self, raw: "Any", prefix: str, *, is_checked: bool) -> "Any":
        """The functions of numbered entries of any area in JavaScript."""
        return self._member.number(raw, prefix, is_checked)

    def keys(self, raw: "Any", prefix: str) -> "list[str]":
        """The keys of an area in JavaScript that begin with the prefix."""
        found: list[str] = loads(self._member.keysOf(raw, prefix))
        return found

    def used(self, raw: "Any") -> int:
        """The units that the entries of an area in JavaScript take."""
        return int(self._member.used(raw))

    def hear(
        self, channel: "Any", callback: "Callable[[Any], None]", destroy: "Callable[[Any], None]"
    ) -> "Callable[[], None]":
        """Call `callback(data)` with each message of a `BroadcastChannel`; how to end that."""
        from pyodide.ffi import create_proxy

        proxy = create_proxy(callback)
        self._member.hear(channel, proxy)
        return lambda: destroy(proxy)

    def listen(self, callback: "Tell", destroy: "Callable[[Any], None]") -> "Callable[[], None]":
        """Call `callback(raw_area, keys)`; `destroy` gets the proxy that is needed no more."""
        self._callbacks.append(callback)
        if self._destroy is None:
            from pyodide.ffi import create_proxy

            proxy = create_proxy(self._told)
            self._member.listen(proxy)
            self._destroy = lambda: destroy(proxy)

        def unlisten() -> None:
            self._callbacks.remove(callback)
            if not self._callbacks and self._destroy is not None:
                self._member.listen(None)
                self._destroy()
                self._destroy = None

        return unlisten

    def _told(self, news: str) -> None:
        call_all(
            [
                partial(callback, self._raw(kind), keys)
                for kind, keys in loads(news)
                for callback in self._callbacks
            ]
        )

    def _raw(self, kind: str) -> "Any":
        for each in self._bound:
            if each.kind == kind:
                return each.raw
        return getattr(self._window, f"{kind}Storage")


def _read(name: str) -> str:
    """The text of a file beside this one, in a folder or in a zip archive on `sys.path`."""
    path = __file__.rpartition("/")[0] + "/" + name
    spec: Any = globals().get("__spec__")
    if spec is None:  # MicroPython
        with open(path) as file:  # noqa: PTH123 - nor has it paths
            return file.read()
    text: str = spec.loader.get_data(path).decode()
    return text
