"""A coroutine that runs up to its first `await` at once, and on in a task."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Coroutine, Generator
    from typing import Any


def start(coroutine: "Coroutine[Any, Any, Any]") -> "Task[Any] | None":
    """Run it to its first `await` now; the task of the rest, or None where there is no rest.

    Raises what that raises, and `RuntimeError` where no event loop runs. Before Python 3.12 it is not in a
    task yet, so what it awaits first must not ask for the current one.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    if sys.version_info >= (3, 12):
        task = asyncio.Task(coroutine, loop=loop, eager_start=True)
        if task.done():
            task.result()
            return None
        return task
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    return loop.create_task(_go_on(coroutine, awaited))


async def _go_on(coroutine: "Coroutine[Any, Any, Any]", awaited: "Any") -> "Any":
    return await _Rest(coroutine, awaited)


class _Rest:
    """The rest of a coroutine that awaits `awaited`, its first."""

    def __init__(self, coroutine: "Coroutine[Any, Any, Any]", awaited: "Any") -> None:
        self._coroutine = coroutine
        self._awaited = awaited

    def __await__(self) -> "Generator[Any, Any, Any]":
        coroutine, awaited = self._coroutine, self._awaited
        while True:
            try:
                try:
                    sent = yield awaited
                except GeneratorExit:
                    coroutine.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - given to the coroutine
                    awaited = coroutine.throw(error)
                else:
                    awaited = coroutine.send(sent)
            except StopIteration as stop:
                return stop.value
