"""What pages load is the same program, line for line."""

import ast
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anchor_session
from web.page_wheel import bare, build

ROOT = Path(anchor_session.__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))

SOURCE = '''"""Module."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Größe(Base):
    """Class."""

    __slots__ = ()
    width: "int"  # a comment

    @property
    def größe(self, other: "Größe | None" = None, *rest: int) -> "str":
        """Method."""
        text: str = f"{self!r:>{8}} # ü -> {other}"
        note = """a
        b"""
        return text if other else [
            note,
        ]


def nothing(
    only: int,
) -> None:
    """Function."""
'''
BARE = '''

TYPE_CHECKING = False




class Größe(Base):


 __slots__ = ()


 @property
 def größe(self, other = None, *rest):

  text = f"{self!r:>{8}} # ü -> {other}"
  note = """a
        b"""
  return text if other else [
note,
]


def nothing(
only,
):
 pass
'''


def test_what_readers_need_is_taken_out() -> None:
    assert bare(SOURCE) == BARE


SPREAD = """
class Ä:
    def f(
        self,
    ) -> dict[
        str, int
    ]:
        self.x: list[
            int
        ] = [1]
        return {"n": self.x[0]}
"""


def test_annotation_of_several_lines_is_taken_out() -> None:
    names: dict[str, Any] = {}
    source = bare(SPREAD)
    exec(compile(source, "spread", "exec"), names)
    assert names["Ä"]().f() == {"n": 1}
    assert "int" not in source
    assert source.count("\n") == SPREAD.count("\n")


MADE_OF_FIELDS = """
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 2


class Pair(NamedTuple):
    one: int
    two: int = 5


class Plain:
    three: int = 3
"""


def test_fields_of_a_class_that_is_made_of_them_stay() -> None:
    names: dict[str, Any] = {"__name__": "made"}
    source = bare(MADE_OF_FIELDS)
    exec(source, names)
    assert (names["Point"](1).y, names["Pair"](4)) == (2, (4, 5))
    assert "three = 3" in source


def facts(node: ast.AST) -> "Iterator[tuple[int, object]]":
    """Names and constants of the code that runs, each with its line."""
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    for field, value in ast.iter_fields(node):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            if field != "orelse":
                continue
        elif field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from facts(child)
            elif child is not None and field not in ("simple", "kind"):
                yield getattr(node, "lineno", 0), child


def keeps_its_lines(path: Path) -> bool:
    source = path.read_text()
    return list(facts(ast.parse(bare(source)))) == list(facts(ast.parse(source)))


def test_all_that_runs_keeps_its_line() -> None:
    assert len(SOURCES) > 100
    assert [str(path) for path in SOURCES if not keeps_its_lines(path)] == []


def test_record_lists_what_the_wheel_holds(tmp_path: Path) -> None:
    pure, target = tmp_path / "pure.whl", tmp_path / "page.whl"
    with zipfile.ZipFile(pure, "w") as wheel:
        wheel.writestr("p/__init__.py", '"""Doc."""\n')
        wheel.writestr("p-1.dist-info/METADATA", "Name: p\n\nRead me")
        wheel.writestr("p-1.dist-info/WHEEL", "Tag: py3-none-any\n")
        wheel.writestr("p-1.dist-info/RECORD", "")
    build(pure, target)
    with zipfile.ZipFile(target) as wheel:
        texts = {name: wheel.read(name).decode() for name in wheel.namelist()}
    assert texts["p-1.dist-info/METADATA"] == "Name: p\n"
    assert texts["p-1.dist-info/WHEEL"] == "Tag: py3-none-pyemscripten_2026_0_wasm32\n"
    record = texts["p-1.dist-info/RECORD"].splitlines()
    assert [line.split(",")[0] for line in record] == list(texts)
    assert record[0] == "p/__init__.py,sha256=AbpHGcgLb-kRsJGnwFEktk7uzpZOCcBY74-YBdrKVGs,1"
