"""Moments in which memory, the document and its journal could part, and do not."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from anchor_session import (
    SessionStorage,
    StorageWarning,
    batch,
    leave,
    persistent,
    session,
    snapshot,
)
from anchor_session.testing import Browser, MemoryArea, tabs, use_host
from tests.support import KEY, REJECTED, Spy, entries, read, reopen, rows, stored, text_at

LONG = "y" * 6000


@dataclass
class Notes:
    big: str = ""
    lines: list[str] = field(default_factory=list)


def test_document_that_the_schema_completed_is_written_before_anything_is_built_on_it() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        state = session("s", Notes(big=LONG))
        tab.frame().area("session").setItem(KEY, f'{{"big":"{LONG}"}}')
        tab.deliver()
        state.lines.append("mine")
        leave(state)
        assert snapshot(session("s", Notes())) == Notes(LONG, ["mine"])


def test_cleared_state_is_written_before_anything_is_built_on_it() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        state = session("s", {"items": {"x": 1}}, layout="journal")
        state["items"]["z"] = 3
        tab.frame().area("session").clear()
        tab.deliver()
        state["items"]["y"] = 2
        assert stored(tab.area("session")) == {"items": {"x": 1, "y": 2}}


@pytest.mark.both
def test_idle_moment_inside_a_batch_stores_nothing_of_it() -> None:
    (tab,) = tabs(1)

    async def change(state: Any) -> None:
        with batch():
            state.a = 99
            await asyncio.sleep(0)

    async def main(state: Any) -> None:
        task = asyncio.ensure_future(change(state))
        await asyncio.sleep(0)
        tab.idle()
        with pytest.raises(RuntimeError, match="await"):
            await task

    with use_host(tab):
        state = session("s", {"a": 0, "b": 0}, layout="journal")
        state.b = 1
        asyncio.run(main(state))
        assert (snapshot(state), stored(tab.area("session"))) == ({"a": 0, "b": 1},) * 2


def test_idle_moment_inside_an_open_batch_waits_for_another() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        state = session("s", {"a": 0}, layout="journal")
        state.a = 1
        with batch():
            state.a = 2
            tab.idle()
            assert stored(tab.area("session")) == {"a": 1}
        tab.idle()
        assert entries(tab.area("session")) == {KEY: '{"a":2}'}


def test_journal_that_the_schema_refuses_is_kept_aside() -> None:
    (tab,) = tabs(1)

    def small(data: dict[str, Any]) -> dict[str, Any]:
        if data["n"] > 9:
            raise ValueError("n is too big")
        return data

    frame = tab.frame()
    with use_host(frame):
        other = session("s", {"n": 0}, layout="journal")
    with use_host(tab):
        state = session("s", {"n": 0}, layout="journal", schema=small)
        other.note = "precious"
        other.n = 50
        with pytest.warns(StorageWarning, match="cannot be used"):
            tab.deliver()
        with pytest.warns(StorageWarning, match="moved"):
            state.n = 2
        area = tab.area("session")
        assert read(text_at(area, REJECTED)) == {"n": 50, "note": "precious"}
        assert stored(area) == {"n": 2}


def test_storage_class_on_the_key_of_an_open_state_is_in_its_journal() -> None:
    area = MemoryArea()
    state = session("s", {"a": 0}, area=area, layout="journal")
    storage = SessionStorage("s", adapter=area)
    state.b = 2
    storage.set("k", 1)
    state.c = 3
    state.d = 4
    assert stored(area) == {"a": 0, "b": 2, "k": 1, "c": 3, "d": 4} == snapshot(state)


def test_interrupted_fold_takes_no_later_statement_with_it() -> None:
    spy = Spy()
    (tab,) = tabs(1)
    with use_host(tab):
        state = session("s", {"a": 0}, area=spy, layout="journal")
        state.a = 1

        def interrupt(count: int, call: tuple[str, ...]) -> None:
            if call[0] == "remove":
                raise KeyboardInterrupt

        spy.fault = interrupt
        with pytest.raises(KeyboardInterrupt):
            tab.idle()
        spy.heal()
        state.a = 2
        assert stored(spy) == {"a": 2}
        assert snapshot(reopen(area=spy)) == {"a": 2}


def test_state_waits_for_the_idle_moments_of_the_host_it_was_opened_on() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        state = session("s", {"n": 0}, layout="journal")
    for n in (1, 2):
        state.n = n
        tab.idle()
        assert entries(tab.area("session")) == {KEY: f'{{"n":{n}}}'}


@rows("grow", ["rows", "blob"])
def test_full_area_leaves_a_state_that_can_shrink(grow: str) -> None:
    area = MemoryArea(quota=40_000)
    state = session("s", {"rows": [], "n": 0, "fill": "f" * 5000}, area=area)
    if grow == "blob":
        state["blob"] = "b" * 25_000
    else:
        for _ in range(24):
            state.rows.append("y" * 1000)
    state.n = 1
    del state["fill"]
    assert stored(area) == snapshot(state)


def test_one_large_change_is_no_entry() -> None:
    area = MemoryArea()
    state = session("s", {"fill": "f" * 5000}, area=area)
    state["blob"] = "b" * 30_000
    assert list(entries(area)) == [KEY]


def test_what_a_crash_left_of_a_fold_goes_with_a_migration() -> None:
    area = MemoryArea()
    area.setItem("anchor-session://s@1", '{"a":1}')
    area.setItem("anchor-session://s@1#journal", "00000000-7")
    session("s@2:1", migrate=lambda old: old, area=area)
    assert entries(area) == {"anchor-session://s@2": '{"a":1}'}


def test_what_another_tab_has_just_stored_stays_where_a_typed_state_orders_its_fields() -> None:
    """Entries bring fields of one default together: that order differs, and is stored with a statement."""

    @dataclass
    class Form:
        first: dict[str, str] = field(default_factory=dict)
        rows: list[str] = field(default_factory=list)
        last: dict[str, str] = field(default_factory=dict)

    browser = Browser()
    opened = []
    for _ in range(2):
        tab = browser.open()
        with use_host(tab):
            opened.append((tab, persistent("s", Form())))
    browser.settle()
    (one, here), (two, there) = opened
    with use_host(two):
        there.first["text"] = "x" * 2000
    browser.settle()
    browser.clock.advance(0.25)
    with use_host(two):
        there.rows.append("two")
    with use_host(one):
        here.rows.append("one")
    browser.settle()
    assert sorted(here.rows) == sorted(there.rows) == ["one", "two"]
