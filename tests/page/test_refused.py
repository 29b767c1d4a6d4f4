"""Records that cannot be read are kept aside, and nothing is lost where there is no room for it."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import StorageWarning, leave, restored, session, snapshot
from anchor_session.testing import MemoryArea
from tests.support import DELETED, KEY, REJECTED, Spy, entries, reopen, rows, table, text_at

TEXTS = [
    "",
    "{",
    "[1]",
    "7",
    "null",
    '"text"',
    "NaN",
    "\x00",
    "\ud800",
    "{}{}",
    "[" * 10_000,
    '{"a":' * 10_000,
    '{"$anchor":"set","value":[1]}',
    '{"$anchor":"frozenset","value":[' * 300 + "]}" * 300,
]
IDS = [str(number) for number in range(len(TEXTS))]

pytestmark = [
    pytest.mark.both,
    pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning"),
]


@rows("text", TEXTS)
def test_refused_text_moves_aside(area: Any, text: str) -> None:
    area.setItem(KEY, text)
    kept = area.getItem(KEY)  # a browser keeps no lone surrogate on the way
    session("s", {"n": 1})
    assert entries(area) == {KEY: '{"n":1}', REJECTED: kept}


@rows("text", TEXTS)
def test_state_starts_from_init_where_the_text_is_refused(area: Any, text: str) -> None:
    area.setItem(KEY, text)
    assert snapshot(session("s", {"n": 1})) == {"n": 1}


def test_refused_text_leaves_no_record_of_an_empty_init(area: Any) -> None:
    area.setItem(KEY, "{")
    session("s")
    assert entries(area) == {REJECTED: "{"}


def test_refused_text_is_told_with_its_key_and_place(area: Any) -> None:
    area.setItem(KEY, "{")
    with pytest.warns(StorageWarning, match=f"`{KEY}` was refused .* moved to `{REJECTED}`"):
        session("s", {"n": 1})


def test_refused_text_is_the_evidence(area: Any) -> None:
    area.setItem(KEY, "[1]")
    found = restored(session("s", {"n": 1}, area=area))
    assert (found.outcome, found.rejected, found.dirty) == ("rejected", "[1]", False)


def test_refusal_carries_its_reason(area: Any) -> None:
    area.setItem(KEY, "[1]")
    assert "it holds list, not an object" in str(restored(session("s", area=area)).error)


def test_reload_after_a_refusal_reads_the_new_record(area: Any) -> None:
    area.setItem(KEY, "{")
    session("s", {"n": 1}, area=area).n = 2
    state = reopen("s", {"n": 1}, area=area)
    assert (restored(state).outcome, state.n) == ("restored", 2)


def test_second_refused_text_keeps_the_first_too(area: Any) -> None:
    for text in ("{1", "{2", "{3"):
        area.setItem(KEY, text)
        reopen("s", {"n": 1})
    kept = {key: text for key, text in entries(area).items() if key.startswith(REJECTED)}
    assert kept == {f"{REJECTED}.1": "{1", f"{REJECTED}.2": "{2", REJECTED: "{3"}


def test_text_refused_again_is_kept_once(area: Any) -> None:
    for _ in range(2):
        area.setItem(KEY, "{1")
        reopen("s", {"n": 1})
    assert entries(area) == {KEY: '{"n":1}', REJECTED: "{1"}


# -- no room ---------------------------------------------------------------------------------


def full(*texts: str) -> MemoryArea:
    """An area in which there is room for these texts at `KEY` and beside it, and for 9 units more."""
    area = MemoryArea()
    for text in texts:
        area.setItem(KEY, text)
        reopen("s", {"n": 1}, area=area)
    area.setItem(KEY, "{" + "x" * 100)
    area.quota = sum(len(key) + len(text) for key, text in entries(area).items()) + 9
    return area


@rows("texts", [(), ("{1",), ("{1", "{2")])
def test_refused_text_stays_where_there_is_no_room_for_it(texts: "tuple[str, ...]") -> None:
    area = full(*texts)
    before = entries(area)
    state = reopen("s", {"n": 1}, area=area)
    state.n = 2
    state.n = 3
    assert entries(area) == before


def test_state_lives_in_memory_while_its_key_holds_a_refused_text() -> None:
    state = session("s", {"n": 1}, area=full())
    state.n = 2
    assert (state.n, restored(state).dirty) == (2, True)


def test_refused_text_without_room_is_told() -> None:
    with pytest.warns(StorageWarning, match="no room .* lives in memory"):
        session("s", {"n": 1}, area=full())


@rows("texts", [(), ("{1",), ("{1", "{2")])
def test_refused_text_moves_with_the_first_write_that_has_room(texts: "tuple[str, ...]") -> None:
    area = full(*texts)
    state = reopen("s", {"n": 1}, area=area)
    state.n = 2
    area.quota = None
    state.n = 3
    assert (text_at(area), text_at(area, REJECTED)) == ('{"n":3}', "{" + "x" * 100)


def test_state_is_clean_once_there_was_room() -> None:
    area = full()
    state = session("s", {"n": 1}, area=area)
    area.quota = None
    state.n = 3
    assert restored(state).dirty is False


def test_leave_tries_once_more() -> None:
    area = full()
    state = session("s", {"n": 1}, area=area)
    state.n = 2
    area.quota = None
    leave(state)
    assert text_at(area) == '{"n":2}'


def test_earlier_refused_texts_are_all_kept_once_there_was_room() -> None:
    area = full("{1", "{2")
    state = reopen("s", {"n": 1}, area=area)
    area.quota = None
    state.n = 2
    kept = {text for key, text in entries(area).items() if key.startswith(REJECTED)}
    assert kept == {"{1", "{2", "{" + "x" * 100}


@rows("moment", ["fault", "fault_after"])
def test_refused_text_is_kept_whatever_call_fails(moment: str) -> None:
    with table() as row:
        for number in range(12):
            with row(f"call {number}"):
                spy = Spy()
                spy.area.setItem(KEY, "{2")
                spy.area.setItem(REJECTED, "{1")

                def fault(count: int, call: "tuple[str, ...]", number: int = number) -> None:
                    if count == number:
                        raise RuntimeError

                setattr(spy, moment, fault)
                try:
                    reopen("s", {"n": 1}, area=spy)
                except Exception:  # noqa: BLE001 - which one is another test's
                    pass
                spy.heal()
                assert {"{1", "{2"} <= set(entries(spy).values())


def test_deleted_names_start_anew_with_init(area: Any) -> None:
    area.setItem(KEY, "{")
    area.setItem(DELETED, '["n"]')
    session("s", {"n": 1})
    assert entries(area) == {KEY: '{"n":1}', REJECTED: "{"}


STATEMENTS: "list[Callable[[Any], object]]" = [
    lambda state: state.update(n=2),
    lambda state: state.clear(),
]


@rows("statement", STATEMENTS)
def test_refusal_warns_once_where_there_is_room(
    area: Any, statement: "Callable[[Any], object]"
) -> None:
    area.setItem(KEY, "{")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        statement(session("s", {"n": 1}))
    assert len(caught) == 1
