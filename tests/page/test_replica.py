"""All tabs make the same state of the same changes, in whatever order they hear of them."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session.codec import decode, encode
from anchor_session.page.shared.replica.changes import parse
from anchor_session.page.shared.replica.replica import Replica
from anchor_session.reactive.map_view import MapView
from anchor_session.reactive.patch import adopt_foreign_steps
from anchor_session.reactive.plain import copy_plain
from anchor_session.reactive.transaction import batch
from anchor_session.reactive.view import Root, View
from tests.support import rows

Entry = tuple[str, str]


class Peer:
    """A state whose changes become entries, and that takes those of others."""

    clock = 0

    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self.name = name
        self.replica = Replica()
        self.start(data)
        self.sent: list[Entry] = []

    def start(self, data: dict[str, Any]) -> None:
        root = Root()
        self.view = root.view = MapView(copy_plain(data), root)
        root.writer = self.write

    def write(self, steps: Any) -> Any:
        Peer.clock += 1
        stamp = f"{max(int(self.replica.newest[:8] or '0', 16) + 1, Peer.clock):08x}{self.name}"
        changes = self.replica.note(steps, stamp)
        self.sent.append((stamp, f"[{','.join([text for _, text in changes.values()])}]"))
        return lambda: None

    def hear(self, entry: Entry) -> None:
        stamp, text = entry
        changes = [parse(change) for change in decode(text, 300)]
        replica, data = self.replica, self.view._data
        assert adopt_foreign_steps(
            self.view, lambda emit: replica.apply(data, [(stamp, changes)], emit)
        )

    def again(self) -> "Peer":
        """A fresh tab that opens what this one would store."""
        data = self.view._data
        other = Peer("z", decode(encode(data)))
        other.replica = Replica.load(decode(encode(self.replica.dump(data, ""))), data)
        return other


def peers(data: dict[str, Any], number: int = 2) -> list[Peer]:
    return [Peer("abcdef"[each], data) for each in range(number)]


def exchange(some: list[Peer]) -> None:
    for one in some:
        for other in some:
            if other is not one:
                for entry in one.sent:
                    other.hear(entry)


def test_different_keys_are_both_kept() -> None:
    one, two = peers({})
    one.view["a"] = 1
    two.view["b"] = 2
    exchange([one, two])
    assert one.view == two.view == {"a": 1, "b": 2}


def test_of_one_key_the_last_change_wins() -> None:
    one, two = peers({})
    one.view["a"] = 1
    two.view["a"] = 2
    exchange([one, two])
    assert one.view == two.view == {"a": 2}


def test_both_appended_items_are_kept() -> None:
    one, two = peers({"l": [1]})
    one.view["l"].append(2)
    two.view["l"].append(3)
    exchange([one, two])
    assert one.view == two.view == {"l": [1, 2, 3]}


def test_item_is_found_where_it_has_moved() -> None:
    one, two = peers({"l": [{"n": 1}, {"n": 2}, {"n": 3}]})
    del one.view["l"][0]
    two.view["l"][2]["n"] = 30
    exchange([one, two])
    assert one.view == two.view == {"l": [{"n": 2}, {"n": 30}]}


def test_item_that_was_changed_while_its_list_was_sorted_keeps_the_change() -> None:
    one, two = peers({"l": [{"n": 3}, {"n": 1}, {"n": 2}]})
    one.view["l"].sort(key=lambda item: item["n"])
    two.view["l"][0]["n"] = 30
    exchange([one, two])
    assert one.view == two.view == {"l": [{"n": 1}, {"n": 2}, {"n": 30}]}


def test_change_inside_a_map_that_was_replaced_later_is_gone() -> None:
    one, two = peers({"m": {"a": 1}})
    one.view["m"]["a"] = 2
    two.view["m"] = {"b": 1}
    exchange([one, two])
    assert one.view == two.view == {"m": {"b": 1}}


def test_change_inside_a_map_that_was_replaced_before_is_kept() -> None:
    one, two = peers({"m": {"a": 1}})
    two.view["m"] = {"b": 1}
    one.view["m"]["a"] = 2
    exchange([one, two])
    assert one.view == two.view == {"m": {"b": 1, "a": 2}}


def test_item_appended_to_a_list_that_was_replaced_before_is_kept() -> None:
    one, two = peers({"l": [1, 2]})
    two.view["l"] = [9]
    one.view["l"].append(3)
    exchange([one, two])
    assert one.view == two.view == {"l": [9, 3]}


def test_item_of_a_replaced_list_is_not_mistaken_for_one_of_the_new() -> None:
    one, two = peers({"l": [{"n": 1}, {"n": 2}]})
    two.view["l"] = [{"n": 8}, {"n": 9}]
    one.view["l"][1]["n"] = 20
    exchange([one, two])
    assert one.view == two.view == {"l": [{"n": 8}, {"n": 9}]}


def test_deleted_item_that_another_tab_sets_later_comes_back() -> None:
    one, two = peers({"l": [1, 2, 3]})
    del one.view["l"][1]
    two.view["l"][1] = 20
    exchange([one, two])
    assert one.view == two.view == {"l": [1, 20, 3]}


def test_deleted_item_comes_back_in_a_tab_that_heard_of_its_list_last() -> None:
    one, two, three = peers({}, 3)
    one.view["l"] = [1, 2, 3]
    two.hear(one.sent[0])
    del one.view["l"][1]
    two.view["l"][1] = 20
    for entry in (one.sent[1], one.sent[0], two.sent[0]):
        three.hear(entry)
    assert three.view == {"l": [1, 20, 3]}


def test_list_that_is_gone_is_not_stored_with_the_state() -> None:
    one, two = peers({"m": {}})
    one.view["m"] = 3
    two.view["m"]["l"] = [1]
    two.view["m"]["l"][0] = 5
    two.hear(one.sent[0])
    assert two.again().view == {"m": 3}


def test_members_added_and_discarded_in_two_tabs() -> None:
    one, two = peers({"s": {1, 2}})
    one.view["s"].add(3)
    two.view["s"].discard(1)
    exchange([one, two])
    assert one.view == two.view == {"s": {2, 3}}


def test_change_heard_before_the_container_it_was_made_in() -> None:
    one, two = peers({})
    one.view["m"] = {"a": {}}
    one.view["m"]["a"]["x"] = 1
    one.view["l"] = []
    one.view["l"].append({"n": 1})
    one.view["l"][0]["n"] = 2
    for entry in reversed(one.sent):
        two.hear(entry)
    assert two.view == one.view == {"m": {"a": {"x": 1}}, "l": [{"n": 2}]}


def test_entry_heard_twice_changes_nothing() -> None:
    one, two = peers({"l": [1]})
    one.view["l"].append(2)
    two.hear(one.sent[0])
    two.view["l"].clear()
    two.hear(one.sent[0])
    assert two.view == {"l": []}


def test_items_at_one_place_leave_room_between() -> None:
    one, two = peers({"l": []})
    one.view["l"].append("a")
    two.view["l"].append("b")
    exchange([one, two])
    one.sent.clear()
    one.view["l"].insert(1, "between")
    two.hear(one.sent[0])
    assert one.view == two.view == {"l": ["a", "between", "b"]}


def test_item_moves_between_items_at_one_place() -> None:
    one, two = peers({"l": ["x"]})
    one.view["l"].append("a")
    two.view["l"].append("b")
    exchange([one, two])
    one.sent.clear()
    one.view["l"].move(0, 1)
    two.hear(one.sent[0])
    assert one.view == two.view == one.again().view == {"l": ["a", "x", "b"]}
    two.sent.clear()
    two.view["l"].move(2, 1)
    one.hear(two.sent[0])
    assert one.view == two.view == {"l": ["a", "b", "x"]}


def test_what_came_and_went_in_one_batch_is_not_told() -> None:
    (one,) = peers({"l": [1]}, 1)
    with batch():
        one.view["l"].append(2)
        one.view["l"].pop()
        one.view["n"] = 1
    assert [parse(change)[:2] for change in decode(one.sent[0][1])] == [("set", (".n",))]


def test_move_is_one_change_and_one_step() -> None:
    one, two = peers({"l": [{"n": number} for number in range(100)]})
    one.view["l"].move(70, 3)
    ((stamp, text),) = one.sent
    assert text == '[["move",[".l","#70"],[2,0]]]'
    steps: list[Any] = []
    changes = [parse(change) for change in decode(text, 300)]
    two.replica.apply(two.view._data, [(stamp, changes)], lambda *step: steps.append(step))
    assert two.view == one.view
    assert steps == [(("l",), "move", None, 3, 70)]


def _insert(items: Any) -> None:
    items.insert(1, {"x": "N"})


def _edit(items: Any) -> None:
    items[1]["edited"] = True


@rows(
    ("mine", "theirs", "expected"),
    {
        "the same item": (lambda items: items.move(1, 3), lambda items: items.move(1, 0), "bacd"),
        "another item": (lambda items: items.move(0, 3), lambda items: items.move(1, 2), "cbda"),
        "an item inserted": (
            lambda items: items.move(0, 3),
            lambda items: items.insert(1, {"x": "N"}),
            "Nbcda",
        ),
        "a neighbour removed": (lambda items: items.move(0, 2), lambda items: items.pop(2), "bad"),
        "the item removed": (lambda items: items.move(1, 3), lambda items: items.pop(1), "acd"),
        "the item changed": (lambda items: items.move(1, 3), _edit, "acdb*"),
        "the list sorted": (
            lambda items: items.move(0, 3),
            lambda items: items.sort(key=lambda item: item["x"], reverse=True),
            "dcba",
        ),
    },
)
@rows("is_later", [False, True])
def test_move_and_what_another_tab_does_meanwhile_are_both_kept(
    is_later: bool,
    mine: "Callable[[Any], object]",
    theirs: "Callable[[Any], object]",
    expected: str,
) -> None:
    one, two = peers({"l": [{"x": name} for name in "abcd"]})
    view = two.view["l"][1]
    if is_later:
        theirs(two.view["l"])
        mine(one.view["l"])
    else:
        mine(one.view["l"])
        theirs(two.view["l"])
    exchange([one, two])
    assert one.view == two.view
    found = "".join(item["x"] + "*" * ("edited" in item) for item in one.view["l"])
    is_one = expected == "bacd" and is_later  # of two moves of one item the later one counts
    assert found == ("acdb" if is_one else expected)
    assert all(item is view for item in two.view["l"] if item["x"] == "b")


def test_item_that_moved_and_went_in_one_batch_comes_back_where_it_went() -> None:
    one, two = peers({"l": ["a", "b", "c"]})
    with batch():
        one.view["l"].move(0, 2)
        one.view["l"].pop()
    two.view["l"][0] = "A"
    exchange([one, two])
    assert one.view == two.view == {"l": ["b", "c", "A"]}


def test_item_that_moved_and_was_replaced_in_one_batch_is_where_it_went() -> None:
    one, two = peers({"l": [{"n": 1}, 2, 3]})
    one.view["l"][0]["n"] = 0
    with batch():
        one.view["l"].move(0, 2)
        one.view["l"][2] = "new"
    exchange([one, two])
    assert one.view == two.view == {"l": [2, 3, "new"]}


def test_items_that_move_together_are_one_step() -> None:
    one, two = peers({"l": list(range(100))})
    one.view["l"].reverse()
    ((stamp, text),) = one.sent
    changes = [parse(change) for change in decode(text, 300)]
    steps: list[Any] = []
    two.replica.apply(two.view._data, [(stamp, changes)], lambda *step: steps.append(step))
    assert two.view == one.view
    assert [op for _, op, *_ in steps] == ["splice"]


DEEP_MEMBER = '{"$anchor":"frozenset","value":[' * 60 + "1" + "]}" * 60


@rows(
    "change",
    [
        [],
        ["set"],
        ["set", []],
        ["set", ["a"]],
        ["set", "a", 1],
        ["set", ["a", 1], 1],
        ["set", ["a"] * 201, 1],
        ["set", ["a"], 1, 2],
        ["set", [".a"] * 150 + [f"={DEEP_MEMBER}"], 1],
        ["delete", ["a"], 1],
        ["move", ["a"]],
        ["move", ["a"], []],
        ["move", ["a"], [1.5]],
        ["move", ["a"], [True]],
        ["burn", ["a"]],
        [{}, ["a"]],
    ],
)
def test_malformed_change_is_refused(change: Any) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        parse(change)


# -- random programs --------------------------------------------------------------------------------

leaves = st.integers(0, 3) | st.sampled_from(["x", True, None])
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.sets(st.integers(0, 5), max_size=3)
    ),
    max_leaves=5,
)
states = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


def containers(view: Any) -> list[Any]:
    found = [view]
    for key in list(view) if isinstance(view._data, dict) else range(len(view)):
        if not isinstance(view._data, set) and isinstance(view[key], View):
            found += containers(view[key])
    return found


def change(draw: Any, view: Any) -> None:
    """Some change of some container."""
    place = draw(st.sampled_from(containers(view)))
    data = place._data
    if isinstance(data, dict):
        key = draw(st.sampled_from("abc"))
        if key in data and draw(st.booleans()):
            del place[key]
        else:
            place[key] = draw(values)
    elif isinstance(data, set):
        member = draw(st.integers(0, 5))
        place.discard(member) if member in data else place.add(member)
    else:
        index = draw(st.integers(0, len(data)))
        what = draw(st.sampled_from(["insert", "set", "delete", "reverse", "slice", "move"]))
        if what == "insert" or not data:
            place.insert(index, draw(values))
        elif what == "set":
            place[index % len(data)] = draw(values)
        elif what == "delete":
            del place[index % len(data)]
        elif what == "reverse":
            place.reverse()
        elif what == "slice":
            place[index : index + 2] = draw(st.lists(values, max_size=3))
        else:
            place.move(index % len(data), draw(st.integers(0, len(data) - 1)))


@given(st.data())
def test_tabs_agree_in_whatever_order_they_hear(data: st.DataObject) -> None:
    some = peers(data.draw(states), 3)
    waiting: list[tuple[Peer, Entry]] = []
    for _ in range(data.draw(st.integers(1, 12))):
        peer = data.draw(st.sampled_from(some))
        before = len(peer.sent)
        if data.draw(st.booleans()):
            with batch():
                change(data.draw, peer.view)
                change(data.draw, peer.view)
        else:
            change(data.draw, peer.view)
        for entry in peer.sent[before:]:
            waiting += [(other, entry) for other in some if other is not peer]
        for _ in range(data.draw(st.integers(0, 2))):
            if waiting:
                other, entry = waiting.pop(data.draw(st.integers(0, len(waiting) - 1)))
                other.hear(entry)
    fresh = some[0].again()
    assert fresh.view == some[0].view
    # What waits for its container is not stored with a state, so who starts from one hears everything.
    is_behind = any(other is some[0] for other, _ in waiting)
    needed = {id(entry) for _, entry in waiting}
    while waiting:
        other, entry = waiting.pop(data.draw(st.integers(0, len(waiting) - 1)))
        other.hear(entry)
    for peer in some:
        for entry in peer.sent:
            if is_behind or id(entry) in needed or data.draw(st.booleans()):
                fresh.hear(entry)
    assert encode(sorted_keys(some[0].view._data)) == encode(sorted_keys(some[1].view._data))
    assert encode(sorted_keys(some[0].view._data)) == encode(sorted_keys(some[2].view._data))
    assert encode(sorted_keys(some[0].view._data)) == encode(sorted_keys(fresh.view._data))


def sorted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return [sorted_keys(each) for each in value] if isinstance(value, list) else value
