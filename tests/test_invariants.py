"""What always holds, on random programs of mutations against a plain model.

After each statement the area is read again with a reader of its own, and opened again as a reload would.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anchor_session import (
    Change,
    MapView,
    StorageError,
    StorageWarning,
    UnstorableValueError,
    batch,
    leave,
    persistent,
    restored,
    session,
    snapshot,
    subscribe,
)
from anchor_session.host.area import units
from anchor_session.page.open_states import leave_all
from tests.programs import Step, at, draw_step, paths
from tests.support import (
    DELETED,
    JOURNAL,
    KEY,
    LAYOUTS,
    REJECTED,
    Spy,
    documents,
    entries,
    examples,
    fresh,
    read,
    reopen,
    rows,
    stored,
    text_at,
    typed,
)
from tests.values import maps

pytestmark = pytest.mark.both

STEPS = 8
LAYOUTS_IN_TURN = rows("layout", LAYOUTS)
ON_ONE_AREA = [HealthCheck.function_scoped_fixture]
on_one_area = settings(suppress_health_check=ON_ONE_AREA)


def is_stored(area: Any, model: "dict[str, Any]") -> bool:
    return bool(typed(stored(area)) == typed(model))


# -- 1. write-through, 2. reload changes nothing, 4. silence, 7. only our own keys -------------


def fill_up(init: "dict[str, Any]", stored: "dict[str, Any]") -> "dict[str, Any]":
    return stored | {key: value for key, value in init.items() if key not in stored}


def draw_copying_step(data: "st.DataObject", model: Any) -> Step:
    """A part of the state is assigned elsewhere; plain data is given a copy."""
    source = data.draw(st.sampled_from(paths(model)))
    maps_of_it = [path for path in paths(model) if type(at(model, path)) is dict]
    target = data.draw(st.sampled_from(maps_of_it))

    def run(root: Any) -> None:
        value = at(root, source)
        at(root, target)["copy"] = deepcopy(value) if type(value) in (dict, list, set) else value

    run.__qualname__ = f"{target}['copy'] = {source}"
    return Step((), run)


def is_one_write(calls: "list[tuple[str, ...]]") -> bool:
    """Whether one entry was written, and the other calls are what a document or a fold takes."""
    entry = f"{JOURNAL}.1"[:-1]
    appended = [call for call in calls if call[0] == "set" and call[1].startswith(entry)]
    folded = [call for call in calls if call[0] == "remove" and call[1].startswith(entry)]
    documents = [call for call in calls if call[1] == KEY]
    if folded:
        return len(documents) <= 1
    return len(calls) == 1 if appended else len(documents) == 1


@LAYOUTS_IN_TURN
@settings(examples(2), suppress_health_check=ON_ONE_AREA)
@given(maps, st.data())
def test_state_is_what_plain_data_would_be_in_memory_in_storage_and_after_any_end(
    area: Any, early_journals: None, layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    """Between two statements a page may be left or gone, and the next one may have another layout."""
    fresh()
    area.setItem("theirs", "1")
    begins = data.draw(st.sampled_from(["new", "older", "refused"]))
    if begins == "older":
        session("s", data.draw(maps), area=area)
        leave_all()
    elif begins == "refused":
        area.setItem(KEY, "{")
    spy = Spy(area)
    merge: Any = data.draw(st.sampled_from(["shallow", "deep", "replace", fill_up]))
    heard: list[Change] = []
    touched: set[str] = set()

    def opened(layout: str) -> MapView:
        state = session("s", init, area=spy, merge=merge, layout=layout)
        subscribe(state, heard.append)
        return state

    if begins == "refused":
        with pytest.warns(StorageWarning):
            state = opened(layout)
    else:
        state = opened(layout)
    model = snapshot(state)
    assert begins == "older" or typed(model) == typed(init)
    for _ in range(STEPS):
        copies = data.draw(st.integers(0, STEPS - 1)) == 0
        step = draw_copying_step(data, model) if copies else draw_step(data, model)
        before = typed(model)
        error, model = step.on(model)
        expected = typed(model)
        touched |= {call[1] for call in spy.calls}
        spy.heal()
        heard.clear()
        assert step.run(state) is error
        assert typed(snapshot(state)) == typed(stored(area)) == expected
        assert len(heard) == int(expected != before)
        assert is_one_write(spy.writes) if expected != before else spy.calls == []
        end = data.draw(st.sampled_from(["none", "leave", *LAYOUTS]))
        if end != "none":
            crashed = entries(area)
            leave_all()
            if end != "leave":
                area.clear()
                for key, text in crashed.items():
                    area.setItem(key, text)
            state = opened(layout if end == "leave" else end)
            assert typed(snapshot(state)) == typed(stored(area)) == expected
    assert text_at(area, REJECTED) == ("{" if begins == "refused" else None)
    assert text_at(area, "theirs") == "1"
    touched |= {call[1] for call in spy.calls}
    touched = {re.sub(r"#journal\.\d+$", "#journal", key) for key in touched}
    assert touched <= {KEY, DELETED, REJECTED, JOURNAL}


@on_one_area
@given(maps, maps)
def test_opening_twice_is_opening_once(
    area: Any, older: "dict[str, Any]", init: "dict[str, Any]"
) -> None:
    fresh()
    session("s", older, area=area)
    reopen("s", init, area=area, merge="deep")
    before = entries(area)
    reopen("s", init, area=area, merge="deep")
    assert entries(area) == before


BAD: "dict[str, tuple[Callable[[Any], object], str]]" = {
    "item": (lambda state: state.__setitem__("x", object()), "$.x"),
    "attribute": (lambda state: setattr(state, "x", object()), "$.x"),
    "key": (lambda state: state.__setitem__(1, 1), "$"),
    "nested key": (lambda state: state.map.__setitem__(None, 1), "$.map"),
    "setdefault": (lambda state: state.setdefault("x", object()), "$.x"),
    "update": (lambda state: state.update(n=2, x=[object()]), "$.x[0]"),
    "or": (lambda state: state.__ior__({"n": 2, "x": {"y": object()}}), "$.x.y"),
    "append": (lambda state: state.list.append({"y": object()}), "$.list[2].y"),
    "insert": (lambda state: state.list.insert(-1, object()), "$.list[1]"),
    "extend": (lambda state: state.list.extend([1, object()]), "$.list[3]"),
    "iadd": (lambda state: state.list.__iadd__([object()]), "$.list[2]"),
    "list item": (lambda state: state.list.__setitem__(-1, object()), "$.list[1]"),
    "slice": (lambda state: state.list.__setitem__(slice(0, 1), [1, object()]), "$.list[1]"),
    "extended slice": (
        lambda state: state.list.__setitem__(slice(None, None, -1), [1, object()]),
        "$.list[0]",
    ),
    "add": (lambda state: state.set.add(object()), "$.set"),
    "tuple in a set": (lambda state: state.set.add((1,)), "$.set"),
    "set update": (lambda state: state.set.update([3, object()]), "$.set"),
    "set or": (lambda state: state.set.__ior__({3, len}), "$.set"),
    "set xor": (lambda state: state.set.__ixor__({1, len}), "$.set"),
}
SMALL: "dict[str, Any]" = {"n": 1, "map": {"a": 1}, "list": [1, 2], "set": {1, 2}}


@rows(("statement", "path"), BAD)
def test_unstorable_value_is_refused_with_its_path(
    area: Any, statement: "Callable[[Any], object]", path: str
) -> None:
    with pytest.raises(UnstorableValueError) as caught:
        statement(session("s", SMALL))
    assert caught.value.path == path


@LAYOUTS_IN_TURN
@rows(("statement", "path"), BAD)
def test_refused_value_changes_nothing(
    area: Any, early_journals: None, layout: str, statement: "Callable[[Any], object]", path: str
) -> None:
    state = session("s", SMALL, layout=layout)
    with pytest.raises(UnstorableValueError):
        statement(state)
    assert (snapshot(state), stored(area)) == (SMALL, SMALL)


# -- 3. all or nothing -----------------------------------------------------------------------


class Boom(Exception):
    pass


def everything(area: Any, state: Any) -> Any:
    """Memory, and what a page that opens the area will find: a fold may be tried before a change is refused.

    Of the list of deleted names what the record holds is left out: it means nothing there.
    """
    found, data = entries(area), stored(area)
    listed = [name for name in read(found.get(DELETED, "[]")) if name not in data]
    return typed(snapshot(state)), typed(data), listed, found.get(REJECTED)


def fails_at(number: int) -> "Callable[[int, tuple[str, ...]], None]":
    def fault(count: int, call: "tuple[str, ...]") -> None:
        if count == number:
            raise RuntimeError("broken adapter")

    return fault


@LAYOUTS_IN_TURN
@settings(examples(2), suppress_health_check=ON_ONE_AREA)
@given(maps, st.data())
def test_full_area_or_a_failing_call_leaves_memory_and_storage_as_before(
    early_journals: None, layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    fresh()
    spy = Spy()
    state = session("s", init, area=spy, layout=layout)
    model = deepcopy(init)
    for _ in range(STEPS):
        step = draw_step(data, model)
        before = everything(spy, state)
        trouble = data.draw(st.sampled_from(["full", "fault", "fault_after"]))
        spy.heal()
        spy.area.quota = None
        if trouble == "full":
            used = sum(units(key) + units(text) for key, text in entries(spy).items())
            spy.area.quota = used + data.draw(st.integers(0, 60))
        else:
            setattr(spy, trouble, fails_at(data.draw(st.integers(0, 8))))
        try:
            step.statement(at(state, step.path))
        except StorageError:
            assert everything(spy, state) == before
        except (LookupError, ValueError, TypeError):
            pass
        else:
            model = step.after(model)
        assert is_stored(spy.area, model)


class Block:
    """A drawn batch: statements and further batches; some raise at their end."""

    def __init__(self, data: "st.DataObject", depth: int = 0) -> None:
        self.data = data
        self.depth = depth
        self.raises = data.draw(st.booleans())

    def run(self, state: Any, model: Any) -> Any:
        """Run it on the state; the model as it is afterwards."""
        before = model
        try:
            with batch():
                for _ in range(self.data.draw(st.integers(0, 4))):
                    if self.depth < 2 and self.data.draw(st.integers(0, 3)) == 0:
                        model = Block(self.data, self.depth + 1).run(state, model)
                    else:
                        step = draw_step(self.data, model)
                        step.run(state)
                        model = step.after(model)
                if self.raises:
                    raise Boom
        except Boom:
            return before
        return model


@LAYOUTS_IN_TURN
@on_one_area
@given(maps, st.data())
def test_batches_within_batches_keep_all_or_nothing(
    area: Any, early_journals: None, layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    """One that is rolled back keeps the identity of every view, and tells nobody."""
    fresh()
    state = session("s", init, area=area, layout=layout)
    model = deepcopy(init)
    heard: list[Change] = []
    subscribe(state, heard.append)
    for _ in range(3):
        views = {path: at(state, path) for path in paths(model)}
        block = Block(data)
        heard.clear()
        model = block.run(state, model)
        assert (typed(snapshot(state)), is_stored(area, model)) == (typed(model), True)
        if block.raises:
            assert [path for path, view in views.items() if at(state, path) is not view] == []
            assert heard == []


@LAYOUTS_IN_TURN
@settings(examples(1.5), suppress_health_check=ON_ONE_AREA)
@given(maps, maps, st.data())
def test_batch_over_two_states_fails_as_a_whole(
    early_journals: None,
    layout: str,
    one: "dict[str, Any]",
    two: "dict[str, Any]",
    data: "st.DataObject",
) -> None:
    fresh()
    spy = Spy()
    states = {
        "one": session("one", one, area=spy, layout=layout),
        "two": session("two", two, area=spy, layout=layout),
    }
    models = {"one": deepcopy(one), "two": deepcopy(two)}
    for _ in range(data.draw(st.integers(0, 2))):  # so that there are journals
        for name, state in states.items():
            step = draw_step(data, models[name])
            step.run(state)
            models[name] = step.after(models[name])
    before = deepcopy(models)

    def is_as(models: "dict[str, Any]") -> bool:
        now = {name: snapshot(state) for name, state in states.items()}
        found = {name: stored(spy, f"anchor-session://{name}@1.0.0") for name in models}
        return bool(typed(now) == typed(found) == typed(models))

    spy.heal()
    moment = data.draw(st.sampled_from(["fault", "fault_after"]))
    setattr(spy, moment, fails_at(data.draw(st.integers(0, 12))))
    try:
        with batch():
            for _ in range(4):
                name = data.draw(st.sampled_from(["one", "two"]))
                step = draw_step(data, models[name])
                step.run(states[name])
                models[name] = step.after(models[name])
    except StorageError:
        assert is_as(before)
    else:
        assert is_as(models)


# -- 5. one name, one state ------------------------------------------------------------------


def test_same_name_is_the_same_object_until_left_as_often(area: Any) -> None:
    first = session("s", {"n": 1})
    again = session("s")
    leave(first)
    assert session("s") is first is again


@LAYOUTS_IN_TURN
def test_left_state_stays_reactive_and_is_stored_no_more(
    area: Any, early_journals: None, layout: str
) -> None:
    state = session("s", {"n": 1}, layout=layout)
    heard: list[Change] = []
    subscribe(state, heard.append)
    leave(state)
    state.n = 2
    assert (heard, text_at(area)) == ([Change("set", ("n",), 2, 1)], '{"n":1}')


# -- 6. nothing is destroyed unread ----------------------------------------------------------


@LAYOUTS_IN_TURN
@rows("text", ["{", "[1]", "7", '"x"', "null", "", "\x00"])
def test_unreadable_record_is_kept_aside(
    area: Any, early_journals: None, layout: str, text: str
) -> None:
    area.setItem(KEY, text)
    with pytest.warns(StorageWarning, match="refused"):
        state = session("s", {"n": 1}, layout=layout)
    assert (text_at(area, REJECTED), snapshot(state)) == (text, {"n": 1})


# -- 8. no browser needed --------------------------------------------------------------------


def test_program_runs_on_the_default_area_of_any_host(areas: "dict[str, Any]") -> None:
    session("s", {"n": 1}).n = 2
    persistent("s", {"n": 1}).n = 3
    assert (documents(areas["session"]), documents(areas["local"])) == (
        {KEY: '{"n":2}'},
        {"anchor-persistent://s@1.0.0": '{"n":3}'},
    )


# -- 9. a listener that fails ----------------------------------------------------------------


def test_failing_listener_stops_neither_the_others_nor_the_write(area: Any) -> None:
    state = session("s", {"n": 1})
    heard: list[Change] = []

    def fail(change: Change) -> None:
        raise Boom

    subscribe(state, fail)
    subscribe(state, heard.append)
    with pytest.raises(Boom):
        state.n = 2
    assert (len(heard), text_at(area), restored(state).dirty) == (1, '{"n":2}', False)
