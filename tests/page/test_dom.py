"""`bind()`, on elements without a page; the real ones are in the tests in a browser."""

import enum
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from anchor_session import (
    Effect,
    QuotaExceededError,
    SchemaError,
    Signal,
    batch,
    bind,
    session,
    snapshot,
    subscribe,
    writable,
)
from anchor_session.testing import MemoryArea
from tests.page.elements import Element, check_box, choose, select, text_input
from tests.support import KEY, read, rows


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


# -- two ways -----------------------------------------------------------------------------------------


def test_input_shows_the_state_and_follows_it() -> None:
    state = session("s", {"name": "Ada"})
    element = text_input()
    bind(element, state, "name")
    assert element.value == "Ada"
    state.name = "Grace"
    assert element.value == "Grace"


def test_what_is_typed_is_stored_at_once(area: Any) -> None:
    element = text_input()
    bind(element, session("s", {"name": ""}), "name")
    element.enter(value="A")
    assert read(area.getItem(KEY)) == {"name": "A"}


def test_typing_writes_nothing_to_the_element() -> None:
    element = text_input()
    bind(element, session("s", {"name": ""}), "name")
    element.enter(value="A")
    element.enter("change", "blur")
    assert element.writes == []


def test_effect_that_changes_what_is_typed_shows_when_the_user_is_done() -> None:
    state = session("s", {"name": ""})
    element = text_input()
    bind(element, state, "name")
    Effect(lambda: state.update(name=state.name.strip()))
    element.enter(value="A ")
    assert (state.name, element.value) == ("A", "A ")
    element.fire("blur")
    assert element.value == "A"


def test_leaving_an_untouched_control_changes_nothing() -> None:
    state = session("s", {"name": None, "count": None, "lines": "a\r\nb"})
    for key, element in {
        "name": text_input(),
        "count": text_input("number"),
        "lines": Element("textarea", value=""),
    }.items():
        bind(element, state, key)
        element.fire("change", "blur")
    assert state == {"name": None, "count": None, "lines": "a\r\nb"}


def test_two_controls_of_one_key_follow_each_other() -> None:
    state = session("s", {"name": ""})
    one, two = text_input(), Element("textarea", value="")
    bind(one, state, "name")
    bind(two, state, "name")
    one.enter(value="x")
    assert two.value == "x"
    two.enter(value="xy")
    assert one.value == "xy"


def test_event_of_choice() -> None:
    state = session("s", {"name": ""})
    element = text_input()
    bind(element, state, "name", event="change")
    element.enter(value="A")
    assert state.name == ""
    element.fire("change")
    assert state.name == "A"


@rows(
    ("text", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("", None),
        ("9007199254740993", 2**53 + 1),
    ],
)
def test_number_is_an_int_or_a_float_or_none(text: str, value: "float | None") -> None:
    state = session("s", {"n": 7})
    element = text_input("number")
    bind(element, state, "n")
    element.enter(value=text)
    assert (type(state.n), state.n) == (type(value), value)


def test_half_typed_number_is_left_alone_and_put_back_in_the_end() -> None:
    state = session("s", {"n": 5})
    element = text_input("number")
    bind(element, state, "n")
    element.enter(value="", bad=True)
    assert state.n == 5
    assert element.value == ""
    element.fire("blur")
    assert element.value == "5"


def test_other_spelling_of_the_number_stays_until_the_user_is_done() -> None:
    state = session("s", {"n": 1})
    element = text_input("number")
    bind(element, state, "n")
    element.enter(value="1e2")
    assert (state.n, element.value) == (100, "1e2")
    element.fire("change")
    assert element.value == "100"


@rows(
    ("value", "text"), [(2.0, "2"), (0.1, "0.1"), (float("nan"), ""), (None, ""), (1e22, "1e+22")]
)
def test_number_is_shown_as_the_browser_writes_it(value: "float | None", text: str) -> None:
    element = text_input("range")
    bind(element, session("s", {"n": value}), "n")
    assert element.value == text


def test_checkbox_is_a_truth_value() -> None:
    state = session("s", {"done": True})
    element = check_box()
    bind(element, state, "done")
    assert element.checked is True
    element.enter("change", checked=False)
    assert state.done is False


@rows("collection", [["a"], {"a"}])
@rows("recursive", [True, False])
def test_checkbox_is_a_member_of_a_collection(collection: Any, recursive: bool) -> None:
    state = session("s", {"tags": collection}, recursive=recursive)
    one, two = check_box("a"), check_box("b")
    bind(one, state, "tags")
    bind(two, state, "tags")
    assert (one.checked, two.checked) == (True, False)
    two.enter("change", checked=True)
    one.enter("change", checked=False)
    assert state.tags == type(collection)(["b"])
    state.tags = type(collection)(["a"])
    assert (one.checked, two.checked) == (True, False)


def test_radio_is_its_value() -> None:
    state = session("s", {"by": "post"})
    post, courier = check_box("post", "radio"), check_box("courier", "radio")
    bind(post, state, "by")
    bind(courier, state, "by")
    assert (post.checked, courier.checked) == (True, False)
    courier.enter("change", checked=True)
    assert state.by == "courier"
    assert post.checked is False


def test_select_is_its_value() -> None:
    state = session("s", {"size": "s"})
    element = select("s", "l")
    bind(element, state, "size")
    assert element.value == "s"
    element.enter("change", value="l")
    assert state.size == "l"


def test_choice_keeps_the_kind_of_the_value() -> None:
    state = session("s", {"quantity": 1})
    element = select("1", "2", "more")
    bind(element, state, "quantity")
    element.enter("change", value="2")
    assert state.quantity == 2
    element.enter("change", value="more")
    assert state.quantity == "more"


@rows("kind", [list, set])
def test_multiple_select_is_its_values(kind: Any) -> None:
    state = session("s", {"sizes": kind("m")})
    element = select("s", "m", "l", multiple=True)
    bind(element, state, "sizes")
    chosen = [element.options.item(number).selected for number in range(3)]
    assert chosen == [False, True, False]
    choose(element, "s", "l")
    assert state.sizes == kind(["s", "l"])
    state.sizes = kind()
    assert not any(element.options.item(number).selected for number in range(3))


@rows(
    ("type", "before", "text", "after"),
    [
        ("date", date(2030, 3, 4), "2030-03-05", date(2030, 3, 5)),
        ("date", None, "2030-03-05", date(2030, 3, 5)),
        ("date", "2030-03-04", "2030-03-05", "2030-03-05"),
        ("date", date(2030, 3, 4), "", None),
        ("date", "2030-03-04", "", ""),
        ("time", time(9, 30), "10:45", time(10, 45)),
        ("time", None, "10:45:30", time(10, 45, 30)),
        ("datetime-local", None, "2030-03-04T10:45", datetime(2030, 3, 4, 10, 45)),
        (
            "datetime-local",
            datetime(2030, 3, 4, 9, 0, tzinfo=timezone(timedelta(hours=2))),
            "2030-03-04T10:45",
            datetime(2030, 3, 4, 10, 45, tzinfo=timezone(timedelta(hours=2))),
        ),
    ],
)
def test_moment_is_of_the_kind_that_the_state_holds(
    type: str, before: Any, text: str, after: Any
) -> None:
    state = session("s", {"at": before})
    element = text_input(type)
    bind(element, state, "at")
    element.enter(value=text)
    assert state.at == after


@rows(
    ("type", "value", "text"),
    [
        ("date", date(2030, 3, 4), "2030-03-04"),
        ("time", time(9, 5), "09:05"),
        ("time", time(9, 5, 1), "09:05:01"),
        ("time", time(9, 5, 1, 2500), "09:05:01.002"),
        ("datetime-local", datetime(2030, 3, 4, 9, 5, tzinfo=timezone.utc), "2030-03-04T09:05"),  # noqa: UP017
    ],
)
def test_moment_is_shown_as_its_control_writes_it(type: str, value: Any, text: str) -> None:
    element = text_input(type)
    bind(element, session("s", {"at": value}), "at")
    assert element.value == text


def test_half_typed_date_is_left_alone_though_it_changes() -> None:
    state = session("s", {"at": date(2030, 3, 4)})
    element = text_input("date")
    bind(element, state, "at")
    element.enter("input", "change", value="", bad=True)
    assert (state.at, element.value) == (date(2030, 3, 4), "")
    element.fire("blur")
    assert element.value == "2030-03-04"


def test_editable_element_is_its_text() -> None:
    state = session("s", {"note": "a"})
    element = Element("div", contentEditable="true", innerText="")
    bind(element, state, "note")
    assert element.innerText == "a"
    element.enter(innerText="a\nb")
    assert state.note == "a\nb"
    element.enter(innerText="\n")
    assert state.note == ""


def test_nothing_is_assigned_while_an_input_method_composes() -> None:
    state = session("s", {"name": ""})
    heard: list[Any] = []
    element = text_input()
    bind(element, state, "name")
    subscribe(state, heard.append)
    element.enter("compositionstart", "input", value="に")
    element.enter("input", value="にほ")
    assert heard == []
    element.enter("input", "compositionend", value="日本")
    assert [change.value for change in heard] == ["日本"]


def test_nothing_is_shown_while_an_input_method_composes() -> None:
    state = session("s", {"name": ""})
    element = text_input()
    bind(element, state, "name")
    element.enter("compositionstart", value="に")
    state.name = "else"
    assert element.value == "に"
    element.enter("compositionend", value="日")
    assert state.name == "日"


# -- what may be refused --------------------------------------------------------------------------------


def test_refused_assignment_puts_the_element_back_and_raises() -> None:
    state = session("s", {"name": "old"}, area=MemoryArea(quota=120))
    element = text_input()
    bind(element, state, "name")
    with pytest.raises(QuotaExceededError):
        element.enter(value="x" * 200)
    assert (state.name, element.value) == ("old", "old")
    element.enter(value="new")
    assert state.name == "new"


# -- one way --------------------------------------------------------------------------------------------


@rows(
    ("value", "text"),
    [("a", "a"), (None, ""), (1.5, "1.5"), (date(2030, 3, 4), "2030-03-04"), ([1], "[1]")],
)
def test_other_elements_show_text(value: Any, text: str) -> None:
    state = session("s", {"x": value})
    element = Element()
    bind(element, state, "x")
    assert element.textContent == text
    assert element.listeners == {}


def test_equal_text_is_not_written_again() -> None:
    state = session("s", {"x": 1})
    element = Element(textContent="1")
    bind(element, state, "x")
    state.x = "1"
    assert element.writes == []


def test_property_is_of_its_own_kind() -> None:
    state = session("s", {"lines": [], "n": 3, "title": None})
    element = Element(title="")
    bind(element, state, "lines", prop="hidden")
    bind(element, state, "n", prop="tabIndex")
    bind(element, state, "title", prop="title")
    assert (element.hidden, element.tabIndex, element.title) == (False, 3, "")
    state.lines.append(1)
    assert element.hidden is True


@rows(
    ("name", "value", "attribute"),
    [
        ("data-x", "a", "a"),
        ("data-x", 1, "1"),
        ("data-x", True, ""),
        ("data-x", False, None),
        ("data-x", None, None),
        ("aria-label", "a", "a"),
        ("aria-pressed", True, "true"),
        ("aria-pressed", False, "false"),
        ("aria-label", None, None),
        ("disabled", True, ""),
        ("class", "a b", "a b"),
    ],
)
def test_attribute(name: str, value: Any, attribute: "str | None") -> None:
    state = session("s", {"x": "before"})
    element = Element()
    bind(element, state, "x", prop=name)
    state.x = value
    assert element.attributes.get(name) == attribute


def test_other_property_of_a_control_is_one_way() -> None:
    state = session("s", {"locked": True})
    element = text_input(disabled=False)
    bind(element, state, "locked", prop="disabled")
    assert element.disabled is True
    assert element.listeners == {}


def test_own_property_of_a_control_is_two_ways() -> None:
    state = session("s", {"done": False})
    element = check_box()
    bind(element, state, "done", prop="checked")
    element.enter("change", checked=True)
    assert state.done is True


def test_button_shows_its_label() -> None:
    element = text_input("submit")
    bind(element, session("s", {"label": "Go"}), "label", prop="value")
    assert element.value == "Go"
    assert element.listeners == {}


def test_immutable_state_is_bound_one_way() -> None:
    state = session("s", {"name": "a"}, immutable=True)
    element = text_input()
    bind(element, state, "name")
    assert element.listeners == {}
    writable(state).name = "b"
    assert element.value == "b"


# -- parts of states ------------------------------------------------------------------------------------


def test_item_of_a_list() -> None:
    state = session("s", {"lines": ["a", "b"]})
    element = text_input()
    bind(element, state.lines, 1)
    element.enter(value="c")
    assert state.lines == ["a", "c"]


def test_index_stays_and_a_part_of_an_item_goes_with_it() -> None:
    state = session("s", {"tags": ["a", "b"], "lines": [{"qty": 1}, {"qty": 2}]})
    tag, qty = text_input(), text_input()
    bind(tag, state.tags, 0)
    bind(qty, state.lines[0], "qty")
    state.tags.move(0, 1)
    state.lines.move(0, 1)
    qty.enter(value="7")
    assert (tag.value, qty.value, snapshot(state.lines)) == ("b", "7", [{"qty": 2}, {"qty": "7"}])


def test_key_that_goes_is_shown_as_nothing() -> None:
    state = session("s", {"name": "a"})
    element = text_input()
    bind(element, state, "name")
    del state.name
    assert element.value == ""
    element.enter(value="b")
    assert state == {"name": "b"}


def test_batch_shows_once() -> None:
    state = session("s", {"name": "a"})
    element = Element()
    bind(element, state, "name")
    element.writes.clear()
    with batch():
        state.name = "b"
        state.name = "c"
    assert element.writes == [("textContent", "c")]


class Typed:
    """Stands for a typed state: fields are attributes."""

    cell: Signal

    def __init__(self) -> None:
        self.__dict__["cell"] = Signal(Size.SMALL)

    def __anchor_plain__(self) -> Any:
        return {"size": self.size}

    @property
    def size(self) -> Any:
        return self.cell.get()

    @size.setter
    def size(self, value: Any) -> None:
        self.cell.set(value)


def test_field_of_a_typed_state_and_an_enum() -> None:
    state = Typed()
    element = select("s", "l")
    bind(element, state, "size")
    assert element.value == "s"
    element.enter("change", value="l")
    assert state.size is Size.LARGE
    with pytest.raises(KeyError, match="colour"):
        bind(element, state, "colour")


@dataclass
class Parcel:
    size: Size = Size.SMALL
    day: "date | None" = None
    tags: "list[str]" = field(default_factory=list)
    weight: int = 1


def test_typed_state_and_what_its_class_refuses() -> None:
    state = session("s", Parcel())
    size, day, tag, weight = (
        select("s", "l"),
        text_input("date"),
        check_box("a"),
        text_input("number"),
    )
    for element, key in ((size, "size"), (day, "day"), (tag, "tags"), (weight, "weight")):
        bind(element, state, key)
    size.enter("change", value="l")
    day.enter(value="2030-03-04")
    tag.enter("change", checked=True)
    assert snapshot(state) == Parcel(Size.LARGE, date(2030, 3, 4), ["a"])
    with pytest.raises(SchemaError):
        weight.enter(value="1.5")
    assert (state.weight, weight.value) == (1, "1")


# -- the end --------------------------------------------------------------------------------------------

KINDS: "list[Any]" = [
    lambda: (text_input(), "name"),
    lambda: (text_input("number"), "name"),
    lambda: (text_input("date"), "name"),
    lambda: (check_box(), "name"),
    lambda: (check_box("a", "radio"), "name"),
    lambda: (select("a"), "name"),
    lambda: (select("a", multiple=True), "name"),
    lambda: (Element("textarea", value=""), "name"),
    lambda: (Element("div", contentEditable="true", innerText=""), "name"),
]


@rows("make", KINDS)
def test_unbind_leaves_nothing(make: Any) -> None:
    state = session("s", {"name": ""})
    element, key = make()
    unbind = bind(element, state, key)
    assert element.listeners
    unbind()
    unbind()
    assert element.listeners == {}
    element.writes.clear()
    state.name = "b"
    assert element.writes == []


def test_binding_made_in_an_effect_ends_with_it() -> None:
    state = session("s", {"name": "a", "which": 0})
    elements = [text_input(), text_input()]

    def attach() -> None:
        bind(elements[state.which], state, "name")

    outer = Effect(attach)
    state.name = "b"
    state.which = 1
    assert elements[0].listeners == {}
    state.name = "c"
    assert [element.value for element in elements] == ["b", "c"]
    outer.stop()
    assert elements[1].listeners == {}


# -- bad input ------------------------------------------------------------------------------------------


def test_page_that_refuses_what_is_shown_is_told_of_no_effect_of_the_users() -> None:
    class Refusing(Element):
        def setAttribute(self, name: str, value: str) -> None:
            self.attributes[name] = {"A": value}[value]

    state = session("s", {"name": "A"})
    bind(Refusing("b"), state, "name", prop="aria-label")
    with pytest.raises(KeyError) as caught:
        state.name = "B"
    assert not hasattr(caught.value, "__notes__")


def test_missing_element() -> None:
    with pytest.raises(TypeError, match="got no element"):
        bind(None, session("s", {"name": ""}), "name")


@rows("given", ["#name", 1, object()])
def test_what_is_no_element(given: Any) -> None:
    with pytest.raises(TypeError, match="for pages only"):
        bind(given, session("s", {"name": ""}), "name")


def test_missing_key_names_key_and_state() -> None:
    state = session("s", {"name": "", "lines": [], "at": {"name": ""}})
    where = "the state `s` (session) has no key 'nam' at `$.at`; near it: 'name'"
    with pytest.raises(KeyError, match=re.escape(where)):
        bind(text_input(), state.at, "nam")
    for key in (0, "x"):
        with pytest.raises(KeyError, match="ListView"):
            bind(text_input(), state.lines, key)


def test_what_is_no_state() -> None:
    state = session("s", {"tags": {"a"}})
    for given in ({"name": ""}, Signal(1), state.tags):
        with pytest.raises(TypeError, match="takes a state"):
            bind(text_input(), given, "name")


def test_file_input_is_refused() -> None:
    with pytest.raises(TypeError, match="file input"):
        bind(text_input("file"), session("s", {"name": ""}), "name")


def test_event_without_a_way_back_is_refused() -> None:
    with pytest.raises(ValueError, match="one way"):
        bind(Element(), session("s", {"name": ""}), "name", event="input")


@rows("prop", ["class:", "class:a b"])
def test_malformed_class_is_refused(prop: str) -> None:
    with pytest.raises(ValueError, match="class:done"):
        bind(Element(), session("s", {"name": ""}), "name", prop=prop)
