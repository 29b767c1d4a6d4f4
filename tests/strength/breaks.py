"""A break: a few lines of the package that a tool made wrong, found again by what they say.

The list is `breaks.json`. Each has the lines as they are and as they are to be, without indentation, and
what stands around them: so it is found after its file moved, and where the lines stand twice.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

LIST = Path(__file__).with_name("breaks.json")
AROUND = 3  # lines of context before and after

Lines = list[str]


@dataclass
class Break:
    """`file` is relative to the root; `scope` is the function, and `by` the operator that made it.

    `equivalent` says why no test can see it, of those where that is so.
    """

    name: str
    file: str
    scope: str
    by: str
    before: Lines
    after: Lines
    above: Lines = field(default_factory=list)
    below: Lines = field(default_factory=list)
    equivalent: str = ""


class LostBreakError(Exception):
    """The lines are nowhere, or in several places that nothing tells apart."""


def read_breaks(path: Path = LIST) -> list[Break]:
    return [Break(**each) for each in json.loads(path.read_text())]


def write_breaks(breaks: list[Break], path: Path = LIST) -> None:
    path.write_text(
        json.dumps([asdict(each) for each in breaks], indent=1, ensure_ascii=False) + "\n"
    )


def find_break(root: Path, wanted: Break) -> tuple[Path, int]:
    """The file and the index of the first line; another file than the named one only if it is not there."""
    named = root / wanted.file
    files = [named] if named.exists() else []
    for paths in (files, sorted((root / "anchor_session").rglob("*.py"))):
        found = sorted(_places(paths, wanted), key=lambda place: -place[0])
        if found and (len(found) == 1 or found[0][0] > found[1][0]):
            return found[0][1:]
        if found:
            break
    raise LostBreakError(f"{wanted.name}: {len(found)} places of {wanted.file}")


def _places(paths: list[Path], wanted: Break) -> Iterator[tuple[int, Path, int]]:
    """Each place where the lines stand, with how much of what is around them is as it was."""
    size = len(wanted.before)
    for path in paths:
        lines = [line.strip() for line in path.read_text().splitlines()]
        for at in range(len(lines) - size + 1):
            if lines[at : at + size] == wanted.before:
                above = lines[max(0, at - AROUND) : at]
                below = lines[at + size : at + size + AROUND]
                likeness = _count_same(reversed(above), reversed(wanted.above))
                yield likeness + _count_same(iter(below), iter(wanted.below)), path, at


def _count_same(left: Iterator[str], right: Iterator[str]) -> int:
    return sum(one == other for one, other in zip(left, right, strict=False))


def broken(text: str, at: int, change: Break) -> str:
    """The file's text with the break in it, each line indented as the one it stands for."""
    lines = text.splitlines(keepends=True)
    old = lines[at : at + len(change.before)]
    indents = [line[: len(line) - len(line.lstrip())] for line in old]
    new = [
        (indents[number] if number < len(indents) else indents[-1]) + line + "\n"
        for number, line in enumerate(change.after)
    ]
    return "".join(lines[:at] + new + lines[at + len(old) :])
