"""The instance scope: a map of this page, by reference."""

from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    InstanceScope,
    ScopeChange,
    instance_init,
    instance_load,
    instance_remove,
    instance_save,
)
from anchor_session.host.memory import MemoryHost
from anchor_session.page.scopes.once import give_up_all
from anchor_session.testing import use_host
from tests.support import rows


def test_value_is_the_object_itself() -> None:
    value = object()
    instance_save("k", value)
    assert instance_load("k") is value


def test_save_and_remove_give_what_was_there() -> None:
    found = [
        instance_save("k", 1),
        instance_save("k", 2),
        instance_remove("k"),
        instance_remove("k"),
    ]
    assert found == [None, 1, 2, None]


KEYS: "list[Any]" = [
    1,
    True,
    1.0,
    "1",
    None,
    (1,),
    (True,),
    ((1.0,),),
    ((1,),),
    frozenset({1}),
    frozenset({True}),
    b"1",
    int,
    (int, 1),
]


def test_keys_differ_by_type() -> None:
    for number, key in enumerate(KEYS):
        assert instance_save(key, number) is None
    assert [instance_load(key) for key in KEYS] == list(range(len(KEYS)))


def test_equal_keys_are_one() -> None:
    instance_save(("a", 1), 1)
    assert instance_load(("a", 1)) == 1


def test_keys_are_given_back_in_order() -> None:
    scope = InstanceScope()
    for key in KEYS:
        scope.save(key, 1)
    assert [(type(key), key) for key in scope.keys()] == [(type(key), key) for key in KEYS]  # noqa: SIM118


@rows("key", [[1], {}, set(), ("a", [1])])
def test_key_that_cannot_be_hashed_changes_nothing(key: Any) -> None:
    scope = InstanceScope()
    heard: list[Any] = []
    scope.subscribe(heard.append)
    made: list[int] = []
    calls: list[Callable[[], Any]] = [
        lambda: scope.save(key, 1),
        lambda: scope.load(key),
        lambda: scope.remove(key),
        lambda: scope.init(key, lambda: made.append(1)),
    ]
    for call in calls:
        with pytest.raises(TypeError, match="hash"):
            call()
    assert (scope.keys(), heard, made) == ([], [], [])


def test_stored_none_reads_like_absence() -> None:
    instance_save("k", None)
    assert (instance_load("k"), instance_init("k", lambda: 1)) == (None, 1)


def test_init_creates_once() -> None:
    made: list[Any] = []

    def factory() -> "list[Any]":
        made.append(1)
        return made

    assert instance_init("k", factory) is instance_init("k", factory) is made
    assert made == [1]


def test_what_a_factory_saves_itself_counts() -> None:
    def factory() -> str:
        instance_save("k", "saved")
        return "given"

    assert (instance_init("k", factory), instance_load("k")) == ("saved", "saved")


class Base: ...


class Derived(Base): ...


@rows(
    ("value", "kind", "is_one"),
    [
        (1, int, True),
        (True, int, False),
        (True, bool, True),
        (1, bool, False),
        (1, float, False),
        (1, object, True),
        (True, object, True),
        (Derived(), Base, True),
        (Base(), Derived, False),
        (1, int | str, True),
        (True, int | str, False),
        (True, int | bool, True),
        (True, (int, bool), True),
        (True, (int, str), False),
    ],
)
def test_type_is_asserted(value: Any, kind: Any, is_one: bool) -> None:
    instance_save("k", value)
    assert instance_load("k", kind) is (value if is_one else None)
    assert instance_load("absent", kind) is None


@rows("kind", ["prefs", 1, list[int], [int], object()])
def test_value_in_the_place_of_a_type_is_refused(kind: Any) -> None:
    instance_save("k", "prefs")
    for key in ("k", "absent"):
        with pytest.raises(
            TypeError, match=r"type= is a class, .*; the form is instance_load\(key"
        ):
            instance_load(key, kind)


def test_subscribers_are_told_after_the_change() -> None:
    scope = InstanceScope()
    heard: list[Any] = []
    stop = scope.subscribe(lambda change: heard.append((change, scope.load("k"))))
    value = [1]
    scope.save("k", value)
    scope.save("k", value)
    scope.save("k", "a" * 2)
    scope.save("k", "".join(["a", "a"]))
    scope.remove("k")
    scope.remove("k")
    stop()
    scope.save("k", 1)
    assert heard == [
        (ScopeChange("k", [1], None), [1]),
        (ScopeChange("k", "aa", [1]), "aa"),
        (ScopeChange("k", None, "aa"), None),
    ]


def test_another_object_is_a_change_though_equal() -> None:
    scope = InstanceScope()
    scope.save("k", [1])
    heard: list[Any] = []
    scope.subscribe(heard.append)
    scope.save("k", [1])
    assert len(heard) == 1


def test_failing_subscriber_stops_neither_the_others_nor_the_change() -> None:
    scope = InstanceScope()
    heard: list[Any] = []
    scope.subscribe(lambda change: 1 // 0)
    scope.subscribe(heard.append)
    with pytest.raises(ZeroDivisionError):
        scope.save("k", 1)
    assert (scope.load("k"), heard) == (1, [ScopeChange("k", 1, None)])


def test_scope_is_the_one_behind_the_functions() -> None:
    heard: list[Any] = []
    InstanceScope().subscribe(heard.append)
    instance_save("k", 1)
    assert heard == [ScopeChange("k", 1, None)]
    assert InstanceScope().keys() == ["k"]
    assert InstanceScope() is InstanceScope()


def test_each_host_has_its_own() -> None:
    instance_save("k", 1)
    with use_host(MemoryHost()):
        assert instance_load("k") is None
    assert instance_load("k") == 1


def test_nothing_is_left_of_a_page_that_ended() -> None:
    instance_save("k", 1)
    give_up_all()
    assert instance_load("k") is None
