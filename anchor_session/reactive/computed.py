"""`Computed`: a value that is made of others."""

from types import GenericAlias

from ..errors import CycleError, cut
from . import graph
from .graph import Reader, is_same, resubscribe
from .threads import whole
from .watched import Watched, let_go

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .watched import T

    Of = Watched
else:
    T = "T"
    Of = {T: Watched}  # as in `watched`


class Computed(Of[T], Reader):
    """A value made of others: computed when asked for, kept until one of them is different.

    An exception of `fn` is kept like a value and raised at each reading. A value that reads itself raises
    `CycleError`. Only while somebody follows it does it follow its sources.
    """

    is_lazy = True
    __slots__ = (
        "_checked",
        "_fn",
        "_has_told",
        "_is_doubtful",
        "_is_retired",
        "_is_running",
        "_value",
        "computed_for",
        "sources",
    )

    def __init__(self, fn: "Callable[[], T]") -> None:
        super().__init__()
        graph.check_function(fn, "Computed")
        self.sources = {}
        self.computed_for = []
        self._fn = fn
        self._value: Any = None
        self._checked = -1  # the clock when the value was known to be right
        self._is_doubtful = True
        self._has_told = False  # that it is doubtful, since it was computed
        self._is_retired = False
        self._is_running = False

    def __class_getitem__(cls, item: "Any") -> "Any":
        return GenericAlias(cls, item)

    def get(self) -> "T":
        """The value. Raises what `fn` raised."""
        value = self.read()
        if type(value) is _Failure:
            if value.trace is None:  # MicroPython has none
                raise value.error
            raise value.error.with_traceback(value.trace)  # else it would grow with each reading
        return value  # type: ignore[no-any-return]

    __call__ = get

    def peek(self) -> "Any":
        return self._value

    def refresh(self) -> None:
        if self._is_running:
            raise CycleError("a computed value needs itself to be computed")
        clock = graph.clock
        is_new = self.version == 0
        if self._checked == clock or (self.targets and not self._is_doubtful and not is_new):
            return
        causes = None if is_new or self._is_retired else self.causes()
        if is_new or self._is_retired or causes is not None:
            self.computed_for = causes or []
            self._compute()
        self._is_doubtful = self._has_told = False
        self._checked = -1 if self._is_retired else clock

    def _compute(self) -> None:
        before = self.sources
        self._is_running = True
        value: Any
        try:
            value = self.track(self._fn)
        except CycleError:
            raise
        except Exception as error:  # noqa: BLE001 - raised at each reading
            from .naming import name_in

            name_in(error, "computed value", self._fn)
            cut(error)
            value = _Failure(error)
        finally:
            self._is_running = False
            if self.targets:
                resubscribe(self, before)
        if self.version == 0 or not is_same(self._value, value):
            self._value = value
            self.version += 1

    def doubt(self) -> None:
        self._is_doubtful = True
        if not self._has_told:
            self._has_told = True
            for target in tuple(self.targets):
                target.doubt()

    @whole
    def retire(self) -> None:
        """Tell nobody any more, for good; who asks has it computed, as its sources may be gone too."""
        let_go(self)
        self._is_retired = True
        self._checked = -1

    def gain(self, target: Reader) -> None:
        if self._is_retired:
            return
        if not self.targets:
            for source in self.sources:
                source.gain(self)
            self._is_doubtful = True  # nobody told it of changes so far
        super().gain(target)

    def lose(self, target: Reader) -> None:
        super().lose(target)
        if not self.targets:
            for source in self.sources:
                source.lose(self)

    def __repr__(self) -> str:
        return f"Computed({self._value!r})" if self.version else "Computed(not asked for yet)"


class _Failure:
    """What a computed value is where its function raised."""

    __slots__ = ("error", "trace")

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.trace = getattr(error, "__traceback__", None)


computed = Computed  # as a decorator
