"""Deletions of default keys last; what a crash leaves of one is in `test_crashes`."""

from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import StorageError, StorageWarning, batch, restored, session, snapshot
from anchor_session.testing import MemoryArea
from tests.support import DELETED, KEY, Spy, entries, reopen, rows, text_at

INIT: "dict[str, Any]" = {"a": 1, "b": 2, "m": {"x": 1, "y": {"z": 1}}}


@pytest.mark.both
def test_deleted_default_stays_deleted_after_reload(area: Any) -> None:
    del session("s", INIT).a
    assert snapshot(reopen("s", INIT)) == {"b": 2, "m": INIT["m"]}


@pytest.mark.both
def test_key_of_a_newer_init_appears(area: Any) -> None:
    del session("s", INIT).a
    assert reopen("s", INIT | {"new": 3}).new == 3


@pytest.mark.both
@rows(
    ("statement", "listed"),
    [
        (lambda state: state.pop("a"), '["a"]'),
        (lambda state: state.popitem(), '["m"]'),
        (lambda state: state.clear(), '["a","b","m"]'),
        (lambda state: state.m.pop("x"), '[["m","x"]]'),
        (lambda state: state.m.y.clear(), '[["m","y","z"]]'),
        (lambda state: state.m.clear(), '[["m","x"],["m","y"]]'),
        (lambda state: state.pop("m"), '["m"]'),
        (lambda state: state.__setitem__("m", {}), '[["m","x"],["m","y"]]'),
        (lambda state: state.__setitem__("m", {"y": 1}), '[["m","x"]]'),
        (lambda state: state.__setitem__("m", 5), None),
        (lambda state: state.__setitem__("a", {}), None),
    ],
)
def test_deleted_paths_are_listed(
    area: Any, statement: "Callable[[Any], object]", listed: "str | None"
) -> None:
    statement(session("s", INIT, merge="deep"))
    assert text_at(area, DELETED) == listed


@pytest.mark.both
def test_shallow_merge_lists_no_deep_paths(area: Any) -> None:
    del session("s", INIT).m.x
    assert text_at(area, DELETED) is None


@pytest.mark.both
def test_path_that_returned_is_listed_no_more(area: Any) -> None:
    state = session("s", INIT)
    del state.a
    state.a = 5
    assert text_at(area, DELETED) is None


@pytest.mark.both
@rows("stored", ['{"m":5}', '{"m":{}}'])
def test_deep_default_deleted_after_its_map_was_replaced_stays_deleted(
    area: Any, stored: str
) -> None:
    area.setItem(KEY, stored)
    state = session("s", INIT, merge="deep")
    state.m = {"x": 7}
    del state.m.x
    assert snapshot(reopen("s", INIT, merge="deep").m) == {}


@pytest.mark.both
def test_key_that_is_no_default_is_not_listed(area: Any) -> None:
    state = session("s", {"a": 1})
    state.b = 2
    del state.b
    assert entries(area) == {KEY: '{"a":1}'}


@pytest.mark.both
def test_listed_name_that_the_record_holds_is_not_deleted(area: Any) -> None:
    area.setItem(KEY, '{"a":7}')
    area.setItem(DELETED, '["a"]')
    assert session("s", {"a": 1}).a == 7


@pytest.mark.both
def test_names_of_an_older_init_stay_listed(area: Any) -> None:
    del session("s", {"a": 1, "b": 1}).a
    reopen("s", {"b": 1, "c": 1}).pop("c")
    assert snapshot(reopen("s", {"a": 1, "b": 1, "c": 1})) == {"b": 1}


@pytest.mark.both
@rows("text", ["{", "7", '{"a":1}', "[1]", "[[]]", '[["a",1]]', "[null]"])
def test_unreadable_list_is_ignored_with_a_warning(area: Any, text: str) -> None:
    area.setItem(KEY, "{}")
    area.setItem(DELETED, text)
    with pytest.warns(StorageWarning, match="#deleted"):
        state = session("s", {"a": 1})
    assert snapshot(state) == {"a": 1}


@pytest.mark.both
def test_deleted_names_are_known_to_a_merge_callable(area: Any) -> None:
    def merge(init: "dict[str, Any]", stored: "dict[str, Any]") -> "dict[str, Any]":
        return init | stored

    del session("s", {"a": 1, "b": 2}, merge=merge).a
    assert snapshot(reopen("s", {"a": 1, "b": 2}, merge=merge)) == {"b": 2}


# -- the order of the calls ------------------------------------------------------------------


def writes_of(statement: "Callable[[Any], object]", before: "Callable[[Any], object]") -> Any:
    spy = Spy()
    state = session("s", {"a": 1, "b": 2}, area=spy)
    before(state)
    spy.heal()
    statement(state)
    return spy.writes


def test_list_is_stored_before_a_record_that_lacks_the_name() -> None:
    assert writes_of(lambda state: state.pop("a"), lambda state: None) == [
        ("set", DELETED, '["a"]'),
        ("set", KEY, '{"b":2}'),
    ]


def test_list_is_shortened_after_a_record_that_has_the_name_again() -> None:
    assert writes_of(lambda state: state.setdefault("a", 3), lambda state: state.pop("a")) == [
        ("set", KEY, '{"b":2,"a":3}'),
        ("remove", DELETED),
    ]


def test_list_is_stored_before_the_item_is_removed() -> None:
    assert writes_of(lambda state: state.clear(), lambda state: None) == [
        ("set", DELETED, '["a","b"]'),
        ("remove", KEY),
    ]


def test_change_of_no_name_is_one_call() -> None:
    assert writes_of(lambda state: state.update(a=5), lambda state: None) == [
        ("set", KEY, '{"a":5,"b":2}')
    ]


def test_record_goes_first_where_the_area_is_full() -> None:
    area = MemoryArea()
    spy = Spy(area)
    state = session("s", {"long": "x" * 200, "b": 2}, area=spy)
    area.quota = sum(len(key) + len(text) for key, text in entries(area).items())
    spy.heal()
    del state.long
    assert spy.writes[1:] == [("set", KEY, '{"b":2}'), ("set", DELETED, '["long"]')]


# -- a full area ---------------------------------------------------------------------------------


def test_failed_batch_is_put_back_where_only_the_list_took_the_room() -> None:
    area = MemoryArea()
    first = session("s", {"a": 1, "b": 2}, area=area)
    second = session("t", {"n": 1}, area=area)
    area.quota = sum(len(key) + len(text) for key, text in entries(area).items()) + len(DELETED) + 1
    before = entries(area)
    with pytest.raises(StorageError), batch():
        del first.a
        second.text = "x" * 500
    assert (entries(area), restored(first).dirty) == (before, False)
