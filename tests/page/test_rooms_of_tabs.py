"""States of two tabs that are written in place of entries: what either has stored stays."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from anchor_session import (
    QuotaExceededError,
    StorageWarning,
    persistent,
    restored,
    session,
    snapshot,
)
from anchor_session.page.open_states import leave_all
from anchor_session.page.record.layout import name_of
from anchor_session.page.shared.record import SharedRecord
from anchor_session.testing import Browser, MemoryArea, Tab, use_host
from tests.support import rows

KEY = "anchor-persistent://s@1.0.0"


def opened(
    browser: Browser, init: "dict[str, Any]", quota: int, layout: Any = "auto"
) -> "list[tuple[Tab, Any]]":
    """Two tabs with the state, and nothing but its document."""
    found = []
    for _ in range(2):
        tab = browser.open()
        tab.area("local").quota = quota
        with use_host(tab):
            found.append((tab, persistent("s", init, layout=layout)))
        browser.settle()
    rest(browser)
    return found


def rest(browser: Browser, seconds: int = 20) -> None:
    for _ in range(seconds):
        browser.settle()
        browser.clock.advance(1)
    browser.settle()


@rows("size", [20_000, 30_000])
@rows("seconds", [0, 0.5, 2])
def test_statement_behind_one_that_was_written_in_place_unheard_keeps_it(
    seconds: float, size: int
) -> None:
    browser = Browser()
    (one, first), (two, second) = opened(browser, {"kept": {}}, 100_000)
    with use_host(one):
        first["big"] = "x" * size
    browser.clock.advance(seconds)
    with use_host(two):
        second["note"] = "y" * 1000
    rest(browser)
    assert sorted(first) == sorted(second) == ["big", "kept", "note"]
    assert list(browser.local.items) == [KEY]


@rows("layout", ["auto", "journal"])
@rows("first", ["n", "l"])
@rows("free", range(20, 440, 20))
def test_change_of_what_another_tab_has_just_written_in_place_stays(
    free: int, first: str, layout: str
) -> None:
    """The document that has it lacks what the other tab had stored: it was written by one who knew."""
    browser = Browser()
    init = {"l": [{"q": 1}, {"q": 2}], "m": {"a": 1}, "t": "", "n": 0}
    (one, here), (two, there) = opened(browser, init, 20_000, layout)
    area: Any = one.area("local")
    used = sum(len(key) + len(text) for key, text in area.entries().items())
    area.setItem("other", "o" * (20_000 - used - 5 - free))
    values: dict[str, Any] = {"n": [5, 9], "l": [["g", {"q": 2}], ["h"]]}
    for tab, state, name, value, pause in (
        (one, here, first, values[first][0], 5),
        (one, here, "t", "y" * 60, 3),
        (two, there, first, values[first][1], 3),
    ):
        with suppress(QuotaExceededError), use_host(tab):
            state[name] = value
        expected = snapshot(state)
        for _ in range(pause):
            browser.settle()
            browser.clock.advance(0.1)
    assert snapshot(here) == snapshot(there) == expected
    rest(browser)
    assert snapshot(here) == snapshot(there) == expected


def test_tab_that_writes_in_place_removes_no_entry_that_it_has_not_heard_of() -> None:
    browser = Browser(network=True)
    (one, first), (two, second) = opened(browser, {"big": []}, 100_000)
    with use_host(two):
        second["big"].extend(range(369))
    with use_host(one):
        first["note"] = "x" * 20_000
    count = 369
    with use_host(two), suppress(QuotaExceededError):
        second["big"].append("y" * 30_000)
        count += 1
    rest(browser)
    assert snapshot(first) == snapshot(second)
    assert (len(first["big"]), len(first["note"])) == (count, 20_000)


@rows("room", [950, 1050, 1200])
def test_document_that_is_there_stays_announced(room: int) -> None:
    tab = Browser().open()
    area: Any = tab.area("local")
    area.quota = 100_000
    heard: list[Any] = []

    def leave_free(units: int) -> None:
        area.removeItem("other")
        used = sum(len(key) + len(text) for key, text in area.entries().items())
        area.setItem("other", "o" * (area.quota - used - len("other") - units))

    with use_host(tab):
        state = persistent("s", {"n": 0, "t": "", "l": []}, on_error=heard.append)
        state.l = [7] * 60
        leave_free(900)
        state.t = "x" * 600
        state.l = [8] * 100
        leave_free(room)
        state.n = 1
        is_stored, expected = not restored(state).dirty, snapshot(state)
    tab.kill()
    tab = tab.browser.open()
    with use_host(tab):
        found = snapshot(persistent("s"))
    assert found == expected if is_stored else found["t"] == "x" * 600


@rows("layout", ["document", "auto"])
def test_deletion_that_is_refused_is_not_made_by_the_next_statement(layout: str) -> None:
    tab = Browser().open()
    area = tab.area("local")
    with use_host(tab):
        state = persistent("s", {"a": 1, "m": {"x": 1}, "t": ""}, layout=layout)
        rest(tab.browser)
        area.quota = sum(len(key) + len(text) for key, text in area.entries().items())
        with pytest.raises(QuotaExceededError):
            state.pop("a")  # the list of deleted names takes more than that gives
        state["t"] = {}
        assert state.a == 1
        leave_all()
        assert persistent("s", {"a": 1}).a == 1


def test_bases_of_tabs_that_began_at_different_times_come_to_rest() -> None:
    browser = Browser(network=True)
    tabs = []
    for _ in range(2):  # neither knows of the other
        tab = browser.open()
        browser.clock.advance(0.3)
        with use_host(tab):
            tabs.append((tab, persistent("s", {"l": ["x" * 2000], "n": 0})))
    for tab, state in tabs[::-1]:
        with use_host(tab):
            state.n = state.n + 1
        browser.clock.advance(0.3)
    rest(browser, 40)
    assert list(browser.local.items) == [KEY]


def test_base_of_another_interpreter_is_left_whose_document_is_still_to_come() -> None:
    """A worker and its page write between each other's calls."""
    browser = Browser()
    (one, first), (two, _) = opened(browser, {"l": ["x" * 3000], "n": 0}, 5_000_000)
    area: Any = two.area("local")
    with use_host(one):
        first.n = 1
    browser.settle()
    record = SharedRecord(first._root.owner.area, KEY, one)
    record.load()
    stamp = f"{record.next_stamp()[:13]}aaaaaa"
    base = f"{KEY}#base.{record.epoch.since}.{stamp}.12345678-bcd"
    area.setItem(base, f'["{name_of(area.getItem(KEY))}",{{}},["",[]]]')
    browser.settle()
    with use_host(one):
        first.n = 2
    browser.clock.advance(2)
    browser.settle()
    assert area.getItem(base) is not None


def test_journal_that_is_large_has_a_reserve_which_a_refused_change_leaves() -> None:
    area = MemoryArea(quota=400_000)
    state = session("s", {"l": ["x" * 100_000]}, area=area)
    state.l.append("y" * 30_000)
    reserve = "anchor-session://s@1.0.0#reserve"
    assert area.getItem(reserve) is not None
    used = sum(len(key) + len(text) for key, text in area._items.items())
    area.setItem("other", "o" * (400_000 - used - len("other")))
    state.l.pop(0)  # has room, though nothing was free
    assert snapshot(state) == {"l": ["y" * 30_000]}
    leave_all()
    assert area.getItem(reserve) is None
    assert session("s", area=area) == {"l": ["y" * 30_000]}


@rows("pad", [10, 5_000])
@rows("layout", ["auto", "document"])
def test_tab_that_no_event_has_reached_writes_no_document(layout: str, pad: int) -> None:
    """A loop that runs for seconds: what others have stored meanwhile may lie in their document alone."""
    browser = Browser(network=True)
    init = {"pad": "x" * pad}
    tabs = [browser.open() for _ in range(2)]
    states = []
    for tab in tabs:
        with use_host(tab):
            states.append(persistent("s", init, layout=layout))
        rest(browser)
    (one, busy), (first, second) = tabs, states
    with use_host(busy):
        second["before"] = 1
    browser.settle()
    busy.freeze()
    for number in range(12):
        with use_host(one):
            first[f"k{number}"] = number
        browser.clock.advance(1)
        browser.settle()
    with use_host(busy):
        second["late"] = 1
    browser.settle()
    one.kill()
    busy.thaw()
    rest(browser)
    others = {f"k{number}": number for number in range(12)}
    assert snapshot(second) == {**init, **others, "before": 1, "late": 1}
    busy.kill()
    with use_host(browser.open()):
        assert snapshot(persistent("s")) == snapshot(second)


def filling(browser: Browser, *, do_meet: bool) -> "tuple[list[Any], list[str]]":
    """Three tabs that each store all that has room before any of them hears of the others; what that was."""
    tabs = [browser.open() for _ in range(3)]
    states = []
    for tab in tabs:
        tab.area("local").quota = 30_000
        with use_host(tab):
            states.append(persistent("s", {}))
    if do_meet:
        rest(browser)
    names = []
    for number, (tab, state) in enumerate(zip(tabs, states, strict=True)):
        with use_host(tab), suppress(QuotaExceededError):
            for count in range(200):
                state[f"{number}-{count}"] = "x" * 200
                names.append(f"{number}-{count}")
    return states, names


def test_tabs_that_know_of_each_other_fill_their_area_without_losing_anything() -> None:
    """Browsers let several tabs together go a little beyond what each of them may store."""
    browser = Browser(network=True)
    states, names = filling(browser, do_meet=True)
    rest(browser)
    assert len(names) > 50
    assert [set(state) for state in states] == [set(names)] * 3


def test_tabs_that_fill_their_area_before_they_meet_keep_what_has_no_room_in_memory() -> None:
    """Each writes in place, and only one document is left: the others say so, and store all again later."""
    browser = Browser(network=True)
    states, names = filling(browser, do_meet=False)
    with pytest.warns(StorageWarning, match="lives in memory"):
        rest(browser)
    for number, state in enumerate(states):
        assert {name for name in names if name.startswith(f"{number}-")} <= set(state)
    for tab in browser.tabs:
        tab.area("local").quota = None
    rest(browser, 80)
    assert [set(state) for state in states] == [set(names)] * 3


def test_large_change_that_was_refused_beside_another_tab_has_room_the_next_time() -> None:
    """The state was small so far: that the turn would be needed nobody could know."""
    browser = Browser(network=True)
    (one, here), (_, there) = opened(browser, {"texts": [], "n": 0}, 500_000)
    area: Any = one.area("local")
    area.setItem("other", "o" * 390_000)
    rest(browser)
    with use_host(one), suppress(QuotaExceededError):
        here["texts"].append("x" * 60_000)
    rest(browser, 1)
    with use_host(one):
        here["n"] += 1
    rest(browser, 5)
    with use_host(one):
        here["texts"].append("y" * 60_000)
    rest(browser)
    assert there["texts"][-1] == "y" * 60_000


def test_turn_is_given_to_the_tab_that_asks_for_it() -> None:
    browser = Browser(network=True)
    (one, here), (two, there) = opened(browser, {"texts": []}, 500_000)
    area: Any = one.area("local")
    area.setItem("other", "o" * 310_000)
    for size in (55_000, 80_000):
        with use_host(one), suppress(QuotaExceededError):
            here["texts"].append("x" * size)
        rest(browser, 9)
    assert any("anchor-turn:" in name for _, name in browser.locks)
    rest(browser, 60)
    for number in range(2):
        with use_host(two), suppress(QuotaExceededError):
            there["texts"] = ["y" * (100_000 + number)]
        rest(browser, 5)
    assert here["texts"] == ["y" * 100_001]


@rows("pause", [1.2, 2, 3])
def test_text_that_is_set_again_beside_another_tab_takes_twice_the_state(pause: float) -> None:
    browser = Browser(network=True)
    (one, here), _ = opened(browser, {"t": "-" * 300_000}, 5_242_880)
    for letter in "abcdefghijkl":
        with use_host(one):
            here["t"] = letter * 300_000
        area: Any = one.area("local")
        taken = sum(len(key) + len(text) for key, text in area.entries().items())
        assert taken < 2.2 * 300_000 + 65_536
        for _ in range(round(pause * 10)):
            browser.settle()
            browser.clock.advance(0.1)


TWO_STATEMENTS: "list[tuple[Callable[[Any], Any], Callable[[Any], Any]]]" = [
    (lambda s: s.l.append({"q": 9}), lambda s: s.update(n=2)),
    (lambda s: s.l.pop(0), lambda s: s.update(n=2)),
    (lambda s: s.l.append({"q": 9}), lambda s: s.l.pop(0)),
    (lambda s: s.l.move(2, 0), lambda s: s.l[0].update(q=8)),
    (lambda s: s.l.clear(), lambda s: s.l.append({"q": 9})),
    (lambda s: s.l.sort(key=lambda item: -item.q), lambda s: s.l.pop()),
    (lambda s: s.update(l=[{"q": 9}]), lambda s: s.l.append({"q": 9})),
    (lambda s: s.m.update(b=2), lambda s: s.m.pop("a")),
]


@rows("others", [False, True])
@rows("after", [5.25, 5.75, 8.5, 9, 9.5, 10, 10.5])
@rows(("first", "second"), TWO_STATEMENTS)
def test_statements_of_a_task_in_which_another_tab_tidies_are_made_once(
    first: "Callable[[Any], Any]", second: "Callable[[Any], Any]", after: float, others: bool
) -> None:
    """The tab in the task does not hear that the epoch is over; others may go on in the next one."""
    browser = Browser(network=True)
    init = {"l": [{"q": 1}, {"q": 2}, {"q": 3}], "n": 0, "m": {"a": 1}, "texts": []}
    (one, here), (two, there) = opened(browser, init, 5_242_880)
    with use_host(one):
        here["n"] = 1
    for _ in range(round(after * 20)):
        browser.settle()
        browser.clock.advance(0.05)
    one.freeze()  # its task has begun
    for number in range(20):
        browser.settle()
        browser.clock.advance(0.05)
        if others and number > 16:
            with use_host(two):
                there.texts.append("x" * 600)
    with use_host(one):
        first(here)
        second(here)
    expected = {**snapshot(here), "texts": ["x" * 600] * (3 if others else 0)}
    one.thaw()
    rest(browser)
    assert (snapshot(here), snapshot(there)) == (expected, expected)
    assert not any("#rejected" in key for key in browser.local.items)


def test_one_tab_at_a_time_writes_in_place_beside_others() -> None:
    """Both have the state open in an area that it nearly fills: each grows it in turn, none is refused."""
    browser = Browser(network=True)
    tabs = opened(browser, {"texts": [], "n": 0}, 300_000)
    for number in range(3):
        tab, state = tabs[number % 2]
        with use_host(tab):
            state["n"] += 1
        rest(browser, 3)
        with use_host(tab):
            state["texts"].append("x" * 78_000)
        rest(browser, 5)
    assert [len(state["texts"]) for _, state in tabs] == [3, 3]
    rest(browser)
    assert sum(len(key) + len(text) for key, text in browser.local.items.items()) < 234_200


@rows("is_closed", [False, True])
@rows("wait", [1, 6, 8])
@rows(("size", "count"), [(400, 40), (3000, 5), (100_000, 3)])
def test_state_that_becomes_large_unheard_is_not_written_over_as_a_small_one(
    size: int, count: int, wait: int, is_closed: bool
) -> None:
    """The other tab still announces documents; one that lies over the large one leaves what builds it."""
    browser = Browser(network=True)
    states = []
    for _ in range(2):
        tab = browser.open()
        with use_host(tab):
            states.append((tab, persistent("s", {"m": {}, "n": 0})))
    browser.settle()
    (one, here), (two, there) = states
    rest(browser, wait)
    for number in range(count):
        with use_host(one):
            here.m[f"k{number}"] = "x" * size
    with use_host(two):
        there.n = 1
        there.m["b"] = 1
    if is_closed:
        one.close()
    else:
        one.hide()
    rest(browser)
    assert (len(there.m), there.n) == (count + 1, 1)
