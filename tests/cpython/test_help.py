"""What `help(session)` shows where docstrings are kept; the wheel for pages has none."""

import ast
import inspect
import pydoc
import re
from pathlib import Path
from typing import Any

import pytest

from anchor_session import persistent, session, shared
from anchor_session.page import opening

OPTIONS = [
    each.name
    for each in inspect.signature(session).parameters.values()
    if each.kind is each.KEYWORD_ONLY
]


@pytest.mark.parametrize("opener", [session, persistent, shared])
def test_help_documents_every_option(opener: Any) -> None:
    shown = pydoc.plain(pydoc.render_doc(opener))
    documented = re.findall(r"^ +- `(\w+)(?:=\w+)?`:", shown, re.MULTILINE)
    assert sorted(documented) == sorted(OPTIONS)


@pytest.mark.parametrize("opener", [session, persistent, shared])
def test_documentation_is_flush_but_for_its_lists(opener: Any) -> None:
    lines = (inspect.getdoc(opener) or "").splitlines()
    assert {line[: len(line) - len(line.lstrip())] for line in lines} == {"", "  "}


def test_checkers_know_every_option() -> None:
    (options,) = [
        node
        for node in ast.walk(ast.parse(Path(opening.__file__).read_text()))
        if isinstance(node, ast.ClassDef) and node.name == "Options"
    ]
    known = [ast.unparse(each.target) for each in options.body if isinstance(each, ast.AnnAssign)]
    assert known == OPTIONS
