"""What a state says to names that it does not have, and to assignments that would change nothing."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import Computed, Signal
from anchor_session.microcosm import Session
from anchor_session.state import State
from tests.support import rows

SPACE = "garden.0123456789"


def made() -> Session:
    session = Session()
    session.register_reference(SPACE)
    return session


@rows(
    ("name", "words"),
    [
        ("getReference", "'get_reference'"),
        ("registerReference", "'register_reference'"),
        ("removeReference", "'remove_reference'"),
        ("setActive", "'set_active'"),
        ("isActive", "'is_active'"),
        ("isDisposed", "'is_disposed'"),
        ("active", r"get\(\)\['active'\], or signal\.active\.get\(\)"),
    ],
)
def test_name_that_is_another_one_here_is_told(name: str, words: str) -> None:
    with pytest.raises(
        AttributeError, match=f"^'Session' object has no attribute '{name}'.*{words}"
    ):
        getattr(made(), name)


@rows("name", ["colour", "getColour", "_hidden", "_getReference", "__anchor_plain__"])
def test_name_that_is_nowhere_is_an_attribute_error_as_of_any_object(name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(made(), name)
    assert str(caught.value) == f"'Session' object has no attribute '{name}'"
    assert (caught.value.name, hasattr(made(), name)) == (name, False)


def test_state_that_is_not_made_yet_says_so_too() -> None:
    with pytest.raises(AttributeError, match="colour"):
        _ = State.__new__(State).colour  # type: ignore[attr-defined]


def test_state_may_be_copied_as_any_object() -> None:
    session = made()
    assert copy.copy(session).get() == session.get()


READ_ONLY: "dict[str, tuple[Callable[[Session], object], str, str]]" = {
    "id": (lambda s: s.id, "id", "it is given"),
    "signal": (lambda s: s.signal, "signal", r"signal\.name\.set"),
    "keys": (lambda s: s.keys, "keys", r"initial\(\)"),
    "is_disposed": (lambda s: s.is_disposed, "is_disposed", r"dispose\(\)"),
    "user": (lambda s: s.user, "user", r"user\.set\("),
    "ready": (lambda s: s.ready, "ready", "has been read"),
    "microcosms": (lambda s: s.microcosms.get(), "microcosms", r"register_reference\(\)"),
}


@rows(("read", "name", "words"), READ_ONLY)
@rows("value", ["mine", None, Signal(1)])
def test_what_is_read_only_says_what_to_write(
    read: "Callable[[Session], object]", name: str, words: str, value: Any
) -> None:
    session = made()
    before = read(session)
    with pytest.raises(
        AttributeError, match=f"^'{name}' of a Session cannot be assigned to: .*{words}"
    ):
        setattr(session, name, value)
    assert read(session) == before


def test_key_is_not_assigned_to_as_an_attribute() -> None:
    session = made()
    with pytest.raises(AttributeError, match=r"set\(\{'active': value\}\), or signal\.active\.set"):
        session.active = SPACE  # type: ignore[attr-defined]
    assert session.get()["active"] is None


@rows("key", ["active", "microcosms"])
def test_signal_is_not_assigned_to(key: str) -> None:
    session = made()
    before = session.get()
    with pytest.raises(AttributeError, match=rf"write signal\.{key}\.set\(value\)"):
        setattr(session.signal, key, SPACE)
    with pytest.raises(TypeError, match=rf"write signal\['{key}'\]\.set\(value\)"):
        session.signal[key] = SPACE  # type: ignore[misc, call-arg]
    assert session.get() == before


def test_signal_of_no_key_is_not_assigned_to_either() -> None:
    with pytest.raises(AttributeError, match="no key 'colour'"):
        setattr(made().signal, "colour", "red")  # noqa: B010 - a checker refuses it
    with pytest.raises(KeyError, match="no key 'colour'"):
        made().signal["colour"] = "red"  # type: ignore[misc, call-arg]


def test_class_of_ones_own_keeps_what_it_likes_under_other_names() -> None:
    class Editor(State[Any]):
        def __init__(self) -> None:
            self.before = 1
            super().__init__(lambda: {"title": "", "tool": ""})
            self.after = {"a": 1}
            self.title = self.key("title")
            self.tool = State(lambda: {"name": "pen"})

    editor = Editor()
    editor.after = {}
    assert (editor.before, editor.after, editor.title.get()) == (1, {}, "")
    editor.title = Computed(lambda: "x")  # type: ignore[assignment]
    with pytest.raises(AttributeError, match="title"):
        editor.title = "x"  # type: ignore[assignment]


@rows(("name", "own"), [("microcosmID", "microcosm_id"), ("lastAccessed", "last_accessed")])
def test_reference_tells_its_names_too(name: str, own: str) -> None:
    with pytest.raises(AttributeError, match=f"no '{name}'; here it is '{own}'"):
        getattr(made().microcosms.get()[0], name)
