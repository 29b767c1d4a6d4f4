"""What the package of conversations loads, and that checkers see the same names."""

import subprocess
import sys
from pathlib import Path

import pytest

from anchor_session import conversations

BEHIND = """
import asyncio, sys
import anchor_session.conversations as package
{source}
print(*[name for name in sys.modules if name.split(".")[0] in {watched}])
"""


def loaded_by(source: str, *watched: str) -> "set[str]":
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path[:0] = {sys.path!r}\n"
            + BEHIND.format(source=source, watched=watched),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_import_loads_nothing_else_of_the_package() -> None:
    assert loaded_by("", "anchor_session") == {"anchor_session", "anchor_session.conversations"}


@pytest.mark.parametrize("name", sorted(conversations.__all__))  # type: ignore[attr-defined]
def test_name_loads_no_driver_and_no_page(name: str) -> None:
    drivers = ("sqlite3", "redis", "httpx", "msgspec", "pydantic")
    loaded = loaded_by(f"package.{name}", "anchor_session", *drivers)
    others = ("anchor_session.page", "anchor_session.reactive", "anchor_session.host", *drivers)
    assert [each for each in loaded if each.startswith(others)] == []


def test_no_module_hides_a_public_name() -> None:
    folder = Path(conversations.__file__).parent
    names = set(vars(conversations)["_HOMES"])
    assert {path.stem for path in folder.iterdir()} & names == set()


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = conversations.nonsense  # type: ignore[attr-defined]
    assert set(dir(conversations)) >= set(vars(conversations)["_HOMES"])
