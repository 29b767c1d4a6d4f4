"""What is written to a typed state is checked, stored as a copy, and survives a reload."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from anchor_session import (
    DetachedError,
    ImmutableError,
    SchemaError,
    UnstorableValueError,
    batch,
    effect,
    history,
    session,
    snapshot,
    subscribe,
    writable,
)
from anchor_session.page.open_states import leave_all
from tests.support import Spy, read, rows, text_at
from tests.typed.kinds import Color, Level

pytestmark = pytest.mark.both


def cart(kind: Any, **options: Any) -> Any:
    return session("s", kind.Cart(lines=[kind.Line(sku="A")]), **options)


def reloaded(kind: Any) -> Any:
    leave_all()
    return cart(kind)


def test_record_is_plain_data_by_field_names(kind: Any, area: Any) -> None:
    state = cart(kind)
    state.lines[0].color = Color.BLUE
    state.at = datetime(2026, 1, 2)
    state.levels.append(Level.HIGH)
    state.pair = (4, Color.BLUE)
    found = read(text_at(area))
    assert found["lines"] == [{"sku": "A", "qty": 1, "price": 1.0, "color": "blue"}]
    assert found["at"] == datetime(2026, 1, 2)
    assert found["levels"] == [2]
    assert found["pair"] == [4, "blue"]
    assert found["place"] == {"street": "", "zip": ""}
    leave_all()
    untyped = session("s")
    assert untyped["lines"][0]["color"] == "blue"


def test_everything_comes_back_after_a_reload(kind: Any) -> None:
    state = cart(kind)
    state.gift = kind.Line(sku="G", qty=3)
    state.gift.price = 2.5
    state.by_sku["x"] = state.lines[0]
    state.by_sku["x"].qty = 7
    state.place = kind.Place(street="S", zip="1")
    state.tags |= {"a", "b"}
    state.colors.add(Color.BLUE)
    state.levels += [Level.LOW]
    state.at = datetime(2026, 1, 2, 3)
    state.paid = Decimal("12.50")
    state.id = UUID(int=7)
    state.photo = b"\x00"
    state.pair = (1, Color.BLUE)
    state.grid.append([1, 2])
    state.grid[0].append(3)
    state.extra["k"] = {"any": [1, {"x": None}]}
    state.extra.k["any"].append(2)
    before = snapshot(state)
    assert before.lines[0].qty == 1
    assert before.grid == [[1, 2, 3]]
    state = reloaded(kind)
    assert snapshot(state) == before
    assert state == before
    assert state.by_sku["x"].qty == 7
    assert state.pair == (1, Color.BLUE)


def test_moments_come_back(kind: Any) -> None:
    state = session("s", kind.Moments())
    state.day = date(2027, 1, 1)
    state.hour = time(9)
    state.length = timedelta(hours=1)
    state.fixed = frozenset({1, 2})
    state.either = "text"
    state.number = 1
    before = snapshot(state)
    leave_all()
    state = session("s", kind.Moments())
    assert snapshot(state) == before
    assert (state.either, state.fixed, state.length) == ("text", {1, 2}, timedelta(hours=1))
    assert type(state.number) is float


def test_what_is_assigned_is_stored_as_a_copy(kind: Any) -> None:
    state = cart(kind)
    line = kind.Line(sku="B")
    state.lines.append(line)
    state.gift = line
    state.lines.append(state.gift)
    line.qty = 50
    state.gift.qty = 5
    assert [one.qty for one in state.lines] == [1, 1, 1]
    assert state.gift.qty == 5


@rows("give", ["instance", "dict", "view"])
def test_nested_model_takes(kind: Any, give: str) -> None:
    state = cart(kind)
    other = session("other", kind.Cart(gift=kind.Line(sku="N", color=Color.BLUE)))
    value = {
        "instance": kind.Line(sku="N", color=Color.BLUE),
        "dict": {"sku": "N", "color": "blue"},
        "view": other.gift,
    }[give]
    expected = kind.Line(sku="N", color=Color.BLUE)
    state.gift = value
    state.lines[0] = value
    state.by_sku["n"] = value
    state.lines[1:] = [value, value]
    assert state.gift == expected
    assert state.lines == [expected] * 3
    assert state.by_sku == {"n": expected}
    assert reloaded(kind).lines == [expected] * 3


BAD: "list[tuple[str, Any]]" = [
    ("$.note", lambda kind, state: setattr(state, "note", 7)),
    ("$.lines", lambda kind, state: setattr(state, "lines", "abc")),
    ("$.lines[0].qty", lambda kind, state: setattr(state.lines[0], "qty", "x")),
    ("$.lines[0].qty", lambda kind, state: setattr(state.lines[0], "qty", 1.5)),
    ("$.lines[1].sku", lambda kind, state: state.lines.append({"sku": None})),
    ("$.lines[1].sku", lambda kind, state: state.lines.append({})),
    ("$.lines[0]", lambda kind, state: state.lines.__setitem__(0, 5)),
    ("$.lines[2].sku", lambda kind, state: state.lines.extend([{"sku": "a"}, {"sku": 3}])),
    ("$.lines[0].color", lambda kind, state: state.lines.insert(0, {"sku": "a", "color": "no"})),
    ("$.lines[1].qty", lambda kind, state: state.lines.append(_wrong(kind))),
    ("$.by_sku.z.color", lambda kind, state: state.by_sku.update(z={"sku": "a", "color": "no"})),
    ("$.by_sku", lambda kind, state: setattr(state, "by_sku", [1])),
    ("$.by_sku.q.qty", lambda kind, state: setattr(state, "by_sku", {"q": _wrong(kind)})),
    ("$.gift", lambda kind, state: setattr(state, "gift", 5)),
    ("$.gift.sku", lambda kind, state: setattr(state, "gift", {"sku": 1})),
    ("$.colors", lambda kind, state: state.colors.add("no")),
    ("$.levels[0]", lambda kind, state: state.levels.append(7)),
    ("$.at", lambda kind, state: setattr(state, "at", "yesterday")),
    ("$.grid[0][1]", lambda kind, state: state.grid.append([1, "x"])),
    ("$.items.a", lambda kind, state: state.items.__setitem__("a", "x")),
    ("$.pair[1]", lambda kind, state: setattr(state, "pair", (1, "no"))),
]


def _wrong(kind: Any) -> Any:
    line = kind.Line(sku="A")
    line.qty = "many"
    return line


@rows(("path", "statement"), BAD)
def test_bad_value_is_refused_and_changes_nothing(
    kind: Any, area: Any, path: str, statement: Any
) -> None:
    state = cart(kind)
    state.grid  # noqa: B018
    text, before = text_at(area), snapshot(state)
    heard: list[Any] = []
    subscribe(state, heard.append)
    with pytest.raises(SchemaError) as caught:
        statement(kind, state)
    assert caught.value.path == path
    assert f"`{path}` does not fit" in str(caught.value)
    assert snapshot(state) == before
    assert text_at(area) == text
    assert not heard


def test_bad_value_in_a_batch_undoes_the_batch(kind: Any, area: Any) -> None:
    state = cart(kind)
    text = text_at(area)
    with pytest.raises(SchemaError), batch():
        state.note = "changed"
        state.lines.append(kind.Line(sku="B"))
        state.lines[0].qty = "x"
    assert text_at(area) == text
    assert state == kind.Cart(lines=[kind.Line(sku="A")])


def test_bad_value_in_a_batch_undoes_other_states_too(kind: Any, area: Any) -> None:
    state = session("s", {"note": ""}, schema=kind.Cart)
    other = session("other", {"n": 1})
    with pytest.raises(SchemaError), batch():
        other.n = 2
        state.note = 7
    assert (other.n, state.note) == (1, "")
    assert text_at(area, "anchor-session://other@1.0.0") == '{"n":1}'


def test_unstorable_value_is_refused_with_its_path(kind: Any) -> None:
    state = cart(kind)
    with pytest.raises(UnstorableValueError) as caught:
        state.extra["x"] = object()
    assert caught.value.path == "$.extra.x"
    with pytest.raises(UnstorableValueError) as caught:
        state.lines.append(object())
    assert caught.value.path == "$.lines[1]"
    with pytest.raises(UnstorableValueError):
        state.extra["line"] = kind.Line(sku="would come back as a map")


def test_instance_of_another_class_is_refused(kind: Any) -> None:
    state = cart(kind)
    with pytest.raises((SchemaError, UnstorableValueError)):
        state.gift = kind.Place()
    assert state.gift is None


def test_frozen_field_raises(kind: Any, area: Any) -> None:
    state = cart(kind)
    text = text_at(area)
    with pytest.raises(ImmutableError, match="street"):
        state.place.street = "x"
    assert text_at(area) == text
    state.place = kind.Place(street="y")
    assert state.place.street == "y"


def test_unknown_attribute_cannot_be_set(kind: Any) -> None:
    state = cart(kind)
    for name in ("colour", "_private", "total", "twice", "more"):
        with pytest.raises(AttributeError):
            setattr(state, name, 1)


def test_field_cannot_be_deleted(kind: Any) -> None:
    state = cart(kind)
    with pytest.raises(AttributeError, match="assign"):
        del state.note


def test_equal_value_writes_nothing(kind: Any) -> None:
    spy = Spy()
    state = cart(kind, area=spy)
    heard: list[Any] = []
    subscribe(state, heard.append)
    spy.calls.clear()
    state.note = ""
    state.gift = None
    state.lines[0] = kind.Line(sku="A")
    state.lines = state.lines
    state.pair = (0, Color.RED)
    state.tags |= set()
    assert not spy.writes
    assert not heard


def test_removed_view_refuses_to_write(kind: Any) -> None:
    state = cart(kind)
    line = state.lines[0]
    removed = state.lines.pop()
    assert type(removed) is kind.Line
    assert line.sku == "A"
    with pytest.raises(DetachedError):
        line.qty = 2


def test_moved_item_keeps_its_view(kind: Any, area: Any) -> None:
    state = cart(kind)
    state.lines = [kind.Line(sku=sku) for sku in "abc"]
    line = state.lines[0]
    state.lines.move(0, -1)
    line.qty = 7
    assert state.lines[2] is line
    assert snapshot(state).lines == [
        kind.Line(sku="b"),
        kind.Line(sku="c"),
        kind.Line(sku="a", qty=7),
    ]
    with pytest.raises(IndexError, match="no item at index 3 of a list of 3 items"):
        state.lines.move(3, 0)


def test_list_has_the_methods_of_lists(kind: Any) -> None:
    state = cart(kind)
    lines = [kind.Line(sku=sku, qty=qty) for sku, qty in [("c", 1), ("a", 3), ("b", 2)]]
    state.lines = lines
    state.lines.sort(key=lambda line: line.qty)
    assert [line.sku for line in state.lines] == ["c", "b", "a"]
    state.lines.reverse()
    assert state.lines.index(kind.Line(sku="b", qty=2)) == 1
    assert state.lines.count(kind.Line(sku="b", qty=2)) == 1
    assert kind.Line(sku="zz") not in state.lines
    state.lines.remove(kind.Line(sku="b", qty=2))
    with pytest.raises(ValueError, match="not in list"):
        state.lines.remove(kind.Line(sku="b", qty=2))
    assert [line.sku for line in reversed(state.lines)] == ["c", "a"]
    assert state.lines.pop(0) == kind.Line(sku="a", qty=3)
    with pytest.raises(IndexError, match="out of range"):
        state.lines.pop(5)
    assert state.lines + [1] == [kind.Line(sku="c"), 1]
    state.lines *= 2
    assert state.lines == [kind.Line(sku="c")] * 2
    del state.lines[0]
    state.lines.clear()
    assert state.lines == []
    state.levels = [Level.HIGH, Level.LOW]
    state.levels.sort()
    assert list(state.levels) == [Level.LOW, Level.HIGH]
    assert state.levels.pop() is Level.HIGH


def test_map_has_the_methods_of_maps(kind: Any) -> None:
    state = cart(kind)
    line = kind.Line(sku="A")
    state.by_sku = {"a": line, "b": line}
    assert list(state.by_sku) == ["a", "b"]
    assert list(reversed(state.by_sku)) == ["b", "a"]
    assert list(state.by_sku.values()) == [line, line]
    assert list(state.by_sku.items()) == [("a", line), ("b", line)]
    assert ("a", line) in state.by_sku.items()
    assert state.by_sku.get("a") is state.by_sku.a
    assert state.by_sku.pop("a") == line
    assert type(state.by_sku.popitem()[1]) is kind.Line
    assert state.by_sku.setdefault("c", line) == line
    assert state.by_sku.copy() == {"c": line}
    assert state.by_sku | {"d": 1} == {"c": line, "d": 1}
    state.by_sku |= {"e": line}
    assert set(state.by_sku.keys()) == {"c", "e"}
    with pytest.raises(KeyError):
        state.by_sku.pop("zz")


def test_set_of_enums_has_the_methods_of_sets(kind: Any) -> None:
    state = cart(kind)
    state.colors = {Color.RED}
    state.colors.add(Color.BLUE)
    assert Color.BLUE in state.colors
    assert set(state.colors) == {Color.RED, Color.BLUE}
    state.colors.discard(Color.RED)
    assert state.colors == {Color.BLUE}
    assert state.colors | {Color.RED} == {Color.RED, Color.BLUE}
    state.colors ^= {Color.RED, Color.BLUE}
    assert state.colors == {Color.RED}
    state.colors.update([Color.BLUE])
    state.colors &= {Color.BLUE}
    assert state.colors.copy() == {Color.BLUE}
    state.colors.remove(Color.BLUE)
    with pytest.raises(KeyError):
        state.colors.remove(Color.BLUE)
    state.colors.add(Color.RED)
    assert state.colors.pop() is Color.RED
    assert reloaded(kind).colors == set()


# -- with the rest of the package ------------------------------------------------------------


def test_effects_follow_what_they_read(kind: Any) -> None:
    state = cart(kind)
    ran: list[Any] = []
    effect(lambda: ran.append(("note", state.note)))
    effect(lambda: ran.append(("total", state.total)))
    effect(lambda: ran.append(("pair", state.pair)))
    ran.clear()
    state.note = "x"
    assert ran == [("note", "x")]
    ran.clear()
    state.lines[0].qty = 3
    assert ran == [("total", 3.0)]
    ran.clear()
    state.lines.append(kind.Line(sku="B"))
    assert ran == [("total", 4.0)]
    ran.clear()
    state.lines[0].color = Color.BLUE
    state.by_sku["a"] = kind.Line(sku="A")
    assert [one for one, _ in ran if one != "total"] == []
    ran.clear()
    state.pair = (9, Color.RED)
    assert ran == [("pair", (9, Color.RED))]


def test_effect_on_a_snapshot_follows_everything(kind: Any) -> None:
    state = cart(kind)
    ran: list[Any] = []
    effect(lambda: ran.append(snapshot(state.lines)))
    effect(lambda: ran.append(state == None))  # noqa: E711
    ran.clear()
    state.lines[0].qty = 3
    assert len(ran) == 2 or ran == [[kind.Line(sku="A", qty=3)]]
    assert [kind.Line(sku="A", qty=3)] in ran


def test_listener_hears_plain_data(kind: Any) -> None:
    state = cart(kind)
    heard: list[Any] = []
    subscribe(state, heard.append)
    state.gift = kind.Line(sku="G", color=Color.BLUE)
    change = heard[0]
    assert (change.op, change.path) == ("set", ("gift",))
    assert change.value == {"sku": "G", "qty": 1, "price": 1.0, "color": "blue"}


def test_history_undoes_and_redoes(kind: Any) -> None:
    state = cart(kind)
    steps = history(state)
    state.lines.append(kind.Line(sku="B"))
    state.lines[1].color = Color.BLUE
    state.gift = {"sku": "G"}
    after = snapshot(state)
    for _ in range(3):
        assert steps.undo()
    assert state == kind.Cart(lines=[kind.Line(sku="A")])
    for _ in range(3):
        assert steps.redo()
    assert snapshot(state) == after
    assert reloaded(kind) == after


def test_immutable_state_refuses_and_its_writable_view_writes(kind: Any) -> None:
    state = cart(kind, immutable=True)
    for statement in (
        lambda: setattr(state, "note", "x"),
        lambda: setattr(state.lines[0], "qty", 3),
        lambda: state.lines.append(kind.Line(sku="B")),
        lambda: state.tags.add("x"),
    ):
        with pytest.raises(ImmutableError):
            statement()
    assert isinstance(state, kind.Cart)
    writable(state).lines[0].qty = 3
    assert state.lines[0].qty == 3
    assert writable(state.lines) == state.lines


def test_shallow_state_reads_containers_as_copies(kind: Any) -> None:
    state = cart(kind, recursive=False)
    line = state.lines[0]
    assert type(line) is kind.Line
    line.qty = 5
    assert state.lines[0].qty == 1
    state.lines = [kind.Line(sku="B", qty=2)]
    assert reloaded(kind).lines[0].qty == 2


def test_failed_write_leaves_the_state_as_it_was(kind: Any) -> None:
    spy = Spy()
    state = cart(kind, area=spy)
    before = snapshot(state)

    def fault(number: int, call: Any) -> None:
        if call[0] == "set":
            raise RuntimeError

    spy.fault = fault
    with pytest.raises(Exception, match="failed"):
        state.lines.append(kind.Line(sku="B"))
    assert snapshot(state) == before
    spy.heal()


def test_untyped_state_takes_a_typed_view_as_plain_data(kind: Any, area: Any) -> None:
    state = cart(kind)
    other = session("other", {})
    other["cart"] = state
    other["lines"] = state.lines
    assert other["lines"] == [{"sku": "A", "qty": 1, "price": 1.0, "color": "red"}]
    assert other["cart"]["place"] == {"street": "", "zip": ""}
    assert json.loads(text_at(area) or "")["note"] == ""
