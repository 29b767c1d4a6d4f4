"""`tabs(n)`: whose storage is whose, and which events arrive."""

from typing import Any

import pytest

from anchor_session import host
from anchor_session.testing import Tab, tabs, use_host


def events_of(tab: Tab) -> "list[tuple[Any, list[str] | None]]":
    heard: list[tuple[Any, list[str] | None]] = []
    tab.on_storage(lambda area, key: heard.append((area, key)))
    return heard


def test_local_storage_is_common() -> None:
    one, two = tabs(2)
    one.area("local").setItem("a", "1")
    assert two.area("local").getItem("a") == "1"


def test_session_storage_is_of_one_tab() -> None:
    one, two = tabs(2)
    one.area("session").setItem("a", "1")
    assert two.area("session").getItem("a") is None


@pytest.mark.parametrize("kind", ["session", "local"])
def test_frame_shares_both_areas(kind: str) -> None:
    (tab,) = tabs(1)
    tab.area(kind).setItem("a", "1")
    assert tab.frame().area(kind).getItem("a") == "1"


def test_event_arrives_when_delivered() -> None:
    one, two = tabs(2)
    heard = events_of(two)
    one.area("local").setItem("a", "1")
    before = list(heard)
    two.deliver()
    assert (before, heard) == ([], [(two.area("local"), ["a"])])


def test_own_change_is_no_event() -> None:
    one, _ = tabs(2)
    heard = events_of(one)
    one.area("local").setItem("a", "1")
    one.deliver()
    assert heard == []


def test_equal_text_is_no_event() -> None:
    one, two = tabs(2)
    one.area("local").setItem("a", "1")
    two.deliver()
    heard = events_of(two)
    one.area("local").setItem("a", "1")
    one.area("local").removeItem("zz")
    two.deliver()
    assert heard == []


def test_clearing_is_an_event_without_key() -> None:
    one, two = tabs(2)
    one.area("local").setItem("a", "1")
    two.deliver()
    heard = events_of(two)
    one.area("local").clear()
    two.deliver()
    assert heard == [(two.area("local"), None)]


def test_page_that_is_shown_again_gets_no_events() -> None:
    one, two = tabs(2)
    heard = events_of(two)
    one.area("local").setItem("a", "1")
    two.show()
    two.deliver()
    assert heard == []


def test_ended_listener_hears_nothing() -> None:
    one, two = tabs(2)
    heard: list[Any] = []
    two.on_storage(lambda area, key: heard.append(key))()
    one.area("local").setItem("a", "1")
    two.deliver()
    assert heard == []


def test_use_host_gives_back_the_host_before() -> None:
    before = host.current()
    (tab,) = tabs(1)
    with use_host(tab):
        inside = host.current()
    assert (inside, host.current()) == (tab, before)


def test_use_host_gives_back_the_host_after_an_error() -> None:
    before = host.current()
    with pytest.raises(ZeroDivisionError), use_host(tabs(1)[0]):
        raise ZeroDivisionError
    assert host.current() is before
