"""The demo as its visitors use it: by mouse, by keyboard, on a phone, in the dark."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from e2e.conftest import OpenBrowser
from e2e.minutes import booting
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

KEY = "anchor-session://order@2"
OLD_KEY = "anchor-session://order@1.0.0"
OLD_ORDER = {
    "step": "delivery",
    "lines": [{"sku": "ink", "quantity": 2}, {"sku": "seal", "quantity": 1}],
    "delivery": {
        "name": "Áine",
        "street": "4 Pier Road",
        "postcode": "P17 AH68",
        "town": "Kinsale",
        "date": {"$anchor": "date", "value": "2030-03-04"},
        "method": "courier",
        "is_gift": True,
        "note": "Fair winds!",
    },
    "payment": {"method": "invoice", "email": "aine@example.ie", "reference": "7"},
    "placed": None,
    "view": {"field": "street", "caret": 3, "scroll": 0, "is_exact": True, "reloads": 4},
}
DELIVERY = {
    "name": "Áine Ní Shé 🐦",
    "street": "4 Pier Road",
    "postcode": "P17 AH68",
    "town": "Kinsale",
    "date": "2030-03-04",
}
QUOTA = 5_242_880
BLOCKED = """Object.defineProperty(window, "sessionStorage", {
  get() { throw new DOMException("not here", "SecurityError"); }
})"""


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the page says on the console that it should not, and what it cannot load."""
    found: list[str] = []
    note_complaints(page, found)
    page.on("requestfailed", lambda request: found.append(request.url))
    return found


@pytest.fixture
def demo(page: Page, complaints: list[str], base_url: str) -> Iterator[Page]:
    """The demo, ready, in a tab that was never here before. It must not complain in the end."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    yield load(page, "/")
    assert complaints == []
    assert [url for url in requests if not url.startswith((base_url, "data:", "blob:"))] == []


@pytest.fixture(scope="module")
def used_shop(open_browser: OpenBrowser) -> tuple[Page, list[str], Any]:
    """A tab with the demo for a whole file, what it complains of, and the order it came up with."""
    page = open_browser().new_page()
    complaints: list[str] = []
    note_complaints(page, complaints)
    load(page, "/")
    return page, complaints, order(page)


@pytest.fixture
def shop(used_shop: tuple[Page, list[str], Any]) -> Iterator[Page]:
    """The demo with a new order, as another customer has left it: there is something to undo."""
    page, complaints, new = used_shop
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.uncheck("#exact")
    page.click("#start-over")
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    assert order(page) == new
    assert page.is_visible("#basket-title")
    yield page
    assert complaints == []


def stored(page: Page) -> Any:
    text = page.evaluate("(key) => sessionStorage.getItem(key)", KEY)
    return None if text is None else json.loads(text)


def order(page: Page) -> Any:
    return stored(page)["order"]


def lines(page: Page) -> list[tuple[str, str, str]]:
    """The rows of the basket: name, quantity, price."""
    return [
        (
            row.locator(".line-name").inner_text(),
            row.locator("input").input_value(),
            row.locator(".line-total").inner_text(),
        )
        for row in page.locator("#lines > li").all()
    ]


def fill_delivery(page: Page) -> None:
    for name, value in DELIVERY.items():
        page.fill(f"#{name}", value)


def go_to_review(page: Page) -> None:
    page.click("#to-delivery")
    fill_delivery(page)
    page.click("#delivery [type=submit]")
    page.fill("#email", "aine@example.ie")
    page.click("#payment [type=submit]")
    expect(page.locator("#review-title")).to_be_visible()


# -- what survives ------------------------------------------------------------------------------


def test_everything_is_there_after_a_reload(shop: Page) -> None:
    shop.select_option("#product", "ink")
    shop.fill("#quantity", "3")
    shop.click("#add button")
    shop.click("[data-sku=notebook] [data-by='1']")
    shop.click("[data-sku=pencils] [data-remove]")
    basket = [("Harbour notebook", "2", "€33.00"), ("Lamp-black ink", "3", "€42.00")]
    assert lines(shop) == basket
    shop.click("#to-delivery")
    fill_delivery(shop)
    shop.check("#by-courier")
    shop.check("#is-gift")
    shop.fill("#note", "Fair winds!\nYours")
    before = order(shop)

    reload(shop)

    expect(shop.locator("#outcome")).to_have_text("restored")
    expect(shop.locator("#status-title")).to_have_text("Everything is still here.")
    expect(shop.locator("#delivery-title")).to_be_visible()
    expect(shop.locator(".steps [aria-current=step]")).to_have_text("Delivery")
    assert {name: shop.input_value(f"#{name}") for name in DELIVERY} == DELIVERY
    assert shop.is_checked("#by-courier")
    assert shop.is_checked("#is-gift")
    assert shop.input_value("#note") == "Fair winds!\nYours"
    assert order(shop) == before
    shop.click("[data-go=basket] >> visible=true >> nth=0")
    assert lines(shop) == basket


def test_focus_caret_and_scroll_are_there_after_a_reload(shop: Page) -> None:
    shop.set_viewport_size({"width": 700, "height": 500})
    shop.click("#to-delivery")
    shop.fill("#town", "Kinsale")
    for _ in range(3):
        shop.keyboard.press("ArrowLeft")
    shop.evaluate("scrollTo(0, 240)")
    with booting():
        with shop.expect_navigation():
            shop.evaluate("location.reload()")
        wait_ready(shop)
    expect(shop.locator("#town")).to_be_focused()
    assert shop.evaluate("[document.activeElement.selectionStart, scrollY]") == [4, 240]


def test_placed_order_stays_placed(shop: Page) -> None:
    go_to_review(shop)
    shop.click("#place [type=submit]")
    at = shop.inner_text("#placed-at")
    reload(shop)
    expect(shop.locator("#placed-title")).to_be_visible()
    assert shop.inner_text("#placed-at") == at
    shop.click("#another")
    expect(shop.locator("#basket-title")).to_be_focused()
    assert order(shop)["placed"] == ""


def test_record_of_the_release_before_is_brought_over(page: Page, complaints: list[str]) -> None:
    page.add_init_script(
        f"sessionStorage.length || sessionStorage.setItem({OLD_KEY!r}, {json.dumps(json.dumps(OLD_ORDER))})"
    )
    load(page, "/")
    expect(page.locator("#outcome")).to_have_text("migrated")
    expect(page.locator("#status-detail")).to_contain_text("earlier release")
    assert set(page.evaluate("Object.keys(sessionStorage)")) - {"anchor-tab"} == {KEY}
    assert order(page)["delivery"]["day"] == "2030-03-04"
    assert lines(page) == [("Lamp-black ink", "2", "€28.00"), ("Wax and seal", "1", "€21.00")]
    expect(page.locator("#delivery-title")).to_be_visible()
    expect(page.locator("#street")).to_be_focused()
    assert page.evaluate("document.activeElement.selectionStart") == 3
    assert page.input_value("#date") == "2030-03-04"
    assert page.is_checked("#by-courier")
    assert page.input_value("#note") == "Fair winds!"
    expect(page.locator("#review-when")).to_have_text("By courier, Monday 4 March 2030")
    assert page.is_checked("#exact")
    before = order(page)
    reload(page)
    expect(page.locator("#outcome")).to_have_text("restored")
    expect(page.locator("#status-detail")).to_contain_text("Reload 6")
    assert order(page) == before
    assert complaints == []


# -- undo and redo ------------------------------------------------------------------------------


def test_buttons_undo_and_redo(demo: Page) -> None:
    undo, redo = demo.locator("#undo"), demo.locator("#redo")
    expect(undo).to_be_disabled()
    expect(redo).to_be_disabled()
    demo.click("[data-sku=notebook] [data-remove]")
    demo.click("[data-sku=pencils] [data-by='1']")
    after = [("Deckhand pencils", "3", "€29.40")]
    undo.click()
    undo.click()
    expect(undo).to_be_disabled()
    expect(redo).to_be_focused()
    before = [("Harbour notebook", "1", "€16.50"), ("Deckhand pencils", "2", "€19.60")]
    assert lines(demo) == before
    expect(demo.locator("#total")).to_have_text("€42.00")
    redo.click()
    redo.click()
    expect(redo).to_be_disabled()
    assert lines(demo) == after
    assert order(demo)["lines"] == [{"sku": "pencils", "quantity": 3}]
    demo.click("#undo")
    demo.click("[data-sku=pencils] [data-by='1']")
    expect(redo).to_be_disabled()
    reload(demo)
    expect(undo).to_be_disabled()
    demo.click("[data-sku=pencils] [data-by='1']")
    expect(undo).to_be_enabled()


def test_keys_undo_and_redo(demo: Page) -> None:
    for undo, redo in (
        ("Control+z", "Control+Shift+z"),
        ("Control+z", "Control+y"),
        ("Meta+z", "Meta+Shift+z"),
    ):
        demo.keyboard.press(undo)  # there is nothing yet
        demo.click("#to-delivery")
        demo.check("#by-bicycle")
        demo.keyboard.press(undo)
        expect(demo.locator("#by-post")).to_be_checked()
        expect(demo.locator("#carriage-name")).to_have_text("By post")
        demo.keyboard.press(undo)
        expect(demo.locator("#basket-title")).to_be_focused()
        demo.keyboard.press(redo)
        expect(demo.locator("#delivery-title")).to_be_focused()
        demo.keyboard.press(redo)
        expect(demo.locator("#by-bicycle")).to_be_checked()
        assert order(demo)["delivery"]["method"] == "bicycle"
        demo.keyboard.press(undo)
        demo.keyboard.press(undo)
        expect(demo.locator("#undo")).to_be_disabled()


def test_keys_in_a_text_field_are_left_to_the_browser(shop: Page) -> None:
    shop.click("#to-delivery")
    shop.locator("#name").press_sequentially("Áine")
    shop.locator("#street").press_sequentially("4 Pier")
    shop.keyboard.press("Control+z")
    expect(shop.locator("#street")).not_to_have_value("4 Pier")  # how much of it: the browser's
    assert order(shop)["delivery"]["street"] == shop.input_value("#street")
    expect(shop.locator("#name")).to_have_value("Áine")
    expect(shop.locator("#redo")).to_be_disabled()


TYPE = """(text) => {  // with no pause
  for (const letter of text) document.execCommand("insertText", false, letter);
}"""


def test_typing_is_one_step(shop: Page) -> None:
    shop.click("#to-delivery")
    for name, text in {"name": "Áine", "town": "Kinsale"}.items():
        shop.focus(f"#{name}")
        shop.evaluate(TYPE, text)
    shop.click("#undo")
    expect(shop.locator("#town")).to_have_value("")
    shop.click("#undo")
    expect(shop.locator("#name")).to_have_value("")
    expect(shop.locator("#delivery-title")).to_be_visible()
    shop.click("#redo")
    expect(shop.locator("#name")).to_have_value("Áine")


def test_start_over_is_undone_like_any_step(shop: Page) -> None:
    shop.click("#to-delivery")
    shop.fill("#name", "Áine")
    shop.click("[data-go=basket] >> nth=0")
    shop.click("[data-sku=notebook] [data-remove]")
    before = order(shop)
    shop.click("#start-over")
    expect(shop.locator("#name")).to_have_value("")
    assert len(lines(shop)) == 2
    shop.click("#undo")
    assert order(shop) == before
    assert len(lines(shop)) == 1
    shop.click("#to-delivery")
    expect(shop.locator("#name")).to_have_value("Áine")
    shop.fill("#town", "Kinsale")
    assert order(shop)["delivery"] == {**before["delivery"], "town": "Kinsale"}
    shop.click("#start-over")
    shop.click("[data-sku=notebook] [data-by='1']")
    shop.click("#undo")
    shop.click("#undo")
    assert order(shop)["delivery"]["town"] == "Kinsale"


def test_focus_and_scroll_are_no_step(demo: Page) -> None:
    demo.focus("#product")
    demo.check("#exact")
    expect(demo.locator("#undo")).to_be_disabled()


def test_placed_order_cannot_be_undone(shop: Page) -> None:
    go_to_review(shop)
    shop.click("#place [type=submit]")
    expect(shop.locator("#undo")).to_be_disabled()
    shop.click("#another")
    expect(shop.locator("#basket-title")).to_be_focused()
    shop.click("#undo")
    expect(shop.locator("#placed-title")).to_be_visible()


# -- what is bound and drawn --------------------------------------------------------------------


def test_typing_keeps_the_caret(shop: Page) -> None:
    shop.click("#to-delivery")
    shop.fill("#town", "Kinsle")
    shop.evaluate("document.querySelector('#town').setSelectionRange(4, 4)")
    shop.keyboard.type("a")
    assert shop.evaluate("document.querySelector('#town').selectionStart") == 5
    assert order(shop)["delivery"]["town"] == "Kinsale"


WATCHED = """window.drawn = new Set();
window.watching = new MutationObserver((records) => {
  for (const { target } of records)
    drawn.add((target.closest ?? target.parentElement.closest)
      .call(target.closest ? target : target.parentElement, "[id]").id);
});
watching.observe(document.querySelector("main"),
  { subtree: true, childList: true, characterData: true, attributes: true });"""


def test_only_what_changed_is_drawn(shop: Page) -> None:
    shop.click("#to-delivery")
    shop.fill("#name", "Áin")
    shop.evaluate(WATCHED)
    shop.locator("#name").press("End")
    shop.keyboard.type("e")
    expect(shop.locator("#review-address li")).to_have_text(["Áine"])
    ledger = {"stored", "units", "bytes"}
    assert set(shop.evaluate("[...drawn]")) - ledger == {"review-address"}
    shop.evaluate("watching.disconnect()")


# -- what is shown ------------------------------------------------------------------------------


def test_totals_follow_the_order(shop: Page) -> None:
    def shown() -> list[str]:
        ids = ("pieces", "subtotal", "wrapping", "carriage", "total", "vat")
        return [shop.inner_text(f"#{name}") for name in ids]

    assert shown() == ["3 items", "€36.10", "€0.00", "€5.90", "€42.00", "€7.85"]
    shop.fill("#quantity-notebook", "3")
    assert shown() == ["5 items", "€69.10", "€0.00", "Free", "€69.10", "€12.92"]
    shop.click("#to-delivery")
    shop.check("#is-gift")
    shop.check("#by-bicycle")
    assert shown() == ["5 items", "€69.10", "€3.50", "€3.50", "€76.10", "€14.23"]


def test_adding_what_is_there_adds_to_its_line(shop: Page) -> None:
    shop.select_option("#product", "pencils")
    shop.fill("#quantity", "98")
    shop.click("#add button")
    assert lines(shop)[1] == ("Deckhand pencils", "99", "€970.20")
    assert len(lines(shop)) == 2


def test_what_is_no_quantity_changes_nothing(shop: Page) -> None:
    for wrong in ("", "0", "100", "1.5"):
        shop.fill("#quantity-pencils", wrong)
        shop.press("#quantity-pencils", "Tab")
        expect(shop.locator("#quantity-pencils")).to_have_value("2")
    assert order(shop)["lines"][1]["quantity"] == 2


def test_empty_basket_goes_nowhere(shop: Page) -> None:
    shop.click("[data-sku=notebook] [data-remove]")
    shop.click("[data-sku=pencils] [data-remove]")
    expect(shop.locator("#empty")).to_be_visible()
    expect(shop.locator("#to-delivery")).to_be_disabled()
    expect(shop.locator("#total")).to_have_text("€0.00")
    expect(shop.locator("#product")).to_be_focused()


def test_step_opens_when_those_before_are_complete(shop: Page) -> None:
    payment = shop.locator(".steps [data-go=payment]")
    expect(payment).to_be_disabled()
    shop.click(".steps [data-go=delivery]")
    shop.click("#delivery [type=submit]")
    expect(shop.locator("#name")).to_be_focused()
    fill_delivery(shop)
    expect(payment).to_be_enabled()
    shop.fill("#date", "2020-01-01")
    expect(payment).to_be_disabled()


def test_shown_text_is_the_stored_one(shop: Page) -> None:
    shop.click("#to-delivery")
    shop.fill("#name", "Áine 🐦")
    expect(shop.locator("#stored mark")).to_have_text('"name": "Áine 🐦",')
    assert json.loads(shop.locator("#stored").text_content() or "") == stored(shop)
    shop.check("#exact")
    text = shop.evaluate("(key) => sessionStorage.getItem(key)", KEY)
    assert shop.locator("#stored").text_content() == text
    assert shop.inner_text("#key") == KEY
    assert shop.inner_text("#units") == str(len(text.encode("utf-16-le")) // 2)
    assert shop.inner_text("#bytes") == str(len(text.encode()))
    reload(shop)
    assert shop.is_checked("#exact")


def test_times_are_told_apart(demo: Page) -> None:
    expect(demo.locator("#outcome")).to_have_text("new")
    times = {
        name: float(demo.inner_text(f"#{name}").removesuffix(" ms").replace(",", ""))
        for name in ("restore", "boot", "program")
    }
    assert 0 < times["restore"] < times["boot"]
    assert 0 < times["program"] < times["boot"]


# -- when storage fails -------------------------------------------------------------------------


def test_full_storage_is_told_and_recovers(shop: Page) -> None:
    shop.click("#to-delivery")
    shop.evaluate(
        """(quota) => {
          let used = 0;
          for (const [key, value] of Object.entries(sessionStorage)) used += key.length + value.length;
          sessionStorage.setItem("rest", "x".repeat(quota - used - 4));
        }""",
        QUOTA,
    )
    shop.fill("#street", "A much longer street than there is room for")
    expect(shop.locator("#problem")).to_contain_text("Not saved")
    expect(shop.locator("#street")).to_have_value("A much longer street than there is room for")
    assert order(shop)["delivery"]["street"] == ""
    shop.evaluate("sessionStorage.removeItem('rest')")
    shop.fill("#town", "Kinsale")
    expect(shop.locator("#problem")).to_be_hidden()
    assert order(shop)["delivery"]["street"].startswith("A much longer")


def test_blocked_storage_is_told_and_the_form_works(page: Page) -> None:
    page.add_init_script(BLOCKED)
    load(page, "/")
    expect(page.locator("#problem")).to_contain_text("a reload will lose the order")
    expect(page.locator("#outcome")).to_have_text("memory")
    page.click("[data-sku=notebook] [data-by='1']")
    expect(page.locator("#total")).to_have_text("€58.50")


def test_unreadable_order_is_put_aside(page: Page) -> None:
    page.add_init_script(f"sessionStorage.getItem('{KEY}') ?? sessionStorage.setItem('{KEY}', '[')")
    load(page, "/")
    expect(page.locator("#problem")).to_contain_text("could not be read")
    assert page.evaluate("(key) => sessionStorage.getItem(key)", f"{KEY}#rejected") == "["
    assert order(page)["step"] == "basket"


# -- everybody ----------------------------------------------------------------------------------


def test_order_can_be_placed_with_the_keyboard_alone(shop: Page) -> None:
    keys = shop.keyboard
    tab_to(shop, "#product")
    keys.type("Lamp")
    tab_to(shop, "#quantity")
    keys.type("3")
    keys.press("Enter")
    assert lines(shop)[2] == ("Lamp-black ink", "3", "€42.00")
    tab_to(shop, "[data-sku=pencils] [data-remove]")
    keys.press("Enter")
    assert len(lines(shop)) == 2
    tab_to(shop, "#to-delivery")
    keys.press("Enter")
    expect(shop.locator("#delivery-title")).to_be_focused()
    for name in ("name", "street", "postcode", "town"):
        tab_to(shop, f"#{name}")
        keys.type(DELIVERY[name])
    tab_to(shop, "#by-post")
    keys.press("ArrowDown")
    assert order(shop)["delivery"]["method"] == "courier"
    tab_to(shop, "#date")
    keys.type("03042030")
    tab_to(shop, "#is-gift")
    keys.press("Space")
    tab_to(shop, "#note")
    keys.type("Fair winds")
    tab_to(shop, "#delivery [type=submit]")
    keys.press("Enter")
    tab_to(shop, "#email")
    keys.type("aine@example.ie")
    keys.press("Enter")
    expect(shop.locator("#review-title")).to_be_focused()
    expect(shop.locator("#review-when")).to_have_text("By courier, Monday 4 March 2030")
    expect(shop.locator("#review-address li")).to_have_text(
        [DELIVERY["name"], DELIVERY["street"], "P17 AH68 Kinsale"]
    )
    tab_to(shop, "#place [type=submit]")
    keys.press("Enter")
    expect(shop.locator("#placed-title")).to_be_focused()
    assert order(shop)["placed"] != ""


def test_everything_has_a_name(shop: Page) -> None:
    shop.select_option("#product", "seal")
    shop.click("#add button")
    for script in (UNNAMED, TWICE, DANGLING):
        assert shop.evaluate(script) == []
    assert shop.locator("h1").count() == 1
    assert shop.locator("main").count() == 1
    assert shop.get_attribute("html", "lang") == "en"


def test_each_step_fits_and_can_be_read(shop: Page) -> None:
    def check() -> None:
        for width in (1100, 360):
            shop.set_viewport_size({"width": width, "height": 740})
            assert shop.evaluate("document.documentElement.scrollWidth") <= width
        shop.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert shop.evaluate(FAINT) == []
        shop.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert shop.evaluate(FAINT) == []

    check()
    shop.click("#to-delivery")
    fill_delivery(shop)
    shop.check("#is-gift")
    shop.fill("#note", "W" * 240)
    check()
    shop.click("#delivery [type=submit]")
    shop.fill("#email", f"{'long' * 15}@example.ie")
    check()
    shop.click("#payment [type=submit]")
    shop.check("#exact")
    check()
    shop.click("#place [type=submit]")
    check()


def test_dark_is_dark(shop: Page) -> None:
    def ground() -> str:
        return str(shop.evaluate("getComputedStyle(document.body).backgroundColor"))

    shop.emulate_media(color_scheme="light")
    light = ground()
    shop.emulate_media(color_scheme="dark")
    assert ground() != light


def test_nothing_moves_where_motion_is_not_wanted(shop: Page) -> None:
    shop.emulate_media(reduced_motion="reduce")
    shop.click("[data-sku=notebook] [data-by='1']")
    assert shop.evaluate("document.getAnimations().length") == 0


SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize("width", [1100, 360])
def test_page_waits_for_python_and_then_stays_in_place(page: Page, width: int) -> None:
    wheels: list[Route] = []
    page.route("**/anchor_session.whl", lambda route: wheels.append(route))
    page.set_viewport_size({"width": width, "height": 740})
    page.add_init_script(SHIFTS)
    with page.expect_request("**/anchor_session.whl"):
        page.goto("/", wait_until="commit")
    expect(page.locator("#reload")).to_be_disabled()
    expect(page.locator("#status-title")).to_have_text("Starting Python in this tab")
    expect(page.locator("progress")).to_be_visible()
    assert page.evaluate("document.querySelector('main').inert")
    (wheel,) = wheels
    wheel.continue_()
    wait_ready(page)
    expect(page.locator("#reload")).to_be_enabled()
    expect(page.locator("progress")).to_be_hidden()
    assert not page.evaluate("document.querySelector('main').inert")
    assert page.evaluate("shifted") < 0.05


def test_tabs_have_orders_of_their_own(demo: Page, context: BrowserContext) -> None:
    demo.click("#to-delivery")
    other = load(context.new_page(), "/")
    expect(other.locator("#outcome")).to_have_text("new")
    expect(other.locator("#basket-title")).to_be_visible()
