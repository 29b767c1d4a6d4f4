"""Whether a coroutine was suspended between two points of it.

The frame from which a coroutine is driven is a new one each time an event loop resumes it. A function
that is driven by the same frame at the end as at the beginning has not been away.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_ASYNC = 0x80 | 0x100 | 0x200  # inspect.CO_COROUTINE, CO_ITERABLE_COROUTINE, CO_ASYNC_GENERATOR


class Run:
    """One uninterrupted run of the code that called `begin()`; of no coroutine, it is never interrupted."""

    __slots__ = ("_driver", "_task")

    def __init__(self) -> None:
        self._driver: FrameType | None = None
        self._task: Any = None

    def begin(self) -> None:
        """Note who drives the calling code."""
        self._driver = _driver()
        self._task = _current_task() if self._driver is not None else None

    def interrupted(self) -> bool:
        """Whether an event loop ran since `begin()`; to be asked by the same code, once."""
        driver, self._driver = self._driver, None  # a kept frame keeps all its variables
        return driver is not None and driver is not _driver()

    def loop(self) -> "Any":
        """The event loop of the task that called `begin()`; None outside of tasks."""
        return None if self._task is None else self._task.get_loop()

    def is_mine(self) -> bool:
        """Whether the caller runs in the task that called `begin()`."""
        return self._task is None or self._task is _current_task()


def _driver() -> "FrameType | None":
    """The frame that drives the nearest coroutine on the stack; None outside of coroutines."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and not frame.f_code.co_flags & _ASYNC:
        frame = frame.f_back
    while frame is not None and frame.f_code.co_flags & _ASYNC:
        frame = frame.f_back
    return frame


def _current_task() -> "Any":
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or asyncio._get_running_loop() is None:
        return None
    return asyncio.current_task()
