"""Each call of a scope is whole, from any thread."""

from collections.abc import Iterator
from typing import Any

import pytest

from anchor_session import (
    InstanceScope,
    ScopeChange,
    SessionScope,
    instance_save,
    session_load,
    session_save,
)
from anchor_session.page.scopes import once as keeping
from tests.cpython.processes import times
from tests.cpython.threads import THREADS, changing_often, in_eight

OPERATIONS = times(2_000, 10_000)

Scope = SessionScope | InstanceScope


@pytest.fixture(autouse=True)
def threads_change_often() -> Iterator[None]:
    with changing_often():
        yield


@pytest.fixture(params=[SessionScope, InstanceScope], ids=["session", "instance"])
def scope(request: pytest.FixtureRequest) -> Any:
    return request.param()


def assert_one_history(steps: "list[tuple[Any, Any]]", last: Any) -> None:
    """Whether the steps (previous, value) are one chain from nothing to the last value."""
    following = dict(steps)
    assert len(following) == len(steps)  # each value was the previous one of one step
    value = None
    for _ in steps:
        value = following[value]
    assert value == last


def test_previous_values_form_one_history(scope: Scope) -> None:
    steps: list[list[tuple[Any, Any]]] = [[] for _ in range(THREADS)]

    def save(number: int) -> None:
        own = steps[number]
        for n in range(OPERATIONS):
            value = number * OPERATIONS + n
            own.append((scope.save("common", value), value))

    in_eight(save)
    assert_one_history([step for own in steps for step in own], scope.load("common"))


def test_nothing_is_lost(scope: Scope) -> None:
    def work(number: int) -> None:
        for n in range(OPERATIONS):
            key = (number, n % 50)
            assert scope.save(key, n) == (n - 50 if n >= 50 else None)
            assert scope.load(key) == n

    in_eight(work)
    found = {key: scope.load(key) for key in scope.keys()}  # noqa: SIM118
    expected = {
        (number, n % 50): n for number in range(THREADS) for n in range(OPERATIONS - 50, OPERATIONS)
    }
    assert found == expected


def test_what_is_removed_is_given_to_one(scope: Scope) -> None:
    given: list[list[Any]] = [[] for _ in range(THREADS)]

    def work(number: int) -> None:
        for n in range(OPERATIONS // 2):
            value = number * OPERATIONS + n
            given[number].append(scope.save("k", value))
            given[number].append(scope.remove("k"))

    in_eight(work)
    found = [value for own in given for value in own if value is not None]
    assert len(found) == len(set(found)) == THREADS * OPERATIONS // 2
    assert scope.load("k") is None


def test_subscribers_hear_one_history(scope: Scope) -> None:
    heard: list[ScopeChange] = []
    scope.subscribe(heard.append)

    def save(number: int) -> None:
        for n in range(OPERATIONS // 10):
            scope.save("common", number * OPERATIONS + n)

    in_eight(save)
    assert [change.previous for change in heard] == [None, *(one.value for one in heard[:-1])]
    assert len(heard) == THREADS * OPERATIONS // 10


def test_value_is_made_once(scope: Scope) -> None:
    made: list[int] = []
    found: list[Any] = []

    def init(number: int) -> None:
        def factory() -> int:
            made.append(number)
            sum(range(20_000))  # longer than a thread's turn
            return number

        found.append(scope.init("k", factory))

    in_eight(init)
    assert found == made * THREADS


def test_what_a_page_has_once_is_made_once() -> None:
    class Once:
        def __init__(self) -> None:
            made.append(self)
            sum(range(20_000))  # longer than a thread's turn

        def give_up(self) -> None: ...

    made: list[Any] = []
    found: list[Any] = []
    in_eight(lambda _: found.append(keeping.once_per_page(Once)))
    assert found == made * THREADS


def test_first_calls_at_once_meet_in_one_scope() -> None:
    for _ in range(20):
        keeping.give_up_all()
        scopes: list[Any] = []

        def begin(number: int) -> None:
            scopes.append(SessionScope())  # noqa: B023
            session_save(number, number)
            instance_save(number, number)

        in_eight(begin)
        assert len(set(scopes)) == 1
        assert [session_load(number) for number in range(THREADS)] == list(range(THREADS))
