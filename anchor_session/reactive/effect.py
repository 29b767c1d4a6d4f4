"""`Effect`: a function that runs again when what it read has changed."""

from . import graph, notifications
from .graph import Reader, check_function, resubscribe, untracked
from .threads import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Effect(Reader):
    """Runs `fn` now, and again after each change of what it read, until `stop()`, referenced or not.

    What `fn` returns, if it is callable, is called before the next run and at the end. Effects that `fn`
    starts are stopped at the same moments. Of an `async def` the reads up to its first `await` count; a run
    that is still going on when the next one begins is cancelled.
    """

    __slots__ = ("_children", "_cleanup", "_fn", "_is_stopped", "_is_waiting", "_task", "sources")

    @whole
    def __init__(self, fn: "Callable[[], Any]") -> None:
        check_function(fn, "Effect")
        self.sources = {}
        self._fn = fn
        self._children: list[Effect] = []
        self._cleanup: Callable[[], object] | None = None
        self._task: Any = None
        self._is_stopped = False
        self._is_waiting = False
        if graph.owner is not None:
            graph.owner._children.append(self)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        notifications.run()

    def doubt(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            notifications.waiting.append(self)

    def run(self) -> None:
        """Take a turn in a round."""
        self._is_waiting = False
        if not self._is_stopped and self.is_outdated():
            self._start()

    def skip(self) -> None:
        self._is_waiting = False

    @whole
    def stop(self) -> None:
        """Run no more; clean up, and stop the effects that were started inside."""
        self._is_stopped = True
        before, self.sources = self.sources, {}
        resubscribe(self, before)
        self._clean()

    def _start(self) -> None:
        if self._children or self._task is not None or self._cleanup is not None:
            self._clean()
        before, started = self.sources, graph.clock
        outer, graph.owner = graph.owner, self
        try:
            result = self.track(self._call)
            if callable(result):
                self._cleanup = result
        finally:
            graph.owner = outer
            if self._is_stopped:
                self.sources = {}
            if self.sources.keys() != before.keys():
                resubscribe(self, before)
        if self._is_stopped:
            self._clean()
        elif started != graph.clock and self.is_outdated():
            self.doubt()  # it wrote what it read

    def _call(self) -> "Any":
        result = self._fn()
        if result is not None and hasattr(result, "cr_frame"):  # a coroutine
            from .eager import start

            self._task, result = start(result), None
        return result

    def _clean(self) -> None:
        children, self._children = self._children, []
        for child in children:
            child.stop()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        cleanup, self._cleanup = self._cleanup, None
        if cleanup is not None:
            untracked(cleanup)


effect = Effect  # as a decorator
