"""Where the page keeps what: with all tabs, or for itself."""

from time import perf_counter

from pyscript import window

from anchor_session import instance_init, instance_save, session, shared

from ..notices import say


def show_error(error: Exception) -> None:
    say(f"Not saved: {error}. It is kept as long as this page stays open.")


# Lines by what they are of: two tabs that add the same thing at the same moment make one line of it.
called = perf_counter()
basket = shared("basket", {"lines": {}}, on_error=show_error)
restore_ms = (perf_counter() - called) * 1000

tab = session("tab", {"loads": 0})
tab.loads += 1

me: str = instance_init("id", lambda: window.crypto.randomUUID()[:8])
instance_save("changes", 0)
