"""The wheel that pages load: the code of the pure wheel without what only readers of it need.

Docstrings, comments, annotations and blocks for type checkers are taken out, and indentation is one space
(none in JavaScript); type stubs are left out.
The fields of a dataclass or a `NamedTuple` stay: the class is made of them.
Every statement keeps its line, so tracebacks name the lines of the published source, and show them.
"""

import ast
import base64
import hashlib
import io
import shutil
import sys
import tokenize
import zipfile
from collections.abc import Iterator
from pathlib import Path

PLATFORM = "pyemscripten_2026_0_wasm32"
"""What Pyodide 314 calls itself: in it, micropip prefers a wheel with this tag to one for any platform."""

_FOR_READERS = (".pyi", "/py.typed")  # for type checkers and editors
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Place = tuple[int, int]
Cut = tuple[Place, Place, str]  # from, to, what stands there instead
CONTINUED = "\\"  # each line of the cut goes on in the next one: it is part of a statement


def bare(source: str) -> str:
    """The same program, line for line, without docstrings, comments and annotations."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    cuts = [*_cuts_in_tree(ast.parse(source), lines), *_cuts_in_tokens(source)]
    parts = []
    done = 0
    for begin, end, instead in sorted(cuts):
        first, last = (starts[row - 1] + column for row, column in (begin, end))
        if first >= done:
            lines_cut = source.count("\n", first, last)
            gap = "\\\n" * lines_cut if instead == CONTINUED else instead + "\n" * lines_cut
            parts += [source[done:first], gap]
            done = last
    parts.append(source[done:])
    return "\n".join(line.rstrip() for line in "".join(parts).splitlines()).rstrip() + "\n"


def _cuts_in_tree(tree: ast.Module, lines: list[str]) -> Iterator[Cut]:
    def place(row: int, offset: int) -> Place:  # ast counts bytes
        return row, len(lines[row - 1].encode()[:offset].decode())

    def begin(node: "ast.stmt | ast.expr") -> Place:
        for decorator in getattr(node, "decorator_list", [])[:1]:
            return place(decorator.lineno, decorator.col_offset - 1)
        return place(node.lineno, node.col_offset)

    def end(node: "ast.stmt | ast.expr") -> Place:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return place(node.end_lineno, node.end_col_offset)

    fields = {
        each
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and _is_made_of_fields(node)
        for each in node.body
        if isinstance(each, ast.AnnAssign)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            name_ends = node.col_offset + len(node.arg.encode())
            yield place(node.lineno, name_ends), end(node.annotation), ""
        elif isinstance(node, _FUNCTIONS) and node.returns is not None:
            yield begin(node.returns), end(node.returns), CONTINUED
        elif isinstance(node, ast.AnnAssign) and node not in fields:
            yield end(node.target), end(node.annotation), CONTINUED
        elif isinstance(node, ast.If) and _is_for_checkers(node):
            yield begin(node.body[0]), end(node.body[-1]), "pass"
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                unread = [each for each in statements if _is_for_readers(each)]
                unread = [each for each in unread if each not in fields]
                needs_pass = len(unread) == len(statements) and not isinstance(node, ast.Module)
                for number, each in enumerate(unread):
                    yield begin(each), end(each), "pass" if needs_pass and number == 0 else ""


def _is_made_of_fields(node: ast.ClassDef) -> bool:
    made_by = [getattr(each, "func", each) for each in node.decorator_list + node.bases]
    names = [each.id for each in made_by if isinstance(each, ast.Name)]
    return "dataclass" in names or "NamedTuple" in names


def _is_for_checkers(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _is_for_readers(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if isinstance(node, ast.If):
        return _is_for_checkers(node) and not node.orelse
    return isinstance(node, ast.AnnAssign) and node.value is None


def _cuts_in_tokens(source: str) -> Iterator[Cut]:
    """Comments, the arrows of annotations, and the most of each indentation."""
    level = 0
    end = arrow = (0, 0)  # where the token before ended, and where what an arrow belongs to did
    is_new_statement = True
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.INDENT:
            level += 1
        elif token.type == tokenize.DEDENT:
            level -= 1
        elif token.type == tokenize.NEWLINE:
            is_new_statement = True
        elif token.type == tokenize.COMMENT:
            yield token.start, token.end, ""
        elif token.string == "->":
            arrow = end
        elif token.type != tokenize.NL:
            if arrow != (0, 0):
                yield arrow, token.start, ""
                arrow = (0, 0)
            if token.start[0] > end[0]:
                yield (token.start[0], 0), token.start, " " * level if is_new_statement else ""
            is_new_statement = False
            end = token.end


def bare_javascript(source: str) -> str:
    """The same script, line for line, without lines of comment and without indentation."""
    lines = [line.strip() for line in source.splitlines()]
    code = "\n".join("" if line.startswith("//") else line for line in lines)
    assert "`" not in code, "a template may have lines, whose indentation counts"
    return code.rstrip() + "\n"


def build(pure: Path, target: Path) -> None:
    """Write the wheel for pages that belongs to the pure one."""
    record: list[str] = []
    with zipfile.ZipFile(pure) as source, zipfile.ZipFile(target, "w") as wheel:
        for name in source.namelist():
            if name.endswith(_FOR_READERS):
                continue
            content = source.read(name)
            if name.endswith(".py"):
                content = bare(content.decode()).encode()
                compile(
                    content, name, "exec"
                )  # what is wrong is to be seen here, and not in a page
            elif name.endswith(".js"):
                content = bare_javascript(content.decode()).encode()
            elif name.endswith(".dist-info/METADATA"):
                content = content.partition(b"\n\n")[0] + b"\n"  # less the README
            elif name.endswith(".dist-info/WHEEL"):
                content = content.replace(b"py3-none-any", f"py3-none-{PLATFORM}".encode())
            elif name.endswith(".dist-info/RECORD"):
                content = "".join([*record, f"{name},,\n"]).encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()
            record.append(f"{name},sha256={digest.rstrip('=')},{len(content)}\n")
            entry = zipfile.ZipInfo(name)  # of 1980: the same wheel at every build
            entry.external_attr = source.getinfo(name).external_attr
            wheel.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)


def main(folder: Path) -> None:
    """Build it beside the pure wheel in the folder, and under a name that stays the same."""
    (pure,) = folder.glob("*-py3-none-any.whl")
    target = pure.with_name(pure.name.replace("-any.whl", f"-{PLATFORM}.whl"))
    build(pure, target)
    shutil.copy(target, folder / "anchor_session.whl")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
