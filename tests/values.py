"""Hypothesis strategies for what a state may hold."""

from datetime import timedelta, timezone
from typing import Any

from hypothesis import strategies as st

HOSTILE_KEYS = [
    "",
    "items",
    "length",
    "__proto__",
    "constructor",
    "__class__",
    "_data",
    "$anchor",
    "value",
    "0",
    "a.b",
    "a[0]",
    '"',
    "\\",
    "\n",
    "\x00",
    "\ud800",
    "\udc00\ud800",
    "😀",
    "\u2028",
    "#deleted",
]

_lone = st.text(st.sampled_from("a\ud800é\x00"), max_size=3)
_text = st.text(max_size=6) | _lone
keys = st.sampled_from([*HOSTILE_KEYS, "a", "b", "c"]) | st.text(max_size=4)

# Less than a second away from UTC is refused.
_offsets = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).filter(
    lambda offset: not offset or abs(offset) >= timedelta(seconds=1)
)
_zones = st.none() | st.builds(timezone, _offsets)


def _without_fold(value: Any) -> Any:
    return value.replace(fold=0)  # which no text of a time says


members = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**53 - 2, 2**53 + 2)
    | st.floats(allow_nan=False)
    | _text
    | st.dates()
    | st.times().map(_without_fold)
    | st.datetimes(timezones=_zones).map(_without_fold)
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.uuids()
    | st.binary(max_size=4)
    | st.frozensets(st.integers(0, 3), max_size=3)
)
scalars = members | st.floats() | st.just(10**400)


def _containers(inner: "st.SearchStrategy[Any]") -> "st.SearchStrategy[Any]":
    return (
        st.lists(inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=4)
        | st.sets(members, max_size=4)
    )


storable = st.recursive(scalars, _containers, max_leaves=12)
maps = st.dictionaries(keys, storable, max_size=4)
