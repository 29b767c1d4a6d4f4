"""The tree of errors, their evidence, and where warnings point."""

import inspect
import warnings
from typing import Any

import pytest

import anchor_session
from anchor_session import StorageWarning, errors, session
from anchor_session.page.storage_classes import SessionStorage
from tests.support import KEY, rows

pytestmark = pytest.mark.both

TREE = {
    "AnchorError": (Exception,),
    "UnstorableValueError": (errors.AnchorError, TypeError),
    "SchemaError": (errors.AnchorError, ValueError),
    "MigrationError": (errors.AnchorError,),
    "DetachedError": (errors.AnchorError,),
    "ImmutableError": (errors.AnchorError, TypeError),
    "CycleError": (errors.AnchorError,),
    "StorageError": (errors.AnchorError,),
    "QuotaExceededError": (errors.StorageError,),
    "StorageUnavailableError": (errors.StorageError,),
    "StoreClosedError": (errors.StorageError,),
    "RecordCorruptError": (errors.AnchorError,),
    "SessionIdError": (errors.AnchorError, ValueError),
    "SessionNotFoundError": (errors.AnchorError,),
    "SessionClosedError": (errors.AnchorError,),
    "ProviderError": (errors.AnchorError,),
    "ServiceError": (errors.AnchorError, LookupError),
    "AnchorWarning": (UserWarning,),
    "StorageWarning": (errors.AnchorWarning,),
    "StorageUnavailableWarning": (errors.AnchorWarning,),
}
EVIDENCE: "list[tuple[str, dict[str, Any]]]" = [
    ("UnstorableValueError", {"path": "$.a"}),
    ("SchemaError", {"path": "$.a"}),
    ("MigrationError", {"version": "1"}),
    ("StorageError", {"key": "k"}),
    ("QuotaExceededError", {"key": "k", "needed": 5, "used": 4, "largest": [("k", 4)]}),
    ("StorageUnavailableError", {"key": "k"}),
    ("StoreClosedError", {"key": "k"}),
    ("RecordCorruptError", {"key": "k"}),
    ("SessionNotFoundError", {"id": "x"}),
    ("SessionClosedError", {"id": "x"}),
    ("ProviderError", {"status": 404, "body": "x"}),
]


@rows(("name", "bases"), TREE.items())
def test_class_stands_where_the_tree_says(name: str, bases: "tuple[type, ...]") -> None:
    assert getattr(errors, name).__bases__ == bases


def test_tree_is_complete() -> None:
    found = {name for name, kind in vars(errors).items() if inspect.isclass(kind)}
    assert found == set(TREE)


@rows("name", list(TREE))
def test_class_is_public(name: str) -> None:
    assert getattr(anchor_session, name, errors.AnchorWarning) is getattr(errors, name)


@rows(("name", "evidence"), EVIDENCE)
def test_evidence_is_kept(name: str, evidence: "dict[str, Any]") -> None:
    error = getattr(errors, name)("message", **evidence)
    assert ({field: getattr(error, field) for field in evidence}, str(error)) == (
        evidence,
        "message",
    )


@rows(("name", "evidence"), EVIDENCE)
def test_evidence_is_optional(name: str, evidence: "dict[str, Any]") -> None:
    error = getattr(errors, name)("message")
    assert all(hasattr(error, field) for field in evidence)


# -- warnings --------------------------------------------------------------------------------


def opened() -> None:
    session("s", {"n": 1})


def constructed() -> None:
    SessionStorage("s", {"n": 1})


@rows("act", [opened, constructed])
def test_warning_points_at_the_line_of_the_user(area: Any, act: Any) -> None:
    area.setItem(KEY, "{")
    with pytest.warns(StorageWarning) as caught:
        act()
    line = act.__code__.co_firstlineno + 1
    assert [(one.filename, one.lineno) for one in caught] == [(__file__, line)]


@rows("package", [None, "", "anchor_session_of_mine"])
@rows("name", ["__main__", "anchor_session_of_mine", ""])
def test_warning_points_at_a_script(area: Any, package: Any, name: Any) -> None:
    area.setItem(KEY, "{")
    code = compile("\n\nsession('s')", "script.py", "exec")
    with pytest.warns(StorageWarning) as caught:
        exec(code, {"session": session, "__package__": package, "__name__": name})
    assert [(one.filename, one.lineno) for one in caught] == [("script.py", 3)]


def test_warning_may_be_made_an_error(area: Any) -> None:
    area.setItem(KEY, "{")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(StorageWarning):
            session("s", {"n": 1})


def test_warning_made_an_error_loses_nothing(area: Any) -> None:
    area.setItem(KEY, "{")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(StorageWarning):
            session("s", {"n": 1})
    assert "{" in [area.getItem(key) for key in (KEY, f"{KEY}#rejected")]
