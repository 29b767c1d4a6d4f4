"""The text of a state, of which a change writes anew only what it touches.

The entries of a map or list lie in blocks of neighbours, and each block keeps its text. A change marks
the block it falls into; the text of a marked block is encoded from the data when the whole is asked for.
A block that has grown long is split when it is touched again, so what is cached follows what changes,
and takes little more room than the text itself.
"""

from bisect import bisect_right
from itertools import accumulate, islice

from ..codec import encode
from ..reactive.plain import MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..reactive.transaction import Step

BLOCK = 256
"""Characters that a new block is meant to have."""

LONGEST = 2 * BLOCK

_NONE: "frozenset[int]" = (
    frozenset()
)  # an empty set of each node's own would be half of what it takes


class Document:
    """The text of one map, kept from change to change."""

    __slots__ = ("_data", "_top")

    def __init__(self, data: "dict[str, Any]") -> None:
        self._data = data
        self._top: _Node | None = None

    def text(self) -> str:
        """The text as it is now."""
        data = self._data
        if "$anchor" in data:  # such a map is written in another form
            self._top = None
            return encode(data)
        if self._top is None:
            text = encode(data)
            self._top = _Node(data, "", len(text))
        return self._top.text()

    def change(self, steps: "list[Step]") -> None:
        """Hear what has changed in the data, oldest first."""
        for step in steps:
            if self._top is not None and not self._top.change(step):
                self._top = None

    def forget(self) -> None:
        """The data changed in ways that nobody told."""
        self._top = None


class _Node:
    """A map or list whose text is kept in blocks.

    `_texts` has for each block its text, or a node (of the one entry that the block has), or, where it is
    marked, the length of its former text; `_sizes` the number of its entries.
    """

    __slots__ = ("_data", "_keys", "_marked", "_prefix", "_sizes", "_texts")

    def __init__(self, data: "Any", prefix: str, length: int) -> None:
        self._data = data
        self._prefix = prefix
        self._keys: list[str] | None = list(data) if type(data) is dict else None
        self._sizes: list[int] = []
        self._texts: list[str | int | _Node] = []
        self._marked: set[int] | frozenset[int] = _NONE
        self._insert_blocks(0, len(data), length)

    def text(self) -> str:
        if self._marked:
            self._encode_marked()
        inside = ",".join([text if type(text) is str else text.text() for text in self._texts])  # type: ignore[union-attr]
        return f"{self._prefix}[{inside}]" if self._keys is None else f"{self._prefix}{{{inside}}}"

    # -- structure ------------------------------------------------------------------------------

    def change(self, step: "Step") -> bool:
        """Mark what a step has changed; False if the whole text may be written in another form now."""
        node = self
        for key in step.path:
            block = node._find(node._index(key))
            below = node._texts[block]
            if type(below) is not _Node:
                node._mark(block)
                return True
            node = below
        if node._keys is None:
            node._change_list(step)
        elif step.key == "$anchor" or step.op == "order":
            return False
        else:
            node._change_map(node._keys, step)
        return True

    def _change_list(self, step: "Step") -> None:
        start: Any = step.key
        if step.op == "set":
            self._mark(self._find(start))
            return
        self._remove(start, len(step.old))
        self._insert(start, len(step.new))

    def _change_map(self, keys: "list[str]", step: "Step") -> None:
        key: Any = step.key
        if step.op == "delete":
            index = self._index(key)
            del keys[index]
            self._remove(index, 1)
        elif step.old is MISSING:
            keys.append(key)
            self._insert(len(keys) - 1, 1)
        else:
            self._mark(self._find(self._index(key)))

    def _index(self, key: "Any") -> int:
        return key if self._keys is None else self._keys.index(key)

    def _find(self, index: int) -> int:
        """The block that holds the entry."""
        return bisect_right(list(accumulate(self._sizes)), index)

    def _mark(self, block: int) -> None:
        if type(self._marked) is set:
            self._marked.add(block)
        else:
            self._marked = {block}
        text = self._texts[block]
        if type(text) is not int:
            self._texts[block] = len(text) if type(text) is str else 0

    def _insert(self, index: int, count: int) -> None:
        if not self._sizes:
            self._sizes.append(0)
            self._texts.append(0)
        block = min(self._find(index), len(self._sizes) - 1)
        if (
            type(self._texts[block]) is _Node
        ):  # has but one entry: another block goes before or after it
            block += index > sum(self._sizes[:block])
            self._sizes.insert(block, 0)
            self._texts.insert(block, 0)
            self._marked = {each + (each >= block) for each in self._marked}
        self._sizes[block] += count
        self._mark(block)

    def _remove(self, index: int, count: int) -> None:
        block = self._find(index)
        before = index - sum(self._sizes[:block])
        while count:
            here = min(count, self._sizes[block] - before)
            if here:
                self._sizes[block] -= here
                self._mark(block)
            count -= here
            before = 0
            block += 1

    def _insert_blocks(self, block: int, count: int, length: int) -> None:
        """Give so many entries, of so many characters together, blocks of their own, all marked."""
        size = max(1, BLOCK * count // max(1, length))
        sizes = [size] * (count // size)
        if count % size:
            sizes.append(count % size)
        more = len(sizes)
        marked = {each + more if each >= block else each for each in self._marked}
        marked.update(range(block, block + more))
        self._marked = marked
        self._sizes[block:block] = sizes
        self._texts[block:block] = [0] * more

    # -- text -----------------------------------------------------------------------------------

    def _encode_marked(self) -> None:
        marked, self._marked = sorted(self._marked, reverse=True), _NONE
        ends = list(accumulate(self._sizes))
        for block in marked:
            size = self._sizes[block]
            if size == 0:
                del self._sizes[block], self._texts[block]
                continue
            former: Any = self._texts[block]
            start = ends[block] - size
            if former <= LONGEST:
                self._texts[block] = self._encode(start, size)
            elif size > 1:
                self._split(block, start, size, former)
            else:
                self._texts[block] = self._open(start)

    def _split(self, block: int, start: int, size: int, length: int) -> None:
        del self._sizes[block], self._texts[block]
        self._insert_blocks(block, size, length)
        for each in sorted(self._marked):
            self._texts[each] = self._encode(start, self._sizes[each])
            start += self._sizes[each]
        self._marked = _NONE

    def _encode(self, start: int, size: int) -> str:
        """The text of entries, as it stands between the brackets."""
        if self._keys is None:
            return encode(self._data[start : start + size])[1:-1]
        return encode(dict(islice(self._data.items(), start, start + size)))[1:-1]

    def _open(self, index: int) -> "str | _Node":
        """The one entry as a node, if it is a container that can be one; else its text."""
        text = self._encode(index, 1)
        if self._keys is None:
            prefix, value = "", self._data[index]
        else:
            key = self._keys[index]
            prefix, value = f"{encode(key)}:", self._data[key]
        is_list = type(value) is list
        if len(text) > LONGEST and (is_list or (type(value) is dict and "$anchor" not in value)):
            return _Node(value, prefix, len(text))
        return text
