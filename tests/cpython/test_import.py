"""What `import anchor_session` loads and does, seen in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import anchor_session

PUBLIC = set(vars(anchor_session)["__all__"])

PROBE = """
import sys, warnings
warnings.simplefilter("error")
opened = []
sys.addaudithook(lambda event, arguments: opened.append([event, repr(arguments)]))
before = set(sys.modules)
opened.clear()
import anchor_session
own = sorted(set(sys.modules) - before)
anchor_session.session, anchor_session.bind, anchor_session.each, anchor_session.history, anchor_session.usage
events = [one for one in opened if one[0] in ("socket.connect", "subprocess.Popen", "os.mkdir")]
events += [
    one for one in opened if one[0] == "open" and "'w" in one[1] or one[0].startswith("sqlite3")
]
from anchor_session import host
from anchor_session.page import open_states
loaded = sorted(set(sys.modules) - before)
import json, threading  # these load what the package is not to load
print(json.dumps({
    "loaded": loaded,
    "own": own,
    "threads": threading.active_count(),
    "events": events,
    "open": len(open_states._pages),
    "host": host._current is not None,
}))
"""


def run(source: str) -> str:
    """What the source prints in an interpreter of its own."""
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-c",
            f"import sys; sys.path[:0] = {sys.path!r}\n{source}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def probe() -> "dict[str, Any]":
    found: dict[str, Any] = json.loads(run(PROBE))
    return found


def test_import_loads_nothing_large_and_nothing_of_a_browser() -> None:
    large = {"asyncio", "sqlite3", "redis", "msgspec", "pydantic", "typing", "dataclasses", "enum"}
    browser = {"js", "pyodide", "pyscript"}
    loaded = {name.split(".")[0] for name in probe()["loaded"]}
    assert loaded & (large | browser) == {"enum"}  # which json needs


def test_import_loads_no_testing() -> None:
    assert [name for name in probe()["loaded"] if name.startswith("anchor_session.testing")] == []


def test_import_has_no_effect() -> None:
    effects = {what: probe()[what] for what in ("threads", "events", "open", "host")}
    assert effects == {"threads": 1, "events": [], "open": 0, "host": False}


def test_import_loads_nothing_but_itself() -> None:
    assert probe()["own"] == ["anchor_session"]


# -- what a page compiles at each load ----------------------------------------------------------------

PLAIN_STATE = """
anchor_session codec codec.adopting codec.reading codec.writing errors
host host.area host.memory host.append_log host.compared_area
page page.binding page.deletions page.record page.record.layout page.merging page.names page.opening
page.restored page.restoring page.areas page.record.record page.open_states page.record.keeper
reactive reactive.graph reactive.map_parts reactive.map_view reactive.plain reactive.notifications
reactive.steps reactive.threads reactive.tracking reactive.transaction reactive.view
"""
LATER = {
    "state['list'] = []; state.list.append(1)": {"reactive.list_view"},
    "state['set'] = set(); state.set.add(1)": {"reactive.set_view", "codec.tags"},
    "state.n = 2**60": {"codec.tags"},
    "anchor_session.subscribe(state, print)": {"reactive.subscription", "reactive.change"},
    "anchor_session.effect(lambda: state.n)": {"reactive.effect"},
    "state.text = 'x' * 5000; state.n = 2": {"page.record.journal", "reactive.edits"},
    "anchor_session.batch()": {"reactive.suspension"},
    "anchor_session.session('new@2:1')": {"page.migration"},
    "anchor_session.session('t', storage_class=anchor_session.SessionStorage)": {
        "page.storage_classes"
    },
}

SESSION_SCOPE = {
    "page.scopes",
    "page.scopes.once",
    "page.scopes.browser_session",
    "page.scopes.session_scope",
    "page.scopes.scope_change",
    "page.scopes.scope_keys",
    "page.scopes.scope_values",
    "page.scopes.session_numbers",
}
SCOPES = {
    "anchor_session.session_save('k', 1)": SESSION_SCOPE,
    "anchor_session.session_load('k', int)": SESSION_SCOPE,
    "anchor_session.instance_save('k', 1)": {
        "page.scopes",
        "page.scopes.once",
        "page.scopes.instance_scope",
        "page.scopes.scope_change",
    },
}

STATE = {
    "reactive.computed",
    "reactive.signal",
    "reactive.watched",
    "state",
    "state.held_changes",
    "state.merge",
    "state.throttle",
    "state.persistence",
    "state.signals",
}
KEPT = STATE | {"state.binding"}
STATES = {
    "State(dict)": STATE,
    "State(dict, persistence=Persistence('k'))": KEPT,
    "State(dict, persistence=Persistence('k', interval=1))": KEPT | {"state.throttled_writer"},
}

BINDING = {
    "from tests.page.elements import Element; anchor_session.bind(Element(), state, 'n')": {
        "page.elements",
        "page.elements.bind",
        "page.elements.controls",
        "page.elements.display",
        "page.elements.element",
        "reactive.effect",
    },
    "from tests.page.tree import Document, Node; document = Document(); "
    "anchor_session.each(Node('ul', document), state.map, lambda n: Node('li', document))": {
        "page.elements",
        "page.elements.each",
        "page.elements.element",
        "page.elements.focus",
        "page.elements.identity",
        "page.elements.increasing",
        "page.elements.items",
        "page.elements.line",
        "reactive.effect",
    },
}

FORKS = """
import os, sys
for source in sources:
    child = os.fork()
    if child == 0:
        exec(compile(source, "source", "exec"), {})
        print(*[name for name in sys.modules if name.startswith("anchor")], flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, source
"""


def loaded_by(*sources: str) -> "list[set[str]]":
    """The modules of the package that are loaded after each source has run, as if it were alone."""
    found = run(f"sources = {sources!r}\n{FORKS}").splitlines()
    assert len(found) == len(sources)
    return [{name.removeprefix("anchor_session.") for name in each.split()} for each in found]


def loaded_more(before: str, statements: "Iterable[str]") -> "dict[str, set[str]]":
    """What each statement loads that a plain state has not loaded."""
    statements = list(statements)
    found = loaded_by(*[before + statement for statement in statements])
    return {one: more - set(PLAIN_STATE.split()) for one, more in zip(statements, found)}


OPENED = """
import anchor_session
state = anchor_session.session("s", {"n": 1, "map": {}})
state.map["n"] = state.n + 1
del state["n"]
"""


def test_plain_state_loads_what_it_needs_and_no_more() -> None:
    assert loaded_by(OPENED) == [set(PLAIN_STATE.split())]


def test_the_rest_is_loaded_when_it_is_used() -> None:
    assert loaded_more(OPENED.replace("del", "state.n; #"), LATER) == LATER


def test_scope_loads_what_it_needs_and_no_more() -> None:
    assert loaded_more(OPENED, SCOPES) == SCOPES


def test_elements_load_what_they_need_and_no_more() -> None:
    assert loaded_more(OPENED.replace("del", "state.n; #"), BINDING) == BINDING


def test_state_with_fixed_keys_loads_what_it_needs_and_no_more() -> None:
    before = f"{OPENED}from anchor_session.state import Persistence, State\n"
    assert loaded_more(before, STATES) == STATES


def test_times_of_a_state_load_no_datetime() -> None:
    source = """
import sys
before = set(sys.modules)
from anchor_session.state import Persistence, State
State(dict, throttle=0.1, persistence=Persistence('k', interval=0.1))
print("datetime" in set(sys.modules) - before)
"""
    assert run(source) == "False\n"


def test_hints_are_loaded_with_the_first_name_that_is_missing() -> None:
    before = "from anchor_session.microcosm import Session\ns = Session()\ns.own = s.id\n"
    plain, asked = loaded_by(before, f"{before}hasattr(s, 'getReference')")
    assert asked - plain == {"state.hints"}


def test_views_are_what_isinstance_asks_for_as_soon_as_there_is_one() -> None:
    run("""
from collections import abc
from anchor_session import session
state = session("s", {"list": [], "set": set()})
assert isinstance(state, abc.MutableMapping)
assert isinstance(state.list, abc.MutableSequence)
assert isinstance(state.set, abc.MutableSet)
assert isinstance(state.keys(), abc.KeysView)
assert isinstance(state.values(), abc.ValuesView)
assert isinstance(state.items(), abc.ItemsView)
""")


def test_star_gives_every_public_name() -> None:
    found = run("names = {}\nexec('from anchor_session import *', names)\nprint(*names)")
    assert set(found.split()) == PUBLIC | {"__builtins__"}


def test_dir_gives_every_public_name_before_it_is_used() -> None:
    assert set(run("import anchor_session\nprint(*dir(anchor_session))").split()) >= PUBLIC


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'anchor_session' has no name 'nonsense'"):
        _ = anchor_session.nonsense  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match="nonsense"):
        from anchor_session import nonsense  # type: ignore[attr-defined] # noqa: F401


def test_no_module_hides_a_public_name() -> None:
    folder = Path(anchor_session.__file__).parent
    assert {path.stem for path in folder.iterdir()} & PUBLIC == set()


SCRIPT = """
from anchor_session import session
state = session("s", {"n": 1})
state.n += 1
print(state)
"""


def test_script_runs_on_plain_cpython_without_a_word() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "always",
            "-c",
            f"import sys; sys.path[:0] = {sys.path!r}\n{SCRIPT}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("{'n': 2}\n", "")


WARNING = """
from anchor_session import session
from anchor_session.testing import MemoryArea
area = MemoryArea()
area.setItem("anchor-session://s@1.0.0", "{")
session("s", area=area)
"""


def test_script_that_is_warned_runs_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{WARNING}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "<string>:7: StorageWarning" in done.stderr
