"""Names, versions and the keys they become."""

from typing import Any

import pytest

from anchor_session import PersistentStorage, SessionStorage, persistent, session
from anchor_session.page.names import parse
from tests.support import documents, entries, rows

GOOD = [
    ("cart", ("cart", "1.0.0", None)),
    ("cart@2", ("cart", "2", None)),
    ("cart@2:1", ("cart", "2", "1")),
    ("cart@1.0.0", ("cart", "1.0.0", None)),
    ("cart@1.0.0:0.9", ("cart", "1.0.0", "0.9")),
    ("@team/cart", ("@team/cart", "1.0.0", None)),
    ("@team/cart@2", ("@team/cart", "2", None)),
    ("@team/cart@2:1", ("@team/cart", "2", "1")),
    ("a/b", ("a/b", "1.0.0", None)),
    ("a:b", ("a:b", "1.0.0", None)),
    ("a b", ("a b", "1.0.0", None)),
    ("é😀", ("é😀", "1.0.0", None)),
    ("x@y", ("x", "y", None)),
    ("__proto__", ("__proto__", "1.0.0", None)),
    (" ", (" ", "1.0.0", None)),
]
BAD = [
    "",
    "@",
    "@team",
    "@team/",
    "@/cart",
    "@@team/cart",
    "@te@m/cart",
    "cart@",
    "cart@@2",
    "cart@2@3",
    "cart@2:",
    "cart@:1",
    "cart@:",
    "cart@2:1:0",
    "cart@2::1",
    "cart@2:2",
    "cart@1.0.0:1.0.0",
    "#",
    "#cart",
    "ca#rt",
    "cart#",
    "cart@2#",
    "cart@2:1#",
    "@#/cart",
    "@team/cart@2@3",
]


@rows(("text", "parts"), GOOD)
def test_name_has_its_parts(text: str, parts: "tuple[str, str, str | None]") -> None:
    assert parse(text) == parts


@rows("text", BAD)
def test_malformed_name_raises_and_shows_the_form(text: str) -> None:
    with pytest.raises(ValueError, match="name@version:previous"):
        session(text)


@rows("text", BAD)
def test_malformed_name_touches_no_storage(area: Any, text: str) -> None:
    with pytest.raises(ValueError, match="form"):
        session(text, {"n": 1})
    assert entries(area) == {}


@rows("name", [None, 7, b"cart", ["cart"]])
def test_name_that_is_no_text_raises_type_error(name: Any) -> None:
    for make in (
        session,
        lambda name: SessionStorage(name),
        lambda name: SessionStorage("s", {}, name),
    ):
        with pytest.raises(TypeError, match="versions are text"):
            make(name)


@pytest.mark.both
@rows(("text", "parts"), GOOD)
def test_key_is_made_of_name_and_version(
    area: Any, text: str, parts: "tuple[str, str, Any]"
) -> None:
    session(text, {"n": 1})
    assert list(entries(area)) == [f"anchor-session://{parts[0]}@{parts[1]}"]


def test_default_version_is_the_same_entry() -> None:
    assert session("cart") is session("cart@1.0.0")


def test_versions_are_separate_entries() -> None:
    assert session("cart@1") is not session("cart@2")


@pytest.mark.both
def test_persistent_has_a_prefix_of_its_own(areas: "dict[str, Any]") -> None:
    persistent("@team/cart@2", {"n": 1})
    assert list(documents(areas["local"])) == ["anchor-persistent://@team/cart@2"]


@rows("storage_class", [SessionStorage, PersistentStorage])
@rows(
    ("name", "version", "previous"),
    [
        ("", "1", None),
        ("a@b", "1", None),
        ("a", "", None),
        ("a", "1", "1"),
        ("a", "1", ""),
        ("#a", "1", None),
    ],
)
def test_storage_class_takes_the_same_names(
    storage_class: "type[SessionStorage]", name: str, version: str, previous: "str | None"
) -> None:
    with pytest.raises(ValueError, match="form"):
        storage_class(name, {}, version, previous)
