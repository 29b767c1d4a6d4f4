"""Random programs of a `State` against a plain model, reopened after each."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import QuotaExceededError, batch, effect
from anchor_session.page.open_states import leave_all
from anchor_session.state import Persistence, State
from anchor_session.testing import MemoryArea
from tests.support import read, typed

KEYS = ["a", "b", "c"]


def initial() -> "dict[str, Any]":
    return {"a": 0, "b": {"x": 1}, "c": [1]}


SCALARS = st.one_of(
    st.integers(-1, 2), st.booleans(), st.none(), st.just(1.0), st.just(date(2026, 1, 1))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("xyz"), inner, max_size=2)
    ),
    max_leaves=4,
)
PARTIALS = st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1, max_size=3)
STATEMENTS = st.one_of(
    st.tuples(st.just("set"), PARTIALS),
    st.tuples(st.just("silent"), PARTIALS),
    st.tuples(st.just("function"), st.sampled_from(KEYS)),
    st.tuples(st.just("key"), st.tuples(st.sampled_from(KEYS), VALUES)),
    st.tuples(st.just("reset"), st.none()),
    st.tuples(st.just("batch"), st.lists(PARTIALS, max_size=2)),
    st.tuples(st.just("broken batch"), PARTIALS),
    st.tuples(st.just("full"), PARTIALS),
)


class Model:
    """What a state is after the same statements, and what of it is stored."""

    def __init__(self) -> None:
        self.now = initial()
        self.stored = initial()

    def merge(self, partial: "dict[str, Any]") -> None:
        for key, value in deepcopy(partial).items():
            if isinstance(value, dict) and isinstance(self.now[key], dict):
                self.now[key].update(value)
            else:
                self.now[key] = value

    def sync(self) -> None:
        self.stored = deepcopy(self.now)

    def do(self, what: str, argument: Any) -> None:
        if what in ("set", "silent"):
            self.merge(argument)
        elif what == "function":
            self.now[argument] = [deepcopy(self.now[argument])]
        elif what == "key":
            self.now[argument[0]] = deepcopy(argument[1])
        elif what == "reset":
            self.now = initial()
        elif what == "batch":
            for partial in argument:
                self.merge(partial)
        if what not in ("silent", "broken batch", "full"):
            self.sync()


def do(state: "State[Any]", area: MemoryArea, what: str, argument: Any) -> None:
    if what == "set":
        state.set(argument)
    elif what == "silent":
        state.set(argument, sync=False)
    elif what == "function":
        state.set(lambda now: {argument: [now[argument]]})
    elif what == "key":
        state.key(argument[0]).set(argument[1])
    elif what == "reset":
        state.reset()
    elif what == "batch":
        with batch():
            state.set({})  # a batch without a change is none
            for partial in argument:
                state.set(partial)
    elif what == "broken batch":
        with pytest.raises(ZeroDivisionError), batch():
            state.set(argument)
            state.set(argument, sync=False)
            state.reset()
            _ = 1 / 0
    elif what == "full":
        before = state.get()
        area.quota = 0
        try:
            state.set(argument)
        except QuotaExceededError:
            assert typed(state.get()) == typed(before)
        else:
            raise Fits
        finally:
            area.quota = None


class Fits(Exception):
    """Nothing had to be written, though there was no room for anything."""


@given(st.lists(STATEMENTS, min_size=3, max_size=15))
def test_state_is_what_the_model_is(program: "list[tuple[str, Any]]") -> None:
    area = MemoryArea()
    leave_all()
    state = State(initial, persistence=Persistence("k", area=area))
    model, told, seen = Model(), [initial()], [initial()]
    state.on(told.append)
    effect(lambda: seen.append({key: state.key(key).get() for key in KEYS}))
    for what, argument in program:
        try:
            do(state, area, what, argument)
        except Fits:  # and so it was a change like any other
            model.do("set", argument)
        else:
            model.do(what, argument)
        assert typed(state.get()) == typed(model.now)
        assert {key: typed(state.key(key).peek()) for key in KEYS} == {
            key: typed(value) for key, value in model.now.items()
        }
        assert typed(read(area.getItem("k"))) == typed(model.stored)
        assert typed(told[-1]) == typed(seen[-1]) == typed(model.stored)
    leave_all()
    again = State(initial, persistence=Persistence("k", area=area))
    assert typed(again.get()) == typed(model.stored)
