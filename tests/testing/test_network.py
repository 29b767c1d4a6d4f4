"""`localStorage` between the processes of a browser, step by step."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session.testing import Browser, Tab, tabs


def heard_by(tab: Tab) -> "list[list[str] | None]":
    heard: list[list[str] | None] = []
    tab.on_storage(lambda _, keys: heard.append(keys))
    return heard


def local(tab: Tab) -> Any:
    return tab.area("local")


def value(tab: Tab, key: str = "k") -> "str | None":
    return tab.area("local").getItem(key)


def test_own_write_is_seen_at_once_by_its_tab_alone() -> None:
    one, two = tabs(2, network=True)
    local(one).setItem("k", "1")
    two.deliver()
    assert (value(one), value(two)) == ("1", None)


def test_write_arrives_behind_the_browser() -> None:
    one, two = tabs(2, network=True)
    heard = heard_by(two)
    local(one).setItem("k", "1")
    one.send()
    before = value(two)
    two.deliver()
    assert (before, value(two), heard) == (None, "1", [["k"]])


def test_last_write_in_the_order_of_the_browser_wins() -> None:
    one, two = tabs(2, network=True)
    local(one).setItem("k", "1")
    local(two).setItem("k", "2")
    two.send()
    one.send()
    one.browser.settle()
    assert (value(one), value(two)) == ("1", "1")


def test_earlier_write_of_another_does_not_replace_an_unconfirmed_one() -> None:
    one, two = tabs(2, network=True)
    local(one).setItem("k", "1")
    local(two).setItem("k", "2")
    two.send()
    one.deliver()
    assert value(one) == "1"


def test_earlier_write_of_another_does_not_bring_back_a_removed_key() -> None:
    one, two = tabs(2, network=True)
    local(one).setItem("k", "0")
    one.browser.settle()
    local(one).removeItem("k")
    local(two).setItem("k", "2")
    two.send()
    one.deliver()
    assert value(one) is None


def test_later_write_of_another_replaces_a_confirmed_one() -> None:
    one, two = tabs(2, network=True)
    local(one).setItem("k", "1")
    one.send()
    local(two).setItem("k", "2")
    two.send()
    one.deliver()
    assert value(one) == "2"


def test_unconfirmed_entry_survives_that_another_clears() -> None:
    one, two = tabs(2, network=True)
    local(one).setItem("old", "0")
    one.browser.settle()
    local(one).setItem("k", "1")
    local(two).clear()
    two.send()
    one.deliver()
    assert one.area("local").entries() == {"k": "1"}


def test_unconfirmed_clearing_hides_what_was_written_before_it() -> None:
    one, two = tabs(2, network=True)
    local(one).clear()
    local(two).setItem("k", "2")
    two.send()
    one.deliver()
    before = value(one)
    one.browser.settle()
    assert (before, value(two)) == (None, None)


def test_event_of_an_equal_text_is_none() -> None:
    one, two = tabs(2, network=True)
    local(one).setItem("k", "1")
    one.browser.settle()
    heard = heard_by(two)
    local(one).setItem("k", "1")
    local(one).removeItem("absent")
    one.browser.settle()
    assert heard == []


def test_new_tab_has_what_reached_the_browser() -> None:
    one, two = tabs(2, network=True)
    local(one).setItem("k", "1")
    local(two).setItem("l", "2")
    one.send()
    assert one.browser.open().area("local").entries() == {"k": "1"}


def test_writes_of_a_closed_tab_arrive() -> None:
    one, two = tabs(2, network=True)
    local(one).setItem("k", "1")
    one.close()
    two.browser.settle()
    assert value(two) == "1"


def test_writes_on_their_way_are_lost_when_the_browser_crashes() -> None:
    (one,) = tabs(1, network=True)
    local(one).setItem("sent", "1")
    one.send()
    local(one).setItem("k", "1")
    one.browser.crash()
    assert one.browser.open().area("local").entries() == {"sent": "1"}


def test_frozen_tab_has_its_old_copy() -> None:
    one, two = tabs(2, network=True)
    two.freeze()
    local(one).setItem("k", "1")
    one.browser.settle()
    before = value(two)
    two.thaw()
    one.browser.settle()
    assert (before, value(two)) == (None, "1")


def test_frame_has_the_copy_of_its_tab() -> None:
    (one,) = tabs(1, network=True)
    frame = one.frame()
    heard = heard_by(frame)
    local(one).setItem("k", "1")
    before = (value(frame), list(heard))
    one.browser.settle()
    assert (before, heard) == (("1", []), [["k"]])


def test_next_document_of_a_tab_has_what_the_last_one_wrote() -> None:
    (one,) = tabs(1, network=True)
    local(one).setItem("k", "1")
    assert value(one.reload()) == "1"


def test_steps_are_all_that_happens() -> None:
    one, two = tabs(2, network=True)
    heard = heard_by(two)
    local(one).setItem("k", "1")
    happened = []
    while (what := one.browser.step(0)) is not None:
        happened.append(what)
    assert happened == ["copy 0: sent", "document 0: received", "document 1: received"] + [
        "document 1: told"
    ]
    assert heard == [["k"]]


def test_events_can_be_told_in_any_order_and_again() -> None:
    one, two = tabs(2)
    heard = heard_by(two)
    for key in "abc":
        local(one).setItem(key, "1")
    happened = [one.browser.step(choice) for choice in [2 * 3, 1, 2, 0]]
    assert heard == [["c"], ["a"], ["a", "b"]]
    assert happened == [
        "document 1: told",
        "document 1: told, and to be told again",
        "document 1: all told",
        None,
    ]


def test_programs_without_end_are_found() -> None:
    one, two = tabs(2)

    def answer(area: Any, keys: object) -> None:
        area.setItem("k", f"{area.getItem('k')}+")

    one.on_storage(answer)
    two.on_storage(answer)
    local(one).setItem("k", "1")
    with pytest.raises(AssertionError, match="never come to rest"):
        one.browser.settle()


WRITES = st.tuples(
    st.integers(0, 2), st.sampled_from(["a", "b", None]), st.integers(0, 9) | st.none()
)


@given(st.lists(WRITES | st.integers(0, 1000), max_size=40))
def test_copies_agree_in_the_end(program: "list[Any]") -> None:
    browser = Browser(network=True)
    open_tabs = [browser.open() for _ in range(3)]
    for each in program:
        if isinstance(each, int):
            browser.step(each)
            continue
        number, key, text = each
        area = local(open_tabs[number])
        if key is None:
            area.clear()
        elif text is None:
            area.removeItem(key)
        else:
            area.setItem(key, str(text))
    browser.settle()
    found = [tab.area("local").entries() for tab in [*open_tabs, browser.open()]]
    assert found == [browser.local.items] * 4
