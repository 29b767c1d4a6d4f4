"""What the sources may import and write: the layers, and what MicroPython can read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import anchor_session

ROOT = Path(anchor_session.__file__).parent
SOURCES = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in SOURCES.items()}

# For MicroPython: no unpacking in displays, no positional-only parameters, no match, no metaclass.
PLAIN = [
    name
    for name in SOURCES
    if name
    in (
        "errors.py",
        "codec/__init__.py",
        "codec/adopting.py",
        "codec/reading.py",
        "codec/tags.py",
        "codec/writing.py",
        "microcosm.py",
    )
    or name.startswith(("reactive/", "page/", "state/"))
]
PAGE_COLUMN = ("page/", "reactive/", "host/", "state/", "microcosm.py")
BRIDGES = {"records/stores/web.py": "host/", "conversations/openai/transport.py": "host/fetch.py"}
BROWSER = ("js", "pyodide", "pyodide_js", "pyscript")


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


def imports(name: str, *, at_import: bool = False) -> "Iterator[str]":
    """The absolute names of the modules that the source imports."""
    package = ["anchor_session", *name.split("/")[:-1]]
    nodes = TREES[name].body if at_import else [TREES[name]]
    for start in nodes:
        if is_for_checkers(start):
            continue
        for node in running(start):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) + 1 - node.level] if node.level else []
                module = ".".join(base + (node.module.split(".") if node.module else []))
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)


def lines_with(name: str, *kinds: type) -> "list[int]":
    return [getattr(node, "lineno", 0) for node in running(TREES[name]) if isinstance(node, kinds)]


def modules(name: str) -> "set[str]":
    """The modules of this package that the source imports, as paths of the sources."""
    found = set()
    for module in imports(name):
        path = module.removeprefix("anchor_session.").replace(".", "/")
        for candidate in (f"{path}.py", f"{path}/__init__.py"):
            if module.startswith("anchor_session.") and candidate in SOURCES:
                found.add(candidate)
    return found


@pytest.mark.parametrize("name", [name for name in SOURCES if not name.startswith("host/")])
def test_only_host_imports_the_browser(name: str) -> None:
    assert [module for module in imports(name) if module.split(".")[0] in BROWSER] == []


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith("reactive/")])
def test_reactive_imports_nothing_but_errors_and_codec(name: str) -> None:
    allowed = ("errors.py", "codec/", "reactive/")
    assert [module for module in modules(name) if not module.startswith(allowed)] == []


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith("records/")])
def test_records_import_nothing_but_errors_and_codec(name: str) -> None:
    allowed = ("errors.py", "codec/", "records/", "__init__.py")
    bridge = (
        ("host/",) if name == "records/stores/web.py" else ()
    )  # it is given an area of Web Storage
    assert [module for module in modules(name) if not module.startswith(allowed + bridge)] == []


@pytest.mark.parametrize(
    "name",
    [
        "errors.py",
        "codec/__init__.py",
        "codec/adopting.py",
        "codec/reading.py",
        "codec/tags.py",
        "codec/writing.py",
    ],
)
def test_foundations_import_nothing_of_what_stands_on_them(name: str) -> None:
    assert modules(name) <= {
        "errors.py",
        "codec/__init__.py",
        "codec/adopting.py",
        "codec/reading.py",
        "codec/tags.py",
        "codec/writing.py",
    }


@pytest.mark.parametrize(
    ("column", "others"),
    [
        (PAGE_COLUMN, ("records/", "conversations", "testing/")),
        (("records/", "conversations"), (*PAGE_COLUMN, "testing/")),
    ],
    ids=["page", "records"],
)
def test_columns_never_meet(column: "tuple[str, ...]", others: "tuple[str, ...]") -> None:
    found = [(name, used) for name in SOURCES if name.startswith(column) for used in modules(name)]
    met = [(name, used) for name, used in found if used.startswith(others)]
    assert [
        (name, used) for name, used in met if not used.startswith(BRIDGES.get(name, "none"))
    ] == []


@pytest.mark.parametrize("name", PLAIN)
def test_modules_that_micropython_lacks_are_not_imported(name: str) -> None:
    lacking = {"dataclasses", "typing", "enum", "abc"}
    assert [module for module in imports(name) if module.split(".")[0] in lacking] == []


@pytest.mark.parametrize("name", PLAIN)
def test_displays_unpack_nothing(name: str) -> None:
    found = [
        node.lineno
        for node in running(TREES[name])
        if (
            isinstance(node, ast.List | ast.Tuple | ast.Set)
            and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
            and any(isinstance(item, ast.Starred) for item in node.elts)
        )
        or (isinstance(node, ast.Dict) and None in node.keys)
    ]
    assert found == []


@pytest.mark.parametrize("name", PLAIN)
def test_no_parameter_is_positional_only(name: str) -> None:
    found = [node for node in running(TREES[name]) if isinstance(node, ast.arguments)]
    assert [arguments.posonlyargs for arguments in found if arguments.posonlyargs] == []


@pytest.mark.parametrize("name", PLAIN)
def test_nothing_is_matched(name: str) -> None:
    assert lines_with(name, ast.Match) == []


@pytest.mark.parametrize("name", PLAIN)
def test_no_class_has_a_metaclass(name: str) -> None:
    classes = [node for node in running(TREES[name]) if isinstance(node, ast.ClassDef)]
    assert [one.name for one in classes if one.keywords] == []


@pytest.mark.parametrize("name", SOURCES)
def test_web_storage_is_called_in_host_alone(name: str) -> None:
    calls = {"getItem", "setItem", "removeItem"}
    found = [node for node in running(TREES[name]) if isinstance(node, ast.Attribute)]
    used = [node.attr for node in found if node.attr in calls]
    assert used == [] or name.startswith(("host/", "testing/"))


def test_checks_see_what_they_look_for() -> None:
    tree = ast.parse("x = [*a]\nif TYPE_CHECKING:\n    import typing\ndef f(a: int) -> str: ...")
    found = list(running(tree))
    assert (
        any(isinstance(node, ast.Starred) for node in found),
        any(isinstance(node, ast.Import) for node in found),
        any(isinstance(node, ast.Name) and node.id in ("int", "str") for node in found),
    ) == (True, False, False)
