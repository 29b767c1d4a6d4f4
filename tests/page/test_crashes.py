"""A page gone at any call of its area: what comes next finds the state before or after, never another."""

from collections.abc import Callable
from itertools import count, product
from typing import Any

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
from anchor_session.testing import MemoryArea, tabs, use_host
from tests.programs import draw_step
from tests.support import (
    JOURNAL,
    LAYOUTS,
    REJECTED,
    Killed,
    Spy,
    entries,
    fresh,
    kill_at,
    revived,
    stored,
    typed,
)
from tests.test_invariants import on_one_area
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
    "move": lambda state: state.l.move(0, -1),
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


def two_changes(state: Any) -> None:
    with batch():
        del state.n
        state.c = 3


def swap(state: Any) -> None:
    with batch():
        state.n = state.pop("b")


Program = tuple[Callable[[Any], object], Callable[[Any], object]]
"""What was done before, and the statement."""

DELETING: "dict[str, Program]" = {  # what the list of deleted names is written or shortened for
    "return": (lambda state: state.pop("n"), lambda state: state.update(n=5)),
    "return to an empty state": (lambda state: state.clear(), lambda state: state.update(n=5)),
    "delete the last": (
        lambda state: [state.pop(key) for key in list(state) if key != "n"],
        lambda state: state.pop("n"),
    ),
    "delete in a batch": (BEFORE["at once"], two_changes),
    "one for the other": (lambda state: state.pop("n"), swap),
    "deep delete": (BEFORE["at once"], lambda state: state.m.y.clear()),
    "map for a value": (lambda state: state.update(m=5), lambda state: state.update(m={})),
    "value for a map": (lambda state: state.m.pop("x"), lambda state: state.update(m=5)),
    "map for none": (lambda state: state.pop("m"), lambda state: state.update(m={"x": 3})),
    "none for less of a map": (lambda state: state.m.pop("x"), lambda state: state.pop("m")),
}
PROGRAMS: "dict[str, Program]" = {
    f"{name} {when}": (before, statement)
    for name, statement in STATEMENTS.items()
    for when, before in BEFORE.items()
} | DELETING
MOMENTS = ["fault", "fault_after"]


class Crashes:
    """Kill the page at calls of `act`, each time in a round of its own, and `check` what it leaves.

    A page that is only interrupted goes on and is left; what it stores then is checked too. What was
    found before with the same texts is not checked again.
    """

    def __init__(
        self,
        program: str,
        prepare: "Callable[[Spy], Any]",
        act: "Callable[[Spy, Any], object]",
        check: "Callable[[Spy], None]",
    ) -> None:
        self.program = program
        self._prepare = prepare
        self._act = act
        self._check = check
        self._checked: set[tuple[tuple[str, str], ...]] = set()

    def at_every_call(self) -> int:
        """Before and after each; the last time the page lives. How often it was killed."""
        kills = 0
        for moment in MOMENTS:
            for number in count():
                if not self.happens(moment, kill_at(number), f"{moment} at call {number}"):
                    break
                kills += 1
        return kills

    def at_every_call_after_a_failed_one(self) -> int:
        """Each call fails in turn; then the page is killed at each that follows. How many failed."""
        failures = 0
        for moment in MOMENTS:
            for failing in count():
                for number in count(failing + 1):
                    fault = FailsThenKills(failing, number)
                    if not self.happens(
                        moment, fault, f"call {failing} fails, {moment} at {number}"
                    ):
                        break
                if not fault.has_failed:
                    break
                failures += 1
        return failures

    def happens(self, moment: str, fault: Any, where: str) -> bool:
        """Whether the fault kills the page."""
        fresh()
        try:
            with use_host(tabs(1)[0]):
                spy = Spy()
                state = self._prepare(spy)
                spy.heal()
                setattr(spy, moment, fault)
                is_killed = self._is_killed(spy, state, fault)
                left = entries(spy)
                spy.heal()
                leave_all()
            self._look_at(left)
            self._look_at(entries(spy))
        except BaseException as error:
            error.add_note(f"{where} of {self.program}")
            raise
        return is_killed

    def _is_killed(self, spy: Spy, state: Any, fault: Any) -> bool:
        try:
            self._act(spy, state)
        except Killed:
            return True
        except StorageError:
            if not isinstance(fault, FailsThenKills):
                raise
        return False

    def _look_at(self, texts: "dict[str, str]") -> None:
        found = tuple(texts.items())
        if found not in self._checked:
            self._checked.add(found)
            fresh()
            area = Spy(area_of(texts))
            self._check(area)
            assert not any("#rejected" in key for key in entries(area))


class FailsThenKills:
    """A fault: one call fails, and the page is gone from a later one on."""

    def __init__(self, failing: int, number: int) -> None:
        self.failing = failing
        self.number = number
        self.has_failed = False

    def __call__(self, count: int, call: "tuple[str, ...]") -> None:
        if count == self.failing:
            self.has_failed = True
            raise RuntimeError
        if count >= self.number:
            raise Killed


def area_of(texts: "dict[str, str]") -> MemoryArea:
    area = MemoryArea()
    for key, text in texts.items():
        area.setItem(key, text)
    return area


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


def crashes_of(layout: str, merge: str, name: str) -> Crashes:
    """Of the statement of the program, which is then there or not."""
    before, statement = PROGRAMS[name]
    allowed = [after(before, merge=merge), after(before, statement, merge=merge)]

    def prepare(spy: Spy) -> Any:
        state = session("s", INIT, area=spy, layout=layout, merge=merge)
        before(state)
        return state

    def act(spy: Spy, state: Any) -> None:
        statement(state)

    def check(spy: Spy) -> None:
        assert finds(spy, [layout], merge=merge)[0] in allowed

    return Crashes(f"{name}, {merge}", prepare, act, check)


def test_statement_is_there_or_not(layout: str) -> None:
    for merge, name in [*product(["shallow", "deep"], PROGRAMS), *product(["replace"], DELETING)]:
        assert crashes_of(layout, merge, name).at_every_call() > 0


def test_failed_statement_is_there_or_not_while_it_is_undone(layout: str) -> None:
    for merge, name in [*product(["shallow"], PROGRAMS), *product(["deep"], DELETING)]:
        assert crashes_of(layout, merge, name).at_every_call_after_a_failed_one() > 0


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


def test_fold_changes_nothing() -> None:
    for (how, fold), (name, statement) in product(FOLDS.items(), FOLDED.items()):
        fold_changes_nothing(how, fold, name, statement)


def fold_changes_nothing(
    how: str,
    fold: "Callable[[Any, Any], object]",
    name: str,
    statement: "Callable[[Any], object]",
) -> None:
    from anchor_session import host

    def prepare(spy: Spy) -> Any:
        state = session("s", INIT, area=spy, layout="journal")
        statement(state)
        return state

    allowed = [after(statement)] * 3

    def check(spy: Spy) -> None:
        assert finds(spy, LAYOUTS) == allowed

    def act(spy: Spy, state: Any) -> None:
        fold(host.current(), state)

    Crashes(f"{name}, then {how}", prepare, act, check).at_every_call()


def left_behind(name: str, statement: "Callable[[Any], object]") -> "dict[str, str]":
    """What a page leaves that is gone before it folds its journal."""
    spy = Spy()
    statement(session(name, INIT, area=spy, layout="journal"))
    left = entries(spy)
    fresh()
    return left


def test_opening_changes_nothing(layout: str) -> None:
    """It may merge, and fold what an earlier page left."""
    inits = {"the same init": INIT, "more": {**INIT, "more": 1}}
    for (name, statement), (what, init) in product(FOLDED.items(), inits.items()):
        opening_changes_nothing(layout, f"{name}, opened with {what}", statement, init)


def opening_changes_nothing(
    layout: str, program: str, statement: "Callable[[Any], object]", init: "dict[str, Any]"
) -> None:
    left = left_behind("s", statement)
    expected = after(statement)

    def prepare(spy: Spy) -> None:
        spy.area = area_of(left)

    def act(spy: Spy, _: None) -> None:
        session("s", init, area=spy, layout=layout)

    def check(spy: Spy) -> None:
        state = session("s", init, area=spy, layout=layout)
        found = snapshot(state)
        assert found.pop("more", None) == init.get("more")
        assert typed(found) == expected
        leave(state)

    assert Crashes(program, prepare, act, check).at_every_call() > 0


def test_opening_by_the_storage_class_changes_nothing() -> None:
    left = left_behind("s", much)
    expected = after(much)

    def prepare(spy: Spy) -> None:
        spy.area = area_of(left)

    def act(spy: Spy, _: None) -> None:
        SessionStorage("s", {"more": 1}, adapter=spy)

    def check(spy: Spy) -> None:
        found = stored(spy)
        found.pop("more", None)
        assert typed(found) == expected

    assert Crashes("an opening", prepare, act, check).at_every_call() > 0


def test_journaled_record_is_migrated_or_there(layout: str) -> None:
    for name, before in BEFORE.items():
        journaled_record_is_migrated_or_there(layout, name, before)


def journaled_record_is_migrated_or_there(
    layout: str, name: str, before: "Callable[[Any], object]"
) -> None:
    old_key, new_key = "anchor-session://s@1", "anchor-session://s@2"
    left = left_behind("s@1", before)
    expected = after(before, lambda state: state.update(migrated=True))

    def prepare(spy: Spy) -> None:
        spy.area = area_of(left)

    def migrate(old: "dict[str, Any]") -> "dict[str, Any]":
        return {**old, "migrated": True}

    def act(spy: Spy, _: None) -> None:
        session("s@2:1", INIT, area=spy, layout=layout, migrate=migrate)

    def check(spy: Spy) -> None:
        is_old = typed({**stored(spy, old_key), "migrated": True}) == expected
        assert is_old or typed(stored(spy, new_key)) == expected
        state = session("s@2:1", INIT, area=spy, layout=layout, migrate=migrate)
        assert typed(snapshot(state)) == expected
        leave(state)
        assert {key.partition("#")[0] for key in entries(spy)} == {new_key}

    assert Crashes(f"a migration {name}", prepare, act, check).at_every_call() > 0


@on_one_area
@given(maps, st.data())
def test_random_statement_is_there_or_not(
    layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
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
