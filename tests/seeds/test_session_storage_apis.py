"""What Session Storage APIs say, in their order, as a program in Python has it."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from anchor_session import (
    MemoryStorage,
    SchemaError,
    SessionStorage,
    effect,
    session,
    snapshot,
)
from tests.support import entries, fresh, read, reopen, rows, text_at

pytestmark = pytest.mark.both

CART = "anchor-session://cart@1.0.0"


@dataclass
class Line:
    sku: str
    quantity: int = 1


@dataclass
class Cart:
    lines: "list[Line]" = field(default_factory=list)
    note: str = ""


# -- session() ----------------------------------------------------------------------------------------


def test_session_is_a_reactive_object_that_persists_its_data(area: Any) -> None:
    """session(): the reactive object, synced with the area."""
    cart = session("cart", {"items": [], "total": 0})
    seen: list[int] = []
    looking = effect(lambda: seen.append(cart.total))
    cart["items"].append({"sku": "A-1", "price": 3})
    cart.total = 3
    looking.stop()
    assert read(text_at(area, CART)) == {"items": [{"sku": "A-1", "price": 3}], "total": 3}
    assert seen == [0, 3]


def test_initial_state_is_used_if_there_is_no_data(area: Any) -> None:
    """init."""
    assert session("cart", {"n": 1}) == {"n": 1}
    assert reopen("cart", {"n": 2}) == {"n": 1}


def test_name_is_a_unique_key(area: Any) -> None:
    """name."""
    assert session("cart", {"n": 1}) is session("cart")
    assert session("other", {"n": 2}) is not session("cart")
    assert set(entries(area)) == {CART, "anchor-session://other@1.0.0"}


def test_versioning_is_supported(area: Any) -> None:
    """name, with a version and the one before."""
    session("cart@1", {"n": 1})
    fresh_start = reopen("cart@2:1", {"n": 0})
    assert (snapshot(fresh_start), set(entries(area))) == ({"n": 0}, {"anchor-session://cart@2"})


def test_schema_is_an_option(area: Any) -> None:
    """options: StateOptions, LinkableSchema."""
    cart = session("cart", {"lines": [], "note": ""}, schema=Cart)
    with pytest.raises(SchemaError):
        cart.note = 5
    assert read(text_at(area, CART)) == {"lines": [], "note": ""}


def test_type_of_the_object_is_that_of_init(area: Any) -> None:
    """Returns: T."""
    cart = session("cart", Cart())
    cart.lines.append(Line("A-1"))
    cart.lines[0].quantity += 1
    assert isinstance(cart, Cart)
    assert snapshot(cart) == Cart([Line("A-1", 2)])


# -- session.leave() ----------------------------------------------------------------------------------


def test_left_state_is_synchronized_no_more(area: Any) -> None:
    """session.leave(): disconnects, the record stays."""
    cart = session("cart", {"n": 1})
    session.leave(cart)
    cart.n = 2
    assert (cart.n, text_at(area, CART)) == (2, '{"n":1}')
    assert session("cart") is not cart


# -- SessionStorage -----------------------------------------------------------------------------------


def test_session_storage_extends_memory_storage(area: Any) -> None:
    """SessionStorage, and where session() uses it."""
    assert isinstance(SessionStorage("cart"), MemoryStorage)


def test_session_storage_and_session_are_one(area: Any) -> None:
    """It is used internally by session(): neither overwrites the other."""
    storage = SessionStorage("cart", {"a": 1})
    cart = session("cart", {"a": 0})
    cart.b = 2
    storage.set("c", 3)
    assert (snapshot(cart), storage.get("b")) == ({"a": 1, "b": 2, "c": 3}, 2)
    assert reopen("cart") == {"a": 1, "b": 2, "c": 3}


def test_keys_have_the_documented_format() -> None:
    """key and oldKey; readonly."""
    storage = SessionStorage("cart", {}, "2", "1")
    assert (storage.key, storage.old_key) == ("anchor-session://cart@2", "anchor-session://cart@1")
    for name in ("key", "old_key"):
        with pytest.raises(AttributeError):
            setattr(storage, name, "x")


@rows(
    ("act", "stored"),
    [
        (lambda storage: storage.set("step", 2), {"step": 2}),
        (lambda storage: storage.delete("step"), {}),
    ],
)
def test_set_and_delete_are_persisted_at_once(area: Any, act: Any, stored: Any) -> None:
    """set(key, value), delete(key)."""
    act(SessionStorage("cart", {"step": 1}))
    assert read(text_at(area, CART)) == stored


def test_write_writes_the_entire_state(area: Any) -> None:
    """write()."""
    storage = SessionStorage("cart", {"a": 1, "b": 2})
    area.removeItem(CART)
    storage.write()
    assert read(text_at(area, CART)) == {"a": 1, "b": 2}


def test_storage_cleans_up_the_previous_version(area: Any) -> None:
    """oldKey: a version migration."""
    SessionStorage("cart", {"n": 1}, "1")
    fresh_names = SessionStorage("cart", {"m": 2}, "2", "1")
    assert (fresh_names.keys(), set(entries(area))) == (["m"], {"anchor-session://cart@2"})


def test_everything_comes_back_after_a_reload(area: Any) -> None:
    """For the duration of the browser session."""
    storage = SessionStorage("cart", {"a": 1})
    storage.assign({"b": {"c": [1]}})
    text = text_at(area, CART)
    fresh()
    area.setItem(CART, text)
    assert SessionStorage("cart").get("b") == {"c": [1]}
