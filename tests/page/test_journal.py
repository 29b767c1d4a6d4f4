"""The journal: what changed since the document was written, in entries beside it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import (
    DetachedError,
    MapView,
    QuotaExceededError,
    SessionStorage,
    StorageError,
    StorageWarning,
    batch,
    history,
    leave,
    restored,
    session,
    snapshot,
)
from anchor_session.page.open_states import leave_all
from anchor_session.testing import MemoryArea, Tab, tabs, use_host
from tests.programs import draw_step
from tests.support import (
    DELETED,
    JOURNAL,
    KEY,
    REJECTED,
    Spy,
    document_name,
    entries,
    journal_at,
    reopen,
    revived,
    rows,
    stored,
    text_at,
    typed,
)
from tests.test_invariants import on_one_area
from tests.values import maps


def journaled(init: "dict[str, Any]", area: Any = None, **options: Any) -> MapView:
    return session("s", init, area=area, layout="journal", **options)


def used(area: Any) -> int:
    return sum(len(key) + len(text) for key, text in entries(area).items())


def test_last_key_is_deleted_from_a_journal_in_a_full_area() -> None:
    """The fold has the document that the journal has, none, and nothing more can be written."""
    area = MemoryArea()
    state = journaled({}, area)
    state["a"] = []
    area.quota = used(area)
    del state["a"]
    assert (stored(area), used(area)) == ({}, 0)
    assert reopen(area=area, layout="journal") == {}


# -- what is written -------------------------------------------------------------------------


@pytest.mark.both
def test_statement_is_one_entry_beside_the_document(area: Any) -> None:
    state = journaled({"n": 1, "l": [1]})
    state.n = 2
    state.l.append(3)
    name = document_name('{"n":1,"l":[1]}')
    assert entries(area) == {
        KEY: '{"n":1,"l":[1]}',
        f"{JOURNAL}.1": f'["{name}",["set",["n"],2]]',
        f"{JOURNAL}.2": '[["splice",["l"],1,0,[3]]]',
    }


@pytest.mark.both
def test_batch_is_one_entry(area: Any) -> None:
    state = journaled({"n": 1, "l": [1]})
    with batch():
        state.n = 2
        state.l.append(3)
    assert (len(journal_at(area)), stored(area)) == (1, {"n": 2, "l": [1, 3]})


@pytest.mark.both
def test_value_put_and_changed_in_one_batch_is_written_once(area: Any) -> None:
    state = journaled({"n": 1})
    with batch():
        state.m = {"l": []}
        state.m.l.append({})
        state.m.l[0].x = 1
        state.m.l.insert(0, 2)
        state.n = 2
    name = document_name('{"n":1}')
    assert journal_at(area) == [
        f'["{name}",["set",["m"],{{"l":[2,{{"x":1}}]}}],["set",["n"],2]]',
    ]


@pytest.mark.both
def test_state_without_a_document_is_journaled(area: Any) -> None:
    journaled({}).n = 1
    assert (text_at(area), stored(area)) == (None, {"n": 1})
    assert snapshot(session("s", area=revived(area))) == {"n": 1}


@pytest.mark.both
def test_empty_state_is_empty_after_a_reload(area: Any) -> None:
    state = journaled({"n": 1})
    state.m = 2
    state.clear()
    assert KEY not in entries(area)
    assert snapshot(session("s", {"n": 1}, area=revived(area))) == {}


@pytest.mark.both
def test_state_that_was_empty_comes_back(area: Any) -> None:
    state = journaled({"n": 1})
    state.clear()
    state.m = 2
    assert snapshot(session("s", {"n": 1}, area=revived(area))) == {"m": 2}


@pytest.mark.both
def test_deleted_name_of_init_stays_deleted(area: Any) -> None:
    state = journaled({"n": 1, "m": 1})
    state.m = 2
    del state.n
    state.m = 3
    assert text_at(area, DELETED) == '["n"]'
    assert snapshot(session("s", {"n": 1, "m": 1}, area=revived(area))) == {"m": 3}


@pytest.mark.both
def test_name_of_init_that_came_back_is_there(area: Any) -> None:
    state = journaled({"n": 1, "m": 1})
    del state.n
    state.n = 5
    state.m = 3
    assert text_at(area, DELETED) is None
    assert snapshot(session("s", {"n": 1, "m": 1}, area=revived(area))) == {"m": 3, "n": 5}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


SPECIAL: "dict[str, Any]" = {
    "depth": nested(199),
    "map in depth": {"a": nested(198)},
    "$anchor": {"$anchor": "date", "value": "no"},
    "$anchor within": [{"$anchor": {"$anchor": 1}}],
    "surrogate": "a\ud800",
    "large": [2**53 + 1, -(10**30)],
    "date": date(2026, 11, 21),
    "set": {1, frozenset({2, "x"})},
    "not finite": [float("inf"), float("-inf")],
    "bytes": b"\x00",
}


@pytest.mark.both
@rows("value", SPECIAL)
@rows("key", ["x", "$anchor", "\ud800", "#journal.1", ""])
def test_any_value_and_key_is_journaled(area: Any, key: str, value: Any) -> None:
    state = journaled({"n": 1})
    state[key] = value
    assert len(journal_at(area)) == 1
    assert typed(stored(area)) == typed({"n": 1, key: value})
    assert typed(snapshot(session("s", area=revived(area)))) == typed({"n": 1, key: value})


@pytest.mark.both
@rows("value", SPECIAL)
def test_any_value_is_journaled_as_an_item(area: Any, value: Any) -> None:
    state = journaled({"l": [1]})
    if value == SPECIAL["depth"] or value == SPECIAL["map in depth"]:
        value = value[0] if isinstance(value, list) else {"a": value["a"][0]}
    state.l.append(value)
    state.l[0] = value
    assert typed(snapshot(session("s", area=revived(area)))) == typed({"l": [value, value]})


@pytest.mark.both
def test_member_that_is_not_a_number_is_discarded(area: Any) -> None:
    state = journaled({"set": {1, float("nan")}})
    state.set.clear()
    assert snapshot(session("s", area=revived(area))) == {"set": set()}


@pytest.mark.both
def test_undo_and_redo_keep_the_order_of_keys(area: Any) -> None:
    state = journaled({"a": 1, "b": {"x": 1, "y": 2}, "c": 3})
    past = history(state)
    statements: list[Callable[[], Any]] = [
        lambda: state.b.pop("x"),
        lambda: state.update(d=4),
        lambda: state.pop("d"),
        lambda: state.pop("b"),
        past.undo,
        past.undo,
        past.undo,
        past.undo,
        past.redo,
        past.redo,
        past.undo,
    ]
    for statement in statements:
        statement()
        assert typed(stored(area)) == typed(snapshot(state))
        again = session("s", layout="document", area=revived(area))
        assert typed(snapshot(again)) == typed(snapshot(state))
        leave(again)


# -- folding ---------------------------------------------------------------------------------


def folded(area: Any, state: MapView) -> bool:
    return list(entries(area)) == [KEY] and typed(stored(area)) == typed(snapshot(state))


FOLDS: "dict[str, Callable[[Tab, MapView], object]]" = {
    "idle": lambda tab, state: tab.idle(),
    "hide": lambda tab, state: tab.hide(),
    "cover": lambda tab, state: tab.cover(),
    "leave": lambda tab, state: leave(state),
}


@rows("fold", FOLDS)
def test_journal_is_folded(fold: "Callable[[Tab, MapView], object]") -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        state = journaled({"n": 1})
        state.n = 2
        fold(tab, state)
        assert folded(tab.area("session"), state)


@rows("fold", FOLDS)
def test_fold_that_does_not_fit_leaves_the_journal(
    fold: "Callable[[Tab, MapView], object]",
) -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        area = tab.area("session")
        state = journaled({"l": [1]})
        state.l.extend("x" * 8)
        area.quota = used(area)
        fold(tab, state)
        assert (stored(area), restored(state).dirty) == ({"l": [1, *"x" * 8]}, False)
        area.quota = None
        assert snapshot(session("s", area=revived(area))) == {"l": [1, *"x" * 8]}


def test_page_that_changed_nothing_folds_nothing() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        spy = Spy()
        state = journaled({"n": 1}, spy)
        spy.heal()
        tab.idle()
        tab.hide()
        leave(state)
    assert spy.writes == []


@pytest.mark.both
def test_journal_that_outgrows_its_document_is_folded(area: Any, early_journals: None) -> None:
    state = journaled({"n": 0})
    most = 0
    for number in range(1, 60):
        state.n = number
        most = max(most, sum(map(len, journal_at(area))))
        assert stored(area) == {"n": number}
    assert most < 100


def test_nothing_is_written_after_leave() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        spy = Spy()
        state = journaled({"n": 1}, spy)
        state.n = 2
        leave(state)
        spy.heal()
        state.n = 3
        tab.idle()
        tab.hide()
    assert spy.calls == []


def test_state_journals_again_after_a_fold() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        area = tab.area("session")
        state = journaled({"n": 1})
        for number in range(2, 5):
            state.n = number
            assert (len(journal_at(area)), stored(area)) == (1, {"n": number})
            tab.idle()
            assert folded(area, state)


def test_journal_found_at_opening_is_folded_when_idle() -> None:
    (tab,) = tabs(1)
    with use_host(tab):
        journaled({"n": 1}).n = 2
        area = revived(tab.area("session"))
        state = journaled({"n": 1}, area)
        tab.idle()
        assert folded(area, state)


@pytest.mark.both
def test_state_that_crosses_the_border_changes_its_layout(area: Any, early_journals: None) -> None:
    state = session("s", {"t": "", "n": 0})
    for size, has_journal in [(10, False), (61, True), (5, False), (6, False), (61, True)]:
        state.t = "x" * size
        state.n = size
        assert (bool(journal_at(area)), stored(area)) == (has_journal, {"t": "x" * size, "n": size})


# -- other readers ---------------------------------------------------------------------------


@pytest.mark.both
@rows("layout", ["document", "journal", "auto"])
def test_each_layout_reads_a_journal(area: Any, layout: str) -> None:
    journaled({"n": 1}).n = 2
    found = revived(area)
    state = session("s", {"n": 0}, area=found, layout=layout)
    assert (snapshot(state), restored(state).outcome) == ({"n": 2}, "restored")
    assert stored(found) == {"n": 2}
    leave(state)
    assert entries(found) == {KEY: '{"n":2}'}


@pytest.mark.both
def test_storage_class_reads_a_journal(area: Any) -> None:
    journaled({"n": 1}).n = 2
    found = revived(area)
    storage = SessionStorage("s", {"n": 0, "m": 1}, adapter=found)
    assert (storage.json(), entries(found)) == ('{"n":2,"m":1}', {KEY: '{"n":2,"m":1}'})


def test_name_that_is_open_with_another_layout_is_refused() -> None:
    journaled({"n": 1})
    with pytest.raises(ValueError, match="layout"):
        session("s", layout="document")


# -- hostile text ----------------------------------------------------------------------------

DOCUMENT = '{"n":1,"m":{"x":1},"l":[1,2],"s":{"$anchor":"set","value":[1]}}'
NAME = document_name(DOCUMENT)
GOOD = f'["{NAME}",["set",["n"],2]]'

NO_ENTRIES = [
    "",
    "{",
    "nope",
    "NaN",
    "7",
    "null",
    '"x"',
    "{}",
    '{"0":["set",["n"],3]}',
    "[" * 500 + "]" * 500,
    "[" * 100_000,
    "\x00",
]
NO_EDITS = [
    "7",
    "null",
    '"x"',
    "{}",
    "[]",
    '["set"]',
    '["set",["n"]]',
    '["set",["n"],3,4]',
    '["set",[],3]',
    '["set","n",3]',
    '["set",[0],3]',
    '["set",[null],3]',
    '["set",[["n"]],3]',
    '["set",["z","y"],3]',
    '["set",["n","y"],3]',
    '["set",["m",0],3]',
    '["set",["l",2],3]',
    '["set",["l",-1],3]',
    '["set",["l","0"],3]',
    '["set",["l",true],3]',
    '["set",["l",0.0],3]',
    '["set",["s",0],3]',
    '["delete",["z"]]',
    '["delete",["l",0]]',
    '["delete",[]]',
    '["delete",["n"],1]["',
    '["splice",["l"],0,0]',
    '["splice",["l"],0,3,[]]',
    '["splice",["l"],-1,0,[]]',
    '["splice",["l"],1,-1,[]]',
    '["splice",["l"],3,0,[]]',
    '["splice",["l"],0,0,"ab"]',
    '["splice",["l"],0.0,0,[]]',
    '["splice",["l"],true,0,[]]',
    '["splice",["m"],0,0,[]]',
    '["splice",[],0,0,[]]',
    '["move",["l"],0]',
    '["move",["l"],0,2]',
    '["move",["l"],2,0]',
    '["move",["l"],0,-1]',
    '["move",["l"],-1,0]',
    '["move",["l"],0,true]',
    '["move",["l"],0.0,1]',
    '["move",["l"],0,1,1]',
    '["move",["m"],0,0]',
    '["move",["m"],"x","x"]',
    '["move",["s"],0,0]',
    '["move",["n"],0,0]',
    '["add",["l"],1]',
    '["add",["s"],[1]]',
    '["add",["s"],{}]',
    '["discard",["s"],2]',
    '["discard",["s"],[]]',
    '["order",[],["n","m","l"]]',
    '["order",[],["n","m","l","s","n"]]',
    '["order",[],["n","m","l",1]]',
    '["order",[],"nmls"]',
    '["order",["l"],[1,2]]',
    '["signal",["n"],3]',
    '["none",["n"],3]',
    '[["set"],["n"],3]',
    f'["set",["n"],{"[" * 200 + "]" * 200}]',
    f'["set",["m","x"],{"[" * 199 + "]" * 199}]',
    f'["splice",["l"],0,0,{"[" * 200 + "]" * 200}]',
    '["set",["n"],NaN]',
]


def deep_member(depth: int) -> str:
    text = "1"
    for _ in range(depth):
        text = f'{{"$anchor":"frozenset","value":[{text}]}}'
    return text


NO_EDITS += [
    f'["add",["s"],{deep_member(199)}]',
    f'["set",["n"],{deep_member(200)}]',
    f'["set",["l",0],{deep_member(199)}]',
]

START = {"n": 1, "m": {"x": 1}, "l": [1, 2], "s": {1}}


def hostile(*texts: str) -> MemoryArea:
    area = MemoryArea()
    area.setItem(KEY, DOCUMENT)
    for number, text in enumerate(texts, 1):
        area.setItem(f"{JOURNAL}.{number}", text)
    return area


def opens_as(area: MemoryArea, data: "dict[str, Any]", kept: str) -> None:
    """The state is what can be used, the rest is kept aside, and the state works."""
    with pytest.warns(StorageWarning, match="moved"):
        state = journaled({}, area)
    assert snapshot(state) == data
    assert text_at(area, REJECTED) == kept
    state.n = 7
    assert stored(area) == snapshot(state)
    leave(state)
    assert snapshot(session("s", area=area)) == {**data, "n": 7}


@pytest.mark.both
@rows("text", NO_ENTRIES)
def test_first_entry_that_is_none_is_kept_aside(text: str) -> None:
    opens_as(hostile(text), START, f"[{text}]")


@pytest.mark.both
@rows("text", NO_ENTRIES)
def test_further_entry_that_is_none_is_kept_aside(text: str) -> None:
    opens_as(hostile(GOOD, text, GOOD), {**START, "n": 2}, f"[{text},{GOOD}]")


@pytest.mark.both
@rows("edit", NO_EDITS)
def test_entry_with_an_edit_that_does_not_fit_is_kept_aside_whole(edit: str) -> None:
    entry = f'[["set",["m"],{{}}],{edit}]'
    opens_as(hostile(GOOD, entry), {**START, "n": 2}, f"[{entry}]")


@pytest.mark.both
@rows("edit", NO_EDITS)
def test_first_entry_with_an_edit_that_does_not_fit_is_kept_aside(edit: str) -> None:
    entry = f'["{NAME}",{edit}]'
    opens_as(hostile(entry), START, f"[{entry}]")


@rows("begins", ['""', '"no"', "7", "null", '["set",["n"],3]'])
def test_journal_of_another_document_is_kept_aside(begins: str) -> None:
    entry = f'[{begins},["set",["n"],3]]'
    opens_as(hostile(entry), START, f"[{entry}]")


@pytest.mark.both
def test_document_replaced_by_somebody_else_wins(area: Any) -> None:
    journaled({"n": 1}).n = 2
    found = revived(area)
    found.setItem(KEY, '{"n":9}')
    entry = journal_at(found)[0]
    with pytest.warns(StorageWarning, match="moved"):
        state = journaled({"n": 1}, found)
    assert snapshot(state) == {"n": 9}
    assert entries(found) == {KEY: '{"n":9}', REJECTED: f"[{entry}]"}


@pytest.mark.both
def test_document_removed_by_somebody_else_stays_removed(area: Any) -> None:
    journaled({"n": 1}).n = 2
    found = revived(area)
    found.removeItem(KEY)
    with pytest.warns(StorageWarning, match="moved"):
        state = session("s", {}, area=found, layout="journal")
    assert snapshot(state) == {}


@pytest.mark.both
def test_journal_of_an_unreadable_document_is_kept_aside_too(area: Any) -> None:
    journaled({"n": 1}).n = 2
    found = revived(area)
    found.setItem(KEY, "nope")
    entry = journal_at(found)[0]
    with pytest.warns(StorageWarning):
        state = journaled({"n": 1}, found)
    assert snapshot(state) == {"n": 1}
    assert entries(found) == {
        KEY: '{"n":1}',
        REJECTED: "nope",
        f"{REJECTED}.1": f"[{entry}]",
    }


def full(*texts: str) -> MemoryArea:
    area = hostile(*texts)
    area.quota = used(area) + 3
    return area


@rows("texts", [("x" * 99,), (GOOD, "x" * 99)])
def test_journal_stays_where_there_is_no_room_to_move_it(texts: "tuple[str, ...]") -> None:
    area = full(*texts)
    before = entries(area)
    with pytest.warns(StorageWarning, match="stay"):
        state = journaled({}, area)
    assert snapshot(state) == {**START, "n": len(texts)}
    assert entries(area) == before


@rows("texts", [("x" * 99,), (GOOD, "x" * 99)])
def test_state_beside_a_journal_that_stays_is_written_through(texts: "tuple[str, ...]") -> None:
    area = full(*texts)
    with pytest.warns(StorageWarning, match="stay"):
        state = journaled({}, area)
    for number in (3, 1, 2, 1):  # 1: the text is that of the document which the entries continue
        state.n = number
        assert stored(area) == snapshot(state) == {**START, "n": number}
    assert text_at(area, f"{JOURNAL}.{len(texts)}") == texts[-1]


def test_entries_that_cannot_be_removed_do_not_come_back() -> None:
    spy = Spy()
    state = journaled({"n": 1}, spy)
    state.n = 2

    def refuse(count: int, call: "tuple[str, ...]") -> None:
        if call[0] == "remove":
            raise RuntimeError

    spy.fault = refuse
    with use_host(tabs(1)[0]):
        leave(state)
    spy.heal()
    state = session("s", area=revived(spy), layout="document")
    assert snapshot(state) == {"n": 2}


def test_document_with_the_text_of_an_earlier_one_has_no_journal() -> None:
    (tab,) = tabs(1)
    spy = Spy()
    with use_host(tab):
        state = journaled({"n": 1}, spy)
        state.n = 2

        def refuse(count: int, call: "tuple[str, ...]") -> None:
            if call[0] == "remove":
                raise RuntimeError

        spy.fault = refuse
        tab.idle()
        spy.heal()
        state.n = 1
        assert entries(spy) == {KEY: '{"n":1}'}  # what could not be removed is, with the next write


# -- a full area -----------------------------------------------------------------------------


def test_entry_that_does_not_fit_gives_way_to_a_document_that_does() -> None:
    area = MemoryArea()
    state = journaled({"l": ["x" * 100]}, area)
    area.quota = used(area) + 20  # the entry needs more, the document less
    state.l.clear()
    assert entries(area) == {KEY: '{"l":[]}'}


@rows("before", [0, 1])
def test_where_neither_fits_nothing_changes(before: int) -> None:
    area = MemoryArea()
    state = journaled({"n": 0}, area)
    if before:
        state.n = 1
    area.quota = used(area) + 5
    with pytest.raises(QuotaExceededError):
        state.t = "x" * 500
    assert snapshot(state) == stored(area) == {"n": before}
    area.quota = None
    state.n = 7
    assert stored(area) == {"n": 7}
    assert snapshot(session("s", area=revived(area))) == {"n": 7}


@rows("room", range(0, 400, 3))
def test_write_at_any_quota_is_made_or_undone(room: int) -> None:
    area = MemoryArea()
    state = journaled({"n": 0, "t": "y" * 40}, area)
    state.n = 1
    before = snapshot(state)
    area.quota = used(area) + room
    try:
        state.t = "x" * 60
    except QuotaExceededError:
        assert snapshot(state) == before
    assert stored(area) == snapshot(state)
    area.quota = None
    leave_all()
    assert list(entries(area)) == [KEY]


def test_error_is_reported_and_the_next_write_stores_everything() -> None:
    area = MemoryArea()
    errors: list[StorageError] = []
    state = journaled({"n": 0}, area, on_error=errors.append)
    state.n = 1
    area.quota = used(area) + 5
    state.t = "x" * 500
    assert [type(error) for error in errors] == [QuotaExceededError]
    assert (stored(area), restored(state).dirty) == ({"n": 1}, True)
    area.quota = None
    state.n = 2
    assert (stored(area), restored(state).dirty) == ({"n": 2, "t": "x" * 500}, False)
    assert stored(area) == snapshot(session("s", area=revived(area)))


# -- batches over two states -----------------------------------------------------------------


@pytest.mark.both
@rows("changes", [1, 40])
@rows("before", [0, 1])
def test_first_state_of_a_failed_batch_is_put_back(
    area: Any, early_journals: None, changes: int, before: int
) -> None:
    one = journaled({"n": 0, "m": 0})
    for number in range(before):
        one.n = number + 1
    was = snapshot(one)
    spy = Spy()
    two = session("t", {"n": 0}, area=spy)

    def refuse(count: int, call: "tuple[str, ...]") -> None:
        raise RuntimeError

    spy.fault = refuse
    with pytest.raises(StorageError), batch():
        for number in range(changes):
            one.m = number + 1
        two.n = 1
    spy.heal()
    assert stored(area) == snapshot(one) == was
    one.m = 9
    assert stored(area) == snapshot(one) == {**was, "m": 9}
    assert snapshot(reopen("s", area=area)) == {**was, "m": 9}


# -- frames of one tab -----------------------------------------------------------------------


class Frames:
    """A page and an iframe of it that have the same state open; neither has heard of the other yet."""

    def __init__(self, init: "dict[str, Any]", **options: Any) -> None:
        self.hosts = [tabs(1)[0]]
        self.hosts.append(self.hosts[0].frame())
        self.area = self.hosts[0].area("session")
        self.states: list[Any] = []
        for host in self.hosts:
            with use_host(host):
                self.states.append(session("s", init, **{"layout": "journal", **options}))

    def do(self, which: int, statement: "Callable[[Any], object]") -> None:
        with use_host(self.hosts[which]):
            statement(self.states[which])

    def fold(self, which: int, how: "Callable[[Tab, MapView], object]") -> None:
        with use_host(self.hosts[which]):
            how(self.hosts[which], self.states[which])

    def deliver(self) -> None:
        for host in [*self.hosts, *self.hosts]:
            with use_host(host):
                host.deliver()

    def agree_on(self, data: Any) -> None:
        """Storage holds it, at once; both frames do when they were told; and so does a later page."""
        assert typed(stored(self.area)) == typed(data)
        self.deliver()
        assert [typed(snapshot(state)) for state in self.states] == [typed(data)] * 2
        assert typed(stored(self.area)) == typed(data)
        assert typed(snapshot(session("s", area=revived(self.area)))) == typed(data)
        assert text_at(self.area, REJECTED) is None


def setting(key: str, value: Any) -> "Callable[[Any], object]":
    return lambda state: state.update({key: value})


def test_frames_that_write_in_turn_keep_both_changes() -> None:
    frames = Frames({"a": 0, "b": 0})
    for number in range(1, 5):
        frames.do(0, setting("a", number))
        frames.do(1, setting("b", number))
    frames.agree_on({"a": 4, "b": 4})


def test_frames_that_append_to_one_list_keep_both_items() -> None:
    frames = Frames({"l": [0]})
    frames.do(0, lambda state: state.l.append(1))
    frames.do(1, lambda state: state.l.append(2))
    frames.do(0, lambda state: state.l.insert(0, 3))
    frames.do(1, lambda state: state.l.pop())
    found = stored(frames.area)["l"]
    frames.agree_on({"l": found})
    assert {0, 3} <= set(found)


def test_frames_that_splice_one_list_agree() -> None:
    frames = Frames({"l": list(range(6))})
    frames.do(0, lambda state: state.l.__setitem__(slice(1, 3), ["x"]))
    frames.do(1, lambda state: state.l.__delitem__(slice(4, 6)))
    frames.do(0, lambda state: state.l.reverse())
    frames.do(1, lambda state: state.l.sort(key=str))
    frames.agree_on(stored(frames.area))


SAME: "dict[str, Callable[[Any], object]]" = {
    "delete": lambda state: state.m.pop("x"),
    "set": lambda state: state.m.update(x=5),
    "new key": lambda state: state.m.update(z=5),
    "add": lambda state: state.s.add(5),
    "discard": lambda state: state.s.discard(1),
    "clear a set": lambda state: state.s.clear(),
    "clear a map": lambda state: state.m.clear(),
    "clear a list": lambda state: state.l.clear(),
    "clear all": lambda state: state.clear(),
    "name of init": lambda state: state.pop("n"),
}


@rows("statement", SAME)
def test_frames_that_do_the_same_agree(statement: "Callable[[Any], object]") -> None:
    init = {"n": 1, "m": {"x": 1, "y": 2}, "l": [1, 2], "s": {1, 2}}
    frames = Frames(init)
    frames.do(0, lambda state: state.update(n=2))
    frames.deliver()
    frames.do(0, statement)
    frames.do(1, statement)
    found = snapshot(frames.states[1])
    frames.agree_on(found)


@rows("fold", FOLDS)
@rows("first", [0, 1])
def test_fold_keeps_what_another_frame_appended(
    first: int, fold: "Callable[[Tab, MapView], object]"
) -> None:
    frames = Frames({"a": 0, "b": 0})
    frames.do(0, lambda state: state.update(a=1))
    frames.deliver()
    frames.do(1, lambda state: state.update(b=1))
    frames.do(first, lambda state: state.update(a=2))
    frames.do(1 - first, lambda state: state.update(b=2))
    frames.fold(first, fold)
    assert stored(frames.area) == {"a": 2, "b": 2}
    frames.deliver()
    assert stored(frames.area) == snapshot(frames.states[1 - first]) == {"a": 2, "b": 2}


def test_frame_writes_on_after_another_has_folded() -> None:
    frames = Frames({"a": 0, "b": 0})
    for number in range(1, 5):
        frames.do(0, setting("a", number))
        frames.fold(0, FOLDS["idle"])
        frames.do(1, setting("b", number))
        frames.fold(1, FOLDS["hide"])
    frames.agree_on({"a": 4, "b": 4})


@rows("is_known", [False, True])
def test_statement_that_folds_keeps_what_another_frame_appended(
    early_journals: None, is_known: bool
) -> None:
    frames = Frames({"a": 0, "b": 0})
    if is_known:
        frames.do(1, lambda state: state.update(b=1))
        frames.deliver()
    frames.do(0, lambda state: state.update(a=1))
    frames.do(1, lambda state: state.update({f"k{number}": number for number in range(30)}))
    assert stored(frames.area)["a"] == 1
    frames.agree_on(stored(frames.area))


@rows("is_known", [False, True])
def test_deletion_keeps_what_another_frame_appended(is_known: bool) -> None:
    """A name of init that is deleted is listed, so a document is written."""
    frames = Frames({"a": 0, "b": 0})
    if is_known:
        frames.do(1, lambda state: state.update(b=1))
        frames.deliver()
    frames.do(0, lambda state: state.update(a=1))
    frames.do(1, lambda state: state.pop("b"))
    frames.agree_on({"a": 1})


def test_frame_notices_a_journal_begun_anew_on_the_same_text() -> None:
    frames = Frames({"n": 1, "m": 1})
    frames.do(0, lambda state: state.update(n=2))
    frames.deliver()
    frames.do(0, lambda state: state.update(n=1))
    frames.fold(0, FOLDS["hide"])
    frames.do(0, lambda state: state.update(m=5))
    frames.agree_on({"n": 1, "m": 5})


@on_one_area
@given(maps, maps, st.data())
def test_frames_that_change_different_parts_keep_all(
    early_journals: None, one: "dict[str, Any]", two: "dict[str, Any]", data: "st.DataObject"
) -> None:
    """Random statements, folds and events in any order."""
    leave_all()
    frames = Frames({"a": one, "b": two})
    models = [one, two]
    for _ in range(10):
        which = data.draw(st.integers(0, 1))
        what = data.draw(st.sampled_from(["state", "state", "state", "idle", "hide", "deliver"]))
        if what == "state":
            step = draw_step(data, models[which])
            part = "ab"[which]
            frames.do(which, lambda state, step=step, part=part: step.run(state[part]))  # type: ignore[misc]
            models[which] = step.after(models[which])
        elif what == "deliver":
            with use_host(frames.hosts[which]):
                frames.hosts[which].deliver()
        else:
            frames.fold(which, FOLDS[what])
        assert typed(stored(frames.area)) == typed({"a": models[0], "b": models[1]})
    frames.agree_on({"a": models[0], "b": models[1]})


@on_one_area
@given(maps, st.data())
def test_frames_that_are_told_agree(
    layout: str, init: "dict[str, Any]", data: "st.DataObject"
) -> None:
    leave_all()
    frames = Frames(init, layout=layout)
    model = init
    for _ in range(8):
        step = draw_step(data, model)
        which = data.draw(st.integers(0, 1))
        frames.do(which, step.run)
        model = step.after(model)
        if data.draw(st.integers(0, 3)) == 0:
            frames.fold(which, FOLDS["hide"])
        frames.agree_on(model)


def test_frame_whose_place_has_gone_is_told() -> None:
    frames = Frames({"m": {"x": {"y": 1}}})
    part = frames.states[1].m.x
    frames.do(0, lambda state: state.m.pop("x"))
    with pytest.raises(DetachedError):
        frames.do(1, lambda state: part.update(y=2))
    frames.agree_on({"m": {}})


def test_statement_after_somebody_elses_garbage_is_stored() -> None:
    frames = Frames({"n": 1})
    frames.hosts[0].frame().area("session").setItem(KEY, "garbage")
    with pytest.warns(StorageWarning):
        frames.do(0, lambda state: state.update(n=2))
    assert stored(frames.area) == {"n": 2}
    assert text_at(frames.area, REJECTED) == "garbage"


def test_failed_statement_leaves_what_another_frame_appended() -> None:
    frames = Frames({"a": 0, "b": 0})
    frames.do(0, lambda state: state.update(a=1))
    frames.hosts[1].area("session").quota = used(frames.area) + 5
    with pytest.raises(QuotaExceededError):
        frames.do(1, lambda state: state.update(b="x" * 500))
    frames.hosts[1].area("session").quota = None
    frames.agree_on({"a": 1, "b": 0})


def test_reset_by_somebody_who_clears_the_area_is_followed() -> None:
    frames = Frames({"a": 0})
    frames.do(0, lambda state: state.update(a=1))
    frames.deliver()
    frames.hosts[0].frame().area("session").clear()
    frames.deliver()
    assert [snapshot(state) for state in frames.states] == [{"a": 0}, {"a": 0}]
    frames.do(1, lambda state: state.update(a=3))
    frames.agree_on({"a": 3})
