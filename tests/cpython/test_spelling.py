"""A public name that is asked for in the wrong module, or as other languages write it."""

import importlib
import subprocess
import sys
from typing import Any

import pytest

import anchor_session
from anchor_session.spelling import LAZY, NAMES, option_error, snake
from tests.support import rows

IN = "anchor_session.conversations"


@rows(
    ("module", "name", "told"),
    [
        ("anchor_session", "create_session", f"create_session is in {IN}"),
        ("anchor_session", "createSession", f"create_session is in {IN}"),
        ("anchor_session", "SessionSave", "session_save is in anchor_session"),
        ("anchor_session", "State", "State is in anchor_session.state"),
        ("anchor_session", "MemoryArea", "MemoryArea is in anchor_session.testing"),
        ("anchor_session.records", "shared", "shared is in anchor_session"),
        ("anchor_session.conversations", "MemoryStorage", "MemoryStorage is in anchor_session"),
        (
            "anchor_session.state",
            "Session",
            "anchor_session.microcosm and in anchor_session.records",
        ),
        ("anchor_session.microcosm", "is_state", "is_state is in anchor_session.state"),
        ("anchor_session.testing", "session", "session is in anchor_session"),
        ("anchor_session.records", "NewManager", "SessionManager is in anchor_session.records"),
        (
            "anchor_session",
            "ServiceSessionManager",
            "SERVICE_SESSION_MANAGER is in anchor_session.records",
        ),
        ("anchor_session.microcosm", "SessionState", "import it under `if TYPE_CHECKING:`"),
        ("anchor_session", "nothing_of_ours", "has no name 'nothing_of_ours'"),
    ],
)
def test_name_in_the_wrong_module_is_told_its_own(module: str, name: str, told: str) -> None:
    with pytest.raises(ImportError) as wrong:
        exec(f"from {module} import {name}")
    assert str(wrong.value).endswith(told)
    here = importlib.import_module(module)
    with pytest.raises(AttributeError) as absent:
        getattr(here, name)
    assert str(absent.value).endswith(told)
    assert not hasattr(here, name)


def test_tables_have_the_names_of_every_public_module() -> None:
    for module, names in NAMES.items():
        here = importlib.import_module(module)
        assert sorted(names.split()) == sorted(here.__all__)
        assert all(hasattr(here, name) for name in here.__all__)
    public = {"anchor_session", *NAMES, "anchor_session.records", "anchor_session.conversations"}
    assert {*NAMES, *LAZY} == public


def test_what_is_asked_for_in_vain_loads_no_more_than_tables() -> None:
    program = "import sys, anchor_session; hasattr(anchor_session, 'nonsense'); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = [name for name in done.stdout.split() if name.startswith("anchor_session.")]
    assert sorted(loaded) == [
        "anchor_session.conversations",
        "anchor_session.records",
        "anchor_session.spelling",
    ]


@rows(
    ("option", "meant", "said"),
    [
        (
            "sessionStorage",
            None,
            "'sessionStorage': write session_storage=",
        ),
        (
            "sesion_storage",
            None,
            "'sesion_storage': write session_storage=",
        ),
        ("turns", "rounds", "'turns': write rounds="),
        (
            "color",
            "no_option",
            "'color'; it has rounds, session_storage, and more",
        ),
    ],
)
def test_option_that_there_is_not(option: str, meant: "str | None", said: str) -> None:
    known = ["rounds", "session_storage"]
    error = option_error("f()", option, known, meant=meant, more=", and more")
    assert str(error) == f"f() got an unexpected keyword argument {said}"


def test_a_submodule_is_imported_still() -> None:
    found: dict[str, Any] = {}
    exec("from anchor_session import records, state, errors", found)
    assert found["errors"] is anchor_session.errors


@rows("more", ["", ", importlib"])
def test_what_importing_asks_for_by_itself_loads_nothing(more: str) -> None:
    program = (
        f"import sys, anchor_session{more}; from anchor_session import host\n"
        "hasattr(anchor_session, '__x__'); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "anchor_session.host" in done.stdout
    assert "anchor_session.spelling" not in done.stdout


@rows(
    ("name", "found"),
    [
        ("SessionSave", "session_save"),
        ("sessionStorage", "session_storage"),
        ("microcosmID", "microcosm_id"),
        ("is_active", "is_active"),
        ("URL", "url"),
        ("", ""),
    ],
)
def test_snake(name: str, found: str) -> None:
    assert snake(name) == found
