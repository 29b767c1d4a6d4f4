"""A splice, or a move, finds what it took or moved where that is now."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from anchor_session.reactive.arranging import arranged, moved
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


@rows(
    ("before", "old", "new", "now", "expected"),
    [
        ("abcd", 0, 2, "abcd", "bcad"),
        ("abcd", 0, 2, "Nabcd", "Nbcad"),
        ("abcd", 0, 2, "aNbcd", "Nbcad"),
        ("abcd", 0, 2, "abcNd", "bcaNd"),
        ("abcd", 0, 2, "abd", "bad"),
        ("abcd", 0, 2, "ad", "ad"),
        ("abcd", 0, 2, "dcba", "dcab"),
        ("abcd", 0, 3, "abcdN", "bcdNa"),
        ("abcd", 3, 0, "Nabcd", "dNabc"),
        ("abcd", 2, 1, "acbd", "acbd"),
        ("aabb", 0, 2, "Naabb", "Nabab"),
        ("abab", 2, 3, "abab", "abba"),
    ],
)
def test_item_goes_behind_what_was_before_it(
    before: str, old: int, new: int, now: str, expected: str
) -> None:
    order = list(before)
    order.insert(new, order.pop(old))
    found = list(now)
    places = moved(found, old, order, new)
    assert places is not None
    found.insert(places[1], found.pop(places[0]))
    assert "".join(found) == expected


def test_item_that_is_no_more_goes_nowhere() -> None:
    assert moved(["b", "c"], 0, ["b", "a", "c"], 1) is None


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
