"""What past sessions have left is removed, and nothing else."""

from collections.abc import Iterator

import pytest

from anchor_session import session_load, session_save
from anchor_session.page.scopes.browser_session import enter
from anchor_session.page.scopes.once import give_up_all
from anchor_session.testing import Tab, use_host
from anchor_session.testing.browser import Browser
from tests.support import rows

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    yield
    give_up_all()


def begin(browser: Browser) -> Tab:
    """A tab of the session that the cookie says, or of the next."""
    tab = browser.open()
    with use_host(tab):
        enter()
    return tab


def past(browser: Browser, *, ago: float) -> None:
    """A session with data that ended so long ago."""
    with use_host(begin(browser)):
        session_save("data", 1)
    browser.local.items["anchor-shared:1://s@1.0.0"] = "{}"
    browser.local.items["anchor-shared:1://s@1.0.0#edit.1"] = "[]"
    browser.crash()
    browser.clock.advance(ago)


def sweep(browser: Browser) -> "set[str]":
    """A new tab of a new session begins and has time; the keys of session 1 that are left."""
    tab = begin(browser)
    tab.idle()
    browser.settle()
    return {key for key in tab.area("local").entries() if ":1" in key}


ALL = {
    'anchor-scope:1://"data"',
    "anchor-shared:1://s@1.0.0",
    "anchor-shared:1://s@1.0.0#edit.1",
    "anchor-browser:1",
}


@rows(("ago", "left"), [(23 * HOUR, ALL), (25 * HOUR, set())])
def test_session_is_removed_a_day_after_its_last_use(ago: float, left: "set[str]") -> None:
    browser = Browser()
    past(browser, ago=ago)
    assert sweep(browser) == left


def test_session_of_which_a_tab_is_there_is_kept() -> None:
    browser = Browser()
    tab = begin(browser)
    with use_host(tab):
        session_save("data", 1)
    tab.freeze()  # and notes no use any more
    browser.cookies.clear()
    browser.clock.advance(2 * DAY)
    assert sweep(browser) == {'anchor-scope:1://"data"', "anchor-browser:1"}
    tab.close()
    assert sweep(browser) == set()


@rows(("ago", "left"), [(29 * DAY, ALL), (31 * DAY, set())])
def test_where_nobody_can_tell_it_takes_thirty_days(ago: float, left: "set[str]") -> None:
    browser = Browser()
    browser.has_locks = False
    past(browser, ago=ago)
    assert sweep(browser) == left


@rows("note", [None, "", "junk", "-1", "9" * 15, "9" * 5000])
def test_session_without_a_time_gets_one_first(note: "str | None") -> None:
    browser = Browser()
    past(browser, ago=2 * DAY)
    if note is None:
        del browser.local.items["anchor-browser:1"]
    else:
        browser.local.items["anchor-browser:1"] = note
    assert sweep(browser) == ALL
    assert browser.local.items["anchor-browser:1"].isdigit()
    browser.crash()
    browser.clock.advance(2 * DAY)
    assert sweep(browser) == set()


def test_own_session_is_kept_however_old_its_last_use() -> None:
    browser = Browser()
    browser.has_locks = False
    past(browser, ago=2 * DAY)
    browser.cookies["anchor-session"] = "1"
    tab = begin(browser)
    tab.area("local").setItem("anchor-browser:1", "1")
    tab.idle()
    browser.settle()
    with use_host(tab):
        assert session_load("data") == 1


def test_tab_that_is_restored_just_now_keeps_its_session() -> None:
    browser = Browser()
    with use_host(begin(browser)):
        session_save("data", 1)
    (stored,) = browser.crash()
    browser.clock.advance(2 * DAY)
    tab = begin(browser)
    browser.cookies.clear()
    tab.idle()  # it asks who is there
    restored = browser.open(stored)
    with use_host(restored):
        enter()
    browser.locks.clear()  # the browser has not granted it yet
    browser.settle()
    with use_host(restored):
        assert session_load("data") == 1


def test_nothing_is_swept_before_the_page_has_time() -> None:
    browser = Browser()
    past(browser, ago=2 * DAY)
    begin(browser)
    browser.settle()
    assert set(browser.local.items) >= ALL


def test_nothing_else_is_touched() -> None:
    browser = Browser()
    past(browser, ago=2 * DAY)
    others = {
        "anchor-scope:12://x": "1",
        "anchor-scope:1:x": "1",
        "anchor-scope:1": "1",
        "anchor-scope:01://x": "1",
        "anchor-scope:x://1": "1",
        "anchor-scopes:1://x": "1",
        "anchor-browser:01": "1",
        "anchor-browser:x": "1",
        "anchor-persistent://s@1.0.0": "{}",
        "mine:1://": "1",
    }
    browser.local.items.update(others)
    browser.local.items["anchor-browser:12"] = str(browser.clock.now() // 1000)
    sweep(browser)
    found = browser.local.items
    assert {key: found.get(key) for key in others} == others
    assert not ALL & set(found)
