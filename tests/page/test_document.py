"""The text of a state is that of a fresh encoder, after any changes, and costs what they are."""

import sys
from collections.abc import Mapping
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import MapView, StorageError, batch, history, leave, session, snapshot
from anchor_session.codec import encode
from anchor_session.codec.writing import encode_piecewise
from anchor_session.page.open_states import leave_all
from anchor_session.page.record import document
from anchor_session.page.record.document import Document
from anchor_session.testing import tabs, use_host
from tests.programs import at, draw_step
from tests.support import KEY, Spy, rows, text_at, typed
from tests.test_invariants import Block, fails_at, on_one_area
from tests.values import maps

STEPS = 8


@pytest.fixture(params=[1, 8, 64])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    size: int = request.param
    monkeypatch.setattr(document, "block_size", lambda length: size)
    monkeypatch.setattr(document, "STEP", 0)  # however many changes there are at once
    monkeypatch.setattr(document, "PLACES", 2)
    monkeypatch.setattr(document, "FEW", 1)
    return size


def oracle(data: "dict[str, Any]") -> "str | None":
    """The text as the encoder in Python writes all of it."""
    return encode_piecewise(data) if data else None


def opened(init: "dict[str, Any]", area: Any, **options: Any) -> Any:
    leave_all()
    return session("s", init, area=area, layout="document", **options)


# -- the same text ---------------------------------------------------------------------------


@on_one_area
@given(maps, st.data())
def test_text_after_random_statements(
    block: int, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    area = Spy()
    state = opened(init, area)
    model = deepcopy(init)
    for _ in range(STEPS):
        step = draw_step(data, model)
        step.run(state)
        model = step.after(model)
        assert text_at(area) == oracle(snapshot(state))


@on_one_area
@given(maps, st.data())
def test_text_after_random_batches(
    block: int, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    area = Spy()
    state = opened(init, area)
    model = deepcopy(init)
    for _ in range(3):
        model = Block(data).run(state, model)
        assert text_at(area) == oracle(snapshot(state))


@on_one_area
@given(maps, st.data())
def test_text_after_statements_that_fail(
    block: int, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    area = Spy()
    state = opened(init, area)
    model = deepcopy(init)
    for _ in range(STEPS):
        step = draw_step(data, model)
        area.heal()
        moment = data.draw(st.sampled_from(["fault", "fault_after"]))
        setattr(area, moment, fails_at(data.draw(st.integers(0, 3))))
        try:
            step.statement(at(state, step.path))
        except StorageError:
            pass
        except (LookupError, ValueError, TypeError):
            pass
        else:
            model = step.after(model)
        area.heal()
        assert text_at(area) == oracle(snapshot(state))


@on_one_area
@given(maps, st.data())
def test_text_after_undo_and_redo(
    block: int, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    area = Spy()
    state = opened(init, area)
    past = history(state)
    for _ in range(STEPS):
        choice = data.draw(st.integers(0, 4))
        if choice == 0:
            past.undo()
        elif choice == 1:
            past.redo()
        else:
            draw_step(data, snapshot(state)).run(state)
        assert text_at(area) == oracle(snapshot(state))


@on_one_area
@given(maps, st.data())
def test_text_after_another_frame_wrote(
    block: int, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    leave_all()
    (tab,) = tabs(1)
    hosts = [tab, tab.frame()]
    states: list[Any] = []
    layouts = data.draw(st.sampled_from([("document", "document"), ("document", "journal")]))
    for host, layout in zip(hosts, layouts):
        with use_host(host):
            states.append(session("s", init, layout=layout))
    for _ in range(STEPS):
        which = data.draw(st.integers(0, 1))
        before = snapshot(states[which])
        with use_host(hosts[which]):
            draw_step(data, before).run(states[which])
        if which == 0 and typed(snapshot(states[0])) != typed(before):
            assert text_at(tab.area("session")) == oracle(snapshot(states[0]))
        for host in [*hosts, *hosts]:
            with use_host(host):
                host.deliver()
        assert typed(snapshot(states[0])) == typed(snapshot(states[1]))
    with use_host(hosts[1]):
        leave(states[1])
    assert text_at(tab.area("session")) == oracle(snapshot(states[0]))


@rows("seed", range(40))
def test_text_after_many_changes_of_few_places(block: int, seed: int) -> None:
    """Where blocks are divided, opened, emptied and filled again, and maps change their form."""
    random = Random(seed)
    area = Spy()
    state = opened({"m": {}, "l": []}, area)
    past = history(state)

    def value(depth: int) -> Any:
        kind = random.randrange(4) if depth else 0
        if kind == 1:
            return {key: value(depth - 1) for key in random.sample(["a", "b", "$anchor"], 2)}
        if kind > 1:
            return [value(depth - 1) for _ in range(random.randrange(4))]
        return random.randrange(10 ** random.randrange(1, 9))

    def change(part: Any) -> None:
        below = [each for each in values(part) if hasattr(each, "__len__")]
        if below and random.random() < 0.7:
            change(random.choice(below))
        elif isinstance(part, MapView):
            key = random.choice(["a", "b", "c", "$anchor"])
            if random.random() < 0.3:
                part.pop(key, None)
            else:
                part[key] = value(3)
        elif len(part) > 1 and random.random() < 0.4:
            part.move(random.randrange(len(part)), random.randrange(len(part)))
        else:
            start = random.randint(0, len(part))
            stop = random.randint(start, min(len(part), start + 3))
            part[start:stop] = [value(2) for _ in range(random.randrange(3))]

    for _ in range(60):
        choice = random.random()
        if choice < 0.15:
            past.undo()
        elif choice < 0.25:
            past.redo()
        elif choice < 0.5:
            with batch():
                for _ in range(3):
                    change(random.choice([state.m, state.l]))
        else:
            change(random.choice([state.m, state.l]))
        assert text_at(area) == oracle(snapshot(state))


def values(part: Any) -> "list[Any]":
    return list(part.values() if isinstance(part, Mapping) else part)


# -- what it costs ---------------------------------------------------------------------------

RECORD = {
    "name": "Ada Lovelace",
    "price": 12.5,
    "tags": ["a", "b"],
    "done": False,
    "note": "x" * 40,
}


def tree(width: int, depth: int) -> "dict[str, Any]":
    if depth == 0:
        return dict(RECORD)
    return {f"k{number}": tree(width, depth - 1) for number in range(width)}


SHAPES: "dict[str, Any]" = {
    "map of records": {f"key{number}": dict(RECORD) for number in range(2000)},
    "list of records": {"l": [dict(RECORD) for _ in range(2000)]},
    "tree": tree(6, 4),
    "map of long records": {  # the most that a node of its own can take
        f"key{number}": {f"field{each}": each for each in range(42)} for number in range(400)
    },
    "map of lists": {f"key{number}": list(range(1000, 1110)) for number in range(400)},
    "list of long lists": {"l": [[[["y" * 60] * 9]] for _ in range(400)]},
    "map of numbers": {"m": {f"k{number}": number for number in range(5000)}},
    "list of numbers": {"l": list(range(20_000))},
}


def leaves(data: Any) -> "list[tuple[Any, Any]]":
    """Each scalar's container and key."""
    found = []
    for key, value in list(data.items() if isinstance(data, Mapping) else enumerate(data)):
        is_container = hasattr(value, "__len__") and not isinstance(value, str)
        found += leaves(value) if is_container else [(data, key)]
    return found


def kept_by(node: Any) -> int:
    """The bytes of what a node keeps: texts, sizes, keys (the list alone: the keys are the data's own)."""
    total = sys.getsizeof(node) + sys.getsizeof(node._sizes) + sys.getsizeof(node._texts)
    total += sys.getsizeof(node._opening) + sys.getsizeof(node._ends)
    total += sys.getsizeof(node._marked) + sys.getsizeof(node._places)
    if node._keys is not None:
        total += sys.getsizeof(node._keys)
    for text in node._texts:
        total += kept_by(text) if isinstance(text, document._Node) else sys.getsizeof(text)
    return total


@pytest.mark.both
@rows("shape", [*SHAPES])
def test_what_is_kept_is_at_most_three_times_the_text(
    shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When changes have been everywhere, so that all is as finely divided as it ever gets."""
    monkeypatch.setattr(document, "STEP", 0)
    state = opened(SHAPES[shape], Spy())
    for number in range(4):  # a block is divided when it is touched again
        with batch():
            for container, key in leaves(state)[number::7]:
                container[key] = number
    found = state._root.owner.keeper._document
    assert kept_by(found._top) <= 3 * len(found.text())


class Counter:
    """Counts what `document` has encoded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        self.characters = 0
        self._encode = encode
        monkeypatch.setattr(document, "encode", self)

    def __call__(self, value: Any) -> str:
        text = self._encode(value)
        self.calls += 1
        self.characters += len(text)
        return text


CHANGES: "dict[str, tuple[str, Any]]" = {
    "front of a list": ("list of records", lambda state: state.l.insert(0, RECORD)),
    "end of a list": ("list of records", lambda state: state.l.append(RECORD)),
    "middle of a list": ("list of records", lambda state: state.l.insert(1000, RECORD)),
    "item of a list": (
        "list of records",
        lambda state: state.l[700].update(price=state.l[700].price + 1),
    ),
    "no item of a list": ("list of records", lambda state: state.l.pop(700)),
    "front of numbers": ("list of numbers", lambda state: state.l.insert(0, 5)),
    "entry of a map": (
        "map of records",
        lambda state: state.key700.update(price=state.key700.price + 1),
    ),
    "new entry of a map": (
        "map of records",
        lambda state: state.update({f"new{len(state)}": RECORD}),
    ),
    "no entry of a map": ("map of records", lambda state: state.pop(list(state)[700])),
    "leaf of a tree": (
        "tree",
        lambda state: state.k3.k2.k1.k0.update(price=state.k3.k2.k1.k0.price + 1),
    ),
}


@rows(("shape", "change"), CHANGES)
def test_change_encodes_a_few_blocks(
    monkeypatch: pytest.MonkeyPatch, shape: str, change: Any
) -> None:
    area = Spy()
    state = opened(SHAPES[shape], area)
    for _ in range(6):  # the first ones divide what they touch
        change(state)
    counter = Counter(monkeypatch)
    change(state)
    assert text_at(area) == oracle(snapshot(state))
    assert counter.calls <= 8
    assert counter.characters <= 16 * document.block_size(len(oracle(snapshot(state)) or ""))


def test_insert_at_the_front_of_a_long_list(monkeypatch: pytest.MonkeyPatch) -> None:
    area = Spy()
    state = opened({"l": [dict(RECORD) for _ in range(10_000)]}, area)
    for _ in range(3):
        state.l.insert(0, RECORD)
    counter = Counter(monkeypatch)
    for _ in range(20):
        state.l.insert(0, RECORD)
    assert text_at(area) == oracle(snapshot(state))
    assert counter.calls <= 100
    assert counter.characters <= 100 * 2 * document.block_size(len(text_at(area) or ""))


def test_identical_text_is_not_written_again() -> None:
    area = Spy()
    state = opened({"l": [1, 2]}, area)
    area.heal()
    with batch():
        state.l.append(3)
        state.l.pop()
    assert [call for call in area.writes if call[1] == KEY] == []


def test_document_forgets_what_it_was_not_told() -> None:
    data: dict[str, Any] = {"n": 1, "m": {"x": 1}}
    text = Document(data)
    assert text.text() == oracle(data)
    data["m"]["x"] = 2
    text.forget()
    assert text.text() == oracle(data)
