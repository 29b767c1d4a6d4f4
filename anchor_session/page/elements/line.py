"""Elements that stand together in a parent, in an order that changes.

As few of them move as can be. The parent may have other children, which are left alone; where no element
stands, a comment keeps the place. Little is read back from the page, such as who has the focus before
elements move: from a PyScript worker each look is a round trip.
"""

from .focus import Focus
from .increasing import longest_increasing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MANY = 8
"""From how many on it is worth a look whether the parent has no other children."""


class Line:
    """Begins behind what the parent has now."""

    def __init__(self, parent: "Any") -> None:
        self._parent = parent
        self._elements: list[Any] = []
        self._mark: Any = None

    def arrange(self, elements: "list[Any]") -> None:
        """Let these be the elements, in that order."""
        before, self._elements = self._elements, elements
        if not elements or not before:
            self._swap(before, elements)
            return
        numbers = {id(element): number for number, element in enumerate(before)}
        here = {id(element) for element in elements}
        kept = [element for element in elements if id(element) in numbers]
        if not kept:
            self._swap(before, elements)
            return
        for element in before:
            if id(element) not in here:
                element.remove()
        self._move(kept, [numbers[id(element)] for element in kept])
        self._insert(elements, numbers)

    def end(self) -> None:
        """Take all of it out of the page."""
        elements, self._elements = self._elements, []
        self._remove(elements)
        if self._mark is not None:
            self._mark.remove()
            self._mark = None

    def _swap(self, before: "list[Any]", elements: "list[Any]") -> None:
        """All go, and all that come are new."""
        coming = elements
        mark = self._mark
        if not coming:
            if mark is not None:
                return
            mark = self._mark = self._parent.ownerDocument.createComment("")
            coming = [mark]
        elif mark is not None:
            self._mark = None
            mark.replaceWith(*coming)
            return
        if not before:
            self._parent.append(*coming)
        elif self._is_alone(before):
            self._parent.replaceChildren(*coming)
        else:
            before[0].before(*coming)
            for element in before:
                element.remove()

    def _remove(self, elements: "list[Any]") -> None:
        if self._is_alone(elements):
            self._parent.replaceChildren()
        else:
            for element in elements:
                element.remove()

    def _is_alone(self, elements: "list[Any]") -> bool:
        """Whether the parent has these elements and nothing else; of a few nobody asks."""
        return len(elements) > _MANY and self._parent.childNodes.length == len(elements)

    def _move(self, kept: "list[Any]", numbers: "list[int]") -> None:
        """Let the kept elements stand in that order; `numbers` says in which one they stand."""
        if all(numbers[n] < numbers[n + 1] for n in range(len(numbers) - 1)):
            return
        parent = self._parent
        focus = Focus.below(parent)
        focused = None
        if focus is not None:
            for number, element in enumerate(kept):
                if element == focus.child:
                    focused = number
                    break
        staying = longest_increasing(numbers, focused)
        is_moved = focus is not None and focused is not None and focused not in staying
        if focus is not None and is_moved:
            focus.keep()
        last = len(kept) - 1
        following = None if last in staying else kept[numbers.index(max(numbers))].nextSibling
        moves: list[Any] = []
        for number in range(last, -1, -1):
            element = kept[number]
            if number not in staying:
                moves += (element, following)
            following = element
        _make_moves(parent, moves)
        if focus is not None and is_moved:
            focus.restore()

    @staticmethod
    def _insert(elements: "list[Any]", numbers: "dict[int, int]") -> None:
        """Let those come in that have no number."""
        coming: list[Any] = []
        previous = None
        for element in elements:
            if id(element) not in numbers:
                coming.append(element)
                continue
            if coming:
                element.before(*coming)
                coming = []
            previous = element
        if coming and previous is not None:
            previous.after(*coming)


_MOVE_ALL = """(parent, ...moves) => {
  const move = parent.moveBefore ? "moveBefore" : "insertBefore";
  const scrolled = [];
  for (let n = 0; n < moves.length; n += 2)
    for (const each of [moves[n], ...moves[n].querySelectorAll("*")])
      if (each.scrollTop || each.scrollLeft) scrolled.push([each, each.scrollTop, each.scrollLeft]);
  for (let n = 0; n < moves.length; n += 2) parent[move](moves[n], moves[n + 1] ?? null);
  for (const [each, top, left] of scrolled) {
    if (each.scrollTop !== top) each.scrollTop = top;
    if (each.scrollLeft !== left) each.scrollLeft = left;
  }
}"""


def _make_moves(parent: "Any", moves: "list[Any]") -> None:
    """Move elements, each before the one behind it in the list: all in one round trip of a worker.

    What is scrolled in them stays so; Firefox's `moveBefore` (153) forgets it, as `insertBefore` does.
    """
    try:
        move_all = parent.ownerDocument.defaultView.eval(_MOVE_ALL)
    except Exception:  # noqa: BLE001 - the page's policy forbids it: then it is done one by one
        # `moveBefore` is younger than the rest: Chromium 133, Firefox 144.
        move = getattr(parent, "moveBefore", None) or parent.insertBefore
        for number in range(0, len(moves), 2):
            move(moves[number], moves[number + 1])
    else:
        move_all(parent, *moves)
