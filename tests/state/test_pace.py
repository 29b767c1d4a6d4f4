"""`interval` and `throttle`: what waits, and that the last of it is never lost."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import QuotaExceededError, StorageWarning, batch, effect
from anchor_session.page.open_states import leave_all
from anchor_session.state import Persistence, State
from anchor_session.testing import MemoryArea, use_host
from anchor_session.testing.browser import Browser
from anchor_session.testing.tabs import Tab
from tests.support import read, rows

KINDS = [
    ("session", False),
    ("local", False),
    ("local", True),
]


def initial() -> "dict[str, Any]":
    return {"n": 0, "map": {"x": 1}, "list": []}


@pytest.fixture
def network() -> Browser:
    return Browser()


@contextmanager
def on_a_tab(network: Browser) -> "Iterator[Tab]":
    tab = network.open()
    with use_host(tab):
        yield tab
        leave_all()


@pytest.fixture
def tab(network: Browser) -> "Iterator[Tab]":
    with on_a_tab(network) as tab:
        yield tab


class Writes:
    """Counts how often the key itself is written."""

    def __init__(self, tab: Tab, kind: str) -> None:
        self.texts: list[str] = []
        area = tab.area(kind)
        write = area.setItem

        def spy(key: str, value: str) -> None:
            if key == "k":
                self.texts.append(value)
            write(key, value)

        area.setItem = spy  # type: ignore[method-assign]


def kept(kind: Any = "session", sync_tabs: bool = False, **options: Any) -> "State[Any]":
    interval = options.pop("interval", 10)
    persistence = Persistence("k", area=kind, sync_tabs=sync_tabs, interval=interval)
    return State(initial, persistence=persistence, **options)


def stored(tab: Tab, kind: str = "session") -> Any:
    """What a new document finds."""
    with use_host(tab):
        leave_all()
        return State(initial, persistence=Persistence("k", area=kind)).get()


# -- interval -----------------------------------------------------------------------------------------


@rows(("kind", "sync_tabs"), KINDS)
def test_changes_of_one_interval_are_one_write(kind: str, sync_tabs: bool) -> None:
    network = Browser()
    with on_a_tab(network) as tab:
        writes = Writes(tab, kind)
        state = kept(kind, sync_tabs)
        writes.texts.clear()
        for number in range(1, 100):
            state.set({"n": number, "list": [number]})
        assert state.get()["n"] == 99
        assert len(writes.texts) == 1
        assert read(writes.texts[0])["n"] == 1
        network.clock.advance(10)
        tab.run()
        assert read(writes.texts[-1]) == state.get()
        assert len(writes.texts) == 2


@rows(("kind", "sync_tabs"), KINDS)
def test_last_change_is_there_when_the_page_goes(kind: str, sync_tabs: bool) -> None:
    with on_a_tab(Browser()) as tab:
        state = kept(kind, sync_tabs)
        state.set({"n": 1})
        state.set({"n": 2, "map": {"y": 2}})
        tab.hide()
        assert stored(tab, kind) == {"n": 2, "map": {"x": 1, "y": 2}, "list": []}


@rows(("kind", "sync_tabs"), KINDS)
def test_last_change_is_there_after_dispose(kind: str, sync_tabs: bool) -> None:
    with on_a_tab(Browser()) as tab:
        state = kept(kind, sync_tabs)
        state.set({"n": 1})
        state.set({"n": 2})
        asyncio.run(state.dispose())
        assert stored(tab, kind)["n"] == 2


def test_last_change_is_there_when_all_states_are_left(tab: Tab) -> None:
    state = kept()
    state.set({"n": 1})
    state.set({"n": 2})
    assert stored(tab)["n"] == 2


def test_change_after_a_quiet_interval_is_written_at_once(network: Browser, tab: Tab) -> None:
    writes = Writes(tab, "session")
    state = kept()
    state.set({"n": 1})
    network.clock.advance(10)
    tab.run()
    writes.texts.clear()
    state.set({"n": 2})
    assert len(writes.texts) == 1


def test_everybody_hears_at_once_though_nothing_is_written(tab: Tab) -> None:
    state, found = kept(), []
    effect(lambda: found.append(state.key("n").get()))
    state.set({"n": 1})
    state.set({"n": 2})
    assert found == [0, 1, 2]


def test_nothing_waits_and_nobody_listens_when_all_is_written(network: Browser, tab: Tab) -> None:
    state = kept()
    state.set({"n": 1})
    state.set({"n": 2})
    asyncio.run(state.dispose())
    network.clock.advance(60)
    assert not tab.has_due()


@pytest.fixture
def own() -> MemoryArea:
    """An area that can be full."""
    return MemoryArea()


def test_value_that_was_a_container_in_between_is_the_last_one(network: Browser, tab: Tab) -> None:
    state = kept("local", sync_tabs=True)
    for value in [1, 2, [1], 3, 4]:
        state.set({"n": value})
    network.clock.advance(10)
    assert stored(tab, "local")["n"] == 4
    two = network.open()
    with use_host(two):
        assert kept("local", sync_tabs=True).get()["n"] == 4


def test_write_that_fails_is_warned_of_and_tried_again(
    network: Browser, tab: Tab, own: MemoryArea
) -> None:
    state = kept(own)
    state.set({"n": 1})
    state.set({"n": 2})
    own.quota = 0
    with pytest.warns(StorageWarning, match="`k`.*tried again"):
        network.clock.advance(10)
    assert (state.get()["n"], read(own.getItem("k"))["n"]) == (2, 1)
    own.quota = None
    network.clock.advance(10)
    assert read(own.getItem("k"))["n"] == 2


def test_write_that_fails_at_once_undoes_its_statement_alone(
    network: Browser, tab: Tab, own: MemoryArea
) -> None:
    state = kept(own)
    state.set({"n": 1})
    state.set({"n": 2})
    tab.freeze()  # the timer is late
    network.clock.advance(10)
    own.quota = 0
    with pytest.raises(QuotaExceededError):
        state.set({"n": 3})
    assert (state.get()["n"], read(own.getItem("k"))["n"]) == (2, 1)
    own.quota = None
    state.set({"map": {"y": 1}})
    assert read(own.getItem("k")) == {"n": 2, "map": {"x": 1, "y": 1}, "list": []}


def test_dispose_raises_what_could_not_be_written(tab: Tab, own: MemoryArea) -> None:
    state = kept(own)
    state.set({"n": 1})
    state.set({"n": 2})
    own.quota = 0
    with pytest.raises(QuotaExceededError):
        asyncio.run(state.dispose())
    assert state.is_disposed
    assert read(own.getItem("k"))["n"] == 1


def test_batch_that_is_undone_waits_for_nothing(network: Browser, tab: Tab) -> None:
    state = kept()
    state.set({"n": 1})
    state.set({"n": 2})
    with pytest.raises(ZeroDivisionError), batch():
        state.set({"n": 3, "list": [3]})
        _ = 1 / 0
    network.clock.advance(10)
    tab.run()
    assert stored(tab) == {"n": 2, "map": {"x": 1}, "list": []}


def test_batch_that_another_state_breaks_leaves_what_waits(
    network: Browser, tab: Tab, own: MemoryArea
) -> None:
    state = kept("local", sync_tabs=True)
    other = State(initial, persistence=Persistence("other", area=own))
    state.set({"n": 1})
    state.set({"n": 2})
    own.quota = 0
    with pytest.raises(QuotaExceededError), batch():
        state.set({"n": 3, "list": [3]})
        other.set({"n": 3})
    network.clock.advance(10)
    two = network.open()
    with use_host(two):
        assert kept("local", sync_tabs=True).get() == {"n": 2, "map": {"x": 1}, "list": []}


def test_other_tab_s_changes_join_what_waits(network: Browser, tab: Tab) -> None:
    two = network.open()
    state = kept("local", sync_tabs=True)
    with use_host(two):
        other = kept("local", sync_tabs=True)
    state.set({"n": 1})
    state.set({"map": {"a": 1}})
    with use_host(two):
        other.set({"map": {"b": 2}})
    network.settle()
    assert state.get() == {"n": 1, "map": {"x": 1, "a": 1, "b": 2}, "list": []}
    network.clock.advance(10)
    network.settle()
    assert other.get() == state.get()


STATEMENTS = st.one_of(
    st.integers(0, 3).map(lambda n: {"n": n}),
    st.lists(st.integers(0, 2), max_size=2).map(lambda items: {"list": items}),
    st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2).map(
        lambda items: {"map": items}
    ),
    st.sampled_from([{"n": [1]}, {"n": {"z": 1}}, {"map": 5}]),
)
PROGRAMS = st.lists(
    st.one_of(STATEMENTS, STATEMENTS, STATEMENTS, st.sampled_from(["time", "event"])),
    min_size=4,
    max_size=15,
)


@given(PROGRAMS)
@pytest.mark.parametrize(("kind", "sync_tabs"), KINDS)
def test_what_is_written_in_the_end_is_what_was_set(
    kind: str, sync_tabs: bool, program: "list[Any]"
) -> None:
    network = Browser()
    tab, two = network.open(), network.open()
    with use_host(tab):
        leave_all()
        state = kept(kind, sync_tabs)
        plain = State(initial)
        for each in program:
            if each == "time":
                network.clock.advance(4)
                tab.run()
            elif each == "event":
                network.settle()
            else:
                state.set(each)
                plain.set(each)
            assert state.get() == plain.get()
        tab.hide()
        assert stored(tab, kind) == plain.get()
        leave_all()
    assert two is not tab


# -- throttle -----------------------------------------------------------------------------------------


def test_set_within_the_time_is_held_and_then_applied(network: Browser, tab: Tab) -> None:
    state, found = kept(interval=None, throttle=1), []
    state.on(lambda now: found.append(now["n"]))
    state.set({"n": 1})
    state.set({"n": 2})
    state.set(lambda now: {"n": now["n"] + 1})
    assert (state.get()["n"], state.key("n").get(), found) == (1, 1, [1])
    network.clock.advance(1)
    tab.run()
    assert (state.get()["n"], found) == (3, [1, 3])


def test_signal_is_held_like_set(network: Browser, tab: Tab) -> None:
    state = kept(interval=None, throttle=1)
    state.key("n").set(1)
    state.key("n").set(lambda n: n + 1)
    state.set({"n": 7})
    state.key("n").set(lambda n: n + 1)
    assert state.get()["n"] == 1
    network.clock.advance(1)
    tab.run()
    assert state.get()["n"] == 8


def test_held_change_is_there_when_the_page_goes(tab: Tab) -> None:
    state = kept(interval=None, throttle=1)
    state.set({"n": 1})
    state.set({"n": 2})
    tab.hide()
    assert stored(tab)["n"] == 2


def test_held_and_paced_change_is_there_when_the_page_goes(tab: Tab) -> None:
    state = kept(interval=5, throttle=1)
    for number in (1, 2, 3):
        state.set({"n": number})
    tab.hide()
    assert stored(tab)["n"] == 3


def test_held_change_is_applied_and_told_at_dispose(tab: Tab) -> None:
    state, found = kept(interval=None, throttle=1), []
    state.on(lambda now: found.append(now["n"]))
    state.set({"n": 1})
    state.set({"n": 2})
    asyncio.run(state.dispose())
    assert (state.get()["n"], found, stored(tab)["n"]) == (2, [1, 2], 2)


def test_errors_of_a_held_set_are_raised_at_once(network: Browser, tab: Tab) -> None:
    state = kept(interval=None, throttle=1)
    state.set({"n": 1})
    for partial in [{"colour": 1}, {"n": print}, 5, lambda now: now["n"] / 0]:
        with pytest.raises((KeyError, TypeError, ZeroDivisionError)):
            state.set(partial)
    network.clock.advance(1)
    tab.run()
    assert state.get()["n"] == 1


def test_reset_forgets_what_is_held(network: Browser, tab: Tab) -> None:
    state = kept(interval=None, throttle=1)
    state.set({"n": 1})
    state.set({"n": 2})
    state.reset()
    network.clock.advance(1)
    tab.run()
    assert state.get() == initial()


def test_held_and_silent_changes_come_in_order(network: Browser, tab: Tab) -> None:
    state = kept(interval=None, throttle=1)
    state.set({"n": 1})
    state.set({"n": 2})
    state.set({"n": 3}, sync=False)
    assert state.get()["n"] == 3
    network.clock.advance(1)
    tab.run()
    assert state.get()["n"] == 3


def test_held_change_that_does_not_fit_is_tried_again(
    network: Browser, tab: Tab, own: MemoryArea
) -> None:
    state = kept(own, interval=None, throttle=1)
    state.set({"n": 1})
    state.set({"n": 2})
    own.quota = 0
    with pytest.warns(StorageWarning, match="tried again"):
        network.clock.advance(1)
    own.quota = None
    network.clock.advance(1)
    assert state.get()["n"] == read(own.getItem("k"))["n"] == 2


def test_nobody_listens_when_nothing_is_held(network: Browser, tab: Tab) -> None:
    state = State(initial, throttle=1)
    state.set({"n": 1})
    network.clock.advance(60)
    assert not tab.has_due()
    state.set({"n": 2})
    state.set({"n": 3})
    assert state.get()["n"] == 2
    asyncio.run(state.dispose())
    network.clock.advance(60)
    assert not tab.has_due()


def test_clock_that_is_put_back_holds_nothing_for_ever(network: Browser, tab: Tab) -> None:
    state = State(initial, throttle=1)
    state.set({"n": 1})
    network.clock.advance(-3600)
    state.set({"n": 2})
    assert state.get()["n"] == 2


@rows("nothing", [None, 0])
def test_without_throttle_nothing_is_held(nothing: Any) -> None:
    state = State(initial, throttle=nothing)
    state.set({"n": 1})
    state.set({"n": 2})
    assert state.get()["n"] == 2


# -- where there is no page ---------------------------------------------------------------------------


@pytest.mark.both
def test_running_loop_applies_what_is_held() -> None:
    async def program() -> int:
        state: State[dict[str, Any]] = State(initial, throttle=0.01)
        done = asyncio.Event()
        state.on(lambda now: done.set() if now["n"] == 2 else None)
        state.set({"n": 1})
        state.set({"n": 2})
        await asyncio.wait_for(done.wait(), 30)
        return int(state.get()["n"])

    assert asyncio.run(program()) == 2


@pytest.mark.both
def test_without_a_loop_whoever_reads_applies_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    from anchor_session import host

    now = [10**15]
    monkeypatch.setattr(host.current(), "now", lambda: now[0])
    monkeypatch.setattr(host.current(), "after", lambda seconds, callback: lambda: None)
    state = State(initial, throttle=1)
    state.set({"n": 1})
    state.set({"n": 2})
    assert state.get()["n"] == 1
    now[0] += 10**6
    found: list[int] = []
    effect(lambda: found.append(state.key("n").get()))
    assert found == [2]


# -- what waits is neither lost nor left behind -------------------------------------------------------


def test_state_that_could_not_be_written_at_its_end_writes_nothing_later(
    network: Browser, tab: Tab, own: MemoryArea
) -> None:
    state = kept(own)
    state.set({"n": 1})
    state.set({"n": 2})
    own.quota = 0
    with pytest.raises(QuotaExceededError):
        asyncio.run(state.dispose())
    own.quota = None
    kept(own, interval=None).set({"n": 9})
    network.clock.advance(10)
    tab.hide()
    assert read(own.getItem("k"))["n"] == 9


@rows("statement", ["set", "reset"])
def test_batch_that_fails_leaves_what_is_held(statement: str) -> None:
    network = Browser()
    with on_a_tab(network) as tab:
        state = State(initial, throttle=1)
        state.set({"n": 1})
        state.set({"n": 2})
        tab.freeze()  # the timer is late
        network.clock.advance(1)
        with pytest.raises(ZeroDivisionError), batch():
            state.set({"n": 3}) if statement == "set" else state.reset()
            _ = 1 / 0
        tab.thaw()
        found: list[int] = []
        state.on(lambda now: found.append(now["n"]))
        network.settle()
        network.clock.advance(1)
        assert found == [2]


def test_callback_that_raises_at_the_end_of_the_page_stops_no_write(tab: Tab) -> None:
    state = kept(interval=timedelta(seconds=100), throttle=1)

    def refuse(now: Any) -> None:
        if now["n"] == 3:
            raise RuntimeError("mine")

    state.on(refuse)
    for number in (1, 2, 3):
        state.set({"n": number})
    with pytest.raises(RuntimeError, match="mine"):
        tab.hide()
    assert read(tab.area("session").getItem("k"))["n"] == 3


@rows("is_silent", [False, True])
def test_kept_change_that_cannot_be_made_any_more_is_forgotten(is_silent: bool) -> None:
    network = Browser()
    with on_a_tab(network):
        breaks: list[bool] = []

        def equality(old: Any, new: Any) -> bool:
            if breaks and new == 2:
                raise RuntimeError("mine")
            return bool(old == new)

        state = State(initial, throttle=1, equality=equality)
        state.set({"n": 1})
        state.set({"n": 2}, sync=not is_silent)
        breaks.append(True)
        with pytest.raises(RuntimeError, match="mine"):
            if is_silent:
                state.get()
            else:
                network.clock.advance(1)
        network.clock.advance(1)
        state.set({"list": [1]})
        assert state.get() == initial() | {"n": 1, "list": [1]}


@rows("options", [{"interval": 1}, {"interval": None, "throttle": 1}])
def test_time_that_ends_inside_a_batch_ends_again_after_it(options: Any) -> None:
    network = Browser()
    with on_a_tab(network) as tab:
        state = kept(**options)
        state.set({"n": 1})
        state.set({"n": 2})
        with batch():
            network.clock.advance(1)
            assert read(tab.area("session").getItem("k"))["n"] == 1
        network.clock.advance(1)
        assert (state.get()["n"], read(tab.area("session").getItem("k"))["n"]) == (2, 2)
