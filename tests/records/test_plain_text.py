"""What is written without a copy keeps to the limits of a copy."""

from typing import Any

import pytest

from anchor_session import UnstorableValueError
from anchor_session.codec import MAX_DEPTH, decode
from anchor_session.records.text import text_of
from tests.support import rows

pytestmark = pytest.mark.both


@rows("kind", [list, dict])
@rows("levels", [MAX_DEPTH - 2, MAX_DEPTH - 1, MAX_DEPTH, 1000])
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
