"""Where calls that wait for a disk run: in a thread, so that the loop goes on.

Pyodide has no threads: there they run at once.
"""

import sys
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
HAS_THREADS = sys.platform != "emscripten"


async def run(work: "Callable[[], Result]") -> "Result":
    """What `work()` returns.

    The call ends when the work has ended, even if it is cancelled: whatever comes after it comes after.
    So a save that was given up never overtakes a later one.
    """
    if not HAS_THREADS:
        return work()
    import asyncio

    working = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        while not working.done():
            try:
                await asyncio.wait([working])
            except asyncio.CancelledError:
                continue  # cancelled once more: the first one is raised below
        if not working.cancelled():
            working.exception()  # seen, so that the loop does not complain
        raise
