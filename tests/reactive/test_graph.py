"""Signals, computed values and effects; `reaktiv` is the oracle for values and numbers of runs."""

import asyncio
import gc
import json
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import reaktiv  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    Computed,
    CycleError,
    Effect,
    ListView,
    QuotaExceededError,
    Signal,
    batch,
    computed,
    effect,
    session,
    snapshot,
    subscribe,
    untracked,
)
from anchor_session.page.open_states import leave_all
from anchor_session.testing import MemoryArea, tabs, use_host
from tests.programs import draw_step
from tests.support import rows

# -- against the oracle -------------------------------------------------------------------------------

Writes = list[tuple[int, int]]  # (signal, value)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[list[int]], list[list[int]], list[bool]]:
    """Signals; computed values, each of earlier nodes; effects, each of any nodes; which ones branch."""
    signals = draw(st.integers(1, 4))
    nodes = signals
    computeds = []
    for _ in range(draw(st.integers(0, 5))):
        computeds.append(draw(st.lists(st.integers(0, nodes - 1), min_size=1, max_size=3)))
        nodes += 1
    node = st.integers(0, nodes - 1)
    effects = draw(st.lists(st.lists(node, min_size=1, max_size=3), min_size=1, max_size=4))
    branches = draw(st.lists(st.booleans(), min_size=nodes, max_size=nodes))
    return signals, computeds, effects, branches


def combine(values: list[Callable[[], int]], branch: bool) -> int:
    """Sum modulo 3, so that different inputs often give equal outputs; a branch reads the rest or not."""
    first = values[0]()
    if branch and first % 2:
        return first % 3
    return sum(value() for value in values) % 3


def same(left: object, right: object) -> bool:
    return left == right


class Machine:
    """One graph, built of one library's parts."""

    def __init__(self, graph: Any, library: str) -> None:
        signals, computeds, effects, branches = graph
        self.log: list[tuple[int, int]] = []
        self.nodes: list[Any] = []
        for _ in range(signals):
            self.nodes.append(Signal(0) if library == "anchor" else reaktiv.Signal(0, equal=same))
        for sources, branch in zip(computeds, branches, strict=False):
            values = [self.nodes[source] for source in sources]
            fn = partial(combine, values, branch)
            self.nodes.append(
                Computed(fn) if library == "anchor" else reaktiv.Computed(fn, equal=same)
            )
        self.effects = [
            self.start(number, sources, library) for number, sources in enumerate(effects)
        ]

    def start(self, number: int, sources: list[int], library: str) -> Any:
        def run() -> None:
            self.log.append((number, sum(self.nodes[source]() for source in sources)))

        return Effect(run) if library == "anchor" else reaktiv.Effect(run)


@pytest.mark.filterwarnings("ignore:'asyncio.iscoroutinefunction':DeprecationWarning")  # reaktiv's
@given(
    graphs(),
    st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=3), max_size=8),
)
def test_values_and_runs_agree_with_reaktiv(graph: Any, batches: list[Writes]) -> None:
    ours, theirs = Machine(graph, "anchor"), Machine(graph, "reaktiv")
    for writes in [[], *batches]:
        ours.log.clear()
        theirs.log.clear()
        last = {
            signal % graph[0]: value for signal, value in writes
        }  # one write a signal: see below
        with batch():
            for signal, value in last.items():
                ours.nodes[signal].set(value)
        with reaktiv.batch():
            for signal, value in last.items():
                theirs.nodes[signal].set(value)
        assert sorted(ours.log) == sorted(theirs.log)
        assert [node() for node in ours.nodes] == [node() for node in theirs.nodes]
    for one in ours.effects:
        one.stop()
    assert not any(node.targets for node in ours.nodes)


def test_a_value_that_comes_back_within_a_batch_runs_nothing() -> None:
    runs: list[int] = []
    signal = Signal(1)
    one = Effect(lambda: runs.append(signal()))
    with batch():
        signal.set(2)
        signal.set(1)
    one.stop()
    assert runs == [1]


# -- signals ------------------------------------------------------------------------------------------


def test_equal_means_encodes_to_the_same_text() -> None:
    heard: list[object] = []
    signal: Any = Signal(1)
    signal.on(heard.append)
    signal.set(1)
    signal.set(1.0)
    signal.set(True)
    signal.set([1])
    signal.set([1])
    assert heard == [1.0, True, [1]]


def test_equality_can_be_given() -> None:
    heard: list[object] = []
    signal = Signal(1, equality=lambda old, new: old % 10 == new % 10)
    signal.on(heard.append)
    signal.set(11)
    signal.set(12)
    assert heard == [12]


def test_values_need_not_be_storable() -> None:
    signal: Any = Signal(object())
    heard: list[object] = []
    signal.on(heard.append)
    new = object()
    signal.set(new)
    signal.set(new)
    assert heard == [new]


def test_set_calls_a_function_with_the_present_value() -> None:
    signal = Signal(2)
    signal.set(lambda value: value + 1)
    assert signal.get() == 3


def test_ids_are_unique() -> None:
    assert Signal(1).id != Signal(1).id


def test_dispose_lets_go_and_calls_hooks() -> None:
    calls: list[object] = []
    signal = Signal(1)
    signal.on(calls.append)
    signal.use(lambda: calls.append("hook"))
    signal.dispose()
    signal.dispose()
    signal.set(2)
    assert calls == ["hook"]


def test_unsubscribed_callback_is_not_called() -> None:
    heard: list[int] = []
    signal = Signal(1)
    stop = signal.on(heard.append)
    stop()
    stop()
    signal.set(2)
    assert heard == []


def test_batch_that_fails_puts_signals_back() -> None:
    runs: list[int] = []
    signal = Signal(1)
    double = Computed(lambda: signal() * 2)
    one = Effect(lambda: runs.append(double()))
    inside: list[int] = []
    with pytest.raises(ZeroDivisionError), batch():
        signal.set(5)
        inside.append(double() // 0 if double() == 10 else 0)
    assert (signal(), double(), runs, inside) == (1, 2, [2], [])
    one.stop()


# -- computed values ----------------------------------------------------------------------------------


def test_nothing_is_computed_before_it_is_asked_for_nor_twice() -> None:
    calls: list[int] = []
    signal = Signal(1)

    @computed
    def double() -> int:
        calls.append(1)
        return int(signal() * 2)

    assert calls == []
    assert (double(), double(), len(calls)) == (2, 2, 1)
    Signal(1).set(2)  # something else
    assert (double(), len(calls)) == (2, 1)
    signal.set(2)
    assert len(calls) == 1
    assert (double(), len(calls)) == (4, 2)


def test_an_exception_is_raised_at_each_reading_and_gone_with_its_cause() -> None:
    signal = Signal(0)
    inverse = Computed(lambda: 1 / signal())
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            inverse()
    signal.set(2)
    assert inverse() == 0.5


def test_a_value_that_needs_itself_is_a_cycle() -> None:
    one: Computed = Computed(lambda: two())
    two: Computed = Computed(lambda: one())
    with pytest.raises(CycleError):
        one()


def test_a_computed_value_sees_changes_from_before_it_was_followed() -> None:
    signal = Signal(1)
    double = Computed(lambda: signal() * 2)
    assert double() == 2
    signal.set(2)
    runs: list[int] = []
    one = Effect(lambda: runs.append(double()))
    signal.set(3)
    one.stop()
    signal.set(4)
    assert (runs, double()) == ([4, 6], 8)


# -- effects ------------------------------------------------------------------------------------------


def test_cleanup_runs_before_the_next_run_and_at_the_end() -> None:
    log: list[str] = []
    signal = Signal("a")

    @effect
    def follow() -> Callable[[], None]:
        name = signal()
        log.append(f"+{name}")
        return lambda: log.append(f"-{name}")

    signal.set("b")
    follow.stop()
    follow.stop()
    signal.set("c")
    assert log == ["+a", "-a", "+b", "-b"]


def test_effects_inside_effects_stop_with_their_parent() -> None:
    log: list[tuple[str, int]] = []
    outer, inner = Signal(1), Signal(1)

    def child() -> None:
        log.append(("child", inner()))

    def parent() -> None:
        log.append(("parent", outer()))
        Effect(child)

    one = Effect(parent)
    outer.set(2)
    log.clear()
    inner.set(2)
    assert log == [("child", 2)]  # once: the child of the first run is gone
    one.stop()
    inner.set(3)
    assert log == [("child", 2)]
    assert not inner.targets


def test_an_effect_lives_without_a_reference() -> None:
    import gc

    runs: list[int] = []
    signal = Signal(1)
    Effect(lambda: runs.append(signal()))
    gc.collect()
    signal.set(2)
    assert runs == [1, 2]


def test_an_effect_that_writes_what_it_reads_settles() -> None:
    signal = Signal(7)
    one = Effect(lambda: signal.set(min(signal() + 1, 10)))
    one.stop()
    assert signal() == 10


def test_an_effect_that_never_settles_is_a_cycle() -> None:
    signal = Signal(0)
    with pytest.raises(CycleError):
        Effect(lambda: signal.set(signal() + 1))


def test_effect_that_the_one_around_it_ends_does_not_run_once_more() -> None:
    state = session("s", {"rows": {"a": {"n": 1}, "b": {"n": 2}}})
    ran: list[str] = []

    def show_rows() -> None:
        ran.append("rows")
        for key in state.rows:
            Effect(partial(show_row, key))

    def show_row(key: str) -> None:
        def show_number() -> None:
            ran.append(f"{key} {state.rows[key].n}")

        Effect(show_number)

    one = Effect(show_rows)
    ran.clear()
    del state.rows["a"]
    assert ran == ["rows", "b 2"]
    state.rows.b.n = 3
    assert ran == ["rows", "b 2", "b 3"]
    state.rows = {"c": {"n": 4}}
    assert ran[3:] == ["rows", "c 4"]
    one.stop()


def test_effect_that_was_stopped_is_kept_by_nobody() -> None:
    """Neither by what it was started in, which goes on, nor by what it read."""
    number = Signal(1)
    functions: list[weakref.ref[Any]] = []

    def start_and_stop() -> None:
        def follow() -> None:
            1 / number()

        functions.append(weakref.ref(follow))
        Effect(follow).stop()

    def start_what_fails() -> None:
        def fail() -> None:
            1 / (number() - 1)

        functions.append(weakref.ref(fail))
        with pytest.raises(ZeroDivisionError):
            Effect(fail)

    def start_many() -> "Callable[[], None]":
        for _ in range(10):
            start_and_stop()
            start_what_fails()
        return lambda: None

    one = Effect(start_many)
    gc.collect()
    assert len(functions) == 20
    assert [alive for alive in functions if alive() is not None] == []
    one.stop()


def test_effects_inside_effects_stop_in_the_order_they_were_started() -> None:
    log: list[int] = []

    def outer() -> None:
        effects = [
            Effect(lambda number=number: lambda: log.append(number))  # type: ignore[misc]
            for number in range(5)
        ]
        effects[1].stop()

    Effect(outer).stop()
    assert log == [1, 0, 2, 3, 4]


def test_an_effect_that_fails_stops_neither_the_others_nor_itself() -> None:
    runs: list[int] = []
    signal = Signal(1)

    def fail() -> None:
        if signal() == 2:
            raise KeyError("two")

    Effect(fail)
    Effect(lambda: runs.append(signal()))
    with pytest.raises(KeyError):
        signal.set(2)
    signal.set(3)
    assert runs == [1, 2, 3]


def test_untracked_reads_are_not_followed() -> None:
    runs: list[int] = []
    followed, other = Signal(1), Signal(1)
    one = Effect(lambda: runs.append(followed() + untracked(other)))
    other.set(5)
    followed.set(2)
    one.stop()
    assert runs == [2, 7]


@pytest.mark.both  # the loop of a browser
def test_an_async_effect_follows_what_it_reads_before_its_first_await() -> None:
    async def program() -> list[tuple[int, int]]:
        runs: list[tuple[int, int]] = []
        before, after = Signal(1), Signal(1)
        done = asyncio.Event()

        async def follow() -> None:
            first = before()
            await asyncio.sleep(0)
            runs.append((first, after()))
            done.set()

        one = Effect(follow)
        await done.wait()
        after.set(2)
        done.clear()
        before.set(2)
        await done.wait()
        one.stop()
        return runs

    assert asyncio.run(program()) == [(1, 1), (2, 2)]


@pytest.mark.both  # the loop of a browser
def test_a_run_that_still_goes_on_is_cancelled_by_the_next() -> None:
    async def program() -> list[int]:
        runs: list[int] = []
        signal = Signal(1)
        last = asyncio.Event()

        async def follow() -> None:
            value = signal()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            runs.append(value)
            last.set()

        one = Effect(follow)
        signal.set(2)
        await last.wait()
        one.stop()
        return runs

    assert asyncio.run(program()) == [2]


# -- states -------------------------------------------------------------------------------------------

READS: dict[str, Callable[[Any], object]] = {
    "key": lambda s: s.a,
    "absent key": lambda s: s.get("zz"),
    "membership of a map": lambda s: "zz" in s,
    "nested key": lambda s: s.user.name,
    "index": lambda s: s.rows[0],
    "negative index": lambda s: s.rows[-1],
    "length of a list": lambda s: len(s.rows),
    "length of a map": lambda s: len(s.user),
    "membership of a set": lambda s: "x" in s.tags,
}

WRITES: dict[str, Callable[[Any], object]] = {
    "set another key": lambda s: s.update(b=2),
    "set the key": lambda s: s.update(a=2),
    "set the absent key": lambda s: s.update(zz=1),
    "set the nested key": lambda s: s.user.update(name="Grace"),
    "add a nested key": lambda s: s.user.update(age=3),
    "replace the nested map": lambda s: s.update(user={"name": "Ada", "age": 3}),
    "append": lambda s: s.rows.append(9),
    "insert in front": lambda s: s.rows.insert(0, 8),
    "set the last": lambda s: s.rows.__setitem__(-1, 7),
    "delete the first": lambda s: s.rows.__delitem__(0),
    "add the member": lambda s: s.tags.add("x"),
    "add another member": lambda s: s.tags.add("y"),
    "clear the set": lambda s: s.tags.clear(),
}


ALSO_READ = {  # what is read on the way is different, though the result may be equal
    "nested key": {"replace the nested map"},
    "negative index": {"append", "insert in front", "delete the first"},
}


@rows("write", list(WRITES))
@rows("read", list(READS))
def test_an_effect_runs_again_exactly_if_what_it_read_is_different(read: str, write: str) -> None:
    init = {"a": 1, "b": 1, "user": {"name": "Ada"}, "rows": [1, 2, 3], "tags": {"z"}}
    state = session("graph", init)
    seen: list[object] = []
    one = Effect(lambda: seen.append(READS[read](state)))
    WRITES[write](state)
    one.stop()
    value = READS[read](state)
    differs = seen[0] != value or write in ALSO_READ.get(read, ())
    assert seen == ([seen[0], value] if differs else [value])


WHOLE_READS: dict[str, Callable[[Any], object]] = {
    "snapshot": snapshot,
    "snapshot of a part": lambda s: snapshot(s.rows),
    "repr": repr,
    "==": lambda s: s == {},
    "== of items": lambda s: s.items() == {},
    "copy": lambda s: s.copy(),
    "copy of a list": lambda s: s.rows.copy(),
    "json": lambda s: json.dumps(s.rows, default=snapshot),
    "order": lambda s: s.rows < [],
    "a container in a list": lambda s: [1] in s.rows,
    "index of a container": lambda s: s.rows.index([1]),
    "a frozen set among sets": lambda s: frozenset([1]) in s.rows,
    "count of a container": lambda s: s.rows.count([1]),
    "each row whole": lambda s: [list(row) for row in s.rows],
}


@rows("read", list(WHOLE_READS))
def test_reading_the_whole_depends_on_everything_below(read: str) -> None:
    state = session("graph", {"rows": [[1], [2]]})
    runs: list[int] = []

    def follow() -> None:
        WHOLE_READS[read](state)
        runs.append(1)

    one = Effect(follow)
    state.rows[1].append(3)
    one.stop()
    state.rows[1].append(4)
    assert len(runs) == 2


LIST_READS: dict[str, Callable[[Any], object]] = {
    "iteration": lambda s: list(s.l),
    "backwards": lambda s: list(reversed(s.l)),
    "sorted": lambda s: sorted(s.l, key=lambda item: 0),
    "a slice": lambda s: s.l[:],
    "+": lambda s: s.l + [],
    "*": lambda s: s.l * 2,
    "unpacking": lambda s: [*s.l],
}
MAP_READS: dict[str, Callable[[Any], object]] = {
    "values": lambda s: list(s.m.values()),
    "items": lambda s: list(s.m.items()),
    "values backwards": lambda s: list(reversed(s.m.values())),
    "items backwards": lambda s: list(reversed(s.m.items())),
    "|": lambda s: s.m | {},
    "dict": lambda s: dict(s.m),
}
KEY_READS: dict[str, Callable[[Any], object]] = {
    "iteration of a map": lambda s: list(s.m),
    "keys": lambda s: list(s.m.keys()),
    "keys backwards": lambda s: list(reversed(s.m)),
    "sorted map": lambda s: sorted(s.m),
    "keys &": lambda s: s.m.keys() & {"x"},
}
LENGTH_READS: dict[str, Callable[[Any], object]] = {
    "len of a list": lambda s: len(s.l),
    "len of a map": lambda s: len(s.m),
    "len of values": lambda s: len(s.m.values()),
    "truth": lambda s: bool(s.l) and bool(s.m),
}


def is_run_again(read: Callable[[Any], object], change: Callable[[Any], object]) -> bool:
    init = {"l": [1, {"n": 1}, [2]], "m": {"x": 1, "y": {"n": 1}}, "n": 0}
    state = session("graph", init, area=MemoryArea())
    runs: list[int] = []

    def follow() -> None:
        read(state)
        runs.append(1)

    one = Effect(follow)
    with batch():
        change(state)
    one.stop()
    return len(runs) == 2


def swap(s: Any) -> None:
    s.l.reverse()


def turn(s: Any) -> None:
    s.m.x = s.m.pop("x")  # the last one now


def there_and_back(s: Any) -> None:
    s.l.append(3)
    s.l.reverse()
    s.l.reverse()
    s.l.pop()
    s.m.z = 1
    s.m.x = 5
    del s.m.z
    s.m.x = 1


def below(s: Any) -> None:
    s.l[1].n = 2
    s.l[2].append(3)
    s.m.y.n = 2
    s.m.y.k = 2
    s.n = 1


@rows("read", sorted(LIST_READS))
def test_iterating_a_list_depends_on_what_stands_in_it(read: str) -> None:
    reading = LIST_READS[read]
    assert not is_run_again(reading, below)
    assert not is_run_again(reading, there_and_back)
    assert is_run_again(reading, lambda s: s.l.append(1))
    assert is_run_again(reading, lambda s: s.l.__setitem__(0, 2))
    assert is_run_again(reading, lambda s: s.l.__setitem__(1, {"n": 1, "k": 0}))
    assert is_run_again(reading, swap)
    assert not is_run_again(reading, lambda s: s.m.clear())


@rows("read", sorted(MAP_READS))
def test_reading_the_values_of_a_map_depends_on_what_stands_in_it(read: str) -> None:
    reading = MAP_READS[read]
    assert not is_run_again(reading, below)
    assert not is_run_again(reading, there_and_back)
    assert is_run_again(reading, lambda s: s.m.update(x=2))
    assert is_run_again(reading, lambda s: s.m.update(z=2))
    assert is_run_again(reading, lambda s: s.m.update(y={"k": 1}))
    assert is_run_again(reading, lambda s: s.m.pop("y"))
    assert is_run_again(reading, turn)


@rows("read", sorted(KEY_READS))
def test_reading_the_keys_of_a_map_depends_on_those_and_their_order(read: str) -> None:
    reading = KEY_READS[read]
    assert not is_run_again(reading, below)
    assert not is_run_again(reading, there_and_back)
    assert not is_run_again(reading, lambda s: s.m.update(x=2))
    assert not is_run_again(reading, lambda s: s.m.update(y=2))
    assert is_run_again(reading, lambda s: s.m.update(z=2))
    assert is_run_again(reading, lambda s: s.m.pop("y"))
    assert is_run_again(reading, turn)


@rows("read", sorted(LENGTH_READS))
def test_a_length_depends_on_itself_alone(read: str) -> None:
    reading = LENGTH_READS[read]
    assert not is_run_again(reading, below)
    assert not is_run_again(reading, there_and_back)
    assert not is_run_again(reading, swap)
    assert not is_run_again(reading, turn)
    assert is_run_again(reading, lambda s: (s.l.clear(), s.m.clear()))


def test_looking_for_a_scalar_in_a_list_depends_on_what_stands_in_it() -> None:
    for reading in (lambda s: 1 in s.l, lambda s: s.l.index(1), lambda s: s.l.count(1)):
        assert not is_run_again(reading, below)
        assert is_run_again(reading, lambda s: s.l.append(7))


def test_looking_for_a_pair_in_a_map_depends_on_that_key() -> None:
    def reading(s: Any) -> bool:
        return ("x", 1) in s.m.items()

    assert not is_run_again(reading, below)
    assert not is_run_again(reading, lambda s: s.m.update(z=1))
    assert is_run_again(reading, lambda s: s.m.update(x=2))
    assert is_run_again(lambda s: ("y", {"n": 1}) in s.m.items(), lambda s: s.m.y.update(n=2))


def test_an_effect_that_renders_rows_runs_for_what_it_reads_of_each() -> None:
    state = session("board", {"rows": [{"n": 1, "note": ""}, {"n": 2, "note": ""}]})
    sums: list[int] = []
    one = Effect(lambda: sums.append(sum(row["n"] for row in state.rows)))
    state.rows[1]["note"] = "now"
    state.rows[1]["n"] = 5
    state.rows.append({"n": 1, "note": ""})
    one.stop()
    assert sums == [3, 6, 7]


def test_a_computed_list_of_the_same_rows_is_the_same() -> None:
    state = session("board", {"rows": [{"n": 1, "done": False}, {"n": 2, "done": True}]})
    open_rows = Computed(lambda: [row for row in state.rows if not row.done])
    by_number = Computed(lambda: {row.n: (row,) for row in state.rows})
    seen: list[list[int]] = []
    groups: list[int] = []
    one = Effect(lambda: seen.append([row.n for row in open_rows()]))
    other = Effect(lambda: groups.append(len(by_number())))
    state.rows[0].n = 5
    state.rows.append({"n": 3, "done": True})  # computed again, to the same rows
    state.rows[1].done = False
    one.stop()
    other.stop()
    assert (seen, groups) == ([[1], [5], [5, 2]], [2, 2, 3])


def test_members_of_a_set_that_come_back_run_nothing() -> None:
    state = session("tags", {"tags": {"a"}})
    seen: list[set[str]] = []
    one = Effect(lambda: seen.append(set(state.tags)))
    with batch():
        state.tags.add("b")
        state.tags.discard("b")
    state.tags.add("c")
    one.stop()
    assert seen == [{"a"}, {"a", "c"}]


def test_what_arrives_from_another_document_inside_a_row_runs_no_iteration() -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    with use_host(tab):
        state = session("graph", {"rows": [{"n": 1}, {"n": 2}]})
    with use_host(frame):
        other = session("graph")
    seen: list[int] = []
    one = Effect(lambda: seen.append(len(list(state.rows))))
    other.rows[0].n = 5
    tab.deliver()
    other.rows.append({"n": 3})
    tab.deliver()
    one.stop()
    assert seen == [2, 3]


def test_an_effect_follows_a_state_that_another_document_changes() -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    seen: list[int] = []
    with use_host(tab):
        state = session("graph", {"n": 1, "m": 1})
    with use_host(frame):
        other = session("graph")
    one = Effect(lambda: seen.append(state.n))
    other.m = 2
    tab.deliver()
    other.n = 2
    tab.deliver()
    one.stop()
    assert seen == [1, 2]


def test_a_statement_that_cannot_be_stored_runs_nothing() -> None:
    state = session("graph", {"text": ""}, area=MemoryArea(quota=100))
    seen: list[str] = []
    size = Computed(lambda: len(state.text))
    one = Effect(lambda: seen.append(state.text))
    with pytest.raises(QuotaExceededError):
        state.text = "x" * 200
    one.stop()
    assert (seen, size()) == ([""], 0)


@given(st.data())
def test_effects_and_computed_values_are_never_behind(data: st.DataObject) -> None:
    """After each statement of a random program, whatever was derived equals what is derived anew."""
    leave_all()
    model: Any = {"a": 1, "rows": [{"n": 1}, [2]], "tags": {"x"}}
    state = session("derived", model, area=MemoryArea())
    readers: list[Callable[[], object]] = [
        lambda: snapshot(state),
        lambda: len(state),
        lambda: "b" in state,
        lambda: state.get("a"),
        lambda: (
            state["rows"][0] if state.get("rows") and isinstance(state["rows"], ListView) else None
        ),
        lambda: {key: len(value) for key, value in state.items() if hasattr(value, "__len__")},
    ]
    computeds = [Computed(reader) for reader in readers]
    seen: list[object] = [None] * len(readers)

    def follow(number: int) -> Effect:
        def run() -> None:
            seen[number] = computeds[number]()

        return Effect(run)

    effects = [follow(number) for number in range(len(readers))]
    for _ in range(data.draw(st.integers(1, 5))):
        step = draw_step(data, model)
        model = step.after(model)
        step.run(state)
        for number, reader in enumerate(readers):
            assert seen[number] == computeds[number]() == reader()
    for one in effects:
        one.stop()


def test_interrupt_in_a_callback_leaves_the_others_able_to_run() -> None:
    runs: list[int] = []
    signal = Signal(1)

    def interrupt() -> None:
        if signal() == 2:
            raise KeyboardInterrupt

    Effect(interrupt)
    Effect(lambda: runs.append(signal()))
    with pytest.raises(KeyboardInterrupt):
        signal.set(2)
    signal.set(3)
    assert runs == [1, 3]


@rows("kind", [Effect, Computed])
def test_what_is_no_function_is_refused(kind: Any) -> None:
    with pytest.raises(TypeError, match="function, not int"):
        kind(5)


def test_what_callbacks_read_and_start_is_not_the_effect_s() -> None:
    state = session("s", {"a": 0, "b": 0})
    runs: list[str] = []
    inner: list[Effect] = []

    def heard(change: object) -> None:
        assert state.b >= 0
        if not inner:
            inner.append(Effect(lambda: runs.append(f"inner {state.b}")))

    subscribe(state, heard)

    def outer() -> None:
        runs.append("outer")
        state.a = 1

    one = Effect(outer)
    runs.clear()
    state.b = 7
    one.stop()
    state.b = 8
    assert runs == ["inner 7", "inner 8"]


@rows(
    "change",
    [
        lambda s: s.tags.clear(),
        lambda s: s.tags.difference_update(["zz"]),
        lambda s: s.tags.intersection_update(["a"]),
        lambda s: s.tags.symmetric_difference_update(["q"]),
        lambda s: s.rows.sort(key=lambda row: -row),
        lambda s: s.rows.move(0, 1),
    ],
)
def test_changing_a_container_does_not_depend_on_it(change: Callable[[Any], object]) -> None:
    state = session("s", {"tags": {"a", "b"}, "rows": [1, 2]})
    runs: list[int] = []

    def follow() -> None:
        runs.append(1)
        change(state)

    one = Effect(follow)
    state.tags.add("other")
    state.rows.append(3)
    one.stop()
    assert len(runs) == 1


def test_an_effect_sees_that_a_batch_was_undone() -> None:
    state = session("s", {"x": 1})
    seen: list[int] = []
    effects: list[Effect] = []
    with pytest.raises(ZeroDivisionError), batch():
        state.x = 2
        effects.append(Effect(lambda: seen.append(state.x)))
        state.x //= 0
    effects[0].stop()
    assert seen == [2, 1]


def test_an_effect_follows_the_order_of_keys_that_another_document_chose() -> None:
    (tab,) = tabs(1)
    frame = tab.frame()
    with use_host(tab):
        state = session("s", {"a": 1, "b": 2})
    with use_host(frame):
        other = session("s")
    seen: list[list[str]] = []
    one = Effect(lambda: seen.append(list(state)))
    with batch():
        other.a = other.pop("a")
    tab.deliver()
    one.stop()
    assert seen == [["a", "b"], ["b", "a"]]


def test_an_effect_whose_first_run_fails_does_not_run_again() -> None:
    signal = Signal(1)

    def fail() -> None:
        raise KeyError(signal())

    with pytest.raises(KeyError):
        Effect(fail)
    signal.set(2)
    assert not signal.targets
