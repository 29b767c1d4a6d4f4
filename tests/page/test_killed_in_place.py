"""Tabs that are killed, or meet, in the middle of what makes room: a statement is whole, or not there."""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from anchor_session import QuotaExceededError, StorageError, leave, persistent, session, snapshot
from anchor_session.codec import encode
from anchor_session.host.area import units
from anchor_session.page.open_states import leave_all
from anchor_session.testing import Browser, Tab, use_host
from tests.support import Killed, rows

KEY = "anchor-persistent://s@1.0.0"
QUOTA = 5_242_880


def used(items: "dict[str, str]") -> int:
    return sum(units(key) + units(text) for key, text in items.items())


def rest(browser: Browser, seconds: float = 20) -> None:
    for _ in range(int(seconds)):
        browser.settle()
        browser.clock.advance(1)
        for tab in browser.tabs:
            if tab.is_awake:
                tab.idle()
    browser.settle()


def fill(area: Any, leave_free: int) -> None:
    area.removeItem("other")
    free = area.quota - used(area.entries()) - len("other")
    area.setItem("other", "o" * max(free - leave_free, 0))


class Mortal:
    """A tab whose process ends, or whose area fails, at the n-th call that stores or removes something."""

    error: type[BaseException] = Killed
    has_ended = False

    def __init__(self, browser: Browser, quota: int) -> None:
        self.tab = browser.open()
        self.left: int | None = None
        area: Any = self.tab.area("local")
        area.quota = quota
        plain = area.setItem, area.removeItem

        def spend() -> None:
            if self.left is not None:
                if self.left == 0:
                    self.has_ended = True
                    if self.error is not Killed:
                        self.left = None  # the next call is well again
                    raise self.error
                self.left -= 1

        def store(key: str, text: str) -> None:
            spend()
            plain[0](key, text)

        def remove(key: str) -> None:
            spend()
            plain[1](key)

        area.setItem, area.removeItem = store, remove


def large_list(browser: Browser, tab: Tab) -> "tuple[Any, Callable[[], Any], Any]":
    """Most of a state is removed, and written in place therefore, while its entries lie there."""
    with use_host(tab):
        state = persistent("s", {"l": ["first"], "n": 0})
    rest(browser)
    for text in ("a" * 60_000, "b" * 60_000):
        with use_host(tab):
            state.l.append(text)
        browser.clock.advance(0.2)
        browser.settle()
    for _ in range(20):
        browser.clock.advance(0.25)
        browser.settle()
        with use_host(tab):
            state.n += 1
    return state, state.l.clear, {"l": [], "n": 20}


def nearly_full(browser: Browser, tab: Tab) -> "tuple[Any, Callable[[], Any], Any]":
    """There is room for nothing but the document."""
    with use_host(tab):
        state = persistent("s", {"a": 1, "b": 1, "m": {}, "t": "x" * 300})
    rest(browser)
    with use_host(tab):
        state.a = state.b = 2
        state.m.q = "n" * 100
    area: Any = tab.area("local")
    fill(area, 100)
    after = {**snapshot(state), "t": "y" * 300}
    return state, lambda: state.update(t="y" * 300), after


def as_it_was(browser: Browser, tab: Tab) -> "tuple[Any, Callable[[], Any], Any]":
    """The document is one that was there before: entries of then are not to count again."""
    with use_host(tab):
        state = persistent("s", {"t": "x", "n": 0})
    rest(browser)
    for number in (1, 0, 1, 0):
        with use_host(tab):
            state.n = number
        browser.clock.advance(1.2)
        browser.settle()
    fill(tab.area("local"), 200)
    return state, lambda: state.update(t="y" * 900), {"t": "y" * 900, "n": 0}


def emptied(browser: Browser, tab: Tab) -> "tuple[Any, Callable[[], Any], Any]":
    """There is no document afterwards, as there was none when the epoch began."""
    with use_host(tab):
        state = persistent("s", {"l": [1], "n": 0}, layout="journal")
        state.z = "c" * 900
    browser.clock.advance(1.5)
    browser.settle()
    with use_host(tab):
        state.l.append("h" * 90)
    fill(tab.area("local"), 100)
    return state, state.clear, {}


@rows(
    ("begin", "quota"),
    [(large_list, QUOTA), (nearly_full, 20_000), (as_it_was, 20_000), (emptied, 20_000)],
)
@pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning")  # what is put aside then
def test_page_killed_at_any_call_has_the_statement_whole_or_not(begin: Any, quota: int) -> None:
    for calls in range(40):
        browser = Browser()
        mortal = Mortal(browser, quota)
        state, change, after = begin(browser, mortal.tab)
        before = snapshot(state)
        mortal.left = calls
        is_killed = False
        with use_host(mortal.tab), suppress(QuotaExceededError):
            try:
                change()
            except Killed:
                is_killed = True
        mortal.tab.kill()
        mortal.left = None
        fresh = browser.open()
        with use_host(fresh):
            found = snapshot(persistent("s", {"l": [1]} if begin is emptied else {}))
        assert found in (before, after), f"killed at call {calls}"
        leave_all()
        if not is_killed:
            return
    raise AssertionError("it never ends")


@rows(
    ("begin", "quota"),
    [(large_list, QUOTA), (nearly_full, 20_000), (as_it_was, 20_000), (emptied, 20_000)],
)
@pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning")  # what is put aside then
def test_area_that_fails_at_any_call_agrees_with_memory(begin: Any, quota: int) -> None:
    for calls in range(40):
        browser = Browser()
        mortal = Mortal(browser, quota)
        mortal.error = OSError
        state, change, after = begin(browser, mortal.tab)
        before = snapshot(state)
        mortal.left = calls
        error = None
        with use_host(mortal.tab):
            try:
                change()
            except StorageError as raised:
                error = raised
        mortal.left = None
        assert snapshot(state) == (before if error else after), f"failing at call {calls}"
        rest(browser)
        mortal.tab.kill()
        with use_host(browser.open()):
            found = snapshot(persistent("s", {"l": [1]} if begin is emptied else {}))
        assert found == (before if error else after), f"failing at call {calls}"
        leave_all()
        if not mortal.has_ended:
            return
    raise AssertionError("it never ends")


@rows("end", ["hide", "leave", "close"])
@rows("size", [300, 20_000])
def test_fold_that_was_cut_off_is_made_again_before_anything_is_removed(
    end: str, size: int
) -> None:
    browser = Browser()
    mortal = Mortal(browser, QUOTA)
    with use_host(mortal.tab):
        state = persistent("s", {"t": "", "n": 0})
    rest(browser)
    with use_host(mortal.tab):
        state.t = "a" * size
        state.t, state.n = "short", 5
    mortal.left = 1  # the base, and not the document
    with suppress(Killed):
        browser.clock.advance(3)
    mortal.tab.kill()
    mortal.left = None
    browser.clock.advance(7)
    tab = browser.open()
    with use_host(tab):
        state = persistent("s")
        assert snapshot(state) == {"t": "short", "n": 5}
        if end == "leave":
            leave(state)
    if end != "leave":
        getattr(tab, end)()
    if not tab.is_closed:
        tab.kill()
    with use_host(browser.open()):
        assert snapshot(persistent("s")) == {"t": "short", "n": 5}


@rows("gap", [1, 2, 5, 8, 12])
def test_statement_behind_one_that_was_written_in_place_counts(gap: int) -> None:
    browser = Browser()
    tabs = []
    for _ in range(2):
        tab = browser.open()
        tab.area("local").quota = 100_000
        with use_host(tab):
            tabs.append((tab, persistent("s", {"x": "0" * 5000, "pad": "p" * 35_000})))
        browser.settle()
    rest(browser)
    (one, first), (two, second) = tabs
    fill(one.area("local"), 60)
    browser.settle()
    with use_host(one), suppress(QuotaExceededError):
        first.x = "A" * 5000
    rest(browser, gap)
    with use_host(two), suppress(QuotaExceededError):
        second.x = "B" * 5000
    expected = second.x
    rest(browser)
    assert (first.x[:1], second.x[:1]) == (expected[:1], expected[:1])


@pytest.mark.parametrize("layout", ["auto", "journal", "document"])
@rows("pad", [10, 3000])
@rows("op", ["delete", "append", "insert"])
def test_statement_in_the_moment_in_which_others_end_an_epoch_is_of_the_same_item(
    op: str, pad: int, layout: str
) -> None:
    browser = Browser()
    tabs = []
    for _ in range(2):
        tab = browser.open()
        with use_host(tab):
            init = {"l": [{"q": 1}, {"q": 2}, {"q": 3}], "pad": "p" * pad}
            tabs.append((tab, persistent("s", init, layout=layout)))
        browser.settle()
    rest(browser)
    (one, first), (two, second) = tabs
    with use_host(one):
        if op == "delete":
            del first.l[0]
        elif op == "append":
            first.l.append({"q": 4})
        else:
            first.l.insert(0, {"q": 0})
    for _ in range(3000):  # until the last base is gone, and nobody told of that yet
        browser.clock.advance(0.01)
        if list(browser.local.items) == [KEY]:
            break
        browser.settle()
    with use_host(two):
        second.l[3 if op == "append" else 0]["q"] = "X"
    expected = snapshot(second)
    browser.settle()
    rest(browser, 30)
    assert (snapshot(first), snapshot(second)) == (expected, expected)


@rows("kind", ["session", "persistent"])
@rows("seed", range(6))
def test_states_of_one_page_give_each_other_room(seed: int, kind: str) -> None:
    chance = Random(seed)
    tab = Browser().open()
    area: Any = tab.area("session" if kind == "session" else "local")
    area.quota = 524_288
    opener = {"session": session, "persistent": persistent}[kind]
    with use_host(tab):
        states = {name: opener(name, {"l": ["x" * 100_000]}) for name in ("one", "two")}
    rest(tab.browser)
    for _ in range(40):
        name, size = chance.choice(["one", "two"]), chance.randrange(100, 50_000)
        later = len(encode(snapshot(states[name]))) + size
        others = {key: text for key, text in area.entries().items() if f"://{name}@" not in key}
        with use_host(tab):
            try:
                states[name].l.append("y" * size)
            except QuotaExceededError:
                assert area.quota - used(others) - later < 65_536
    leave_all()


def test_entries_that_others_have_made_one_are_known_no_more() -> None:
    browser = Browser()
    tabs = []
    for _ in range(3):
        tab = browser.open()
        tab.area("local").quota = QUOTA
        with use_host(tab):
            tabs.append((tab, persistent("s", {"t": ""}, layout="document")))
        browser.settle()
    rest(browser)
    for number in range(150):
        tab, state = tabs[number % 3]
        with use_host(tab):
            state.t = f"{number}" + "x" * 20_000
        browser.clock.advance(0.05)
        browser.settle()
        known = tabs[0][1]._root.owner.keeper.record.epoch.units
        there = {key: text for key, text in browser.local.items.items() if "#edit" in key}
        assert known == used(there)


@rows(
    ("count", "beside", "more"),
    [(1500, 100_000, 30_000), (1000, 75_700, 10_000), (600, 70_000, 1000), (3300, 80_000, 10_000)],
)
def test_sorted_list_leaves_the_room_that_the_next_statements_have(
    count: int, beside: int, more: int
) -> None:
    """What is known of the items of a sorted list may be longer than they are."""
    tab = Browser().open()
    area: Any = tab.area("local")
    area.quota = QUOTA
    with use_host(tab):
        items = [{"i": 1, "q": number % 10} for number in range(count)]
        state = persistent("s", {"rows": items, "n": 0, "text": ""})
    rest(tab.browser, 15)
    fill(area, beside)
    for pause in (0, 1, 3):
        with use_host(tab):
            state.rows.sort(key=lambda row: (row["q"] * 7919 * (pause + 3)) % 1009)
            state.n += 1
            state.text = "t" * more
        rest(tab.browser, pause)
    expected = snapshot(state)
    rest(tab.browser, 11)
    assert used(area.entries()) - len(area.getItem("other")) < len(encode(expected)) * 1.15 + 8192
    tab.kill()
    with use_host(tab.browser.open()):
        assert snapshot(persistent("s")) == expected


@rows("seed", range(5))
def test_area_that_tabs_have_filled_together_is_folded_when_they_are_quiet(seed: int) -> None:
    chance = Random(seed)
    browser = Browser(network=True)
    tabs = []
    for _ in range(2):
        tab = browser.open()
        tab.area("local").quota = 40_000
        with use_host(tab):
            tabs.append((tab, persistent("s", {"l": [], "m": {}})))
        rest(browser, 3)
    for _ in range(200):
        tab, state = chance.choice(tabs)
        with use_host(tab), suppress(QuotaExceededError):
            if chance.random() < 0.6:
                state.l.append("x" * chance.randrange(1, 400))
            else:
                state.m[f"k{chance.randrange(30)}"] = "y" * chance.randrange(1, 600)
        if chance.random() < 0.7:
            browser.clock.advance(0.05)
            browser.settle()
    rest(browser, 12)
    (_, first), (_, second) = tabs
    assert snapshot(first) == snapshot(second)
    assert used(browser.local.items) < len(encode(snapshot(first))) * 1.15 + 8192
