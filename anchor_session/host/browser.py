"""A page in a browser, seen from Pyodide in it or from a PyScript worker of it."""

from os import urandom

from ..errors import StorageUnavailableError, call_all
from .area import error_name
from .memory import nothing, now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .append_log import AppendLog
    from .area import Area
    from .memory import MemoryArea
    from .switchboard import BoundArea, Switchboard

_ATTRIBUTE = {"session": "sessionStorage", "local": "localStorage"}


def find_window() -> "Any":
    """The page's `window`: this thread's own, or through PyScript the one of a worker's page; or None."""
    if _is_in_page():
        import js

        return js.window
    try:
        from pyscript import window
    except ImportError:
        return None
    return window


class BrowserHost:
    """Storage and events of one `window`."""

    def __init__(self, window: "Any") -> None:
        self.has_warned = False
        self.copied: bool | None = None
        self.hears_end = _is_in_page()
        self._window = window
        self._areas: dict[str, MemoryArea] = {}
        self._switchboard: Switchboard | None = None
        self._has_joined = False
        # Chromium starts the workers of a prerendered page when it is shown.
        self._has_begun = not self.hears_end

    @property
    def is_prerendering(self) -> bool:
        if not self._has_begun:
            self._has_begun = not getattr(self._window.document, "prerendering", False)
        return not self._has_begun

    def switchboard(self) -> "Switchboard | None":
        """Where the interpreters of this document meet; None where none can be made."""
        if not self._has_joined:
            from .switchboard import Switchboard

            self._has_joined = True
            self._switchboard = Switchboard.join(self._window)
        return self._switchboard

    def is_shared(self, raw: "Any") -> bool:
        try:
            return bool(raw == self._window.localStorage)
        except Exception:  # noqa: BLE001 - where it is refused, nobody shares it
            return False

    def bound(self, raw: "Any") -> "BoundArea | None":
        switchboard = self.switchboard() if _is_of_javascript(raw) else None
        return None if switchboard is None else switchboard.bound(raw)

    def checked(self, area: "Area") -> "Area":
        bound = self.bound(area.raw)
        if bound is None:
            from .compared_area import ComparedArea

            return ComparedArea(area)
        from .checked_area import CheckedArea

        return CheckedArea(area, bound)

    def append_log(self, area: "Area", prefix: str) -> "AppendLog":
        switchboard = self.switchboard() if _is_of_javascript(area.raw) else None
        if switchboard is not None:
            from .browser_append_log import BrowserAppendLog

            try:
                functions = switchboard.number(area.raw, prefix, is_checked=area.is_checked)
                return BrowserAppendLog(area, prefix, functions)
            except Exception:  # noqa: BLE001 - whatever is refused, the plain way works
                pass
        from .append_log import AppendLog

        return AppendLog(area, prefix)

    def listen(
        self, target: "Any", event: str, handle: "Callable[[Any], object]"
    ) -> "Callable[[], None]":
        from pyodide.ffi import create_proxy

        proxy = create_proxy(handle)
        target.addEventListener(event, proxy)

        def unlisten() -> None:
            target.removeEventListener(event, proxy)
            self._destroy(proxy)

        return unlisten

    def area(self, kind: str) -> "Any":
        name = _ATTRIBUTE[kind]
        try:
            storage = getattr(self._window, name)  # merely touching it may throw
        except Exception as error:
            raise StorageUnavailableError(
                f"the browser refuses access to {name} ({error_name(error)}): cookies may be "
                "blocked, or this is a sandboxed frame"
            ) from error
        if not hasattr(storage, "getItem"):  # null
            raise StorageUnavailableError(f"{name} is switched off in this browser")
        return storage

    def memory(self, kind: str) -> "MemoryArea":
        from .memory import MemoryArea

        return self._areas.setdefault(kind, MemoryArea())

    def keys(self, area: "Area", prefix: str) -> "list[str]":
        switchboard = self.switchboard() if _is_of_javascript(area.raw) else None
        if switchboard is not None:
            try:
                return switchboard.keys(area.raw, prefix)
            except Exception:  # noqa: BLE001 - an area without such methods, or one that is refused
                pass
        return area.listed(prefix)

    def on_storage(
        self, callback: "Callable[[Any, list[str] | None], None]"
    ) -> "Callable[[], None]":
        switchboard = self.switchboard()
        if switchboard is not None:
            return switchboard.listen(callback, self._destroy)

        def handle(event: "Any") -> None:
            key = event.key
            callback(event.storageArea, [key] if isinstance(key, str) else None)

        return self.listen(self._window, "storage", handle)

    def on_page_show(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        def handle(event: "Any") -> None:
            if event.persisted:
                callback()

        end = self.listen(self._window, "pageshow", handle)
        if not self.is_prerendering:
            return end
        document = self._window.document
        end_other = self.listen(document, "prerenderingchange", lambda _: callback())
        return lambda: call_all([end, end_other])

    def on_page_hide(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        """And before it is left for a prerendered page, which never sees what is written at `pagehide`.

        (Chromium 156, where that page has another process.)
        """
        document = self._window.document

        def handle(_: "Any") -> None:
            if document.visibilityState == "hidden":
                callback()

        ends = [
            self.listen(self._window, "beforeunload", lambda _: callback()),
            self.on_page_leave(callback),
            self.listen(document, "visibilitychange", handle),
        ]
        return lambda: call_all(ends)

    def on_page_leave(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        return self.listen(self._window, "pagehide", lambda _: callback())

    def when_idle(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        from pyodide.ffi import create_once_callable

        waiting = True

        def run(*_: object) -> None:
            nonlocal waiting
            if waiting:
                waiting = False
                callback()

        def wait(*_: object) -> None:
            request = getattr(self._window, "requestIdleCallback", None)  # Safari has none
            if waiting:
                (request or self._window.setTimeout)(create_once_callable(run))

        def cancel() -> None:
            nonlocal waiting
            waiting = False

        self._window.setTimeout(create_once_callable(wait), 1000)
        return cancel

    def avoid_stale_cache(self) -> "Callable[[], None]":
        """Firefox keeps a page that holds a Web Lock out of its cache, Chromium does not mind.

        Where there are none (plain http), a listener to `unload` does the same, which Chromium would mind.
        """
        release = self._request("anchor-session")
        if release is not None:
            return release
        if "Gecko/" in str(self._window.navigator.userAgent):  # others say "like Gecko"
            return self.listen(self._window, "unload", _ignore)
        return nothing

    def now(self) -> int:
        return now()

    def random_id(self) -> str:
        return urandom(3).hex()

    def soon(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        from asyncio import get_event_loop

        # Not `setTimeout`, which a page in the background has once a second.
        return get_event_loop().call_soon(callback).cancel

    def after(self, seconds: float, callback: "Callable[[], None]") -> "Callable[[], None]":
        from asyncio import get_event_loop

        return get_event_loop().call_later(seconds, callback).cancel

    def cookie(self, name: str) -> "str | None":
        try:
            cookies = self._window.document.cookie
        except Exception:  # noqa: BLE001 - a sandboxed frame has none
            return None
        wanted = self._cookie_name(name)
        for each in cookies.split("; "):
            found, _, value = each.partition("=")
            if found == wanted:
                return str(value)
        return None

    def set_cookie(self, name: str, value: str) -> None:
        try:
            wanted = self._cookie_name(name)
            self._window.document.cookie = f"{wanted}={value}; path=/; SameSite=Lax"
        except Exception:  # noqa: BLE001 - whoever wants to know reads it again
            pass

    def _cookie_name(self, name: str) -> str:
        """All ports of a computer have their cookies in common, but not what they store."""
        port = self._window.location.port
        return f"{name}-{port}" if port else name

    def channel(
        self, name: str, callback: "Callable[[str], None]"
    ) -> "tuple[Callable[[str], None], Callable[[], None]]":
        try:
            channel = self._window.BroadcastChannel.new(name)
        except Exception:  # noqa: BLE001 - where it is refused, nobody can be reached
            return lambda text: None, lambda: None

        def receive(text: "Any") -> None:
            if isinstance(text, str):
                callback(text)

        switchboard = self.switchboard()
        if switchboard is None:
            unlisten = self.listen(channel, "message", lambda event: receive(event.data))
        else:
            unlisten = switchboard.hear(channel, receive, self._destroy)
        has_ended = False

        def send(text: str) -> None:
            if not has_ended:
                channel.postMessage(text)

        def end() -> None:
            nonlocal has_ended
            if not has_ended:
                has_ended = True
                channel.close()
                unlisten()

        return send, end

    def held(self, callback: "Callable[[set[str] | None], None]") -> None:
        import js

        def found(snapshot: "Any") -> None:
            callback({str(lock.name) for lock in snapshot.held})

        def nothing(*_: object) -> None:
            callback(None)

        try:
            js.navigator.locks.query().then(found, nothing)
        except Exception:  # noqa: BLE001 - there are none, or they are refused here
            self.soon(nothing)

    def hold(self, name: str) -> "Callable[[], None]":
        """Hold a Web Lock. Without them (an insecure context) nothing is held."""
        return self._request(name) or nothing

    def _request(self, name: str) -> "Callable[[], None] | None":
        """How to give up the Web Lock; None where there are none."""
        import js
        from pyodide.ffi import create_once_callable, to_js

        locks = getattr(js.navigator, "locks", None)
        if not locks or not hasattr(js.Promise, "withResolvers"):
            return None
        held = js.Promise.withResolvers()
        options = to_js({"mode": "shared"}, dict_converter=js.Object.fromEntries)
        locks.request(name, options, create_once_callable(lambda _: held.promise))

        def release() -> None:
            held.resolve()

        return release

    def _destroy(self, proxy: "Any") -> None:
        """Destroy the proxy of a listener once no event is on its way to it."""
        if self.hears_end:
            proxy.destroy()
            return
        # In a worker, events come as messages, and those already sent would meet a destroyed proxy. This
        # call comes the same way, behind them.
        from pyodide.ffi import create_once_callable

        self._window.setTimeout(create_once_callable(proxy.destroy))


def _ignore(event: "Any") -> None:
    """That it listens is what counts."""


def _is_in_page() -> bool:
    """Whether this is the page's own thread, and no worker."""
    import js

    return hasattr(js, "window")  # not `document`, which PyScript adds in its workers


def _is_of_javascript(raw: "Any") -> bool:
    from pyodide.ffi import JsProxy

    return isinstance(raw, JsProxy)
