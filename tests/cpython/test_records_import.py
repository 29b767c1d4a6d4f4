"""What `anchor_session.records` loads, seen in a process of its own."""

from pathlib import Path

import pytest

from anchor_session import records
from tests.cpython.test_import import run

PUBLIC = set(vars(records)["__all__"])
DRIVERS = {"asyncio", "sqlite3", "redis", "js", "pyodide", "msgspec", "pydantic"}


def loaded_by(source: str) -> "set[str]":
    """The top-level names of the modules that are loaded after the source has run."""
    return set(
        run(f"{source}\nimport sys\nprint(*[name.split('.')[0] for name in sys.modules])").split()
    )


def own_loaded_by(source: str) -> "set[str]":
    found = run(f"{source}\nimport sys\nprint(*sys.modules)").split()
    return {name for name in found if name.startswith("anchor_session")}


def test_package_loads_no_records() -> None:
    source = "import anchor_session; anchor_session.session"
    assert [name for name in own_loaded_by(source) if "records" in name] == []


def test_records_load_nothing_before_a_name_is_used() -> None:
    assert own_loaded_by("import anchor_session.records") == {
        "anchor_session",
        "anchor_session.records",
    }


def test_naming_every_store_loads_no_driver() -> None:
    assert loaded_by("from anchor_session.records import *") & DRIVERS == set()


def test_making_a_store_loads_no_driver() -> None:
    stores = "MemoryStore(), FileStore('x'), SQLiteStore('x')"
    source = f"from anchor_session.records import *\nstores = {stores}"
    assert loaded_by(source) & DRIVERS == set()


def test_records_load_nothing_of_the_page() -> None:
    found = own_loaded_by("from anchor_session.records import MemoryStore, FileStore, SQLiteStore")
    page = ("page", "reactive", "host", "testing", "typed")
    assert [name for name in found if name.split(".")[1:2] and name.split(".")[1] in page] == []


def test_star_gives_every_public_name() -> None:
    found = run("names = {}\nexec('from anchor_session.records import *', names)\nprint(*names)")
    assert set(found.split()) == PUBLIC | {"__builtins__"}


def test_dir_gives_every_public_name_before_it_is_used() -> None:
    assert set(run("from anchor_session import records\nprint(*dir(records))").split()) >= PUBLIC


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'anchor_session\.records' has no name 'nonsense'"):
        _ = records.nonsense  # type: ignore[attr-defined]


def test_no_module_hides_a_public_name() -> None:
    folder = Path(records.__file__).parent
    assert {path.stem for path in folder.iterdir()} & PUBLIC == set()
