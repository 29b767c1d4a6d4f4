"""What a shared state makes of changes that no document has any more, and that it leaves nothing behind."""

from typing import Any

import pytest

from anchor_session import StorageWarning, leave, persistent
from anchor_session.host.area import Area
from anchor_session.page.shared.record import SharedRecord
from anchor_session.testing import use_host
from anchor_session.testing.browser import Browser
from anchor_session.testing.tabs import Tab

KEY = "anchor-persistent://s@1.0.0"


def opened(tab: Tab, init: "dict[str, Any] | None" = None, **options: Any) -> Any:
    with use_host(tab):
        return persistent("s", init, **options)


def test_changes_of_a_document_that_was_replaced_are_put_aside_and_named() -> None:
    browser = Browser()
    one = browser.open()
    state = opened(one, {"n": 0}, layout="journal")
    with use_host(one):
        state["n"] = 1
    for _ in range(3):  # seconds: it is in a base, and nothing is tidied yet
        browser.clock.advance(1)
        browser.settle()
    with use_host(one):
        state["n"] = 2
    keys = list(browser.local.items)
    assert [any(f"{KEY}#{kind}." in key for key in keys) for kind in ("base", "edit")] == [True] * 2
    browser.open().area("local").setItem(KEY, '{"n":9}')
    what = f"somebody else replaced the document at `{KEY}`, and these changes of it"
    with pytest.warns(StorageWarning, match=what):
        assert opened(browser.open()) == {"n": 9}
    assert '["set",[".n"],2]' in browser.local.items[f"{KEY}#rejected"]


def test_changes_that_could_not_be_stored_outlive_the_document() -> None:
    tab = Tab(Browser())
    area = tab.area("local")
    area.setItem(KEY, '{"n":1,"m":2}')
    record = SharedRecord(Area(area), KEY, tab)
    assert record.load() == {"n": 1, "m": 2}
    record.epoch.keep_unsent({((".n",), True): (record.next_stamp(), '["set",[".n"],5]')})
    assert record.load() == {"n": 5, "m": 2}
    area.removeItem(KEY)
    assert record.load() == {"n": 5}


def test_leaving_a_state_at_rest_stores_nothing() -> None:
    browser = Browser()
    one = browser.open()
    state = opened(one, {"n": 0})
    with use_host(one):
        state["n"] = 1
    for _ in range(30):  # seconds: all is tidied
        browser.clock.advance(1)
        browser.settle()
    at_rest = dict(browser.local.items)
    assert at_rest[KEY] == '{"n":1}'
    with use_host(one):
        leave(state)
    assert browser.local.items == at_rest
