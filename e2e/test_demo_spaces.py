"""The demo's third page: spaces that somebody has opened, kept for all tabs."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.harness import PATIENCE_MS
from e2e.visitors import (
    DANGLING,
    FAINT,
    TWICE,
    UNNAMED,
    load,
    note_complaints,
    reload,
    tab_to,
    wait_ready,
)

OpenTab = Callable[[], Page]

NAMES = "#spaces .line-name"
ROWS = """() => JSON.stringify([...document.querySelectorAll("#spaces > li")].map((row) => [
  row.querySelector(".line-name").textContent,
  row.querySelector(".line-note").textContent.split(" · ")[0],
  row.querySelector(".enter").getAttribute("aria-current") === "true"]))"""


@pytest.fixture
def open_tab(context: BrowserContext) -> Iterator[OpenTab]:
    """Opens the page in a new tab. No tab may complain."""
    complaints: list[str] = []

    def open_tab() -> Page:
        page = context.new_page()
        note_complaints(page, complaints)
        return load(page, "/spaces.html")

    yield open_tab
    assert complaints == []


def add(page: Page, *names: str) -> None:
    for name in names:
        page.fill("#title", name)
        page.click("#add button")


def row(page: Page, name: str) -> Any:
    return page.locator("#spaces > li", has=page.get_by_text(name, exact=True))


def expect_rows(page: Page, expected: list[tuple[str, str, bool]]) -> None:
    """Of each row what it is called, how it is looked at, and whether it is the active one."""
    text = json.dumps(expected, separators=(",", ":"), ensure_ascii=False)
    page.wait_for_function(f"(text) => ({ROWS})() === text", arg=text)


def test_spaces_are_there_after_a_reload_as_they_were(open_tab: OpenTab) -> None:
    page = open_tab()
    expect(page.locator("#empty")).to_be_visible()
    add(page, "Harbour window", "Über Papier", "東京")
    page.check("[name=view][value=map]", force=True)
    page.fill("#username", "Ada")
    row(page, "Harbour window").locator(".enter").click()
    page.check("[name=view][value=board]", force=True)
    rows = [
        ("Harbour window", "Board", True),
        ("東京", "Map", False),
        ("Über Papier", "Notes", False),
    ]
    expect_rows(page, rows)
    identity = page.text_content("#identity")

    reload(page)

    expect_rows(page, rows)
    expect(page.locator("#status-title")).to_have_text("Three spaces of Ada.")
    expect(page.locator("#status-detail")).to_have_text("“Harbour window” is active, in every tab.")
    expect(page.locator("#name")).to_have_value("Harbour window")
    expect(page.locator("[name=view][value=board]")).to_be_checked()
    expect(page.locator("#username")).to_have_value("Ada")
    assert page.text_content("#identity") == identity


def test_space_that_is_used_comes_first_and_keeps_the_focus(open_tab: OpenTab) -> None:
    page = open_tab()
    add(page, "One", "Two", "Three")
    expect_rows(page, [("Three", "Notes", True), ("Two", "Notes", False), ("One", "Notes", False)])
    row(page, "One").locator(".enter").press("Enter")
    expect_rows(page, [("One", "Notes", True), ("Three", "Notes", False), ("Two", "Notes", False)])
    expect(row(page, "One").locator(".enter")).to_be_focused()


def test_other_tab_follows(open_tab: OpenTab) -> None:
    one, two = open_tab(), open_tab()
    add(one, "Harbour", "Attic")
    expect_rows(two, [("Attic", "Notes", True), ("Harbour", "Notes", False)])
    expect(two.locator("#spaces .news")).to_have_count(2)
    expect(one.locator("#spaces .news")).to_have_count(0)

    row(two, "Harbour").locator(".enter").click()
    two.check("[name=view][value=map]", force=True)
    two.fill("#name", "The harbour, again")
    two.fill("#username", "Grace")
    expect_rows(one, [("The harbour, again", "Map", True), ("Attic", "Notes", False)])
    expect(one.locator("#name")).to_have_value("The harbour, again")
    expect(one.locator("#username")).to_have_value("Grace")
    assert one.text_content("#identity") == two.text_content("#identity")


def test_removing_the_active_space_leaves_none_active_in_any_tab(open_tab: OpenTab) -> None:
    one, two = open_tab(), open_tab()
    add(one, "Harbour", "Attic")
    expect_rows(two, [("Attic", "Notes", True), ("Harbour", "Notes", False)])
    two.get_by_role("button", name="Remove Attic").click()
    for page in (one, two):
        expect_rows(page, [("Harbour", "Notes", False)])
        expect(page.locator("#nowhere")).to_be_visible()
        expect(page.locator("#inside")).to_be_hidden()
    expect(two.get_by_role("button", name="Remove Harbour")).to_be_focused()
    two.keyboard.press("Enter")
    expect(two.locator("#title")).to_be_focused()
    expect(one.locator("#empty")).to_be_visible()
    assert one.evaluate("JSON.parse(localStorage.getItem('spaces/names'))") == {"names": {}}


def test_space_can_be_left(open_tab: OpenTab) -> None:
    page = open_tab()
    add(page, "Harbour")
    page.click("#leave")
    expect_rows(page, [("Harbour", "Notes", False)])
    reload(page)
    expect_rows(page, [("Harbour", "Notes", False)])


def test_name_of_nothing_but_spaces_opens_none(open_tab: OpenTab) -> None:
    page = open_tab()
    add(page, "   ", "")
    expect_rows(page, [])


def test_name_in_the_making_is_kept_and_an_empty_one_is_not(open_tab: OpenTab) -> None:
    page = open_tab()
    add(page, "Harbour")
    page.fill("#name", "Ha")
    expect_rows(page, [("Ha", "Notes", True)])
    page.fill("#name", "")
    expect_rows(page, [("Ha", "Notes", True)])
    page.locator("#name").blur()
    expect(page.locator("#name")).to_have_value("Ha")


def test_shown_records_are_the_stored_ones(open_tab: OpenTab) -> None:
    page = open_tab()
    add(page, "Harbour")
    page.fill("#username", "Ada")
    expect(page.locator("#edits")).to_have_text("0")
    parts = (page.text_content("#stored") or "").split("\n\n")
    shown = {name: json.loads(text) for name, _, text in (part.partition("\n") for part in parts)}
    stored: dict[str, str] = page.evaluate("({ ...localStorage })")
    names = ["spaces", "spaces/names", "spaces/user"]
    assert shown == {name: json.loads(stored[name]) for name in names}


def test_full_storage_is_told_and_changes_nothing(open_tab: OpenTab) -> None:
    page = open_tab()
    add(page, "Harbour")
    page.wait_for_function(  # what lies beside a record is room to be made
        "() => !Object.keys(localStorage).some((key) => key.includes('#'))", timeout=PATIENCE_MS
    )
    page.evaluate("""() => {
      let size = 4_000_000;
      while (size >= 1) {
        try { localStorage.setItem("theirs", (localStorage.getItem("theirs") ?? "") + "x".repeat(size)); }
        catch { size = Math.floor(size / 2); }
      }
    }""")
    add(page, "Attic")
    expect(page.locator("#problem")).to_contain_text("Not saved: no room")
    expect_rows(page, [("Harbour", "Notes", True)])
    page.evaluate("localStorage.removeItem('theirs')")
    add(page, "Attic")
    expect_rows(page, [("Attic", "Notes", True), ("Harbour", "Notes", False)])
    expect(page.locator("#problem")).to_be_hidden()


def test_blocked_storage_is_told_and_the_list_works(
    context: BrowserContext, open_tab: OpenTab
) -> None:
    for name in ("sessionStorage", "localStorage"):
        context.add_init_script(
            f"Object.defineProperty(window, '{name}', "
            "{ get() { throw new DOMException('no storage here', 'SecurityError'); } })"
        )
    page = open_tab()
    expect(page.locator("#problem")).to_contain_text("This browser keeps no data")
    add(page, "Harbour")
    expect_rows(page, [("Harbour", "Notes", True)])
    expect(page.locator("#problem")).to_contain_text("This browser keeps no data")


def test_unreadable_list_is_put_aside(context: BrowserContext, open_tab: OpenTab) -> None:
    before = context.new_page()
    before.goto("/e2e/plain.html")
    before.evaluate("""localStorage.setItem("spaces", '{"active":1}')""")
    page = open_tab()
    expect(page.locator("#problem")).to_contain_text("could not be read")
    assert page.evaluate("localStorage.getItem('spaces#rejected')") == '{"active":1}'
    add(page, "Harbour")
    expect_rows(page, [("Harbour", "Notes", True)])


def test_list_can_be_used_with_the_keyboard_alone(open_tab: OpenTab) -> None:
    page = open_tab()
    tab_to(page, "#title")
    page.keyboard.type("Harbour")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_be_focused()
    page.keyboard.type("Attic")
    page.keyboard.press("Enter")
    tab_to(page, "#spaces > li:nth-child(2) .enter")
    page.keyboard.press("Space")
    expect_rows(page, [("Harbour", "Notes", True), ("Attic", "Notes", False)])
    tab_to(page, "[name=view]")
    page.keyboard.press("ArrowRight")
    expect_rows(page, [("Harbour", "Board", True), ("Attic", "Notes", False)])


def test_button_opens_another_tab(open_tab: OpenTab, context: BrowserContext) -> None:
    one = open_tab()
    add(one, "Harbour")
    with context.expect_page() as opened:
        one.click("#open")
    expect_rows(wait_ready(opened.value), [("Harbour", "Notes", True)])


def test_pages_lead_to_each_other(open_tab: OpenTab) -> None:
    page = open_tab()
    for name, path in (
        ("One tab", "/"),
        ("Several tabs", "/tabs.html"),
        ("Spaces", "/spaces.html"),
    ):
        page.click(f"nav >> text={name}")
        page.wait_for_url(f"**{path}")
        wait_ready(page)
        expect(page.locator("nav [aria-current=page]")).to_have_text(name)


def test_page_fits_can_be_read_and_everything_has_a_name(open_tab: OpenTab) -> None:
    page = open_tab()
    add(page, "W" * 60, "Attic", "Cellar")
    page.fill("#username", "W" * 40)
    row(page, "W" * 60).locator(".enter").click()
    for width in (1100, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert page.evaluate(FAINT) == []
    for script in (UNNAMED, TWICE, DANGLING):
        assert page.evaluate(script) == []
    assert page.locator("h1").count() == 1
