"""`each()` with the browser's own elements, in the page and from a worker: what the user does goes on."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from e2e.conftest import OpenBrowser
from e2e.harness import Interpreter, boot
from e2e.test_bind import COUNT, settle, wait

PRELUDE = """
from anchor_session import *
from anchor_session.page.open_states import leave_all
document = window.document

def make(tag, text="", **properties):
    element = document.createElement(tag)
    element.textContent = text
    for name, value in properties.items():
        setattr(element, name, value)
    return element

def row(card):
    element = make("li")
    field = make("input")
    element.append(field)
    bind(field, card, "title")
    return element

def as_new(html="<ul id='cards'></ul>"):
    leave_all()
    window.localStorage.clear()
    main = document.querySelector("main")
    if not main:
        main = make("main")
        document.body.append(main)
    main.innerHTML = html

def card(title):
    return {"title": title}

def opened(*titles):
    global board, cards, stop
    board = shared("board", {"cards": [card(title) for title in titles]})
    cards = document.getElementById("cards")
    stop = each(cards, board.cards, row)
"""
TITLES = "() => [...document.querySelectorAll('#cards input')].map((e) => e.value)"


@pytest.fixture(scope="module", params=["pyscript", "worker"])
def used(request: pytest.FixtureRequest, open_browser: OpenBrowser) -> Interpreter:
    """A page for a whole file."""
    context = open_browser()
    context.add_init_script(COUNT)
    return boot(context.new_page(), request.param, prelude=PRELUDE)


@pytest.fixture
def run(used: Interpreter) -> Iterator[Interpreter]:
    """A page with an empty list; nothing may go wrong on it unheard."""
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(error.message)

    used("as_new()")
    used.page.on("pageerror", note)
    yield used
    settle(used)
    used.page.remove_listener("pageerror", note)
    used("stop()")
    assert errors == []


@pytest.fixture
def other(used: Interpreter) -> Interpreter:
    """Another tab."""
    return boot(used.page.context.new_page(), "bare", prelude=PRELUDE)


def titles(page: Page) -> Any:
    return page.evaluate(TITLES)


def test_row_keeps_the_focus_while_another_tab_appends(
    run: Interpreter, other: Interpreter
) -> None:
    page = run.page
    run("opened('Write')")
    other("board = shared('board')")
    page.click("#cards input")
    page.keyboard.press("End")
    page.keyboard.type(" n")
    other("board.cards.append(card('Read'))")
    expect(page.locator("#cards li")).to_have_count(2)
    page.keyboard.type("ow")
    wait(run, "board.cards[0].title", "Write now")
    assert titles(page) == ["Write now", "Read"]
