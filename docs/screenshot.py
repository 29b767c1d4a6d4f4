"""Photographs the demo into `docs/images/`: light, dark, and as wide as a phone."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import ViewportSize, sync_playwright

from e2e.browser import ARGUMENTS, ensure
from web.serve import WEB, serve

IMAGES = Path(__file__).resolve().parent / "images"
DESKTOP = ViewportSize(width=1100, height=800)
PHONE = ViewportSize(width=390, height=844)
SHOTS: list[tuple[str, Literal["light", "dark"], ViewportSize]] = [
    ("light", "light", DESKTOP),
    ("dark", "dark", DESKTOP),
    ("phone", "light", PHONE),
]


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with serve({"/": WEB}) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure(), args=list(ARGUMENTS))
        for name, scheme, viewport in SHOTS:
            page = browser.new_page(
                base_url=server.url, color_scheme=scheme, viewport=viewport, device_scale_factor=2
            )
            page.on("pageerror", lambda error: print(error.message))
            page.goto("/")
            page.wait_for_selector("html[data-ready]", timeout=60_000)
            page.locator("[data-by='1']").first.click()
            page.reload()
            page.wait_for_selector("html[data-ready]", timeout=60_000)
            page.locator("[data-by='1']").last.click()
            page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
            page.close()
            print(f"docs/images/{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
