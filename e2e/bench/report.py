"""Writes a run into `docs/benchmarks.md` and draws its chart."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import alone, asked, chart, comparison
from .figures import Run, table
from .site import ROOT

PEERS = ROOT / "e2e/bench/peers/package.json"
ABOUT = """\
Everything is in one page, in one run and in the same `sessionStorage`, each under a key of its own.
Everyone has the same data (records of about 100 bytes) and makes the same changes, in turn and in a new
order each round, with a pause before each turn in which the browser puts away what was written. Times are
medians, with the quartiles in brackets, of samples of 1 to 30 changes, as many as take 3 ms together.
At 1 MB only a leaf is set in every shape; all else is done in the first that has it.
The libraries are bundled for production and timed inside JavaScript; the package is timed inside Python.

Before anything is timed everyone runs for ten seconds: browsers compile JavaScript, and the WebAssembly
that Python is, better as it is used more. Each change is timed alone and a third of a millisecond after the
one before, as in a program that does something else too: changes that follow each other at once share a
message to the browser's storage process, and cost everyone less. The first change after a pause costs
several times the later ones, for everyone: caches are cold. It is part of each sample.

What is timed of the package are the statements that a user writes, in functions that are compiled before the
clock starts: `def change(state, value, a): state["records"][a]["price"] = value`. In JavaScript a loop over
the path does the change: its compiler makes that as fast as such a function, to within 1 µs.

Each change is **in storage when the statement returns**: before it is timed it is made once, what is stored
is read in the same task, and has to be the new state. Where a library stores later (†), it is timed until
its text is there.

- **zustand, jotai, nanostores** replace the state by one that shares what did not change: the change copies
  what encloses the leaf, once.
- **pinia** changes by `$patch`, whose subscribers, and so the plug-in, run before it returns. Its own watcher
  walks over the state a microtask later, which is not counted.
- **VueUse** has `flush: "sync"` and `deep: true`, and a window of its own for the storage event that it sends
  with each write: else the other libraries in the page would hear it. Its means of batching is
  `flush: "pre"` †.
- **valtio** has `JSON.stringify` in a synchronous `subscribe`. Taking from an array, putting in front of it
  and a batch are many steps for its proxy, each of them a write; there the usual subscription is used, which
  runs a microtask later †.
- **anchor_session** in the layout `"auto"` appends to a journal when the state is large. Folding it into the
  document, when the page is idle, is not in these times.
"""


def write(raw: dict[str, Any], folder: Path) -> str:
    """Write the report and its chart into `folder`; gives the text."""
    run = Run(raw)
    text = "\n".join(lines(run))
    (folder / "images").mkdir(exist_ok=True)
    (folder / "benchmarks.md").write_text(text)
    (folder / "images/benchmarks.svg").write_text(chart.draw(run))
    return text


def lines(run: Run) -> Iterator[str]:
    raw = run.raw
    command = "make bench ARGS=--quick" if raw["quick"] else "make bench"
    yield "# Benchmarks\n"
    minutes = raw["seconds"] / 60
    yield f"Written by `{command}` on {raw['when']}, in {minutes:.1f} minutes. What counts is the ratios.\n"
    yield from versions(run)
    yield "![One leaf changed, by the size of the state](images/benchmarks.svg)\n"
    yield "## Asked and measured\n"
    yield table(
        ["figure", "asked", "measured", "reached"],
        (
            [row.what, row.asked, row.measured, "yes" if row.is_reached else "**no**"]
            for row in asked.rows(run)
        ),
    )
    yield "## Beside other libraries\n"
    yield ABOUT
    yield from comparison.sections(run)
    yield "## Alone\n"
    yield from alone.sections(run)


def versions(run: Run) -> Iterator[str]:
    raw = run.raw
    yield f"- {raw['machine']}; {'the' if raw['isolated'] else 'no'} fine clock of an isolated page"
    yield f"- Chromium {raw['chromium']}, Pyodide {raw['pyodide']} (Python {raw['python']})"
    commit = f" ({raw['commit']})" if raw["commit"] else ""
    yield f"- anchor_session {raw['package']}{commit}, {listed(python_versions())}"
    yield f"- {listed(json.loads(PEERS.read_text())['dependencies'])}\n"


def python_versions() -> dict[str, str]:
    """What is measured inside Pyodide, as `pyproject.toml` has it."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    pairs = dict(each.split("==") for each in groups["bench"])
    return {name: pairs[name] for name in ("reaktiv", "observ")}


def listed(names: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in names.items())
