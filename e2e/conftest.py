"""Fixtures of the tests in a browser: the site, Chromium, and pages that run Python."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from e2e.browser import ARGUMENTS, ensure
from e2e.harness import MOUNTS, Interpreter, Kind, boot
from e2e.watching import PRELUDE, WATCH
from web.serve import serve


class OpenPage(Protocol):
    def __call__(
        self,
        kind: Kind = ...,
        *,
        page: Page | None = None,
        sandbox: str | None = None,
        prelude: str = ...,
    ) -> Interpreter: ...


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """The address of this site: `page.goto("/e2e/plain.html")` is relative to it."""
    with serve(MOUNTS) as server:
        yield server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """What starts the Chromium of these tests, also for a test that launches one of its own."""
    return {**browser_type_launch_args, "executable_path": ensure(), "args": list(ARGUMENTS)}


@pytest.fixture
def open_page(context: BrowserContext) -> OpenPage:
    """Opens a new tab of `context` with Python in it, or loads it in the `page` that is given."""

    def open_page(
        kind: Kind = "pyscript",
        *,
        page: Page | None = None,
        sandbox: str | None = None,
        prelude: str = "",
    ) -> Interpreter:
        return boot(page or context.new_page(), kind, sandbox=sandbox, prelude=prelude)

    return open_page


@pytest.fixture(scope="module")
def browser(launch_browser: Callable[[], Browser]) -> Iterator[Browser]:
    """A browser for each module: in one that has had hundreds of pages, pages crash."""
    browser = launch_browser()
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def tab(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Interpreter]:
    """One watched PyScript page for a whole file: its tests use names of their own."""
    context = browser.new_context(**browser_context_args)
    context.add_init_script(WATCH)
    yield boot(context.new_page(), prelude=PRELUDE)
    context.close()


@pytest.fixture
def bfcache_page(
    playwright: Playwright, browser_type_launch_args: dict[str, Any], base_url: str
) -> Iterator[Page]:
    """A page of a browser with the page cache on, which Playwright otherwise turns off."""
    browser = playwright.chromium.launch(
        **browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser.new_page(base_url=base_url)
    browser.close()
