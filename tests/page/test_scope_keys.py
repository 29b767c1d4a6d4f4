"""What may be a key of the session scope, and how it is written."""

import enum
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import UnstorableValueError
from anchor_session.page.scopes.scope_keys import MAX_DEPTH, key_of, key_text
from tests.support import rows


class Color(enum.Enum):
    RED = "red"
    CRIMSON = "red"  # noqa: PIE796 - an alias


class Level(enum.IntEnum):
    LOW = 1


class Right(enum.Flag):
    READ = 1
    WRITE = 2


class Outer:
    class Color(enum.Enum):
        RED = "red"


class Name(str):
    __slots__ = ()


SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(Color)
KEYS = st.recursive(SCALARS, lambda keys: st.lists(keys, max_size=3).map(tuple), max_leaves=5)


def typed(key: Any) -> Any:
    return (type(key), [typed(part) for part in key] if type(key) is tuple else key)


@pytest.mark.both
@rows(
    ("key", "text"),
    [
        ("cart", '"cart"'),
        ("", '""'),
        ('"', '"\\""'),
        (7, "7"),
        (-1, "-1"),
        (2**70, "1180591620717411303424"),
        (True, "true"),
        (None, "null"),
        ((), "[]"),
        (("a", (1, True)), '["a",[1,true]]'),
        (Color.RED, f'{{"{__name__}:Color":"RED"}}'),
        (Outer.Color.RED, f'{{"{__name__}:Outer.Color":"RED"}}'),
        (Level.LOW, f'{{"{__name__}:Level":"LOW"}}'),
        (Right.READ, f'{{"{__name__}:Right":"READ"}}'),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_key_is_written_as_json_and_read_back(key: Any, text: str) -> None:
    assert key_text(key) == text
    assert key_of(text) == (key,)


@rows(
    "key",
    [
        1.5,
        b"k",
        ["a", 1],
        {"a", "b"},
        frozenset({"a"}),
        int,
        date(2026, 11, 21),
        Decimal("1.10"),
        UUID(int=1),
        (1, 1.5),
    ],
)
def test_refusal_of_a_key_says_what_makes_one_of_it(key: Any) -> None:
    with pytest.raises(UnstorableValueError, match=": here ") as caught:
        key_text(key)
    part = key[-1] if type(key) is tuple else key
    key_text(eval(str(caught.value).partition(": here ")[2], {"key": part}))


@given(KEYS)
def test_every_key_comes_back_with_its_type(key: Any) -> None:
    found = key_of(key_text(key))
    assert found is not None
    assert typed(found[0]) == typed(key)


@given(KEYS, KEYS)
def test_two_keys_have_one_text_only_if_they_are_the_same(one: Any, other: Any) -> None:
    assert (key_text(one) == key_text(other)) == (typed(one) == typed(other))


def test_alias_is_the_member_it_stands_for() -> None:
    assert key_text(Color.CRIMSON) == key_text(Color.RED)


def test_subclass_of_text_is_text() -> None:
    assert key_text(Name("a")) == '"a"'


def test_two_halves_of_one_character_are_that_character() -> None:
    assert key_text("\ud83d\ude00") == key_text("😀")


@rows("key", [1.5, b"a", frozenset(), [1], {}, object(), ("a", 1.0), Color, len])
def test_other_keys_are_refused(key: Any) -> None:
    with pytest.raises(UnstorableValueError, match="as a key of the session scope"):
        key_text(key)


def test_combined_flags_are_refused() -> None:
    with pytest.raises(UnstorableValueError, match="no single member"):
        key_text(Right.READ | Right.WRITE)


@pytest.mark.both
def test_integer_of_too_many_digits_is_refused() -> None:
    with pytest.raises(UnstorableValueError, match="digits"):
        key_text(10**5000)


@pytest.mark.both
def test_tuples_are_nested_only_so_deep() -> None:
    key: Any = "a"
    for _ in range(MAX_DEPTH):
        key = (key,)
    assert key_of(key_text(key)) == (key,)
    with pytest.raises(UnstorableValueError, match="deeper"):
        key_text((key,))


@pytest.mark.both
@rows(
    "text",
    [
        "",
        "cart",
        " 1",
        "1.0",
        "-0",
        "[1, 2]",
        "{}",
        '{"a":1}',
        '{"a:B":"C"}',
        f'{{"{__name__}:Color":"GREEN"}}',
        f'{{"{__name__}:Color":["RED"]}}',
        f'{{"{__name__}:KEYS":"RED"}}',
        f'{{"{__name__}:Color.__class__":"RED"}}',
        f'{{"{__name__}:Color":"CRIMSON"}}',
        f'{{"{__name__}:Color":"RED","x":1}}',
        '{"nowhere.to_be_found:Color":"RED"}',
        '{"$anchor":"bytes","value":"YQ=="}',
        '{"$anchor":"int","value":"9007199254740993"}',
        "[" * 100_000,
        "[" * 40 + "]" * 40,
        "1" * 10_000,
        '"\ud83d\ude00"',
    ],
)
def test_text_that_no_key_has_is_of_no_key(text: str) -> None:
    assert key_of(text) is None


class Nosy:
    """Says so when somebody looks at it."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"looked for {name}")


NOSY = Nosy()


@pytest.mark.both
@rows("path", ["NOSY", "NOSY.Color", "NOSY.Color.RED"])
def test_no_code_runs_because_a_key_says_so(path: str) -> None:
    assert key_of(f'{{"{__name__}:{path}":"RED"}}') is None


def test_nothing_is_imported_because_a_key_says_so() -> None:
    import sys

    assert key_of('{"this:Color":"RED"}') is None
    assert "this" not in sys.modules
