"""What a read of a key that is not there says: which state, where in it, and which keys are near."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from anchor_session import Effect, MapView, leave, persistent, session, shared
from anchor_session.reactive.view import Root
from tests.support import rows

pytestmark = pytest.mark.both

INIT: dict[str, Any] = {"title": "", "count": 0, "lines": [{"sku": "A", "quantity": 1}], "user": {}}

ASKED: dict[str, tuple[Callable[[Any], object], type[Exception], str]] = {
    "item": (lambda s: s["titel"], KeyError, "has no key 'titel'; near it: 'title'"),
    "attribute": (lambda s: s.titel, AttributeError, "has no key 'titel'; near it: 'title'"),
    "of a part": (
        lambda s: s.lines[0]["quantiti"],
        KeyError,
        "has no key 'quantiti' at `$.lines[0]`; near it: 'quantity'",
    ),
    "attribute of a part": (
        lambda s: s.lines[0].quantiti,
        AttributeError,
        "has no key 'quantiti' at `$.lines[0]`; near it: 'quantity'",
    ),
    "in another case": (lambda s: s.Title, AttributeError, "has no key 'Title'; near it: 'title'"),
    "nothing near": (lambda s: s["zzz"], KeyError, "has no key 'zzz'"),
    "no text": (lambda s: s[5], KeyError, "has no key 5"),
    "of an empty map": (lambda s: s.user.name, AttributeError, "has no key 'name' at `$.user`"),
    "deleting an item": (
        lambda s: s.__delitem__("titel"),
        KeyError,
        "has no key 'titel'; near it: 'title'",
    ),
    "deleting an attribute": (
        lambda s: delattr(s, "titel"),
        AttributeError,
        "has no key 'titel'; near it: 'title'",
    ),
    "pop": (lambda s: s.pop("titel"), KeyError, "has no key 'titel'; near it: 'title'"),
}


@rows("asked", sorted(ASKED))
def test_the_error_names_the_state_the_place_and_near_keys(asked: str) -> None:
    ask, kind, message = ASKED[asked]
    state = session("cart@2", INIT)
    with pytest.raises(kind) as caught:
        ask(state)
    assert str(caught.value) == f"the state `cart@2` (session) {message}"


@rows("opener", [session, persistent, shared])
def test_the_kind_is_that_of_the_opener(opener: Any) -> None:
    with pytest.raises(KeyError) as caught:
        opener("cart")["z"]
    kind = {id(session): "session", id(persistent): "persistent", id(shared): "shared"}[id(opener)]
    assert str(caught.value) == f"the state `cart` ({kind}) has no key 'z'"


def test_a_map_of_no_opened_state_says_so_without_a_name() -> None:
    with pytest.raises(KeyError) as caught:
        MapView({"a": 1}, Root())["b"]
    assert str(caught.value) == "this state has no key 'b'"


def test_a_part_that_is_gone_says_where_it_stood() -> None:
    state = session("cart", INIT)
    line = state.lines[0]
    state.lines.clear()
    with pytest.raises(KeyError) as caught:
        line["x"]
    assert str(caught.value) == "the state `cart` (session) has no key 'x' at `$.lines[0]`"


def test_it_is_the_error_of_a_dict_to_who_handles_it() -> None:
    with pytest.raises(KeyError) as caught:
        session("cart", INIT)["z"]
    error = caught.value
    assert error.args == ("z",)
    assert repr(error) == "KeyError('z')"
    assert type(pickle.loads(pickle.dumps(error))) is KeyError
    assert (type(error).__module__, type(error).__qualname__) == ("builtins", "KeyError")


def test_asking_with_a_default_looks_for_nothing_near(monkeypatch: pytest.MonkeyPatch) -> None:
    import difflib

    monkeypatch.setattr(difflib, "get_close_matches", None)
    state = session("cart", INIT)
    assert state.get("titel") is None
    assert state.get("titel", 5) == 5
    assert not hasattr(state, "titel")
    assert getattr(state, "titel", 7) == 7
    with pytest.raises(KeyError):
        state["titel"]


@dataclass
class Line:
    quantity: int = 1


@dataclass
class Cart:
    by_sku: dict[str, Line] = field(default_factory=lambda: {"A-1": Line()})


def test_a_typed_map_says_it_too_and_gives_defaults() -> None:
    cart = session("typed", Cart())
    with pytest.raises(KeyError) as caught:
        cart.by_sku["A-2"]
    message = "the state `typed` (session) has no key 'A-2' at `$.by_sku`; near it: 'A-1'"
    assert str(caught.value) == message
    found = cart.by_sku.get("A-1")
    assert isinstance(found, Line)
    assert cart.by_sku.get("A-2") is None
    leave(cart)


def test_an_absent_key_that_was_asked_for_with_a_default_is_followed() -> None:
    state = session("cart", INIT)
    seen: list[Any] = []
    one = Effect(lambda: seen.append((state.get("z", 0), state.lines[0].get("sku"))))
    state["z"] = 1
    state.lines[0].sku = "B"
    del state["z"]
    one.stop()
    assert seen == [(0, "A"), (1, "A"), (1, "B"), (0, "B")]
