"""A board in every tab: columns of cards, which are written, dated, dragged, filtered, and undone."""

from datetime import date
from typing import Any

from pyscript import document, when

from anchor_session import Effect, batch, bind, each, history, session, shared

COLUMNS = ["To do", "Doing", "Done"]

board = shared("board", {"columns": [{"name": name, "cards": []} for name in COLUMNS]})
view = session("board", {"filter": ""})  # each tab has its own
past = history(board, group=1)
dragged: Any = None  # the column and the card, while one is


def find(selector: str, inside: Any = document) -> Any:
    return inside.querySelector(selector)


def copy_of(template: str) -> Any:
    return find(f"#{template}").content.firstElementChild.cloneNode(True)


def column_of(column: Any) -> Any:
    element = copy_of("column")

    def shown() -> "list[Any]":
        return [card for card in column.cards if view.filter.lower() in card.title.lower()]

    each(find(".cards", element), shown, lambda card: row_of(column, card))
    bind(find(".name", element), column, "name")
    Effect(lambda: find(".count", element).replaceChildren(str(len(column.cards))))

    @when("submit", find(".add", element))
    def add(event: Any) -> None:
        event.preventDefault()
        field = find("[name=title]", element)
        if field.value.strip():
            column.cards.append({"title": field.value.strip(), "due": None})
        field.value = ""

    @when("dragover", element)
    def allow(event: Any) -> None:
        if dragged:
            event.preventDefault()

    @when("drop", element)
    def drop(event: Any) -> None:
        event.preventDefault()
        put(column, len(column.cards))

    return element


def row_of(column: Any, card: Any) -> Any:
    element = copy_of("card")
    bind(find(".title", element), card, "title")
    bind(find(".due", element), card, "due", event="change")
    Effect(lambda: element.classList.toggle("late", is_late(card)))

    @when("click", find(".remove", element))
    def remove(event: Any) -> None:
        column.cards.remove(card)

    @when("dragstart", element)
    def drag(event: Any) -> None:
        global dragged
        dragged = column, card
        event.dataTransfer.effectAllowed = "move"

    @when("dragend", element)
    def end(event: Any) -> None:
        global dragged
        dragged = None

    @when("drop", element)
    def drop(event: Any) -> None:
        event.preventDefault()
        event.stopPropagation()  # the column would put it at the end
        put(column, column.cards.index(card))

    return element


def is_late(card: Any) -> bool:
    return bool(card.due and card.due < date.today())  # noqa: DTZ011 - it is the user's day


def put(target: Any, index: int) -> None:
    """Let the card that is dragged stand at that index of the column."""
    source, card = dragged
    if card not in source.cards:  # another tab has put it elsewhere
        return
    old = source.cards.index(card)
    if source is target:
        source.cards.move(old, min(index, len(source.cards) - 1))
    else:
        with batch():  # one step to undo
            target.cards.insert(index, source.cards.pop(old))


each(find("#columns"), board.columns, column_of)

bind(find("#filter"), view, "filter")

when("click", "#undo")(lambda event: past.undo())
when("click", "#redo")(lambda event: past.redo())
Effect(lambda: find("#undo").toggleAttribute("disabled", not past.can_undo))
Effect(lambda: find("#redo").toggleAttribute("disabled", not past.can_redo))

document.documentElement.dataset.ready = ""
