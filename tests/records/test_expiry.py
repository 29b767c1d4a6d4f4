"""A text and the time of its end in one text."""

import json

from hypothesis import given
from hypothesis import strategies as st

from anchor_session.codec import decode
from anchor_session.records.stores.expiry import HEAD, read_head, unwrap, wrap
from tests.support import rows

ids = st.text("azAZ09._-", min_size=1, max_size=200)
ends = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 2**50)
texts = st.dictionaries(st.text(), st.text() | st.integers()).map(json.dumps)


@given(id=ids, text=texts, end=ends)
def test_what_is_wrapped_comes_back(id: str, text: str, end: "float | None") -> None:
    head, found = unwrap(wrap(id, text, end))
    assert (head.id, head.expires_at, found) == (id, end, text)


@given(id=ids, text=texts, end=ends)
def test_head_is_read_from_the_beginning_alone(id: str, text: str, end: "float | None") -> None:
    head = read_head(wrap(id, text, end)[:HEAD])
    assert head is not None
    assert (head.id, head.expires_at) == (id, end)


@given(id=ids, text=texts, end=ends)
def test_whole_is_json(id: str, text: str, end: "float | None") -> None:
    found = json.loads(wrap(id, text, end))
    assert found == {"id": id, "expires_at": end, "data": json.loads(text)}
    assert list(found) == ["id", "expires_at", "data"]


@given(
    id=ids,
    text=texts,
    end=ends,
    indent=st.sampled_from([None, 0, 4]),
    order=st.booleans(),
)
def test_tools_may_write_it_anew(
    id: str, text: str, end: "float | None", indent: "int | None", order: bool
) -> None:
    whole = json.dumps(json.loads(wrap(id, text, end)), indent=indent, sort_keys=order)
    head, found = unwrap(whole)
    assert (head.id, head.expires_at, decode(found)) == (id, end, decode(text))


@rows(
    ("expires_at", "now", "is_over"),
    [
        (None, 1e300, False),
        (10, 9.9, False),
        (10, 10, True),
        (10, 11, True),
        (0, 0, True),
        (0, -1, False),
    ],
)
def test_record_is_over_from_its_end_on(
    expires_at: "float | None", now: float, is_over: bool
) -> None:
    head, _ = unwrap(wrap("a", "{}", expires_at))
    assert head.is_over(now) is is_over
