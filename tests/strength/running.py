"""Runs tests in a copy of the tree: once to see which of them run which lines, then those of a break."""

import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .breaks import Break, broken, find_break

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build/strength"
SEEN = BUILD / "seen.json"
LEFT_OUT = shutil.ignore_patterns(
    ".*", "build", "dist", "node_modules", "__pycache__", "test-results"
)
# What runs the package in other processes, or looks at its text, sees nothing of a break or all of them.
TESTS = (
    "tests",
    "--ignore=tests/cpython",
    "--ignore=tests/strength",
    "--ignore=tests/typing",
)
FIRST = 3  # test files of the first try
MEMORY = 4 << 30
MOST = 12  # cases of a function that are run to see its lines


@dataclass
class Seen:
    """Which test functions run which lines, and the seconds of processor time each takes."""

    functions: dict[str, dict[str, Any]]
    by_line: dict[str, dict[str, list[int]]]  # by file and line, as places in `functions`

    def __post_init__(self) -> None:
        self._names = list(self.functions)

    def lines(self, file: str) -> set[int]:
        """The lines that some test runs."""
        return {
            int(line) for line, found in self.by_line.get(file, {}).items() if self._tests(found)
        }

    def seconds(self, function: str) -> float:
        found = self.functions[function]
        return float(found["seconds"] / max(1, found["ran"]) * max(found["cases"], found["ran"]))

    def tests_of(self, file: str, lines: range) -> list[str]:
        """The functions that run any of the lines, near and quick ones first; at import, all of the file."""
        by_line = self.by_line.get(file, {})
        found = {test for line in lines for test in self._tests(by_line.get(str(line), []))}
        if not found:
            found = {test for each in by_line.values() for test in self._tests(each)}
        return sorted(found, key=lambda test: (_distance(file, test), self.seconds(test), test))

    def _tests(self, numbers: list[int]) -> list[str]:
        names = [self._names[number] for number in numbers]
        return [name for name in names if not self.functions[name]["failed"]]


def _distance(file: str, test: str) -> int:
    """0 for the tests of the file, 1 for those of its folder, 2 for the others."""
    parts, stem = Path(file).parts[1:-1], Path(file).stem
    tested = Path(test.partition("::")[0])
    if stem.strip("_") in tested.stem:
        return 0
    return 1 if parts and parts[0] in tested.parts else 2


def copied(to: Path) -> Path:
    root = to / "tree"
    shutil.copytree(ROOT, root, ignore=LEFT_OUT)
    return root


def run_pytest(
    root: Path, asked: dict[str, Any], args: list[str], limit: "float | None"
) -> "dict[str, Any] | str":
    """The plugin's answer, or a word on how the run ended without one: by its limit of time, or in a crash.

    The process is a fork of this one, which has imported all but the package and its tests.
    """
    folder = root.parent
    paper = folder / "asked.json"
    paper.write_text(json.dumps({"root": str(root), **asked}))
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = _inside(root, paper, args, limit)
        finally:
            os._exit(code)
    until = None if limit is None else time.monotonic() + 300 + 20 * limit
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if until is not None and time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return "waits for ever"
        time.sleep(0.02)
    if os.WIFSIGNALED(status):
        return (
            "runs for ever"
            if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
            else "crashes"
        )
    answer: dict[str, Any] = json.loads(paper.read_text())
    if "ran" not in answer:
        return f"ends with {os.WEXITSTATUS(status)} before the tests"
    return answer


def _inside(root: Path, paper: Path, args: list[str], limit: "float | None") -> int:
    log = os.open(root.parent / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if limit is not None:
        seconds = int(20 + 5 * limit)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.chdir(root)
    os.environ["STRENGTH"] = str(paper)
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "anchor_session")]:
        del sys.modules[name]
    sys.path[:] = [str(root), *[path for path in sys.path if path not in ("", str(ROOT))]]
    sys.dont_write_bytecode = True
    import pytest

    plugins = ["-p", "tests.strength.plugin", "-p", "no:cacheprovider"]
    return int(pytest.main([*plugins, "-p", "no:randomly", "-p", "no:xdist", "-q", *args]))


def measure(*, again: bool = False) -> Seen:
    """Which tests run which lines; kept in `build/strength`."""
    if again or not SEEN.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            asked = {"measure": True, "most": MOST}
            answer = run_pytest(copied(Path(folder)), asked, list(TESTS), None)
            if isinstance(answer, str):
                raise SystemExit(f"{answer}:\n{(Path(folder) / 'log').read_text()[-4000:]}")
        SEEN.write_text(json.dumps({name: answer[name] for name in ("functions", "by_line")}))
    return Seen(**json.loads(SEEN.read_text()))


def tries(tests: list[str], seen: Seen, most: float) -> "list[list[str]]":
    """The tests in three parts: of a few near files, what is quick, the rest; `most` seconds in all."""
    files: dict[str, int] = {}
    first: list[str] = []
    second: list[str] = []
    rest: list[str] = []
    spent = 0.0
    for test in tests:
        seconds = seen.seconds(test)
        file = test.partition("::")[0]
        if spent + seconds > most:
            continue
        spent += seconds
        if spent <= 5 and (file in files or len(files) < FIRST):
            files[file] = 1
            first.append(test)
        elif seconds <= 1 and spent <= 40:
            second.append(test)
        else:
            rest.append(test)
    return [part for part in (first, second, rest) if part]


def run_break(change: Break, seen: Seen, root: Path, most: float) -> dict[str, Any]:
    """Whether a test fails with the break in the copy, and which."""
    path, at = find_break(root, change)
    text = path.read_text()
    file = path.relative_to(root).as_posix()
    tests = seen.tests_of(file, range(at + 1, at + 1 + len(change.before)))
    began = time.monotonic()
    result: dict[str, Any] = {"caught": False, "by": "", "tests": len(tests), "ran": 0}
    path.write_text(broken(text, at, change))
    try:
        for part in tries(tests, seen, most):
            files = sorted({test.partition("::")[0] for test in part})
            limit = sum(map(seen.seconds, part))
            answer = run_pytest(root, {"functions": part}, ["-x", *files], limit)
            failed = answer if isinstance(answer, str) else answer["failed"]
            result["ran"] += len(part)
            if failed:
                result |= {"caught": True, "by": failed}
                break
    finally:
        path.write_text(text)
    result["seconds"] = round(time.monotonic() - began, 1)
    return result
