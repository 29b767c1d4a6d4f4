"""Statements of several threads: none is lost, none is half of another's."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pickle import dumps, loads
from time import sleep
from typing import Any

import pytest

from anchor_session import (
    Change,
    Effect,
    SessionStorage,
    Signal,
    batch,
    computed,
    effect,
    history,
    leave,
    restored,
    session,
    session_load,
    session_save,
    snapshot,
    subscribe,
    untracked,
)
from anchor_session.page.scopes.session_scope import SessionScope
from anchor_session.state import Persistence, State
from anchor_session.testing import MemoryArea
from tests.cpython.threads import THREADS, at_once, changing_often, in_eight
from tests.patience import PATIENCE
from tests.support import rows

TIMES = 30


@pytest.fixture(autouse=True)
def threads_change_often() -> Iterator[None]:
    with changing_often():
        yield


class Area(MemoryArea):
    """As an area on a disk: other threads go on in the middle of each call."""

    def getItem(self, key: str) -> "str | None":
        sleep(0)
        return super().getItem(key)

    def setItem(self, key: str, value: str) -> None:
        sleep(0)
        super().setItem(key, value)
        sleep(0)


def assert_stored(state: Any, area: Any, name: str = "s", **options: Any) -> None:
    """Whether what is stored is what memory holds."""
    held = snapshot(state)
    leave(state)
    again = session(name, area=area, **options)
    assert restored(again).outcome == "restored"
    assert snapshot(again) == held


def each(do: "Callable[[int, int], object]", times: int = TIMES) -> None:
    """Call `do(thread, n)` so many times in each of eight threads."""

    def work(number: int) -> None:
        for n in range(times):
            do(number, n)

    in_eight(work)


ALL = [(number, n) for number in range(THREADS) for n in range(TIMES)]


# -- statements -------------------------------------------------------------------------------


def test_eight_threads_append_to_one_list(layout: str) -> None:
    area = Area()
    s = session("s", {"l": []}, area=area, layout=layout)
    each(lambda _, n: s.l.append(n), 200)
    assert sorted(s.l) == sorted(list(range(200)) * THREADS)
    assert_stored(s, area)


def add_member(s: Any, number: int, n: int) -> None:
    s.set.add(f"{number}-{n}")


def update_set(s: Any, number: int, n: int) -> None:
    s.set |= {f"{number}-{n}", "common"}


def set_key(s: Any, number: int, n: int) -> None:
    s.map[f"{number}-{n}"] = n


def update_map(s: Any, number: int, n: int) -> None:
    s.map.update({f"{number}-{n}": n, "common": n})


def come_and_go(s: Any, number: int, n: int) -> None:
    s.map[f"gone-{number}"] = [n]
    set_key(s, number, n)
    assert s.map.pop(f"gone-{number}") == [n]


def insert_first(s: Any, number: int, n: int) -> None:
    s.list.insert(0, {"at": f"{number}-{n}"})


def extend_list(s: Any, number: int, n: int) -> None:
    s.list += [{"at": f"{number}-{n}"}]


def write_into_what_moves(s: Any, number: int, n: int) -> None:
    s.list.insert(0, {"at": ""})
    s.own[number].seen.append(f"{number}-{n}")


def found_in_list(s: Any) -> "set[str]":
    return {row["at"] for row in snapshot(s.list)}


def found_in_own(s: Any) -> "set[str]":
    return {at for own in snapshot(s.own) for at in own["seen"]}


@rows(
    ("do", "found"),
    {
        "add": (add_member, lambda s: set(s.set)),
        "|=": (update_set, lambda s: set(s.set) - {"common"}),
        "[key] =": (set_key, lambda s: set(s.map)),
        "update": (update_map, lambda s: set(s.map) - {"common"}),
        "pop": (come_and_go, lambda s: set(s.map)),
        "insert": (insert_first, found_in_list),
        "+=": (extend_list, found_in_list),
        "deep": (write_into_what_moves, found_in_own),
    },
)
def test_statements_of_all_threads_are_kept(do: Any, found: Any, layout: str) -> None:
    area = Area()
    own: list[Any] = [{"seen": []} for _ in range(THREADS)]
    init: dict[str, Any] = {"map": {}, "list": [], "set": set(), "own": own}
    s = session("s", init, area=area, layout=layout)
    each(lambda number, n: do(s, number, n), TIMES // 2)
    assert found(s) == {f"{number}-{n}" for number, n in ALL if n < TIMES // 2}
    assert_stored(s, area)


def test_views_that_move_are_written_through_while_others_read(layout: str) -> None:
    area = Area()
    s = session("s", {"rows": [{"n": 0} for _ in range(THREADS)]}, area=area, layout=layout)
    views = list(s.rows)

    def work(number: int) -> None:
        for _ in range(TIMES):
            if number % 2:
                for row in s.rows:
                    assert row["n"] <= TIMES
            elif number:
                views[number]["n"] += 1
            else:
                s.rows.reverse()

    in_eight(work)
    assert sorted(row["n"] for row in s.rows) == [0] * 5 + [TIMES] * 3
    assert_stored(s, area)


def test_what_is_popped_is_given_to_one_thread() -> None:
    area = Area()
    s = session("s", {"l": list(range(800)), "m": dict.fromkeys(map(str, range(800)))}, area=area)
    popped: list[Any] = []

    def work(_: int) -> None:
        for take in (s["l"].pop, lambda: s["m"].popitem()[0]):
            while True:
                try:
                    popped.append(take())
                except (IndexError, KeyError):
                    break

    in_eight(work)
    assert sorted(map(str, popped)) == sorted([*map(str, range(800))] * 2)
    assert_stored(s, area)


def test_default_is_set_once() -> None:
    s = session("s", area=Area())
    given: list[Any] = []
    each(lambda number, n: given.append((n, s.setdefault(f"k{n}", number))))
    assert len(set(given)) == TIMES


class Key(str):
    """A key that is slow to look up."""

    __slots__ = ()

    def __hash__(self) -> int:
        sleep(0)
        return super().__hash__()


def test_key_that_comes_and_goes_is_read_or_not() -> None:
    s = session("s", {"k": 1}, area=Area())

    def work(number: int) -> None:
        for _ in range(TIMES):
            if number:
                assert s.get(Key("k"), 2) in (1, 2)
            else:
                s.pop("k")
                s.k = 1

    in_eight(work)


def test_container_has_one_view_whoever_reads_it_first() -> None:
    for _ in range(50):
        s = session("s", {"a": {"b": {}}}, area=Area())
        views: list[Any] = []
        in_eight(lambda _: views.append(s["a"]))  # noqa: B023
        assert len(set(map(id, views))) == 1


def test_list_that_is_read_first_while_it_changes_is_read_right() -> None:
    for _ in range(20):
        s = session("s", {"l": [{"n": n} for n in range(100)]}, area=Area())

        def work(number: int) -> None:
            if number % 2:
                s.l.append({"n": number})  # noqa: B023
            else:
                list(s.l)  # noqa: B023

        in_eight(work)
        assert [row["n"] for row in s.l] == [row["n"] for row in snapshot(s.l)]


@dataclass
class Row:
    n: int = 0
    seen: list[int] = field(default_factory=list)


@dataclass
class Table:
    rows: list[Row] = field(default_factory=list)
    by_name: dict[str, Row] = field(default_factory=dict)
    last: int = 0


def test_typed_statements_of_all_threads_are_kept(layout: str) -> None:
    area = Area()
    s = session("s", Table(), area=area, layout=layout)

    def do(number: int, n: int) -> None:
        s.rows.append(Row(n))
        s.by_name[f"{number}-{n}"] = Row(n)
        s.by_name[f"{number}-{n}"].seen.append(n)
        s.last = n
        assert snapshot(s).rows

    each(do, 20)
    assert sorted(row.n for row in s.rows) == sorted(list(range(20)) * THREADS)
    assert [row.seen for row in s.by_name.values()] == [[row.n] for row in s.by_name.values()]
    assert len(s.by_name) == 20 * THREADS
    held = snapshot(s)
    leave(s)
    again = session("s", Table(), area=area)
    assert restored(again).outcome == "restored"
    assert snapshot(again) == held


def test_statement_that_is_refused_stops_no_other_thread(layout: str) -> None:
    area = Area()
    s = session("s", {"l": [], "last": 0}, area=area, layout=layout)

    def do(_: int, n: int) -> None:
        with pytest.raises(TypeError):
            s.last = print
        s.l.append(n)

    each(do)
    assert len(s.l) == THREADS * TIMES
    assert_stored(s, area)


# -- batches ----------------------------------------------------------------------------------


def test_batches_over_two_states_are_whole(layout: str) -> None:
    one, other = Area(), Area()
    a = session("s", {"n": 0}, area=one, layout=layout)
    b = session("s", {"n": 0}, area=other, layout=layout)

    def do(number: int, n: int) -> None:
        with batch():
            a.n += 1
            sleep(0)
            b.n += 1

    each(do)
    assert a.n == b.n == THREADS * TIMES
    assert_stored(a, one)
    assert_stored(b, other)


def test_batch_that_fails_takes_nothing_of_another_thread_along(layout: str) -> None:
    area = Area()
    s = session("s", {"l": []}, area=area, layout=layout)

    def do(number: int, n: int) -> None:
        with pytest.raises(ZeroDivisionError), batch():
            s.l.append("gone")
            s.l.append(1 // 0)
        s.l.append(n)

    each(do)
    assert sorted(s.l) == sorted(list(range(TIMES)) * THREADS)
    assert_stored(s, area)


@rows(
    "read",
    {
        "snapshot": snapshot,
        "repr": lambda s: eval(repr(s)),
        "copy": lambda s: s.copy(),
        "deepcopy": deepcopy,
        "pickle": lambda s: loads(dumps(s)),
    },
)
def test_who_reads_the_whole_sees_no_half_of_a_batch(read: Any) -> None:
    s = session("s", {"a": 0, "b": 0, "l": [0, 0]}, area=Area())
    seen: list[Any] = []

    def work(number: int) -> None:
        for n in range(TIMES):
            if number % 2:
                with batch():
                    s.a = s.l[0] = n
                    s.b = s.l[1] = n
            else:
                found = read(s)
                seen.append((found["a"], found["b"]))
                seen.append(tuple(s.l))
                seen.append(tuple(s.l[:]))

    in_eight(work)
    assert [pair for pair in seen if pair[0] != pair[1]] == []


def test_await_in_a_batch_keeps_no_other_thread_waiting(layout: str) -> None:
    area = Area()
    s = session("s", {"l": []}, area=area, layout=layout)

    async def main() -> None:
        with pytest.raises(RuntimeError, match="await inside batch"), batch():
            s.l.append("gone")
            await asyncio.wait_for(asyncio.to_thread(s.l.append, "kept"), PATIENCE)
        with batch():
            s.l.append("then")

    asyncio.run(main())
    assert s.l == ["kept", "then"]
    at_once(lambda: s.l.append("last"))
    assert_stored(s, area)


def test_await_in_a_batch_of_a_batch_keeps_no_other_thread_waiting() -> None:
    s = session("s", {"l": []}, area=Area())

    async def main() -> None:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="await inside batch"), batch(), batch():
                s.l.append("gone")
                await asyncio.to_thread(s.l.append, "kept")

    asyncio.run(main())
    asyncio.run(main())
    assert s.l == ["kept"] * 4
    at_once(lambda: s.l.clear())


def test_batches_of_tasks_and_of_threads_are_whole() -> None:
    area = Area()
    s = session("s", {"n": 0}, area=area)

    def add() -> None:
        with batch():
            n = s.n
            sleep(0)
            s.n = n + 1

    async def task() -> None:
        for _ in range(TIMES):
            add()
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(task(), task())

    def work(number: int) -> None:
        if number % 2:
            asyncio.run(main())
        else:
            for _ in range(TIMES):
                add()

    in_eight(work)
    assert s.n == 4 * 2 * TIMES + 4 * TIMES
    assert_stored(s, area)


# -- what follows -----------------------------------------------------------------------------


def test_signal_counts_every_thread() -> None:
    count = Signal(0)
    double = computed(lambda: count() * 2)
    heard: list[int] = []
    double.on(heard.append)
    each(lambda _, __: count.set(lambda n: n + 1))
    assert count() == THREADS * TIMES
    assert heard == [2 * n + 2 for n in range(THREADS * TIMES)]


def test_effect_runs_once_for_each_statement_of_any_thread() -> None:
    s = session("s", {"l": []}, area=Area())
    lengths: list[int] = []
    effect(lambda: lengths.append(len(s.l)))
    each(lambda _, n: s.l.append(n))
    assert lengths == list(range(THREADS * TIMES + 1))


def test_subscribers_hear_one_history() -> None:
    s = session("s", {"n": -1}, area=Area())
    heard: list[Change] = []
    subscribe(s, heard.append)
    each(lambda number, n: s.update(n=number * TIMES + n))
    assert len(heard) == THREADS * TIMES
    assert [change.previous for change in heard] == [-1, *(one.value for one in heard[:-1])]


def while_effect_runs(s: Any, do: "Callable[[], object]") -> "list[int]":
    """Have another thread call `do` in the middle of an effect's second run; gives what that has read."""
    is_inside, is_done = threading.Event(), threading.Event()
    runs: list[int] = []

    @effect
    def mine() -> None:
        runs.append(s.mine)
        if len(runs) == 2:
            is_inside.set()
            is_done.wait(0.1)  # in vain where the other has to wait for this run

    def another() -> None:
        assert is_inside.wait(PATIENCE)
        do()
        is_done.set()

    at_once(lambda: s.update(mine=1), another)
    return runs


@rows("read", [lambda s, _: s.others, lambda _, signal: signal(), lambda s, _: list(s)])
def test_effect_depends_on_nothing_that_another_thread_reads(read: Any) -> None:
    s = session("s", {"mine": 0, "others": 0}, area=Area())
    signal = Signal(0)
    runs = while_effect_runs(s, lambda: read(s, signal))
    s.others = 1
    signal.set(1)
    assert runs == [0, 1]


def test_effect_depends_on_what_it_reads_while_another_thread_reads_untracked() -> None:
    s = session("s", {"mine": 0, "others": 0}, area=Area())
    runs: list[int] = []
    is_inside, is_done, is_over = threading.Event(), threading.Event(), threading.Event()

    @effect
    def mine() -> None:
        if s.others == 1:
            is_inside.set()
            is_done.wait(0.1)  # in vain where the other has to wait for this run
        runs.append(s.mine)

    def write() -> None:
        s.others = 1
        is_over.set()

    def read() -> None:
        is_done.set()
        is_over.wait(0.1)

    def another() -> None:
        assert is_inside.wait(PATIENCE)
        untracked(read)

    at_once(write, another)
    s.mine = 1
    assert runs == [0, 0, 1]


def test_effect_owns_none_that_another_thread_starts() -> None:
    s = session("s", {"mine": 0, "others": 0}, area=Area())
    seen: list[int] = []
    while_effect_runs(s, lambda: Effect(lambda: seen.append(s.others)))
    s.mine = 2
    s.others = 1
    assert seen == [0, 1]


def test_history_has_a_step_for_each_statement_of_any_thread(layout: str) -> None:
    area = Area()
    s = session("s", {"l": []}, area=area, layout=layout)
    past = history(s, limit=THREADS * TIMES)
    each(lambda _, n: s.l.append(n), TIMES // 2)
    held = snapshot(s)
    undone: list[bool] = []
    each(lambda _, __: undone.append(past.undo()), TIMES // 2)
    assert s == {"l": []}
    assert all(undone)
    assert not past.undo()
    each(lambda _, __: past.redo(), TIMES // 2)
    assert s == held
    assert_stored(s, area)


# -- opening, and other doors -----------------------------------------------------------------


def test_name_opened_by_many_threads_is_one_state() -> None:
    for _ in range(20):
        area = Area()
        found: list[Any] = []
        in_eight(lambda _: found.append(session("s", {"n": 1}, area=area)))  # noqa: B023
        assert len(set(map(id, found))) == 1
        in_eight(lambda number: leave(found[number]))  # noqa: B023
        again = session("s", {"n": 2}, area=area)
        assert again is not found[0]
        assert again.n == 1


def test_storage_keeps_what_all_threads_set() -> None:
    area = Area()
    storage = SessionStorage("s", adapter=area)
    state = session("s", {"n": 0}, area=area)

    def do(number: int, n: int) -> None:
        storage.set(f"{number}-{n}", n)
        SessionStorage("s", adapter=area).assign({f"{number}+{n}": n})
        storage.set("gone", [n])
        storage.delete("gone")
        assert storage.get("gone", [0]) is not None
        assert f'"{number}-{n}"' in storage.json()

    each(do, 20)
    expected = {f"{number}{sign}{n}" for number, n in ALL if n < 20 for sign in "-+"}
    assert set(storage.keys()) == expected | {"n"}
    assert_stored(state, area)


@rows("interval", [None, 0.001])
def test_state_keeps_what_all_threads_set(interval: "float | None") -> None:
    area = Area()
    persistence = Persistence("k", area=area, interval=interval)
    state: Any = State(lambda: {"n": 0, "own": {}, "l": []}, persistence=persistence)
    heard: list[int] = []
    state.key("n").on(heard.append)

    def do(number: int, n: int) -> None:
        state.set(lambda now: {"n": now["n"] + 1})
        state.set({"own": {f"{number}-{n}": n}})
        state.key("l").set(lambda now: [*now, n])
        assert state.get()["n"] > 0

    each(do, 20)
    held = state.get()
    assert held["n"] == len(held["own"]) == len(held["l"]) == THREADS * 20
    assert heard == list(range(1, THREADS * 20 + 1))
    asyncio.run(state.dispose())
    assert State(lambda: {"n": 0, "own": {}, "l": []}, persistence=persistence).get() == held


def test_scope_and_state_may_write_in_each_others_callbacks() -> None:
    s = session("s", {"n": 0, "heard": 0}, area=Area())
    effect(lambda: session_save("n", s.n))
    SessionScope().subscribe(lambda change: s.update(heard=s.heard + 1))

    def do(number: int, n: int) -> None:
        if number % 2:
            s.n = (number * TIMES) + n + 1
        else:
            session_save(number, n)

    each(do)
    assert session_load("n") == s.n
    assert s.heard == THREADS * TIMES


# -- interrupts, forks, and where there are no threads ------------------------------------------


def run(source: str) -> str:
    """What the source prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{source}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


INTERRUPTED = """
import signal, sys, threading, time
from anchor_session import batch, session
s = session("s", {"l": []})
main = threading.main_thread().ident
is_interrupted = False
def interrupt(*_):
    global is_interrupted
    if not is_interrupted:
        is_interrupted = True
        raise KeyboardInterrupt
signal.signal(signal.SIGINT, interrupt)
has_begun, may_end = threading.Event(), threading.Event()
def hold():
    with batch():
        has_begun.set()
        while not sys._current_frames()[main].f_code.co_filename.endswith("threads.py"):
            time.sleep(0)  # until the other waits
        while not may_end.wait(0.1):  # one that comes just before it waits does not wake it: once more
            signal.pthread_kill(main, signal.SIGINT)
thread = threading.Thread(target=hold)
thread.start()
has_begun.wait()
try:
    s.l.append(1)
except KeyboardInterrupt:
    print("interrupted")
may_end.set()
thread.join()
s.l.append(2)
other = threading.Thread(target=s.l.append, args=(3,))
other.start()
other.join()
print(s.l)
"""


def test_statement_that_waits_can_be_interrupted() -> None:
    assert run(INTERRUPTED) == "interrupted\n[2, 3]\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no such processes here")
def test_process_that_is_forked_in_the_middle_of_a_statement_goes_on() -> None:
    s = session("s", {"l": []}, area=Area())
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            s.l.append(0)
            s.l.clear()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                signal.alarm(int(PATIENCE))  # it has no other thread that could end it
                s.l.append(1)
                os._exit(0 if s.l[-1] == 1 else 1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        is_over.set()
        thread.join()


NO_THREADS = """
import functools, sys
{}
from anchor_session.reactive import threads
assert threads.lock is None
assert threads.whole(print) is print
from anchor_session.reactive.map_view import MapView
assert MapView.__setitem__.__code__.co_filename.endswith("map_view.py")
"""


@rows("lacks", ["sys.platform = 'emscripten'", "sys.modules['_thread'] = None"])
def test_where_there_are_no_threads_nothing_is_added(lacks: str) -> None:
    run(NO_THREADS.format(lacks))
