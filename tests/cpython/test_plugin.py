"""The pytest plugin where there is no browser."""

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


def run_pytest(directory: Path, test: str, *options: str) -> str:
    """What pytest says of a file of tests, run by itself."""
    (directory / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    answer = subprocess.run(
        [*command, "--rootdir", str(directory), str(directory)],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return answer.stdout + answer.stderr


def test_without_playwright_the_fixture_says_what_to_install(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, "def test_it(page_sessions): ...", "-p", "no:playwright")
    assert "pip install pytest-playwright" in said
    assert "1 error" in said


def test_plugin_does_not_load_playwright(tmp_path: Path) -> None:
    program = """
import sys
def test_it(session_area):
    import anchor_session.testing.page_sessions
    assert [name for name in sys.modules if name.startswith("playwright")] == []
"""
    assert "1 passed" in run_pytest(tmp_path, program, "-p", "no:playwright")


def test_fixture_that_fails_for_another_reason_says_so(tmp_path: Path) -> None:
    program = """
import pytest
@pytest.fixture
def page(absent): ...
def test_it(page_sessions): ...
"""
    said = run_pytest(tmp_path, program, "-p", "no:playwright")
    assert "fixture 'absent' not found" in said
