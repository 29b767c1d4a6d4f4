"""What no tool looks after in the sources: what MicroPython lacks, and the calls of Web Storage."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import anchor_session

ROOT = Path(anchor_session.__file__).parent
SOURCES = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in SOURCES.items()}
PLAIN = [
    name
    for name in SOURCES
    if name in ("errors.py", "keys.py", "microcosm.py")
    or name.startswith(("codec/", "reactive/", "page/", "state/"))
]


def is_for_checkers(node: ast.AST) -> bool:
    """Whether this is an `if TYPE_CHECKING:` block."""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def running(node: ast.AST) -> "Iterator[ast.AST]":
    """All nodes that run, less what is for type checkers and annotations."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not is_for_checkers(child):
                yield from running(child)


def lines_of(is_one: "Callable[[ast.AST], object]", names: "Iterable[str]" = PLAIN) -> "list[str]":
    """Where in these sources such nodes are: the name and the line."""
    return [
        f"{name}:{getattr(node, 'lineno', 0)}"
        for name in names
        for node in running(TREES[name])
        if is_one(node)
    ]


def imports(node: ast.AST, *modules: str) -> bool:
    """Whether this imports one of the modules."""
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in modules for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in modules


def test_modules_that_micropython_lacks_are_not_imported() -> None:
    lacking = ("dataclasses", "typing", "enum", "abc")
    assert lines_of(lambda node: imports(node, *lacking)) == []


def test_no_class_has_a_metaclass() -> None:
    assert lines_of(lambda node: isinstance(node, ast.ClassDef) and node.keywords) == []


def test_web_storage_is_called_in_host_alone() -> None:
    calls = {"getItem", "setItem", "removeItem"}
    found = lines_of(lambda node: isinstance(node, ast.Attribute) and node.attr in calls, SOURCES)
    assert [each for each in found if not each.startswith(("host/", "testing/"))] == []


def test_checks_see_what_they_look_for() -> None:
    source = "import enum\nif TYPE_CHECKING:\n    import typing\ndef f(a: int) -> str: ..."
    found = list(running(ast.parse(source)))
    assert [imports(node, "enum", "typing") for node in found].count(True) == 1
    assert [each for each in found if isinstance(each, ast.Name)] == []
