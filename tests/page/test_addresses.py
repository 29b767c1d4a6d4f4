"""Addresses of changes that tabs tell each other: what items are called, how long an address may be."""

from typing import Any

from anchor_session import persistent
from anchor_session.codec import MAX_DEPTH
from anchor_session.page.shared.entries import Entry, in_order
from anchor_session.page.shared.replica.items import Items
from anchor_session.testing import use_host
from anchor_session.testing.browser import Browser


def test_items_that_a_list_began_with_are_called_by_their_numbers() -> None:
    assert Items("", 2).ids(0, 2) == ["#0", "#1"]
    assert Items("60a2400000000abcdef", 2).ids(0, 2) == [
        "#60a2400000000abcdef/0",
        "#60a2400000000abcdef/1",
    ]


def test_change_at_the_greatest_depth_is_followed() -> None:
    data: Any = {"n": 1}
    for _ in range(MAX_DEPTH - 1):
        data = {"m": data}
    browser = Browser()
    one, two = browser.open(), browser.open()
    with use_host(one):
        inner: Any = persistent("s", data)
    with use_host(two):
        other: Any = persistent("s", data)
    browser.settle()
    for _ in range(MAX_DEPTH - 1):
        inner, other = inner["m"], other["m"]
    with use_host(one):
        inner["n"] = 2
    browser.settle()
    assert other["n"] == 2


def test_changes_of_init_come_first_in_the_order_of_their_entries() -> None:
    first, second, later = f"{0:013x}ffffff", f"{0:013x}aaaaaa", "60a241879cd80d82c07"

    def entry(stamp: str) -> Entry:
        text = f'["","{0:013x}",null,[["{stamp}",[["set",[".a"],1]]]]]'
        return Entry(stamp, text, "e" * 19)

    groups = in_order([entry(later), entry(first), entry(second)])
    assert [stamp for stamp, _ in groups] == [first, second, later]
