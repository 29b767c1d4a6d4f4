"""A board in every tab: columns of cards, which are written, dated, dragged, filtered, and undone."""

from contextlib import suppress
from datetime import date
from typing import Any

from pyscript import document, when

from anchor_session import DetachedError, Effect, batch, bind, each, history, session, shared

COLUMNS = [{"id": n, "name": name} for n, name in enumerate(["To do", "Doing", "Done"])]

# One list of all cards: a card that goes to another column, in two tabs at once, stays one card.
board = shared("board", {"columns": COLUMNS, "cards": []})
view = session("board", {"filter": ""})  # each tab has its own
past = history(board, group=1)
dragged: Any = None  # the card, while one is


def find(selector: str, inside: Any = document) -> Any:
    return inside.querySelector(selector)


def copy_of(template: str) -> Any:
    return find(f"#{template}").content.firstElementChild.cloneNode(True)


def column_of(column: Any) -> Any:
    element = copy_of("column")

    def cards() -> "list[Any]":
        return [card for card in board.cards if card.column == column.id]

    def shown() -> "list[Any]":
        return [card for card in cards() if view.filter.lower() in card.title.lower()]

    each(find(".cards", element), shown, row_of)
    bind(find(".name", element), column, "name")
    Effect(lambda: find(".count", element).replaceChildren(str(len(cards()))))

    @when("submit", find(".add", element))
    def add(event: Any) -> None:
        event.preventDefault()
        field = find("[name=title]", element)
        if field.value.strip():
            board.cards.append({"column": column.id, "title": field.value.strip(), "due": None})
        field.value = ""

    @when("dragover", element)
    def allow(event: Any) -> None:
        if dragged:
            event.preventDefault()

    @when("drop", element)
    def drop(event: Any) -> None:
        event.preventDefault()
        put(column.id)

    return element


def row_of(card: Any) -> Any:
    element = copy_of("card")
    bind(find(".title", element), card, "title")
    bind(find(".due", element), card, "due", event="change")
    Effect(lambda: element.classList.toggle("late", is_late(card)))

    @when("click", find(".remove", element))
    def remove(event: Any) -> None:
        board.cards.remove(card)

    @when("dragstart", element)
    def drag(event: Any) -> None:
        global dragged
        dragged = card
        event.dataTransfer.effectAllowed = "move"

    @when("dragend", element)
    def end(event: Any) -> None:
        global dragged
        dragged = None

    @when("drop", element)
    def drop(event: Any) -> None:
        event.preventDefault()
        event.stopPropagation()  # the column would put it at the end
        put(card.column, board.cards.index(card))

    return element


def is_late(card: Any) -> bool:
    return bool(card.due and card.due < date.today())  # noqa: DTZ011 - it is the user's day


def put(column: int, index: "int | None" = None) -> None:
    """Let the card that is dragged stand in that column, before the card at that index or at the end."""
    new = len(board.cards) if index is None else index
    with suppress(DetachedError), batch():  # one step to undo; another tab may have removed it
        dragged.column = column
        old = board.cards.index(dragged)
        board.cards.move(old, new - (old < new))


each(find("#columns"), board.columns, column_of)

bind(find("#filter"), view, "filter")

when("click", "#undo")(lambda event: past.undo())
when("click", "#redo")(lambda event: past.redo())
Effect(lambda: find("#undo").toggleAttribute("disabled", not past.can_undo))
Effect(lambda: find("#redo").toggleAttribute("disabled", not past.can_redo))

document.documentElement.dataset.ready = ""
