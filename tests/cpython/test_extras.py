"""Every extra that a text of the tree names can be installed."""

import ast
import re
import zipfile
from email import message_from_string
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = sorted((ROOT / "anchor_session").rglob("*.py"))
TEXTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *PACKAGE,
]

BRACKETS = re.compile(r"\banchor[-_.]session\[([\w, -]+)\]")  # anchor-session[redis,chat]
SPOKEN = re.compile(r"\bextras? `+([\w-]+)`+")
LIST = re.compile(r"\bExtras: .*?\.\s*\n", re.DOTALL)  # `typed` for ...; `redis` for ...


def extras_in(text: str) -> "set[str]":
    """The extras that the text names."""
    found = {name.strip() for names in BRACKETS.findall(text) for name in names.split(",")}
    found.update(SPOKEN.findall(text))
    for listed in LIST.findall(text):
        found.update(re.findall(r"(?:: |; )`([\w-]+)`", listed))
    return found


def raised_import_errors() -> "list[str]":
    """The texts of the `ImportError`s that the package raises, with the constants they name."""
    found = []
    for path in PACKAGE:
        if path.name == "spelling.py":
            continue  # its error is about names, not about what is not installed
        for node in ast.walk(ast.parse(path.read_text())):
            kind = (
                node.func.id
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                else ""
            )
            if kind in ("ImportError", "ModuleNotFoundError"):
                module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
                parts = [
                    str(vars(module).get(n.id, ""))
                    for n in ast.walk(node)
                    if isinstance(n, ast.Name)
                ]
                parts += [str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant)]
                found.append(" ".join(parts))
    return found


@pytest.fixture(scope="module")
def provided(pure_wheel: Path) -> "set[str]":
    """The extras in the metadata of the wheel."""
    with zipfile.ZipFile(pure_wheel) as wheel:
        (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = message_from_string(wheel.read(name).decode())
    return set(metadata.get_all("Provides-Extra", []))


def test_wheel_has_every_extra_that_a_text_names(provided: "set[str]") -> None:
    missing = {
        path.relative_to(ROOT).as_posix(): extras_in(path.read_text()) - provided for path in TEXTS
    }
    assert {name: extras for name, extras in missing.items() if extras} == {}


def test_readme_names_every_extra_of_the_wheel(provided: "set[str]") -> None:
    assert extras_in((ROOT / "README.md").read_text()) == provided


def test_import_errors_name_an_extra_that_exists(provided: "set[str]") -> None:
    errors = raised_import_errors()
    assert len(errors) >= 2
    named = {error: extras_in(error) for error in errors}
    assert {
        error: extras for error, extras in named.items() if not extras or extras - provided
    } == {}


@pytest.mark.parametrize(
    ("text", "extras"),
    [
        ("pip install 'anchor-session[redis, chat]'", {"redis", "chat"}),
        ("anchor_session[a]", {"a"}),
        ("the extra ``chat``", {"chat"}),
        ("(extra `x`; in a page `fetch`)", {"x"}),
        ("Extras: `a` for what `q` is,\nof `r`; `b` for more.\n", {"a", "b"}),
        ("extra = {}", set()),
    ],
)
def test_an_extra_is_found_in_each_way_of_naming_it(text: str, extras: "set[str]") -> None:
    assert extras_in(text) == extras
