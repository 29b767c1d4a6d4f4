"""`bind()` with the browser's own controls, in the page and from a worker."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Error, Page, expect

from e2e.conftest import OpenBrowser, OpenPage
from e2e.harness import Interpreter, Kind, PythonError, boot
from tests.patience import PATIENCE

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "binding.md"
KEY = "anchor-session://form@1.0.0"
CONTROLS = """
<input id="name"> <textarea id="lines"></textarea> <input id="count" type="number" step="any">
<input id="level" type="range" min="0" max="10">
<input id="done" type="checkbox"> <input id="red" type="checkbox" value="red">
<input id="blue" type="checkbox" value="blue">
<input id="post" type="radio" name="by" value="post"> <input id="van" type="radio" name="by" value="van">
<select id="size"><option>S</option><option>M</option><option>L</option></select>
<select id="extras" multiple><option>bag</option><option>card</option><option>box</option></select>
<input id="day" type="date"> <input id="at" type="time"> <input id="moment" type="datetime-local">
<div id="note" contenteditable="plaintext-only" style="white-space: pre-wrap; min-height: 1em"></div>
<p id="text"></p> <p id="shown"></p> <button id="button">Go</button>
"""
OPEN = """
from datetime import date, datetime, time
from anchor_session import bind, session
form = session("form", {
    "name": "", "lines": "", "count": None, "level": 5, "done": False, "colours": {"red"},
    "by": "post", "size": "M", "extras": [], "day": None, "at": None, "moment": None, "note": "",
    "label": "a label", "flag": False,
})
"""
BIND = """
find = window.document.getElementById
CONTROLS = [
    "name", "lines", "count", "level", "done", "size", "extras", "day", "at", "moment", "note"
]
ends = [bind(find(name), form, name) for name in CONTROLS]
ends += [bind(find(name), form, "colours") for name in ("red", "blue")]
ends += [bind(find(name), form, "by") for name in ("post", "van")]
ends += [
    bind(find("text"), form, "name"),
    bind(find("shown"), form, "flag", prop="hidden"),
    bind(find("shown"), form, "flag", prop="class:done"),
    bind(find("shown"), form, "label", prop="aria-label"),
    bind(find("shown"), form, "label", prop="title"),
    bind(find("button"), form, "flag", prop="disabled"),
]
"""
# Every listener of an element, counted while it is there.
COUNT = """
window.listening = 0;
const known = new Map();
const keyOf = (target, type, listener) => {
  if (!known.has(target)) known.set(target, new Map());
  const types = known.get(target);
  if (!types.has(type)) types.set(type, new Set());
  return types.get(type);
};
for (const name of ["addEventListener", "removeEventListener"]) {
  const original = EventTarget.prototype[name];
  EventTarget.prototype[name] = function (type, listener, ...rest) {
    if (this instanceof Element && listener) {
      const listeners = keyOf(this, type);
      if (name === "addEventListener" && !listeners.has(listener)) {
        listeners.add(listener);
        window.listening += 1;
      }
      if (name === "removeEventListener" && listeners.delete(listener)) window.listening -= 1;
    }
    return original.call(this, type, listener, ...rest);
  };
}
"""
ADD_CONTROLS = f"""
window.addControls = () => {{
  document.querySelector("main")?.remove();
  document.body.insertAdjacentHTML("beforeend", `<main>${{{json.dumps(CONTROLS)}}}</main>`);
}};
addEventListener("DOMContentLoaded", addControls);
"""
PRELUDE = """
from anchor_session.page.open_states import leave_all
ends = []

def as_new():
    while ends:
        ends.pop()()
    leave_all()
    window.sessionStorage.clear()
"""
NOTE_PROXIES = """
import pyodide.ffi
proxies = []
create_proxy = pyodide.ffi.create_proxy
def noting_proxy(*args, **options):
    proxies.append(create_proxy(*args, **options))
    return proxies[-1]
pyodide.ffi.create_proxy = noting_proxy
def alive():
    count = 0
    for proxy in proxies:
        try:
            proxy.toString()
            count += 1
        except Exception as error:
            assert "destroyed" in str(error), error
    return count
def note_no_more():
    pyodide.ffi.create_proxy = create_proxy
"""


@pytest.fixture(scope="module", params=["pyscript", "worker"])
def used(request: pytest.FixtureRequest, open_browser: OpenBrowser) -> Interpreter:
    """A page for a whole file."""
    context = open_browser()
    context.add_init_script(COUNT)
    context.add_init_script(ADD_CONTROLS)
    return boot(context.new_page(), request.param, prelude=PRELUDE)


@pytest.fixture
def unbound(used: Interpreter) -> Iterator[Interpreter]:
    """A page with the controls; no state is open and nothing is stored."""
    used.page.evaluate("addControls()")
    yield used
    used("as_new()")


@pytest.fixture
def run(unbound: Interpreter) -> Iterator[Interpreter]:
    """The same with every control bound; nothing may go wrong on it unheard."""
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(error.message)

    unbound.page.on("pageerror", note)
    unbound(OPEN + BIND)
    yield unbound
    settle(unbound)
    unbound.page.remove_listener("pageerror", note)
    assert errors == []


def settle(run: Interpreter) -> None:
    """Until Python has dealt with what has happened so far, and the page with what that led to."""
    run("import asyncio; await asyncio.sleep(0)")
    run.page.evaluate("() => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))")


def wait(run: Interpreter, expression: str, value: Any) -> None:
    """Wait until the state has it: a worker hears of events a moment later."""
    end = monotonic() + PATIENCE
    while (found := run(expression)) != value:
        assert monotonic() < end, f"{expression} is {found!r}, not {value!r}"
        run.page.wait_for_timeout(20)


def stored(page: Page) -> Any:
    return json.loads(page.evaluate("key => sessionStorage.getItem(key)", KEY))


def value(page: Page, name: str, prop: str = "value") -> Any:
    return page.evaluate("([name, prop]) => document.getElementById(name)[prop]", [name, prop])


def test_typing_in_the_middle_keeps_the_caret(run: Interpreter) -> None:
    page = run.page
    run("form.name = 'abef'")
    page.focus("#name")
    page.evaluate("document.getElementById('name').setSelectionRange(2, 2)")
    for letter in "cd":
        page.keyboard.type(letter)
        wait(run, f"{letter!r} in form.name", True)
    assert value(page, "name", "selectionStart") == 4
    assert value(page, "name") == "abcdef"
    assert stored(page)["name"] == "abcdef"
    expect(page.locator("#text")).to_have_text("abcdef")


def test_fast_typing_loses_nothing(run: Interpreter) -> None:
    text = "the quick brown fox jumps over the lazy dog " * 3
    run.page.click("#lines")
    run.page.keyboard.type(text)
    wait(run, "form.lines", text)
    assert value(run.page, "lines") == text


def test_number_may_be_half_typed(run: Interpreter) -> None:
    page = run.page
    page.click("#count")
    steps: list[tuple[str, Any]] = [("1", 1), (".", 1), ("5", 1.5), ("e", 1.5), ("3", 1500)]
    for letter, expected in steps:
        page.keyboard.type(letter)
        wait(run, "form['count']", expected)
    assert value(page, "count") == "1.5e3"
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_value("1500")

    page.fill("#count", "")
    wait(run, "form['count']", None)
    run("form['count'] = 7")
    page.focus("#count")
    page.keyboard.press("Control+a")
    page.keyboard.type("-")
    settle(run)
    assert run("form['count']") == 7
    assert page.evaluate("document.getElementById('count').validity.badInput") is True
    page.keyboard.type("2")
    wait(run, "form['count']", -2)


def test_unfinished_number_is_put_back_at_the_end(run: Interpreter) -> None:
    page = run.page
    for before, shown in ((7, "7"), (None, "")):
        run(f"form['count'] = {before}")
        page.focus("#count")
        page.keyboard.press("Control+a")
        page.keyboard.type("-")
        page.focus("#name")
        page.wait_for_function(
            "text => { const n = document.getElementById('count');"
            " return n.value === text && !n.validity.badInput }",
            arg=shown,
        )
        assert run("form['count']") == before


def test_choices(run: Interpreter) -> None:
    page = run.page
    assert [value(page, name, "checked") for name in ("done", "red", "blue")] == [
        False,
        True,
        False,
    ]
    page.check("#done")
    wait(run, "form.done", True)
    page.check("#blue")
    page.uncheck("#red")
    wait(run, "sorted(form.colours)", ["blue"])
    page.check("#van")
    wait(run, "form.by", "van")
    run("form.by = 'post'")
    assert value(page, "post", "checked") is True
    assert value(page, "size") == "M"
    page.select_option("#size", "L")
    wait(run, "form.size", "L")
    page.select_option("#extras", ["bag", "box"])
    wait(run, "list(form.extras)", ["bag", "box"])
    run("form.extras = ['card']")
    assert page.locator("#extras option:checked").all_text_contents() == ["card"]
    page.fill("#level", "8")
    wait(run, "form.level", 8)


def test_dates(run: Interpreter) -> None:
    page = run.page
    page.fill("#day", "2030-03-04")
    wait(run, "form.day == date(2030, 3, 4)", True)
    page.fill("#at", "10:45")
    wait(run, "form.at == time(10, 45)", True)
    page.fill("#moment", "2030-03-04T10:45")
    wait(run, "form.moment == datetime(2030, 3, 4, 10, 45)", True)
    run("form.at = time(9, 5, 1)")
    assert value(page, "at") == "09:05:01"


def test_date_may_be_half_typed(run: Interpreter) -> None:
    page = run.page
    run("form.day = date(2030, 3, 4)")
    page.focus("#day")
    page.keyboard.press("Backspace")
    settle(run)
    assert run("form.day == date(2030, 3, 4)")
    assert page.evaluate("document.getElementById('day').validity.badInput") is True
    page.keyboard.type("05")
    wait(run, "form.day == date(2030, 5, 4)", True)


def test_editable_element(run: Interpreter) -> None:
    page = run.page
    page.click("#note")
    page.keyboard.type("one  two ")
    page.keyboard.press("Enter")
    page.keyboard.type("three")
    wait(run, "form.note", "one  two \nthree")
    run("form.note = 'a\\nb'")
    assert value(page, "note", "innerText") == "a\nb"
    page.click("#note")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    wait(run, "form.note", "")


def test_one_way(run: Interpreter) -> None:
    page = run.page
    shown = page.locator("#shown")
    expect(shown).to_have_attribute("aria-label", "a label")
    expect(shown).to_have_attribute("title", "a label")
    run("form.flag = True; form.label = None; form.name = 'n'")
    assert value(page, "shown", "hidden") is True
    expect(shown).to_have_class("done")
    assert page.evaluate("document.getElementById('shown').hasAttribute('aria-label')") is False
    expect(shown).to_have_attribute("title", "")
    expect(page.locator("#button")).to_be_disabled()
    expect(page.locator("#text")).to_have_text("n")
    run("form.flag = False")
    assert value(page, "shown", "hidden") is False
    expect(shown).to_have_class("")
    expect(page.locator("#button")).to_be_enabled()


def test_reload_keeps_and_shows_everything(run: Interpreter) -> None:
    page = run.page
    for name, text in {
        "name": "Áine 🐦",
        "lines": "a\nb",
        "count": "1.5",
        "level": "8",
        "day": "2030-03-04",
        "at": "10:45",
        "moment": "2030-03-04T10:45",
        "note": "note",
    }.items():
        page.fill(f"#{name}", text)
    page.check("#done")
    page.check("#blue")
    page.check("#van")
    page.select_option("#size", "L")
    page.select_option("#extras", ["bag", "box"])
    wait(run, "list(form.extras)", ["bag", "box"])
    script = """() => [...document.querySelectorAll("input, textarea, select, [contenteditable], p")].map(
      (e) => [e.id, e.value, e.checked, e.innerText, [...(e.selectedOptions ?? [])].map((o) => o.value)])"""
    before = page.evaluate(script)
    run.reload()
    assert page.evaluate(script) != before
    run(OPEN + BIND)
    assert page.evaluate(script) == before


def test_composing_is_one_change(run: Interpreter) -> None:
    page = run.page
    run("from anchor_session import subscribe; heard = []")
    run("stop = subscribe(form, lambda change: heard.append(change.value))")
    page.focus("#name")
    session = page.context.new_cdp_session(page)
    for text in ("に", "にほ", "日本"):
        session.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )
    settle(run)
    assert run("heard") == []
    session.send("Input.insertText", {"text": "日本"})
    wait(run, "heard", ["日本"])
    run("stop()")
    session.detach()


def test_elements_of_pyscript_web(run: Interpreter) -> None:
    run("from pyscript import web; end = bind(web.page['#text'], form, 'label')")
    expect(run.page.locator("#text")).to_have_text("a label")
    run("end()")


def test_unbind_leaves_no_listener_and_no_proxy(unbound: Interpreter) -> None:
    run, page = unbound, unbound.page
    before = page.evaluate("listening")
    run(OPEN)
    run(NOTE_PROXIES)
    run(BIND)
    assert page.evaluate("listening") - before == run("len(proxies)") >= 20
    assert run("alive()") == run("len(proxies)")
    run("for end in ends: end()")
    run("note_no_more()")
    assert page.evaluate("listening") == before
    wait(run, "alive()", 0)
    run("form.name = 'b'; form.flag = True")
    assert value(page, "name") == ""
    assert value(page, "shown", "hidden") is False
    page.fill("#name", "typed")
    settle(run)
    assert run("form.name") == "b"


def test_unbind_in_the_midst_of_typing(run: Interpreter) -> None:
    """Events on their way to a worker find nothing, and complain to nobody."""
    run.page.focus("#name")
    run.page.evaluate(
        """() => { const e = document.getElementById("name");
        for (let n = 0; n < 50; n++) { e.value += n; e.dispatchEvent(new Event("input")); } }"""
    )
    run("for end in ends: end()")


def test_refused_value_is_put_back_and_reported(unbound: Interpreter) -> None:
    run = unbound
    run(OPEN + BIND)
    run("window.sessionStorage.setItem('fill', 'x' * 5_242_000); form.name = 'old'")
    messages: list[str] = []

    def note_message(message: ConsoleMessage) -> None:
        messages.append(message.text)

    def note_error(error: Error) -> None:
        messages.append(error.message)

    run.page.on("console", note_message)
    run.page.on("pageerror", note_error)
    run.page.fill("#name", "new " * 300)
    expect(run.page.locator("#name")).to_have_value("old")
    assert run("form.name") == "old"
    settle(run)
    run.page.remove_listener("console", note_message)
    run.page.remove_listener("pageerror", note_error)
    assert any("QuotaExceededError" in message for message in messages), messages


def test_missing_element(run: Interpreter) -> None:
    with pytest.raises(PythonError, match=r"TypeError: bind\(\) got no element"):
        run("bind(window.document.querySelector('#none'), form, 'name')")
    with pytest.raises(PythonError, match=r"KeyError.*'nam'"):
        run("bind(find('name'), form, 'nam')")


@pytest.mark.parametrize("kind", ["pyscript", "worker"])
def test_examples_of_the_document_run(open_page: OpenPage, kind: Kind) -> None:
    blocks = dict[str, str]()
    for language, block in re.findall(
        r"^```(html|py)\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL
    ):
        blocks[language] = blocks.get(language, "") + block
    run = open_page(kind)
    page = run.page
    page.evaluate("html => { document.body.innerHTML = html; }", blocks["html"])
    run(blocks["py"] + "\nNone")
    page.fill("#name", "Ada")
    page.check("#gift")
    expect(page.locator("#who")).to_have_text("Ada")
    expect(page.locator("#who")).to_have_class("wrapped")
    expect(page.locator("#count")).to_have_text("0 lines")
