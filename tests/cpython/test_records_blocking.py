"""Work in a thread: the loop goes on, and what comes after it comes after."""

import asyncio
from pathlib import Path
from threading import Event, get_ident
from typing import Any

import pytest

from anchor_session.records import FileStore
from anchor_session.records.stores import blocking
from anchor_session.records.stores.atomic_files import write_whole


def test_loop_goes_on_meanwhile() -> None:
    async def check() -> None:
        may_end = Event()
        working = asyncio.ensure_future(blocking.run(may_end.wait))
        await asyncio.sleep(0)
        assert not working.done()
        may_end.set()
        assert await working is True

    asyncio.run(check())


def test_error_of_the_work_is_that_of_the_call() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(blocking.run(lambda: 1 / 0))


def test_cancelled_call_ends_with_the_work() -> None:
    async def check() -> None:
        begun, may_end = Event(), Event()
        ended: list[bool] = []

        def work() -> None:
            begun.set()
            may_end.wait()
            ended.append(True)
            raise ZeroDivisionError  # nobody is left to hear of it

        working = asyncio.ensure_future(blocking.run(work))
        await asyncio.get_running_loop().run_in_executor(None, begun.wait)
        try:
            for _ in range(2):  # cancelled again while it is waited for
                working.cancel()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            assert not working.done()
        finally:
            may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await working
        assert ended == [True]

    asyncio.run(check())


def test_work_runs_at_once_where_there_are_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "HAS_THREADS", False)
    assert asyncio.run(blocking.run(get_ident)) == get_ident()


def test_work_runs_in_another_thread_elsewhere() -> None:
    assert asyncio.run(blocking.run(get_ident)) != get_ident()


def test_save_that_was_given_up_overtakes_no_later_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = Event(), Event()

    def slow(path: Any, text: str) -> None:
        if '"first"' in text:
            begun.set()
            may_end.wait()
        write_whole(path, text)

    monkeypatch.setattr("anchor_session.records.stores.file_store.write_whole", slow)

    async def check() -> None:
        store = FileStore(tmp_path)
        first = asyncio.ensure_future(store.save("a", {"n": "first"}))
        await asyncio.get_running_loop().run_in_executor(None, begun.wait)
        first.cancel()

        async def give_up_and_save() -> None:
            await asyncio.wait([first])
            await store.save("a", {"n": "second"})

        second = asyncio.ensure_future(give_up_and_save())
        await asyncio.sleep(0)
        may_end.set()
        await second
        assert await store.load("a") == {"n": "second"}

    asyncio.run(check())
