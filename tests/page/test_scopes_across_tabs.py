"""The session scope seen from several tabs, and the instance scope, which is not."""

from typing import Any

import pytest

from anchor_session import (
    InstanceScope,
    ScopeChange,
    SessionScope,
    StorageWarning,
    instance_load,
    instance_save,
    persistent,
    session_end,
    session_load,
    session_remove,
    session_save,
)
from anchor_session.testing import Tab, tabs, use_host
from anchor_session.testing.browser import Browser


def heard_by(tab: Tab) -> "list[ScopeChange]":
    heard: list[ScopeChange] = []
    with use_host(tab):
        SessionScope().subscribe(heard.append)
    return heard


def save(tab: Tab, key: Any, value: Any) -> Any:
    with use_host(tab):
        return session_save(key, value)


def load(tab: Tab, key: Any) -> Any:
    with use_host(tab):
        return session_load(key)


def test_other_tab_finds_what_one_saves() -> None:
    one, two = tabs(2)
    save(one, ("cart", 1), [1])
    assert load(two, ("cart", 1)) == [1]


def test_other_tabs_are_told_when_the_browser_delivers() -> None:
    one, two = tabs(2)
    heard = heard_by(two)
    save(one, "k", 1)
    assert heard == []
    two.deliver()
    save(one, "k", 2)
    two.deliver()
    with use_host(one):
        session_remove("k")
    two.deliver()
    assert heard == [ScopeChange("k", 1, None), ScopeChange("k", 2, 1), ScopeChange("k", None, 2)]


def test_what_was_there_before_is_known() -> None:
    one, two = tabs(2)
    save(one, "k", 1)
    heard = heard_by(two)
    save(one, "k", 2)
    two.deliver()
    assert heard == [ScopeChange("k", 2, 1)]


def test_what_is_there_is_told_not_what_the_event_was_about() -> None:
    one, two = tabs(2)
    heard = heard_by(two)
    for value in (1, 2, 3):
        save(one, "k", value)
    two.deliver()
    assert heard == [ScopeChange("k", 3, None)]


def test_own_save_is_not_told_again_by_an_older_event() -> None:
    one, two = tabs(2)
    heard = heard_by(two)
    save(one, "k", 1)
    save(two, "k", 2)
    two.deliver()
    assert heard == [ScopeChange("k", 2, 1)]


def test_being_told_writes_nothing() -> None:
    one, two = tabs(2)
    heard_one, heard_two = heard_by(one), heard_by(two)
    save(one, "k", 1)
    two.deliver()
    assert (one.events, len(heard_one), len(heard_two)) == (0, 1, 1)


def test_other_keys_are_not_told() -> None:
    one, two = tabs(2)
    heard = heard_by(two)
    with use_host(one):
        persistent("s", {"a": 1})
        one.area("local").setItem("anchor-scope:99://1", "1")
        one.area("session").setItem('anchor-scope:1://"k"', "1")
    two.deliver()
    assert heard == []


def test_cleared_area_is_told() -> None:
    one, two = tabs(2)
    save(one, "k", 1)
    two.deliver()
    heard = heard_by(two)
    one.area("local").clear()
    two.deliver()
    assert heard == [ScopeChange("k", None, 1)]


def test_page_that_comes_back_from_the_cache_is_told_what_it_missed() -> None:
    one, two = tabs(2)
    save(one, "a", 1)
    heard = heard_by(two)
    save(one, "a", 2)
    save(one, "b", 3)
    two.show()
    assert heard == [ScopeChange("a", 2, 1), ScopeChange("b", 3, None)]


def test_unreadable_text_of_another_tab_warns_and_is_told_as_absence() -> None:
    one, two = tabs(2)
    save(one, "k", 1)
    heard = heard_by(two)
    one.area("local").setItem('anchor-scope:1://"k"', "{")
    with pytest.warns(StorageWarning):
        two.deliver()
    assert heard == [ScopeChange("k", None, 1)]
    assert one.area("local").getItem('anchor-scope:1://"k"') == "{"
    with pytest.warns(StorageWarning):
        assert save(one, "k", 2) is None
    two.deliver()
    assert heard[1:] == [ScopeChange("k", 2, None)]


def test_key_of_an_unknown_enum_is_not_told() -> None:
    one, two = tabs(2)
    heard_one, heard_two = heard_by(one), heard_by(two)
    one.area("local").setItem('anchor-scope:1://{"nowhere:Color":"RED"}', "1")
    two.deliver()
    with use_host(one):
        session_end()
    assert (heard_one, heard_two) == ([], [])
    assert one.area("local").getItem('anchor-scope:1://{"nowhere:Color":"RED"}') is None


def test_end_empties_every_tab() -> None:
    one, two = tabs(2)
    heard = heard_by(two)
    save(one, "k", 1)
    two.deliver()
    with use_host(one):
        session_end()
    two.deliver()
    assert (load(two, "k"), heard[1:]) == (None, [ScopeChange("k", None, 1)])


def test_sessions_do_not_see_each_other() -> None:
    browser = Browser()
    one = browser.open()
    save(one, "k", 1)
    browser.cookies.clear()
    two = browser.open()
    heard = heard_by(two)
    save(one, "k", 2)
    two.deliver()
    assert (load(two, "k"), heard) == (None, [])
    with use_host(two):
        session_end()
    assert load(one, "k") == 2


def test_restored_tab_finds_its_session() -> None:
    (tab,) = tabs(1)
    save(tab, "k", 1)
    (stored,) = tab.browser.crash()
    assert load(tab.browser.open(stored), "k") == 1


def test_without_cookies_each_tab_has_a_scope_of_its_own_that_survives_a_reload() -> None:
    one, two = tabs(2)
    one.browser.has_cookies = False
    with pytest.warns(StorageWarning, match="alone"):
        save(one, "k", 1)
        assert load(two, "k") is None
        assert load(one.reload(), "k") == 1


def test_all_tabs_agree_when_everything_has_arrived() -> None:
    browser = Browser(network=True)
    three = [browser.open() for _ in range(3)]
    heard = [heard_by(tab) for tab in three]
    for number, tab in enumerate(three * 5):
        save(tab, "common", number)
        save(tab, ("own", number), number)
    browser.settle()
    final = [{change.key: change.value for change in log} for log in heard]
    assert final[0] == final[1] == final[2]
    assert {load(tab, "common") for tab in three} == {final[0]["common"]}
    assert [load(browser.open(), ("own", number)) for number in range(15)] == list(range(15))


# -- this page's own --------------------------------------------------------------------------------


def test_instance_scope_is_the_pages_own() -> None:
    one, two = tabs(2)
    with use_host(one):
        instance_save("k", 1)
    for other in (two, one.duplicate(), one.frame(), one.reload()):
        with use_host(other):
            assert instance_load("k") is None


def test_instance_scope_stores_nothing() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        instance_save("k", 1)
        InstanceScope().save("k", 1)
    assert tab.area("local").entries() == tab.area("session").entries() == {}


def test_scope_listens_to_its_own_tab_whichever_is_current() -> None:
    one, two = tabs(2)
    heard: list[ScopeChange] = []
    with use_host(two):
        scope = SessionScope()
    scope.subscribe(heard.append)
    save(one, "k", 1)
    two.deliver()
    assert heard == [ScopeChange("k", 1, None)]
