"""A page, its PyScript worker and another tab hold one state and one session scope."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.conftest import OpenBrowser
from e2e.harness import Interpreter, boot
from e2e.tabs import PRELUDE, agreed, wait_rest
from e2e.workers import Named, boot_with

CHANGES = 200
BEGIN = """(sources) => {
  const begun = Object.entries(sources).map(([name, source]) => window.pythons[name](source));
  window.answer = Promise.all(begun);
}"""
HELPERS = """
seen = []

def never_idle():
    '''Nothing is looked for from now on: who is not told of a change does not find it.'''
    host.current().after = lambda seconds, callback: lambda: None

end_seeing = SessionScope().subscribe(lambda change: seen.append([change.key, change.value]))
"""
WORK = f"""
for n in range({CHANGES}):
    s[f"ME-{{n}}"] = n
    s["common"] = f"ME-{{n}}"
    s["log"].append(f"ME-{{n}}")
    PAUSE
"""


@pytest.fixture(scope="module")
def document(open_browser: OpenBrowser) -> list[Named]:
    """The page and its worker."""
    context = open_browser()
    return boot_with(context.new_page(), "worker", prelude=PRELUDE + HELPERS)


@pytest.fixture(scope="module")
def tab(document: list[Named]) -> Interpreter:
    """Another tab."""
    return boot(document[0].page.context.new_page(), "bare", prelude=PRELUDE + HELPERS)


@pytest.fixture
def everyone(document: list[Named], tab: Interpreter) -> Iterator[list[Interpreter]]:
    everyone = [*document, tab]
    yield everyone
    for run in everyone:
        run("leave_all(); seen.clear(); host.current().__dict__.pop('after', None); None")
    pages = (document[0].page, tab.page)
    for own, other in (pages, pages[::-1]):  # what one has written, and its clearing, has arrived
        own.evaluate("() => { localStorage.clear(); localStorage.setItem('cleared', ''); }")
        other.wait_for_function("() => localStorage.getItem('cleared') !== null")
        own.evaluate("() => localStorage.removeItem('cleared')")
        other.wait_for_function("() => localStorage.length === 0")


def named(run: Interpreter) -> str:
    return run.name if isinstance(run, Named) else "tab"


def begin(document: list[Named], sources: dict[str, str]) -> None:
    """Let page and worker run these; nobody waits for the answers."""
    document[0].page.evaluate(BEGIN, sources)


def finish(document: list[Named]) -> None:
    for answer in document[0].page.evaluate("() => window.answer"):
        assert "error" not in json.loads(answer), answer


@pytest.mark.parametrize("writer", ["page", "worker", "tab"])
@pytest.mark.parametrize("kind", ["shared", "persistent"])
def test_change_of_one_is_everybody_s(everyone: list[Interpreter], kind: str, writer: str) -> None:
    for run in everyone:
        run(f'never_idle(); open_state("{kind}", "both", {{"a": 1, "l": [1]}})')
    (one,) = [run for run in everyone if named(run) == writer]
    one('s["a"] = 2; s["l"].append(2); s["new"] = {"deep": [1]}')
    found = agreed(everyone, lambda data: "new" in data)
    assert found == {"a": 2, "l": [1, 2], "new": {"deep": [1]}}
    for number, run in enumerate(everyone):
        run(f'await until(lambda: len(s["new"]["deep"]) == {number + 1})')
        run(f's["new"]["deep"].append("{number}")')
    agreed(everyone, lambda data: data["new"]["deep"] == [1, "0", "1", "2"])


def test_only_the_document_remains_when_all_is_quiet(everyone: list[Interpreter]) -> None:
    for run in everyone:
        run(f'open_state("shared", "rest", {{}}); s["{named(run)}"] = 1')
    found = agreed(everyone, lambda data: len(data) == 3)
    key = everyone[0]("s._root.owner.key")
    assert json.loads(wait_rest(everyone[0].page, key)) == found


@pytest.mark.parametrize("pause", ["", "await asyncio.sleep(0)"])
@pytest.mark.parametrize("layout", ["auto", "document", "journal"])
def test_page_worker_and_tab_that_write_at_once_lose_nothing(
    document: list[Named], tab: Interpreter, everyone: list[Interpreter], layout: str, pause: str
) -> None:
    for run in everyone:
        run(f'open_state("shared", "at-once", {{"common": "", "log": []}}, layout="{layout}")')
    work = WORK.replace("PAUSE", pause)
    begin(document, {name: work.replace("ME", name) for name in ("page", "worker")})
    tab(work.replace("ME", "tab"))
    finish(document)
    names = [named(run) for run in everyone]
    keys = {f"{name}-{n}" for name in names for n in range(CHANGES)}

    def is_complete(data: Any) -> bool:
        return data.keys() == keys | {"common", "log"} and len(data["log"]) == len(keys)

    found = agreed(everyone, is_complete)
    assert found["common"] in {f"{name}-{CHANGES - 1}" for name in names}
    for name in names:
        own = [each for each in found["log"] if each.startswith(name)]
        assert own == [f"{name}-{n}" for n in range(CHANGES)]


@pytest.mark.parametrize("writer", ["page", "worker", "tab"])
def test_session_scope_is_one(everyone: list[Interpreter], writer: str) -> None:
    (one,) = [run for run in everyone if named(run) == writer]
    others = [run for run in everyone if run is not one]
    one('session_save("who", {"name": "Ada"})')
    for run in others:
        run('await until(lambda: seen == [["who", {"name": "Ada"}]])')
        assert run('session_load("who")') == {"name": "Ada"}
    assert one('session_remove("who")') == {"name": "Ada"}
    for run in others:
        run('await until(lambda: seen[1:] == [["who", None]])')
        assert run('session_load("who")') is None


def test_session_scope_keeps_what_page_worker_and_tab_save_at_once(
    document: list[Named], tab: Interpreter, everyone: list[Interpreter]
) -> None:
    work = f"""
for n in range({CHANGES}):
    session_save(("ME", n), n)
    session_save("common", "ME")
"""
    begin(document, {name: work.replace("ME", name) for name in ("page", "worker")})
    tab(work.replace("ME", "tab"))
    finish(document)
    for run in everyone:
        for name in ("page", "worker", "tab"):
            run(f"""
                await until(lambda: all(
                    session_load(("{name}", n)) == n for n in range({CHANGES})
                ))
            """)
    last = {run('session_load("common")') for run in everyone}
    assert len(last) == 1
    assert last <= {"page", "worker", "tab"}
    tab("session_end()")
    for run in everyone:
        run('await until(lambda: session_load("common") is None)')
