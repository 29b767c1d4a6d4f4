"""`each()` under random programs of two tabs, against rows that are made anew after every step."""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from anchor_session import DetachedError, Signal, batch, each, shared
from anchor_session.page.elements.increasing import longest_increasing
from anchor_session.testing import use_host
from anchor_session.testing.browser import Browser
from tests.page.test_each import Page, named
from tests.page.tree import Modern, Node

NUMBER = st.integers(0, 9)
NAME = st.sampled_from("abcdefgh")
CHANGE = st.one_of(
    st.tuples(st.just("insert"), NUMBER, NAME),
    st.tuples(st.just("delete"), NUMBER, NUMBER),
    st.tuples(st.just("rename"), NUMBER, NAME),
    st.tuples(st.just("set"), NUMBER, NAME),
    st.tuples(st.just("sort"), st.booleans(), NAME),
    st.tuples(st.just("reverse"), NUMBER, NAME),
    st.tuples(st.just("replace"), NUMBER, st.text("abcdefgh", max_size=5)),
    st.tuples(st.just("extend"), NUMBER, st.text("abcdefgh", max_size=5)),
)
STEP = st.one_of(
    st.tuples(st.just("here"), CHANGE),
    st.tuples(st.just("here"), CHANGE),
    st.tuples(st.just("batch"), st.lists(CHANGE, max_size=4)),
    st.tuples(st.just("there"), CHANGE),
    st.tuples(st.just("settle"), st.none()),
    st.tuples(st.just("filter"), NAME),
    st.tuples(st.just("sorted"), st.booleans()),
    st.tuples(st.just("focus"), NUMBER),
)


def make(state: Any, change: "tuple[str, Any, Any]") -> None:
    op, number, name = change
    cards = state.cards
    if op == "insert":
        cards.insert(number, {"name": name})
    elif op == "delete":
        del cards[number : number + name % 3]
    elif op == "rename" and cards:
        cards[number % len(cards)].name = name
    elif op == "set" and cards:
        cards[number % len(cards)] = {"name": name}
    elif op == "sort":
        cards.sort(key=lambda card: card.name, reverse=number)
    elif op == "reverse":
        cards.reverse()
    elif op == "replace":
        state.cards = named(*name)
    elif op == "extend":
        cards.extend(named(*name))


def most_that_stay(numbers: "list[int]") -> int:
    """The length of the longest increasing subsequence, the slow way."""
    lengths: list[int] = []
    for index, number in enumerate(numbers):
        lengths.append(
            1 + max([lengths[n] for n in range(index) if numbers[n] < number], default=0)
        )
    return max(lengths, default=0)


class Watched:
    """A list in a page, and what it has to be like."""

    def __init__(self, state: Any, kind: "type[Node]") -> None:
        self.page = Page(kind)
        self.footer = Node("p", self.page.document)
        self.hidden = Signal("")
        self.is_sorted = Signal(False)
        self.state = state
        self.stop = each(self.page.parent, self.items, self.page.render)
        self.page.parent.append(self.footer)
        self.before: list[tuple[Any, Node]] = []
        self.check()

    def items(self) -> "list[Any]":
        found = [card for card in self.state.cards if card.name != self.hidden()]
        return sorted(found, key=lambda card: card.name) if self.is_sorted() else found

    def check(self, *, is_one_update: bool = False) -> None:
        """The same rows as made anew, those of items that stay are the same; as few as can be were moved."""
        page, items = self.page, self.items()
        rows = page.rows
        assert page.names == [card.name for card in items]
        assert page.parent.childList[-1] is self.footer
        assert len(page.parent.childList) == 2 + (len(rows) or 1)
        known = {id(view): (n, row) for n, (view, row) in enumerate(self.before)}
        kept = [(known[id(view)], row) for view, row in zip(items, rows) if id(view) in known]
        assert [row for _, row in kept] == [row for (_, row), _ in kept]
        mutations = page.mutations()
        if is_one_update:
            numbers = [number for (number, _), _ in kept]
            moved = len(kept) - most_that_stay(numbers)
            ins = [nodes for op, nodes in mutations if op == "in"]
            came = sum(row.localName == "li" for nodes in ins for row in nodes)
            gone = sum(op == "out" and node.localName == "li" for op, node in mutations)
            if isinstance(page.parent, Modern):
                assert sum(op == "move" for op, _ in mutations) == moved
                moved = 0
            assert came == len(rows) - len(kept) + moved
            assert gone == len(self.before) - len(kept) + moved
        self.before = list(zip(items, rows))


@given(st.lists(STEP, max_size=25), st.sampled_from([Node, Modern]))
def test_rows_are_those_of_the_items_whatever_happens(
    steps: "list[tuple[str, Any]]", kind: "type[Node]"
) -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    with use_host(two):
        other = shared("s", {"cards": named(*"abc")})
    browser.settle()
    with use_host(one):
        state = shared("s")
        browser.settle()
        watched = Watched(state, kind)
        for op, value in steps:
            row = None
            active = watched.page.document.activeElement
            if op == "here":
                with suppress(DetachedError):
                    make(state, value)
            elif op == "batch":
                with suppress(DetachedError), batch():
                    for change in value:
                        make(state, change)
            elif op == "there":
                # where this tab has replaced the list, what it is told of cannot be changed any more
                with use_host(two), suppress(DetachedError):
                    make(other, value)
            elif op == "settle":
                browser.settle()
            elif op == "filter":
                watched.hidden.set(value)
            elif op == "sorted":
                watched.is_sorted.set(value)
            elif watched.page.rows:
                row = watched.page.rows[value % len(watched.page.rows)]
                active = row.childList[0]
                active.focus()
            watched.check(is_one_update=op in ("here", "batch", "filter", "sorted"))
            if active is not None and watched.page.parent.contains(active):
                assert watched.page.document.activeElement is active
        browser.settle()
        watched.check()
        assert [card.name for card in other.cards] == [card.name for card in state.cards]
        watched.stop()
        assert watched.page.parent.childList == [watched.page.heading, watched.footer]


@given(st.permutations(range(9)), st.integers(0, 8))
def test_longest_increasing_subsequence(numbers: "list[int]", through: int) -> None:
    found = longest_increasing(numbers)
    chain = [numbers[index] for index in sorted(found)]
    assert chain == sorted(chain)
    assert len(chain) == most_that_stay(numbers)
    wanted = sorted(longest_increasing(numbers, through))
    assert [numbers[index] for index in wanted] == sorted(numbers[index] for index in wanted)
    assert len(wanted) == len(chain)
    below = [n for n in numbers[:through] if n < numbers[through]]
    above = [n for n in numbers[through:] if n > numbers[through]]
    is_possible = most_that_stay(below) + 1 + most_that_stay(above) == len(chain)
    assert (through in wanted) or not is_possible
