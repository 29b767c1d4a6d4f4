"""`each()` with the browser's own elements, in the page and from a worker: what the user does goes on."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from e2e.conftest import OpenBrowser, OpenPage
from e2e.harness import Interpreter, Kind, boot
from e2e.test_bind import COUNT, NOTE_PROXIES, settle, wait

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "lists.md"
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

def filtered():
    global hidden, items, stop
    as_new()
    opened("ghijk", "abcde", "defgh", "ijklm", "bcdef")
    stop()
    hidden = Signal("")
    items = lambda: [card for card in board.cards if card.title != hidden()]
    stop = each(cards, items, row)
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


def held(page: Page) -> Any:
    """What the user has before them: which field has the focus, what is selected, where it is."""
    return page.evaluate(
        """() => {
          const e = document.activeElement;
          const selection = getSelection();
          return [e.className, e.value, e.selectionStart, e.selectionEnd, e.selectionDirection, e.scrollTop,
            selection.anchorOffset, selection.focusOffset, e.contains(selection.anchorNode)];
        }"""
    )


SELECT = """(index) => {
  const field = document.querySelectorAll("#cards input")[index];
  field.className = "mine";
  field.focus();
  field.setSelectionRange(1, 3, "backward");
}"""
CHANGES = {
    "insertion": "board.cards.insert(0, card('x'))",
    "removals": "board.cards.pop(0); board.cards.pop()",
    "sort": "board.cards.sort(key=lambda card: card.title, reverse=True)",
    "to the front": "board.cards.sort(key=lambda card: card.title != 'defgh')",
    "to the end": "board.cards.sort(key=lambda card: card.title == 'defgh')",
    "filter": "hidden.set('abcde')",
}


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


def test_focus_and_selection_stay_whatever_happens_around(run: Interpreter) -> None:
    page = run.page
    for change, source in CHANGES.items():
        for index in range(5):
            run("filtered()")
            page.evaluate(SELECT, index)
            before = held(page)
            expected = run(f"{source}; [card.title for card in items()]")
            assert titles(page) == expected, change
            if before[1] in expected:
                assert held(page) == before, (change, index)
            run("stop()")


def test_composition_goes_on_whatever_happens_around(run: Interpreter, other: Interpreter) -> None:
    page = run.page
    session = page.context.new_cdp_session(page)
    other_changes = {"foreign append": "shared('board').cards.append(card('x'))"}
    for change, source in {**CHANGES, **other_changes}.items():
        run("filtered()")
        page.evaluate(
            """() => {
              const field = document.querySelectorAll("#cards input")[2];
              field.focus();
              field.setSelectionRange(5, 5);
              window.ended = 0;
              field.addEventListener("compositionend", () => { window.ended += 1; });
            }"""
        )
        for text in ("に", "にほ"):
            span = {"selectionStart": len(text), "selectionEnd": len(text)}
            session.send("Input.imeSetComposition", {"text": text, **span})
        if source in CHANGES.values():
            run(source)
        else:
            other("leave_all(); " + source)
            wait(run, "len(board.cards)", 6)
        settle(run)
        assert page.evaluate("[window.ended, document.activeElement.value]") == [0, "defghにほ"], (
            change
        )
        session.send("Input.insertText", {"text": "日本"})
        wait(
            run,
            "[card.title for card in board.cards if card.title.startswith('def')]",
            ["defgh日本"],
        )
        run("stop()")
    session.detach()


@pytest.fixture
def old_page(run: Interpreter) -> Iterator[Interpreter]:
    """A page of a browser that cannot move elements."""
    run.page.evaluate(
        """() => {
          window.moveBefore = Element.prototype.moveBefore;
          delete Element.prototype.moveBefore;
        }"""
    )
    yield run
    run.page.evaluate("() => { Element.prototype.moveBefore = window.moveBefore; }")


def test_focus_and_selection_are_put_back_where_elements_cannot_be_moved(
    old_page: Interpreter,
) -> None:
    test_focus_and_selection_stay_whatever_happens_around(old_page)


def test_editable_element_that_moves_keeps_what_is_selected(run: Interpreter) -> None:
    page = run.page
    run("""
    board = shared("board", {"cards": [card("abcdef"), card("b"), card("c")]})
    cards = document.getElementById("cards")
    def own_row(card):
        element = make("li", contentEditable="plaintext-only", className=card.title)
        bind(element, card, "title")
        return element
    stop = each(cards, board.cards, own_row)
    """)
    page.evaluate(
        """() => {
          const e = document.querySelector("#cards li");
          e.focus();
          getSelection().setBaseAndExtent(e.firstChild, 4, e.firstChild, 2);
        }"""
    )
    before = held(page)
    assert before[0] == "abcdef"
    assert before[-3:] == [4, 2, True]
    run("board.cards.sort(key=lambda card: card.title == 'abcdef')")
    assert page.locator("#cards li").all_text_contents() == ["b", "c", "abcdef"]
    assert held(page) == before


def test_what_is_scrolled_in_a_row_stays_so_where_elements_cannot_be_moved(
    old_page: Interpreter,
) -> None:
    run, page = old_page, old_page.page
    run("""
    board = shared("board", {"cards": [card(name) for name in "abc"]})
    cards = document.getElementById("cards")
    def own_row(card):
        element = make("li")
        element.append(make("textarea", "line\\n" * 50, className=card.title))
        return element
    stop = each(cards, board.cards, own_row)
    """)
    page.evaluate("for (const e of document.querySelectorAll('textarea')) e.scrollTop = 100")
    run("board.cards.reverse()")
    script = (
        "() => [...document.querySelectorAll('textarea')].map((e) => [e.className, e.scrollTop])"
    )
    assert page.evaluate(script) == [["c", 100], ["b", 100], ["a", 100]]


def test_every_control_of_a_row_stays_as_it_is(run: Interpreter) -> None:
    page = run.page
    run("""
    from datetime import date
    names = ["a", "b", "c", "d"]
    board = shared("board", {
        "cards": [
            {"title": name, "size": "M", "done": False, "day": date(2030, 3, 4), "note": "line\\n" * 50}
            for name in names
        ]
    })
    cards = document.getElementById("cards")
    def own_row(card):
        element = make("li")
        size = make("select")
        size.append(*[make("option", text) for text in "SML"])
        controls = {
            "size": size,
            "done": make("input", type="checkbox"),
            "day": make("input", type="date"),
            "note": make("textarea"),
        }
        for name, control in controls.items():
            control.id = f"{name}-{card.title}"
            element.append(control)
            bind(control, card, name)
        return element
    stop = each(cards, board.cards, own_row)
    """)
    page.select_option("#size-b", "L")
    page.check("#done-c")
    page.evaluate("document.getElementById('note-d').scrollTop = 100")
    page.focus("#day-a")
    page.keyboard.press("Backspace")  # half typed
    for change in (
        "board.cards.reverse()",
        "board.cards.insert(1, dict(snapshot(board.cards[0]), title='x'))",
        "board.cards.sort(key=lambda card: card.title == 'a')",
    ):
        run(change)
        assert page.evaluate("document.activeElement.id") == "day-a"
        assert page.evaluate("document.activeElement.validity.badInput") is True
        assert page.evaluate("document.getElementById('note-d').scrollTop") == 100
    wait(run, "[(c.title, c.size) for c in board.cards if c.size == 'L']", [["b", "L"]])
    wait(run, "[c.title for c in board.cards if c.done]", ["c"])
    page.keyboard.type("05")
    wait(run, "[c.day == date(2030, 5, 4) for c in board.cards if c.title == 'a']", [True])


def test_list_stays_scrolled_where_it_is(run: Interpreter) -> None:
    page = run.page
    run("as_new('<ul id=cards style=\"height: 200px; overflow: auto; margin: 0\"></ul>')")
    run("opened(*[f'{n:03}' for n in range(100)])")
    script = """(title) => {
      const field = [...document.querySelectorAll("#cards input")].find((e) => e.value === title);
      return Math.round(field.getBoundingClientRect().top);
    }"""
    page.evaluate("document.getElementById('cards').scrollTop = 1000")
    page.evaluate("() => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))")
    middle = page.evaluate(
        """() => {
          const { top } = document.getElementById("cards").getBoundingClientRect();
          return [...document.querySelectorAll("#cards input")].find(
            (e) => e.getBoundingClientRect().top > top + 50
          ).value;
        }"""
    )
    before = page.evaluate(script, middle)
    for change in (
        "board.cards.append(card('last'))",
        "board.cards.insert(0, card('first'))",
        "del board.cards[3:6]",
        "board.cards.insert(0, card('again'))",
    ):
        run(change)
        page.evaluate("() => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))")
        assert page.evaluate(script, middle) == before, change


def test_many_rows_move_at_once(run: Interpreter) -> None:
    page = run.page
    run("opened(*[f'{n:05}' for n in range(40)])")
    for index in (0, 20, 39):
        page.evaluate(SELECT, index)
        before = held(page)
        run("board.cards.reverse()")
        assert titles(page) == run("[card.title for card in board.cards]")
        assert held(page) == before
        run("board.cards.sort(key=lambda card: card.title[::-1])")
        assert titles(page) == run("[card.title for card in board.cards]")
        assert held(page) == before


STORM = """
import asyncio
board = shared("board")
other = 0
async def storm():
    global other
    cards = board.cards
    while not window.localStorage.getItem("enough"):
        other += 1
        if other % 3 == 0:
            cards.sort(key=lambda card: hash((card.title, other)))
        elif len(cards) < 6:
            cards.insert(other % 4, card(f"other {other}"))
        else:
            del cards[next(n for n, each in enumerate(cards) if each.title.startswith("other"))]
        await asyncio.sleep(0.03)
task = asyncio.ensure_future(storm())
None
"""
TEXT = "the quick brown fox jumps over the lazy dog; " * 5


def test_no_key_stroke_is_lost_while_another_tab_changes_the_list(
    run: Interpreter, other: Interpreter
) -> None:
    page, text = run.page, TEXT[:200]
    run("opened('one', 'mine: ', 'two')")
    run("mine = board.cards[1]")
    page.evaluate("document.querySelectorAll('#cards input')[1].focus()")
    page.keyboard.press("End")
    other(STORM)
    for letter in text:
        page.keyboard.type(letter)
    wait(run, "mine.title", f"mine: {text}")
    wait(other, "other > 20", True)
    other("window.localStorage.setItem('enough', '1'); await task")
    wait(run, "[card.title for card in board.cards]", other("[card.title for card in board.cards]"))
    assert f"mine: {text}" in titles(page)
    assert page.evaluate("document.activeElement.value") == f"mine: {text}"
    assert titles(page) == run("[card.title for card in board.cards]")


def test_end_leaves_no_listener_and_no_proxy(run: Interpreter) -> None:
    page = run.page
    before = page.evaluate("listening")
    run(NOTE_PROXIES)
    run("opened('a', 'b', 'c')")
    run("""
    board.cards.append(card("d"))
    board.cards.pop(0)
    board.cards.reverse()
    board.cards = [card("e"), card("f")]
    """)
    own = run("len([proxy for proxy in proxies])")
    assert page.evaluate("listening") > before
    run("stop(); note_no_more()")
    assert own > 0
    assert page.evaluate("listening") == before
    run("leave_all()")
    wait(run, "alive()", 0)
    assert page.evaluate("document.getElementById('cards').childNodes.length") == 0


def test_rows_of_pyscript_web(run: Interpreter) -> None:
    run("""
    from pyscript import web, when
    board = shared("board", {"cards": [card("a")]})
    cards = web.page["#cards"]
    def own_row(card):
        element = web.li(web.button("x", className="remove"), card.title)
        when("click", element.find("button")[0])(lambda event: board.cards.remove(card))
        return element
    stop = each(cards, board.cards, own_row)
    board.cards.append(card("b"))
    """)
    page = run.page
    expect(page.locator("#cards li")).to_have_text(["xa", "xb"])
    page.click("#cards .remove >> nth=0")
    expect(page.locator("#cards li")).to_have_text(["xb"])
    wait(run, "snapshot(board)", {"cards": [{"title": "b"}]})


def test_lists_in_a_list(run: Interpreter) -> None:
    run("""
    board = shared("board", {"columns": [
        {"title": "To do", "cards": [card("a"), card("b")]}, {"title": "Done", "cards": []},
    ]})
    cards = document.getElementById("cards")
    def column_row(column):
        element = make("li")
        inner = make("ul")
        element.append(make("h2", column.title), inner)
        each(inner, column.cards, row)
        return element
    stop = each(cards, board.columns, column_row)
    """)
    page = run.page
    page.focus("#cards input")
    run("board.columns[1].cards.append(card('c')); board.columns.reverse()")
    page.keyboard.press("End")
    page.keyboard.type("x")
    wait(run, "board.columns[1].cards[0].title", "ax")
    assert titles(page) == ["c", "ax", "b"]
    run("board.columns.pop()")
    assert titles(page) == ["c"]


@pytest.mark.parametrize("kind", ["pyscript", "worker"])
def test_examples_of_the_document_run(open_page: OpenPage, kind: Kind) -> None:
    blocks = re.findall(r"^```(html|py)\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    html, *sources = [block for _, block in blocks]
    run = open_page(kind)
    page = run.page
    page.evaluate("html => { document.body.innerHTML = html; }", html)
    run(sources[0] + "\nNone")
    rows = page.locator("#tasks li")
    for title in ("Write", "Read"):
        page.fill("#title", title)
        page.click("#add")
        expect(page.locator("#title")).to_have_value("")
    expect(rows).to_have_count(2)
    expect(page.locator("#left")).to_have_text("2")
    page.click("#sort")
    script = "() => [...document.querySelectorAll('#tasks input:not([type])')].map((e) => e.value)"
    page.wait_for_function(f"({script})()[0] === 'Read'")
    page.fill("#tasks li:first-child input:not([type])", "Read it")
    page.check("#tasks li:last-child input[type=checkbox]")
    expect(rows.last).to_have_class("done")
    page.check("#open")
    expect(rows).to_have_count(1)
    page.uncheck("#open")
    expect(rows).to_have_count(2)
    page.click("#tasks li:last-child button")
    expect(rows).to_have_count(1)
    assert page.evaluate(script) == ["Read it"]
    for source in sources[1:]:
        run(source + "\nNone")
    expect(page.locator(".line")).to_have_text("Read it")
