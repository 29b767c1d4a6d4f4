"""The text of a record is the codec's, whether it took the short way or the long one."""

from collections import OrderedDict, namedtuple
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import UnstorableValueError
from anchor_session.codec import MAX_DEPTH, adopt, decode, encode
from anchor_session.records.text import text_of

Point = namedtuple("Point", "x y")


class Size(IntEnum):
    LARGE = 3


class Ink(StrEnum):
    BLACK = "black"


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(
        [Size.LARGE, Ink.BLACK, 2**53, 2**53 + 1, "\ud83d", "\ud83d\ude00", "$anchor", "1"]
    )
    | st.sampled_from([b"x", frozenset({1}), {"a"}, object(), (1, 2), Point(1, [2])])
)
KEYS = st.text(max_size=3) | st.sampled_from(
    ["$anchor", "true", "0", "{", "[", '"', Ink.BLACK, 0, 1.5, True, None, (1,), Size.LARGE]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=2).map(OrderedDict)
    ),
    max_leaves=30,
)


def long_way(data: Any) -> str:
    return encode(adopt(data))


def outcome(encoded: Any, data: Any) -> Any:
    try:
        return encoded(data)
    except UnstorableValueError as error:
        return str(error), error.path


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_text_or_error_is_the_one_of_a_copy(data: Any) -> None:
    assert outcome(text_of, data) == outcome(long_way, data)


@pytest.mark.parametrize("kind", [list, dict])
@pytest.mark.parametrize("levels", [MAX_DEPTH - 2, MAX_DEPTH - 1, MAX_DEPTH, 5000])
def test_depth_ends_where_the_codec_says(kind: type, levels: int) -> None:
    inner: Any = kind()
    for _ in range(levels - 1):
        inner = [inner] if kind is list else {"k": inner}
    data = {"brackets": "]" * 9999 + "}" * 9999, "deep": inner, "beside": [{}] * 1000}
    if levels < MAX_DEPTH:
        assert decode(text_of(data)) == data
    else:
        with pytest.raises(UnstorableValueError, match="deep"):
            text_of(data)


def test_same_container_twice_is_two_copies() -> None:
    line = {"n": [1]}
    assert text_of({"a": line, "b": [line, line]}) == '{"a":{"n":[1]},"b":[{"n":[1]},{"n":[1]}]}'
