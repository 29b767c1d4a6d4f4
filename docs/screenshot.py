"""Photographs the demo into `docs/images/`: light, dark, as wide as a phone; two tabs; spaces; a chat."""

import base64
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from e2e.browser import ARGUMENTS, ensure
from web.serve import WEB, serve

IMAGES = Path(__file__).resolve().parent / "images"
DESKTOP = ViewportSize(width=1100, height=800)
PHONE = ViewportSize(width=390, height=844)
HALF = ViewportSize(width=660, height=820)
SHOTS: list[tuple[str, Literal["light", "dark"], ViewportSize]] = [
    ("light", "light", DESKTOP),
    ("dark", "dark", DESKTOP),
    ("phone", "light", PHONE),
]
SIDE_BY_SIDE = """<!doctype html><style>
  body { display: flex; gap: 28px; margin: 0; padding: 28px; background: #c3d0d5; font: 600 14px sans-serif; }
  figure { margin: 0; overflow: hidden; border-radius: 12px; box-shadow: 0 6px 24px #0e2a3440; }
  figcaption { padding: 8px 8px 0; background: #0e2a34; color: #13242d; }
  span { display: inline-block; padding: 8px 18px; border-radius: 8px 8px 0 0; background: #e9eff1; }
  img { display: block; width: 660px; }
</style>"""

HELD = """() => {
  for (const each of document.getAnimations()) {
    if (each.animationName !== "news") each.finish();
    else { each.currentTime = 300; each.pause(); }
  }
}"""
"""What another tab has just changed is marked, and the mark fades."""


def opened(page: Page, path: str) -> Page:
    page.on("pageerror", lambda error: print(error.message))
    page.goto(path)
    page.wait_for_selector("html[data-ready]", timeout=60_000)
    return page


def add(page: Page, sku: str, quantity: int) -> None:
    page.select_option("#product", sku)
    page.fill("#quantity", str(quantity))
    page.click("#add button")


def take_order(browser: Browser, url: str) -> None:
    for name, scheme, viewport in SHOTS:
        page = browser.new_page(
            base_url=url, color_scheme=scheme, viewport=viewport, device_scale_factor=2
        )
        opened(page, "/")
        page.locator("[data-by='1']").first.click()
        page.reload()
        page.wait_for_selector("html[data-ready]", timeout=60_000)
        page.locator("[data-by='1']").last.click()
        page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
        page.close()
        print(f"docs/images/{name}.png")


def take_tabs(browser: Browser, url: str) -> None:
    context = browser.new_context(base_url=url, viewport=HALF, device_scale_factor=2)
    one, two = (opened(context.new_page(), "/tabs.html") for _ in range(2))
    add(one, "notebook", 1)
    add(one, "ink", 2)
    two.wait_for_selector("[data-sku=ink]")
    two.click("[data-sku=notebook] [data-by='1']")
    add(two, "seal", 1)
    one.wait_for_selector("[data-sku=seal]")
    pictures = []
    for page in (one, two):
        page.bring_to_front()
        page.evaluate("document.activeElement.blur()")
        page.evaluate(
            "document.getAnimations().forEach((each) => { each.currentTime = 0; each.pause(); })"
        )
        page.mouse.move(0, 0)
        shot = base64.b64encode(page.screenshot()).decode()
        name = page.locator("#name").input_value()
        pictures.append(
            f"<figure><figcaption><span>{name}</span></figcaption>"
            f"<img src='data:image/png;base64,{shot}'></figure>"
        )
    frame = context.new_page()
    frame.set_viewport_size({"width": 2 * HALF["width"] + 84, "height": 100})
    frame.set_content(SIDE_BY_SIDE + "".join(pictures))
    frame.wait_for_function("[...document.images].every((each) => each.naturalWidth)")
    frame.screenshot(path=IMAGES / "tabs.png", full_page=True)
    context.close()
    print("docs/images/tabs.png")


def take_spaces(browser: Browser, url: str) -> None:
    page = browser.new_page(base_url=url, viewport=DESKTOP, device_scale_factor=2)
    opened(page, "/spaces.html")
    for name in ("Tide calendar 2027", "Letterpress for the festival", "Autumn window"):
        page.fill("#title", name)
        page.click("#add button")
    page.click("#spaces li:nth-child(2) .enter")
    page.check("[name=view][value=board]", force=True)
    page.click("#spaces li:nth-child(3) .enter")
    page.check("[name=view][value=map]", force=True)
    page.fill("#username", "Ada")
    page.wait_for_function("document.getElementById('edits').textContent === '0'", timeout=60_000)
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    page.mouse.move(0, 0)
    page.evaluate("document.getAnimations().forEach((each) => each.finish())")
    page.screenshot(path=IMAGES / "spaces.png", full_page=True)
    page.close()
    print("docs/images/spaces.png")


def take_chat(browser: Browser, url: str) -> None:
    page = browser.new_page(base_url=url, viewport=DESKTOP, device_scale_factor=2)
    opened(page, "/chat.html?pace=0")
    ask(page, "How is it delivered?")
    page.click("#new")
    page.wait_for_selector("#ideas", state="visible")
    ask(page, "What do three notebooks and an ink cost?")
    ask(page, "Tell me the story of the tern")
    page.click(".answer [data-branch] >> visible=true >> nth=0")
    page.wait_for_function("document.querySelectorAll('#messages > li').length === 3")
    page.goto("/chat.html?pace=0.1")
    page.wait_for_selector("html[data-ready]", timeout=60_000)
    page.fill("#draft", "Tell me the story of the tern")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelector('#coming .text').textContent.split(' ').length > 24"
    )
    page.evaluate("document.getAnimations().forEach((each) => each.cancel())")
    page.screenshot(path=IMAGES / "chat.png", full_page=True)
    page.close()
    print("docs/images/chat.png")


def ask(page: Page, text: str) -> None:
    page.fill("#draft", text)
    page.keyboard.press("Enter")
    page.wait_for_selector("#stop", state="visible")
    page.wait_for_selector("#send", state="visible")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with serve({"/": WEB}) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure(), args=list(ARGUMENTS))
        take_order(browser, server.url)
        take_tabs(browser, server.url)
        take_spaces(browser, server.url)
        take_chat(browser, server.url)
        browser.close()


if __name__ == "__main__":
    main()
