"""`batch()`: one write, one notification, all or nothing; and what an `await` inside does."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from anchor_session import Change, Computed, batch, session, snapshot, subscribe
from anchor_session.page.open_states import leave_all
from anchor_session.testing import tabs, use_host
from tests.support import KEY, Spy, rows, text_at

pytestmark = pytest.mark.both


class Boom(Exception):
    pass


def fail_in(block: "Callable[[], object]") -> None:
    with pytest.raises(Boom), batch():
        block()
        raise Boom


def test_computed_value_of_a_member_is_right_after_undoing() -> None:
    state = session("s", {"s": set()})
    is_in = Computed(lambda: "x" in state.s)
    seen = []

    def add() -> None:
        state.s.add("x")
        seen.append(is_in.get())

    fail_in(add)
    assert (seen, is_in.get()) == ([True], False)


def test_views_of_what_an_undone_batch_brought_in_are_forgotten() -> None:
    state = session("s", {"l": []})

    def change() -> None:
        state.m = {}
        state.l.append({})
        assert (state.m, state.l[0]) == ({}, {})

    fail_in(change)
    assert (len(state._children), len(state.l._children)) == (1, 0)


def test_batch_writes_the_record_once() -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    spy.heal()
    with batch():
        state.n = 2
        state.m = 3
        state.update(o=4)
    assert spy.writes == [("set", KEY, '{"n":2,"m":3,"o":4}')]


def test_batch_writes_nothing_before_its_end(area: Any) -> None:
    state = session("s", {"n": 1})
    with batch():
        state.n = 2
        inside = text_at(area)
    assert inside == '{"n":1}'


def test_batch_tells_once() -> None:
    state = session("s", {"n": 1})
    heard: list[Change] = []
    subscribe(state, heard.append)
    with batch():
        state.n = 2
        state.m = 3
    assert heard == [
        Change("batch", (), changes=(Change("set", ("n",), 2, 1), Change("set", ("m",), 3, None)))
    ]


def test_batch_of_one_change_tells_that_change() -> None:
    state = session("s", {"n": 1})
    heard: list[Change] = []
    subscribe(state, heard.append)
    with batch():
        state.n = 2
    assert heard == [Change("set", ("n",), 2, 1)]


def test_batch_reads_its_own_changes() -> None:
    state = session("s", {"n": 1})
    with batch():
        state.n += 1
        state.n += 1
    assert state.n == 3


def test_empty_batch_does_nothing() -> None:
    spy = Spy()
    session("s", {"n": 1}, area=spy)
    spy.heal()
    with batch():
        pass
    assert spy.calls == []


def test_batch_that_ends_where_it_began_writes_nothing() -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    spy.heal()
    with batch():
        state.n = 2
        state.n = 1
    assert spy.calls == []


ROLLED_BACK: "list[Callable[[Any], object]]" = [
    lambda state: state.pop("a"),
    lambda state: state.pop("c"),
    lambda state: [state.pop("a"), state.update(a=5)],
    lambda state: [state.pop("b"), state.update(d=1), state.pop("a")],
    lambda state: [state.popitem(), state.popitem(), state.clear()],
    lambda state: [state.clear(), state.update(c=1, a=2)],
    lambda state: state.update(a=9, z=1),
    lambda state: [state.b.append(1), state.pop("b"), state.update(b=[])],
    lambda state: [state.b.reverse(), state.b.pop(), state.b.insert(0, 7), state.b.sort()],
    lambda state: [state.b.move(0, 2), state.b.pop(0), state.b.append(4), state.b.move(2, 1)],
    lambda state: [state.b.__imul__(3), state.b.__delitem__(slice(None, None, 2))],
    lambda state: [state.c.add(9), state.c.discard(1), state.c.clear()],
    lambda state: [state.c.__ixor__({1, 7}), state.pop("c")],
]


@rows("block", ROLLED_BACK)
def test_failed_batch_puts_values_and_order_back(
    area: Any, block: "Callable[[Any], object]"
) -> None:
    state = session("s", {"a": 1, "b": [3, 1, 2], "c": {1, 2}})
    before = text_at(area)
    fail_in(lambda: block(state))
    assert (repr(list(state)), text_at(area)) == ("['a', 'b', 'c']", before)


@rows("block", ROLLED_BACK)
def test_state_is_stored_as_before_by_the_write_after_a_failed_batch(
    area: Any, block: "Callable[[Any], object]"
) -> None:
    state = session("s", {"a": 1, "b": [3, 1, 2], "c": {1, 2}})
    fail_in(lambda: block(state))
    state.a = 2
    assert text_at(area) == '{"a":2,"b":[3,1,2],"c":{"$anchor":"set","value":[1,2]}}'


def test_failed_inner_batch_leaves_the_outer_one(area: Any) -> None:
    state = session("s", {"n": 1})
    with batch():
        state.a = 1
        fail_in(lambda: state.update(b=2))
        state.c = 3
    assert text_at(area) == '{"n":1,"a":1,"c":3}'


def test_failed_outer_batch_undoes_the_inner_one(area: Any) -> None:
    state = session("s", {"n": 1})

    def block() -> None:
        with batch():
            state.a = 1

    fail_in(block)
    assert (snapshot(state), text_at(area)) == ({"n": 1}, '{"n":1}')


def test_inner_batch_does_not_write() -> None:
    spy = Spy()
    state = session("s", {"n": 1}, area=spy)
    spy.heal()
    with batch():
        with batch():
            state.n = 2
        inside = list(spy.calls)
    assert inside == []


def test_statement_that_fails_inside_a_batch_undoes_itself_alone(area: Any) -> None:
    state = session("s", {"n": 1})
    with batch():
        state.a = 1
        with pytest.raises(TypeError):
            state.update(b=1, c=object())
    assert text_at(area) == '{"n":1,"a":1}'


@rows("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interrupted_batch_is_undone(area: Any, error: "type[BaseException]") -> None:
    state = session("s", {"n": 1})
    with pytest.raises(error), batch():
        state.n = 2
        raise error
    assert (state.n, text_at(area)) == (1, '{"n":1}')


def test_statements_after_a_failed_batch_are_written_at_once(area: Any) -> None:
    state = session("s", {"n": 1})
    fail_in(lambda: state.update(n=2))
    state.n = 3
    assert text_at(area) == '{"n":3}'


def test_batch_spans_states(area: Any) -> None:
    one, two = session("s", {"n": 1}), session("t", {"n": 1})

    def block() -> None:
        one.n = 2
        two.n = 2

    fail_in(block)
    assert (one.n, two.n) == (1, 1)


def test_subscriber_sees_all_states_of_a_batch_changed() -> None:
    one, two = session("s", {"n": 1}), session("t", {"n": 1})
    seen: list[tuple[int, int]] = []
    subscribe(one, lambda change: seen.append((one.n, two.n)))
    with batch():
        one.n = 2
        two.n = 2
    assert seen == [(2, 2)]


# -- await -----------------------------------------------------------------------------------


class Idle:
    """A selector with nothing to wait for."""

    def select(self, timeout: "float | None") -> "list[Any]":
        return []


class Loop(asyncio.BaseEventLoop):
    """A loop that also runs where a browser's is running, whose end no test could wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = Idle()

    def _process_events(self, events: "list[Any]") -> None:
        pass


def run(main: "Coroutine[Any, Any, Any]") -> Any:
    """Run to the end; what the coroutine returns."""
    outer = asyncio._get_running_loop()  # in a browser pytest itself runs in a task
    task = None if outer is None else asyncio.current_task()
    if outer is not None and task is not None:
        asyncio.tasks._leave_task(outer, task)
    asyncio._set_running_loop(None)
    loop = Loop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()
        asyncio._set_running_loop(outer)
        if outer is not None and task is not None:
            asyncio.tasks._enter_task(outer, task)


async def pause() -> None:
    await asyncio.sleep(0)


async def awaiting(state: Any) -> None:
    with batch():
        state.n = 2
        await pause()
        state.m = 3


def test_await_inside_a_batch_raises() -> None:
    with pytest.raises(RuntimeError, match="await inside batch"):
        run(awaiting(session("s", {"n": 1})))


def test_await_inside_a_batch_undoes_it(area: Any) -> None:
    state = session("s", {"n": 1})
    with pytest.raises(RuntimeError):
        run(awaiting(state))
    assert (snapshot(state), text_at(area)) == ({"n": 1}, '{"n":1}')


def test_await_as_the_last_statement_of_a_batch_raises(area: Any) -> None:
    async def main() -> None:
        with batch():
            state.n = 2
            await pause()

    state = session("s", {"n": 1})
    with pytest.raises(RuntimeError, match="await inside batch"):
        run(main())
    assert (state.n, text_at(area)) == (1, '{"n":1}')


def test_await_inside_an_inner_batch_undoes_the_outer_one(area: Any) -> None:
    async def main() -> None:
        with batch():
            state.n = 2
            with batch():
                state.m = 3
                await pause()

    state = session("s", {"n": 1})
    with pytest.raises(RuntimeError, match="await inside batch"):
        run(main())
    assert (snapshot(state), text_at(area)) == ({"n": 1}, '{"n":1}')


def test_batch_in_a_coroutine_without_await_is_fine(area: Any) -> None:
    async def main() -> None:
        await pause()
        with batch():
            state.n = 2
        await pause()

    state = session("s", {"n": 1})
    run(main())
    assert text_at(area) == '{"n":2}'


def test_await_that_does_not_suspend_is_no_interruption(area: Any) -> None:
    async def at_once() -> int:
        return 2

    async def main() -> None:
        with batch():
            state.n = await at_once()

    state = session("s", {"n": 1})
    run(main())
    assert text_at(area) == '{"n":2}'


async def beside(*others: "Coroutine[Any, Any, Any]") -> "list[Any]":
    return await asyncio.gather(*others, return_exceptions=True)


def test_foreign_task_that_writes_meanwhile_keeps_its_change(area: Any) -> None:
    async def other() -> None:
        state.other = 5

    state = session("s", {"n": 1})
    run(beside(awaiting(state), other()))
    assert (snapshot(state), text_at(area)) == ({"n": 1, "other": 5}, '{"n":1,"other":5}')


def test_foreign_batch_meanwhile_is_a_batch_of_its_own(area: Any) -> None:
    async def other() -> None:
        with batch():
            state.a = 1
            state.b = 2

    state = session("s", {"n": 1})
    run(beside(awaiting(state), other()))
    assert text_at(area) == '{"n":1,"a":1,"b":2}'


def test_foreign_update_meanwhile_sees_no_half_done_change(area: Any) -> None:
    async def other() -> None:
        state.update(seen=state.n, more=1)

    state = session("s", {"n": 1})
    run(beside(awaiting(state), other()))
    assert snapshot(state)["more"] == 1


def test_interrupted_batch_tells_its_own_task_alone() -> None:
    async def other() -> str:
        state.other = 5
        return "fine"

    state = session("s", {"n": 1})
    results = run(beside(awaiting(state), other()))
    assert [type(result) for result in results] == [RuntimeError, str]


def test_two_interrupted_batches_are_both_undone(area: Any) -> None:
    state = session("s", {"n": 1})
    results = run(beside(awaiting(state), awaiting(state)))
    assert ([type(result) for result in results], text_at(area)) == (
        [RuntimeError, RuntimeError],
        '{"n":1}',
    )


def test_state_works_after_an_interrupted_batch(area: Any) -> None:
    state = session("s", {"n": 1})
    with pytest.raises(RuntimeError):
        run(awaiting(state))
    state.n = 7
    assert text_at(area) == '{"n":7}'


def test_cancelled_batch_is_undone(area: Any) -> None:
    async def main() -> None:
        task = asyncio.ensure_future(awaiting(state))
        await pause()
        task.cancel()
        await asyncio.wait([task])

    state = session("s", {"n": 1})
    run(main())
    state.after = 1
    assert text_at(area) == '{"n":1,"after":1}'


def test_event_from_another_document_undoes_a_batch_that_sleeps() -> None:
    async def main() -> None:
        task = asyncio.ensure_future(awaiting(state))
        await pause()
        frame.area("session").setItem(KEY, '{"n":9}')
        here.deliver()
        await asyncio.wait([task])

    (here,) = tabs(1)
    frame = here.frame()
    with use_host(here):
        state = session("s", {"n": 1})
        run(main())
        leave_all()
    assert (snapshot(state), text_at(here.area("session"))) == ({"n": 9}, '{"n":9}')
