"""A session: a map that knows whether it has to be saved."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from anchor_session import UnstorableValueError
from anchor_session.records import Session
from tests.support import rows


def make(**data: Any) -> Session:
    return Session("0123456789abcdef", data)


def test_new_session_is_empty_and_unmodified() -> None:
    session = Session("a")
    assert (session.id, session.all(), session.is_modified, session.is_cleared) == (
        "a",
        {},
        False,
        False,
    )


def test_id_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        make().id = "other"  # type: ignore[misc]


def test_get_gives_the_value_or_the_default() -> None:
    session = make(n=1, nothing=None)
    assert [session.get("n"), session.get("x"), session.get("x", 2)] == [1, None, 2]
    assert session.get("nothing", 3) is None


@rows(("value", "text"), [("a", "a"), ("", ""), (1, ""), (None, ""), (b"a", ""), (["a"], "")])
def test_string_is_empty_unless_there_is_text(value: Any, text: str) -> None:
    assert make(key=value).string("key") == text
    assert make().string("key") == ""


@rows("value", [None, 0, "", False, []])
def test_key_is_there_whatever_its_value(value: Any) -> None:
    session = make(key=value)
    assert (session.has("key"), "key" in session, session.has("other")) == (True, True, False)


READS: "dict[str, Callable[[Session], object]]" = {
    "get": lambda session: session.get("list"),
    "item": lambda session: session["list"],
    "string": lambda session: session.string("n"),
    "has": lambda session: session.has("n"),
    "all": lambda session: session.all()["list"].append(3),
    "iteration": lambda session: list(session),
    "len": len,
    "repr": repr,
    "delete of an absent key": lambda session: session.delete("x"),
}
WRITES: "dict[str, Callable[[Session], object]]" = {
    "set": lambda session: session.set("n", 2),
    "set of an equal value": lambda session: session.set("n", 1),
    "item": lambda session: session.__setitem__("n", 2),
    "delete": lambda session: session.delete("n"),
    "del": lambda session: session.__delitem__("n"),
    "clear": lambda session: session.clear(),
    "inside a list": lambda session: session["list"].append(3),
    "inside what get gave": lambda session: session.get("list").clear(),
    "deep inside": lambda session: session["map"]["set"].add(2),
    "unstorable inside": lambda session: session["list"].append(object()),
}


@rows("read", READS)
def test_reading_does_not_modify(read: "Callable[[Session], object]") -> None:
    session = make(n=1, list=[1, 2], map={"set": {1}})
    read(session)
    assert not session.is_modified
    assert session.all() == {"n": 1, "list": [1, 2], "map": {"set": {1}}}


@rows("write", WRITES)
def test_writing_modifies(write: "Callable[[Session], object]") -> None:
    session = make(n=1, list=[1, 2], map={"set": {1}})
    write(session)
    assert session.is_modified


def test_change_that_was_undone_inside_is_none() -> None:
    session = make(list=[1])
    session["list"].append(2)
    session["list"].pop()
    assert not session.is_modified


def test_session_that_was_seen_modified_stays_so() -> None:
    session = make(list=[1])
    session["list"].append(2)
    assert session.is_modified
    session["list"].pop()
    assert session.is_modified


def test_clear_forgets_everything() -> None:
    session = make(n=1, list=[1])
    session["list"].append(2)
    session.clear()
    assert (session.all(), session.is_modified, session.is_cleared) == ({}, True, True)


def test_clear_of_an_empty_session_is_one() -> None:
    session = Session("a")
    session.clear()
    assert (session.is_modified, session.is_cleared) == (True, True)


@rows("write", [lambda s: s.set("n", 2), lambda s: s.__setitem__("n", 2)])
def test_set_after_clear_revives_the_session(write: "Callable[[Session], object]") -> None:
    session = make(n=1, m=1)
    session.clear()
    write(session)
    assert (session.all(), session.is_modified, session.is_cleared) == ({"n": 2}, True, False)


def test_delete_after_clear_revives_nothing() -> None:
    session = make(n=1)
    session.clear()
    session.delete("n")
    assert session.is_cleared


def test_deleting_the_last_key_does_not_clear() -> None:
    session = make(n=1)
    session.delete("n")
    assert (session.all(), session.is_cleared) == ({}, False)


def test_all_is_a_copy_at_every_depth() -> None:
    session = make(n=1, map={"list": [1, {2}]})
    found = session.all()
    found["new"] = 1
    found["map"]["list"][1].add(3)
    found["map"]["list"].append(4)
    assert session.all() == {"n": 1, "map": {"list": [1, {2}]}}
    assert not session.is_modified


@rows("kind", [OrderedDict, partial(defaultdict, int)])
def test_all_copies_other_maps_and_tuples_too(kind: "Callable[..., Any]") -> None:
    session = Session("a")
    session["map"] = kind({"tuple": ([1],)})
    found = session.all()
    found["map"]["tuple"][0].append(2)
    found["map"]["new"] = 1
    assert session.all() == {"map": {"tuple": ([1],)}}


def test_session_does_not_adopt_the_map_it_is_made_of() -> None:
    data = {"n": 1}
    session = Session("a", data)
    data["n"] = 2
    assert session["n"] == 1


@rows("key", [1, None, ("a",), b"a"])
def test_key_has_to_be_text(key: Any) -> None:
    session = make()
    with pytest.raises(UnstorableValueError, match="keys must be text"):
        session[key] = 1
    assert not session.is_modified


def test_absent_item_is_a_key_error() -> None:
    session = make()
    with pytest.raises(KeyError):
        session["x"]
    with pytest.raises(KeyError):
        del session["x"]
    assert not session.is_modified


def test_session_counts_and_gives_its_keys() -> None:
    session = make(b=1, a=2)
    assert (len(session), list(session)) == (2, ["b", "a"])


def test_empty_session_is_true() -> None:
    assert bool(Session("a")) is True


def test_display_gives_neither_the_id_nor_a_value_away() -> None:
    assert repr(make(user="secret")) == "<Session 0123... with ['user']>"
