"""`make bench`: measures everything, prints it, and writes `docs/benchmarks.md` and its chart."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from time import monotonic
from typing import Any

from playwright.sync_api import Browser

from e2e.harness import Interpreter

from . import machine, report, sharing, startup
from .figures import number
from .inside.data import RECORDS, SHAPES
from .inside.edits import OPERATIONS, has
from .inside.sampling import Times
from .site import BUILD, DOCS, boot_bench, opened

# Rounds by size. Setting a leaf, which most figures are about, has twice as many.
ROUNDS = {"1 KB": 21, "10 KB": 15, "100 KB": 7, "1 MB": 3}
QUICK = {"1 KB": 5, "10 KB": 5, "100 KB": 3, "1 MB": 2}
ALONE = (
    "writing.small",
    "writing.batches",
    "writing.equals",
    "reading.reads",
    "opening.opening",
    "opening.folding",
    "effects.effects",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    add = parser.add_argument
    add(
        "--quick",
        action="store_true",
        help="few rounds of one shape; the report is put into build/",
    )
    add("--only", metavar="TEXT", help='print comparisons like "1 KB, map, set" that contain TEXT')
    given = parser.parse_args()
    if given.only:
        print_only(given.only)
        return
    start = monotonic()
    results = measure(given.quick)
    results["seconds"] = round(monotonic() - start)
    print(report.write(results, BUILD if given.quick else DOCS))


def print_only(text: str) -> None:
    with opened() as (browser, url):
        run = boot_bench(browser.new_page(base_url=url))
        for _ in cells(run, False, text):
            pass


def measure(is_quick: bool) -> dict[str, Any]:
    """Everything, as JSON has it."""
    with opened() as (browser, url):
        return {
            "when": datetime.now(UTC).date().isoformat(),
            "quick": is_quick,
            "machine": machine.describe(),
            "commit": machine.commit(),
            "chromium": browser.version,
            "wheel": startup.wheel_bytes(),
            "start": said("start", startup.start(browser, url, 3 if is_quick else 7)),
            **in_one_page(browser, url, is_quick),
            "worker": said("worker", startup.worker(browser, url)),
            "tabs": tabs(browser, url, is_quick),
            "ready": said("page ready", startup.ready(browser, url, 2 if is_quick else 5)),
        }


def in_one_page(browser: Browser, url: str, is_quick: bool) -> dict[str, Any]:
    page = browser.new_page(base_url=url)
    run = boot_bench(page)
    run("import sys, anchor_session, pyodide")
    run("from e2e.bench.inside import effects, opening, reading, writing")
    found: dict[str, Any] = {
        "pyodide": run("pyodide.__version__"),
        "python": run("sys.version.split()[0]"),
        "package": run("anchor_session.__version__"),
        "isolated": page.evaluate("crossOriginIsolated"),
        "calls": run("writing.calls()"),
        "bytes": run("opening.sizes()"),
    }
    for name in ALONE:
        last = name.split(".")[1]
        found[last] = said(last, run(f"await {name}({5 if is_quick else 21})"))
    found["cells"] = list(cells(run, is_quick))
    page.close()
    return found


def tabs(browser: Browser, url: str, is_quick: bool) -> dict[str, Times]:
    found = sharing.measure(browser, url, *((3, 1) if is_quick else (15, 5)))
    return {name: said(f"two tabs, {name}", times) for name, times in found.items()}


def cells(run: Interpreter, is_quick: bool, only: str = "") -> Iterator[dict[str, Any]]:
    """The comparisons, each as soon as it is measured."""
    run("from e2e.bench.inside import matrix")
    print("warming up", flush=True)
    run("await matrix.warm_up(10)")
    for size in RECORDS:
        for operation in OPERATIONS:
            shapes = [shape for shape in SHAPES if has(operation, shape)]
            is_one = is_quick or (size == "1 MB" and operation != "set")
            for shape in shapes[:1] if is_one else shapes:
                name = f"{size}, {shape}, {operation}"
                if only in name:
                    start = monotonic()
                    rounds = (QUICK if is_quick else ROUNDS)[size] * (1 + (operation == "set"))
                    cell = run(f"await matrix.cell({size!r}, {shape!r}, {operation!r}, {rounds})")
                    said(f"{name} ({monotonic() - start:.0f} s)", cell["times"])
                    yield {**cell, "size": size, "shape": shape, "operation": operation}


def said(what: str, times: Times) -> Times:
    """Print that it was measured, with the medians; gives `times`."""
    medians = ", ".join(f"{name} {number(median(each))}" for name, each in times.items() if each)
    print(f"{what}: {medians}", flush=True)
    return times


if __name__ == "__main__":
    main()
