"""`make bench`: measures everything, prints it, and writes `docs/benchmarks.md` and its chart."""

import argparse
import json
from datetime import UTC, datetime
from statistics import median
from time import monotonic
from typing import Any

from playwright.sync_api import Browser

from . import figures, machine, report, startup
from .inside.data import RECORDS, SHAPES
from .inside.edits import OPERATIONS, has
from .site import BUILD, boot_bench, opened

# Rounds by size.
ROUNDS = {"1 KB": 15, "10 KB": 13, "100 KB": 9, "1 MB": 5}
QUICK = {"1 KB": 5, "10 KB": 5, "100 KB": 3, "1 MB": 3}
RESULTS = BUILD / "bench.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few rounds of one shape, to try it out"
    )
    parser.add_argument("--report", action="store_true", help="write the last run's report again")
    given = parser.parse_args()
    if not given.report:
        start = monotonic()
        results = measure(given.quick)
        results["seconds"] = round(monotonic() - start)
        RESULTS.write_text(json.dumps(results))
    print(report.write(json.loads(RESULTS.read_text())))


def measure(is_quick: bool) -> dict[str, Any]:
    """Everything, as JSON has it."""
    with opened() as (browser, url):
        return {
            "when": datetime.now(UTC).date().isoformat(),
            "quick": is_quick,
            "machine": machine.describe(),
            "chromium": browser.version,
            "wheel": startup.wheel_bytes(),
            "start": said("start", startup.start(browser, url, 3 if is_quick else 7)),
            **in_one_page(browser, url, is_quick),
            "worker": said("worker", startup.worker(browser, url)),
            "ready": said("page ready", startup.ready(browser, url, 2 if is_quick else 5)),
        }


def in_one_page(browser: Browser, url: str, is_quick: bool) -> dict[str, Any]:
    page = browser.new_page(base_url=url)
    run = boot_bench(page)
    run("import sys, pyodide")
    run("from e2e.bench.inside import effects, matrix, opening, reading, writing")
    found: dict[str, Any] = {
        "pyodide": run("pyodide.__version__"),
        "python": run("sys.version.split()[0]"),
        "package": run("import anchor_session; anchor_session.__version__"),
        "isolated": page.evaluate("crossOriginIsolated"),
        "cells": [],
    }
    rounds = 5 if is_quick else 25
    found["calls"] = run("writing.calls()")
    for name in (
        "writing.small",
        "writing.batches",
        "writing.equals",
        "reading.reads",
        "opening.opening",
    ):
        last = name.split(".")[1]
        found[last] = said(last, run(f"await {name}({rounds})"))
    found["effects"] = said("effects", run(f"effects.effects({rounds})"))
    for size in RECORDS:
        for operation in OPERATIONS:
            shapes = [shape for shape in SHAPES if has(operation, shape)]
            for shape in shapes[:1] if is_quick else shapes:
                # Setting a leaf is what most figures are about.
                times = (QUICK if is_quick else ROUNDS)[size] * (2 if operation == "set" else 1)
                cell = run(f"await matrix.cell({size!r}, {shape!r}, {operation!r}, {times})")
                found["cells"].append(
                    {**cell, "size": size, "shape": shape, "operation": operation}
                )
                said(f"{size}, {shape}, {operation}", cell["times"])
    page.close()
    return found


def said(what: str, times: dict[str, list[float]]) -> dict[str, list[float]]:
    """Print that it was measured, with the medians; gives `times`."""
    medians = ", ".join(f"{name} {figures.number(median(each))}" for name, each in times.items())
    print(f"{what}: {medians}", flush=True)
    return times


if __name__ == "__main__":
    main()
