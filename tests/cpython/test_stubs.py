"""Editors and checkers, which run no code, find every public name: in the stubs beside the lazy tables."""

import ast
import zipfile
from importlib import import_module
from pathlib import Path
from types import ModuleType

import jedi
import pytest
from jedi.api.environment import InterpreterEnvironment

import anchor_session
from anchor_session import conversations, records

ROOT = Path(__file__).resolve().parents[2]
LAZY: "list[ModuleType]" = [anchor_session, records, conversations]
STUBS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("anchor_session/**/*.pyi"))
NAMES = [(package, name) for package in LAZY for name in vars(package)["__all__"]]


def stub_of(package: ModuleType) -> Path:
    assert package.__file__ is not None
    return Path(package.__file__).with_suffix(".pyi")


@pytest.fixture(scope="module", autouse=True)
def cache_of_jedi(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of an earlier run is believed, and nothing is left in the home directory."""
    jedi.settings.cache_directory = str(tmp_path_factory.mktemp("jedi"))


def script(*lines: str) -> jedi.Script:
    """An editor with a file of those lines, which ends where the cursor is."""
    return jedi.Script(
        "\n".join(lines),
        path=ROOT / "edited.py",
        project=jedi.Project(ROOT, smart_sys_path=False, added_sys_path=[str(ROOT)]),
        environment=InterpreterEnvironment(),
    )


def test_every_package_with_a_lazy_table_has_a_stub() -> None:
    lazy = [
        path.with_suffix(".pyi").relative_to(ROOT).as_posix()
        for path in sorted(ROOT.glob("anchor_session/**/__init__.py"))
        if "_lazy(" in path.read_text()
    ]
    assert sorted(stub_of(package).relative_to(ROOT).as_posix() for package in LAZY) == lazy
    assert lazy == STUBS


@pytest.mark.parametrize("package", LAZY, ids=lambda package: str(package.__name__))
def test_stub_and_table_have_each_name_from_the_same_module(package: ModuleType) -> None:
    tree = ast.parse(stub_of(package).read_text())
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.asname: node.module for node in imports for alias in node.names}
    assert seen == vars(package)["_HOMES"]
    assert all(alias.name == alias.asname for node in imports for alias in node.names)
    assert {node.level for node in imports} == {1}


def test_wheel_has_the_stubs(pure_wheel: Path) -> None:
    with zipfile.ZipFile(pure_wheel) as wheel:
        assert sorted(name for name in wheel.namelist() if name.endswith(".pyi")) == STUBS
        assert "anchor_session/py.typed" in wheel.namelist()


def test_wheel_for_pages_has_no_stubs(page_wheel: Path) -> None:
    with zipfile.ZipFile(page_wheel) as wheel:
        assert [name for name in wheel.namelist() if name.endswith((".pyi", "py.typed"))] == []


@pytest.mark.parametrize("package", LAZY, ids=lambda package: str(package.__name__))
@pytest.mark.parametrize("line", ["import {0} as package\npackage.", "from {0} import "])
def test_editor_completes_every_public_name(package: ModuleType, line: str) -> None:
    found = {each.name for each in script(line.format(package.__name__)).complete()}
    assert set(vars(package)["__all__"]) - found == set()


def test_editor_finds_what_every_public_name_is() -> None:
    lines = [f"from {package.__name__} import {name}" for package, name in NAMES]
    editor = script(*lines)
    found = {}
    for row, (package, name) in enumerate(NAMES, 1):
        home = import_module(f".{vars(package)['_HOMES'][name]}", package.__name__)
        defined = editor.goto(row, len(lines[row - 1]), follow_imports=True)
        known = editor.infer(row, len(lines[row - 1]))
        found[f"{package.__name__}.{name}"] = bool(known) and [
            each.module_name for each in defined
        ] == [home.__name__]
    assert [name for name, is_found in found.items() if not is_found] == []
    assert len(found) == len(NAMES)


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("session", "name init schema strict recursive immutable migrate merge area on_error"),
        ("shared", "name init schema"),
        ("session_load", "key type"),
        ("bind", "element state key"),
        ("each", "parent items render key"),
        ("records.FileStore", "directory"),
        ("conversations.create_session", "provider"),
    ],
)
def test_editor_shows_the_parameters_of_a_call(call: str, parameters: str) -> None:
    lines = ["from anchor_session import *", "from anchor_session import conversations, records"]
    signatures = script(*lines, f"{call}(").get_signatures()
    shown = [{parameter.name for parameter in each.params} for each in signatures]
    assert any(names >= set(parameters.split()) for names in shown), shown


def test_editor_shows_the_documentation_of_the_options() -> None:
    (signature,) = script("from anchor_session import session", "session(").get_signatures()
    assert "- `immutable=True`: every change raises" in signature.docstring()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from anchor_session import session; session('s').", {"keys", "setdefault", "update"}),
        ("from anchor_session import session; session.", {"leave", "restored"}),
        ("from anchor_session import records; records.Store.", {"load", "save", "delete"}),
        (
            "import anchor_session; anchor_session.",
            {"records", "conversations", "state", "testing"},
        ),
        ("from anchor_session.state import ", {"State", "Persistence", "is_state"}),
        ("from anchor_session.microcosm import ", {"Session"}),
        ("from anchor_session.testing import ", {"MemoryArea", "tabs"}),
    ],
)
def test_editor_completes_what_lies_behind_a_name(line: str, expected: "set[str]") -> None:
    assert expected - {each.name for each in script(line).complete()} == set()
