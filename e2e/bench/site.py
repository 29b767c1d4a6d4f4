"""The site and the browser of the benchmark, and its pages."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from e2e.browser import ARGUMENTS, ensure
from e2e.harness import MOUNTS, Interpreter, boot
from web.serve import serve

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
DOCS = ROOT / "docs"
PAGES = Path(__file__).resolve().parent / "pages"
INSIDE = Path(__file__).resolve().parent / "inside"
BENCH_MOUNTS = {**MOUNTS, "/build/": BUILD, "/bench/": PAGES}


@contextmanager
def opened() -> Iterator[tuple[Browser, str]]:
    """A browser, and the address of the site."""
    with serve(BENCH_MOUNTS) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure(), args=list(ARGUMENTS))
        yield browser, server.url
        browser.close()


def put_inside(run: Interpreter, url: str = "") -> None:
    """Make `e2e.bench.inside` importable; workers need the site's whole `url`."""
    with zipfile.ZipFile(BUILD / "inside.zip", "w") as archive:
        for path in sorted(INSIDE.glob("*.py")):
            archive.write(path, path.relative_to(ROOT))
    unpack(run, f"{url}/build/inside.zip")


def boot_bench(page: Page, *, wheels: bool = True) -> Interpreter:
    """A bare Pyodide page with the libraries of JavaScript and, by `wheels`, those of Python."""
    run = boot(page, "bare")
    page.evaluate("import('/build/peers.js').then(() => null)")
    put_inside(run)
    for path in sorted((BUILD / "bench").glob("*.whl")) if wheels else ():
        unpack(run, f"/build/bench/{path.name}")
    return run


def unpack(run: Interpreter, url: str) -> None:
    run("from pyodide.http import pyfetch")
    run(f"await (await pyfetch({url!r})).unpack_archive(format='zip')")
