"""What other documents store while a batch wrongly sleeps in an `await`."""

import asyncio

import pytest

from anchor_session import batch, session, subscribe
from anchor_session.testing import tabs, use_host
from tests.support import KEY


def test_callbacks_run_after_a_change_that_arrived_in_a_sleeping_batch() -> None:
    here = tabs(1)[0]
    with use_host(here):
        state = session("s", {"n": 0})

        async def sleeps() -> None:
            with batch():
                state.n = 5
                await asyncio.sleep(0)

        async def both() -> None:
            sleeping = asyncio.ensure_future(sleeps())
            await asyncio.sleep(0)
            here.frame().area("session").setItem(KEY, '{"n":7}')
            here.deliver()
            with pytest.raises(RuntimeError, match="await inside batch"):
                await sleeping

        asyncio.run(both())
        heard: list[int] = []
        subscribe(state, lambda change: heard.append(state.n))
        state.n += 1
    assert heard == [8]
