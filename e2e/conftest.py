"""Fixtures of the tests in a browser: the site, Chromium, and pages that run Python.

Each file has browsers of its own: in one that has had hundreds of pages, pages crash. Two files may run at
the same time, in two processes of pytest; whatever is of the session is there once in each of them.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from e2e import minutes
from e2e.browser import ARGUMENTS, ensure
from e2e.harness import MOUNTS, PATIENCE_MS, Interpreter, Kind, boot
from e2e.profile import WarmProfile, as_new
from e2e.watching import PRELUDE, WATCH
from web.serve import serve

expect.set_options(timeout=PATIENCE_MS)

OpenBrowser = Callable[..., BrowserContext]
"""Starts a browser with nothing in its storage."""


TIDY = """
from anchor_session.page.open_states import leave_all
leave_all()
window.sessionStorage.clear()
window.localStorage.clear()
if hasattr(window, "heard"):
    window.heard.splice(0)
"""


class OpenPage(Protocol):
    def __call__(
        self,
        kind: Kind = ...,
        *,
        page: Page | None = None,
        sandbox: str | None = None,
        prelude: str = ...,
    ) -> Interpreter: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    minutes.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    minutes.configure(config)


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """The address of this site: `page.goto("/e2e/plain.html")` is relative to it."""
    with serve(MOUNTS) as server:
        yield server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """What starts the Chromium of these tests, also for a test that launches one of its own."""
    return {
        **browser_type_launch_args,
        "executable_path": ensure(),
        "args": list(ARGUMENTS),
        "timeout": PATIENCE_MS,
    }


@pytest.fixture(scope="session")
def warm(
    playwright: Playwright,
    browser_type_launch_args: dict[str, Any],
    base_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> WarmProfile:
    """What a browser keeps of the runtimes, once it has booted them: less than half the work is left."""
    folder = tmp_path_factory.mktemp("warm")
    warm = WarmProfile(playwright, folder, browser_type_launch_args, base_url)
    warm.fill()
    return warm


@pytest.fixture(scope="module")
def open_browser(
    warm: WarmProfile, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenBrowser]:
    """Starts browsers, which are closed at the end of the file; options go to Playwright."""
    opened: list[tuple[BrowserContext, Path]] = []

    def open_browser(**options: Any) -> BrowserContext:
        folder = tmp_path_factory.mktemp("browser")
        context = warm.start(folder, **options)
        opened.append((context, folder))
        return context

    yield open_browser
    for context, folder in opened:
        context.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def own_browser(open_browser: OpenBrowser) -> BrowserContext:
    """The browser of the tests of a file that open pages of their own."""
    return open_browser()


@pytest.fixture
def context(own_browser: BrowserContext, base_url: str) -> Iterator[BrowserContext]:
    """The file's browser, as a new one: after the test its pages are closed, nothing is in its storage."""
    with as_new(own_browser, base_url):
        yield own_browser


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A new tab."""
    return context.new_page()


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
def tab(open_browser: OpenBrowser) -> Interpreter:
    """One watched PyScript page for a whole file, emptied after each test by `clean_tab`."""
    context = open_browser()
    context.add_init_script(WATCH)
    return boot(context.new_page(), prelude=PRELUDE)


@pytest.fixture(autouse=True)
def clean_tab(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test nothing is open, stored or heard in the one page of its file: tests come in any order."""
    names = {"tab", "run"} & set(request.fixturenames)
    pages = [request.getfixturevalue(name) for name in names]
    yield
    for page in pages:
        page(TIDY)


@pytest.fixture(scope="module")
def caching_browser(open_browser: OpenBrowser) -> BrowserContext:
    """A browser with the page cache on, which Playwright otherwise turns off."""
    return open_browser(ignore_default_args=["--disable-back-forward-cache"])


@pytest.fixture
def bfcache_page(caching_browser: BrowserContext, base_url: str) -> Iterator[Page]:
    """A page of a browser with the page cache."""
    with as_new(caching_browser, base_url):
        yield caching_browser.new_page()
