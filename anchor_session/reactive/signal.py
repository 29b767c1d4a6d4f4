"""`Signal`: one value that effects and computed values follow."""

from types import GenericAlias

from ..codec import same
from ..errors import cut
from . import graph, steps, transaction
from .threads import whole
from .watched import Watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .steps import Step
    from .watched import T

    Of = Watched
else:
    T = "T"
    Of = {T: Watched}  # as in `watched`


class Signal(Of[T]):
    """A value that readers follow.

    `set(x)` with an equal value does nothing; equal is what `equality(old, new)` says, by default: the same
    object, or data that encodes to the same text. `set(fn)` calls `fn` with the present value.
    """

    __slots__ = ("_equality", "_value")
    _root = _children = None  # part of no state, and has no parts

    def __init__(self, value: "T", *, equality: "Callable[[T, T], bool] | None" = None) -> None:
        super().__init__()
        self._value = value
        self._equality = equality

    def __class_getitem__(cls, item: "Any") -> "Any":
        return GenericAlias(cls, item)

    def peek(self) -> "T":
        """The value, without depending on it."""
        return self._value

    def equals(self, left: "Any", right: "Any") -> bool:
        return same(left, right) if self._equality is None else self._equality(left, right)

    def get(self) -> "T":
        """The value; inside an effect or a computed value it is depended on."""
        if graph.reader is not None:
            self.read()
        return self._value

    __call__ = get

    @whole
    def set(self, value: "T | Callable[[T], T]") -> None:
        """Replace the value, or with a callable what it makes of the present one."""
        old = self._value
        new = value(old) if callable(value) else value
        if not self.equals(old, new):
            if steps.innermost is not None or transaction.abandoned:
                transaction.check_open()
            self._value = new
            self.changed()
            try:
                steps.submit_signal(self, new, old)
            except Exception as error:
                cut(error)
                raise

    def _undo(self, step: "Step") -> None:
        """Take back a change, for a batch that failed."""
        self._value = step.old
        self.changed()

    def __repr__(self) -> str:
        return f"Signal({self._value!r})"
