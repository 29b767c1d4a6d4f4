"""A state of several tabs: stored, followed, folded and tidied."""

from typing import Any

from anchor_session import persistent, snapshot
from anchor_session.testing import use_host
from anchor_session.testing.browser import Browser
from anchor_session.testing.tabs import Tab

KEY = "anchor-persistent://s@1.0.0"


def opened(tab: Tab, init: Any = None, **options: Any) -> Any:
    with use_host(tab):
        return persistent("s", init, **options)


def stored(browser: Browser) -> dict[str, str]:
    """What lies in `localStorage`, by what follows the key."""
    return {
        key[len(KEY) :]: text for key, text in browser.local.items.items() if key.startswith(KEY)
    }


def fresh(browser: Browser, **options: Any) -> Any:
    """What a new tab makes of what is stored."""
    tab = Tab(Browser())
    for key, text in browser.local.items.items():
        tab.area("local").setItem(key, text)
    return snapshot(opened(tab, **options))


def pause(browser: Browser, seconds: int = 30) -> None:
    """Let time pass in which nobody changes anything."""
    for _ in range(seconds):
        browser.settle()
        browser.clock.advance(1)
    browser.settle()


def test_entries_that_were_made_one_again_and_again_have_every_change() -> None:
    browser = Browser()
    one = browser.open()
    state = opened(one, {"l": []}, layout="journal")
    with use_host(one):
        for number in range(500):
            state["l"].append(number)
    assert len(stored(browser)) < 200
    assert fresh(browser) == {"l": list(range(500))}
