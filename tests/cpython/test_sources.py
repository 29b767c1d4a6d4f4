"""What the sources may import and write: the layers, and what MicroPython can read."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import anchor_session

ROOT = Path(anchor_session.__file__).parent
SOURCES = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in SOURCES.items()}

# For MicroPython: no unpacking in displays, no positional-only parameters, no match, no metaclass.
PLAIN = [
    name
    for name in SOURCES
    if name in ("errors.py", "codec.py", "tags.py", "microcosm.py")
    or name.startswith(("reactive/", "page/", "state/"))
]
PAGE_COLUMN = ("page/", "reactive/", "host/", "state/", "microcosm.py")
RECORD_COLUMN = ("records/", "conversations")
COLUMNS = [
    (PAGE_COLUMN, (*RECORD_COLUMN, "testing/")),
    (RECORD_COLUMN, (*PAGE_COLUMN, "testing/")),
]
FOUNDATIONS = ("errors.py", "codec.py", "tags.py")
BRIDGES = {
    "records/stores/web.py": ("host/",),  # it is given an area of Web Storage
    "conversations/openai/transport.py": ("host/fetch.py",),
}
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


def lines_of(is_one: "Callable[[ast.AST], object]", names: "Iterable[str]" = PLAIN) -> "list[str]":
    """Where in these sources such nodes are: the name and the line."""
    return [
        f"{name}:{line_of(node)}" for name in names for node in running(TREES[name]) if is_one(node)
    ]


def line_of(node: ast.AST) -> int:
    """Its line; an `ast.arguments` has none of its own."""
    within = [getattr(each, "lineno", 0) for each in ast.walk(node)]
    return next(filter(None, within), 0)


def unpacks(node: ast.AST) -> bool:
    """Whether this is a display such as `[*a]` or `{**a}`."""
    if isinstance(node, ast.Dict):
        return None in node.keys
    return (
        isinstance(node, ast.List | ast.Tuple | ast.Set)
        and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        and any(isinstance(item, ast.Starred) for item in node.elts)
    )


def modules(name: str) -> "set[str]":
    """The modules of this package that the source imports, as paths of the sources."""
    found = set()
    for module in imports(name):
        path = module.removeprefix("anchor_session.").replace(".", "/")
        for candidate in (f"{path}.py", f"{path}/__init__.py"):
            if module.startswith("anchor_session.") and candidate in SOURCES:
                found.add(candidate)
    return found


def under(*places: str) -> "list[str]":
    """The sources in these folders; a file is a place too."""
    return [name for name in SOURCES if name.startswith(places)]


def crossings(*places: str) -> "list[tuple[str, str]]":
    """Which source in these places imports which of the package's, but for the bridges."""
    return [
        (name, used)
        for name in under(*places)
        for used in sorted(modules(name))
        if not used.startswith(BRIDGES.get(name, "none"))
    ]


# -- who may import whom --------------------------------------------------------------------------


def test_only_host_imports_the_browser() -> None:
    assert [
        (name, module)
        for name in SOURCES
        if not name.startswith("host/")
        for module in imports(name)
        if module.split(".")[0] in BROWSER
    ] == []


def test_reactive_imports_nothing_but_errors_and_codec() -> None:
    allowed = ("errors.py", "codec.py", "reactive/")
    assert [each for each in crossings("reactive/") if not each[1].startswith(allowed)] == []


def test_records_import_nothing_but_errors_and_codec() -> None:
    allowed = ("errors.py", "codec.py", "records/", "__init__.py")
    assert [each for each in crossings("records/") if not each[1].startswith(allowed)] == []


def test_foundations_import_nothing_of_what_stands_on_them() -> None:
    assert [each for each in crossings(*FOUNDATIONS) if each[1] not in FOUNDATIONS] == []


def test_columns_never_meet() -> None:
    assert [
        each
        for column, others in COLUMNS
        for each in crossings(*column)
        if each[1].startswith(others)
    ] == []


# -- what MicroPython can read --------------------------------------------------------------------


def test_modules_that_micropython_lacks_are_not_imported() -> None:
    lacking = {"dataclasses", "typing", "enum", "abc"}
    assert [
        (name, module)
        for name in PLAIN
        for module in imports(name)
        if module.split(".")[0] in lacking
    ] == []


def test_displays_unpack_nothing() -> None:
    assert lines_of(unpacks) == []


def test_no_parameter_is_positional_only() -> None:
    assert lines_of(lambda node: isinstance(node, ast.arguments) and node.posonlyargs) == []


def test_nothing_is_matched() -> None:
    assert lines_of(lambda node: isinstance(node, ast.Match)) == []


def test_no_class_has_a_metaclass() -> None:
    assert lines_of(lambda node: isinstance(node, ast.ClassDef) and node.keywords) == []


def test_web_storage_is_called_in_host_alone() -> None:
    calls = {"getItem", "setItem", "removeItem"}
    found = lines_of(lambda node: isinstance(node, ast.Attribute) and node.attr in calls, SOURCES)
    assert [each for each in found if not each.startswith(("host/", "testing/"))] == []


def test_checks_see_what_they_look_for() -> None:
    tree = ast.parse("x = [*a]\nif TYPE_CHECKING:\n    import typing\ndef f(a: int) -> str: ...")
    found = list(running(tree))
    assert [line_of(node) for node in found if unpacks(node)] == [1]
    assert [node for node in found if isinstance(node, ast.Import)] == []
    assert [
        node for node in found if isinstance(node, ast.Name) and node.id in ("int", "str")
    ] == []
    assert "host/fetch.py" in modules("conversations/openai/transport.py")
