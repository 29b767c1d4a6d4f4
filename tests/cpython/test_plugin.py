"""The pytest plugin where there is no browser."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

SOURCE = Path(__file__).resolve().parents[2]


PROGRAMS = {
    "nothing": "def test_nothing(page_sessions): ...",
    "area": """
import sys
def test_area(session_area):
    import anchor_session.testing.page_sessions
    assert [name for name in sys.modules if name.startswith("playwright")] == []
""",
    "page": """
import pytest
@pytest.fixture
def page(absent): ...
def test_page(page_sessions): ...
""",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the programs, where there is no pytest-playwright."""
    directory = tmp_path_factory.mktemp("plugin")
    for name, program in PROGRAMS.items():
        (directory / f"test_{name}.py").write_text(program)
    options = ["-v", "-p", "no:cacheprovider", "-p", "no:playwright"]
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", directory, directory],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return answer.stdout + answer.stderr


def of(program: str, said: str) -> str:
    """What was said of the error of one program."""
    _, _, found = said.partition(f" ERROR at setup of test_{program} _")
    return re.split(r"^(?:_+ ERROR|=+ short)", found, flags=re.MULTILINE)[0]


def test_without_playwright_the_fixture_says_what_to_install(said: str) -> None:
    assert "test_nothing.py::test_nothing ERROR" in said
    assert "pip install pytest-playwright" in of("nothing", said)


def test_plugin_does_not_load_playwright(said: str) -> None:
    assert "test_area.py::test_area PASSED" in said


def test_fixture_that_fails_for_another_reason_says_so(said: str) -> None:
    assert "test_page.py::test_page ERROR" in said
    assert "fixture 'absent' not found" in of("page", said)
    assert "pip install" not in of("page", said)
