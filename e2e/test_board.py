"""A board as an author would write it, used as its users would: in two tabs, with the mouse and the keys."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.harness import PATIENCE_MS, READY
from e2e.minutes import booting


class Board:
    """One tab with the board."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(error.message))
        page.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type == "error" else None,
        )
        self._seen = 0.0
        with booting():
            page.goto("/e2e/board.html")
            self.wait_ready()

    def wait_ready(self) -> None:
        self._seen = self.page.wait_for_function(
            READY, arg=self._seen, timeout=PATIENCE_MS
        ).json_value()

    def reload(self) -> None:
        with booting():
            self.page.reload()
            self.wait_ready()

    def column(self, number: int) -> Any:
        return self.page.locator(".column").nth(number)

    def title(self, column: int, card: int) -> Any:
        return self.column(column).locator(".title").nth(card)

    def add(self, column: int, title: str) -> None:
        field = self.column(column).get_by_placeholder("Another card")
        field.fill(title)
        field.press("Enter")

    def drag(self, source: "tuple[int, int]", target: "tuple[int, int] | int") -> None:
        """The card to where that one is, or to the end of that column."""
        card = self.column(source[0]).locator(".card").nth(source[1])
        if isinstance(target, int):
            place = self.column(target).locator(".add")
        else:
            place = self.column(target[0]).locator(".card").nth(target[1])
        card.drag_to(place, source_position={"x": 5, "y": 5}, target_position={"x": 5, "y": 5})

    def expect(self, *columns: "list[str]") -> None:
        for number, titles in enumerate(columns):
            fields = self.column(number).locator(".title")
            expect(fields).to_have_count(len(titles))
            for place, title in enumerate(titles):
                expect(fields.nth(place)).to_have_value(title)


@pytest.fixture
def boards(context: BrowserContext) -> Iterator["list[Board]"]:
    """Two tabs, in which nothing goes wrong."""
    boards = [Board(context.new_page()) for _ in range(2)]
    yield boards
    assert [board.errors for board in boards] == [[], []]


def test_board_is_used_in_two_tabs(boards: "list[Board]") -> None:
    one, two = boards

    # Cards come in one tab and are there in the other, which writes on.
    for title in ("Write", "Print", "Post"):
        one.add(0, title)
    two.expect(["Write", "Print", "Post"], [], [])
    expect(two.column(0).locator(".count")).to_have_text("3")

    # A title is edited in place while the other tab drags its card, and others, around.
    field = one.title(0, 1)
    field.click()
    field.press("End")
    one.page.keyboard.type(" it", delay=20)
    two.drag((0, 2), (0, 0))
    two.expect(["Post", "Write", "Print it"], [], [])
    one.expect(["Post", "Write", "Print it"], [], [])
    one.page.keyboard.type(" all", delay=20)
    two.expect(["Post", "Write", "Print it all"], [], [])
    expect(one.title(0, 2)).to_be_focused()

    # A due date of the past is late, in both.
    one.column(0).locator(".due").nth(0).fill("2001-02-03")
    expect(two.column(0).locator(".card.late")).to_have_count(1)
    expect(two.column(0).locator(".due").nth(0)).to_have_value("2001-02-03")

    # To another column: to its end, and before a card.
    two.drag((0, 0), 1)
    two.drag((0, 1), (1, 0))
    for board in boards:
        board.expect(["Write"], ["Print it all", "Post"], [])

    # The filter is this tab's own.
    one.page.get_by_label("Filter").fill("PRI")
    one.expect([], ["Print it all"], [])
    two.expect(["Write"], ["Print it all", "Post"], [])
    two.title(0, 0).fill("Print too")
    one.expect(["Print too"], ["Print it all"], [])
    one.page.get_by_label("Filter").fill("")

    # What this tab did is undone here, whatever the other one did since.
    undo, redo = two.page.get_by_text("Undo"), two.page.get_by_text("Redo")
    undo.click()
    two.expect(["Write"], ["Print it all", "Post"], [])
    undo.click()
    two.expect(["Write", "Print it all"], ["Post"], [])
    undo.click()
    one.expect(["Post", "Write", "Print it all"], [], [])
    redo.click()
    one.expect(["Write", "Print it all"], ["Post"], [])
    expect(one.column(1).locator(".card.late")).to_have_count(1)

    # Removed, and all there after a reload.
    one.column(0).locator(".remove").nth(0).click()
    two.expect(["Print it all"], ["Post"], [])
    one.column(2).locator(".name").fill("Over")
    one.reload()
    one.expect(["Print it all"], ["Post"], [])
    for board in boards:
        expect(board.column(2).locator(".name")).to_have_value("Over")


def test_of_two_cards_with_one_title_the_one_that_is_meant_goes(boards: "list[Board]") -> None:
    one = boards[0]
    for title in ("Call", "Write", "Call"):
        one.add(0, title)
    one.column(0).locator(".remove").nth(2).click()
    for board in boards:
        board.expect(["Call", "Write"], [], [])


def test_every_key_of_a_title_arrives_while_another_tab_changes_the_board(
    boards: "list[Board]",
) -> None:
    one, two = boards
    one.add(0, "T")
    two.expect(["T"], [], [])
    one.title(0, 0).click()
    one.page.keyboard.press("End")
    typed = "".join(chr(97 + number % 26) for number in range(200))
    for number in range(0, 200, 10):
        one.page.keyboard.type(typed[number : number + 10])
        if number % 40 == 0:
            two.add(0, f"Card {number}")
            two.drag((0, 1), (0, 0))
        elif number % 40 == 20:
            two.add(1, f"Card {number}")
    expect(one.page.locator(".title:focus")).to_have_value(f"T{typed}")
    two.page.wait_for_function(
        "typed => [...document.querySelectorAll('.title')].some((e) => e.value === typed)",
        arg=f"T{typed}",
        timeout=PATIENCE_MS,
    )
