"""`ListView`: the whole interface of `list` over a list of the state.

Every change is one of three: an item is set, it moves, or a run of items gives way to another (a splice).
"""

from operator import index as as_index
from operator import is_
from sys import maxsize
from types import GenericAlias

from ..codec import STORED_AS_IS, same
from ..errors import cut
from . import graph
from .plain import MISSING, copy_plain
from .steps import submit
from .threads import whole
from .tracking import BELOW, CONTENTS, track
from .view import VIEWS, View, detached, enter, raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from ..codec import Path
    from .view import Root


class ListView(View):
    """A `list` of the state: same methods, same errors, and `move`.

    What is assigned is stored as a copy. Containers are read as views, whether by index, slice or
    iteration; what `pop` returns is plain data, what `+`, `*`, `copy` and slices return is a `list`.
    """

    __slots__ = ("_iterated",)
    _data: "list[Any]"

    def __init__(
        self,
        data: "Any",
        root: "Root",
        parent: "View | None" = None,
        key: "str | int | None" = None,
    ) -> None:
        super().__init__(data, root, parent, key)
        self._iterated = None

    # -- reading --------------------------------------------------------------------------------

    def __getitem__(self, index: "Any") -> "Any":
        data = self._data
        if type(index) is slice:
            return self._slice(index)
        if graph.reader is not None:
            self._track_index(as_index(index))
        value = data[index]
        if type(value) not in VIEWS:
            return value
        number = range(len(data))[index]
        child = self._children.get(id(value))
        return child if child is not None and child._key == number else self._child(value, number)

    @whole
    def _slice(self, index: slice) -> "list[Any]":
        if graph.reader is not None:
            track(self, CONTENTS)
        return [self._at(number) for number in range(len(self._data))[index]]

    def _track_index(self, index: int) -> None:
        if not 0 <= index < len(self._data):  # then the length decides which item it is, if any
            index += len(self)
        track(self, index)

    def _at(self, number: int) -> "Any":
        value = self._data[number]
        return self._child(value, number) if type(value) in VIEWS else value

    def __contains__(self, value: object) -> bool:
        value = raw(value)
        return value in self._among(value)

    @whole
    def __iter__(self) -> "Iterator[Any]":
        data = self._read_contents()
        if self._twin is not None or self._root.is_shallow:
            return self._wrapped(data)
        # Kept, and kept right by `changed`: a loop runs as fast as over a list.
        if self._iterated is None:
            self._iterated = list(self._wrapped(data))
        return iter(self._iterated)

    def _wrapped(self, values: "list[Any]", start: int = 0) -> "Iterator[Any]":
        for number, value in enumerate(values, start):
            yield self._child(value, number) if type(value) in VIEWS else value

    def __reversed__(self) -> "Iterator[Any]":
        number = len(self._read_contents())
        while number > 0:
            number -= 1
            if number < len(self._data):
                yield self._at(number)

    def index(self, value: "Any", start: int = 0, stop: int = maxsize) -> int:
        """As of a `list`; of equal items the one that `value` is, if it is one of them."""
        wanted = raw(value)
        items = self._among(wanted)
        if isinstance(value, View):
            for number in range(*slice(start, stop).indices(len(self._data))):
                if self._data[number] is value._data:
                    return number
        return int(items.index(wanted, start, stop))

    def count(self, value: "Any") -> int:
        value = raw(value)
        return int(self._among(value).count(value))

    def _among(self, value: "Any") -> "Any":
        """The items, for who looks for the value: of these types none is equal to any container."""
        return self._read_contents() if type(value) in STORED_AS_IS else self._read_all()

    def copy(self) -> "list[Any]":
        """A `list` of the same items; containers in it are the state's own views."""
        if graph.reader is not None:
            track(self, BELOW)
        return list(self)

    def __add__(self, other: "Any") -> "list[Any]":
        total: list[Any] = list(self) + _as_list(other)
        return total

    def __radd__(self, other: "Any") -> "list[Any]":
        total: list[Any] = _as_list(other) + list(self)
        return total

    def __mul__(self, times: "Any") -> "list[Any]":
        total: list[Any] = list(self) * times
        return total

    __rmul__ = __mul__

    @whole
    def __lt__(self, other: "Any") -> bool:
        return bool(self._read_all() < raw(other))

    @whole
    def __le__(self, other: "Any") -> bool:
        return bool(self._read_all() <= raw(other))

    @whole
    def __gt__(self, other: "Any") -> bool:
        return bool(self._read_all() > raw(other))

    @whole
    def __ge__(self, other: "Any") -> bool:
        return bool(self._read_all() >= raw(other))

    def __class_getitem__(cls, item: "Any") -> "Any":
        return GenericAlias(cls, item)

    # -- writing --------------------------------------------------------------------------------

    @whole
    def __setitem__(self, index: "Any", value: "Any") -> None:
        path = self._open()
        data = self._data
        if type(index) is slice:
            index.indices(0)  # the error of a list, before that of the value
            value = list(value)  # may run code that changes the state
            path = self._open()
            start, _, step = index.indices(len(data))
            changed = data.copy()
            changed[index] = [
                self._as_stored(item, path + (start + n * step,)) for n, item in enumerate(value)
            ]
            self._arrange(path, changed)
            return
        new = value
        old = data[index]
        number = range(len(data))[index]
        is_as_is = self._stored_as_is.get(type(value))
        if is_as_is is None or not is_as_is(value):
            if isinstance(value, View) and value._data is old and value._stands_at(self, number):
                return
            new = self._as_stored(value, path + (number,))
            if new is not value:  # that may have run code that changes the state
                path = self._open()
                old = data[number]
        if not same(old, new):
            data[number] = new
            try:
                submit(self, path, "set", number, new, old)
            except Exception as error:
                cut(error)
                raise

    @whole
    def __delitem__(self, index: "Any") -> None:
        path = self._open()
        if type(index) is slice:
            changed = self._data.copy()
            del changed[index]
            self._arrange(path, changed)
        else:
            number = range(len(self._data))[index]
            self._splice(path, number, number + 1, [])

    @whole
    def insert(self, index: "Any", value: "Any") -> None:
        rest = slice(as_index(index), None)
        path = self._open()
        number, _, _ = rest.indices(len(self._data))
        is_as_is = self._stored_as_is.get(type(value))
        if is_as_is is None or not is_as_is(value):
            value = self._as_stored(value, path + (number,))
            path = self._open()  # that may have run code that changes the state
            number, _, _ = rest.indices(len(self._data))
        self._splice(path, number, number, [value])

    def append(self, value: "Any") -> None:
        try:
            self.insert(maxsize, value)
        except Exception as error:
            cut(error)
            raise

    @whole
    def extend(self, values: "Iterable[Any]") -> None:
        values = list(values)  # may run code that changes the state
        path = self._open()
        number = len(self._data)
        new = [self._as_stored(value, path + (number + n,)) for n, value in enumerate(values)]
        self._splice(path, number, number, new)

    def __iadd__(self, values: "Iterable[Any]") -> "ListView":  # type: ignore[misc]
        self.extend(values)
        return self

    @whole
    def __imul__(self, times: "Any") -> "ListView":
        grown = self._data * times
        if grown:
            self.extend(grown[len(self._data) :])
        else:
            self.clear()
        return self

    @whole
    def pop(self, index: "Any" = -1) -> "Any":
        number = as_index(index)
        if not self._data:
            raise IndexError("pop from empty list")
        number += len(self._data) if number < 0 else 0
        if not 0 <= number < len(self._data):
            raise IndexError("pop index out of range")
        value = copy_plain(self._data[number])
        del self[number]
        return value

    @whole
    def remove(self, value: "Any") -> None:
        """As of a `list`; of equal items the one that `value` is, if it is one of them."""
        try:
            number = graph.untracked(lambda: self.index(value))
        except ValueError:
            raise ValueError("list.remove(x): x not in list") from None
        del self[number]

    @whole
    def move(self, old: "Any", new: "Any") -> None:
        """Let the item at the index `old` stand at the index `new`; negative ones count from the end.

        It stays the same item, unlike with ``insert(new, pop(old))``: it keeps its view, its row on the page,
        and what other tabs change in it meanwhile. Raises `IndexError` where one of them is out of range.
        """
        old, new = as_index(old), as_index(new)
        path = self._open()
        data = self._data
        old, new = self._number(old), self._number(new)
        item = data[old]
        if type(item) not in VIEWS:  # then among equal ones it stays as it is
            passed = range(new, old) if new < old else range(old + 1, new + 1)
            if all(same(item, data[number]) for number in passed):
                return
        elif old == new:
            return
        data.insert(new, data.pop(old))
        submit(self, path, "move", None, new, old)

    def _number(self, index: int) -> int:
        count = len(self._data)
        try:
            return range(count)[index]
        except IndexError:
            items = "one item" if count == 1 else f"{count} items"
            raise IndexError(f"there is no item at index {index} of a list of {items}") from None

    @whole
    def clear(self) -> None:
        self._splice(self._open(), 0, len(self._data), [])

    @whole
    def reverse(self) -> None:
        self._arrange(self._open(), self._data[::-1])

    @whole
    def sort(self, *, key: "Callable[[Any], Any] | None" = None, reverse: bool = False) -> None:
        self._open()
        before = self._data.copy()
        if key is None:
            after = sorted(before, reverse=reverse)
        else:
            items = graph.untracked(self.copy)
            numbers = range(len(items))
            after = [
                before[number]
                for number in sorted(numbers, key=lambda n: key(items[n]), reverse=reverse)
            ]
        if len(before) != len(self._data) or not all(map(is_, before, self._data)):
            raise ValueError("list modified during sort")
        self._arrange(self._open(), after)

    # -- how the items change -------------------------------------------------------------------

    def _splice(self, path: "Path", start: int, stop: int, new: "list[Any]") -> None:
        """Let the items from `start` to `stop` give way to new ones, which are adopted already."""
        old = self._data[start:stop]
        if old or new:
            self._data[start:stop] = new
            try:
                submit(self, path, "splice", start, new, old)
            except Exception as error:
                cut(error)
                raise

    def _arrange(self, path: "Path", items: "list[Any]") -> None:
        """Let these be all the items, as one splice from the first to the last that differs."""
        data = self._data
        shorter = min(len(data), len(items))
        start = 0
        while start < shorter and data[start] is items[start]:
            start += 1
        end = 0
        while end < shorter - start and data[-1 - end] is items[-1 - end]:
            end += 1
        stop = len(data) - end
        new = items[start : len(items) - end]
        if not same(data[start:stop], new):
            self._splice(path, start, stop, new)

    # -- for other modules of this folder -------------------------------------------------------

    def _change_iterated(self, op: str, key: "Any", new: "Any", old: "Any") -> None:
        items = self._iterated
        assert items is not None
        if op == "set":
            items[key] = self._child(new, key) if type(new) in VIEWS else new
        elif op == "move":
            items.insert(new, items.pop(old))
        else:
            items[key : key + len(old)] = self._wrapped(new, key)

    def _key_of(self, child: View) -> "str | int":
        data = self._data
        container = child._data
        key = child._key
        if not isinstance(key, int) or not 0 <= key < len(data) or data[key] is not container:
            found = self._renumber(id(container))
            if found is None:
                raise detached(key)
            return found
        return key

    def _renumber(self, wanted: int) -> "int | None":
        """Let all children know where they stand: each for itself, a loop over them would be quadratic.

        Gives where the container of that `id()` stands, whatever a thread that reads notes down meanwhile.
        """
        children = self._children
        found = None
        for number, container in enumerate(map(id, self._data)):
            if container in children:
                children[container]._key = number
                if container == wanted:
                    found = number
        return found

    def _peek(self, key: "Any") -> "Any":
        return self._data[key] if 0 <= key < len(self._data) else MISSING


def _as_list(value: "Any") -> "Any":
    return list(value) if isinstance(value, ListView) else value


VIEWS[list] = ListView
enter(ListView, "MutableSequence")
