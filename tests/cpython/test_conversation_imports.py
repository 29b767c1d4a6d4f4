"""What the package of conversations loads, and that checkers see the same names."""

import json
from functools import cache
from pathlib import Path

import pytest

from anchor_session import conversations
from tests.cpython.test_import import run

NAMES = """
import asyncio, json
import anchor_session.conversations as package
loaded = {"": sorted(sys.modules)}
for name in package.__all__:
    before = set(sys.modules)
    getattr(package, name)
    loaded[name] = sorted(set(sys.modules) - before)
print(json.dumps(loaded))
"""


@cache
def loaded() -> "dict[str, list[str]]":
    """What the import of the package loads, under the empty name, and each public name after the others."""
    found: dict[str, list[str]] = json.loads(run(f"import sys\n{NAMES}"))
    return found


def test_import_loads_nothing_else_of_the_package() -> None:
    own = [name for name in loaded()[""] if name.split(".")[0] == "anchor_session"]
    assert own == ["anchor_session", "anchor_session.conversations"]


def test_no_name_loads_a_driver_or_the_page() -> None:
    assert set(loaded()) == {"", *conversations.__all__}  # type: ignore[attr-defined]
    others = ("anchor_session.page", "anchor_session.reactive", "anchor_session.host")
    drivers = ("sqlite3", "redis", "httpx", "msgspec", "pydantic")
    assert [
        (name, module)
        for name, modules in loaded().items()
        for module in modules
        if module.startswith((*others, *drivers))
    ] == []


def test_no_module_hides_a_public_name() -> None:
    folder = Path(conversations.__file__).parent
    names = set(vars(conversations)["_HOMES"])
    assert {path.stem for path in folder.iterdir()} & names == set()


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no name 'nonsense'"):
        _ = conversations.nonsense  # type: ignore[attr-defined]
    assert set(dir(conversations)) >= set(vars(conversations)["_HOMES"])
