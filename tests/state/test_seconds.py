"""Lengths of time given to states: seconds, a `timedelta`, and what may have been meant as milliseconds."""

import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from anchor_session import StorageWarning
from anchor_session.microcosm import Session
from anchor_session.state import Persistence, State
from anchor_session.testing import tabs, use_host
from tests.support import rows

OPTIONS: "dict[str, tuple[str, Callable[[Any], object]]]" = {
    "throttle": ("throttle", lambda time: State(dict, throttle=time)),
    "interval": ("interval", lambda time: Persistence("k", interval=time)),
    "session": ("interval", lambda time: Session("k", interval=time)),
    "subclass": ("throttle", lambda time: type("Mine", (State,), {})(dict, throttle=time)),
}
REFUSED: "list[tuple[Any, type[Exception]]]" = [
    ("480", TypeError),
    ("", TypeError),
    (True, TypeError),
    (False, TypeError),
    ([1], TypeError),
    (1j, TypeError),
    (timedelta, TypeError),
    (-1, ValueError),
    (-0.001, ValueError),
    (timedelta(milliseconds=-1), ValueError),
    (float("nan"), ValueError),
    (float("inf"), ValueError),
    (10**400, ValueError),
]
TAKEN = [None, 0, 0.48, 1, 60, 60.0, timedelta(0), timedelta(milliseconds=480), timedelta(days=1)]


@rows(("name", "make"), OPTIONS)
@rows(("time", "error"), REFUSED)
def test_what_is_no_length_of_time_is_refused_by_the_name_of_its_option(
    name: str, make: "Callable[[Any], object]", time: Any, error: "type[Exception]"
) -> None:
    with pytest.raises(error, match=f"^{name} is "):
        make(time)


@rows(("name", "make"), OPTIONS)
@rows("time", TAKEN)
def test_seconds_and_timedeltas_are_taken_without_a_word(
    name: str, make: "Callable[[Any], object]", time: Any
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(time)


@rows(("name", "make"), OPTIONS)
@rows(("time", "less"), [(480, "0.48"), (60.5, "0.0605"), (10**12, "1000000000.0")])
def test_number_that_looks_like_milliseconds_is_asked_about_once_where_it_stands(
    name: str, make: "Callable[[Any], object]", time: Any, less: str
) -> None:
    with pytest.warns(StorageWarning) as caught:
        make(time)
    (one,) = caught
    assert str(one.message) == (
        f"{name}={time}: {time} seconds? the unit is seconds; write {less} for {time} milliseconds, or "
        f"timedelta(seconds={time}) if it is meant"
    )
    assert (one.filename, one.lineno) == (__file__, make.__code__.co_firstlineno)


@pytest.mark.filterwarnings("ignore:throttle=")
@rows("time", [100, timedelta(seconds=100)])
def test_time_is_that_long(time: Any) -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        state = State(lambda: {"n": 0}, throttle=time)
        state.set({"n": 1})
        state.set({"n": 2})
        tab.browser.clock.advance(99.9)
        assert state.get() == {"n": 1}
        tab.browser.clock.advance(0.1)
        assert state.get() == {"n": 2}


def test_two_states_of_one_name_may_say_the_same_time_in_two_ways() -> None:
    one = State(lambda: {"n": 0}, persistence=Persistence("k", interval=0.5))
    two = State(lambda: {"n": 0}, persistence=Persistence("k", interval=timedelta(seconds=0.5)))
    one.set({"n": 1})
    assert two.get() == {"n": 1}
