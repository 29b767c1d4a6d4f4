"""What could happen next among the tabs of a browser."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .areas import Copy
    from .browser import Browser
    from .tabs import Tab


def possible(browser: "Browser") -> "list[tuple[str, Callable[[int], object]]]":
    """Each thing with its name, and how to do it; the number says what of it."""
    found: list[tuple[str, Callable[[int], object]]] = []
    for number, copy in enumerate(browser.local.copies):
        if copy.sent:
            found.append((f"copy {number}: sent", partial(_take, copy)))
    for number, tab in enumerate(browser.tabs):
        if tab.is_awake:
            found += [(f"document {number}: {what}", do) for what, do in _of(tab)]
    return found


def _of(tab: "Tab") -> "list[tuple[str, Callable[[int], object]]]":
    found: list[tuple[str, Callable[[int], object]]] = []
    copy = tab.area("local").copy
    if copy.coming:
        found.append(("received", lambda _: copy.receive()))
    if tab.events:
        found.append(("told", tab.tell_one))
        found.append(("told, and to be told again", lambda which: tab.tell_one(which, again=True)))
        found.append(("all told", lambda _: tab.tell_all()))
    if tab.messages:
        found.append(("heard", tab.hear_one))
    if tab.has_due():
        found.append(("run", lambda _: tab.run()))
    return found


def _take(copy: "Copy", _: int) -> None:
    copy.kept.take(copy)
