"""Where the minutes of `e2e/` go: for each file its cases, its seconds, and how many of them were booting."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import pytest

_boots: list[float] = []
_is_booting = False


@contextmanager
def booting() -> Iterator[None]:
    """What is done within is the boot of an interpreter, or of several."""
    global _is_booting
    if _is_booting:
        yield
        return
    _is_booting, start = True, perf_counter()
    try:
        yield
    finally:
        _is_booting = False
        _boots.append(perf_counter() - start)


def add_option(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", action="store_true", help="say where the minutes of e2e/ go")


def configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Minutes(config))


@dataclass
class Spent:
    cases: int = 0
    seconds: float = 0
    boots: int = 0
    booting: float = 0


class Minutes:
    """Adds up what each file took; the report of a phase carries the boots that were in it."""

    def __init__(self, config: pytest.Config) -> None:
        self._is_wanted = config.getoption("--minutes")
        self._files: dict[str, Spent] = defaultdict(Spent)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Iterator[None]:
        report = yield
        report.boots = _boots.copy()  # type: ignore[attr-defined] # goes with the report to the main process
        _boots.clear()
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        spent = self._files[report.nodeid.partition("::")[0]]
        boots: list[float] = getattr(report, "boots", [])
        spent.cases += report.when == "call"
        spent.seconds += report.duration
        spent.boots += len(boots)
        spent.booting += sum(boots)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._is_wanted:
            return
        terminalreporter.section("minutes")
        terminalreporter.write_line("cases  seconds  boots  booting")
        rows = sorted(self._files.items(), key=lambda row: -row[1].seconds)
        total = Spent()
        for name, spent in rows:
            terminalreporter.write_line(_row(spent, name))
            for field in ("cases", "seconds", "boots", "booting"):
                setattr(total, field, getattr(total, field) + getattr(spent, field))
        terminalreporter.write_line(_row(total, "together"))


def _row(spent: Spent, name: str) -> str:
    return f"{spent.cases:5}  {spent.seconds:7.1f}  {spent.boots:5}  {spent.booting:7.1f}  {name}"
