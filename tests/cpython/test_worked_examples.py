"""The worked examples at the head of modules show what is really stored."""

import doctest
import json
from types import ModuleType
from typing import Any

import pytest

from anchor_session import persistent, session
from anchor_session.page.record import journal
from anchor_session.page.shared import entries
from anchor_session.page.shared.replica import replica
from anchor_session.testing import Browser, ManualClock, MemoryArea, use_host

KEY = "anchor-persistent://cart@1.0.0"


@pytest.mark.parametrize("module", [entries, replica])
def test_worked_example_shows_what_is_stored(module: ModuleType) -> None:
    browser = Browser(
        clock=ManualClock(tick=0)
    )  # then stamps do not depend on who asks for the time
    one, two = browser.open(), browser.open()
    with use_host(one):
        cart = persistent("cart", {"n": 1, "l": ["x"]})
    for _ in range(60):  # until there is the document alone
        browser.clock.advance(1)
        browser.settle()
    with use_host(two):
        other = persistent("cart")
    area = one.area("local")

    def stored() -> list[tuple[str, str]]:
        return [(key.replace(KEY, "{key}"), text) for key, text in sorted(area.entries().items())]

    def show() -> None:
        for key, text in stored():
            print(f"{key}\n    {text}")

    def show_changes() -> None:
        for key, text in stored():
            if "#edit." in key:
                print(key)
                for change in json.loads(text)[-1][0][1]:
                    print(f"    {json.dumps(change, separators=(',', ':'))}")

    names: dict[str, Any] = {
        "cart": cart,
        "other": other,
        "show": show,
        "show_changes": show_changes,
        "settle": browser.settle,
    }
    found = doctest.testmod(module, extraglobs=names)
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_worked_example_of_the_journal() -> None:
    area = MemoryArea()
    cart = session("cart", {"lines": [], "n": 1}, area=area, layout="journal")

    def show() -> None:
        for number in range(area.length):
            key = str(area.key(number))
            print(f"{key.replace('anchor-session://cart@1.0.0', '{key}')}\n    {area.getItem(key)}")

    found = doctest.testmod(journal, extraglobs={"cart": cart, "show": show})
    assert (found.attempted > 0, found.failed) == (True, 0)
