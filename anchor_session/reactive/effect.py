"""`Effect`: a function that runs again when what it read has changed."""

from ..errors import call_all, cut
from . import graph, notifications
from .graph import Reader, check_function, resubscribe, untracked
from .threads import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, overload

    from ..codec import Path
    from .graph import Source

    OnError = Callable[[Exception], object]


class Effect(Reader):
    """Runs `fn` now, and again after each change of what it read, until `stop()`, referenced or not.

    What `fn` returns, if it is callable, is called before the next run and at the end. Effects that `fn`
    starts are stopped at the same moments. Of an `async def` the reads up to its first `await` count; a run
    that is still going on when the next one begins is cancelled.

    `on_error`: called with what a run or a clean-up raises, in place of raising it; the effect lives on with
    what it read. Without it, an effect whose first run fails is stopped. An error names the effect in a note.
    """

    __slots__ = (
        "_causes",
        "_children",
        "_cleanup",
        "_fn",
        "_is_stopped",
        "_is_waiting",
        "_on_error",
        "_task",
        "owner",
        "sources",
    )

    @whole
    def __init__(self, fn: "Callable[[], Any]", *, on_error: "OnError | None" = None) -> None:
        check_function(fn, "Effect")
        if on_error is not None:
            check_function(on_error, "on_error")
        self.sources = {}
        self._fn = fn
        self._on_error = on_error
        self._causes: list[Source] = []
        self._children: dict[Effect, None] = {}  # in the order they were started
        self._cleanup: Callable[[], object] | None = None
        self._task: Any = None
        self._is_stopped = False
        self._is_waiting = False
        self.owner = graph.owner
        if self.owner is not None:
            self.owner._children[self] = None
        try:
            self._start()
        except BaseException as error:
            self.stop()
            cut(error)
            raise
        notifications.run()

    @property
    def why(self) -> "list[tuple[Any, Path]]":
        """What made it run last: pairs of a state and the path of what is different there.

        A signal stands with an empty path. What is different below a whole that was read stands with the
        path of that whole. Empty before the second run.
        """
        found: list[tuple[Any, Path]] = []
        for source in self._causes:
            state, path = source.place()
            if not any(state is other and path == same for other, same in found):
                found.append((state, path))
        return found

    def doubt(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            notifications.waiting.append(self)

    def run(self) -> None:
        """Take a turn in a round, behind those it was started in: they may end it."""
        if self.owner is not None:
            try:
                self.owner.run()
            except BaseException:
                notifications.waiting.append(self)
                raise
        was_waiting, self._is_waiting = self._is_waiting, False
        if was_waiting and not self._is_stopped:
            causes = self.causes()
            if causes is not None:
                self._causes = causes
                self._start()

    def skip(self) -> None:
        self._is_waiting = False

    @whole
    def stop(self) -> None:
        """Run no more; clean up, and stop the effects that were started inside."""
        self._is_stopped = True
        self._causes = []
        owner, self.owner = self.owner, None
        if owner is not None:
            owner._children.pop(self, None)
        before, self.sources = self.sources, {}
        resubscribe(self, before)
        self._clean()

    def _start(self) -> None:
        if self._children or self._task is not None or self._cleanup is not None:
            self._clean()
        before, started = self.sources, graph.clock
        outer, graph.owner = graph.owner, self
        try:
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
        except Exception as error:
            self._name(error)
            if self._on_error is None:
                raise
            self._tell(error)
        if self._is_stopped:
            self._clean()
        elif started != graph.clock and self.is_outdated():
            self.doubt()  # it wrote what it read

    def _call(self) -> "Any":
        result = self._fn()
        if result is not None and hasattr(result, "cr_frame"):  # a coroutine
            from .eager import start

            self._task, result = start(result), None
            if self._task is not None and self._on_error is not None:
                self._task.add_done_callback(self._hear_end)
        return result

    def _hear_end(self, task: "Any") -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._name(error)
            self._tell(error)

    def _clean(self) -> None:
        children, self._children = self._children, {}
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        cleanup, self._cleanup = self._cleanup, None
        jobs: list[Callable[[], object]] = [child.stop for child in children]
        if cleanup is not None:
            jobs.append(lambda: untracked(cleanup))
        try:
            call_all(jobs)
        except Exception as error:
            self._name(error)
            if self._on_error is None:
                raise
            self._tell(error)

    def _name(self, error: Exception) -> None:
        from .naming import name_in

        name_in(error, "effect", self._fn)
        cut(error)

    def _tell(self, error: Exception) -> None:
        on_error = self._on_error
        assert on_error is not None
        graph.unowned(lambda: on_error(error))

    def __repr__(self) -> str:
        from .naming import described

        return f"<Effect {described(self._fn)}{', stopped' if self._is_stopped else ''}>"


if TYPE_CHECKING:

    @overload
    def effect(fn: "Callable[[], Any]", *, on_error: "OnError | None" = None) -> Effect: ...
    @overload
    def effect(*, on_error: "OnError | None" = None) -> "Callable[[Callable[[], Any]], Effect]": ...


def effect(fn: "Any" = None, *, on_error: "OnError | None" = None) -> "Any":
    """`Effect` as a decorator: ``@effect``, or ``@effect(on_error=show)``."""
    if fn is None:
        return lambda fn: Effect(fn, on_error=on_error)
    try:
        return Effect(fn, on_error=on_error)
    except Exception as error:
        cut(error)
        raise
