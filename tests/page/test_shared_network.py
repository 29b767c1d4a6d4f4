"""States that tabs have in common, over a network that is slow, out of order, and says things twice."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    DetachedError,
    ListView,
    MapView,
    SetView,
    leave,
    persistent,
    shared,
    snapshot,
)
from anchor_session.page.open_states import leave_all
from anchor_session.page.shared import epoch
from anchor_session.testing import Browser, Tab, use_host
from tests.support import rows, typed

OPENERS = {"persistent": persistent, "shared": shared}
NAME = "s"
LIMIT = 4  # tabs
INIT: dict[str, Any] = {"a": {"a": {"b": 1}}, "b": [3, [2], {"a": 1}], "c": {1, 2}, "kept": {}}


class Tabs:
    """Tabs with one state, and a program run on them: what happens where, one number a choice."""

    def __init__(
        self, opener: Callable[..., Any], *, at_once: bool = False, tells_late: bool = False
    ) -> None:
        self.browser = Browser(network=True)
        self.opener = opener
        self.tells_late = tells_late  # events may take longer than a second
        self.states: dict[Tab, Any] = {}
        self.once: dict[str, int] = {}
        for _ in range(2):
            self.open()
            if not at_once:
                self.browser.settle()

    def open(self) -> Tab:
        return self.start(self.browser.open())

    def start(self, tab: Tab) -> Tab:
        with use_host(tab):
            self.states[tab] = self.opener(NAME, INIT)
        return tab

    # -- what may happen ------------------------------------------------------------------------

    def change(self, tab: Tab, where: int, what: int) -> None:
        """One of the methods of one of the containers."""
        found = containers(self.states[tab])
        view = found[where % len(found)]
        with suppress(DetachedError):  # another tab removed it, which is found out at the writing
            if isinstance(view, MapView):
                change_map(view, what, is_root=view is found[0])
            elif isinstance(view, ListView):
                change_list(view, what)
            else:
                change_set(view, what)

    def set_once(self, tab: Tab, where: int, _: int) -> None:
        """A key that nobody else ever sets, at the top or in a map that stays."""
        name = f"once{len(self.once)}"
        state = self.states[tab]
        self.once[name] = where
        (state.kept if where % 2 else state)[name] = where

    def step(self, _: Tab, number: int, times: int) -> None:
        for n in range(1 + times % 5):
            self.browser.step(number + n)

    def idle(self, tab: Tab, *_: int) -> None:
        tab.idle()

    def advance(self, _: Tab, number: int, __: int) -> None:
        """Time passes. Storage takes less than a second between tabs that run."""
        seconds = [0.001, 0.1, 1, 7, 70][number % 5]
        while seconds >= 1:
            self.pass_on()
            self.browser.clock.advance(1)
            self.pass_on()
            seconds -= 1
        self.browser.clock.advance(seconds)

    def pass_on(self) -> None:
        for copy in self.browser.local.copies.copy():
            while copy.sent:
                self.browser.local.take(copy)
        for tab in self.browser.tabs:
            if tab.is_awake:
                (tab.receive if self.tells_late else tab.deliver)()

    def settle(self, *_: object) -> None:
        self.browser.settle()

    def freeze(self, tab: Tab, *_: int) -> None:
        tab.freeze()

    def thaw(self, _: Tab, number: int, __: int) -> None:
        """A tab that goes on has its copy of the storage brought up to date before it runs."""
        tab = self.browser.tabs[number % len(self.browser.tabs)]
        tab.thaw()
        tab.receive()

    def come(self, tab: Tab, number: int, _: int) -> None:
        if len(self.browser.tabs) < LIMIT:
            self.start(tab.duplicate() if number % 2 else self.browser.open())

    def go(self, tab: Tab, number: int, _: int) -> None:
        """Be closed, gone at once, loaded anew, or leave the state and open it again."""
        if number % 4 == 3:
            with use_host(tab):
                leave(self.states[tab])
            self.start(tab)
            return
        if number % 4 == 2:
            self.start(tab.reload())
        elif len(self.browser.tabs) > 1:
            (tab.kill if number % 4 else tab.close)()
        if tab.is_closed:
            del self.states[tab]

    def run(self, program: "list[tuple[str, int, int, int]]") -> None:
        for name, which, *numbers in program:
            tab = self.browser.tabs[which % len(self.browser.tabs)]
            if tab.is_awake:
                with use_host(tab):
                    getattr(self, name)(tab, *numbers)
            elif name in ("step", "advance", "settle", "thaw"):
                getattr(self, name)(tab, *numbers)

    # -- what must hold -------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        for number in range(len(self.browser.tabs)):
            self.thaw(self.browser.tabs[number], number, 0)
        self.browser.settle()

    def fresh(self) -> Any:
        """What a tab finds that knows nothing."""
        tab = self.browser.open()
        with use_host(tab):
            self.states[tab] = self.opener(NAME)
        found = typed(in_order(snapshot(self.states.pop(tab))))
        tab.kill()
        return found

    def seen(self) -> "list[Any]":
        return [typed(in_order(snapshot(state))) for state in self.states.values()]

    def check(self) -> None:
        self.come_to_rest()
        seen = self.seen()
        assert seen == [seen[0]] * len(seen)
        assert self.fresh() == seen[0]
        state = snapshot(next(iter(self.states.values())))
        found = {**state, **state["kept"]}
        assert {name: found.get(name) for name in self.once} == self.once
        self.fold()
        assert self.seen() == seen
        assert self.fresh() == seen[0]

    def fold(self) -> None:
        for tab in self.browser.tabs:
            tab.idle()
            self.browser.settle()


def containers(state: MapView) -> "list[Any]":
    """All views of the state, itself first, but for what only `set_once` changes."""
    found: list[Any] = [state]
    for view in found:
        if isinstance(view, MapView):
            inside = [view[key] for key in sorted(view) if key != "kept"]
        else:
            inside = list(view) if isinstance(view, ListView) else []
        found += [each for each in inside if isinstance(each, MapView | ListView | SetView)]
    return found


def in_order(data: Any) -> Any:
    """The same with sorted keys: tabs may have them in another order."""
    if isinstance(data, dict):
        return {key: in_order(data[key]) for key in sorted(data)}
    return [in_order(item) for item in data] if isinstance(data, list) else data


def value(number: int) -> Any:
    makers: list[Callable[[int], Any]] = [
        lambda n: n,
        lambda n: f"text {n}",
        lambda n: {"a": n, "b": [n]},
        lambda n: [n, {"a": n}],
        lambda n: {n, n + 1},
        lambda n: {},
    ]
    return makers[number % len(makers)](number // len(makers))


def change_map(view: Any, what: int, *, is_root: bool) -> None:
    how, what = what % 6, what // 6
    key = "abc"[what % 3]
    if how == 1:
        view.pop(key, None)
    elif how == 2:
        view.update({"a": value(what), "b": what})
    elif how == 3:
        view.setdefault(key, value(what))
    elif how == 4 and not is_root:
        view.clear()
    else:
        view[key] = value(what)


def change_list(view: Any, what: int) -> None:
    how, what = what % 12, what // 12
    place = what % (len(view) + 1)
    if how == 1:
        view.insert(place, value(what))
    elif how == 2 and view:
        view.pop(place % len(view))
    elif how == 3:
        view.sort(key=repr)
    elif how == 4 and view:
        view[place % len(view)] = value(what)
    elif how == 5:
        view.reverse()
    elif how == 6:
        view[place : place + 2] = [what, value(what), what]
    elif how == 7:
        view.extend([what, value(what)])
    elif how == 8:
        view.clear()
    elif how > 9 and view:
        view.move(place % len(view), what // 5 % len(view))
    else:
        view.append(value(what))


def change_set(view: Any, what: int) -> None:
    how, what = what % 4, what // 4
    if how == 1:
        view.discard(what % 4)
    elif how == 2:
        view ^= {what % 4, what % 3}
    elif how == 3:
        view.clear()
    else:
        view.add(what % 5)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tab's entries are soon made one."""
    monkeypatch.setattr(epoch, "JOURNAL_ABOVE", 40)
    monkeypatch.setattr(epoch, "_MANY", 3)


CHANGES = ["change", "change", "change", "set_once"]
NETWORK = ["step", "step", "step", "settle", "advance", "idle"]
LIVES = ["freeze", "thaw", "come", "go"]
NUMBER = st.integers(0, 1000)


def programs(names: "list[str]") -> Any:
    """Statements: what happens, in which tab, and two numbers that say how."""
    statement = st.tuples(st.sampled_from(names), st.integers(0, LIMIT - 1), NUMBER, NUMBER)
    return st.lists(statement, max_size=40)


def run(opener: Callable[..., Any], program: "list[Any]", **options: bool) -> None:
    leave_all()
    tabs = Tabs(opener, **options)
    tabs.run(program)
    tabs.check()
    leave_all()


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
@given(program=programs(CHANGES + NETWORK))
def test_two_tabs_agree_and_lose_nothing(opener: Any, program: "list[Any]") -> None:
    run(opener, program)


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
@given(program=programs(CHANGES + NETWORK))
def test_two_tabs_that_begin_at_once_agree_and_lose_nothing(
    opener: Any, program: "list[Any]"
) -> None:
    run(opener, program, at_once=True)


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
@given(program=programs(CHANGES + NETWORK + LIVES))
def test_tabs_that_come_and_go_agree_and_lose_nothing(opener: Any, program: "list[Any]") -> None:
    run(opener, program)


@rows("opener", OPENERS)
def test_change_after_rest_arrives_where_events_are_late(opener: Any) -> None:
    run(
        opener,
        [("advance", 0, 3, 0), ("settle", 0, 0, 0), ("set_once", 1, 222, 0)],
        tells_late=True,
    )


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
@given(program=programs(CHANGES + NETWORK + LIVES))
def test_tabs_whose_events_are_late_agree_and_lose_nothing(
    opener: Any, program: "list[Any]"
) -> None:
    run(opener, program, tells_late=True)


@rows("opener", OPENERS)
def test_defaults_that_two_tabs_deleted_at_once_stay_deleted(opener: Any) -> None:
    tabs = Tabs(opener)
    one, two = tabs.states.values()
    del one["a"]
    del two["b"]
    tabs.browser.settle()
    assert sorted(tabs.states[tabs.open()]) == ["c", "kept"]
