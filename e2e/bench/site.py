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

UNPACK = """
from pyodide.http import pyfetch
for archive in {archives!r}:
    await (await pyfetch(archive)).unpack_archive(format="zip")
"""


@contextmanager
def opened() -> Iterator[tuple[Browser, str]]:
    """A browser, and the address of the site."""
    with serve(BENCH_MOUNTS) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure(), args=list(ARGUMENTS))
        yield browser, server.url
        browser.close()


def pack() -> None:
    """Write what runs inside Pyodide into an archive that the site serves."""
    with zipfile.ZipFile(BUILD / "inside.zip", "w") as archive:
        for path in sorted(INSIDE.glob("*.py")):
            archive.write(path, path.relative_to(ROOT))


def boot_bench(page: Page, *, wheels: bool = True) -> Interpreter:
    """A bare Pyodide page with the libraries of JavaScript and, by `wheels`, those of Python."""
    pack()
    run = boot(page, "bare")
    page.evaluate("import('/build/peers.js').then(() => null)")
    archives = ["/build/inside.zip"]
    if wheels:
        archives += [
            f"/build/bench/{path.name}" for path in sorted((BUILD / "bench").glob("*.whl"))
        ]
    run(UNPACK.format(archives=archives))
    return run
