"""The demo's second page: one basket in several tabs."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.harness import crash
from e2e.visitors import (
    DANGLING,
    FAINT,
    TWICE,
    UNNAMED,
    load,
    note_complaints,
    reload,
    wait_ready,
)

OpenTab = Callable[[], Page]

SHOWN = """() => JSON.stringify([...document.querySelectorAll("#lines > li")].map((row) => [
  row.dataset.sku, row.querySelector("input").value, row.querySelector(".line-by").textContent]))"""
# A tab that says nothing is missed after eight seconds. Where time stands still, nobody is.
STAND_STILL = """() => {
  const now = Date.now();
  Date.now = () => now;
}"""


@pytest.fixture
def open_tab(context: BrowserContext) -> Iterator[OpenTab]:
    """Opens the page in a new tab. No tab may complain."""
    complaints: list[str] = []

    def open_tab() -> Page:
        page = context.new_page()
        note_complaints(page, complaints)
        return load(page, "/tabs.html")

    yield open_tab
    assert complaints == []


def add(page: Page, sku: str, quantity: int = 1) -> None:
    page.select_option("#product", sku)
    page.fill("#quantity", str(quantity))
    page.click("#add button")


def lines(page: Page) -> Any:
    """Of each row what it is of, how many, and who was the last."""
    return json.loads(page.evaluate(SHOWN))


def expect_lines(page: Page, expected: list[tuple[str, str, str]]) -> None:
    text = json.dumps(expected, separators=(",", ":"))
    page.wait_for_function(f"(text) => ({SHOWN})() === text", arg=text)


def expect_here(page: Page, names: list[str]) -> None:
    expect(page.locator("#here .tab-name")).to_have_text(names)


def test_changes_of_either_tab_appear_in_the_other(open_tab: OpenTab) -> None:
    one, two = open_tab(), open_tab()

    add(one, "ink", 2)
    expect_lines(two, [("ink", "2", "Puffin")])
    two.click("[data-sku=ink] [data-by='1']")
    expect_lines(two, [("ink", "3", "you")])
    expect_lines(one, [("ink", "3", "Kittiwake")])
    expect(one.locator("[data-sku=ink].news")).to_be_visible()
    expect(one.locator("#total")).to_have_text("€42.00")
    add(two, "seal")
    expect_lines(one, [("ink", "3", "Kittiwake"), ("seal", "1", "Kittiwake")])
    one.click("[data-sku=ink] [data-remove]")
    expect_lines(two, [("seal", "1", "you")])
    expect(two.locator("#total")).to_have_text("€21.00")

    fresh = open_tab()
    assert lines(fresh) == [["seal", "1", "Kittiwake"]]


def test_what_two_tabs_change_at_the_same_moment_is_all_kept(open_tab: OpenTab) -> None:
    one, two = open_tab(), open_tab()
    add(one, "ink")
    add(one, "seal")
    expect_lines(two, [("ink", "1", "Puffin"), ("seal", "1", "Puffin")])

    press = """(sku) => {
      for (let n = 0; n < 20; n += 1) document.querySelector(`[data-sku=${sku}] [data-by='1']`).click();
    }"""
    two.evaluate(f"(sku) => setTimeout({press}, 0, sku)", "seal")
    one.evaluate(press, "ink")

    expect_lines(one, [("ink", "21", "you"), ("seal", "21", "Kittiwake")])
    expect_lines(two, [("ink", "21", "Puffin"), ("seal", "21", "you")])


def test_each_tab_is_shown_until_it_is_left(open_tab: OpenTab) -> None:
    one, two, three = open_tab(), open_tab(), open_tab()
    for page in (one, two, three):
        expect_here(page, ["Puffin", "Kittiwake", "Gannet"])
    expect(three.locator("#here [data-mine]")).to_have_text("Gannet")
    expect(one.locator("#status-title")).to_have_text("Three tabs, one basket.")

    one.evaluate(STAND_STILL)  # nobody grows old
    two.goto("/e2e/plain.html")
    expect_here(one, ["Puffin", "Gannet"])
    three.close()
    expect_here(one, ["Puffin"])
    expect(one.locator("#status-title")).to_have_text("This basket is open in one tab.")


def test_tab_that_died_disappears(open_tab: OpenTab) -> None:
    one, two = open_tab(), open_tab()
    expect_here(one, ["Puffin", "Kittiwake"])
    crash(two)
    expect_here(one, ["Puffin"])


def test_tab_that_is_silent_disappears_and_comes_back(
    open_tab: OpenTab, context: BrowserContext
) -> None:
    one, two = open_tab(), open_tab()
    expect_here(one, ["Puffin", "Kittiwake"])
    session = context.new_cdp_session(two)
    session.send("Debugger.enable")
    session.send("Debugger.pause")
    expect_here(one, ["Puffin"])
    add(one, "ink")
    session.send("Debugger.resume")
    expect_here(one, ["Puffin", "Kittiwake"])
    expect_lines(two, [("ink", "1", "Puffin")])


def test_tab_that_is_frozen_says_so(open_tab: OpenTab) -> None:
    one, two = open_tab(), open_tab()
    expect_here(one, ["Puffin", "Kittiwake"])
    # A tab that Playwright drives is never frozen; this is what the browser says to one that is.
    one.evaluate(STAND_STILL)
    two.evaluate("document.dispatchEvent(new Event('freeze'))")
    expect_here(one, ["Puffin"])
    two.evaluate("document.dispatchEvent(new Event('resume'))")
    expect_here(one, ["Puffin", "Kittiwake"])


def test_reload_keeps_what_is_shared_and_forgets_what_is_of_the_page(open_tab: OpenTab) -> None:
    one, two = open_tab(), open_tab()
    add(one, "ink", 2)
    one.check("[name=theme][value=dark]", force=True)
    one.fill("#name", "Skua")
    expect_here(two, ["Skua", "Kittiwake"])
    expect(one.locator("#changes")).to_have_text("1")

    reload(one)

    expect(one.locator("#outcome")).to_have_text("restored")
    expect(one.locator("[name=theme][value=dark]")).to_be_checked()
    assert [line[:2] for line in lines(one)] == [["ink", "2"]]
    expect(one.locator("#name")).to_have_value("Puffin")
    expect(one.locator("#changes")).to_have_text("0")
    expect(one.locator("#loads")).to_have_text("2")
    expect_here(two, ["Kittiwake", "Puffin"])


def test_theme_of_one_tab_is_that_of_all(open_tab: OpenTab) -> None:
    def ground(page: Page) -> Any:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    one, two = open_tab(), open_tab()
    light = ground(two)
    one.check("[name=theme][value=dark]", force=True)
    expect(two.locator("[name=theme][value=dark]")).to_be_checked()
    assert ground(two) == ground(one) != light


def test_ending_the_session_empties_every_tab(open_tab: OpenTab) -> None:
    one, two = open_tab(), open_tab()
    add(one, "ink", 2)
    one.check("[name=theme][value=dark]", force=True)
    expect_lines(two, [("ink", "2", "Puffin")])
    for kind in ("#edits", "#bases"):
        expect(one.locator(kind)).to_have_text("0")

    two.click("#end")

    for page in (one, two):
        expect_lines(page, [])
        expect(page.locator("#empty")).to_be_visible()
        expect(page.locator("[name=theme][value='']")).to_be_checked()
        expect_here(page, ["Puffin", "Kittiwake"])
    add(one, "seal")
    expect_lines(two, [("seal", "1", "Puffin")])


def test_button_opens_another_tab(open_tab: OpenTab, context: BrowserContext) -> None:
    one = open_tab()
    with context.expect_page() as opened:
        one.click("#open")
    wait_ready(opened.value)
    expect_here(one, ["Puffin", "Kittiwake"])
    expect(opened.value.locator("#loads")).to_have_text("1")
    expect(opened.value.locator("#copied")).to_have_text("No")


def test_pages_lead_to_each_other(open_tab: OpenTab) -> None:
    one = open_tab()
    one.click("nav >> text=One tab")
    wait_ready(one)
    expect(one.locator("#place-total")).to_have_count(1)
    one.click("nav >> text=Several tabs")
    wait_ready(one)
    expect(one.locator("#here .tab-name")).to_have_text(["Puffin"])


def test_page_fits_can_be_read_and_everything_has_a_name(open_tab: OpenTab) -> None:
    one = open_tab()
    for sku in ("notebook", "sketchbook", "seal"):
        add(one, sku)
    one.fill("#name", "W" * 18)
    for width in (1100, 360):
        one.set_viewport_size({"width": width, "height": 740})
        assert one.evaluate("document.documentElement.scrollWidth") <= width
    for number in range(8):
        one.locator("[name=hue]").nth(number).check()
        one.click("[data-sku=seal] [data-by='1']")
        one.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert one.evaluate(FAINT) == []
        one.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert one.evaluate(FAINT) == []
    for script in (UNNAMED, TWICE, DANGLING):
        assert one.evaluate(script) == []
