"""What `import anchor_session` loads and does, seen in a process of its own."""

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

PROBE = """
import json, sys, threading, gc, warnings
warnings.simplefilter("error")
opened = []
sys.addaudithook(lambda event, arguments: opened.append([event, repr(arguments)]))
before = set(sys.modules)
opened.clear()
import anchor_session
events = [one for one in opened if one[0] in ("socket.connect", "subprocess.Popen", "os.mkdir")]
events += [
    one for one in opened if one[0] == "open" and "'w" in one[1] or one[0].startswith("sqlite3")
]
from anchor_session import host
from anchor_session.page import registry
print(json.dumps({
    "loaded": sorted(set(sys.modules) - before),
    "threads": threading.active_count(),
    "events": events,
    "open": len(registry._open) + len(registry._endings),
    "host": host._current is not None,
}))
"""


@cache
def probe() -> "dict[str, Any]":
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-c",
            f"import sys; sys.path[:0] = {sys.path!r}\n{PROBE}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    "module",
    [
        "asyncio",
        "sqlite3",
        "redis",
        "msgspec",
        "pydantic",
        "js",
        "pyodide",
        "pyscript",
        "typing",
        "dataclasses",
        "enum",
    ],
)
def test_import_does_not_load(module: str) -> None:
    assert module not in {name.split(".")[0] for name in probe()["loaded"]}


def test_import_loads_no_testing() -> None:
    assert [name for name in probe()["loaded"] if name.startswith("anchor_session.testing")] == []


@pytest.mark.parametrize(
    ("what", "expected"), [("threads", 1), ("events", []), ("open", 0), ("host", False)]
)
def test_import_has_no_effect(what: str, expected: Any) -> None:
    assert probe()[what] == expected


SCRIPT = """
from anchor_session import session
state = session("s", {"n": 1})
state.n += 1
print(state)
"""


def test_script_runs_on_plain_cpython_without_a_word() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "always",
            "-c",
            f"import sys; sys.path[:0] = {sys.path!r}\n{SCRIPT}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("{'n': 2}\n", "")


WARNING = """
from anchor_session import session
from anchor_session.testing import MemoryArea
area = MemoryArea()
area.setItem("anchor-session://s@1.0.0", "{")
session("s", area=area)
"""


def test_script_that_is_warned_runs_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{WARNING}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "<string>:7: StorageWarning" in done.stderr
