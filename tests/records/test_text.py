"""The text of a record, made the short way, is what the codec's long way gives."""

from datetime import date
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anchor_session import UnstorableValueError, session
from anchor_session.codec import as_stored, decode, encode, writing
from anchor_session.records.text import text_of
from tests.support import rows, typed


class Text(str):
    __slots__ = ()


class Map(dict[Any, Any]):
    pass


class Level(IntEnum):
    HIGH = 3


texts = st.text() | st.text("\ud83d\ude00a", max_size=3)
keys = texts | st.sampled_from([1, None, True, 1.5, Text("k"), "$anchor", b"k", ("k",)])
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**90), 2**90)
    | st.floats()
    | texts
    | st.dates()
    | st.binary(max_size=5)
    | st.sampled_from([Text("x"), Level.HIGH, "1234567890123456", date, 1j, range(3)])
    | st.integers(4250, 5000).map(lambda digits: 10**digits)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(keys, inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(texts, inner).map(Map)
        | st.frozensets(st.integers() | st.text())
    ),
    max_leaves=8,
)


def outcome(make: Any) -> Any:
    """What the text stands for: pairs of surrogates are written in one way or the other."""
    try:
        return typed(decode(make()))
    except UnstorableValueError as error:
        return f"{error} {error.path}"


def nested(levels: int) -> "dict[str, Any]":
    data: dict[str, Any] = {}
    for _ in range(levels - 1):
        data = {"": data}
    return data


@pytest.mark.both
@pytest.mark.parametrize("large_seen", [False, True])
@given(data=st.dictionaries(keys, values))
@example(data={"n": 2**60})
@example(data={"n": [-(2**60)]})
@example(data={"lists": [[{1: "a"}]]})
@example(data=nested(200))
@example(data=nested(201))
def test_text_stands_for_an_adopted_copy(large_seen: bool, data: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_large_seen", large_seen)
        found = outcome(lambda: text_of(data))
        assert found == outcome(lambda: encode(as_stored(data)))


@pytest.mark.both
@rows("number", [2**53 + 1, -(2**60), 10**4000])
def test_large_integer_is_tagged(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(writing, "_large_seen", False)
    assert text_of({"n": number}) == f'{{"n":{{"$anchor":"int","value":"{number}"}}}}'


@given(data=st.dictionaries(st.text(), st.integers(-(2**90), 2**90)))
def test_large_integers_come_back(data: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_large_seen", False)
        assert typed(decode(text_of(data))) == typed(data)


def test_state_of_a_page_is_a_record_too() -> None:
    state = session("s", {"list": [1]})
    assert text_of(state) == '{"list":[1]}'
    with pytest.raises(UnstorableValueError, match="a record is a dict, not ListView"):
        text_of(state.list)
