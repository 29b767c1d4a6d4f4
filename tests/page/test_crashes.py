"""A page gone at any call of its area: what comes next finds the state before or after, never another."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    SessionStorage,
    StorageError,
    batch,
    history,
    leave,
    session,
    snapshot,
)
from anchor_session.page.open_states import leave_all
from anchor_session.testing import tabs, use_host
from tests.programs import draw_step
from tests.support import (
    JOURNAL,
    LAYOUTS,
    REJECTED,
    Killed,
    Spy,
    entries,
    kill_at,
    revived,
    stored,
    typed,
)
from tests.test_invariants import in_each_layout
from tests.values import maps

INIT: "dict[str, Any]" = {
    "n": 1,
    "b": 2,
    "m": {"x": 1, "y": {"z": 1}},
    "l": [1, {"x": 1}, 3],
    "s": {1, 2},
}


def several(state: Any) -> None:
    with batch():
        state.pop("b", None)
        state.new = [{}]
        state.new[0].x = 1
        state.l.insert(0, 5)
        state.n = 3


def undone(state: Any) -> None:
    past = history(state)
    del state.n
    past.undo()


def much(state: Any) -> None:
    state.m = {"long": "x" * 100}


STATEMENTS: "dict[str, Callable[[Any], object]]" = {
    "set": lambda state: state.update(n=5),
    "new key": lambda state: state.update(k=5),
    "delete of init": lambda state: state.pop("n"),
    "delete": lambda state: state.m.pop("x"),
    "clear": lambda state: state.clear(),
    "clear below": lambda state: state.m.clear(),
    "splice": lambda state: state.l.__setitem__(slice(0, 2), [7, 8, 9]),
    "item": lambda state: state.l[1].update(x=2),
    "reverse": lambda state: state.l.reverse(),
    "add": lambda state: state.s.add(9),
    "set update": lambda state: state.s.__ixor__({2, 3}),
    "replace": lambda state: state.update(m={"y": {}}),
    "much": much,
    "batch": several,
}
BEFORE: "dict[str, Callable[[Any], object]]" = {
    "at once": lambda state: None,
    "after another": lambda state: state.m.y.update(z=2),
    "after two": lambda state: [state.m.y.update(z=2), state.l.append(4), state.l.append(5)],
    "after a deletion": lambda state: [state.pop("b"), state.m.y.update(z=2)],
}
MOMENTS = ["fault", "fault_after"]


def at_every_call(
    moment: str,
    prepare: "Callable[[Spy], Any]",
    act: "Callable[[Spy, Any], object]",
    check: "Callable[[Spy, Any], None]",
) -> None:
    """Kill the page at each call of `act` in turn; `check` what it leaves, until `act` comes through."""
    for number in count():
        leave_all()
        spy = Spy()
        with use_host(tabs(1)[0]):
            state = prepare(spy)
            spy.heal()
            setattr(spy, moment, kill_at(number))
            try:
                act(spy, state)
            except Killed:
                is_killed = True
            else:
                is_killed = False
        found = Spy(revived(spy))
        spy.heal()
        leave_all()
        check(found, state)
        assert not any("#rejected" in key for key in entries(found))
        if not is_killed:
            break
    leave_all()


def work_on(state: Any, area: Any) -> None:
    """Nothing that the crash has left behind gets in the way of further entries."""
    model = snapshot(state)
    for number in range(3):
        state.further = model["further"] = number
        assert typed(stored(area)) == typed(snapshot(state)) == typed(model)
    leave(state)
    assert typed(stored(area)) == typed(model)
    assert not any(key.startswith((f"{JOURNAL}.", REJECTED)) for key in entries(area))


def finds(spy: Spy, layouts: "list[str]", **options: Any) -> "list[Any]":
    """What the next page finds, in each of the layouts."""
    found = []
    for layout in layouts:
        area = revived(spy)
        state = session("s", INIT, area=area, layout=layout, **options)
        found.append(typed(snapshot(state)))
        assert typed(stored(area)) == found[-1]
        if layout == "journal":
            work_on(state, area)
            continue
        leave(state)
        assert typed(stored(area)) == found[-1]
        assert not any(key.startswith((f"{JOURNAL}.", REJECTED)) for key in entries(area))
    return found


def after(*statements: "Callable[[Any], object]", **options: Any) -> Any:
    state = session("other", INIT, area=Spy(), **options)
    for statement in statements:
        statement(state)
    result = typed(snapshot(state))
    leave(state)
    return result


@pytest.mark.parametrize("merge", ["shallow", "deep"])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_statement(
    layout: str,
    statement: "Callable[[Any], object]",
    before: "Callable[[Any], object]",
    moment: str,
    merge: str,
) -> None:
    def prepare(spy: Spy) -> Any:
        state = session("s", INIT, area=spy, layout=layout, merge=merge)
        before(state)
        return state

    allowed = [after(before, merge=merge), after(before, statement, merge=merge)]

    def check(spy: Spy, state: Any) -> None:
        found = finds(spy, [layout], merge=merge)
        assert found[0] in allowed

    at_every_call(moment, prepare, lambda spy, state: statement(state), check)


FOLDS: "dict[str, Callable[[Any, Any], object]]" = {
    "idle": lambda tab, state: tab.idle(),
    "hide": lambda tab, state: tab.hide(),
    "leave": lambda tab, state: leave(state),
    "left by all": lambda tab, state: leave_all(),
}


def there_and_back(state: Any) -> None:
    """The document that is folded into is the one that the journal continues."""
    state.n = 5
    state.l.append(4)
    state.l.pop()
    state.n = 1


FOLDED = {**STATEMENTS, "there and back": there_and_back}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("fold", FOLDS.values(), ids=FOLDS)
@pytest.mark.parametrize("statement", FOLDED.values(), ids=FOLDED)
def test_fold(
    statement: "Callable[[Any], object]",
    fold: "Callable[[Any, Any], object]",
    moment: str,
) -> None:
    from anchor_session import host

    def prepare(spy: Spy) -> Any:
        state = session("s", INIT, area=spy, layout="journal")
        statement(state)
        return state

    allowed = [after(statement)] * 3

    def check(spy: Spy, state: Any) -> None:
        assert finds(spy, LAYOUTS) == allowed

    at_every_call(moment, prepare, lambda spy, state: fold(host.current(), state), check)


@pytest.mark.parametrize("init", [INIT, {**INIT, "more": 1}], ids=["same", "more"])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("statement", FOLDED.values(), ids=FOLDED)
def test_open(
    layout: str, statement: "Callable[[Any], object]", moment: str, init: "dict[str, Any]"
) -> None:
    """Which may merge, and fold what an earlier page left."""

    def prepare(spy: Spy) -> None:
        state = session("s", INIT, area=spy.area, layout="journal")
        statement(state)
        left = revived(spy)
        leave(state)
        spy.area = left

    def act(spy: Spy, _: None) -> None:
        session("s", init, area=spy, layout=layout)

    expected = after(statement)

    def check(spy: Spy, _: None) -> None:
        state = session("s", init, area=spy, layout=layout)
        found = snapshot(state)
        assert found.pop("more", None) == init.get("more")
        assert typed(found) == expected
        leave(state)

    at_every_call(moment, prepare, act, check)


@pytest.mark.parametrize("moment", MOMENTS)
def test_open_of_the_storage_class(moment: str) -> None:
    def prepare(spy: Spy) -> None:
        state = session("s", INIT, area=spy.area, layout="journal")
        much(state)
        left = revived(spy)
        leave(state)
        spy.area = left

    def act(spy: Spy, _: None) -> None:
        SessionStorage("s", {"more": 1}, adapter=spy)

    def check(spy: Spy, _: None) -> None:
        found = stored(spy)
        found.pop("more", None)
        assert typed(found) == after(much)

    at_every_call(moment, prepare, act, check)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_migration_of_a_journaled_record(
    layout: str, moment: str, before: "Callable[[Any], object]"
) -> None:
    old_key, new_key = "anchor-session://s@1", "anchor-session://s@2"

    def prepare(spy: Spy) -> None:
        state = session("s@1", INIT, area=spy.area, layout="journal")
        before(state)
        left = revived(spy)
        leave(state)
        spy.area = left

    def migrate(old: "dict[str, Any]") -> "dict[str, Any]":
        return {**old, "migrated": True}

    def act(spy: Spy, _: None) -> None:
        session("s@2:1", INIT, area=spy, layout=layout, migrate=migrate)

    expected = after(before, lambda state: state.update(migrated=True))

    def check(spy: Spy, _: None) -> None:
        is_old = typed({**stored(spy, old_key), "migrated": True}) == expected
        assert is_old or typed(stored(spy, new_key)) == expected
        state = session("s@2:1", INIT, area=spy, layout=layout, migrate=migrate)
        assert typed(snapshot(state)) == expected
        leave(state)
        assert {key.partition("#")[0] for key in entries(spy)} == {new_key}

    at_every_call(moment, prepare, act, check)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_undoing_of_a_failed_statement(
    layout: str,
    statement: "Callable[[Any], object]",
    before: "Callable[[Any], object]",
    moment: str,
) -> None:
    allowed = [after(before), after(before, statement)]
    for failing in range(6):
        for number in range(failing + 1, failing + 8):
            leave_all()
            spy = Spy()
            state = session("s", INIT, area=spy, layout=layout)
            before(state)
            spy.heal()

            def fault(
                count: int, call: "tuple[str, ...]", failing: int = failing, number: int = number
            ) -> None:
                if count == failing:
                    raise RuntimeError
                if count >= number:
                    raise Killed

            setattr(spy, moment, fault)
            try:
                statement(state)
            except (Killed, StorageError):
                pass
            found = revived(spy)
            spy.heal()
            leave_all()
            assert finds(Spy(found), [layout])[0] in allowed


@in_each_layout
@given(maps, st.data())
def test_random_statement(layout: str, init: "dict[str, Any]", data: "st.DataObject") -> None:
    """The next page may have another layout."""
    area: Any = Spy()
    leave_all()
    state = session("s", init, area=area, layout=layout)
    model = init
    for _ in range(6):
        step = draw_step(data, model)
        now = step.after(model)
        area.heal()
        setattr(area, data.draw(st.sampled_from(MOMENTS)), kill_at(data.draw(st.integers(0, 12))))
        try:
            step.run(state)
        except Killed:
            found = Spy(revived(area))
            area.heal()
            leave_all()
            area = found
            state = session("s", init, area=area, layout=data.draw(st.sampled_from(LAYOUTS)))
            assert typed(snapshot(state)) in (typed(model), typed(now))
            now = snapshot(state)
        area.heal()
        model = now
        assert typed(snapshot(state)) == typed(stored(area)) == typed(model)
        assert not any("#rejected" in key for key in entries(area))
