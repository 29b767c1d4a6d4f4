"""States of several tabs: `sync_tabs` follows, and without it nobody does."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import QuotaExceededError, StorageWarning, effect
from anchor_session.page.open_states import leave_all
from anchor_session.state import Persistence, State
from anchor_session.testing import use_host
from anchor_session.testing.browser import Browser
from anchor_session.testing.tabs import Tab
from tests.support import read, rows


def initial() -> "dict[str, Any]":
    return {"n": 0, "map": {}, "list": []}


def kept(tab: Tab, *, sync_tabs: bool = True, **options: Any) -> "State[Any]":
    with use_host(tab):
        return State(
            initial,
            persistence=Persistence("k", area="local", sync_tabs=sync_tabs, **options),
        )


def test_change_of_another_tab_is_taken_over_and_told() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    found: list[Any] = []
    state, other = kept(one), kept(two)
    other.on(found.append)
    effect(lambda: found.append(other.key("n").get()))
    with use_host(one):
        state.set({"n": 1})
    network.settle()
    assert other.get()["n"] == 1
    assert found == [0, {"n": 1, "map": {}, "list": []}, 1]


def test_changes_of_different_keys_are_both_kept() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    state, other = kept(one), kept(two)
    with use_host(one):
        state.set({"map": {"a": 1}, "n": 1})
    with use_host(two):
        other.set({"map": {"b": 2}, "list": [3]})
    network.settle()
    assert state.get() == other.get() == {"n": 1, "map": {"a": 1, "b": 2}, "list": [3]}


def test_without_sync_tabs_nothing_is_taken_over() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    state, other = kept(one, sync_tabs=False), kept(two, sync_tabs=False)
    with use_host(one):
        state.set({"n": 1})
    network.settle()
    assert other.get()["n"] == 0
    with use_host(two):
        other.set({"list": [1]})
    assert read(network.local.items["k"]) == {"n": 0, "map": {}, "list": [1]}


def test_frame_of_the_tab_follows_without_sync_tabs() -> None:
    network = Browser()
    tab = network.open()
    frame = tab.frame()
    with use_host(tab):
        state = State(initial, persistence=Persistence("k"))
    with use_host(frame):
        other = State(initial, persistence=Persistence("k"))
    with use_host(tab):
        state.set({"n": 1})
    network.settle()
    assert other.get()["n"] == 1


def test_disposed_state_does_not_follow() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    state, other = kept(one), kept(two)
    with use_host(two):
        asyncio.run(other.dispose())
    with use_host(one):
        state.set({"n": 1})
    network.settle()
    assert other.get()["n"] == 0


def test_what_another_program_writes_is_validated() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    state = kept(one, validate=lambda data: isinstance(data["n"], int))
    with use_host(one):
        state.set({"n": 1})
    for _ in range(30):
        network.settle()
        network.clock.advance(1)
    two.area("local").setItem("k", '{"n":"many"}')
    with pytest.warns(StorageWarning):
        network.settle()
    assert state.get()["n"] == 1
    with use_host(one), pytest.warns(StorageWarning, match="rejected"):
        state.set({"list": [1]})
    assert network.local.items["k#rejected"] == '{"n":"many"}'


def test_silent_set_stays_while_another_tab_changes_something_else() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    state, other = kept(one), kept(two)
    with use_host(one):
        state.set({"n": 5}, sync=False)
    with use_host(two):
        other.set({"list": [1]})
    network.settle()
    assert (state.get(), other.get()["n"]) == ({"n": 5, "map": {}, "list": [1]}, 0)
    with use_host(one):
        state.set({"map": {"a": 1}})
    network.settle()
    assert other.get() == {"n": 5, "map": {"a": 1}, "list": [1]}


STATEMENTS = st.one_of(
    st.integers(1, 5).map(lambda n: {"n": n}),
    st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), min_size=1, max_size=2).map(
        lambda items: {"map": items}
    ),
    st.lists(st.integers(0, 2), max_size=2).map(lambda items: {"list": items}),
)


@pytest.mark.parametrize("interval", [None, 2])
@given(st.lists(st.tuples(st.integers(0, 1), STATEMENTS, st.integers(0, 40)), max_size=10))
def test_tabs_agree_in_the_end(interval: "float | None", program: "list[Any]") -> None:
    network = Browser(network=True)
    tabs = [network.open(), network.open()]
    states = [kept(tab, interval=interval) for tab in tabs]
    for which, partial, steps in program:
        with use_host(tabs[which]):
            states[which].set(partial)
        for choice in range(steps % 5):
            network.step(choice + steps)
    for _ in range(12):
        network.settle()
        network.clock.advance(1)
    network.settle()
    assert states[0].get() == states[1].get()
    assert kept(network.open()).get() == states[0].get() if interval is None else True
    leave_all()


# -- others take no key away --------------------------------------------------------------------------


@rows("interval", [None, 5])
def test_key_that_another_tab_removes_starts_again(interval: "float | None") -> None:
    network = Browser()
    one, two = network.open(), network.open()
    found: list[Any] = []
    state = kept(one, interval=interval)
    state.on(found.append)
    with use_host(two):
        older = State(
            lambda: {"n": 0},
            persistence=Persistence("k", area="local", sync_tabs=True),
        )
    with use_host(one):
        state.set({"list": [1]})
    network.settle()
    with use_host(two):
        older.set({"n": 5})
        older.reset()  # which removes what it does not know
    network.settle()
    assert state.get() == found[-1] == initial()
    with use_host(one):
        state.set({"map": {"a": 1}})
        network.clock.advance(5)
        network.settle()
        assert kept(network.open()).get() == {"n": 0, "map": {"a": 1}, "list": []}


@rows("kind", ["session", "local"])
def test_record_that_lacks_a_key_is_completed(kind: str) -> None:
    network = Browser()
    tab = network.open()
    with use_host(tab):
        state = State(initial, persistence=Persistence("k", area=kind, sync_tabs=True))
        state.set({"map": {"a": 1}})
    for _ in range(30):
        network.settle()
        network.clock.advance(1)
    other = tab.frame() if kind == "session" else network.open()
    other.area(kind).setItem("k", '{"n":5}')
    network.settle()
    assert state.get() == {"n": 5, "map": {}, "list": []}


def test_journal_goes_on_where_a_record_lacked_a_key() -> None:
    network = Browser()
    tab = network.open()
    frame = tab.frame()
    with use_host(tab):
        state = State(initial, persistence=Persistence("k"))
        state.set({"list": ["x" * 20000]})
    text = json.dumps({"list": ["y" * 20000]})
    frame.area("session").setItem("k", text)
    network.settle()
    with use_host(tab):
        state.set({"map": {"a": 1}})
        leave_all()
        again = State(initial, persistence=Persistence("k"))
    assert again.get() == {"n": 0, "map": {"a": 1}, "list": ["y" * 20000]}


# -- what waits and what others store -----------------------------------------------------------------


@dataclass
class Board:
    n: int = 0
    map: dict[str, int] = field(default_factory=dict)


def board(tab: Tab, interval: "float | None" = None) -> "State[Board]":
    with use_host(tab):
        return State(
            Board,
            persistence=Persistence("k", area="local", sync_tabs=True, interval=interval),
        )


def test_what_waits_is_written_after_what_nobody_told_of() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    state, other = board(one, interval=5), board(two)
    network.settle()
    with use_host(one):
        state.set({"n": 1})
        state.set({"map": {"a": 1}})
    one.freeze()
    network.settle()
    with use_host(two):
        other.set({"map": {"b": 2}})
    network.clock.advance(5)
    with use_host(one):
        state.set({"n": 2})  # its tab has not heard of the other's change
    one.thaw()
    network.settle()
    assert state.get() == other.get() == Board(2, {"b": 2, "a": 1})


def test_what_waits_outlives_a_statement_that_fails_after_others_changed() -> None:
    network = Browser()
    one, two = network.open(), network.open()
    is_full = make_full_at_will(one)
    state, other = kept(one, interval=5), kept(two)
    network.settle()
    with use_host(one):
        state.set({"n": 1})
        state.set({"map": {"a": 1}})
    one.freeze()
    network.settle()
    with use_host(two):
        other.set({"map": {"b": 2}})
    network.clock.advance(5)
    with use_host(one):
        is_full.append(True)
        with pytest.raises(QuotaExceededError):
            state.set({"n": 2})
        is_full.clear()
    assert (state.get()["n"], state.get()["map"]["a"]) == (1, 1)
    one.thaw()
    network.settle()
    for _ in range(12):
        network.clock.advance(1)
        network.settle()
    assert state.get() == other.get() == {"n": 1, "map": {"b": 2, "a": 1}, "list": []}


def make_full_at_will(tab: Tab) -> "list[bool]":
    """Have the tab's `localStorage` refuse to write while the list has something."""
    is_full: list[bool] = []
    area = tab.area("local")
    write = area.setItem

    def set_item(key: str, text: str) -> None:
        if is_full:
            raise QuotaExceededError("no room", key=key)
        write(key, text)

    area.setItem = set_item  # type: ignore[assignment, method-assign]
    return is_full


# -- validate ---------------------------------------------------------------------------------


def is_valid(data: "dict[str, Any]") -> bool:
    return type(data["n"]) is int and data["n"] >= 0


def two_tabs() -> "tuple[Browser, State[Any], State[Any]]":
    """One that stores what it likes, and one that looks at it."""
    network = Browser()
    return network, kept(network.open()), kept(network.open(), validate=is_valid)


def test_change_that_validate_refuses_is_not_taken_over() -> None:
    network, state, careful = two_tabs()
    found: list[Any] = []
    careful.on(found.append)
    state.set({"n": -1})
    with pytest.warns(StorageWarning, match="the state stays as it is"):
        network.settle()
    assert (careful.get()["n"], found) == (0, [])
    assert read(network.tabs[0].area("local").getItem("k"))["n"] == -1
    state.reset()
    network.settle()


def test_validate_is_told_the_whole_and_may_raise() -> None:
    network = Browser()
    state = kept(network.open())
    found: list[Any] = []

    def look(data: "dict[str, Any]") -> bool:
        found.append(data)
        if data["map"]:
            raise LookupError
        return True

    careful = kept(network.open(), validate=look)
    state.set({"n": 1})
    network.settle()
    assert found[-1] == {"n": 1, "map": {}, "list": []}
    state.set({"map": {"a": 1}})
    with pytest.warns(StorageWarning, match="LookupError"):
        network.settle()
    assert careful.get() == {"n": 1, "map": {}, "list": []}
    state.reset()
    network.settle()


def test_state_follows_again_what_validate_takes() -> None:
    network, state, careful = two_tabs()
    state.set({"n": -1, "list": [1]})
    with pytest.warns(StorageWarning):
        network.settle()
    state.set({"n": 2})
    network.settle()
    assert careful.get() == state.get() == {"n": 2, "map": {}, "list": [1]}
    careful.set({"n": 3})
    network.settle()
    assert state.get()["n"] == 3
    assert network.tabs[0].area("local").getItem("k#rejected") is None


def test_what_was_refused_is_kept_when_the_next_statement_stores_over_it() -> None:
    network, state, careful = two_tabs()
    state.set({"n": -1})
    with pytest.warns(StorageWarning):
        network.settle()
    with pytest.warns(StorageWarning, match="moved to `k#rejected`"):
        careful.set({"list": [1]})
    network.settle()
    assert state.get() == careful.get() == {"n": 0, "map": {}, "list": [1]}
    rejected = network.tabs[0].area("local").getItem("k#rejected")
    assert read(rejected) == {"n": -1, "map": {}, "list": []}


def test_statement_comes_after_what_validate_refuses_and_nobody_told_of() -> None:
    network, state, careful = two_tabs()
    state.set({"n": -1})
    with pytest.warns(StorageWarning):
        careful.set({"list": [1]})
    network.settle()
    assert state.get() == careful.get() == {"n": 0, "map": {}, "list": [1]}
    assert network.tabs[0].area("local").getItem("k#rejected") is not None


def test_state_that_validate_would_refuse_itself_follows_as_before() -> None:
    network, state, careful = two_tabs()
    careful.set({"n": -1})
    network.settle()
    state.set({"list": [1]})
    network.settle()
    assert careful.get() == state.get() == {"n": -1, "map": {}, "list": [1]}


def test_frame_does_not_take_over_what_validate_refuses() -> None:
    tab = Browser().open()

    def framed(where: Tab, **options: Any) -> "State[Any]":
        with use_host(where):
            return State(lambda: {"n": 0, "t": "x" * 2000}, persistence=Persistence("k", **options))

    state = framed(tab)
    careful = framed(tab.frame(), validate=is_valid)
    state.set({"n": 1})
    tab.browser.settle()
    assert careful.get()["n"] == 1
    state.set({"n": -1})
    with pytest.warns(StorageWarning, match="the state stays as it is"):
        tab.browser.settle()
    assert careful.get()["n"] == 1
    state.set({"n": 2})
    tab.browser.settle()
    assert careful.get()["n"] == 2
