"""The demo as its visitors use it: by mouse, by keyboard, on a phone, in the dark."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

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
BOOT_MS = 60_000
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


def wait_ready(page: Page) -> Page:
    page.wait_for_selector("html[data-ready]", timeout=BOOT_MS)
    return page


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the page says on the console that it should not, and what it cannot load."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(error.message))
    page.on("requestfailed", lambda request: found.append(request.url))
    page.on("response", lambda answer: found.append(answer.url) if answer.status >= 400 else None)
    return found


@pytest.fixture
def demo(page: Page, complaints: list[str], base_url: str) -> Iterator[Page]:
    """The demo, ready, in a tab that was never here before. It must not complain in the end."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto("/")
    yield wait_ready(page)
    assert complaints == []
    assert [url for url in requests if not url.startswith((base_url, "data:", "blob:"))] == []


def reload(page: Page) -> None:
    """Press the button that reloads, and wait for the next Python."""
    with page.expect_navigation():
        page.click("#reload")
    wait_ready(page)


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


def test_everything_is_there_after_a_reload(demo: Page) -> None:
    demo.select_option("#product", "ink")
    demo.fill("#quantity", "3")
    demo.click("#add button")
    demo.click("[data-sku=notebook] [data-by='1']")
    demo.click("[data-sku=pencils] [data-remove]")
    basket = [("Harbour notebook", "2", "€33.00"), ("Lamp-black ink", "3", "€42.00")]
    assert lines(demo) == basket
    demo.click("#to-delivery")
    fill_delivery(demo)
    demo.check("#by-courier")
    demo.check("#is-gift")
    demo.fill("#note", "Fair winds!\nYours")
    before = order(demo)

    reload(demo)

    expect(demo.locator("#outcome")).to_have_text("restored")
    expect(demo.locator("#status-title")).to_have_text("Everything is still here.")
    expect(demo.locator("#delivery-title")).to_be_visible()
    expect(demo.locator(".steps [aria-current=step]")).to_have_text("Delivery")
    assert {name: demo.input_value(f"#{name}") for name in DELIVERY} == DELIVERY
    assert demo.is_checked("#by-courier")
    assert demo.is_checked("#is-gift")
    assert demo.input_value("#note") == "Fair winds!\nYours"
    assert order(demo) == before
    demo.click("[data-go=basket] >> visible=true >> nth=0")
    assert lines(demo) == basket


def test_focus_caret_and_scroll_are_there_after_a_reload(demo: Page) -> None:
    demo.set_viewport_size({"width": 700, "height": 500})
    demo.click("#to-delivery")
    demo.fill("#town", "Kinsale")
    for _ in range(3):
        demo.keyboard.press("ArrowLeft")
    demo.evaluate("scrollTo(0, 240)")
    with demo.expect_navigation():
        demo.evaluate("location.reload()")
    wait_ready(demo)
    expect(demo.locator("#town")).to_be_focused()
    assert demo.evaluate("[document.activeElement.selectionStart, scrollY]") == [4, 240]


def test_placed_order_stays_placed(demo: Page) -> None:
    go_to_review(demo)
    demo.click("#place [type=submit]")
    at = demo.inner_text("#placed-at")
    reload(demo)
    expect(demo.locator("#placed-title")).to_be_visible()
    assert demo.inner_text("#placed-at") == at
    demo.click("#another")
    expect(demo.locator("#basket-title")).to_be_focused()
    assert order(demo)["placed"] == ""


def test_record_of_the_release_before_is_brought_over(page: Page, complaints: list[str]) -> None:
    page.add_init_script(
        f"sessionStorage.length || sessionStorage.setItem({OLD_KEY!r}, {json.dumps(json.dumps(OLD_ORDER))})"
    )
    page.goto("/")
    wait_ready(page)
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


@pytest.mark.parametrize(
    ("undo", "redo"),
    [("Control+z", "Control+Shift+z"), ("Control+z", "Control+y"), ("Meta+z", "Meta+Shift+z")],
)
def test_keys_undo_and_redo(demo: Page, undo: str, redo: str) -> None:
    demo.keyboard.press(undo)
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


def test_keys_in_a_text_field_are_left_to_the_browser(demo: Page) -> None:
    demo.click("#to-delivery")
    demo.locator("#name").press_sequentially("Áine")
    demo.locator("#street").press_sequentially("4 Pier")
    demo.keyboard.press("Control+z")
    expect(demo.locator("#street")).not_to_have_value("4 Pier")  # how much of it: the browser's
    assert order(demo)["delivery"]["street"] == demo.input_value("#street")
    expect(demo.locator("#name")).to_have_value("Áine")
    expect(demo.locator("#redo")).to_be_disabled()


def test_typing_is_one_step(demo: Page) -> None:
    demo.click("#to-delivery")
    demo.locator("#name").press_sequentially("Áine")
    demo.locator("#town").press_sequentially("Kinsale")
    demo.click("#undo")
    expect(demo.locator("#town")).to_have_value("")
    demo.click("#undo")
    expect(demo.locator("#name")).to_have_value("")
    expect(demo.locator("#delivery-title")).to_be_visible()
    demo.click("#redo")
    expect(demo.locator("#name")).to_have_value("Áine")


def test_start_over_is_undone_like_any_step(demo: Page) -> None:
    demo.click("#to-delivery")
    demo.fill("#name", "Áine")
    demo.click("[data-go=basket] >> nth=0")
    demo.click("[data-sku=notebook] [data-remove]")
    before = order(demo)
    demo.click("#start-over")
    expect(demo.locator("#name")).to_have_value("")
    assert len(lines(demo)) == 2
    demo.click("#undo")
    assert order(demo) == before
    assert len(lines(demo)) == 1
    demo.click("#to-delivery")
    expect(demo.locator("#name")).to_have_value("Áine")
    demo.fill("#town", "Kinsale")
    assert order(demo)["delivery"] == {**before["delivery"], "town": "Kinsale"}
    demo.click("#start-over")
    demo.click("[data-sku=notebook] [data-by='1']")
    demo.click("#undo")
    demo.click("#undo")
    assert order(demo)["delivery"]["town"] == "Kinsale"


def test_focus_and_scroll_are_no_step(demo: Page) -> None:
    demo.focus("#product")
    demo.check("#exact")
    expect(demo.locator("#undo")).to_be_disabled()


def test_placed_order_cannot_be_undone(demo: Page) -> None:
    go_to_review(demo)
    demo.click("#place [type=submit]")
    expect(demo.locator("#undo")).to_be_disabled()
    demo.click("#another")
    expect(demo.locator("#basket-title")).to_be_focused()
    demo.click("#undo")
    expect(demo.locator("#placed-title")).to_be_visible()


# -- what is bound and drawn --------------------------------------------------------------------


def test_typing_keeps_the_caret(demo: Page) -> None:
    demo.click("#to-delivery")
    demo.fill("#town", "Kinsle")
    demo.evaluate("document.querySelector('#town').setSelectionRange(4, 4)")
    demo.keyboard.type("a")
    assert demo.evaluate("document.querySelector('#town').selectionStart") == 5
    assert order(demo)["delivery"]["town"] == "Kinsale"


WATCHED = """window.drawn = new Set();
new MutationObserver((records) => {
  for (const { target } of records)
    drawn.add((target.closest ?? target.parentElement.closest)
      .call(target.closest ? target : target.parentElement, "[id]").id);
}).observe(document.querySelector("main"),
  { subtree: true, childList: true, characterData: true, attributes: true });"""


def test_only_what_changed_is_drawn(demo: Page) -> None:
    demo.click("#to-delivery")
    demo.fill("#name", "Áin")
    demo.evaluate(WATCHED)
    demo.locator("#name").press("End")
    demo.keyboard.type("e")
    expect(demo.locator("#review-address li")).to_have_text(["Áine"])
    ledger = {"stored", "units", "bytes"}
    assert set(demo.evaluate("[...drawn]")) - ledger == {"review-address"}


# -- what is shown ------------------------------------------------------------------------------


def test_totals_follow_the_order(demo: Page) -> None:
    def shown() -> list[str]:
        ids = ("pieces", "subtotal", "wrapping", "carriage", "total", "vat")
        return [demo.inner_text(f"#{name}") for name in ids]

    assert shown() == ["3 items", "€36.10", "€0.00", "€5.90", "€42.00", "€7.85"]
    demo.fill("#quantity-notebook", "3")
    assert shown() == ["5 items", "€69.10", "€0.00", "Free", "€69.10", "€12.92"]
    demo.click("#to-delivery")
    demo.check("#is-gift")
    demo.check("#by-bicycle")
    assert shown() == ["5 items", "€69.10", "€3.50", "€3.50", "€76.10", "€14.23"]


def test_adding_what_is_there_adds_to_its_line(demo: Page) -> None:
    demo.select_option("#product", "pencils")
    demo.fill("#quantity", "98")
    demo.click("#add button")
    assert lines(demo)[1] == ("Deckhand pencils", "99", "€970.20")
    assert len(lines(demo)) == 2


def test_what_is_no_quantity_changes_nothing(demo: Page) -> None:
    for wrong in ("", "0", "100", "1.5"):
        demo.fill("#quantity-pencils", wrong)
        demo.press("#quantity-pencils", "Tab")
        expect(demo.locator("#quantity-pencils")).to_have_value("2")
    assert order(demo)["lines"][1]["quantity"] == 2


def test_empty_basket_goes_nowhere(demo: Page) -> None:
    demo.click("[data-sku=notebook] [data-remove]")
    demo.click("[data-sku=pencils] [data-remove]")
    expect(demo.locator("#empty")).to_be_visible()
    expect(demo.locator("#to-delivery")).to_be_disabled()
    expect(demo.locator("#total")).to_have_text("€0.00")
    expect(demo.locator("#product")).to_be_focused()


def test_step_opens_when_those_before_are_complete(demo: Page) -> None:
    payment = demo.locator(".steps [data-go=payment]")
    expect(payment).to_be_disabled()
    demo.click(".steps [data-go=delivery]")
    demo.click("#delivery [type=submit]")
    expect(demo.locator("#name")).to_be_focused()
    fill_delivery(demo)
    expect(payment).to_be_enabled()
    demo.fill("#date", "2020-01-01")
    expect(payment).to_be_disabled()


def test_shown_text_is_the_stored_one(demo: Page) -> None:
    demo.click("#to-delivery")
    demo.fill("#name", "Áine 🐦")
    expect(demo.locator("#stored mark")).to_have_text('"name": "Áine 🐦",')
    assert json.loads(demo.locator("#stored").text_content() or "") == stored(demo)
    demo.check("#exact")
    text = demo.evaluate("(key) => sessionStorage.getItem(key)", KEY)
    assert demo.locator("#stored").text_content() == text
    assert demo.inner_text("#key") == KEY
    assert demo.inner_text("#units") == str(len(text.encode("utf-16-le")) // 2)
    assert demo.inner_text("#bytes") == str(len(text.encode()))
    reload(demo)
    assert demo.is_checked("#exact")


def test_times_are_told_apart(demo: Page) -> None:
    expect(demo.locator("#outcome")).to_have_text("new")
    times = {
        name: float(demo.inner_text(f"#{name}").removesuffix(" ms").replace(",", ""))
        for name in ("restore", "boot", "program")
    }
    assert 0 < times["restore"] < times["boot"]
    assert 0 < times["program"] < times["boot"]


# -- when storage fails -------------------------------------------------------------------------


def test_full_storage_is_told_and_recovers(demo: Page) -> None:
    demo.click("#to-delivery")
    demo.evaluate(
        """(quota) => {
          let used = 0;
          for (const [key, value] of Object.entries(sessionStorage)) used += key.length + value.length;
          sessionStorage.setItem("rest", "x".repeat(quota - used - 4));
        }""",
        QUOTA,
    )
    demo.fill("#street", "A much longer street than there is room for")
    expect(demo.locator("#problem")).to_contain_text("Not saved")
    expect(demo.locator("#street")).to_have_value("A much longer street than there is room for")
    assert order(demo)["delivery"]["street"] == ""
    demo.evaluate("sessionStorage.removeItem('rest')")
    demo.fill("#town", "Kinsale")
    expect(demo.locator("#problem")).to_be_hidden()
    assert order(demo)["delivery"]["street"].startswith("A much longer")


def test_blocked_storage_is_told_and_the_form_works(page: Page) -> None:
    page.add_init_script(BLOCKED)
    page.goto("/")
    wait_ready(page)
    expect(page.locator("#problem")).to_contain_text("a reload will lose the order")
    expect(page.locator("#outcome")).to_have_text("memory")
    page.click("[data-sku=notebook] [data-by='1']")
    expect(page.locator("#total")).to_have_text("€58.50")


def test_unreadable_order_is_put_aside(page: Page) -> None:
    page.add_init_script(f"sessionStorage.getItem('{KEY}') ?? sessionStorage.setItem('{KEY}', '[')")
    page.goto("/")
    wait_ready(page)
    expect(page.locator("#problem")).to_contain_text("could not be read")
    assert page.evaluate("(key) => sessionStorage.getItem(key)", f"{KEY}#rejected") == "["
    assert order(page)["step"] == "basket"


# -- everybody ----------------------------------------------------------------------------------

FOCUSED = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; each stop on the way must be seen."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        assert page.evaluate(FOCUSED), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


def test_order_can_be_placed_with_the_keyboard_alone(demo: Page) -> None:
    keys = demo.keyboard
    tab_to(demo, "#product")
    keys.type("Lamp")
    tab_to(demo, "#quantity")
    keys.type("3")
    keys.press("Enter")
    assert lines(demo)[2] == ("Lamp-black ink", "3", "€42.00")
    tab_to(demo, "[data-sku=pencils] [data-remove]")
    keys.press("Enter")
    assert len(lines(demo)) == 2
    tab_to(demo, "#to-delivery")
    keys.press("Enter")
    expect(demo.locator("#delivery-title")).to_be_focused()
    for name in ("name", "street", "postcode", "town"):
        tab_to(demo, f"#{name}")
        keys.type(DELIVERY[name])
    tab_to(demo, "#by-post")
    keys.press("ArrowDown")
    assert order(demo)["delivery"]["method"] == "courier"
    tab_to(demo, "#date")
    keys.type("03042030")
    tab_to(demo, "#is-gift")
    keys.press("Space")
    tab_to(demo, "#note")
    keys.type("Fair winds")
    tab_to(demo, "#delivery [type=submit]")
    keys.press("Enter")
    tab_to(demo, "#email")
    keys.type("aine@example.ie")
    keys.press("Enter")
    expect(demo.locator("#review-title")).to_be_focused()
    expect(demo.locator("#review-when")).to_have_text("By courier, Monday 4 March 2030")
    expect(demo.locator("#review-address li")).to_have_text(
        [DELIVERY["name"], DELIVERY["street"], "P17 AH68 Kinsale"]
    )
    tab_to(demo, "#place [type=submit]")
    keys.press("Enter")
    expect(demo.locator("#placed-title")).to_be_focused()
    assert order(demo)["placed"] != ""


UNNAMED = """() => [...document.querySelectorAll("button, input, select, textarea, output, nav, pre")]
  .filter((element) => {
    const labels = [...(element.labels ?? [])].map((label) => label.textContent).join("");
    const name = element.getAttribute("aria-label") ?? (labels || element.textContent);
    return !name.trim();
  })
  .map((element) => element.outerHTML)"""
TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return ids.filter((id, number) => ids.indexOf(id) !== number);
}"""
DANGLING = """() => [...document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]")]
  .flatMap((element) => [element.getAttribute("aria-labelledby"),
    element.getAttribute("aria-describedby"), element.getAttribute("for")])
  .filter((id) => id && !document.getElementById(id))"""


def test_everything_has_a_name(demo: Page) -> None:
    demo.select_option("#product", "seal")
    demo.click("#add button")
    for script in (UNNAMED, TWICE, DANGLING):
        assert demo.evaluate(script) == []
    assert demo.locator("h1").count() == 1
    assert demo.locator("main").count() == 1
    assert demo.get_attribute("html", "lang") == "en"


FAINT = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = (rgb) => [...rgb].slice(0, 3)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, number) => sum + part * [0.2126, 0.7152, 0.0722][number], 0);
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest(":disabled"))
      continue;
    const grounds = [];
    for (let one = element; one; one = one.parentElement)
      grounds.unshift(getComputedStyle(one).backgroundColor);
    const [a, b] = [light(paint(grounds)), light(paint([...grounds, getComputedStyle(element).color]))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push([texts.currentNode.data.trim(), ratio]);
  }
  return faint;
}"""


def test_each_step_fits_and_can_be_read(demo: Page) -> None:
    def check() -> None:
        for width in (1100, 360):
            demo.set_viewport_size({"width": width, "height": 740})
            assert demo.evaluate("document.documentElement.scrollWidth") <= width
        demo.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert demo.evaluate(FAINT) == []
        demo.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert demo.evaluate(FAINT) == []

    check()
    demo.click("#to-delivery")
    fill_delivery(demo)
    demo.check("#is-gift")
    demo.fill("#note", "W" * 240)
    check()
    demo.click("#delivery [type=submit]")
    demo.fill("#email", f"{'long' * 15}@example.ie")
    check()
    demo.click("#payment [type=submit]")
    demo.check("#exact")
    check()
    demo.click("#place [type=submit]")
    check()


def test_dark_is_dark(demo: Page) -> None:
    def ground() -> str:
        return str(demo.evaluate("getComputedStyle(document.body).backgroundColor"))

    demo.emulate_media(color_scheme="light")
    light = ground()
    demo.emulate_media(color_scheme="dark")
    assert ground() != light


def test_nothing_moves_where_motion_is_not_wanted(demo: Page) -> None:
    demo.emulate_media(reduced_motion="reduce")
    demo.click("[data-sku=notebook] [data-by='1']")
    assert demo.evaluate("document.getAnimations().length") == 0


SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize("width", [1100, 360])
def test_page_waits_for_python_and_then_stays_in_place(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.add_init_script(SHIFTS)
    page.goto("/", wait_until="commit")
    expect(page.locator("#reload")).to_be_disabled()
    expect(page.locator("#status-title")).to_have_text("Starting Python in this tab")
    expect(page.locator("progress")).to_be_visible()
    assert page.evaluate("document.querySelector('main').inert")
    wait_ready(page)
    expect(page.locator("#reload")).to_be_enabled()
    expect(page.locator("progress")).to_be_hidden()
    assert not page.evaluate("document.querySelector('main').inert")
    assert page.evaluate("shifted") < 0.05


def test_tabs_have_orders_of_their_own(demo: Page, context: BrowserContext) -> None:
    demo.click("#to-delivery")
    other = context.new_page()
    other.goto("/")
    wait_ready(other)
    expect(other.locator("#outcome")).to_have_text("new")
    expect(other.locator("#basket-title")).to_be_visible()
