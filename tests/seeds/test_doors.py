"""The examples of doors' Session and Instance Storage, in its order, as a program in Python has them."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from anchor_session import (
    ScopeChange,
    SessionScope,
    UnstorableValueError,
    instance_load,
    instance_remove,
    instance_save,
    session_load,
    session_remove,
    session_save,
)
from anchor_session.page.scopes.once import give_up_all
from anchor_session.testing import tabs, use_host
from tests.support import rows

pytestmark = pytest.mark.both


@dataclass
class Preferences:
    theme: str
    language: str


class Key(Enum):
    PREFS = 1


DARK = Preferences(theme="dark", language="en")
LIGHT = Preferences(theme="light", language="fr")


def reload() -> None:
    """The page goes, and comes again."""
    give_up_all()


# -- Session Storage: SessionSave ---------------------------------------------------------------------


def test_first_session_save_has_no_previous_value() -> None:
    """SessionSave, returns."""
    assert session_save("prefs", DARK) is None


def test_session_save_gives_the_old_preferences_as_such() -> None:
    """SessionSave, example: the assertion to `Preferences` holds."""
    session_save("prefs", LIGHT)
    old_prefs = session_save("prefs", Preferences(theme="dark", language="en"))
    assert isinstance(old_prefs, Preferences)
    assert (old_prefs.theme, old_prefs.language) == ("light", "fr")
    reload()
    assert session_save("prefs", LIGHT) == DARK


def test_session_save_over_something_else_gives_none_for_old_preferences() -> None:
    """SessionSave, example: `ok` is false."""
    session_save("prefs", "dark")
    reload()
    assert session_save("prefs", DARK) is None
    assert session_load("prefs", Preferences) == DARK


@rows("key", ["prefs", 7, True, None, Key.PREFS, ("prefs", 7)])
def test_session_keys_are_of_many_types(key: Any) -> None:
    """SessionSave, key."""
    session_save(key, DARK)
    reload()
    assert session_load(key, Preferences) == DARK


def test_session_keys_of_a_struct_are_refused_with_what_to_take() -> None:
    """SessionSave, key: all tabs have to read it."""
    with pytest.raises(
        UnstorableValueError, match=r"take .* a tuple of these: here dataclasses\.a"
    ):
        session_save(DARK, 1)


def test_context_that_comes_first_is_refused_with_the_form_of_the_call() -> None:
    """SessionSave, ctx: a page has none."""

    class Context: ...

    ctx: Any = Context()
    with pytest.raises(TypeError, match=r"the form is session_save\(key, value, type=None\)"):
        session_save(ctx, "prefs", DARK)
    with pytest.raises(TypeError, match=r"the form is session_save\(key, value, type=None\)"):
        session_save(None, "prefs", DARK)
    assert SessionScope().keys() == []


# -- SessionLoad --------------------------------------------------------------------------------------


def test_session_load_as_preferences() -> None:
    """SessionLoad, example."""

    def theme() -> "str | None":
        prefs = session_load("prefs", Preferences)
        if prefs is None:
            return None
        return prefs.theme

    assert theme() is None
    session_save("prefs", DARK)
    reload()
    assert theme() == "dark"


def test_session_load_of_what_is_not_there_is_none() -> None:
    """SessionLoad, returns."""
    assert session_load("prefs") is None


# -- SessionRemove ------------------------------------------------------------------------------------


def test_session_remove_gives_what_was_removed() -> None:
    """SessionRemove, example."""
    session_save("prefs", DARK)
    reload()
    assert session_remove("prefs", Preferences) == DARK
    reload()
    assert session_load("prefs") is None


def test_session_remove_of_what_is_not_there_does_nothing() -> None:
    """SessionRemove, returns."""
    assert session_remove("prefs") is None
    assert SessionScope().keys() == []


# -- Instance Storage: InstanceSave -------------------------------------------------------------------


def test_instance_save_gives_the_previous_value() -> None:
    """InstanceSave, example."""
    saved = instance_save("prefs", Preferences(theme="dark", language="en"))
    assert saved is None
    previous = instance_save("prefs", LIGHT)
    assert isinstance(previous, Preferences)
    assert previous.theme == "dark"


@rows("key", ["prefs", 7, 1.5, b"prefs", None, Key.PREFS, Preferences, ("prefs", 7), object()])
def test_instance_keys_and_values_are_of_any_type(key: Any) -> None:
    """InstanceSave, key and value."""
    value = object()
    instance_save(key, value)
    assert instance_load(key) is value


# -- InstanceLoad -------------------------------------------------------------------------------------


def test_instance_load_as_preferences() -> None:
    """InstanceLoad, example."""
    applied: list[Any] = []
    instance_save("prefs", DARK)
    if prefs := instance_load("prefs", Preferences):
        applied.append(prefs.theme)
    if other := instance_load("prefs", dict):
        applied.append(other)
    assert applied == ["dark"]
    assert instance_load("prefs") is DARK


def test_instance_load_of_what_is_not_there_is_none() -> None:
    """InstanceLoad, returns."""
    assert instance_load("prefs", Preferences) is None


# -- InstanceRemove -----------------------------------------------------------------------------------


def test_instance_remove_gives_what_was_removed() -> None:
    """InstanceRemove, example."""
    instance_save("prefs", DARK)
    assert instance_remove("prefs") is DARK
    assert instance_remove("prefs") is None
    assert instance_load("prefs") is None


# -- Notes --------------------------------------------------------------------------------------------


def test_session_storage_is_common_to_all_tabs_and_they_are_told() -> None:
    """Notes, persistence."""
    one, two = tabs(2)
    heard: list[ScopeChange] = []
    with use_host(two):
        SessionScope().subscribe(heard.append)
    with use_host(one):
        session_save("prefs", DARK)
    two.deliver()
    with use_host(two):
        assert session_load("prefs", Preferences) == DARK
        assert session_save("prefs", LIGHT) == DARK
    assert [change.key for change in heard] == ["prefs", "prefs"]
    with use_host(one):
        assert session_load("prefs", Preferences) == LIGHT


def test_instance_storage_is_this_tabs_alone() -> None:
    """Notes, persistence."""
    one, two = tabs(2)
    with use_host(one):
        instance_save("prefs", DARK)
    with use_host(two):
        assert instance_load("prefs") is None


def test_instance_storage_ends_with_the_page() -> None:
    """Notes, persistence."""
    instance_save("prefs", DARK)
    session_save("prefs", DARK)
    reload()
    assert instance_load("prefs") is None
    assert session_load("prefs", Preferences) == DARK


@rows("load", [session_load, instance_load])
@rows("kind", [int, dict, Key])
def test_value_that_is_asserted_to_be_something_else_is_none(load: Any, kind: Any) -> None:
    """Notes, type safety."""
    session_save("prefs", True)
    instance_save("prefs", True)
    assert load("prefs", kind) is None
    assert load("prefs", bool) is True
