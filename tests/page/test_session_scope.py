"""The session scope of one document, seen through what lies in the area."""

import enum
import re
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    CycleError,
    QuotaExceededError,
    ScopeChange,
    SessionScope,
    StorageWarning,
    UnstorableValueError,
    instance_init,
    session,
    session_end,
    session_init,
    session_load,
    session_remove,
    session_save,
    shared,
    subscribe,
)
from anchor_session.host.memory import MemoryHost
from anchor_session.page.scopes.browser_session import enter
from anchor_session.page.scopes.once import give_up_all
from anchor_session.testing import tabs, use_host
from tests.support import read, rows, typed

pytestmark = pytest.mark.both


class Color(enum.Enum):
    RED = "red"


def at(key_text: str) -> str:
    """Where the entry of that key's text lies."""
    return f"anchor-scope:{enter().id}://{key_text}"


def text_of(key_text: str) -> "str | None":
    return enter().area.get(at(key_text))


def put(key_text: str, text: str) -> None:
    enter().area.set(at(key_text), text)


def reload() -> None:
    give_up_all()


VALUES = [0, 1, True, 1.0, "", "a", [], {}, [1, {"a": None}], {1, 2}, b"x", "\ud800", 2**70, False]


@rows("value", VALUES)
def test_value_is_there_after_a_reload_with_its_type(value: Any) -> None:
    session_save("key", value)
    reload()
    assert typed(session_load("key")) == typed(value)


def test_value_lies_under_the_text_of_its_key() -> None:
    session_save(("cart", 1), {"a": [1]})
    assert text_of('["cart",1]') == '{"a":[1]}'


def test_keys_of_different_types_are_different_keys() -> None:
    keys: list[Any] = [1, True, "1", None, "None", (1,), ("1",), Color.RED, "red"]
    for number, key in enumerate(keys):
        session_save(key, number)
    reload()
    assert [session_load(key) for key in keys] == list(range(len(keys)))
    assert {repr(key) for key in SessionScope().keys()} == {repr(key) for key in keys}  # noqa: SIM118


def test_save_gives_the_value_before() -> None:
    assert [session_save("k", value) for value in (1, [2], None, 3)] == [None, 1, [2], None]


def test_remove_gives_what_was_removed() -> None:
    session_save("k", 1)
    assert [session_remove("k"), session_remove("k"), session_load("k")] == [1, None, None]
    assert text_of('"k"') is None


def test_values_are_copies() -> None:
    value = {"l": [1]}
    session_save("k", value)
    value["l"].append(2)
    session_load("k")["l"].append(3)
    assert session_load("k") == {"l": [1]}


def test_view_is_saved_as_a_copy_of_its_data() -> None:
    state = session("s", {"l": [1]})
    session_save("k", state)
    state.l.append(2)
    assert session_load("k") == {"l": [1]}


def test_stored_none_reads_like_absence() -> None:
    session_save("k", None)
    assert (text_of('"k"'), session_load("k"), session_init("k", lambda: 1)) == ("null", None, 1)


def test_absent_key_is_none() -> None:
    assert session_load("nowhere") is None


# -- init -------------------------------------------------------------------------------------------


def test_init_creates_once() -> None:
    made = []

    def factory() -> "list[int]":
        made.append(1)
        return [1]

    assert [session_init("k", factory), session_init("k", factory), made] == [[1], [1], [1]]
    assert text_of('"k"') == "[1]"


def test_init_gives_a_copy() -> None:
    made = [1]
    session_init("k", lambda: made).append(2)
    assert (made, session_load("k")) == ([1], [1])


def test_what_a_factory_saves_itself_counts() -> None:
    def factory() -> str:
        session_save("k", "saved")
        return "given"

    assert (session_init("k", factory), session_load("k")) == ("saved", "saved")


def test_factory_that_fails_changes_nothing() -> None:
    with pytest.raises(ZeroDivisionError):
        session_init("k", lambda: 1 // 0)
    assert text_of('"k"') is None


# -- type= ------------------------------------------------------------------------------------------


@rows(
    ("value", "kind", "found"),
    [
        (1, int, 1),
        (True, int, None),
        (1, bool, None),
        (1, float, None),
        (1.0, int, None),
        ("1", int, None),
        ([1], list, [1]),
        ({"a": 1}, dict, {"a": 1}),
        ([1], dict, None),
        ({1}, set, {1}),
        (b"x", bytes, b"x"),
        (None, int, None),
        ([1, 2], list[int], [1, 2]),
        ([1, "2"], list[int], None),
        ([True], list[int], None),
        ({"a": 1}, dict[str, int], {"a": 1}),
        (1, int | str, 1),
        (1.5, int | str, None),
        ([1, "a"], tuple[int, str], (1, "a")),
        ((1, 2), tuple, (1, 2)),
        ("red", Color, Color.RED),
        ("blue", Color, None),
        (1, Any, 1),
        (1, object, 1),
    ],
)
def test_value_is_that_type_or_none(value: Any, kind: Any, found: Any) -> None:
    session_save("k", value)
    assert typed(session_load("k", kind)) == typed(found)
    assert typed(session_load("k", type=kind)) == typed(found)


def test_absent_key_is_none_of_any_type() -> None:
    assert session_load("k", type(None)) is session_load("k", int) is None


def test_type_that_no_value_can_be_is_refused() -> None:
    session_save("k", 1)
    with pytest.raises(UnstorableValueError, match="MemoryHost"):
        session_load("k", MemoryHost)


CALLS: "dict[str, Callable[..., Any]]" = {
    "session_save(key, value, type=None)": lambda key, kind=None: session_save(key, 1, kind),
    "session_load(key, type=None)": session_load,
    "session_remove(key, type=None)": session_remove,
    "session_init(key, factory, type=None)": lambda key, kind=None: session_init(key, int, kind),
}


@rows(("form", "call"), CALLS.items())
def test_every_call_takes_a_type(form: str, call: "Callable[..., Any]") -> None:
    for kind, found in ((int, 7), (str, None)):
        session_save("k", 7)
        assert call("k", kind) == found


@rows(("form", "call"), CALLS.items())
@rows("kind", ["prefs", 1, {"theme": "dark"}, [int], (int, str), object(), print])
def test_value_in_the_place_of_a_type_changes_nothing(
    form: str, call: "Callable[..., Any]", kind: Any
) -> None:
    session_save("k", 7)
    for key in ("k", "absent"):
        with pytest.raises(TypeError, match=f"type= is a class.*; the form is {re.escape(form)}"):
            call(key, kind)
    assert (session_load("k"), SessionScope().keys()) == (7, ["k"])


class Context:
    """What a program of Go gives first."""


@rows(("form", "call"), CALLS.items())
def test_context_for_a_key_is_told_the_form(form: str, call: "Callable[..., Any]") -> None:
    told = f"a Context as a key .*: the form is {re.escape(form)}, with no context"
    with pytest.raises(UnstorableValueError, match=told):
        call(Context(), "prefs")


@rows("init", [session_init, instance_init])
def test_value_in_the_place_of_a_factory_is_refused(init: "Callable[..., Any]") -> None:
    with pytest.raises(TypeError, match=f"{init.__name__} takes a function .*, not an int"):
        init("k", 7)


# -- what is refused ----------------------------------------------------------------------------------


@rows("key", [1.5, b"k", ["k"], object()])
def test_key_that_is_refused_changes_nothing(key: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: session_save(key, 1),
        lambda: session_load(key),
        lambda: session_remove(key),
        lambda: session_init(key, lambda: 1),
    ]
    for call in calls:
        with pytest.raises(UnstorableValueError):
            call()
    assert SessionScope().keys() == []


@rows("value", [object(), print, {"a": {1: 2}}, [{"b": print}], Color.RED, {(1,)}])
def test_value_that_is_refused_changes_nothing(value: Any) -> None:
    session_save("k", 1)
    heard: list[Any] = []
    SessionScope().subscribe(heard.append)
    with pytest.raises(UnstorableValueError):
        session_save("k", value)
    assert (text_of('"k"'), heard) == ("1", [])


def test_refused_value_is_named_by_its_place() -> None:
    with pytest.raises(UnstorableValueError) as caught:
        session_save("k", {"l": [1, print]})
    assert caught.value.path == "$.l[1]"


def test_value_that_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(UnstorableValueError, match="nested"):
        session_save("k", value)


def test_full_area_changes_nothing() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        session_save("k", "short")
        heard: list[Any] = []
        SessionScope().subscribe(heard.append)
        tab.area("local").quota = 100
        with pytest.raises(QuotaExceededError):
            session_save("k", "x" * 100)
        with pytest.raises(QuotaExceededError):
            session_init("other", lambda: "x" * 100)
        assert (session_load("k"), SessionScope().keys(), heard) == ("short", ["k"], [])


def test_equal_value_is_not_written_again() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        session_save("k", {"a": 1})
        tab.area("local").quota = 0
        assert session_save("k", {"a": 1}) == {"a": 1}


# -- what lies there is not what we wrote -------------------------------------------------------------

HOSTILE = ["", "{", "NaN", "nonsense", "[" * 100_000, '{"a":1', "\ud800", "1" * 5000]


@rows("text", HOSTILE)
def test_unreadable_text_is_absent_and_stays(text: str) -> None:
    if "\ud800" in text:
        text = "�"  # a browser has no other
    put('"k"', text)
    with pytest.warns(StorageWarning, match='://"k"'):
        assert session_load("k") is None
    assert text_of('"k"') == text
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it was said
        assert session_load("k") is None
        assert SessionScope().keys() == ["k"]
        assert session_save("k", 1) is None
    assert session_load("k") == 1


def test_each_unreadable_text_is_warned_of() -> None:
    put('"k"', "{")
    with pytest.warns(StorageWarning):
        session_load("k")
    put('"k"', "[")
    with pytest.warns(StorageWarning):
        session_load("k")


def test_unreadable_text_makes_way_for_what_init_makes() -> None:
    put('"k"', "{")
    with pytest.warns(StorageWarning):
        assert session_init("k", lambda: 1) == 1
    assert text_of('"k"') == "1"


def test_unreadable_text_can_be_removed() -> None:
    put('"k"', "{")
    with pytest.warns(StorageWarning):
        assert session_remove("k") is None
    assert text_of('"k"') is None


def test_warning_that_is_an_error_changes_nothing() -> None:
    put('"k"', "{")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(StorageWarning):
            session_save("k", 1)
    assert text_of('"k"') == "{"


def test_keys_that_are_none_are_left_out() -> None:
    session_save("k", 1)
    for key in ("k", "[1, 2]", '{"nowhere:Color":"RED"}', ""):
        put(key, "1")
    assert SessionScope().keys() == ["k"]


# -- subscribers --------------------------------------------------------------------------------------


def test_subscribers_are_told_after_the_change() -> None:
    heard: list[Any] = []
    SessionScope().subscribe(lambda change: heard.append((change, text_of('"k"'))))
    session_save("k", [1])
    session_save("k", 2)
    session_remove("k")
    assert heard == [
        (ScopeChange("k", [1], None), "[1]"),
        (ScopeChange("k", 2, [1]), "2"),
        (ScopeChange("k", None, 2), None),
    ]


def test_init_is_told_once() -> None:
    heard: list[Any] = []
    SessionScope().subscribe(heard.append)
    session_init(Color.RED, lambda: 1)
    session_init(Color.RED, lambda: 2)
    assert heard == [ScopeChange(Color.RED, 1, None)]


def test_what_changes_no_value_is_not_told() -> None:
    session_save("k", 1)
    heard: list[Any] = []
    SessionScope().subscribe(heard.append)
    session_save("k", 1)
    session_remove("other")
    session_save("other", None)
    session_remove("other")
    assert heard == []


def test_one_and_true_are_not_equal() -> None:
    session_save("k", 1)
    heard: list[Any] = []
    SessionScope().subscribe(heard.append)
    session_save("k", True)
    assert len(heard) == 1


def test_failing_subscriber_stops_neither_the_others_nor_the_change() -> None:
    heard: list[Any] = []

    def fail(change: ScopeChange) -> None:
        raise ZeroDivisionError

    SessionScope().subscribe(fail)
    SessionScope().subscribe(heard.append)
    with pytest.raises(ZeroDivisionError):
        session_save("k", 1)
    assert (heard, text_of('"k"')) == ([ScopeChange("k", 1, None)], "1")
    with pytest.raises(ZeroDivisionError):
        session_save("k", 2)


def test_what_a_subscriber_changes_is_told_after_what_is_being_told() -> None:
    order: list[Any] = []

    def count(change: ScopeChange) -> None:
        order.append(("first", change.value))
        if change.value < 3:
            session_save("k", change.value + 1)

    SessionScope().subscribe(count)
    SessionScope().subscribe(lambda change: order.append(("second", change.value)))
    session_save("k", 1)
    assert order == [(who, value) for value in (1, 2, 3) for who in ("first", "second")]


def test_subscribers_that_never_end_are_stopped() -> None:
    SessionScope().subscribe(lambda change: session_save("k", change.value + 1))
    with pytest.raises(CycleError):
        session_save("k", 1)
    assert session_load("k") == 101


def test_who_has_unsubscribed_is_not_told() -> None:
    heard: list[Any] = []
    stop = SessionScope().subscribe(heard.append)
    stop_again = SessionScope().subscribe(lambda change: stop())
    stop()
    stop()
    session_save("k", 1)
    stop_again()
    assert heard == []


def test_who_is_unsubscribed_meanwhile_is_not_told() -> None:
    heard: list[Any] = []
    stops: list[Any] = []
    SessionScope().subscribe(lambda change: stops[0]())
    stops.append(SessionScope().subscribe(heard.append))
    session_save("k", 1)
    assert heard == []


def test_who_subscribes_meanwhile_is_told_of_the_next() -> None:
    heard: list[Any] = []
    scope = SessionScope()
    stop = scope.subscribe(lambda change: scope.subscribe(heard.append))
    session_save("k", 1)
    assert heard == []
    stop()
    session_save("k", 2)
    assert heard == [ScopeChange("k", 2, 1)]


def test_nobody_listens_when_nobody_is_subscribed() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        before = (len(tab._on_storage), len(tab._on_page_show))
        stops = [SessionScope().subscribe(print) for _ in range(2)]
        listening = (len(tab._on_storage), len(tab._on_page_show))
        for stop in stops:
            stop()
        assert before == (len(tab._on_storage), len(tab._on_page_show)) != listening


def test_change_is_compared_by_its_values() -> None:
    assert ScopeChange("k", 1, 2) == ScopeChange("k", 1, 2) != ScopeChange("k", 1, 3)
    assert ScopeChange("k", 1, 2) != ("k", 1, 2)
    assert repr(ScopeChange("k", 1, None)) == "ScopeChange('k', 1, None)"


# -- the end ------------------------------------------------------------------------------------------


def test_end_empties_the_scope_and_tells() -> None:
    session_save("a", 1)
    session_save("b", [2])
    session_save("c", None)
    heard: list[Any] = []
    SessionScope().subscribe(heard.append)
    session_end()
    assert SessionScope().keys() == []
    assert heard == [ScopeChange("a", None, 1), ScopeChange("b", None, [2])]
    session_save("a", 1)
    assert heard.pop() == ScopeChange("a", 1, None)


def test_failing_subscriber_of_a_state_keeps_nobody_from_hearing_of_the_end() -> None:
    one, _ = tabs(2)
    heard: list[Any] = []
    with use_host(one):
        state = shared("s", {"n": 1})
        session_save("k", 1)
        SessionScope().subscribe(heard.append)
        state["n"] = 2
        subscribe(state, lambda change: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            session_end()
        assert session_load("k") is None
    assert heard == [ScopeChange("k", None, 1)]


def test_end_removes_what_is_under_the_two_prefixes_and_nothing_else() -> None:
    area, id = enter().area, enter().id
    others = [f"anchor-scope:{id}9://x", f"anchor-shared:{id}9://x", f"anchor-scope:{id}:x", "mine"]
    own = [f"anchor-shared:{id}://s@1.0.0", f"anchor-shared:{id}://s@1.0.0#edit.1", at("junk")]
    for key in others + own:
        area.set(key, "1")
    session_end()
    assert [key for key in others + own if area.get(key) is not None] == others
    for key in others:
        area.remove(key)


def test_scope_is_one_object_a_document() -> None:
    assert SessionScope() is SessionScope()
    one, two = tabs(2)
    with use_host(one):
        first = SessionScope()
    with use_host(two):
        assert SessionScope() is not first


def test_reading_is_typed_as_the_wire_format_says() -> None:
    session_save("k", {"when": {1}, "b": b"x"})
    assert read(text_of('"k"')) == {"when": {1}, "b": b"x"}
