"""`MemoryStorage`, `SessionStorage` and `PersistentStorage`: a map that publishes and writes through."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    MemoryStorage,
    PersistentStorage,
    QuotaExceededError,
    SessionStorage,
    StorageError,
    StorageEvent,
    StorageWarning,
    UnstorableValueError,
    session,
)
from anchor_session.testing import MemoryArea
from tests.support import KEY, REJECTED, Spy, documents, entries, read, rows, text_at

pytestmark = pytest.mark.both

MAKERS: "dict[str, Callable[..., MemoryStorage]]" = {
    "memory": MemoryStorage,
    "session": lambda init=None: SessionStorage("s", init),
    "persistent": lambda init=None: PersistentStorage("s", init),
}
of_each_kind = rows("make", MAKERS)
"""Gives a function of init that makes a storage."""


@of_each_kind
def test_absent_key_gives_the_default(make: Any) -> None:
    assert (make().get("a"), make().get("a", 5)) == (None, 5)


@of_each_kind
def test_value_comes_back(make: Any) -> None:
    storage = make()
    storage.set("a", {"b": [1, {2}]})
    assert storage.get("a") == {"b": [1, {2}]}


@of_each_kind
def test_stored_none_is_no_absence(make: Any) -> None:
    storage = make({"a": None})
    assert (storage.get("a", 5), "a" in storage) == (None, True)


@of_each_kind
def test_value_that_goes_in_is_a_copy(make: Any) -> None:
    storage, value = make(), [1]
    storage.set("a", value)
    value.append(2)
    assert storage.get("a") == [1]


@of_each_kind
def test_value_that_comes_out_is_a_copy(make: Any) -> None:
    storage = make({"a": [1]})
    storage.get("a").append(2)
    assert storage.get("a") == [1]


@of_each_kind
def test_keys_length_and_iteration(make: Any) -> None:
    storage = make({"b": 1, "a": 2})
    assert (storage.keys(), len(storage), list(storage)) == (["b", "a"], 2, ["b", "a"])


@rows(
    ("act", "event"),
    [
        (lambda storage: storage.set("a", [1]), StorageEvent("set", "a", [1])),
        (lambda storage: storage.set("n", 1), StorageEvent("set", "n", 1)),
        (lambda storage: storage.delete("n"), StorageEvent("delete", "n")),
        (lambda storage: storage.delete("zz"), StorageEvent("delete", "zz")),
        (lambda storage: storage.assign({"a": 1}), StorageEvent("assign", "", {"a": 1})),
        (lambda storage: storage.assign({}), StorageEvent("assign", "", {})),
        (lambda storage: storage.clear(), StorageEvent("clear", "")),
    ],
)
@of_each_kind
def test_each_call_publishes_its_event(
    make: Any, act: "Callable[[MemoryStorage], None]", event: StorageEvent
) -> None:
    storage = make({"n": 1})
    heard: list[StorageEvent] = []
    storage.subscribe(heard.append)
    act(storage)
    assert heard == [event]


@of_each_kind
def test_event_comes_after_the_change(make: Any) -> None:
    storage = make()
    heard: list[Any] = []
    storage.subscribe(lambda event: heard.append(storage.get("a")))
    storage.set("a", 1)
    assert heard == [1]


@of_each_kind
def test_event_value_is_a_copy(make: Any) -> None:
    storage = make()
    storage.subscribe(lambda event: event.value.append(2))
    storage.set("a", [1])
    assert storage.get("a") == [1]


@of_each_kind
def test_unsubscribed_callback_hears_nothing(make: Any) -> None:
    storage = make()
    heard: list[StorageEvent] = []
    storage.subscribe(heard.append)()
    storage.set("a", 1)
    assert heard == []


@of_each_kind
def test_unsubscribing_twice_leaves_an_equal_subscription(make: Any) -> None:
    storage = make()
    heard: list[StorageEvent] = []
    unsubscribe = storage.subscribe(heard.append)
    storage.subscribe(heard.append)
    unsubscribe()
    unsubscribe()
    storage.set("a", 1)
    assert len(heard) == 1


@of_each_kind
def test_failing_callback_does_not_stop_the_others(make: Any) -> None:
    def fail(event: StorageEvent) -> None:
        raise ZeroDivisionError

    storage = make()
    heard: list[StorageEvent] = []
    storage.subscribe(fail)
    storage.subscribe(heard.append)
    with pytest.raises(ZeroDivisionError):
        storage.set("a", 1)
    assert (len(heard), storage.get("a")) == (1, 1)


@of_each_kind
def test_user_may_publish(make: Any) -> None:
    storage = make()
    heard: list[StorageEvent] = []
    storage.subscribe(heard.append)
    storage.publish(StorageEvent("set", "x", 1))
    assert heard == [StorageEvent("set", "x", 1)]


@of_each_kind
def test_json_is_the_wire_text(make: Any) -> None:
    assert make({"b": {1}, "a": "é"}).json() == '{"b":{"$anchor":"set","value":[1]},"a":"é"}'


@of_each_kind
def test_json_may_be_indented(make: Any) -> None:
    storage = make({"a": ["é", 1.0]})
    assert storage.json(indent=2) == json.dumps({"a": ["é", 1.0]}, indent=2, ensure_ascii=False)


@rows(
    "act",
    [
        lambda storage: storage.set("a", object()),
        lambda storage: storage.set(1, 1),
        lambda storage: storage.assign({"a": 1, "b": object()}),
        lambda storage: storage.assign({1: 1}),
    ],
)
@of_each_kind
def test_unstorable_value_changes_nothing(make: Any, act: "Callable[[Any], None]") -> None:
    storage = make({"n": 1})
    with pytest.raises(UnstorableValueError):
        act(storage)
    assert storage.json() == '{"n":1}'


@of_each_kind
def test_unstorable_init_raises(make: Any) -> None:
    with pytest.raises(UnstorableValueError):
        make({"n": object()})


# -- storage that writes through -------------------------------------------------------------


@rows(
    ("act", "data"),
    [
        (lambda storage: storage.set("a", [1]), {"n": 1, "a": [1]}),
        (lambda storage: storage.delete("n"), {}),
        (lambda storage: storage.assign({"a": 1, "n": 2}), {"n": 2, "a": 1}),
        (lambda storage: storage.clear(), {}),
    ],
)
def test_each_change_is_stored_at_once(
    area: Any, act: "Callable[[SessionStorage], None]", data: Any
) -> None:
    act(SessionStorage("s", {"n": 1}))
    assert read(text_at(area)) == data


@rows(
    "act",
    [
        lambda storage: storage.set("n", 1),
        lambda storage: storage.delete("zz"),
        lambda storage: storage.assign({"n": 1}),
        lambda storage: storage.assign({}),
    ],
)
def test_what_changes_nothing_writes_nothing(act: "Callable[[SessionStorage], None]") -> None:
    spy = Spy()
    storage = SessionStorage("s", {"n": 1}, adapter=spy)
    spy.heal()
    act(storage)
    assert spy.calls == []


@rows("moment", ["fault", "fault_after"])
@rows(
    "act",
    [
        lambda storage: storage.set("n", 2),
        lambda storage: storage.delete("n"),
        lambda storage: storage.assign({"n": 2}),
        lambda storage: storage.clear(),
    ],
)
def test_write_that_fails_changes_nothing(
    moment: str, act: "Callable[[SessionStorage], None]"
) -> None:
    def fault(count: int, call: "tuple[str, ...]") -> None:
        if count == 0:
            raise RuntimeError

    spy = Spy()
    storage = SessionStorage("s", {"n": 1}, adapter=spy)
    spy.heal()
    setattr(spy, moment, fault)
    with pytest.raises(StorageError):
        act(storage)
    assert (storage.json(), text_at(spy)) == ('{"n":1}', '{"n":1}')


def test_write_that_fails_publishes_nothing() -> None:
    storage = SessionStorage("s", adapter=MemoryArea(quota=5))
    heard: list[StorageEvent] = []
    storage.subscribe(heard.append)
    with pytest.raises(QuotaExceededError):
        storage.set("a", 1)
    assert heard == []


def test_record_is_merged_over_init(area: Any) -> None:
    area.setItem(KEY, '{"a":1,"m":{}}')
    SessionStorage("s", {"a": 0, "m": {"x": 1}, "new": 2})
    assert text_at(area) == '{"a":1,"m":{},"new":2}'


def test_record_that_needs_no_merging_is_read_only() -> None:
    spy = Spy()
    spy.area.setItem(KEY, '{"a":1}')
    SessionStorage("s", {"a": 0}, adapter=spy)
    assert spy.writes == []


def test_empty_storage_has_no_item(area: Any) -> None:
    SessionStorage("s", {"a": 1}).clear()
    assert entries(area) == {}


def test_write_puts_the_item_back(area: Any) -> None:
    storage = SessionStorage("s", {"a": 1})
    area.removeItem(KEY)
    storage.write()
    assert entries(area) == {KEY: '{"a":1}'}


def test_refused_record_moves_aside(area: Any) -> None:
    area.setItem(KEY, "[1]")
    with pytest.warns(StorageWarning, match="refused"):
        SessionStorage("s", {"a": 1})
    assert entries(area) == {KEY: '{"a":1}', REJECTED: "[1]"}


def test_old_version_is_removed_after_the_new_one_is_stored() -> None:
    spy = Spy()
    spy.area.setItem("anchor-session://s@1", "{junk")
    SessionStorage("s", {"a": 1}, "2", "1", spy)
    assert [call[:2] for call in spy.writes] == [
        ("set", "anchor-session://s@2"),
        ("remove", "anchor-session://s@1"),
        ("remove", "anchor-session://s@1#journal"),
        ("remove", "anchor-session://s@1#deleted"),
    ]


def test_keys_are_told() -> None:
    storage = SessionStorage("s", {}, "2", "1")
    assert (storage.key, storage.old_key) == ("anchor-session://s@2", "anchor-session://s@1")


def test_old_key_is_none_without_a_previous_version() -> None:
    assert SessionStorage("s").old_key is None


@rows(
    ("storage_class", "key"),
    [(SessionStorage, KEY), (PersistentStorage, "anchor-persistent://s@1.0.0")],
)
def test_key_for_a_name(storage_class: "type[SessionStorage]", key: str) -> None:
    assert storage_class.key_for("s") == key


def test_session_reads_what_a_storage_wrote(area: Any) -> None:
    SessionStorage("s").set("a", {1})
    assert session("s").a == {1}


def test_storage_reads_what_a_session_wrote(area: Any) -> None:
    session("s").a = {1}
    assert SessionStorage("s").get("a") == {1}


def test_persistent_storage_is_in_the_local_area(areas: "dict[str, Any]") -> None:
    PersistentStorage("s", {"a": 1})
    assert documents(areas["local"]) == {"anchor-persistent://s@1.0.0": '{"a":1}'}


def test_events_differ_by_each_field() -> None:
    events = [StorageEvent("set", "a", 1), StorageEvent("set", "a", 2), StorageEvent("set", "b", 1)]
    assert [events[0] == event for event in events] == [True, False, False]


def test_event_shows_its_fields() -> None:
    assert repr(StorageEvent("set", "a", 1)) == "StorageEvent('set', 'a', 1)"


def test_record_of_the_previous_version_goes_though_this_one_is_open(area: Any) -> None:
    area.setItem("anchor-session://s@1", '{"n":1}')
    session("s@2", {"n": 2})
    SessionStorage("s", {"n": 3}, "2", "1")
    assert entries(area) == {"anchor-session://s@2": '{"n":2}'}
