"""Which pages are kept out of a page cache that would show old storage, and by what."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from anchor_session.host.browser import BrowserHost
from tests.support import table

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WEBKIT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
CHROMIUM = f"{WEBKIT} Chrome/156.0.0.0 Safari/537.36"
SAFARI = f"{WEBKIT} Version/18.0 Safari/605.1.15"


class Browser:
    """What the host looks at: it notes locks and the listeners of its window."""

    def __init__(self, agent: str, *, has_locks: bool) -> None:
        self.listeners: list[str] = []
        self.locks: list[str] = []
        self.window = SimpleNamespace(
            navigator=SimpleNamespace(userAgent=agent),
            addEventListener=lambda event, handle: self.listeners.append(event),
            removeEventListener=lambda event, handle: self.listeners.remove(event),
        )
        locks = SimpleNamespace(request=lambda name, options, callback: self.locks.append(name))
        held = SimpleNamespace(promise=None, resolve=self.locks.clear)
        self.js: Any = SimpleNamespace()
        self.js.window = self.window
        self.js.navigator = SimpleNamespace(locks=locks) if has_locks else SimpleNamespace()
        self.js.Promise = SimpleNamespace(withResolvers=lambda: held)
        self.js.Object = SimpleNamespace(fromEntries=None)
        self.ffi: Any = SimpleNamespace()
        self.ffi.create_proxy = lambda function: SimpleNamespace(destroy=lambda: None)
        self.ffi.create_once_callable = lambda function: function
        self.ffi.to_js = lambda value, dict_converter: value


def test_firefox_without_locks_alone_is_listened_to_as_it_unloads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = {
        "Firefox on plain http": (FIREFOX, False, ["unload"], []),
        "Firefox": (FIREFOX, True, [], ["anchor-session"]),
        "Chromium on plain http": (CHROMIUM, False, [], []),
        "Chromium": (CHROMIUM, True, [], ["anchor-session"]),
        "Safari on plain http": (SAFARI, False, [], []),
    }
    with table() as row:
        for name, (agent, has_locks, listeners, locks) in cases.items():
            with row(name):
                browser = Browser(agent, has_locks=has_locks)
                monkeypatch.setitem(sys.modules, "js", browser.js)
                monkeypatch.setitem(sys.modules, "pyodide.ffi", browser.ffi)
                end = BrowserHost(browser.window).avoid_stale_cache()
                assert (browser.listeners, browser.locks) == (listeners, locks)
                end()
                assert (browser.listeners, browser.locks) == ([], [])
