"""`each()`: a row of the page for each item of a list, a map, or what a function returns.

The list is one effect, which depends on which items stand there, in which order. A row is an effect of its
own that never runs again: whatever was made in it ends when it is stopped, with its item or with the list.
"""

import sys

from ...errors import call_all, note, with_article
from ...reactive import notifications
from ...reactive.effect import Effect
from ...reactive.graph import check_function, unowned, untracked
from .element import element_of
from .identity import identify, is_same_item, shown
from .items import reader
from .line import Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Any

    from .identity import Identify


def each(
    parent: "Any",
    items: "Any",
    render: "Callable[[Any], Any]",
    *,
    key: "str | Callable[[Any], Any] | None" = None,
) -> "Callable[[], None]":
    """Let the parent have an element for each item from now on; returns how to end that.

    `items` is a list or a map of a state (of a map its values), or a function that returns items, which is
    followed like an effect. ``render(item)`` returns the element; it is called once an item, and bindings,
    effects and `each` made inside end with the row. What it shows of an item that changes is for them.

    The row of an item that stays keeps its element, wherever the item moves. An item is the same by its
    view, a scalar by its value; `key` is a name or a function that says what else it is known by.

    A row whose `render` raises is left out until its item changes: the others stand. The error is raised by
    the statement that brought the item, as that of an effect; of items that are there already it is printed.

    Calling what is returned takes the rows out of the page. Raises `TypeError` without an element of a page,
    for plain items without a `key`, and `ValueError` for two items of one key.
    """
    rows = _Rows(element_of(parent, "each()"), reader(items), render, identify(key))
    return Effect(rows.run).stop


class _Row:
    """What was made for one item: `element` is None if that failed, and `retry` waits for a change then."""

    __slots__ = ("element", "item", "owner", "retry")

    def __init__(self, item: "Any") -> None:
        self.item = item
        self.element: Any = None
        self.owner: Effect | None = None
        self.retry: Effect | None = None

    @property
    def is_hopeless(self) -> bool:
        """Whether it could not be made, and nothing tells when it can be."""
        return self.element is None and self.retry is None

    def make(self, render: "Callable[[Any], Any]", number: int, follower: "Effect") -> None:
        """Raises what `render` raises, with a note which row that is.

        What is made in it runs behind the follower, which may end it.
        """

        def run() -> None:
            self.element = _checked(untracked(lambda: render(self.item)))

        try:
            self.owner = unowned(lambda: Effect(run))
            self.owner.owner = follower
        except Exception as error:
            self.element = None
            note(error, f"in row {number} of each(), for the item {shown(self.item)}")
            raise

    def end(self) -> None:
        """Stop everything that was made in it."""
        owner, self.owner = self.owner, None
        retry, self.retry = self.retry, None
        if retry is not None:
            retry.stop()
        if owner is not None:
            owner.stop()


class _Rows:
    """The rows of one list."""

    def __init__(
        self,
        parent: "Any",
        read: "Callable[[], list[Any]]",
        render: "Callable[[Any], Any]",
        identify: "Identify",
    ) -> None:
        check_function(render, "each")
        self._read = read
        self._render = render
        self._identify = identify
        self._line = Line(parent)
        self._follower: Any = None  # the effect that follows the items
        self._items: list[Any] = []
        self._rows: list[_Row] = []
        self._known: dict[Hashable, _Row] = {}
        self._has_begun = False
        self._has_ended = False

    def run(self) -> "Callable[[], None]":
        """What the effect of the whole list does."""
        notifications.paused += 1  # a render may change the list, which is half made
        try:
            self._follower = Effect(self._follow)
            errors = untracked(self._update)
            self._has_begun = True
            if errors:
                _print_error(_first(errors))
        except BaseException:
            self._end()
            raise
        finally:
            notifications.paused -= 1
        return self._end

    def _follow(self) -> None:
        self._items = self._read()
        if self._has_begun:
            errors = untracked(self._update)
            if errors:
                raise _first(errors)

    def _update(self) -> "list[Exception]":
        """Let there be a row for each of the items; what was raised by those that could not be made."""
        items = self._items
        errors: list[Exception] = []
        keys = self._identify(items)
        known: dict[Hashable, _Row] = {}
        rows: list[_Row] = []
        fresh: list[tuple[int, _Row]] = []
        for number, item in enumerate(items):
            row = self._known.get(keys[number])
            if row is None or row.is_hopeless or not is_same_item(row.item, item):
                row = _Row(item)
                fresh.append((number, row))
            known[keys[number]] = row
            rows.append(row)
        try:
            for number, row in fresh:
                try:
                    row.make(self._render, number, self._follower)
                except Exception as error:  # noqa: BLE001 - told when all rows are made
                    errors.append(error)
                    self._wait_for_change(row)
                if self._has_ended:
                    break
        except BaseException:
            self._drop([row for _, row in fresh])
            raise
        if self._has_ended:
            self._drop([row for _, row in fresh])
            return errors
        here = {id(row) for row in rows}
        gone = [row for row in self._rows if id(row) not in here]
        self._rows, self._known = rows, known
        try:
            self._drop(gone)
        finally:
            self._show()
        return errors

    def _show(self) -> None:
        self._line.arrange([row.element for row in self._rows if row.element is not None])

    def _wait_for_change(self, row: _Row) -> None:
        """Try again when the item changes. A plain one cannot: another one comes in its place."""
        read = getattr(type(row.item), "__anchor_plain__", None)
        if read is None:
            return

        def run() -> None:
            read(row.item)
            if row.retry is not None:
                untracked(lambda: self._try_again(row))

        row.retry = unowned(lambda: Effect(run))
        row.retry.owner = self._follower

    def _try_again(self, row: _Row) -> None:
        number = next(n for n, one in enumerate(self._rows) if one is row)
        row.make(self._render, number, self._follower)
        if self._has_ended:
            row.end()
            return
        retry, row.retry = row.retry, None
        if retry is not None:
            retry.stop()
        self._show()

    @staticmethod
    def _drop(rows: "list[_Row]") -> None:
        call_all([row.end for row in rows])

    def _end(self) -> None:
        self._has_ended = True
        rows, self._rows, self._known = self._rows, [], {}
        try:
            self._drop(rows)
        finally:
            self._line.end()


def _checked(made: "Any") -> "Any":
    """The element that a `render` made. Raises `TypeError` for anything else."""
    element = getattr(made, "_dom_element", made)  # of `pyscript.web`
    kind = getattr(element, "nodeType", None)
    if kind == 1:
        return element
    if kind == 11:
        raise TypeError(
            "render() returned a fragment, which is empty once it is in the page; return the element "
            "in it: fragment.firstElementChild"
        )
    if hasattr(made, "cr_frame"):
        made.close()
        raise TypeError("render() is an async function; the element has to be there at once")
    name = "nothing" if made is None else with_article(type(made).__name__)
    raise TypeError(f"render() returned {name}; it has to return the element of the row")


def _first(errors: "list[Exception]") -> Exception:
    first = errors[0]
    if len(errors) > 1:
        note(first, f"{len(errors) - 1} more rows of this list failed")
    return first


def _print_error(error: Exception) -> None:
    """As Python does with what nobody catches: in a page, in the console."""
    sys.excepthook(type(error), error, error.__traceback__)
