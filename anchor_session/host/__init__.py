"""Where the code runs. The only folder that touches the browser, and the only home of its calls."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .protocol import Host

_current: "Host | None" = None


def current() -> "Host":
    """The host of this interpreter, found out at the first call."""
    global _current
    if _current is None:
        _current = _detect()
    return _current


def use(host: "Host | None") -> "Host | None":
    """Let `host` be the current one (None: find out again); returns the one before."""
    global _current
    before, _current = _current, host
    return before


def _detect() -> "Host":
    why = ""
    if sys.platform == "emscripten":
        from .browser import BrowserHost, find_window

        window = find_window()
        if window is not None:
            return BrowserHost(window)
        why = "there is no window here (a worker without PyScript, or Node)"
    from .memory import MemoryHost

    return MemoryHost(why=why)
