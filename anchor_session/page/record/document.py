"""The text of a state, of which a change writes anew only what it touches.

The entries of a map or list lie in blocks of neighbours, and each block keeps its text. A change marks
the block it falls into; the text of a marked block is encoded from the data when the whole is asked for.
A block that has grown long is split when it is touched again, so what is cached follows what changes,
and takes little more room than the text itself.
"""

from bisect import bisect_right
from itertools import accumulate
from math import isqrt

from ...codec import encode
from ...reactive.plain import MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...reactive.steps import Step

SMALLEST_BLOCK = 128

PLACES = 100
"""Keys of a map whose places are remembered, at most."""

FEW = 20
"""So many keys or blocks are gone through faster than what is known of them is looked up."""

STEP = 200
"""Characters that are encoded in the time that it takes to find the block of a change."""


def block_size(length: int) -> int:
    """How long blocks of so long a text are to be.

    To encode a block again costs about 26 ns a character in Pyodide, to join the blocks 150 ns each: of all
    lengths, this has the smallest sum.
    """
    return max(SMALLEST_BLOCK, isqrt(6 * length))


class Document:
    """The text of one map, kept from change to change."""

    __slots__ = ("_data", "_length", "_top")

    def __init__(self, data: "dict[str, Any]") -> None:
        self._data = data
        self._length = 0  # of the text, when it was last asked for
        self._top: _Node | None = None

    def text(self) -> str:
        """The text as it is now."""
        data = self._data
        if "$anchor" in data:  # such a map is written in another form
            self._top = None
            return encode(data)
        if self._top is not None:
            text = self._top.text()
        else:
            text = encode(data)
            if len(text) > STEP:
                self._top = _Node(data, "", len(text))
        self._length = len(text)
        return text

    def change(self, steps: "list[Step]") -> None:
        """Hear what has changed in the data, oldest first."""
        if len(steps) * STEP > self._length:
            self._top = None
            return
        for step in steps:
            if self._top is not None and not self._top.change(step):
                self._top = None

    def forget(self) -> None:
        """The data changed in ways that nobody told."""
        self._top = None


class _Node:
    """A map or list whose text is kept in blocks.

    `_texts` has for each block its text, or a node (of the one entry that the block has), or, where it is
    marked, the length of its former text; `_sizes` the number of its entries, `_ends` the sums of those up to
    each, while they are known. `_places` remembers where keys were found.
    """

    __slots__ = (
        "_block",
        "_data",
        "_ends",
        "_keys",
        "_marked",
        "_nodes",
        "_opening",
        "_places",
        "_sizes",
        "_texts",
    )

    def __init__(self, data: "Any", prefix: str, length: int) -> None:
        self._data = data
        self._opening = prefix + ("{" if type(data) is dict else "[")
        self._block = block_size(length)  # a block twice as long is split when it is touched
        self._keys: list[str] | None = list(data) if type(data) is dict else None
        self._sizes: list[int] = []
        self._texts: list[str | int | _Node] = []
        self._ends: list[int] | None = None
        self._marked: set[int] | None = (
            None  # None for no blocks, as with the places: nodes may be many
        )
        self._nodes = 0  # how many of the texts are nodes
        self._places: dict[str, int] | None = None
        self._insert_blocks(0, len(data), length)

    def text(self) -> str:
        pieces: list[str] = []
        self._gather(pieces)
        return "".join(pieces)

    def _gather(self, pieces: "list[str]") -> None:
        if self._marked:
            self._encode_marked()
        pieces.append(self._opening)
        if self._nodes:
            comma = ""
            for text in self._texts:
                pieces.append(comma)
                comma = ","
                if type(text) is _Node:
                    text._gather(pieces)
                else:
                    pieces.append(text)  # type: ignore[arg-type]
        else:
            pieces.append(",".join(self._texts))  # type: ignore[arg-type]
        pieces.append("]" if self._keys is None else "}")

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
        if step.op == "move":
            self._remove(step.old, 1)
            self._insert(step.new, 1)
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
        keys = self._keys
        if keys is None:
            index: int = key
            return index
        if len(keys) <= FEW:
            return keys.index(key)
        if self._places is None:
            self._places = {}
        place = self._places.get(key, -1)
        if not 0 <= place < len(keys) or keys[place] != key:
            if len(self._places) == PLACES:
                self._places.clear()
            place = self._places[key] = keys.index(key)
        return place

    def _find(self, index: int) -> int:
        """The block that holds the entry."""
        ends = self._ends
        if ends is None:
            ends = list(accumulate(self._sizes))
            if len(ends) > FEW:
                self._ends = ends
        return bisect_right(ends, index)

    def _mark(self, block: int) -> None:
        if self._marked is None:
            self._marked = {block}
        else:
            self._marked.add(block)
        text = self._texts[block]
        if type(text) is not int:
            self._texts[block] = len(text) if type(text) is str else 0
            self._nodes -= type(text) is _Node

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
            self._marked = {each + (each >= block) for each in self._marked or ()}
        self._sizes[block] += count
        self._ends = None
        self._mark(block)

    def _remove(self, index: int, count: int) -> None:
        block = self._find(index)
        self._ends = None
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
        size = max(1, self._block * count // max(1, length))
        sizes = [size] * (count // size)
        if count % size:
            sizes.append(count % size)
        more = len(sizes)
        marked = {each + more if each >= block else each for each in self._marked or ()}
        marked.update(range(block, block + more))
        self._marked = marked
        self._sizes[block:block] = sizes
        self._ends = None
        self._texts[block:block] = [0] * more

    # -- text -----------------------------------------------------------------------------------

    def _encode_marked(self) -> None:
        marked, self._marked = sorted(self._marked or (), reverse=True), None
        ends = self._ends or list(accumulate(self._sizes))
        for block in marked:
            size = self._sizes[block]
            if size == 0:
                del self._sizes[block], self._texts[block]
                self._ends = None
                continue
            former: Any = self._texts[block]
            start = ends[block] - size
            if former <= 2 * self._block:
                self._texts[block] = self._encode(start, size)
            elif size > 1:
                self._split(block, start, size, former)
            else:
                self._texts[block] = self._open(start, former)

    def _split(self, block: int, start: int, size: int, length: int) -> None:
        del self._sizes[block], self._texts[block]
        self._insert_blocks(block, size, length)
        for each in sorted(self._marked or ()):
            self._texts[each] = self._encode(start, self._sizes[each])
            start += self._sizes[each]
        self._marked = None

    def _encode(self, start: int, size: int) -> str:
        """The text of entries, as it stands between the brackets."""
        data, keys = self._data, self._keys
        if keys is None:
            return encode(data[start : start + size])[1:-1]
        return encode({key: data[key] for key in keys[start : start + size]})[1:-1]

    def _open(self, index: int, length: int) -> "str | _Node":
        """The one entry, whose text was so long, as a node if it is a container that can be one."""
        prefix, value = "", None
        if self._keys is None:
            value = self._data[index]
        else:
            key = self._keys[index]
            prefix, value = f"{encode(key)}:", self._data[key]
        if type(value) is list or (type(value) is dict and "$anchor" not in value):
            self._nodes += 1
            return _Node(value, prefix, length)
        return self._encode(index, 1)
