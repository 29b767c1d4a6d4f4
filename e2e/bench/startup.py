"""What the package costs before the first statement: its size, its import, the page that is ready later."""

import json

from playwright.sync_api import Browser, Page

from e2e.harness import PATIENCE_MS, boot
from web.serve import WEB

from .inside.data import build
from .inside.sampling import Times
from .site import put_inside


def wheel_bytes() -> int:
    return (WEB / "dist/anchor_session.whl").stat().st_size


def start(browser: Browser, url: str, loads: int) -> Times:
    """Milliseconds to unpack, import and open 10 KB, each load in a fresh interpreter."""
    text = json.dumps(build("map", 100), separators=(",", ":"))
    times: Times = {}
    page = browser.new_page(base_url=url)
    for _ in range(loads):
        page.goto("/bench/start.html")
        wait_ready(page)
        for name, each in page.evaluate("(text) => window.start(text)", text).items():
            times.setdefault(name, []).append(each)
    page.close()
    return times


def ready(browser: Browser, url: str, loads: int) -> Times:
    """Milliseconds from the navigation until Python has run, with a state and without the package.

    One load of each goes before, to fill the browser's cache.
    """
    times: Times = {"with": [], "without": []}
    page = browser.new_page(base_url=url)
    for number in range(loads + 1):
        for name in times:
            page.goto(f"/bench/{name}.html")
            wait_ready(page)
            if number:
                times[name].append(float(page.evaluate("document.documentElement.dataset.ready")))
    page.close()
    return times


def wait_ready(page: Page) -> None:
    page.wait_for_function("'ready' in document.documentElement.dataset", timeout=PATIENCE_MS)


def worker(browser: Browser, url: str) -> Times:
    """Microseconds of a change and of bound `setItem` calls in a PyScript worker."""
    page = browser.new_page(base_url=url)
    run = boot(page, "worker")
    put_inside(run, url)
    run("from e2e.bench.inside import worker")
    times: Times = run("await worker.measure()")
    page.close()
    return times
