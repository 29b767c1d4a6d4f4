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
from anchor_session.testing import MemoryArea
from tests.programs import Step, at, draw_step, paths
from tests.support import (
    DELETED,
    JOURNAL,
    KEY,
    LAYOUTS,
    ON_BROWSER,
    REJECTED,
    Spy,
    documents,
    entries,
    reopen,
    revived,
    stored,
    text_at,
    typed,
)
from tests.values import maps

STEPS = 8
on_one_area = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
in_each_layout = settings(on_one_area, max_examples=20 if ON_BROWSER else 40)


def opened(area: Any, init: "dict[str, Any]", **options: Any) -> MapView:
    """A new state in an emptied area."""
    leave_all()
    area.clear()
    return session("s", init, area=area, **options)


def is_stored(area: Any, model: "dict[str, Any]") -> bool:
    return bool(typed(stored(area)) == typed(model))


# -- 1. write-through ------------------------------------------------------------------------


@in_each_layout
@given(maps, st.data())
def test_area_holds_the_state_after_each_statement(
    area: Any, layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    state = opened(area, init, layout=layout)
    model = deepcopy(init)
    for _ in range(STEPS):
        step = draw_step(data, model)
        step.run(state)
        model = step.after(model)
        assert is_stored(area, model)


@on_one_area
@given(maps, st.data())
def test_statement_does_what_it_does_to_plain_data(
    area: Any, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    state = opened(area, init)
    model = deepcopy(init)
    for _ in range(STEPS):
        step = draw_step(data, model)
        assert step.run(state) == step.run(deepcopy(model))
        model = step.after(model)
        assert typed(snapshot(state)) == typed(model)


@in_each_layout
@given(maps, st.data())
def test_part_assigned_elsewhere_is_stored_as_a_copy(
    area: Any, layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    state = opened(area, init, layout=layout)
    model = deepcopy(init)
    source = data.draw(st.sampled_from(paths(model)))
    target = data.draw(
        st.sampled_from([path for path in paths(model) if type(at(model, path)) is dict])
    )
    at(state, target)["copy"] = at(state, source)
    at(model, target)["copy"] = deepcopy(at(model, source))
    assert is_stored(area, model)


# -- 2. reload changes nothing ---------------------------------------------------------------


def fill_up(init: "dict[str, Any]", stored: "dict[str, Any]") -> "dict[str, Any]":
    return stored | {key: value for key, value in init.items() if key not in stored}


@pytest.mark.parametrize("merge", ["shallow", "deep", "replace", fill_up])
@in_each_layout
@given(maps, st.data())
def test_reload_changes_nothing(
    area: Any, layout: str, merge: Any, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    state = opened(area, init, merge=merge, layout=layout)
    model = deepcopy(init)
    for _ in range(STEPS):
        step = draw_step(data, model)
        step.run(state)
        model = step.after(model)
        state = reopen("s", init, area=area, merge=merge, layout=layout)
        assert typed(snapshot(state)) == typed(model)


@in_each_layout
@given(maps, st.data())
def test_crash_after_a_statement_loses_nothing(
    layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    """Between two statements a page may be gone, and the next one has another layout."""
    area = MemoryArea()
    state = opened(area, init, layout=layout)
    model = deepcopy(init)
    for _ in range(STEPS):
        step = draw_step(data, model)
        step.run(state)
        model = step.after(model)
        found = data.draw(st.sampled_from(["none", "leave", *LAYOUTS]))
        if found != "none":
            area = area if found == "leave" else revived(area)
            leave_all()
            state = session("s", init, area=area, layout=layout if found == "leave" else found)
        assert typed(snapshot(state)) == typed(model)
        assert is_stored(area, model)
    assert text_at(area, REJECTED) is None


@pytest.mark.parametrize("merge", ["shallow", "deep", "replace"])
@in_each_layout
@given(maps, maps, st.data())
def test_reload_changes_nothing_of_a_state_older_than_its_init(
    area: Any,
    layout: str,
    merge: str,
    older: "dict[str, Any]",
    init: "dict[str, Any]",
    data: "st.DataObject",
) -> None:
    opened(area, older)
    state = reopen("s", init, area=area, merge=merge, layout=layout)
    model = snapshot(state)
    for _ in range(STEPS):
        step = draw_step(data, model)
        step.run(state)
        model = step.after(model)
        state = reopen("s", init, area=area, merge=merge, layout=layout)
        assert typed(snapshot(state)) == typed(model)


@on_one_area
@given(maps, maps)
def test_opening_twice_is_opening_once(
    area: Any, older: "dict[str, Any]", init: "dict[str, Any]"
) -> None:
    opened(area, older)
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


@pytest.mark.parametrize(("statement", "path"), BAD.values(), ids=BAD)
def test_unstorable_value_is_refused_with_its_path(
    area: Any, statement: "Callable[[Any], object]", path: str
) -> None:
    with pytest.raises(UnstorableValueError) as caught:
        statement(session("s", SMALL))
    assert caught.value.path == path


@pytest.mark.parametrize(("statement", "path"), BAD.values(), ids=BAD)
def test_refused_value_changes_nothing(
    area: Any, layout: str, statement: "Callable[[Any], object]", path: str
) -> None:
    state = session("s", SMALL, layout=layout)
    with pytest.raises(UnstorableValueError):
        statement(state)
    assert (snapshot(state), stored(area)) == (SMALL, SMALL)


# -- 3. all or nothing -----------------------------------------------------------------------


class Boom(Exception):
    pass


def everything(area: Any, state: MapView) -> "tuple[Any, Any]":
    """Memory, and what a page that opens the area will find; the entries themselves, without a journal."""
    found = entries(area)
    if any(key.startswith(JOURNAL) for key in found):
        return typed(snapshot(state)), (
            typed(stored(area)),
            found.get(DELETED),
            found.get(REJECTED),
        )
    return typed(snapshot(state)), found


@in_each_layout
@given(maps, st.data())
def test_full_area_leaves_memory_and_storage_as_before(
    layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    area = MemoryArea()
    state = opened(area, init, layout=layout)
    model = deepcopy(init)
    for _ in range(STEPS):
        used = sum(units(key) + units(text) for key, text in entries(area).items())
        area.quota = used + data.draw(st.integers(0, 60))
        step = draw_step(data, model)
        before = everything(area, state)
        try:
            step.statement(at(state, step.path))
        except StorageError:
            assert everything(area, state) == before
        except (LookupError, ValueError, TypeError):
            pass
        else:
            model = step.after(model)
        assert is_stored(area, model)


def fails_at(number: int) -> "Callable[[int, tuple[str, ...]], None]":
    def fault(count: int, call: "tuple[str, ...]") -> None:
        if count == number:
            raise RuntimeError("broken adapter")

    return fault


@pytest.mark.parametrize("moment", ["fault", "fault_after"])
@in_each_layout
@given(maps, st.data())
def test_failing_call_leaves_memory_and_storage_as_before(
    layout: str, moment: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    spy = Spy()
    leave_all()
    state = session("s", init, area=spy, layout=layout)
    model = deepcopy(init)
    for _ in range(STEPS):
        step = draw_step(data, model)
        before = everything(spy, state)
        spy.heal()
        setattr(spy, moment, fails_at(data.draw(st.integers(0, 8))))
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


@in_each_layout
@given(maps, st.data())
def test_batches_within_batches_keep_all_or_nothing(
    area: Any, layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    state = opened(area, init, layout=layout)
    model = deepcopy(init)
    for _ in range(3):
        model = Block(data).run(state, model)
        assert (typed(snapshot(state)), is_stored(area, model)) == (typed(model), True)


@on_one_area
@given(maps, st.data())
def test_rolled_back_batch_keeps_the_identity_of_every_view(
    area: Any, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    state = opened(area, init)
    before = {path: at(state, path) for path in paths(init)}
    block = Block(data)
    block.raises = True
    block.run(state, deepcopy(init))
    assert [path for path, view in before.items() if at(state, path) is not view] == []


@on_one_area
@given(maps, st.data())
def test_rolled_back_batch_tells_nobody(
    area: Any, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    state = opened(area, init)
    heard: list[Change] = []
    subscribe(state, heard.append)
    block = Block(data)
    block.raises = True
    block.run(state, deepcopy(init))
    assert heard == []


@pytest.mark.parametrize("moment", ["fault", "fault_after"])
@in_each_layout
@given(maps, maps, st.data())
def test_batch_over_two_states_fails_as_a_whole(
    layout: str,
    moment: str,
    one: "dict[str, Any]",
    two: "dict[str, Any]",
    data: "st.DataObject",
) -> None:
    spy = Spy()
    leave_all()
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


# -- 4. silence ------------------------------------------------------------------------------


def is_one_write(calls: "list[tuple[str, ...]]") -> bool:
    """Whether one entry was written, and the other calls are what a document or a fold takes."""
    entry = f"{JOURNAL}.1"[:-1]
    appended = [call for call in calls if call[0] == "set" and call[1].startswith(entry)]
    folded = [call for call in calls if call[0] == "remove" and call[1].startswith(entry)]
    documents = [call for call in calls if call[1] == KEY]
    if folded:
        return len(documents) <= 1
    return len(calls) == 1 if appended else len(documents) == 1


@in_each_layout
@given(maps, st.data())
def test_nothing_changed_writes_nothing_and_tells_nobody(
    layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    spy = Spy()
    leave_all()
    state = session("s", init, area=spy, layout=layout)
    heard: list[Change] = []
    subscribe(state, heard.append)
    model = deepcopy(init)
    for _ in range(STEPS):
        step = draw_step(data, model)
        changed = step.after(model)
        differs = typed(changed) != typed(model)
        model = changed
        spy.heal()
        heard.clear()
        step.run(state)
        assert len(heard) == int(differs)
        assert is_one_write(spy.writes) if differs else spy.calls == []


# -- 5. one name, one state ------------------------------------------------------------------


def test_same_name_is_the_same_object_until_left_as_often(area: Any) -> None:
    first = session("s", {"n": 1})
    again = session("s")
    leave(first)
    assert session("s") is first is again


def test_left_state_stays_reactive_and_is_stored_no_more(area: Any, layout: str) -> None:
    state = session("s", {"n": 1}, layout=layout)
    heard: list[Change] = []
    subscribe(state, heard.append)
    leave(state)
    state.n = 2
    assert (heard, text_at(area)) == ([Change("set", ("n",), 2, 1)], '{"n":1}')


# -- 6. nothing is destroyed unread ----------------------------------------------------------


@pytest.mark.parametrize("text", ["{", "[1]", "7", '"x"', "null", "", "\x00"])
def test_unreadable_record_is_kept_aside(area: Any, layout: str, text: str) -> None:
    area.setItem(KEY, text)
    with pytest.warns(StorageWarning, match="refused"):
        state = session("s", {"n": 1}, layout=layout)
    assert (text_at(area, REJECTED), snapshot(state)) == (text, {"n": 1})


# -- 7. only our own keys --------------------------------------------------------------------


@in_each_layout
@given(maps, st.data())
def test_only_keys_of_the_state_are_touched(
    layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    spy = Spy()
    leave_all()
    spy.setItem("theirs", "1")
    spy.setItem(KEY, "{")
    spy.heal()
    with pytest.warns(StorageWarning):
        state = session("s", init, area=spy, layout=layout)
    model = deepcopy(init)
    for _ in range(STEPS):
        step: Step = draw_step(data, model)
        step.run(state)
        model = step.after(model)
    touched = {re.sub(r"#journal\.\d+$", "#journal", call[1]) for call in spy.calls}
    assert touched <= {KEY, DELETED, REJECTED, JOURNAL}


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
