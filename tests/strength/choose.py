"""``python -m tests.strength.choose COUNT`` makes the list of breaks anew, with cosmic-ray and mutmut.

Each file of `codec`, `reactive` and `page` gets its share of them by its size. Which ones is chance, always
the same: at most one a line, functions and kinds in turn, only lines that some test runs. What no test is to
see is left out: annotations, docstrings, `__slots__`, blocks for type checkers, the words of messages.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from random import Random
from typing import Any

import libcst as cst
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from .breaks import AROUND, Break, write_breaks
from .running import ROOT, Seen, measure

SEED = 14
ROOMS = ("codec", "reactive", "page")
COSMIC = (
    "AddNot",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ReplaceAndWithOr",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBreakWithContinue",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceContinueWithBreak",
    "ReplaceFalseWithTrue",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_Delete_Not",
    "ZeroIterationForLoop",
)
MUTMUT = (
    "operator_arg_removal",
    "operator_assignment",
    "operator_augmented_assignment",
    "operator_if_exp",
    "operator_keywords",
    "operator_lambda",
    "operator_string",
    "operator_symmetric_string_methods_swap",
)


@dataclass
class Candidate:
    """`make` gives the text of the whole file with the change in it."""

    line: int
    kind: str
    make: Callable[[], str]


def by_cosmic_ray(text: str) -> Iterator[Candidate]:
    tree = get_ast(text)
    for kind in COSMIC:
        operator = get_operator(f"core/{kind}")()
        positions = (
            start
            for node in ast_nodes(tree)
            for start, _ in operator.mutation_positions(node)  # occurrences are counted like that
        )
        for occurrence, start in enumerate(positions):

            def make(kind: str = kind, occurrence: int = occurrence) -> str:
                made: str = mutate_code(text, get_operator(f"core/{kind}")(), occurrence)
                return made

            yield Candidate(start[0], kind, make)


class _Nodes(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str, Any, Any]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, (cst.Annotation, cst.Raise, cst.Import, cst.ImportFrom)):
            return False
        for kind, operator in mutation_operators:
            if isinstance(node, kind) and operator.__name__ in MUTMUT:
                line = self.get_metadata(PositionProvider, node).start.line
                for changed in operator(node):
                    if not isinstance(changed, cst.SimpleString) or _is_a_word(changed.value):
                        self.found.append((line, operator.__name__, node, changed))
        return True


def _is_a_word(quoted: str) -> bool:
    """Whether that is a name that the code goes by, in the one of three changes that is never a no-op."""
    return quoted[1:3] == "XX" and " " not in quoted and len(quoted) < 20


def by_mutmut(text: str) -> Iterator[Candidate]:
    wrapper = MetadataWrapper(cst.parse_module(text))
    nodes = _Nodes()
    wrapper.visit(nodes)
    for line, kind, node, changed in nodes.found:

        def make(node: Any = node, changed: Any = changed) -> str:
            made: str = wrapper.module.deep_replace(node, changed).code
            return made

        yield Candidate(line, kind.removeprefix("operator_"), make)


def left_out(tree: ast.Module) -> set[int]:
    """The lines where a break would say nothing."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        if (
            isinstance(node, (ast.Import, ast.ImportFrom, ast.Raise))
            or (isinstance(node, (ast.If, ast.Assign)) and "TYPE_CHECKING" in names)
            or (isinstance(node, ast.Assign) and "__slots__" in names)
        ):
            lines.update(range(node.lineno, (node.end_lineno or 0) + 1))
    return lines


def scopes(tree: ast.Module) -> dict[int, str]:
    """The qualified name of the function that each line is in."""
    found: dict[int, str] = {}

    def walk(node: ast.AST, name: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = name
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = f"{name}.{child.name}" if name else child.name
                if isinstance(child, ast.FunctionDef):
                    for line in range(child.lineno, (child.end_lineno or 0) + 1):
                        found[line] = inner
            walk(child, inner)

    walk(tree, "")
    return found


def differences(old: str, new: str) -> "tuple[int, list[str], list[str]]":
    """Where the one run of lines that differs begins, and what it was and is."""
    before, after = old.splitlines(), new.splitlines()
    codes = [
        code
        for code in SequenceMatcher(None, before, after, False).get_opcodes()
        if code[0] != "equal"
    ]
    at, end = codes[0][1], codes[-1][2]
    first, last = codes[0][3], codes[-1][4]
    return at, before[at:end], after[first:last]


def choose_in(path: Path, count: int, seen: Seen, kinds: dict[str, int]) -> list[Break]:
    """Breaks of one file, of the kinds that are rarest so far."""
    text = path.read_text()
    tree = ast.parse(text)
    name = path.relative_to(ROOT).as_posix()
    skipped, scope_of, run = left_out(tree), scopes(tree), seen.lines(name)
    chance = Random(f"{SEED} {name}")
    candidates = [
        each
        for each in [*by_cosmic_ray(text), *by_mutmut(text)]
        if each.line in run
        and each.line not in skipped
        # Outside functions most breaks end the import.
        and (each.line in scope_of or each.kind == "NumberReplacer")
    ]
    chance.shuffle(candidates)
    chosen: list[Break] = []
    functions: dict[str, int] = {}
    lines: set[int] = set()
    while candidates and len(chosen) < count:
        best = min(
            candidates,
            key=lambda each: (
                kinds.get(each.kind, 0),
                functions.get(scope_of.get(each.line, ""), 0),
            ),
        )
        candidates.remove(best)
        if best.line in lines:
            continue
        new = best.make()
        try:
            same = ast.dump(ast.parse(new)) == ast.dump(tree)
        except SyntaxError:
            continue
        if same:
            continue
        at, before, after = differences(text, new)
        if not before or not after:
            continue
        scope = scope_of.get(best.line, "")
        kinds[best.kind] = kinds.get(best.kind, 0) + 1
        functions[scope] = functions.get(scope, 0) + 1
        lines.add(best.line)
        old = [line.strip() for line in text.splitlines()]
        chosen.append(
            Break(
                name="-".join([*Path(name).with_suffix("").parts[1:], str(at + 1)]),
                file=name,
                scope=scope,
                by=best.kind,
                before=[line.strip() for line in before],
                after=[line.strip() for line in after],
                above=old[max(0, at - AROUND) : at],
                below=old[at + len(before) : at + len(before) + AROUND],
            )
        )
    return sorted(chosen, key=lambda each: int(each.name.rsplit("-", 1)[1]))


def choose(count: int) -> list[Break]:
    seen = measure()
    package = ROOT / "anchor_session"
    paths = [path for room in ROOMS for path in sorted((package / room).rglob("*.py"))]
    sizes = {path: len(path.read_text().splitlines()) for path in paths}
    whole = sum(sizes.values())
    chosen: list[Break] = []
    kinds: dict[str, int] = {}
    for path, size in sizes.items():
        chosen += choose_in(path, max(1, round(size * count / whole)), seen, kinds)
    return chosen


if __name__ == "__main__":
    breaks = choose(int(sys.argv[1]))
    write_breaks(breaks)
    print(f"{len(breaks)} breaks in {len({each.file for each in breaks})} files")
