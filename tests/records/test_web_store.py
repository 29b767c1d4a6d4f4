"""What is Web Storage's own: others' keys, its quota, its refusal; in a browser the real one too."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from anchor_session import QuotaExceededError, StorageUnavailableError
from anchor_session.host.memory import MemoryHost
from anchor_session.records import WebStore
from anchor_session.testing import MemoryArea, use_host
from tests.support import ON_BROWSER, rows, text_at

pytestmark = pytest.mark.both

PREFIX = "anchor-records://"


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def run(work: "Coroutine[Any, Any, Any]") -> Any:
    return asyncio.run(work)


def keys(area: MemoryArea) -> "set[str]":
    return {str(area.key(n)) for n in range(area.length)}


@rows(("given", "kind"), [((), "local"), (("local",), "local"), (("session",), "session")])
def test_record_lies_in_the_area_that_was_named(
    areas: "dict[str, Any]", given: "tuple[str, ...]", kind: str
) -> None:
    run(WebStore(*given).save("ab", {"user": "Ada"}))
    expected = '{"id":"ab","expires_at":null,"data":{"user":"Ada"}}'
    assert text_at(areas[kind], PREFIX + "ab") == expected
    assert run(WebStore(areas[kind]).load("ab")) == {"user": "Ada"}
    assert run(WebStore(*given).list()) == ["ab"]


@rows("given", ["", "Local", "localStorage"])
def test_name_of_no_area_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match='"local", "session" or an object'):
        WebStore(given)


def test_object_that_is_no_area_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no key"):
        WebStore(object())


def test_keys_of_others_are_neither_listed_nor_removed() -> None:
    area, clock = MemoryArea(), Clock()
    store = WebStore(area, clock=clock)
    theirs = {
        "anchor-session://a@1.0.0": '{"id":"a","expires_at":1,"data":{}}',
        "anchor-record://a": '{"id":"a","expires_at":1,"data":{}}',
        "a": '{"id":"a","expires_at":1,"data":{}}',
        "anchor-records:/": "{}",
    }
    for key, text in theirs.items():
        area.setItem(key, text)
    run(store.save("a", {"n": 1}, ttl=10))
    clock.time += 20
    assert run(store.list()) == []
    assert {key: area.getItem(key) for key in keys(area)} == theirs


def test_what_is_no_id_is_left_alone() -> None:
    area = MemoryArea()
    for name in ("", "..", "a b", "ok"):
        area.setItem(PREFIX + name, "something")
    assert run(WebStore(area).list()) == ["ok"]
    assert area.length == 4


def test_expired_records_leave_the_area_at_the_next_list() -> None:
    area, clock = MemoryArea(), Clock()
    store = WebStore(area, clock=clock)
    run(store.save("short", {}, ttl=10))
    run(store.save("long", {}, ttl=1000))
    run(store.save("ever", {}))
    clock.time += 10
    assert run(store.load("short")) is None
    assert run(store.list()) == ["ever", "long"]
    assert keys(area) == {PREFIX + "ever", PREFIX + "long"}


def test_full_area_raises_and_keeps_the_old_record() -> None:
    area = MemoryArea(quota=200)
    store = WebStore(area)
    run(store.save("a", {"n": 1}))
    with pytest.raises(QuotaExceededError) as caught:
        run(store.save("a", {"text": "x" * 200}))
    assert caught.value.key == PREFIX + "a"
    assert caught.value.needed > 200
    assert run(store.load("a")) == {"n": 1}
    with pytest.raises(QuotaExceededError):
        run(store.save("b", {"text": "x" * 200}))
    assert run(store.list()) == ["a"]


def test_full_area_makes_room_of_what_has_expired() -> None:
    area, clock = MemoryArea(quota=600), Clock()
    store = WebStore(area, clock=clock)
    area.setItem("theirs", "x")
    for id in ("a", "b"):
        run(store.save(id, {"text": "x" * 150}, ttl=10))
    clock.time += 10
    run(store.save("c", {"text": "x" * 400}))
    assert keys(area) == {"theirs", PREFIX + "c"}


def test_area_that_refuses_raises_at_each_call_and_works_again() -> None:
    area = MemoryArea()
    store = WebStore(area)
    run(store.save("a", {"n": 1}))
    area.is_blocked = True
    for call in (store.load("a"), store.save("a", {"n": 2}), store.delete("a"), store.list()):
        with pytest.raises(StorageUnavailableError):
            run(call)
    area.is_blocked = False
    assert run(store.load("a")) == {"n": 1}


def test_browser_that_refuses_its_storage_raises_at_each_call() -> None:
    with use_host(MemoryHost(why="cookies are blocked")):
        store = WebStore()  # touches nothing yet
        for call in (store.load("a"), store.save("a", {}), store.delete("a"), store.list()):
            with pytest.raises(StorageUnavailableError, match="cookies are blocked"):
                run(call)


def test_area_that_cannot_be_listed_is_refused() -> None:
    class Bare:
        """Three methods, which is enough for a state."""

        def __init__(self) -> None:
            area = MemoryArea()
            self.getItem, self.setItem = area.getItem, area.setItem
            self.removeItem = area.removeItem

    class Endless(Bare):
        """Without a length a list would be empty."""

        key = None

    with pytest.raises(TypeError, match="Bare has no key"):
        WebStore(Bare())
    with pytest.raises(TypeError, match="Endless has no length"):
        WebStore(Endless())


def test_two_stores_of_one_area_are_one_place(areas: "dict[str, Any]") -> None:
    run(WebStore().save("a", {"n": 1}, ttl=1000))
    assert run(WebStore("local").load("a")) == {"n": 1}
    assert run(WebStore("session").load("a")) is None


def test_host_is_the_browser_only_where_there_is_one(areas: "dict[str, Any]") -> None:
    assert ON_BROWSER is not isinstance(areas["local"], MemoryArea)
