"""What happened to a state, as the record that listeners receive."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..codec import Path


class Change:
    """One thing that happened to a state.

    `op` says what, `path` where: keys and indexes from the root. `value` is what is there now and
    `previous` what was there before, None where there is none: plain data, copied from the state once and
    the same for all who hear of it, so it is not to be changed.

    - ``"set"``, ``"delete"``: the entry at `path`.
    - ``"splice"``: `path` is a list; from `index` on, the items `previous` gave way to the items `value`.
    - ``"move"``: `path` is a list; the item at the index `previous` went to the index `value`.
    - ``"add"``, ``"discard"``: `path` is a set, `value` or `previous` its member.
    - ``"batch"``: several in one statement or `batch()`; `changes` has them, `path` is what they share.
    - ``"replace"``: the state was taken over from storage, or `reset`; `changes` has what differs.
    """

    __slots__ = (
        "_is_new",
        "_order",
        "_whole",
        "changes",
        "index",
        "op",
        "path",
        "previous",
        "value",
    )

    def __init__(
        self,
        op: str,
        path: "Path",
        value: "Any" = None,
        previous: "Any" = None,
        *,
        index: "int | None" = None,
        changes: "tuple[Change, ...]" = (),
    ) -> None:
        self.op = op
        self.path = path
        self.value = value
        self.previous = previous
        self.index = index
        self.changes = changes
        # For undoing: of a "set", whether the key was not there before; of a "delete", the order of keys.
        self._is_new = False
        self._order: list[str] | None = None
        self._whole: Any = (
            None  # the statement that it is a part of, if that is told as one "replace"
        )

    def _fields(self) -> "tuple[Any, ...]":
        return (self.op, self.path, self.value, self.previous, self.index, self.changes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Change):
            return NotImplemented
        return self._fields() == other._fields()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        text = f"Change({self.op!r}, {self.path!r}, {self.value!r}, {self.previous!r}"
        if self.index is not None:
            text += f", index={self.index}"
        if self.changes:
            text += f", changes={self.changes!r}"
        return text + ")"


def combine(changes: "list[Change]") -> Change:
    """One change for several: the only one itself, else a ``"batch"`` of them, or a ``"replace"``."""
    if changes[0]._whole is not None:
        return changes[0]._whole.combined(changes)  # type: ignore[no-any-return]
    if len(changes) == 1:
        return changes[0]
    shared = changes[0].path
    for change in changes:
        length = 0
        for left, right in zip(shared, change.path):
            if left != right:
                break
            length += 1
        shared = shared[:length]
    return Change("batch", shared, changes=tuple(changes))
