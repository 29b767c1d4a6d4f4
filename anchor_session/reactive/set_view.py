"""`SetView`: the whole interface of `set` over a set of the state."""

from types import GenericAlias

from ..codec import as_stored_member
from . import graph
from .plain import find_member
from .steps import submit
from .threads import whole
from .tracking import track
from .transaction import Transaction
from .view import VIEWS, View, enter, raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


class SetView(View):
    """A `set` of the state: same methods, same errors.

    Members are what JSON can give back as members: text, numbers, dates, frozen sets of those and the
    like, but no tuples. What the operators and `copy` return is a plain `set`.
    """

    __slots__ = ()
    _data: "set[Any]"
    _as_stored = staticmethod(as_stored_member)

    # -- reading --------------------------------------------------------------------------------

    _read_all = View._read_contents  # nothing lies below

    def __contains__(self, value: object) -> bool:
        value = raw(value)
        if graph.reader is not None:
            track(self, frozenset(value) if isinstance(value, set) else value)
        return value in self._data

    @whole
    def __iter__(self) -> "Iterator[Any]":
        return iter(self._read_all())

    @whole
    def copy(self) -> "set[Any]":
        return set(self._read_all())

    def __class_getitem__(cls, item: "Any") -> "Any":
        return GenericAlias(cls, item)

    # -- writing --------------------------------------------------------------------------------

    @whole
    def add(self, value: "Any") -> None:
        path = self._open()
        hash(value)  # the error of a set, before ours
        new = self._as_stored(value, path)
        if new not in self._data:
            self._data.add(new)
            submit(self, path, "add", None, new, None)

    @whole
    def discard(self, value: "Any") -> None:
        path = self._open()
        value = raw(value)
        if value not in self._data:
            return
        value = find_member(self._data, value)
        self._data.remove(value)
        submit(self, path, "discard", None, None, value)

    @whole
    def remove(self, value: "Any") -> None:
        if value not in self:
            raise KeyError(value)
        self.discard(value)

    @whole
    def pop(self) -> "Any":
        path = self._open()
        member = self._data.pop()
        submit(self, path, "discard", None, None, member)
        return member

    def clear(self) -> None:
        self._become(set())

    @whole
    def update(self, *others: "Iterable[Any]") -> None:
        with Transaction():
            for other in others:
                for value in list(other):
                    self.add(value)

    @whole
    def difference_update(self, *others: "Iterable[Any]") -> None:
        self._become(graph.untracked(self.copy).difference(*map(raw, others)))

    @whole
    def intersection_update(self, *others: "Iterable[Any]") -> None:
        self._become(graph.untracked(self.copy).intersection(*map(raw, others)))

    @whole
    def symmetric_difference_update(self, other: "Iterable[Any]") -> None:
        self._become(graph.untracked(self.copy).symmetric_difference(raw(other)))

    @whole
    def _become(self, members: "set[Any]") -> None:
        self._open()
        with Transaction():
            for member in self._data - members:
                self.discard(member)
            for member in members - self._data:
                self.add(member)

    # -- for other modules of this folder -------------------------------------------------------

    def _peek(self, key: "Any") -> "Any":
        return key in self._data


def _reading(name: str) -> "Any":
    @whole
    def method(self: SetView, *others: "Any") -> "Any":
        return getattr(self._read_all(), name)(*map(raw, others))

    method.__name__ = name
    return method


def _updating(name: str, update: str) -> "Any":
    def method(self: SetView, other: "Any") -> "Any":
        other = raw(other)
        if not isinstance(other, (set, frozenset)):
            return NotImplemented
        getattr(self, update)(other)
        return self

    method.__name__ = name
    return method


_READING = (
    "union difference intersection symmetric_difference isdisjoint issubset issuperset "
    "__or__ __ror__ __and__ __rand__ __sub__ __rsub__ __xor__ __rxor__ __lt__ __le__ __gt__ __ge__"
)
for _name in _READING.split():
    setattr(SetView, _name, _reading(_name))
for _name, _update in (
    ("__ior__", "update"),
    ("__iand__", "intersection_update"),
    ("__isub__", "difference_update"),
    ("__ixor__", "symmetric_difference_update"),
):
    setattr(SetView, _name, _updating(_name, _update))

VIEWS[set] = SetView
enter(SetView, "MutableSet")
