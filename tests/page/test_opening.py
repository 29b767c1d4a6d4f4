"""`session()`: what it opens, merges, counts and refuses."""

from typing import Any

import pytest

from anchor_session import (
    MapView,
    PersistentStorage,
    SessionStorage,
    StorageError,
    UnstorableValueError,
    leave,
    persistent,
    restored,
    session,
    snapshot,
)
from anchor_session.testing import MemoryArea
from tests.support import DELETED, KEY, Spy, documents, entries, reopen, rows, text_at

pytestmark = pytest.mark.both


def test_unknown_layout_raises_value_error() -> None:
    with pytest.raises(ValueError, match="auto, document, journal"):
        session("s", layout="diary")


@rows("init", [[], [("a", 1)], "a", 7, {1}, object()])
def test_init_that_is_no_map_raises_type_error(init: Any) -> None:
    with pytest.raises(TypeError, match="a dict"):
        session("s", init)


def test_unstorable_init_raises_with_its_path(area: Any) -> None:
    with pytest.raises(UnstorableValueError) as caught:
        session("s", {"a": [object()]})
    assert caught.value.path == "$.a[0]"


def test_unstorable_init_stores_nothing(area: Any) -> None:
    with pytest.raises(UnstorableValueError):
        session("s", {"a": 1, "b": object()})
    assert entries(area) == {}


def test_init_is_copied(area: Any) -> None:
    init = {"a": [1]}
    session("s", init).a.append(2)
    assert init == {"a": [1]}


def test_change_of_init_does_not_reach_the_state(area: Any) -> None:
    init = {"a": [1]}
    state = session("s", init)
    init["a"].append(2)
    assert snapshot(state) == {"a": [1]}


def test_init_may_be_a_view() -> None:
    assert snapshot(session("t", session("s", {"a": [1]}))) == {"a": [1]}


def test_init_is_written_at_once(area: Any) -> None:
    session("s", {"a": 1})
    assert text_at(area) == '{"a":1}'


@rows("init", [None, {}])
def test_empty_init_writes_nothing(area: Any, init: Any) -> None:
    session("s", init)
    assert entries(area) == {}


def test_record_that_needs_no_merging_is_not_written(area: Any) -> None:
    spy = Spy(area)
    area.setItem(KEY, '{ "a": 2 }')
    session("s", {"a": 1}, area=spy)
    assert spy.writes == []


def test_merged_record_is_written_at_once(area: Any) -> None:
    area.setItem(KEY, '{"a":2}')
    session("s", {"a": 1, "b": [3]})
    assert text_at(area) == '{"a":2,"b":[3]}'


INIT = {"a": 0, "m": {"x": 0, "y": {"z": 0}}, "new": [1]}
STORED = '{"a":1,"m":{"x":5,"y":{"w":6}},"more":2}'
MERGED: "list[tuple[Any, str]]" = [
    ("shallow", '{"a":1,"m":{"x":5,"y":{"w":6}},"more":2,"new":[1]}'),
    ("deep", '{"a":1,"m":{"x":5,"y":{"w":6,"z":0}},"more":2,"new":[1]}'),
    ("replace", STORED),
    (lambda init, stored: {"old": stored["a"], "init": init["a"]}, '{"old":1,"init":0}'),
]


@rows(("merge", "text"), MERGED)
def test_record_and_init_are_merged(area: Any, merge: Any, text: str) -> None:
    area.setItem(KEY, STORED)
    session("s", INIT, merge=merge)
    assert text_at(area) == text


def test_deep_merge_does_not_share_with_init(area: Any) -> None:
    init = {"m": {"x": {"y": 1}}}
    area.setItem(KEY, '{"m":{}}')
    session("s", init, merge="deep").m.x.y = 2
    assert init == {"m": {"x": {"y": 1}}}


def test_merge_callable_may_use_up_its_arguments(area: Any) -> None:
    def merge(init: "dict[str, Any]", stored: "dict[str, Any]") -> "dict[str, Any]":
        stored["n"] = init.pop("n")
        return stored

    area.setItem(KEY, '{"a":1}')
    assert snapshot(session("s", {"n": 2}, merge=merge)) == {"a": 1, "n": 2}


@rows("merge", ["other", None, 7, []])
def test_unknown_merge_raises_value_error(merge: Any) -> None:
    with pytest.raises(ValueError, match="shallow"):
        session("s", merge=merge)


def test_merge_that_returns_no_dict_raises_type_error(area: Any) -> None:
    area.setItem(KEY, '{"a":1}')
    with pytest.raises(TypeError, match="return a dict"):
        session("s", merge=lambda init, stored: [1])  # type: ignore[arg-type, return-value]


def fail(init: "dict[str, Any]", stored: "dict[str, Any]") -> "dict[str, Any]":
    raise ZeroDivisionError


@rows(
    ("merge", "error"),
    [(fail, ZeroDivisionError), (lambda init, stored: {"a": object()}, UnstorableValueError)],
)
def test_merge_that_fails_leaves_the_record(
    area: Any, merge: Any, error: "type[Exception]"
) -> None:
    area.setItem(KEY, '{"a":1}')
    with pytest.raises(error):
        session("s", {"n": 1}, merge=merge)
    assert entries(area) == {KEY: '{"a":1}'}


# -- handles ---------------------------------------------------------------------------------


def test_second_init_is_ignored() -> None:
    session("s", {"a": 1})
    assert snapshot(session("s", {"b": 2})) == {"a": 1}


def test_state_is_left_when_each_use_is(area: Any) -> None:
    state = session("s", {"n": 1})
    session("s")
    leave(state)
    state.n = 2
    leave(state)
    state.n = 3
    assert text_at(area) == '{"n":2}'


def test_left_state_is_opened_anew_from_the_record(area: Any) -> None:
    state = session("s", {"n": 1})
    leave(state)
    state.n = 2
    again = session("s", {"n": 0})
    assert (again is state, again.n) == (False, 1)


def test_leaving_twice_does_not_end_a_newer_state(area: Any) -> None:
    state = session("s", {"n": 1})
    leave(state)
    newer = session("s")
    leave(state)
    newer.n = 2
    assert text_at(area) == '{"n":2}'


@rows("stranger", [None, 7, {}, object()])
def test_leaving_a_stranger_is_ignored(stranger: Any) -> None:
    leave(stranger)


def test_leaving_a_part_is_ignored(area: Any) -> None:
    state = session("s", {"a": {}})
    leave(state.a)
    state.a.n = 1
    assert text_at(area) == '{"a":{"n":1}}'


def test_left_record_stays(area: Any) -> None:
    leave(session("s", {"n": 1}))
    assert entries(area) == {KEY: '{"n":1}'}


@rows("opener", [session, persistent])
def test_opener_has_leave_and_restored(opener: Any) -> None:
    assert (opener.leave, opener.restored) == (leave, restored)


def test_same_name_in_another_area_is_another_state() -> None:
    assert session("s", area=MemoryArea()) is not session("s")


def test_same_area_under_two_objects_is_one(area: Any, areas: "dict[str, Any]") -> None:
    assert session("s", area=areas["session"]) is session("s")


class Prefixed(SessionStorage):
    prefix = "shop"


class Keyed(SessionStorage):
    @classmethod
    def key_for(cls, name: str, version: str = "1") -> str:
        return f"{name}/{version}"


@rows(
    ("storage_class", "kind", "key"),
    [
        (SessionStorage, "session", KEY),
        (PersistentStorage, "local", "anchor-persistent://s@1.0.0"),
        (Prefixed, "session", "shop://s@1.0.0"),
        (Keyed, "session", "s/1.0.0"),
    ],
)
def test_storage_class_decides_key_and_area(
    areas: "dict[str, Any]", storage_class: "type[SessionStorage]", kind: str, key: str
) -> None:
    session("s", {"n": 1}, storage_class=storage_class)
    assert documents(areas[kind]) == {key: '{"n":1}'}


def test_adapter_of_the_storage_class_may_be_an_area() -> None:
    class Own(SessionStorage):
        adapter = MemoryArea()

    session("s", {"n": 1}, storage_class=Own)
    assert entries(Own.adapter) == {KEY: '{"n":1}'}


def test_other_storage_class_is_another_state() -> None:
    assert session("s", storage_class=Prefixed) is not session("s")


def test_previous_version_is_of_the_storage_class(area: Any) -> None:
    area.setItem("s/1", '{"n":1}')
    session("s@2:1", {"n": 2}, storage_class=Keyed)
    assert entries(area) == {"s/2": '{"n":2}'}


@rows("area", [object(), 7, {}, None.__class__])
def test_area_that_lacks_a_method_raises_type_error(area: Any) -> None:
    with pytest.raises(TypeError, match="getItem, setItem and removeItem"):
        session("s", area=area)


# -- versions --------------------------------------------------------------------------------


OLD = "anchor-session://s@1"
NEW = "anchor-session://s@2"


def test_old_version_is_removed_unread(area: Any) -> None:
    spy = Spy(area)
    area.setItem(OLD, "{junk")
    area.setItem(f"{OLD}#deleted", '["a"]')
    session("s@2:1", {"n": 2}, area=spy)
    assert [call for call in spy.calls if call[1].startswith(OLD)] == [
        ("get", f"{OLD}#journal.1"),  # whether there is more to remove
        ("remove", OLD),
        ("remove", f"{OLD}#journal"),
        ("remove", f"{OLD}#deleted"),
    ]


def test_old_version_goes_after_the_new_one_is_stored(area: Any) -> None:
    spy = Spy(area)
    area.setItem(OLD, '{"n":1}')
    session("s@2:1", {"n": 2}, area=spy)
    assert spy.writes[:2] == [("set", NEW, '{"n":2}'), ("remove", OLD)]


def test_old_version_stays_where_the_new_one_has_no_room() -> None:
    area = MemoryArea(quota=len(OLD) + 7)
    area.setItem(OLD, '{"n":1}')
    with pytest.raises(StorageError):
        session("s@2:1", {"n": 2}, area=area)
    assert entries(area) == {OLD: '{"n":1}'}


def test_old_version_stays_while_the_new_one_is_dirty() -> None:
    area = MemoryArea(quota=len(OLD) + 7)
    area.setItem(OLD, '{"n":1}')
    session("s@2:1", {"n": 2}, area=area, on_error=lambda error: None)
    assert entries(area) == {OLD: '{"n":1}'}


def test_old_version_goes_where_both_are_stored(area: Any) -> None:
    area.setItem(OLD, '{"n":1}')
    area.setItem(NEW, '{"n":2}')
    state = session("s@2:1", {"n": 0})
    assert (entries(area), state.n) == ({NEW: '{"n":2}'}, 2)


def test_refused_text_of_the_old_version_stays(area: Any) -> None:
    area.setItem(f"{OLD}#rejected", "{")
    session("s@2:1", {"n": 2})
    assert text_at(area, f"{OLD}#rejected") == "{"


def test_version_without_previous_leaves_others_alone(area: Any) -> None:
    area.setItem(OLD, '{"n":1}')
    session("s@2", {"n": 2})
    assert text_at(area, OLD) == '{"n":1}'


# -- the empty state -------------------------------------------------------------------------


def test_emptied_state_is_removed_from_storage(area: Any) -> None:
    session("s").update(a=1)
    session("s").clear()
    assert entries(area) == {}


@rows("merge", ["shallow", "deep", "replace", lambda init, stored: init | stored])
def test_emptied_state_is_empty_after_reload(area: Any, merge: Any) -> None:
    session("s", {"a": 1, "m": {"x": 1}}, merge=merge).clear()
    assert snapshot(reopen("s", {"a": 1, "m": {"x": 1}}, merge=merge)) == {}


def test_emptied_state_keeps_away_all_of_init_whatever_the_record_lacked(area: Any) -> None:
    area.setItem(KEY, '{"a":1}')
    session("s", {"b": 1}, merge="replace").clear()
    assert snapshot(reopen("s", {"b": 1}, merge="replace")) == {}


def test_emptied_state_takes_new_names_of_a_newer_init(area: Any) -> None:
    session("s", {"a": 1}).clear()
    assert snapshot(reopen("s", {"a": 1, "b": 2})) == {"b": 2}


def test_item_comes_back_with_the_next_key(area: Any) -> None:
    state = session("s", {"a": 1})
    del state.a
    state.b = 2
    assert entries(area) == {KEY: '{"b":2}', DELETED: '["a"]'}


# -- restored --------------------------------------------------------------------------------


def test_restored_of_a_new_state(area: Any) -> None:
    found = restored(session("s@2", {"n": 1}, area=area))
    assert repr(found) == (
        "Restored(outcome='new', version='2', rejected=None, error=None, dirty=False, "
        f"copied={found.copied})"
    )


def test_restored_of_a_stored_state(area: Any) -> None:
    area.setItem(KEY, "{}")
    assert restored(session("s", {"n": 1}, area=area)).outcome == "restored"


@rows("stranger", [None, {}, 7, object(), MapView])
def test_restored_of_a_stranger_raises(stranger: Any) -> None:
    with pytest.raises(TypeError, match="takes a state"):
        restored(stranger)


def test_restored_of_a_part_raises() -> None:
    with pytest.raises(TypeError, match="takes a state"):
        restored(session("s", {"a": {}}).a)


def test_restored_outlives_leave(area: Any) -> None:
    state = session("s", {"n": 1}, area=area)
    leave(state)
    assert restored(state).outcome == "new"
