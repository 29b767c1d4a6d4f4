"""Writes a run of `make records` as the last section of a page."""

import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import anchor_session

from . import machine
from .figures import spread, table

Times = dict[str, list[float]]
HEADING = "## Figures\n"
OURS, THEIRS = "anchor_session", "litestar"
ASKED = {"memory": 0.8, "redis": 0.8, "file, no fsync": 0.8}
ABOUT = """\
Calls a second, and the time of one with its quartiles. One process and one event loop; each call is awaited
before the next one begins, over 50 ids in turn, with a ttl of an hour. What is kept is a session with a
basket, of lines like `{"sku": "A-00001", "name": "Ink, bottle 1", "quantity": 2, "price": 12.5, "gift":
false, "note": null}`. The two take turns, in samples of some 20 ms next to each other; the ratio is the
median of all rounds'.

- **litestar** keeps bytes, and so has `json.dumps` and `json.loads` around its calls. The package, besides,
  makes sure that what it is given can come back, and that what it reads is no trap.
- **file, no fsync**: litestar leaves it to the system when a file is on the disk, so a power cut may leave an
  empty record. For the comparison `os.fsync` does nothing in the package's store either. **file** is what
  you get.
- **redis** is one server on the same machine, without persistence, over TCP; both use `redis-py` without
  hiredis.
"""


def said(times: Times) -> str:
    return ", ".join(f"{name} {spread(each)}" for name, each in times.items())


def write(cells: list[dict[str, Any]], command: str, seconds: float) -> str:
    """The section."""
    return "\n".join(lines(cells, command, seconds))


def put_into(page: Path, section: str) -> None:
    """Replace the section, the last one of the page."""
    before, heading, _ = page.read_text().partition(HEADING)
    assert heading, f"{page} has no {HEADING.strip()!r}"
    page.write_text(before + section)


def lines(cells: list[dict[str, Any]], command: str, seconds: float) -> Iterator[str]:
    yield HEADING
    when = datetime.now(UTC).date().isoformat()
    commit = machine.commit()
    package = f"anchor_session {anchor_session.__version__}{f' ({commit})' if commit else ''}"
    yield (
        f"Written by `{command}` on {when}, in {seconds:.0f} seconds, on {machine.describe()}, with"
        f" Python {platform.python_version()}, {package}, litestar {version('litestar')} and redis-py"
        f" {version('redis')}. What counts is the ratios.\n"
    )
    yield table(["", "a second", "one call", "litestar", "one call", "", "asked", ""], rows(cells))
    yield ABOUT


def rows(cells: list[dict[str, Any]]) -> Iterator[list[str]]:
    for cell in cells:
        times: Times = cell["times"]
        row = [f"{cell['store']}, {cell['what']}, {cell['size']}", *figures(times[OURS])]
        if THEIRS in times:
            found, asked = ratio(times), ASKED[cell["store"]]
            row += [*figures(times[THEIRS]), f"{found:.2f}×", f"at least {asked}×"]
            row.append("yes" if found >= asked else "**no**")
        yield row + [""] * (8 - len(row))


def figures(times: list[float]) -> tuple[str, str]:
    return f"{1e6 / median(times):,.0f}", spread(times)


def ratio(times: Times) -> float:
    """How many times what the package does fits into what the other needs."""
    pairs = zip(times[THEIRS], times[OURS], strict=True)
    return median([theirs / ours for theirs, ours in pairs])
