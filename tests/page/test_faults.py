"""Areas that are full, blocked, absent or broken."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    QuotaExceededError,
    StorageError,
    StorageUnavailableError,
    StorageUnavailableWarning,
    batch,
    leave,
    persistent,
    restored,
    session,
    snapshot,
    subscribe,
    usage,
)
from anchor_session.host.memory import MemoryHost
from anchor_session.page.open_states import leave_all
from anchor_session.testing import MemoryArea, tabs, use_host
from tests.support import KEY, Killed, Spy, entries, reopen, rows, text_at

pytestmark = pytest.mark.both


class Dom(Exception):
    """An error of a browser: what it is stands in its name."""

    def __init__(self, name: str) -> None:
        super().__init__("the browser says no")
        self.name = name


def raising(error: BaseException) -> "Callable[[int, tuple[str, ...]], None]":
    def fault(count: int, call: "tuple[str, ...]") -> None:
        if call[0] != "get":
            raise error

    return fault


# -- what is raised --------------------------------------------------------------------------

NAMED: "list[tuple[Exception, type[StorageError]]]" = [
    (Dom("QuotaExceededError"), QuotaExceededError),
    (Dom("NS_ERROR_DOM_QUOTA_REACHED"), QuotaExceededError),
    (Dom("SecurityError"), StorageUnavailableError),
    (Dom("InvalidStateError"), StorageUnavailableError),
    (Dom("DataCloneError"), StorageError),
    (RuntimeError("x"), StorageError),
    (KeyError("x"), StorageError),
    (OSError(28, "No space left"), StorageError),
    (QuotaExceededError("full"), QuotaExceededError),
    (StorageUnavailableError("blocked"), StorageUnavailableError),
]


@rows(("error", "kind"), NAMED)
def test_error_of_the_area_becomes_ours(error: Exception, kind: "type[StorageError]") -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    spy.fault = raising(error)
    with pytest.raises(StorageError) as caught:
        state.n = 2
    assert type(caught.value) is kind


def test_error_names_the_key() -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    spy.fault = raising(RuntimeError("x"))
    with pytest.raises(StorageError) as caught:
        state.n = 2
    assert caught.value.key == KEY


def test_error_keeps_its_cause() -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    cause = RuntimeError("x")
    spy.fault = raising(cause)
    with pytest.raises(StorageError) as caught:
        state.n = 2
    assert caught.value.__cause__ is cause


@rows("moment", ["fault", "fault_after"])
@rows("error", [KeyboardInterrupt(), SystemExit(), Killed()])
def test_interruption_undoes_the_statement(moment: str, error: BaseException) -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    spy.heal()

    def once(count: int, call: "tuple[str, ...]") -> None:
        if count == 0:
            raise error

    setattr(spy, moment, once)
    with pytest.raises(type(error)):
        state.n = 2
    assert (snapshot(state), text_at(spy)) == ({"n": 1}, '{"n":1}')


# -- quota -----------------------------------------------------------------------------------


def nearly_full(state_text: str, more: int) -> MemoryArea:
    area = MemoryArea(quota=len(KEY) + len(state_text) + more)
    area.setItem(KEY, state_text)
    return area


def test_write_to_the_exact_quota_succeeds() -> None:
    area = nearly_full('{"t":""}', 10)
    session("s", area=area).t = "x" * 10
    assert usage(area).used == area.quota


def test_write_beyond_the_quota_by_one_unit_raises() -> None:
    state = session("s", area=nearly_full('{"t":""}', 10))
    with pytest.raises(QuotaExceededError):
        state.t = "x" * 11


def test_quota_counts_utf_16_units() -> None:
    state = session("s", area=nearly_full('{"t":""}', 10))
    with pytest.raises(QuotaExceededError):
        state.t = "😀" * 6


def test_small_change_works_after_a_write_that_was_too_large() -> None:
    area = nearly_full('{"t":""}', 10)
    state = session("s", area=area)
    with pytest.raises(QuotaExceededError):
        state.t = "x" * 11
    state.t = "y"
    assert text_at(area) == '{"t":"y"}'


def test_quota_error_carries_its_evidence() -> None:
    area = nearly_full('{"t":""}', 100)
    area.setItem("other", "x" * 60)
    state = session("s", area=area)
    with pytest.raises(QuotaExceededError) as caught:
        state.t = "x" * 70
    error = caught.value
    assert (error.key, error.needed, error.used, error.largest) == (
        KEY,
        len(KEY) + 8 + 70,
        len(KEY) + 8 + 65,
        [("other", 65), (KEY, len(KEY) + 8)],
    )


def test_quota_error_of_an_area_that_cannot_list_its_keys_has_no_sum() -> None:
    class Blind:
        def __init__(self) -> None:
            self.getItem = MemoryArea().getItem

        def setItem(self, key: str, text: str) -> None:
            raise Dom("QuotaExceededError")

        def removeItem(self, key: str) -> None:
            raise AssertionError

    with pytest.raises(QuotaExceededError) as caught:
        session("s", {"n": 1}, area=Blind())
    assert (caught.value.used, caught.value.largest) == (None, [])


# -- usage -----------------------------------------------------------------------------------


def test_usage_counts_keys_and_values_of_everybody(area: Any) -> None:
    area.setItem("theirs", "é😀")
    session("s", {"n": 1})
    found = usage(area)
    assert (found.used, found.largest) == (len(KEY) + 7 + 9, [(KEY, len(KEY) + 7), ("theirs", 9)])


def test_usage_is_of_the_default_area(area: Any) -> None:
    area.setItem("a", "b")
    assert usage().used == 2


def test_usage_of_an_empty_area(area: Any) -> None:
    assert (usage(area).used, usage(area).largest) == (0, [])


@rows("quota", [None, 0, 100])
def test_usage_tells_the_quota_of_a_memory_area(quota: "int | None") -> None:
    assert usage(MemoryArea(quota)).quota == quota


def test_usage_of_a_blocked_area_is_unknown() -> None:
    area = MemoryArea()
    area.is_blocked = True
    assert usage(area).used is None


def test_usage_lists_the_ten_largest(area: Any) -> None:
    for number in range(12):
        area.setItem(f"{number:02}", "x" * number)
    assert [size for _, size in usage(area).largest] == list(range(13, 3, -1))


# -- on_error --------------------------------------------------------------------------------


def test_error_goes_to_on_error() -> None:
    errors: list[StorageError] = []
    state = session("s", area=nearly_full('{"t":""}', 10), on_error=errors.append)
    state.t = "x" * 11
    assert [type(error) for error in errors] == [QuotaExceededError]


def test_memory_keeps_what_on_error_was_told_of() -> None:
    state = session("s", area=nearly_full('{"t":""}', 10), on_error=lambda error: None)
    state.t = "x" * 11
    assert (state.t, restored(state).dirty) == ("x" * 11, True)


def test_storage_stays_as_it_was_where_on_error_was_told() -> None:
    area = nearly_full('{"t":""}', 10)
    session("s", area=area, on_error=lambda error: None).t = "x" * 11
    assert entries(area) == {KEY: '{"t":""}'}


def test_next_write_stores_the_whole_state() -> None:
    area = nearly_full('{"t":""}', 10)
    state = session("s", area=area, on_error=lambda error: None)
    state.t = "x" * 11
    area.quota = None
    state.n = 1
    assert (text_at(area), restored(state).dirty) == ('{"t":"xxxxxxxxxxx","n":1}', False)


def test_leave_tries_to_store_what_is_dirty() -> None:
    area = nearly_full('{"t":""}', 10)
    state = session("s", area=area, on_error=lambda error: None)
    state.t = "x" * 11
    area.quota = None
    leave(state)
    assert text_at(area) == '{"t":"xxxxxxxxxxx"}'


def test_subscribers_hear_of_what_memory_keeps() -> None:
    heard: list[Any] = []
    state = session("s", area=nearly_full('{"t":""}', 10), on_error=lambda error: None)
    subscribe(state, heard.append)
    state.t = "x" * 11
    assert len(heard) == 1


def test_on_error_that_raises_is_a_callback_that_fails() -> None:
    def refuse(error: StorageError) -> None:
        raise error

    area = nearly_full('{"t":""}', 10)
    state = session("s", area=area, on_error=refuse)
    with pytest.raises(QuotaExceededError):
        state.t = "x" * 11
    assert (snapshot(state), restored(state).dirty) == ({"t": "x" * 11}, True)
    state.t = "x"
    assert (text_at(area), restored(state).dirty) == ('{"t":"x"}', False)


def test_on_error_runs_when_the_statement_is_done_and_before_subscribers() -> None:
    """It may make room, and who listens never hears the past after the present."""
    heard: list[str] = []
    area = nearly_full('{"t":""}', 10)
    state: Any = session("s", area=area, on_error=lambda error: state.update(t="small"))
    subscribe(state, lambda change: heard.append(state.t))
    state.t = "x" * 50
    assert (state.t, restored(state).dirty, set(heard)) == ("small", False, {"small"})


def test_batch_that_fails_reports_nothing_to_on_error() -> None:
    errors: list[StorageError] = []
    tolerant = session("s", {"a": 1}, area=MemoryArea(quota=60), on_error=errors.append)
    strict = session("t", {"a": 1}, area=MemoryArea(quota=60))
    with pytest.raises(QuotaExceededError), batch():
        tolerant.a = "x" * 100
        strict.a = "x" * 100
    assert (tolerant.a, strict.a, errors, restored(tolerant).dirty) == (1, 1, [], False)


def test_failing_statement_leaves_what_another_document_stored() -> None:
    one, two = tabs(2)
    with use_host(one):
        mine = persistent("s", {"a": 1})
    with use_host(two):
        theirs = persistent("s")
    theirs.a = 2  # stored, and not heard of yet
    one.area("local").quota = 100
    with pytest.raises(QuotaExceededError):
        mine.big = "x" * 1000
    one.deliver()
    assert (snapshot(mine), snapshot(theirs)) == ({"a": 2}, {"a": 2})


def test_leaving_inside_a_batch_is_refused() -> None:
    state = session("s", {"a": 1})
    with pytest.raises(RuntimeError, match="batch"), batch():
        state.a = 2
        leave(state)
    assert state.a == 1


def test_last_error_is_kept() -> None:
    state = session("s", area=nearly_full('{"t":""}', 10), on_error=lambda error: None)
    state.t = "x" * 11
    assert isinstance(restored(state).error, QuotaExceededError)


def test_unstorable_value_does_not_go_to_on_error() -> None:
    errors: list[StorageError] = []
    state = session("s", area=MemoryArea(), on_error=errors.append)
    with pytest.raises(TypeError):
        state.x = object()
    assert errors == []


# -- broken adapters -------------------------------------------------------------------------


@rows("moment", ["fault", "fault_after"])
@rows("number", range(6))
def test_opening_with_a_failing_call_raises_or_works(moment: str, number: int) -> None:
    spy = Spy()

    def fault(count: int, call: "tuple[str, ...]") -> None:
        if count == number:
            raise RuntimeError

    setattr(spy, moment, fault)
    try:
        session("s", {"n": 1}, area=spy)
    except StorageError:
        assert entries(spy) == {}
    else:
        assert entries(spy) == {KEY: '{"n":1}'}


def test_failed_opening_leaves_no_open_state() -> None:
    spy = Spy()
    spy.fault = raising(RuntimeError("x"))
    with pytest.raises(StorageError):
        session("s", {"n": 1}, area=spy)
    spy.heal()
    session("s", {"n": 2}, area=spy)
    assert text_at(spy) == '{"n":2}'


def stays_broken(spy: Spy) -> None:
    """The next write is stored and raises; from then on every call raises."""
    spy.heal()
    spy.fault_after = raising(RuntimeError("x"))

    def fault(count: int, call: "tuple[str, ...]") -> None:
        if count > 0:
            raise RuntimeError

    spy.fault = fault


def test_statement_that_could_not_be_taken_back_leaves_the_state_dirty() -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    stays_broken(spy)
    with pytest.raises(StorageError):
        state.n = 2
    spy.heal()
    assert (state.n, restored(state).dirty) == (1, True)


def test_leave_puts_right_what_could_not_be_taken_back() -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    stays_broken(spy)
    with pytest.raises(StorageError):
        state.n = 2
    spy.heal()
    leave(state)
    assert text_at(spy) == '{"n":1}'


def test_leave_with_a_broken_area_still_ends_the_writing() -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    stays_broken(spy)
    with pytest.raises(StorageError):
        state.n = 2
    with pytest.raises(StorageError):
        leave(state)
    spy.heal()
    state.n = 3
    assert spy.calls == []


def test_area_that_answers_no_text_holds_nothing() -> None:
    class Odd(MemoryArea):
        def getItem(self, key: str) -> Any:
            return 7

    assert snapshot(session("s", {"n": 1}, area=Odd())) == {"n": 1}


def test_area_whose_methods_throw_when_touched_raises_ours() -> None:
    class Touchy:
        @property
        def getItem(self) -> Any:
            raise Dom("SecurityError")

    with pytest.raises(StorageUnavailableError):
        session("s", area=Touchy())


def test_batch_over_two_states_is_undone_in_both(area: Any) -> None:
    spy = Spy()
    one, two = session("s", {"n": 1}, area=area), session("s", {"n": 1}, area=spy)
    spy.fault = raising(RuntimeError("x"))
    with pytest.raises(StorageError), batch():
        one.n = 2
        two.n = 2
    assert (one.n, two.n, text_at(area), text_at(spy)) == (1, 1, '{"n":1}', '{"n":1}')


# -- no Web Storage --------------------------------------------------------------------------


def caught_while(act: "Callable[[], object]") -> "list[type[Warning]]":
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
    return [one.category for one in caught]


def test_missing_storage_warns_once_a_page() -> None:
    def act() -> None:
        session("s", {"n": 1})
        session("t", {"n": 1})
        leave_all()
        session("s")

    with use_host(MemoryHost(why="no window")):
        found = caught_while(act)
        leave_all()
    assert found == [StorageUnavailableWarning]


def test_plain_cpython_is_not_warned() -> None:
    with use_host(MemoryHost()):
        found = caught_while(lambda: session("s", {"n": 1}))
        leave_all()
    assert found == []


def test_missing_storage_is_the_outcome() -> None:
    with use_host(MemoryHost()):
        found = restored(session("s", {"n": 1}))
        leave_all()
    assert (found.outcome, type(found.error), found.dirty) == (
        "memory",
        StorageUnavailableError,
        False,
    )


def test_state_in_memory_lives_as_long_as_the_interpreter() -> None:
    with use_host(MemoryHost()):
        session("s", {"n": 1}).n = 2
        again = reopen("s", {"n": 1})
        leave_all()
    assert again.n == 2


@pytest.mark.filterwarnings("ignore::anchor_session.StorageUnavailableWarning")
def test_blocked_area_at_opening_means_memory() -> None:
    area = MemoryArea()
    area.is_blocked = True
    state = session("s", {"n": 1}, area=area)
    state.n = 2
    assert (state.n, restored(state).outcome) == (2, "memory")


def test_area_blocked_later_raises_and_undoes() -> None:
    area = MemoryArea()
    state = session("s", {"n": 1}, area=area)
    area.is_blocked = True
    with pytest.raises(StorageUnavailableError):
        state.n = 2
    area.is_blocked = False
    assert (state.n, text_at(area)) == (1, '{"n":1}')


def test_host_that_refuses_its_area_means_memory() -> None:
    class Refusing(MemoryHost):
        def area(self, kind: str) -> Any:
            raise StorageUnavailableError("cookies are blocked")

    with use_host(Refusing(why="x")), pytest.warns(StorageUnavailableWarning, match="cookies"):
        session("s", {"n": 1})
        leave_all()
