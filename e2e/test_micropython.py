"""How far the page column is imported by PyScript's MicroPython, from the wheel that pages load.

What is imported there and what is not is written down here: when a file gets there, or stops another one, the
two tables are to say so. `imports.mjs` runs the interpreter in Node, where there is no page.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from web.serve import WEB

SCRIPT = Path(__file__).resolve().parent / "micropython" / "imports.mjs"
ELSEWHERE = ("typed", "records", "conversations", "testing", "mypy_plugin")  # CPython, Pyodide

IMPORTED = {
    "anchor_session",
    "host",
    "host.append_log",
    "host.fetch",
    "keys",
    "page",
    "page.elements",
    "page.elements.controls",
    "page.elements.display",
    "page.elements.element",
    "page.elements.focus",
    "page.names",
    "page.record",
    "page.record.layout",
    "page.scopes",
    "page.shared",
    "page.shared.neighbours",
    "page.shared.replica",
    "page.shared.replica.fractional",
    "page.shared.room",
    "reactive",
    "reactive.change",
    "reactive.eager",
    "reactive.operations",
    "reactive.plain",
    "reactive.suspension",
    "reactive.threads",
    "spelling",
}
# Where every other import ends. The files that import these ones end there, too.
BLOCKING = {
    "ImportError: no module named 'warnings'": {"errors.py"},
    "ImportError: no module named 'os.urandom'": {"host/browser.py", "host/memory.py"},
    "ImportError: no module named 'typing'": {"host/protocol.py"},
    "AttributeError: module 'anchor_session' has no attribute 'host'": {"__init__.py"},
    "ImportError: no module named 'bisect'": {
        "page/elements/increasing.py",
        "page/record/document.py",
        "page/shared/replica/items.py",
    },
    "ImportError: can't import name monotonic": {"reactive/history.py"},
    "ImportError: can't import name index": {"reactive/list_view.py"},
    "ImportError: can't import name is_": {"reactive/rebasing.py"},
    "ImportError: can't import name GenericAlias": {
        "reactive/computed.py",
        "reactive/map_view.py",
        "reactive/set_view.py",
        "reactive/signal.py",
        "state/__init__.py",
    },
}

Outcome = dict[str, "tuple[str, str] | None"]  # by module; None is imported


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What became of each module of the page column, with file and reason, less the package's name."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(WEB / "dist" / "anchor_session.whl") as wheel:
        wheel.extractall(folder)
    package = folder / "anchor_session"
    modules = [
        module_of(path.relative_to(folder))
        for path in sorted(package.rglob("*.py"))
        if path.relative_to(package).with_suffix("").parts[0] not in ELSEWHERE
    ]
    node = shutil.which(
        "node", path=os.environ["PATH"] + os.pathsep + str(Path(sys.executable).parent)
    )
    assert node is not None
    done = subprocess.run(
        [node, str(SCRIPT), str(folder), *modules], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return {
        name.removeprefix("anchor_session."): ended
        and (str(ended[0]).removeprefix("anchor_session/"), str(ended[1]))
        for name, ended in found.items()
    }


def test_these_modules_are_imported(outcome: Outcome) -> None:
    assert {name for name, ended in outcome.items() if ended is None} == IMPORTED


def test_every_other_import_ends_for_a_known_reason(outcome: Outcome) -> None:
    found: dict[str, set[str]] = {}
    for ended in outcome.values():
        if ended is not None:
            found.setdefault(ended[1], set()).add(ended[0])
    assert found == BLOCKING
