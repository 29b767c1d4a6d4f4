"""`tabs(n)`: whose storage is whose, and which events arrive."""

from typing import Any

import pytest

from anchor_session import host
from anchor_session.testing import Tab, tabs, use_host
from tests.support import rows


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


@rows("kind", ["session", "local"])
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


def test_events_of_one_area_are_told_together_each_key_once() -> None:
    one, two = tabs(2)
    heard = events_of(two)
    for key in "aba":
        one.area("local").setItem(key, str(len(heard)))
        one.area("local").removeItem(key)
    two.deliver()
    assert heard == [(two.area("local"), ["a", "b"])]


def test_tab_is_the_host_of_what_it_hears_and_runs() -> None:
    one, two = tabs(2)
    found: list[object] = []
    two.on_storage(lambda area, keys: found.append(host.current()))
    two.soon(lambda: found.append(host.current()))
    one.area("local").setItem("a", "1")
    two.deliver()
    assert found == [two, two]


def test_two_readings_of_the_clock_differ() -> None:
    one, two = tabs(2)
    assert one.now() < two.now() < one.now()


def test_random_ids_are_the_same_in_every_run() -> None:
    first, again = ([tab.random_id() for tab in tabs(3)] for _ in range(2))
    assert (first == again, len(set(first))) == (True, 3)
    assert all(len(each) == 6 and int(each, 16) >= 0 for each in first)


def test_soon_runs_when_the_test_says_so() -> None:
    (tab,) = tabs(1)
    ran: list[str] = []
    tab.soon(lambda: ran.append("first"))

    def ask_again() -> None:
        tab.soon(lambda: ran.append("third"))

    tab.soon(ask_again)
    tab.soon(lambda: ran.append("second"))
    before = list(ran)
    tab.run()
    assert (before, ran) == ([], ["first", "second", "third"])


def test_cancelled_callback_does_not_run() -> None:
    (tab,) = tabs(1)
    ran: list[str] = []
    tab.soon(lambda: ran.append("a"))()
    tab.after(1, lambda: ran.append("b"))()
    tab.browser.clock.advance(2)
    assert ran == []


def test_frozen_tab_hears_and_runs_later() -> None:
    one, two = tabs(2)
    heard: list[object] = []
    two.on_storage(lambda _, keys: heard.append(keys))
    send, _ = one.channel("c", lambda text: None)
    two.channel("c", heard.append)
    two.after(1, lambda: heard.append("time"))
    two.soon(lambda: heard.append("soon"))
    two.freeze()
    one.area("local").setItem("a", "1")
    send("hello")
    one.browser.clock.advance(2)
    one.browser.settle()
    before = list(heard)
    two.thaw()
    one.browser.settle()
    assert (before, heard) == ([], [["a"], "hello", "soon", "time"])


def test_closed_tab_hears_and_runs_nothing() -> None:
    one, two = tabs(2)
    heard = events_of(two)
    ran: list[str] = []
    two.channel("c", ran.append)
    two.soon(lambda: ran.append("soon"))
    two.close()
    one.area("local").setItem("a", "1")
    one.channel("c", lambda text: None)[0]("hello")
    two.deliver()
    one.browser.clock.advance(1)
    one.browser.settle()
    assert (heard, ran) == ([], [])


def test_what_a_closed_tab_wrote_stays() -> None:
    one, two = tabs(2)
    one.area("local").setItem("a", "1")
    one.close()
    assert two.area("local").getItem("a") == "1"


def test_closed_tab_writes_no_more() -> None:
    one, two = tabs(2)
    one.close()
    one.area("local").setItem("a", "1")
    two.browser.settle()
    assert two.area("local").getItem("a") is None


def test_closing_is_told_and_killing_is_not() -> None:
    one, two = tabs(2)
    hidden: list[str] = []
    one.on_page_leave(lambda: hidden.append("one"))
    two.on_page_leave(lambda: hidden.append("two"))
    one.kill()
    two.close()
    assert hidden == ["two"]


def test_duplicate_begins_with_a_copy() -> None:
    (tab,) = tabs(1)
    tab.area("session").setItem("a", "1")
    copy = tab.duplicate()
    tab.area("session").setItem("a", "2")
    assert copy.area("session").entries() == {"a": "1"}


def test_reload_keeps_storage_and_ends_the_document() -> None:
    (tab,) = tabs(1)
    tab.area("session").setItem("a", "1")
    after = tab.reload()
    assert (after.area("session").getItem("a"), tab.is_closed) == ("1", True)
    assert tab.browser.tabs == [after]


def test_cookies_are_common() -> None:
    one, two = tabs(2)
    one.set_cookie("c", "1")
    assert (two.cookie("c"), two.cookie("d")) == ("1", None)


def test_refused_cookies_are_absent() -> None:
    (tab,) = tabs(1)
    tab.browser.has_cookies = False
    tab.set_cookie("c", "1")
    assert tab.cookie("c") is None


def locks_seen_by(tab: Tab) -> "list[set[str] | None]":
    found: list[set[str] | None] = []
    tab.held(found.append)
    tab.run()
    return found


def test_lock_is_held_until_all_have_given_it_up() -> None:
    one, two = tabs(2)
    release = one.hold("l")
    two.hold("l")
    release()
    before = locks_seen_by(one)
    two.close()
    assert (before, locks_seen_by(one)) == ([{"l"}], [set()])


def test_locks_that_are_not_there_are_unknown() -> None:
    (tab,) = tabs(1)
    tab.browser.has_locks = False
    tab.hold("l")
    assert locks_seen_by(tab) == [None]


def test_channel_reaches_all_others_of_its_name() -> None:
    one, two, three = tabs(3)
    heard: list[str] = []
    send, _ = one.channel("c", lambda text: heard.append(f"one {text}"))
    two.channel("c", lambda text: heard.append(f"two {text}"))
    three.channel("other", lambda text: heard.append(f"three {text}"))
    send("hello")
    before = list(heard)
    one.browser.settle()
    assert (before, heard) == ([], ["two hello"])


def test_ended_channel_hears_not_even_what_is_on_its_way() -> None:
    one, two = tabs(2)
    heard: list[str] = []
    send, _ = one.channel("c", lambda text: None)
    _, end = two.channel("c", heard.append)
    send("hello")
    end()
    one.browser.settle()
    assert heard == []


def test_ended_channel_sends_nothing() -> None:
    one, two = tabs(2)
    heard: list[str] = []
    send, end = one.channel("c", lambda text: None)
    two.channel("c", heard.append)
    end()
    send("hello")
    one.browser.settle()
    assert heard == []


def test_crash_of_the_browser_keeps_storage_alone() -> None:
    one, two = tabs(2)
    one.set_cookie("c", "1")
    one.hold("l")
    one.area("local").setItem("a", "1")
    two.area("session").setItem("b", "2")
    two.frame()
    browser = one.browser
    restored = [browser.open(session) for session in browser.crash()]
    assert [tab.area("session").entries() for tab in restored] == [{}, {"b": "2"}]
    assert [tab.area("local").entries() for tab in restored] == [{"a": "1"}] * 2
    assert (restored[0].cookie("c"), locks_seen_by(restored[0])) == (None, [set()])


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
