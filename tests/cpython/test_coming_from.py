"""Each row of the tables of `docs/coming-from.md` runs, and they have every name of the five documents."""

import ast
import asyncio
import inspect
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

from anchor_session import errors

SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
VERDICTS = {"same", "other form", "differs", "not here"}

TEXT = Path(__file__).resolve().parents[2].joinpath("docs", "coming-from.md").read_text()
SECTIONS = dict(SECTION.findall(TEXT))

NAMES = {
    "Session Storage APIs (TypeScript)": "session T name init ObjLike options StateOptions LinkableSchema "
    "leave state MemoryStorage SessionStorage key oldKey set value delete write persistent",
    "Session and Instance Storage (doors, Go)": "SessionSave SessionLoad SessionRemove InstanceSave "
    "InstanceLoad InstanceRemove ctx key value Preferences",
    "Session (nodenogg, TypeScript)": """
        Session State SessionState PersistenceName persistanceName id key K Signal microcosms ready set
        partial sync signal SignalObject active user User keys dispose get getReference microcosmID
        MicrocosmID isActive on sub Unsubscribe registerReference MicrocosmEntryRequest lastAccessed
        password view removeReference reset setActive use
    """,
    "SESSION (melody, Go)": "ServiceSessionManager ServiceSessionStorage SessionMustFromContainer "
    "SessionStorageMustFromContainer SessionStorageMustFromResolver Manager Storage Session "
    "NewSession SaveSession Set IsModified Clear All NewManager NewInMemoryStorage "
    "NewInMemoryStorageWithCleanupInterval",
    "Session Storage (formagent-sdk, TypeScript)": (
        "FileSessionStorage createSession builtinTools model tools sessionStorage id close resume "
        "send receive type text setDefaultStorage SessionStorage save state load sessionId delete "
        "list SessionState messages SDKMessage usage ExtendedUsageInfo metadata createdAt updatedAt "
        "parentId MemorySessionStorage clear size RedisSessionStorage redisUrl prefix "
        "SQLiteSessionStorage dbPath message cleanupOldSessions storage maxAgeDays fork "
        "createSessionStorage options resumeSession forkSession"
    ),
}
"""The public names of each document."""


def rows(body: str) -> list[list[str]]:
    """The rows of a section's table, as (there, here, verdict, what differs)."""
    lines = [line for line in body.splitlines() if line.startswith("| ")]
    return [
        [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines[2:]
    ]


async def execute(source: str, names: dict[str, Any]) -> None:
    """Run lines that may await. An expression that is True or False has to be True."""
    for statement in ast.parse(source).body:
        is_expression = isinstance(statement, ast.Expr)
        body = ast.Expression(statement.value) if is_expression else ast.Module([statement], [])  # type: ignore[attr-defined]
        code = compile(
            ast.fix_missing_locations(body),
            source,
            "eval" if is_expression else "exec",
            flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
        )
        result = eval(code, names)
        if code.co_flags & inspect.CO_COROUTINE:
            result = await result
        assert result is not False, source


async def execute_row(here: str, names: dict[str, Any]) -> None:
    """Run the code of a cell; behind ``raises`` or ``warns`` stands the error or warning it ends with."""
    program, verb, kind = re.split(r" (raises|warns) ", here + " raises ", maxsplit=1)[:3]
    sources = CODE.findall(program)
    expected = CODE.findall(kind)
    if not expected:
        for source in sources:
            await execute(source, names)
        return
    cls = getattr(errors, expected[0], None) or getattr(__import__("builtins"), expected[0])
    *before, last = sources
    for source in before:
        await execute(source, names)
    with pytest.raises(cls) if verb == "raises" else pytest.warns(cls):
        await execute(last, names)


@pytest.mark.parametrize("title", SECTIONS)
def test_rows_run(title: str, session_area: object, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)

    async def run() -> None:
        names: dict[str, Any] = {}
        body = SECTIONS[title]
        for source in BLOCK.findall(body):
            await execute(source, names)
        for there, here, _, _ in rows(body):
            try:
                await execute_row(here, names)
            except Exception as error:
                error.add_note(f"in the row of {there}")
                raise

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(run())


def test_each_section_is_known() -> None:
    assert list(SECTIONS) == list(NAMES)


@pytest.mark.parametrize("title", SECTIONS)
def test_each_name_of_the_document_has_a_row_with_a_verdict(title: str) -> None:
    found = rows(SECTIONS[title])
    assert {verdict for _, _, verdict, _ in found} <= VERDICTS
    spans = [span for there, _, _, _ in found for span in CODE.findall(there)]
    words = set(re.findall(r"\w+", " ".join(spans)))
    assert set(NAMES[title].split()) - words == set()


def test_each_row_has_code() -> None:
    assert [
        row for body in SECTIONS.values() for row in rows(body) if not CODE.search(row[1])
    ] == []
