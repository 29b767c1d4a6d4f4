"""`each()`, on elements without a page; the real ones are in the tests in a browser."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from anchor_session import Effect, Signal, batch, bind, each, history, session, snapshot, writable
from tests.page.tree import Document, Modern, Node
from tests.support import rows


class Page:
    """A list in a page: `parent`, a `render` that shows the `name` of its item, and what that has made."""

    def __init__(self, kind: "type[Node]" = Modern) -> None:
        self.document = Document()
        self.heading = Node("h2", self.document)
        self.parent = kind("ul", self.document, self.heading)
        self.made: list[Any] = []

    def render(self, item: Any) -> Node:
        """Its `input` has the focus, if anything has; scalars are shown as they are."""
        field = Node("input", self.document, value="", type="text")
        element = Node("li", self.document, field)
        if hasattr(type(item), "__anchor_plain__"):
            bind(field, item, "name")
        else:
            field.value = str(item)
        self.made.append(item)
        return element

    @property
    def rows(self) -> "list[Node]":
        assert self.parent.childList[0] is self.heading
        return [node for node in self.parent.childList if node.localName == "li"]

    @property
    def names(self) -> "list[str]":
        return [row.childList[0].value for row in self.rows]

    def mutations(self) -> "list[tuple[str, Any]]":
        """What was done to the parent since the last call."""
        found = self.parent.mutations.copy()
        self.parent.mutations.clear()
        return found


@pytest.fixture
def page() -> Page:
    return Page()


def named(*names: str) -> "list[dict[str, str]]":
    return [{"name": name} for name in names]


def opened(*names: str) -> Any:
    return session("s", {"cards": named(*names)})


# -- rows follow the items ------------------------------------------------------------------------------


def test_each_item_has_a_row_behind_what_is_there(page: Page) -> None:
    state = opened("a", "b")
    each(page.parent, state.cards, page.render)
    assert page.names == ["a", "b"]
    assert page.mutations() == [("in", tuple(page.rows))]


def test_row_shows_what_its_item_becomes_and_is_not_made_again(page: Page) -> None:
    state = opened("a", "b")
    each(page.parent, state.cards, page.render)
    page.mutations()
    state.cards[0].name = "z"
    assert page.names == ["z", "b"]
    assert (len(page.made), page.mutations()) == (2, [])


def test_what_render_reads_makes_nothing_again(page: Page) -> None:
    state = opened("a")
    each(page.parent, state.cards, lambda item: [item.name, page.render(item)][1])
    state.cards[0].name = "b"
    assert len(page.made) == 1


CHANGES: "dict[str, tuple[Callable[[Any], object], str, int]]" = {
    # what is done, to which names it leads, and how many mutations that takes
    "append": (lambda cards: cards.append({"name": "x"}), "abcdex", 1),
    "insert first": (lambda cards: cards.insert(0, {"name": "x"}), "xabcde", 1),
    "insert between": (lambda cards: cards.insert(2, {"name": "x"}), "abxcde", 1),
    "extend": (lambda cards: cards.extend(named("x", "y", "z")), "abcdexyz", 1),
    "pop first": (lambda cards: cards.pop(0), "bcde", 1),
    "delete between": (lambda cards: cards.__delitem__(slice(1, 3)), "ade", 2),
    "set": (lambda cards: cards.__setitem__(1, {"name": "x"}), "axcde", 2),
    "last comes first": (lambda cards: order(cards, "eabcd"), "eabcd", 1),
    "first goes last": (lambda cards: order(cards, "bcdea"), "bcdea", 1),
    "swap": (lambda cards: order(cards, "adcbe"), "adcbe", 2),
    "swap of neighbours": (lambda cards: order(cards, "abdce"), "abdce", 1),
    "reverse": (lambda cards: cards.reverse(), "edcba", 4),
    "clear": (lambda cards: cards.clear(), "", 6),
}


def order(cards: Any, names: str) -> None:
    cards.sort(key=lambda card: names.index(card.name))


@rows(("change", "names", "count"), CHANGES)
def test_as_few_elements_move_as_can_be(
    change: "Callable[[Any], object]", names: str, count: int
) -> None:
    page = Page()
    state = opened(*"abcde")
    each(page.parent, state.cards, page.render)
    before = dict(zip("abcde", page.rows))
    page.mutations()
    change(state.cards)
    assert "".join(page.names) == names
    assert len(page.mutations()) == count
    stay = [name for name in names if name in before]
    if change is not CHANGES["set"][0]:
        assert [row for row in page.rows if row.childList[0].value in before] == [
            before[name] for name in stay
        ]


def test_undoing_an_arrangement_moves_the_rows_back(page: Page) -> None:
    state = opened(*"abcde")
    past = history(state)
    each(page.parent, state.cards, page.render)
    before = page.rows
    state.cards.reverse()
    state.cards.sort(key=lambda card: "badce".index(card.name))
    state.cards.move(0, 3)
    page.mutations()
    while past.undo():
        pass
    assert (page.rows, page.names, len(page.made)) == (before, list("abcde"), 5)
    assert {kind for kind, _ in page.mutations()} <= {"move"}


def test_a_thousand_rows_and_one_before_them(page: Page) -> None:
    state = session("s", {"cards": list(range(1000))})
    each(page.parent, state.cards, page.render)
    page.mutations()
    state.cards.insert(0, -1)
    assert len(page.made) == 1001
    assert page.mutations() == [("in", (page.rows[0],))]


def test_batch_is_shown_once(page: Page) -> None:
    state = opened("a")
    each(page.parent, state.cards, page.render)
    page.mutations()
    with batch():
        state.cards.append({"name": "b"})
        state.cards.append({"name": "c"})
        del state.cards[1]
    assert page.names == ["a", "c"]
    assert page.mutations() == [("in", (page.rows[1],))]


def test_batch_that_fails_leaves_the_rows(page: Page) -> None:
    state = opened("a", "b")
    each(page.parent, state.cards, page.render)
    page.mutations()
    with pytest.raises(ZeroDivisionError), batch():
        state.cards.pop(0)
        state.cards.append({"name": "c"})
        _ = 1 / 0
    assert page.names == ["a", "b"]
    assert page.mutations() == []


def test_list_that_is_replaced_is_followed(page: Page) -> None:
    state = opened("a", "b")
    each(page.parent, state.cards, page.render)
    state.cards = named("c")
    state.cards.append({"name": "d"})
    assert page.names == ["c", "d"]
    del state["cards"]
    assert page.names == []
    state.cards = named("e")
    assert page.names == ["e"]


def test_list_within_what_is_replaced_is_followed(page: Page) -> None:
    state = session("s", {"board": {"cards": named("a")}})
    each(page.parent, state.board.cards, page.render)
    state.board = {"cards": named("b", "c")}
    assert page.names == ["b", "c"]
    state.board.cards[0].name = "d"
    assert page.names == ["d", "c"]


def test_place_that_holds_no_list_any_more_has_no_rows(page: Page) -> None:
    state = session("s", {"board": {"cards": named("a")}})
    each(page.parent, state.board.cards, page.render)
    state.board.cards = None
    assert page.names == []
    state.board = 3
    assert page.names == []
    state.board = {"cards": named("b")}
    assert page.names == ["b"]
    with pytest.raises(TypeError, match="not of an int"):
        state.board.cards = 3
    assert page.names == ["b"]


def test_map_has_a_row_for_each_value(page: Page) -> None:
    state = session("s", {"people": {"ada": {"name": "Ada"}, "bob": {"name": "Bob"}}})
    each(page.parent, state.people, page.render)
    assert page.names == ["Ada", "Bob"]
    state.people["cy"] = {"name": "Cy"}
    del state.people["ada"]
    assert page.names == ["Bob", "Cy"]
    assert len(page.made) == 3


def test_whole_state_is_a_map(page: Page) -> None:
    state = session("s", {"ada": {"name": "Ada"}})
    each(page.parent, state, page.render)
    state["bob"] = {"name": "Bob"}
    assert page.names == ["Ada", "Bob"]


@dataclass
class Card:
    name: str = ""
    done: bool = False


@dataclass
class Board:
    cards: "list[Card]" = field(default_factory=list)
    by_name: "dict[str, Card]" = field(default_factory=dict)


@rows("part", ["cards", "by_name"])
def test_items_of_a_typed_state(part: str) -> None:
    page = Page()
    state = session("s", Board([Card("a"), Card("b")], {"a": Card("a"), "b": Card("b")}))

    def render(card: Card) -> Node:
        element = Node("input", page.document, value="", type="text")
        bind(element, card, "name")
        page.made.append(card)
        return Node("li", page.document, element)

    each(page.parent, getattr(state, part), render)
    assert page.names == ["a", "b"]
    if part == "cards":
        state.cards.insert(0, Card("c"))
        state.cards[1].name = "z"
        assert (page.names, len(page.made)) == (["c", "z", "b"], 3)
        state.cards = [Card("d")]
    else:
        state.by_name = {"d": Card("d")}
    assert page.names == ["d"]


def test_filter_and_sort_by_a_function(page: Page) -> None:
    state = opened("b", "x", "a")
    shown = Signal("x")

    def items() -> Any:
        wanted = [card for card in state.cards if card.name != shown()]
        return sorted(wanted, key=lambda card: card.name)

    each(page.parent, items, page.render)
    assert page.names == ["a", "b"]
    rows = page.rows
    state.cards[0].name = "0"
    assert page.names == ["0", "a"]
    assert page.rows == rows[::-1]
    shown.set("y")
    assert page.names == ["0", "a", "x"]
    assert page.rows[:2] == rows[::-1]


def test_immutable_state(page: Page) -> None:
    state = session("s", {"cards": named("a")}, immutable=True)
    each(page.parent, state.cards, page.render)
    row = page.rows[0]
    assert row.childList[0].listeners == {}
    writable(state).cards.insert(0, {"name": "b"})
    assert (page.names, page.rows[1]) == (["b", "a"], row)
    writable(state).cards = named("c")
    assert page.names == ["c"]
    assert page.rows[0].childList[0].listeners == {}


# -- which item is the same -----------------------------------------------------------------------------


def test_equal_scalars_are_told_apart_by_their_number(page: Page) -> None:
    state = session("s", {"tags": ["a", "b", "a"]})
    each(page.parent, state.tags, page.render)
    first, b, second = page.rows
    page.mutations()
    state.tags.pop(0)
    assert (page.names, page.rows) == (["b", "a"], [b, first])
    assert second not in page.rows
    state.tags.append("a")
    assert page.names == ["b", "a", "a"]


def test_scalars_of_different_types_are_different(page: Page) -> None:
    values: list[Any] = [1, 1.0, True, "1", None, 0.0, -0.0]
    state = session("s", {"values": values})
    each(page.parent, state["values"], page.render)
    rows = page.rows
    state["values"].reverse()
    assert page.rows == rows[::-1]


def test_container_that_takes_the_place_of_an_equal_one_has_a_row_of_its_own(page: Page) -> None:
    state = opened("a")
    each(page.parent, state.cards, page.render, key="name")
    row = page.rows[0]
    with batch():
        state.cards.pop()
        state.cards.append({"name": "a"})
    assert page.rows != [row]
    state.cards[0].name = "b"
    assert page.names == ["b"]


KEYS: "list[Any]" = ["id", lambda item: item["id"]]


@rows("key", KEYS)
def test_plain_items_are_known_by_their_key(key: Any) -> None:
    page = Page()
    numbers = Signal([1, 2, 3])
    label = Signal("n")
    each(
        page.parent,
        lambda: [{"id": n, "text": f"{label()}{n % 3}"} for n in numbers()],
        page.render,
        key=key,
    )
    rows = page.rows
    numbers.set([3, 1])
    assert page.rows == [rows[2], rows[0]]
    label.set("m")  # the items are others
    assert page.rows[0] is not rows[2]
    assert len(page.made) == 5


def test_pairs_of_key_and_view_are_the_same_while_the_view_is(page: Page) -> None:
    state = session("s", {"people": {"ada": {"name": "Ada"}, "bob": {"name": "Bob"}}})
    each(
        page.parent,
        lambda: sorted(state.people.items(), key=lambda pair: pair[0], reverse=True),
        lambda pair: page.render(pair[1]),
        key=lambda pair: pair[0],
    )
    bob, ada = page.rows
    state.people.ada.name = "Countess"
    assert page.rows == [bob, ada]
    state.people["ada"] = {"name": "Lovelace"}
    assert page.rows[0] is bob
    assert page.rows[1] is not ada


# -- what is made in a row ends with it -----------------------------------------------------------------


def test_what_is_made_in_a_row_ends_with_it(page: Page) -> None:
    state = opened("a", "b")
    log: list[str] = []

    def render(card: Any) -> Node:
        def run() -> "Callable[[], None]":
            name = card.name
            log.append(f"shows {name}")
            return lambda: log.append(f"no more {name}")

        Effect(run)
        return page.render(card)

    stop = each(page.parent, state.cards, render)
    first, second = [row.childList[0] for row in page.rows]
    card = state.cards[0]
    del state.cards[0]
    assert log == ["shows a", "shows b", "no more a"]
    assert (first.listeners, bool(second.listeners)) == ({}, True)
    state.cards[0].name = "c"
    assert log[3:] == ["no more b", "shows c"]
    stop()
    stop()
    assert log[5:] == ["no more c"]
    assert second.listeners == {}
    assert page.parent.childList == [page.heading]
    assert card is not None


def test_nobody_follows_the_state_after_the_end(page: Page) -> None:
    state = opened("a", "b")
    stop = each(page.parent, state.cards, page.render)
    state.cards.append({"name": "c"})
    stop()
    assert followers(state, state.cards, *state.cards) == []


def followers(*views: Any) -> "list[Any]":
    """Whoever follows anything of the views."""
    keys = [key for view in views for key in (view._tracked or {}).values()]
    return [target for key in keys for target in key.targets]


def test_change_in_a_row_runs_that_row_alone(page: Page) -> None:
    state = session("s", {"cards": named(*map(str, range(100)))})
    ran: list[str] = []

    def render(card: Any) -> Node:
        Effect(lambda: ran.append(card.name))
        return page.render(card)

    each(page.parent, state.cards, render)
    ran.clear()
    state.cards[50].name = "x"
    assert ran == ["x"]
    state.cards.pop(0)
    assert ran == ["x"]


def test_row_of_an_item_that_goes_runs_no_more(page: Page) -> None:
    """The list runs before its rows do, which may look for their item in it."""
    state = opened("a", "b", "c")
    numbers: dict[str, int] = {}

    def render(card: Any) -> Node:
        def run() -> None:
            numbers[card.name] = next(n for n, each in enumerate(state.cards) if each is card)

        Effect(run)
        return page.render(card)

    each(page.parent, state.cards, render)
    state.cards.pop(0)
    assert numbers == {"a": 0, "b": 0, "c": 1}
    state.cards[1] = {"name": "d"}
    state.cards.append({"name": "e"})
    state.cards.clear()
    assert numbers == {"a": 0, "b": 0, "c": 1, "d": 1, "e": 2}


def test_row_that_was_added_later_runs_no_more_either(page: Page) -> None:
    state = session("s", {"cards": {"a": {"name": "x"}}})

    def render(key: str) -> Node:
        element = Node("li", page.document, Node("input", page.document))

        def show_name() -> None:
            element.childList[0].value = state.cards[key].name

        Effect(show_name)
        return element

    each(page.parent, lambda: [key for key in state.cards if state.cards[key].name], render)
    state.cards["b"] = {"name": "y"}
    assert page.names == ["x", "y"]
    del state.cards["b"]
    assert page.names == ["x"]
    state.cards.a.name = "z"
    assert page.names == ["z"]


def test_rows_go_on_where_their_list_fails(page: Page) -> None:
    state = opened("a", "b")
    ran: list[str] = []

    def render(card: Any) -> Node:
        Effect(lambda: ran.append(card.name))
        return page.render(card)

    each(page.parent, state.cards, render, key="name")
    state.cards.append({"name": "c"})
    ran.clear()
    with pytest.raises(ValueError, match="the same key 'b'"), batch():
        state.cards[2].name = "x"
        state.cards.append({"name": "b"})
    assert ran == ["x"]
    state.cards[2].name = "y"
    assert ran == ["x", "y"]


def test_list_in_a_list(page: Page) -> None:
    state = session(
        "s", {"columns": [{"name": "A", "cards": named("a")}, {"name": "B", "cards": named("b")}]}
    )
    made: list[str] = []

    def card_row(card: Any) -> Node:
        made.append(card.name)
        return Node("p", page.document, id=card.name)

    def column_row(column: Any) -> Node:
        element = page.render(column)
        each(element, column.cards, card_row)
        return element

    each(page.parent, state.columns, column_row)

    def shown() -> "list[list[str]]":
        return [[node.id for node in row.childList[1:]] for row in page.rows]

    assert shown() == [["a"], ["b"]]
    state.columns.reverse()
    state.columns[1].cards.append({"name": "x"})
    state.columns[0].cards = named("y")
    assert shown() == [["y"], ["a", "x"]]
    assert made == ["a", "b", "x", "y"]
    gone, cards = page.rows[0], state.columns[0].cards
    del state.columns[0]
    assert shown() == [["a", "x"]]
    assert followers(cards) == []
    assert gone.parentNode is None


def test_list_made_in_an_effect_ends_with_it(page: Page) -> None:
    state = opened("a")
    which = Signal(1)

    def run() -> None:
        if which() == 1:
            each(page.parent, state.cards, page.render)

    Effect(run)
    assert page.names == ["a"]
    which.set(2)
    assert page.parent.childList == [page.heading]
    state.cards.append({"name": "b"})
    assert len(page.made) == 1


def test_rows_of_a_list_end_with_the_effect_it_was_made_in_but_run_with_the_list_alone(
    page: Page,
) -> None:
    """What a later row makes is no child of the effect that runs the list again."""
    state = opened("a")
    each(page.parent, state.cards, page.render)
    for name in "bcd":
        state.cards.append({"name": name})
    state.cards[1].name = "z"
    assert page.names == ["a", "z", "c", "d"]


# -- the page around ------------------------------------------------------------------------------------


def test_empty_list_keeps_its_place(page: Page) -> None:
    state = opened()
    each(page.parent, state.cards, page.render)
    footer = Node("p", page.document)
    page.parent.append(footer)
    state.cards.append({"name": "a"})
    assert page.parent.childList == [page.heading, *page.rows, footer]
    state.cards.clear()
    state.cards.extend(named("b", "c"))
    assert page.names == ["b", "c"]
    assert page.parent.childList == [page.heading, *page.rows, footer]
    state.cards.reverse()
    state.cards.append({"name": "d"})
    assert page.parent.childList == [page.heading, *page.rows, footer]


def test_two_lists_in_one_parent(page: Page) -> None:
    state = session("s", {"one": named("a"), "two": named("x")})
    each(page.parent, state.one, page.render)
    stop = each(page.parent, state.two, page.render)
    state.one.append({"name": "b"})
    state.two.insert(0, {"name": "y"})
    assert page.names == ["a", "b", "y", "x"]
    state.two.clear()
    state.one.clear()
    state.two.append({"name": "z"})
    state.one.extend(named(*"c" * 20))
    assert page.names == ["c"] * 20 + ["z"]
    state.one.clear()
    assert page.names == ["z"]
    stop()
    assert [node.localName for node in page.parent.childList] == ["h2", "#comment"]


def test_list_that_is_alone_in_its_parent_goes_at_once(page: Page) -> None:
    state = session("s", {"cards": list(range(1000))})
    page.parent.childList.clear()
    stop = each(page.parent, state.cards, lambda n: Node("li", page.document))
    state.cards = [1001 + n for n in range(1000)]
    assert len(page.parent.childList) == 1000
    stop()
    assert page.parent.childList == []


@rows("kind", [Node, Modern])
def test_row_with_the_focus_stays_where_it_is(kind: "type[Node]") -> None:
    """Of several ways with as few moves, the one that leaves it alone."""
    for focused in range(5):
        page = Page(kind)
        state = opened()
        state.cards = named(*"abcde")
        stop = each(page.parent, state.cards, page.render)
        row = page.rows[focused]
        row.childList[0].focus()
        page.mutations()
        state.cards.reverse()
        moved = [node for _, nodes in page.mutations() for node in _all(nodes)]
        assert row not in moved
        assert len({id(node) for node in moved}) == 4
        assert page.document.activeElement is row.childList[0]
        stop()


@rows("kind", [Node, Modern])
def test_row_with_the_focus_that_has_to_move_keeps_it(kind: "type[Node]") -> None:
    page = Page(kind)
    state = opened(*"abcde")
    each(page.parent, state.cards, page.render)
    field = page.rows[0].childList[0]
    field.__dict__.update(selectionStart=1, selectionEnd=2, selectionDirection="none", scrollTop=9)
    selected: list[Any] = []

    def select(*ends: Any) -> None:
        selected.append(ends)
        field.scrollTop = 0  # so that the caret is seen

    field.__dict__["setSelectionRange"] = select
    field.focus()
    page.mutations()
    order(state.cards, "bcdea")
    moved = {id(node) for _, nodes in page.mutations() for node in _all(nodes)}
    assert len(moved) == 1
    assert page.document.activeElement is field
    assert selected == ([(1, 2, "none")] if kind is Node else [])
    assert field.scrollTop == 9


def test_focus_elsewhere_is_nobodys_business(page: Page) -> None:
    state = opened(*"abc")
    each(page.parent, state.cards, page.render)
    for element in (Node("p", page.document), page.heading, page.parent):
        element.focus()
        state.cards.reverse()
        assert page.document.activeElement is element
    assert page.names == ["c", "b", "a"]


@rows("may_evaluate", [True, False])
def test_moves_are_made_in_one_call_where_the_page_allows_it(may_evaluate: bool) -> None:
    page = Page()
    calls: list[Any] = []

    def move_all(parent: Any, *moves: Any) -> None:
        calls.append(moves)
        for number in range(0, len(moves), 2):
            parent.moveBefore(moves[number], moves[number + 1])

    if may_evaluate:
        page.document.defaultView.eval = lambda source: move_all
    state = session("s", {"numbers": list(range(30))})
    each(page.parent, state.numbers, page.render)
    state.numbers.reverse()
    assert page.names == [str(number) for number in reversed(range(30))]
    assert [len(moves) for moves in calls] == [58] * may_evaluate


def _all(nodes: Any) -> "Iterator[Node]":
    yield from nodes if isinstance(nodes, tuple) else (nodes,)


# -- what goes wrong ------------------------------------------------------------------------------------


def test_errors_of_rows_and_items_name_no_effect_that_is_not_the_users(page: Page) -> None:
    state = opened("a")
    stop = each(page.parent, lambda: [card for card in state.cards if card["name"]], page.render)
    with pytest.raises(KeyError) as caught:
        state.cards.append({"nam": "x"})
    assert not hasattr(caught.value, "__notes__")
    stop()
    each(page.parent, state.cards, page.render)
    del state.cards[1]
    changes: list[Callable[[], object]] = [
        lambda: state.cards.append({"nam": "y"}),
        lambda: state.cards[1].update(nam="z"),
    ]
    for change in changes:
        with pytest.raises(KeyError) as caught:
            change()
        (note,) = caught.value.__notes__
        assert note.startswith("in row 1 of each(), for the item {'nam': ")


def test_effect_in_a_row_is_named_when_it_fails_and_says_why_it_ran(page: Page) -> None:
    state = opened("a", "b")
    effects: list[Effect] = []

    def render(card: Any) -> Node:
        def show_name() -> None:
            assert card.name

        effects.append(Effect(show_name))
        return page.render(card)

    each(page.parent, state.cards, render)
    state.cards.reverse()
    with pytest.raises(AssertionError) as caught:
        state.cards[0].name = ""
    (note,) = caught.value.__notes__
    assert note.startswith("in the effect show_name (")
    ((whole, path),) = effects[1].why
    assert (whole is state, path) == (True, ("cards", 0, "name"))
    with pytest.raises(AssertionError) as caught:
        state.cards.append({"name": ""})
    assert [note.split(" (")[0] for note in caught.value.__notes__] == [
        "in the effect show_name",
        "in row 2 of each(), for the item {'name': ''}",
    ]


def test_render_that_raises_leaves_the_others_and_is_tried_again(page: Page) -> None:
    state = opened("a")
    each(page.parent, state.cards, page.render)
    with pytest.raises(KeyError) as caught:
        state.cards.insert(0, {"nam": "x"})
    assert "in row 0 of each(), for the item {'nam': 'x'}" in caught.value.__notes__
    assert page.names == ["a"]
    state.cards.append({"name": "b"})
    assert page.names == ["a", "b"]
    with pytest.raises(KeyError, match="name"):
        state.cards[0].nam = "y"
    state.cards[0].name = "c"
    assert page.names == ["c", "a", "b"]
    state.cards[0].name = "d"
    assert page.names == ["d", "a", "b"]
    assert len(page.made) == 3


def test_render_that_raises_at_first_is_printed(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script goes on: what was stored yesterday does not keep the page from starting."""
    printed: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, traceback: printed.append(error))
    state = session("s", {"cards": [{"nam": "x"}, {"name": "a"}, {"nam": "y"}]})
    stop = each(page.parent, state.cards, page.render)
    assert page.names == ["a"]
    (error,) = printed
    assert "in row 0 of each(), for the item {'nam': 'x'}" in error.__notes__
    assert "1 more rows of this list failed" in error.__notes__
    state.cards[0].name = "b"
    assert page.names == ["b", "a"]
    stop()
    state.cards[1].name = "c"
    assert page.parent.childList == [page.heading]


def test_what_a_render_that_raises_has_begun_ends(page: Page) -> None:
    state = opened("a")
    ran: list[str] = []

    def render(card: Any) -> Node:
        Effect(lambda: ran.append(card.name))
        return page.render({"a": card}["b" if card.name == "x" else "a"])

    each(page.parent, state.cards, render)
    with pytest.raises(KeyError):
        state.cards.append({"name": "x"})
    assert ran == ["a", "x"]
    with pytest.raises(KeyError):
        state.cards[1].more = 1
    state.cards[1].name = "y"
    assert ran == ["a", "x", "x", "y"]
    del state.cards[1]
    assert page.names == ["a"]


def test_row_that_failed_and_is_gone_is_not_tried_again(page: Page) -> None:
    state = session("s", {"cards": [{"nam": "x"}, {"name": "a"}]})
    hidden = Signal("x")
    stop = each(
        page.parent,
        lambda: [card for card in state.cards if card.get("nam") != hidden()],
        page.render,
    )
    before = followers(state.cards[0])
    with pytest.raises(KeyError):
        hidden.set("")
    assert followers(state.cards[0]) != before
    hidden.set("x")
    assert followers(state.cards[0]) == before
    state.cards[0].more = 1
    stop()
    assert page.parent.childList == [page.heading]


def test_interrupt_leaves_nothing_half_made(page: Page) -> None:
    state = opened("a")
    ran: list[str] = []

    def render(card: Any) -> Node:
        Effect(lambda: ran.append(card.name))
        if card.name == "x":
            raise KeyboardInterrupt
        return page.render(card)

    stop = each(page.parent, state.cards, render)
    with pytest.raises(KeyboardInterrupt):
        state.cards.extend(named("b", "x"))
    stop()
    ran.clear()
    with pytest.raises(KeyboardInterrupt):
        each(page.parent, state.cards, render)
    assert page.parent.childList == [page.heading]
    ran.clear()
    for card in state.cards:
        card.name = "y"
    assert ran == []


def test_page_that_refuses_the_rows_leaves_nothing_behind(page: Page) -> None:
    def refuse(*nodes: Node) -> None:
        raise OSError("HierarchyRequestError")

    state = opened("a")
    page.parent.__dict__["append"] = refuse
    with pytest.raises(OSError, match="Hierarchy"):
        each(page.parent, state.cards, page.render)
    assert followers(state, state.cards, *state.cards) == []


def test_clean_up_that_raises_keeps_no_row_in_the_page(page: Page) -> None:
    state = opened("a", "b", "c")

    def render(card: Any) -> Node:
        name = card.name
        Effect(lambda: lambda: {}[name])
        return page.render(card)

    stop = each(page.parent, state.cards, render)
    with pytest.raises(KeyError, match="a"):
        state.cards.pop(0)
    assert page.names == ["b", "c"]
    with pytest.raises(KeyError, match="b") as caught:
        stop()
    assert any("KeyError('c')" in note for note in caught.value.__notes__)
    assert page.parent.childList == [page.heading]


NO_ELEMENTS: "dict[str, tuple[Callable[[Document], Any], str]]" = {
    "nothing": (lambda document: None, "returned nothing"),
    "text": (lambda document: "<li>", "returned a str"),
    "fragment": (lambda document: Node("", document, nodeType=11), "firstElementChild"),
    "comment": (lambda document: document.createComment(""), "returned a Node"),
}


@rows(("make", "message"), NO_ELEMENTS)
def test_render_has_to_return_an_element(make: Any, message: str) -> None:
    page = Page()
    state = opened()
    stop = each(page.parent, state.cards, lambda item: make(page.document))
    with pytest.raises(TypeError, match=message):
        state.cards.append(1)
    stop()


def test_render_has_to_be_there_at_once(page: Page) -> None:
    state = opened()

    async def render(card: Any) -> Node:
        return page.render(card)

    each(page.parent, state.cards, render)
    with pytest.raises(TypeError, match="async"):
        state.cards.append({"name": "a"})


def test_wrapped_elements_are_taken(page: Page) -> None:
    class Wrapped:
        def __init__(self, element: Node) -> None:
            self._dom_element = element

    state = opened("a")
    each(Wrapped(page.parent), state.cards, lambda card: Wrapped(page.render(card)))
    assert page.names == ["a"]


def test_plain_items_without_a_key_are_refused(page: Page) -> None:
    state = opened("a")
    with pytest.raises(TypeError, match=r'item 0 .*plain dict.*key="id"'):
        each(page.parent, lambda: [snapshot(card) for card in state.cards], page.render)
    assert page.parent.childList == [page.heading]
    with pytest.raises(TypeError, match="plain tuple"):
        each(page.parent, lambda: list(enumerate(state.cards)), page.render)
    shallow = session("shallow", {"cards": named("a")}, recursive=False)
    with pytest.raises(TypeError, match="plain dict"):
        each(page.parent, lambda: shallow.cards, page.render)


def test_two_items_of_one_key_are_named(page: Page) -> None:
    state = opened("a", "b")
    each(page.parent, state.cards, page.render, key="name")
    with pytest.raises(ValueError, match=r"items 1 and 2 .* key 'b': \{'name': 'b'\} and"):
        state.cards.append({"name": "b", "n": 2})
    assert page.names == ["a", "b"]
    state.cards[2].name = "c"
    state.cards.append({"name": "d"})
    assert page.names == ["a", "b", "c", "d"]


BAD_KEYS: "dict[str, tuple[Any, type[Exception], str]]" = {
    "absent": ("id", KeyError, "no 'id'"),
    "container": (lambda card: [1], TypeError, "not a list"),
    "neither": (3, TypeError, "a name or a function"),
}


@rows(("key", "error", "message"), BAD_KEYS)
def test_key_that_is_none(key: Any, error: "type[Exception]", message: str) -> None:
    page = Page()
    with pytest.raises(error, match=message):
        each(page.parent, session("s", {"cards": named("a")}).cards, page.render, key=key)


BAD_ITEMS: "list[Any]" = [
    [1, 2],
    "text",
    None,
    {"a": 1},
    lambda: "text",
    lambda: 3,
]


@rows("items", BAD_ITEMS)
def test_items_that_nobody_can_follow(items: Any) -> None:
    page = Page()
    with pytest.raises(TypeError, match=r"each\(\)"):
        each(page.parent, items, page.render)


def test_set_and_model_are_no_list(page: Page) -> None:
    state = session("s", {"tags": {"a"}})
    with pytest.raises(TypeError, match=r"not SetView; .*lambda"):
        each(page.parent, state.tags, page.render)
    with pytest.raises(TypeError, match=r"each\(\)"):
        each(page.parent, session("t", Card()), page.render)


@rows("parent", [None, "#cards", 1])
def test_parent_that_is_no_element(parent: Any) -> None:
    with pytest.raises(TypeError, match=r"each\(\)"):
        each(parent, session("s", {"cards": []}).cards, print)


def test_render_that_is_no_function(page: Page) -> None:
    with pytest.raises(TypeError, match=r"each\(\) takes a function"):
        each(page.parent, session("s", {"cards": []}).cards, "li")  # type: ignore[arg-type]


def test_parent_that_is_gone(page: Page) -> None:
    state = opened("a")
    outer = Node("main", page.document, page.parent)
    stop = each(page.parent, state.cards, page.render)
    page.parent.remove()
    state.cards.append({"name": "b"})
    assert page.names == ["a", "b"]
    stop()
    assert outer.childList == []


def test_end_inside_of_a_render(page: Page) -> None:
    state = opened("a")
    ends: list[Callable[[], None]] = []
    ran: list[str] = []

    def render(card: Any) -> Node:
        Effect(lambda: ran.append(card.name))
        if card.name == "c":
            ends[0]()
        return page.render(card)

    ends.append(each(page.parent, state.cards, render))
    state.cards.extend(named("b", "c", "d"))
    assert page.parent.childList == [page.heading]
    assert ran == ["a", "b", "c"]
    for card in state.cards:
        card.name = "z"
    assert len(ran) == 3


def test_end_inside_of_a_render_that_is_tried_again(page: Page) -> None:
    state = opened("a")
    ends: list[Callable[[], None]] = []

    def render(card: Any) -> Node:
        element = page.render(card)
        if card.name == "z":
            ends[0]()
        return element

    ends.append(each(page.parent, state.cards, render))
    with pytest.raises(KeyError):
        state.cards.append({"nam": "x"})
    state.cards[1].name = "z"
    assert page.parent.childList == [page.heading]


def test_render_that_changes_the_list(page: Page) -> None:
    state = opened("a")

    def render(card: Any) -> Node:
        if len(state.cards) < 5:
            state.cards.append({"name": f"{card.name}{len(state.cards)}"})
        if card.name == "a":
            del state.cards[0]
        return page.render(card)

    each(page.parent, state.cards, render)
    assert page.names == [card.name for card in state.cards]
    assert len(page.names) == 5
