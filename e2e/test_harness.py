"""The harness itself: what the other tests here rely on."""

import pytest
from playwright.sync_api import BrowserContext, Page

from e2e.conftest import OpenPage
from e2e.harness import Kind, PythonError, add_frame, go_back


@pytest.mark.parametrize("kind", ["pyscript", "worker", "bare"])
def test_wheel_is_importable_and_write_right_before_reload_is_kept(
    open_page: OpenPage, kind: Kind
) -> None:
    run = open_page(kind)
    assert run("import anchor_session; anchor_session.__version__").count(".") == 2
    run.reload("window.sessionStorage.setItem('n', '1'); n = 1")
    assert run("window.sessionStorage.getItem('n')") == "1"
    with pytest.raises(PythonError) as caught:
        run("n")
    assert str(caught.value) == "NameError: name 'n' is not defined"


def test_source_may_reload_by_itself(open_page: OpenPage) -> None:
    run = open_page()
    run("window.sessionStorage.setItem('n', '1'); window.location.reload()")
    run.wait_ready()
    assert run("window.sessionStorage.getItem('n')") == "1"


def test_names_live_on_source_may_await_and_errors_keep_their_names(open_page: OpenPage) -> None:
    run = open_page()
    assert run("x = [1]") is None
    assert run("import asyncio\nawait asyncio.sleep(0)\nx + [None]") == [1, None]
    with pytest.raises(PythonError, match="QuotaExceededError"):
        run("window.sessionStorage.setItem('n', 'x' * 6_000_000)")


def test_init_script_runs_before_pyscript(context: BrowserContext, open_page: OpenPage) -> None:
    context.add_init_script(
        """Object.defineProperty(window, "sessionStorage", {
          get() { throw new DOMException("no storage here", "SecurityError"); }
        })"""
    )
    run = open_page()
    with pytest.raises(PythonError, match="SecurityError: no storage here"):
        run("window.sessionStorage")


def test_tabs_have_storage_of_their_own(open_page: OpenPage) -> None:
    one, two = open_page(), open_page()
    one("window.sessionStorage.setItem('n', '1')")
    assert two("window.sessionStorage.length") == 0


def test_frame_of_the_page_shares_its_storage(open_page: OpenPage) -> None:
    run = open_page()
    frame = add_frame(run.page)
    frame.evaluate("sessionStorage.setItem('n', '1')")
    assert run("window.sessionStorage.getItem('n')") == "1"


def test_sandboxed_frame_runs_python_and_has_no_storage(open_page: OpenPage) -> None:
    run = open_page("bare", sandbox="allow-scripts")
    with pytest.raises(PythonError, match="SecurityError"):
        run("window.sessionStorage")


def test_page_cache_brings_the_same_interpreter_back(
    open_page: OpenPage, bfcache_page: Page
) -> None:
    run = open_page(page=bfcache_page)
    run("n = 1")
    bfcache_page.goto("/e2e/plain.html")
    go_back(bfcache_page)
    assert run("n") == 1
