"""A `State` that is kept: what lies in the area, and what comes back."""

import asyncio
import gc
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from anchor_session import (
    QuotaExceededError,
    StorageError,
    StorageUnavailableWarning,
    StorageWarning,
    batch,
    effect,
    restored,
    session,
)
from anchor_session.host.memory import MemoryHost
from anchor_session.page import open_states
from anchor_session.page.open_states import leave_all
from anchor_session.state import Persistence, State
from anchor_session.testing import MemoryArea, use_host
from tests.support import entries, read, rows, text_at, typed

pytestmark = pytest.mark.both


def initial() -> "dict[str, Any]":
    return {"count": 0, "name": "a", "map": {"x": 1}}


def kept(name: Any = "k", init: "Callable[[], Any]" = initial, **options: Any) -> "State[Any]":
    return State(init, persistence=Persistence(name, **options))


def again(name: Any = "k", init: "Callable[[], Any]" = initial, **options: Any) -> "State[Any]":
    """What a reload makes of it."""
    leave_all()
    return kept(name, init, **options)


# -- what is stored -----------------------------------------------------------------------------------


def test_name_is_the_key_itself(area: Any) -> None:
    kept("my-key")
    assert read(text_at(area, "my-key")) == initial()
    assert entries(area).keys() == {"my-key"}


NAMES = [
    (["app", "cart"], "app/cart"),
    (("app", "cart"), "app/cart"),
    ("app/cart", "app/cart"),
    (["", "0", "app"], "/0/app"),
    (["app", ""], "app/"),
    (["", ""], "/"),
    (["app"], "app"),
]


@rows(("name", "key"), NAMES)
def test_names_are_joined(area: Any, name: Any, key: str) -> None:
    kept(name).set({"count": 1})
    assert entries(area).keys() == {key}
    assert again(name).get()["count"] == 1


WRITES: "dict[str, Callable[[State[Any]], object]]" = {
    "set": lambda state: state.set({"count": 1}),
    "function": lambda state: state.set(lambda now: {"count": now["count"] + 1}),
    "signal": lambda state: state.key("count").set(1),
    "map": lambda state: state.set({"map": {"y": 2}}),
}


@rows("write", WRITES)
def test_change_is_stored_before_the_next_statement(area: Any, write: Any) -> None:
    state = kept()
    write(state)
    assert read(text_at(area, "k")) == state.get() != initial()
    assert again().get() == read(text_at(area, "k"))


def test_reset_is_stored(area: Any) -> None:
    state = kept()
    state.set({"count": 1})
    state.reset()
    assert read(text_at(area, "k")) == initial()


def test_silent_set_is_stored_with_the_next_change(area: Any) -> None:
    state = kept()
    state.set({"count": 1}, sync=False)
    assert read(text_at(area, "k")) == initial()
    state.set({"name": "b"})
    assert read(text_at(area, "k")) == {"count": 1, "name": "b", "map": {"x": 1}}


def test_change_is_stored_before_anybody_hears_of_it(area: Any) -> None:
    found: list[Any] = []
    state = kept()
    state.on(lambda now: found.append(read(text_at(area, "k")) == now))
    state.set({"count": 1})
    assert found == [True]


VALUES = {
    "moments": [datetime(2026, 11, 21, 9, 30, tzinfo=UTC), date(2026, 11, 21), timedelta(-1, 2, 3)],
    "sets": {"s": {"a", "b"}, "f": frozenset({1, 2.0})},
    "maps": {"a": {"b": {"c": {"$anchor": "set", "value": []}}}},
    "numbers": [2**70, 1.0, 1, True, Decimal("1.50")],
    "others": {"bytes": b"\x00\xff", "uuid": UUID(int=7), "text": "ä\u2028\ud800"},
}


def test_values_come_back_equal_and_with_their_types() -> None:
    kept(init=lambda: dict.fromkeys(VALUES)).set(VALUES)
    assert typed(again(init=lambda: dict.fromkeys(VALUES)).get()) == typed(VALUES)


def test_no_change_writes_nothing(area: Any) -> None:
    state = kept()
    area.setItem("k", "not what was written")
    state.set(initial())
    state.set({})
    assert text_at(area, "k") == "not what was written"


# -- what comes back ----------------------------------------------------------------------------------


def test_keys_that_are_new_start_with_initial(area: Any) -> None:
    area.setItem("k", '{"count":5}')
    state = kept()
    assert state.get() == initial() | {"count": 5}


def test_keys_that_are_unknown_stay_in_the_record(area: Any) -> None:
    area.setItem("k", '{"count":5,"newer":[1]}')
    state = kept()
    state.set({"count": 6})
    assert (state.keys, "newer" in state.get()) == (list(initial()), False)
    assert read(text_at(area, "k"))["newer"] == [1]


def test_reset_removes_keys_that_are_unknown(area: Any) -> None:
    area.setItem("k", '{"count":5,"newer":[1]}')
    kept().reset()
    assert read(text_at(area, "k")) == initial()


@dataclass
class Cart:
    lines: list[str] = field(default_factory=list)
    day: date | None = None


def test_state_of_a_class_comes_back(area: Any) -> None:
    kept(init=Cart).set({"lines": ["a"], "day": date(2026, 11, 21)})
    assert again(init=Cart).get() == Cart(["a"], date(2026, 11, 21))


def test_reset_of_a_class_removes_keys_that_are_unknown(area: Any) -> None:
    area.setItem("k", '{"lines":["a"],"newer":[1]}')
    state = kept(init=Cart)
    state.set({"lines": ["b"]})
    assert read(text_at(area, "k"))["newer"] == [1]
    state.reset()
    assert read(text_at(area, "k")) == {"lines": [], "day": None}


def test_record_that_does_not_fit_the_class_is_moved_aside(area: Any) -> None:
    area.setItem("k", '{"lines":5}')
    with pytest.warns(StorageWarning, match="k#rejected"):
        state = kept(init=Cart)
    assert state.get() == Cart()
    assert text_at(area, "k#rejected") == '{"lines":5}'


HOSTILE = {
    "no_json": "{count",
    "list": "[1]",
    "null": "null",
    "number": "1",
    "empty": "",
    "deep": '{"count":' + "[" * 5000 + "]" * 5000 + "}",
    "nan": '{"count":NaN}',
    "twice": '{"count":1}{"count":2}',
    "spaces": " ",
}


@rows("text", HOSTILE)
def test_text_that_cannot_be_read_is_moved_aside(area: Any, text: str) -> None:
    area.setItem("k", text)
    with pytest.warns(StorageWarning, match="k#rejected"):
        state = kept()
    assert state.get() == initial()
    assert text_at(area, "k#rejected") == text
    assert restored(state).rejected == text
    state.set({"count": 3})
    assert again().get()["count"] == 3


def test_text_may_name_methods_and_tags_that_mean_nothing(area: Any) -> None:
    text = '{"count":{"$anchor":"os.system","value":"ls"},"__class__":1,"get":2,"_view":3}'
    area.setItem("k", text)
    assert kept().get()["count"] == {"$anchor": "os.system", "value": "ls"}


def raises(data: "dict[str, Any]") -> bool:
    return bool(1 / 0)


def spoils(data: "dict[str, Any]") -> bool:
    data.clear()
    return True


@rows("validate", [lambda data: False, lambda data: None, raises])
def test_record_that_validate_refuses_is_moved_aside(area: Any, validate: Any) -> None:
    area.setItem("k", '{"count": 5}')
    with pytest.warns(StorageWarning, match="k#rejected"):
        state = kept(validate=validate)
    assert state.get() == initial()
    assert text_at(area, "k#rejected") == '{"count": 5}'
    assert restored(state).rejected == '{"count": 5}'
    assert read(text_at(area, "k")) == initial()


def test_journal_that_validate_refuses_is_moved_aside_whole(area: Any) -> None:
    state = kept(init=lambda: {"text": "", "n": 0})
    state.set({"text": "x" * 9000})
    state.set({"n": 1})
    with pytest.warns(StorageWarning, match="k#rejected"):
        state = again(init=lambda: {"text": "", "n": 0}, validate=lambda data: data["n"] == 0)
    assert json.loads(text_at(area, "k#rejected") or "")["n"] == 1
    assert state.get() == {"text": "", "n": 0}
    assert again(init=lambda: {"text": "", "n": 0}).get() == {"text": "", "n": 0}


def test_validate_sees_what_is_stored_and_nothing_else(area: Any) -> None:
    found: list[Any] = []
    area.setItem("k", '{"count":5,"more":1}')
    kept(validate=lambda data: [found.append(data)])  # type: ignore[func-returns-value]
    assert found == [{"count": 5, "more": 1}]


def test_validate_is_not_asked_where_nothing_is_stored() -> None:
    assert kept(validate=raises).get() == initial()


def test_validate_that_changes_its_argument_changes_nothing(area: Any) -> None:
    area.setItem("k", '{"count":5}')
    assert kept(validate=spoils).get()["count"] == 5


def test_validate_belongs_to_no_effect(area: Any) -> None:
    area.setItem("k", '{"count":5}')
    runs: list[Any] = []
    other = kept("other")

    def run() -> None:
        runs.append(1)
        again_or_same = State(
            initial,
            persistence=Persistence("k", validate=lambda data: other.get() is not None),
        )
        again_or_same.key("name")

    effect(run)
    other.set({"count": 1})
    assert runs == [1]


# -- names and options --------------------------------------------------------------------------------


BAD_OPTIONS: "dict[str, tuple[Callable[[], Persistence], type[Exception], str]]" = {
    "empty_name": (lambda: Persistence(""), ValueError, "name"),
    "no_names": (lambda: Persistence([]), ValueError, "name"),
    "empty_names": (lambda: Persistence([""]), ValueError, "name"),
    "options": (lambda: Persistence({"name": "a"}), TypeError, "text or a list of text"),  # type: ignore[arg-type]
    "options_behind": (lambda: Persistence("a", {"interval": 1}), TypeError, "positional"),  # type: ignore[call-arg, arg-type]
    "option_of_javascript": (lambda: Persistence("a", syncTabs=True), TypeError, "syncTabs"),  # type: ignore[call-arg]
    "number": (lambda: Persistence(1), TypeError, "name"),  # type: ignore[arg-type]
    "nothing": (lambda: Persistence(None), TypeError, "name"),  # type: ignore[arg-type]
    "numbers": (lambda: Persistence(["a", 1]), TypeError, "name"),  # type: ignore[list-item]
    "validate": (lambda: Persistence("a", validate=1), TypeError, "validate"),  # type: ignore[arg-type]
    "area": (lambda: Persistence("a", area="disk"), ValueError, "disk"),
}


@rows(("make", "error", "words"), BAD_OPTIONS)
def test_persistence_is_refused(make: Any, error: "type[Exception]", words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_persistence_represents_itself() -> None:
    assert repr(Persistence(["a", "b"])) == "Persistence('a/b', area='session')"


def test_local_state_lies_in_local_storage(areas: "dict[str, Any]") -> None:
    kept(area="local").set({"count": 1})
    assert read(text_at(areas["local"], "k"))["count"] == 1
    assert entries(areas["session"]) == {}


def test_area_may_be_an_object() -> None:
    own = MemoryArea()
    kept(area=own).set({"count": 1})
    assert read(own.getItem("k"))["count"] == 1


def test_two_states_of_one_name_are_one(area: Any) -> None:
    found: list[Any] = []
    one, two = kept(), kept()
    two.on(found.append)
    one.set({"count": 1})
    assert found == [two.get()] == [initial() | {"count": 1}]


def test_second_state_brings_keys_of_its_own(area: Any) -> None:
    kept().set({"count": 1})
    two = kept(init=lambda: {"count": 7, "extra": "e"})
    assert two.get() == {"count": 1, "extra": "e"}
    assert read(text_at(area, "k"))["extra"] == "e"


@rows("options", [{"interval": 1}, {"sync_tabs": True}])
def test_name_that_is_open_with_other_options_raises(options: Any) -> None:
    kept()
    with pytest.raises(ValueError, match="`k` is open"):
        kept(**options)


def test_name_that_is_open_with_another_class_raises() -> None:
    kept()
    with pytest.raises(ValueError, match="`k` is open"):
        kept(init=Cart)


def test_key_that_is_open_by_session_raises() -> None:
    session("cart")
    with pytest.raises(ValueError, match="is open"):
        kept("anchor-session://cart@1.0.0")


def test_open_data_that_a_second_validate_refuses_raises() -> None:
    state = kept()
    with pytest.raises(ValueError, match="validate"):
        kept(validate=lambda data: False)
    asyncio.run(state.dispose())
    assert open_states._pages == {}


# -- what fails ---------------------------------------------------------------------------------------


@rows("write", WRITES)
def test_full_area_raises_and_nothing_changes(write: Any) -> None:
    found: list[Any] = []
    own = MemoryArea()
    state = kept(area=own)
    state.on(found.append)
    own.quota = 0
    before = own.getItem("k")
    with pytest.raises(QuotaExceededError):
        write(state)
    assert (state.get(), own.getItem("k"), found) == (initial(), before, [])
    own.quota = None
    write(state)
    assert read(own.getItem("k")) == state.get() != initial()


def test_silent_set_outlives_a_write_that_fails() -> None:
    own = MemoryArea()
    state = kept(area=own)
    state.set({"count": 1}, sync=False)
    own.quota = 0
    with pytest.raises(QuotaExceededError):
        state.set({"name": "b"})
    assert state.get() == initial() | {"count": 1}
    own.quota = None
    state.set({"name": "b"})
    assert read(own.getItem("k")) == initial() | {"count": 1, "name": "b"}


def test_batch_over_a_state_and_another_is_undone_whole(area: Any) -> None:
    own = MemoryArea()
    state, other = kept(), kept("other", area=own)
    own.quota = 0
    with pytest.raises(QuotaExceededError), batch():
        state.set({"count": 1})
        other.set({"count": 1})
    assert state.get() == other.get() == read(text_at(area, "k")) == initial()


def test_blocked_storage_is_replaced_by_memory_with_a_warning() -> None:
    with (
        use_host(MemoryHost(why="storage is blocked")),
        warnings.catch_warnings(record=True) as said,
    ):
        warnings.simplefilter("always")
        state = kept()
        state.set({"count": 1})
        leave_all()
    assert [each.category for each in said] == [StorageUnavailableWarning]
    assert restored_outcome(state) == "memory"


def restored_outcome(state: "State[Any]") -> str:
    return restored(state).outcome


def test_area_that_fails_while_it_is_opened_raises() -> None:
    own = MemoryArea()
    own.is_blocked = True
    state = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            state = kept(area=own)
    except StorageError:
        pass
    assert state is None or restored(state).outcome == "memory"


# -- the end ------------------------------------------------------------------------------------------


def test_disposed_state_stores_nothing_and_its_record_stays(area: Any) -> None:
    state = kept()
    state.set({"count": 1})
    asyncio.run(state.dispose())
    state.set({"count": 2})
    state.reset()
    assert again().get()["count"] == 1


def test_dispose_leaves_nothing_open() -> None:
    state = kept()
    asyncio.run(state.dispose())
    assert open_states._pages == {}


def test_other_state_of_the_name_goes_on(area: Any) -> None:
    found: list[Any] = []
    one, two = kept(), kept()
    two.on(found.append)
    asyncio.run(one.dispose())
    one.set({"count": 9})
    two.set({"count": 1})
    assert read(text_at(area, "k"))["count"] == 1
    assert [each["count"] for each in found] == [1]


def test_disposed_state_is_collected() -> None:
    import weakref

    state = State(initial, persistence=Persistence("k"))
    state.on(print)
    watched = weakref.ref(state)
    asyncio.run(state.dispose())
    del state
    gc.collect()
    assert watched() is None


# -- keys are fixed, whatever others store ------------------------------------------------------------


def test_list_of_deleted_names_takes_no_key_away(area: Any) -> None:
    area.setItem("k", '{"name":"b"}')
    area.setItem("k#deleted", '["count"]')
    assert kept().get() == initial() | {"name": "b"}


def test_reset_leaves_the_keys_of_another_state_of_the_name(area: Any) -> None:
    one, two = kept(), kept(init=lambda: initial() | {"more": 0})
    two.set({"more": 1})
    one.reset()
    assert two.get()["more"] == read(text_at(area, "k"))["more"] == 1


def test_second_state_in_a_full_area_has_its_keys_in_memory() -> None:
    area = MemoryArea()
    one = kept(area=area)
    area.quota = 0
    with pytest.warns(StorageWarning, match="the state `k`"):
        two = kept(init=lambda: initial() | {"more": 0, "most": 0}, area=area)
    assert read(area.getItem("k")) == initial() == one.get()
    assert two.get() == initial() | {"more": 0, "most": 0}
    asyncio.run(one.dispose())
    asyncio.run(two.dispose())
    assert open_states._pages == {}
