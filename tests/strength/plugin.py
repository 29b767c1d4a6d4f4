"""The pytest plugin of a run in a copy: it says which tests run which lines, or runs the tests it is told to.

`STRENGTH` names a file of JSON with what to do, to which what came of it is written::

    {"root": "/tmp/copy", "measure": true}                     -> {"functions": {id: {...}}, "by_line": ...}
    {"root": "/tmp/copy", "functions": [id, ...]}              -> {"failed": id or null, "ran": 12}

An id is that of a test function; all its cases are run.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import Phase, settings

ASKED = Path(os.environ["STRENGTH"])
asked: dict[str, Any] = json.loads(ASKED.read_text())
answer: dict[str, Any] = {"failed": None, "ran": 0, "functions": {}}
coverage: Any = None

if asked.get("measure"):
    from coverage import Coverage

    coverage = Coverage(
        data_file=f"{ASKED}.coverage",
        include=[f"{asked['root']}/anchor_session/*"],
        config_file=False,
    )
    coverage.start()
    coverage.switch_context("import")


def function_of(nodeid: str) -> str:
    return nodeid.partition("[")[0]


def pytest_sessionstart() -> None:
    import anchor_session

    if not anchor_session.__file__.startswith(asked["root"]):
        raise pytest.UsageError(f"these tests would test {anchor_session.__file__}")
    # The first example that fails is enough.
    settings.register_profile("strength", settings.default, phases=[Phase.explicit, Phase.generate])
    settings.load_profile("strength")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "functions" in asked:
        order = {function: number for number, function in enumerate(asked["functions"])}
        chosen = [item for item in items if function_of(item.nodeid) in order]
        chosen.sort(key=lambda item: order[function_of(item.nodeid)])
        items[:] = chosen
    elif "most" in asked:  # cases of a function, evenly
        cases: dict[str, list[pytest.Item]] = {}
        for item in items:
            cases.setdefault(function_of(item.nodeid), []).append(item)
        for function, each in cases.items():
            entry(function)["cases"] = len(each)
        most = asked["most"]
        items[:] = [
            item
            for each in cases.values()
            for item in (each if len(each) <= most else each[:: -(-len(each) // most)])
        ]


def entry(function: str) -> dict[str, Any]:
    new = {"cases": 0, "ran": 0, "seconds": 0.0, "failed": False}
    found: dict[str, Any] = answer["functions"].setdefault(function, new)
    return found


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    function = function_of(item.nodeid)
    if coverage is not None:
        coverage.switch_context(function)
    began = process_time()
    try:
        return (yield)
    finally:
        answer["ran"] += 1
        found = entry(function)
        found["ran"] += 1
        found["seconds"] += process_time() - began
        if coverage is not None:
            coverage.switch_context("between")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        entry(function_of(report.nodeid))["failed"] = True
        answer["failed"] = answer["failed"] or report.nodeid


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        answer["failed"] = answer["failed"] or f"{report.nodeid} (collecting)"


def pytest_sessionfinish() -> None:
    if coverage is not None:
        coverage.stop()
        numbers = {function: number for number, function in enumerate(answer["functions"])}
        data = coverage.get_data()
        answer["by_line"] = {
            Path(path).relative_to(asked["root"]).as_posix(): {
                line: sorted(numbers[name] for name in contexts if name in numbers)
                for line, contexts in data.contexts_by_lineno(path).items()
            }
            for path in data.measured_files()
        }
    ASKED.write_text(json.dumps(answer))
