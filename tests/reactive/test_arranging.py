"""A splice finds what it took or moved where that is now."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from anchor_session.reactive.arranging import arranged
from tests.support import rows


def after(data: "list[Any]", number: int, old: "list[Any]", new: "list[Any]") -> "list[Any]":
    start, stop, items = arranged(data, number, old, new)
    assert 0 <= start <= stop <= len(data)
    return data[:start] + items + data[stop:]


@rows(
    ("data", "number", "old", "new", "expected"),
    [
        ("abc", 1, "b", "x", "axc"),
        ("Nabc", 1, "b", "x", "Naxc"),
        ("bc", 1, "b", "", "c"),
        ("ac", 1, "b", "", "ac"),
        ("ac", 1, "b", "x", "axc"),
        ("abc", 3, "", "x", "abcx"),
        ("a", 3, "", "x", "ax"),
        ("aba", 2, "a", "", "ab"),
        ("aba", 0, "a", "", "ba"),
        ("Nab", 0, "ab", "ba", "Nba"),
        ("aNb", 0, "ab", "ba", "bNa"),
        ("ac", 0, "abc", "cba", "ca"),
        ("", 0, "ab", "ba", ""),
        ("zbc", 0, "abc", "cxa", "zcxa"),
    ],
)
def test_splice_is_made_where_its_items_are(
    data: str, number: int, old: str, new: str, expected: str
) -> None:
    assert "".join(after(list(data), number, list(old), list(new))) == expected


@rows("value", [True, 1.0, "1"])
def test_equal_items_of_other_types_are_others(value: Any) -> None:
    assert after([value, 1], 0, [1], []) == [value]


_containers: "list[Any]" = [{} for _ in range(8)]
_lists = st.lists(st.sampled_from(range(8)), unique=True)


@given(before=_lists, now=_lists, data=st.data())
def test_no_container_stands_twice_and_none_is_lost(
    before: "list[int]", now: "list[int]", data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(before)))
    stop = data.draw(st.integers(start, len(before)))
    old = before[start:stop]
    new = [*data.draw(st.permutations(old)), 8]
    kept = new[: data.draw(st.integers(0, len(new)))]
    fresh: dict[str, Any] = {}
    items = [*_containers, fresh]
    found = after([items[n] for n in now], start, [items[n] for n in old], [items[n] for n in kept])
    expected = {n for n in now if n not in old or n in kept} | ({8} & {*kept})
    ids = [id(item) for item in found]
    assert len(ids) == len(expected)
    assert {*ids} == {id(items[n]) for n in expected}
