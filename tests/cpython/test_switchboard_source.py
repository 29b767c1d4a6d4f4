"""The switchboard's JavaScript is a file beside its module, however the package is published."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from anchor_session.host import switchboard
from web.page_wheel import bare_javascript

NAME = "anchor_session/host/switchboard.js"
SOURCE = Path(switchboard.__file__).with_name("switchboard.js").read_text()

JOIN = """
import sys
sys.path.insert(0, sys.argv[1])
from anchor_session.host.switchboard import Switchboard

class Window:
    def eval(self, source):
        print(source, end="")
        return self

    def join(self):
        return self

assert Switchboard.join(Window()) is not None
"""


def evaluated(path: Path) -> str:
    """What the switchboard of the package at that place has its window evaluate."""
    command = [sys.executable, "-I", "-S", "-B", "-c", JOIN, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_wheel_has_the_file_as_it_is(pure_wheel: Path) -> None:
    assert zipfile.ZipFile(pure_wheel).read(NAME).decode() == SOURCE


def test_wheel_for_pages_has_it_without_comments_and_indentation(page_wheel: Path) -> None:
    text = zipfile.ZipFile(page_wheel).read(NAME).decode()
    assert text == bare_javascript(SOURCE)
    lines = [
        (line, bare) for line, bare in zip(SOURCE.splitlines(), text.splitlines(), strict=True)
    ]
    assert [
        line for line, bare in lines if bare != line.strip() and not line.strip().startswith("//")
    ] == []
    assert "//" not in text


@pytest.mark.parametrize("is_unpacked", [True, False], ids=["folder", "archive"])
def test_installed_package_evaluates_its_own_file(
    pure_wheel: Path, tmp_path: Path, is_unpacked: bool
) -> None:
    if is_unpacked:
        zipfile.ZipFile(pure_wheel).extractall(tmp_path)
    assert evaluated(tmp_path if is_unpacked else pure_wheel) == SOURCE


@pytest.mark.parametrize("is_unpacked", [True, False], ids=["folder", "archive"])
def test_wheel_for_pages_evaluates_its_own_file(
    page_wheel: Path, tmp_path: Path, is_unpacked: bool
) -> None:
    if is_unpacked:
        zipfile.ZipFile(page_wheel).extractall(tmp_path)
    assert evaluated(tmp_path if is_unpacked else page_wheel) == bare_javascript(SOURCE)


def test_package_without_the_file_says_so(page_wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(page_wheel).extractall(tmp_path)
    (tmp_path / NAME).unlink()
    with pytest.raises(subprocess.CalledProcessError) as caught:
        evaluated(tmp_path)
    assert "FileNotFoundError" in caught.value.stderr


def test_every_line_of_javascript_keeps_its_place() -> None:
    assert bare_javascript("// Switchboard.\n(() => {\n  // why\n  f('//');\n})();\n\n") == (
        "\n(() => {\n\nf('//');\n})();\n"
    )


def test_template_of_javascript_is_refused() -> None:
    with pytest.raises(AssertionError, match="template"):
        bare_javascript("f(`\n  a`);")
