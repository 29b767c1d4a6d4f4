"""A page in a browser, seen from Pyodide in it or from a PyScript worker of it."""

from os import urandom

from ..errors import StorageUnavailableError
from .area import error_name
from .memory import now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .area import Area
    from .memory import MemoryArea
    from .numbered import Numbered

_ATTRIBUTE = {"session": "sessionStorage", "local": "localStorage"}


def find_window() -> "Any":
    """The page's `window`: this thread's own, or through PyScript the one of a worker's page; or None."""
    import js

    if hasattr(js, "window"):  # not `document`, which PyScript adds in its workers
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
        self._window = window
        self._areas: dict[str, MemoryArea] = {}

    def is_shared(self, raw: "Any") -> bool:
        try:
            return bool(raw == self._window.localStorage)
        except Exception:  # noqa: BLE001 - where it is refused, nobody shares it
            return False

    def numbered(self, area: "Area", prefix: str) -> "Numbered":
        from .numbered import Numbered
        from .page_entries import PageEntries

        return PageEntries.make(self._window, area, prefix) or Numbered(area, prefix)

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
        return area.listed(prefix)

    def on_storage(
        self, callback: "Callable[[Any, list[str] | None], None]"
    ) -> "Callable[[], None]":
        def handle(event: "Any") -> None:
            key = event.key
            callback(event.storageArea, [key] if isinstance(key, str) else None)

        return self.listen(self._window, "storage", handle)

    def on_page_show(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        def handle(event: "Any") -> None:
            if event.persisted:
                callback()

        return self.listen(self._window, "pageshow", handle)

    def on_page_hide(self, callback: "Callable[[], None]") -> "Callable[[], None]":
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
        """Firefox keeps a page that holds a Web Lock out of its cache, Chromium does not mind."""
        return self.hold("anchor-session")

    def now(self) -> int:
        return now()

    def random_id(self) -> str:
        return urandom(3).hex()

    def soon(self, callback: "Callable[[], None]") -> "Callable[[], None]":
        return self.after(0, callback)

    def after(self, seconds: float, callback: "Callable[[], None]") -> "Callable[[], None]":
        from pyodide.ffi import create_once_callable

        waiting = True

        def run(*_: object) -> None:
            if waiting:
                callback()

        def cancel() -> None:
            nonlocal waiting
            waiting = False

        self._window.setTimeout(create_once_callable(run), round(1000 * seconds))
        return cancel

    def cookie(self, name: str) -> "str | None":
        try:
            cookies = self._window.document.cookie
        except Exception:  # noqa: BLE001 - a sandboxed frame has none
            return None
        for each in cookies.split("; "):
            found, _, value = each.partition("=")
            if found == name:
                return str(value)
        return None

    def set_cookie(self, name: str, value: str) -> None:
        try:
            self._window.document.cookie = f"{name}={value}; path=/; SameSite=Lax"
        except Exception:  # noqa: BLE001 - whoever wants to know reads it again
            pass

    def channel(
        self, name: str, callback: "Callable[[str], None]"
    ) -> "tuple[Callable[[str], None], Callable[[], None]]":
        import js

        channel = js.BroadcastChannel.new(name)

        def handle(event: "Any") -> None:
            if isinstance(event.data, str):
                callback(event.data)

        unlisten = self.listen(channel, "message", handle)

        def end() -> None:
            unlisten()
            channel.close()

        return channel.postMessage, end

    def held(self, callback: "Callable[[set[str] | None], None]") -> None:
        raise NotImplementedError

    def hold(self, name: str) -> "Callable[[], None]":
        """Hold a Web Lock. Without them (an insecure context) nothing is held."""
        import js
        from pyodide.ffi import create_once_callable, to_js

        locks = getattr(js.navigator, "locks", None)
        if not locks or not hasattr(js.Promise, "withResolvers"):
            return lambda: None
        held = js.Promise.withResolvers()
        options = to_js({"mode": "shared"}, dict_converter=js.Object.fromEntries)
        locks.request(name, options, create_once_callable(lambda _: held.promise))

        def release() -> None:
            held.resolve()

        return release

    def _destroy(self, proxy: "Any") -> None:
        """Destroy the proxy of a listener once no event is on its way to it."""
        import js

        if hasattr(js, "window"):
            proxy.destroy()
            return
        # In a worker, events come as messages, and those already sent would meet a destroyed proxy. This
        # call comes the same way, behind them.
        from pyodide.ffi import create_once_callable

        self._window.setTimeout(create_once_callable(proxy.destroy))
