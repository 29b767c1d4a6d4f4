"""`MemoryArea` does what a browser's `Storage` does; in a browser the tests run on both."""

from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import QuotaExceededError, StorageUnavailableError
from anchor_session.host.area import units
from anchor_session.testing import MemoryArea
from tests.support import rows

pytestmark = pytest.mark.both


@pytest.fixture(params=["memory", "default"])
def storage(request: pytest.FixtureRequest, area: Any) -> Any:
    """An empty area of memory, and the default one, which is real in a browser."""
    return MemoryArea() if request.param == "memory" else area


def test_missing_key_is_no_text(storage: Any) -> None:
    assert not isinstance(storage.getItem("a"), str)


@rows("text", ["", "a", "é😀", "\x00", "x" * 10_000])
def test_text_comes_back(storage: Any, text: str) -> None:
    storage.setItem("a", text)
    assert storage.getItem("a") == text


@rows("key", ["", "length", "key", "getItem", "__proto__", "\x00", "😀"])
def test_any_key_is_taken(storage: Any, key: str) -> None:
    storage.clear()
    storage.setItem(key, "1")
    assert (storage.getItem(key), storage.length, storage.key(0)) == ("1", 1, key)


def test_setting_again_replaces(storage: Any) -> None:
    storage.setItem("a", "1")
    storage.setItem("a", "2")
    assert (storage.getItem("a"), storage.length) == ("2", 1)


def test_removed_key_is_gone(storage: Any) -> None:
    storage.setItem("a", "1")
    storage.setItem("b", "2")
    storage.removeItem("a")
    assert (isinstance(storage.getItem("a"), str), storage.getItem("b")) == (False, "2")


def test_removing_an_absent_key_does_nothing(storage: Any) -> None:
    storage.removeItem("a")
    assert storage.length == 0


def test_clear_removes_all(storage: Any) -> None:
    storage.setItem("a", "1")
    storage.clear()
    assert storage.length == 0


@rows("index", [1, 99])
def test_key_beyond_the_end_is_no_text(storage: Any, index: int) -> None:
    storage.setItem("a", "1")
    assert not isinstance(storage.key(index), str)


def test_quota_counts_keys_and_values() -> None:
    area = MemoryArea(quota=6)
    area.setItem("ab", "cdef")
    with pytest.raises(QuotaExceededError):
        area.setItem("c", "")


def test_quota_of_a_replaced_text_counts_the_new_one() -> None:
    area = MemoryArea(quota=6)
    area.setItem("ab", "cdef")
    area.setItem("ab", "1234")
    assert area.getItem("ab") == "1234"


def test_refused_text_leaves_the_old_one() -> None:
    area = MemoryArea(quota=6)
    area.setItem("ab", "c")
    with pytest.raises(QuotaExceededError):
        area.setItem("ab", "cdefg")
    assert area.getItem("ab") == "c"


def test_zero_quota_takes_nothing() -> None:
    with pytest.raises(QuotaExceededError):
        MemoryArea(quota=0).setItem("a", "")


CALLS: "list[Callable[[MemoryArea], object]]" = [
    lambda area: area.getItem("a"),
    lambda area: area.setItem("a", "1"),
    lambda area: area.removeItem("a"),
    lambda area: area.clear(),
    lambda area: area.key(0),
    lambda area: area.length,
]


@rows("call", CALLS)
def test_blocked_area_raises_at_every_call(call: "Callable[[MemoryArea], object]") -> None:
    area = MemoryArea()
    area.is_blocked = True
    with pytest.raises(StorageUnavailableError):
        call(area)


@rows(("text", "length"), [("", 0), ("a", 1), ("é", 1), ("😀", 2), ("\ud800", 1), ("a😀é", 4)])
def test_units_are_those_of_utf_16(text: str, length: int) -> None:
    assert units(text) == length
