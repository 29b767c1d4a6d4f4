"""States of several tabs: `sync_tabs` follows, and without it nobody does."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import StorageWarning, effect
from anchor_session.page.registry import leave_all
from anchor_session.state import Persistence, State
from anchor_session.testing import use_host
from anchor_session.testing.browser import Browser
from anchor_session.testing.tabs import Tab
from tests.support import read


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
