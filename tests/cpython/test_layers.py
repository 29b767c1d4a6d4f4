"""The contracts of imports in `pyproject.toml` see what breaks them."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Each breaks a contract, as the tool names the import.
BREAKS = {
    ("reactive/plain.py", "import js"): "reactive.plain -> js",
    (
        "reactive/change.py",
        "from ..host import area",
    ): "reactive.change -> anchor_session.host.area",
    (
        "host/append_log.py",
        "from ..reactive import view",
    ): "append_log -> anchor_session.reactive.view",
    ("errors.py", "from .page import names"): "errors -> anchor_session.page.names",
    (
        "page/shared/changes.py",
        "from ...records import ids",
    ): "changes -> anchor_session.records.ids",
    ("records/ids.py", "from ..page import names"): "records.ids -> anchor_session.page.names",
    ("records/ttl.py", "from ..host import area"): "records.ttl -> anchor_session.host.area",
    ("page/usage.py", "from .elements import bind"): "usage -> anchor_session.page.elements.bind",
    ("page/elements/display.py", "from .. import areas"): "display -> anchor_session.page.areas",
    ("page/names.py", "from . import usage"): "page.names -> anchor_session.page.usage",
    ("typed/misfit.py", "from . import schema"): ".misfit -> .schema",
}


def checked(folder: Path) -> "tuple[int, str]":
    """How many contracts do not hold in a tree, and what the tool says of it."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Contracts: \d+ kept, (\d+) broken", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert (done.returncode != 0) == (found[1] != "0")
    return int(found[1]), done.stdout


def broken(folder: Path, inside: str) -> "tuple[int, str]":
    """The same for a copy in which the breaks are added, as the blocks of that statement."""
    shutil.copytree(ROOT / "anchor_session", folder / "anchor_session")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, statement in BREAKS:
        with (folder / "anchor_session" / name).open("a") as file:
            file.write(f"\n\n{inside}:\n    {statement}\n")
    return checked(folder)


def test_contracts_hold() -> None:
    count, text = checked(ROOT)
    assert count == 0, text


def test_imports_that_are_not_allowed_break_every_contract(tmp_path: Path) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    count, text = broken(tmp_path, "def later() -> None")
    assert count == len(contracts["contracts"]), text
    assert [each for each in BREAKS.values() if each not in text] == []


def test_imports_for_type_checkers_break_none(tmp_path: Path) -> None:
    count, text = broken(tmp_path, "if TYPE_CHECKING")
    assert count == 0, text
