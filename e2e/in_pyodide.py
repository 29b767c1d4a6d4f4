"""Runs `tests/` with pytest inside Pyodide, in headless Chromium, and exits with its code.

`tests/cpython/` stays out: what it tests needs a process. Of the rest those run that are marked `both`,
unless an argument is `-m` with other marks. Arguments go to pytest.

Two halves of the files run at the same time, each in a browser of its own: a first one shows its output as it
comes, that of a second one follows. Arguments that name a file are run as they are, in one browser.
"""

import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import pytest
from playwright.sync_api import ConsoleMessage, sync_playwright

from e2e.browser import ARGUMENTS, ensure
from e2e.harness import MOUNTS, PATIENCE_MS
from web.serve import serve

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
WHEELS = BUILD / "wheels"
BOTH = "both"
HALVES = 2
FINE = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


class Ended(NamedTuple):
    """Pytest's exit code, and how many seconds the interpreter took to come up and the tests to run."""

    code: int
    booting: float
    running: float


def inside() -> list[Path]:
    """The files of `tests/` that are packed, relative to the project."""
    return [
        path.relative_to(ROOT)
        for path in sorted((ROOT / "tests").rglob("*"))
        if path.is_file()
        and path.relative_to(ROOT).parts[1] != "cpython"
        and "__pycache__" not in path.parts
    ]


def pack_tests(target: Path) -> None:
    """Write `tests/` and the settings of pytest into a zip archive."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in (Path("pyproject.toml"), *inside()):
            archive.write(ROOT / path, path)


def halves(marks: str) -> list[list[str]]:
    """The files with tests, shared out: where a mark is asked for, only those that name it.

    The longest file goes first, each to whoever has less. A file's length says little of how long it takes;
    it is all that is known before.
    """
    shares: list[list[str]] = [[] for _ in range(HALVES)]
    lengths = [0] * HALVES
    texts = {path: (ROOT / path).read_text() for path in inside() if path.name.startswith("test_")}
    wanted = {path: text for path, text in texts.items() if marks != BOTH or f"mark.{BOTH}" in text}
    for path in sorted(wanted, key=lambda path: -len(wanted[path])):
        least = lengths.index(min(lengths))
        shares[least].append(path.as_posix())
        lengths[least] += len(wanted[path])
    return [sorted(share) for share in shares if share]


def run_share(
    arguments: list[str], url: str, browser_path: Path, tell: Callable[[str], None]
) -> Ended:
    """Run pytest with these arguments in a browser; `tell` gets what it writes."""

    def show(message: ConsoleMessage) -> None:
        """What Python wrote (`console.debug`) as it is, anything else on a line of its own."""
        tell(message.text + ("" if message.type == "debug" else "\n"))

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=list(ARGUMENTS), timeout=PATIENCE_MS
        )
        page = browser.new_page(base_url=url)
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", show)
        page.goto("/e2e/suite.html")
        page.wait_for_function("() => 'runSuite' in window")
        code, booting, running = page.evaluate(
            "([wheels, options]) => window.runSuite(wheels, options)",
            [sorted(f"/build/wheels/{path.name}" for path in WHEELS.glob("*.whl")), arguments],
        )
        browser.close()
    return Ended(int(code), booting, running)


def names_tests(arguments: list[str]) -> bool:
    """Whether an argument is a file or a folder of tests."""
    return any(
        (ROOT / each.partition("::")[0]).exists() for each in arguments if each and each[0] != "-"
    )


def run(arguments: list[str]) -> int:
    """Pytest's exit code; of two halves that of the one that went wrong."""
    marks = BOTH
    if "-m" in arguments:
        marks = arguments[arguments.index("-m") + 1]
    else:
        arguments = ["-m", BOTH, *arguments]
    shares: list[list[str]] = [[]] if names_tests(arguments) else halves(marks)
    if not shares:
        write(f"no file of tests/ names the mark {BOTH}\n")
        return pytest.ExitCode.NO_TESTS_COLLECTED
    browser_path = ensure()
    pack_tests(BUILD / "tests.zip")
    start = perf_counter()
    with serve({**MOUNTS, "/build/": BUILD}) as server, ThreadPoolExecutor(HALVES) as pool:
        begun: list[tuple[Future[Ended], list[str]]] = []
        for number, share in enumerate(shares):
            later: list[str] = []
            tell = later.append if number else write
            work = pool.submit(run_share, [*arguments, *share], server.url, browser_path, tell)
            begun.append((work, later))
        ended = []
        for number, (work, later) in enumerate(begun):
            ended.append(work.result())
            write("".join(later))
            write(
                f"part {number + 1} of {len(shares)}: code {ended[-1].code}, {ended[-1].booting:.0f} s until "
                f"pytest began, {ended[-1].running:.0f} s of tests\n"
            )
    write(f"inside Pyodide: {perf_counter() - start:.0f} s\n")
    codes = {each.code for each in ended}
    if not codes - FINE:  # with `-k` one half may have nothing
        return min(codes)
    return max(codes - FINE)


def write(text: str) -> None:
    print(text, end="", flush=True)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
