"""A state of several tabs: stored, followed, folded and tidied."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from anchor_session import (
    Change,
    DetachedError,
    StorageError,
    StorageUnavailableError,
    StorageWarning,
    batch,
    history,
    leave,
    persistent,
    restored,
    session,
    snapshot,
    subscribe,
)
from anchor_session.host.area import Area
from anchor_session.page.open_states import leave_all, storage_changed
from anchor_session.page.record.layout import name_of
from anchor_session.page.shared import entries
from anchor_session.page.shared.record import SharedRecord
from anchor_session.reactive.operations import perform
from anchor_session.reactive.plain import MISSING
from anchor_session.testing import MemoryArea, use_host
from anchor_session.testing.browser import Browser
from anchor_session.testing.tabs import Tab
from tests.support import rows, table

KEY = "anchor-persistent://s@1.0.0"


def opened(tab: Tab, init: Any = None, **options: Any) -> Any:
    with use_host(tab):
        return persistent("s", init, **options)


def stored(browser: Browser) -> dict[str, str]:
    """What lies in `localStorage`, by what follows the key."""
    return {
        key[len(KEY) :]: text for key, text in browser.local.items.items() if key.startswith(KEY)
    }


def fresh(browser: Browser, **options: Any) -> Any:
    """What a new tab makes of what is stored."""
    tab = Tab(Browser())
    for key, text in browser.local.items.items():
        tab.area("local").setItem(key, text)
    return snapshot(opened(tab, **options))


def pause(browser: Browser, seconds: int = 30) -> None:
    """Let time pass in which nobody changes anything."""
    for _ in range(seconds):
        browser.settle()
        browser.clock.advance(1)
    browser.settle()


def test_entries_that_were_made_one_again_and_again_have_every_change() -> None:
    browser = Browser()
    one = browser.open()
    state = opened(one, {"l": []}, layout="journal")
    with use_host(one):
        for number in range(500):
            state["l"].append(number)
    assert len(stored(browser)) < 200
    assert fresh(browser) == {"l": list(range(500))}


def test_entries_that_were_made_one_before_they_were_heard_of_need_no_reading_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    state, other = opened(one, {"l": []}, layout="journal"), opened(two, {"l": []})
    pause(browser)
    with use_host(one):
        for number in range(150):
            state["l"].append(number)
    monkeypatch.setattr(SharedRecord, "load", None)
    browser.settle()
    assert other == {"l": list(range(150))}
    monkeypatch.undo()


def test_tab_that_has_not_heard_of_the_base_puts_down_no_other_one() -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    state, other = opened(one, {"n": 1}), opened(two, {"n": 1})
    pause(browser)
    with use_host(one):
        state.n = 2
    (entry,) = [key for key in stored(browser) if key.startswith("#edit.")]
    with use_host(two):
        storage_changed(two.area("local"), [f"{KEY}{entry}", KEY])
        assert other.n == 2
        other.m = 3
    assert len([key for key in stored(browser) if key.startswith("#base.")]) == 1
    assert fresh(browser) == {"n": 2, "m": 3}


def test_document_that_an_entry_announces_is_taken_over_without_listing_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    state, other = opened(one, {"n": 1}), opened(two, {"n": 1})
    with use_host(one):
        state.n = 2
    browser.settle()
    with use_host(one):
        state.n = 3
    monkeypatch.setattr(Area, "keys", None)
    two.deliver()
    assert other.n == 3
    monkeypatch.undo()


def test_own_change_that_a_document_had_is_not_made_again_when_that_is_over() -> None:
    """The others had tidied when it was made; it lies there until somebody removes it."""
    tab = Tab(Browser())
    area = tab.area("local")
    record = SharedRecord(Area(area), KEY, tab)
    area.setItem(KEY, '{"n":1}')
    record.load()
    stamp = record.next_stamp()
    epoch = record.epoch
    text = entries.entry_text(
        epoch.name, epoch.since, name_of('{"n":2}'), epoch.replica.note([], stamp)
    )
    area.setItem(f"{KEY}#edit.{stamp}", text)
    area.setItem(KEY, '{"n":2}')
    record.load()
    assert (list(record.epoch.foreign_entries), record.epoch.own_late_entries) == ([stamp], [])
    area.setItem(KEY, '{"n":3}')
    assert record.load() == {"n": 3}
    assert (list(record.epoch.foreign_entries), record.epoch.own_late_entries) == ([stamp], [])


# -- what fails -------------------------------------------------------------------------------------

INIT = {"a": 1, "l": [1, 2], "m": {}}
STATEMENTS = {
    "set": lambda state: state.__setitem__("a", 5),
    "delete": lambda state: state.__delitem__("a"),
    "append": lambda state: state["l"].append(7),
    "clear": lambda state: state.clear(),
    "nested": lambda state: state["m"].__setitem__("x", {"y": [1]}),
}


class Failing(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Faults:
    """Have the calls from the `first` to the `last` fail by which a tab writes."""

    def __init__(self, tab: Tab, name: str, first: int, last: int) -> None:
        self.count = 0
        self.is_on = True
        area = tab.area("local")
        for method in ("setItem", "removeItem"):
            self._wrap(area, method, name, first, last)

    def _wrap(self, area: Any, method: str, name: str, first: int, last: int) -> None:
        plain = getattr(area, method)

        def call(*arguments: str) -> None:
            if self.is_on:
                self.count += 1
                if first <= self.count <= last and (method == "setItem" or name != QUOTA):
                    raise Failing(name)
            plain(*arguments)

        setattr(area, method, call)


QUOTA, BLOCKED = "QuotaExceededError", "SecurityError"


def failing(layout: str, statement: str, name: str, first: int, last: int) -> int:
    """Make the statement while some calls fail, and look what is there; how many calls there were."""
    browser = Browser()
    one, two = browser.open(), browser.open()
    faults = Faults(one, name, first, last)
    faults.is_on = False
    state, other = opened(one, INIT, layout=layout), opened(two, INIT, layout=layout)
    with use_host(two):
        other["l"].append(3)
    browser.settle()
    before, listed = snapshot(state), stored(browser).get("#deleted")
    faults.is_on = True
    with use_host(one):
        try:
            STATEMENTS[statement](state)
            is_done = True
        except StorageError:
            is_done = False
    faults.is_on = False
    assert is_done or snapshot(state) == before
    assert fresh(browser) == snapshot(state)
    if not is_done and first == last:
        assert stored(browser).get("#deleted") == listed
    browser.settle()
    assert snapshot(other) == snapshot(state)
    with use_host(one):
        state["again"] = 1
    browser.settle()
    assert fresh(browser) == snapshot(other) == snapshot(state)
    pause(browser)
    assert set(stored(browser)) <= {"", "#deleted"}
    leave_all()
    return faults.count


@rows("name", [QUOTA, BLOCKED])
@rows("statement", [*STATEMENTS])
@rows("layout", ["auto", "journal"])
def test_whichever_call_fails_a_statement_is_stored_or_undone(
    layout: str, statement: str, name: str
) -> None:
    calls = failing(layout, statement, name, 0, 0)
    with table() as row:
        for first in range(1, calls + 3):
            for last in (first, 1000):
                with row(f"calls {first} to {last}"):
                    failing(layout, statement, name, first, last)


# -- layouts ----------------------------------------------------------------------------------------


def test_changes_of_a_state_that_outgrows_its_document_are_made_one(early_journals: None) -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    state, other = opened(one), opened(two)
    with use_host(one):
        for number in range(400):
            state[f"k{number}"] = number
    browser.settle()
    expected = {f"k{number}": number for number in range(400)}
    assert other == fresh(browser) == expected
    pause(browser)
    assert set(stored(browser)) == {""}
    assert fresh(browser) == expected


# -- what others write under our keys ---------------------------------------------------------------

STAMP = "60a24181e4001aaaaaa"
LATER = "eeeeeeeeeeeeeaaaaaa"


def entry_text(changes: str, stamp: str = STAMP) -> str:
    return f'["EPOCH","60a2400000000",null,[["{stamp}",{changes}]]]'


def base_text(seen: str, dump: str, data: str) -> str:
    return f'["EPOCH",{seen},{dump},{data}]'


NO_ENTRY = [
    "",
    "null",
    "[]",
    '["EPOCH"]',
    '["EPOCH",1,null,[]]',
    '["EPOCH","60a2400000000",null,[[1,2]]]',
    '["EPOCH","60a2400000000",[],[]]',
    '[{},"60a2400000000",null,[]]',
    "[" * 5000,
    entry_text("[[]]"),
    entry_text('[["burn",[".n"]]]'),
    entry_text('[["set",[],1]]'),
    entry_text(f'[["set",{str([".a"] * 1000).replace(chr(39), chr(34))},1]]'),
    entry_text(f'[["set",[".n"],{"[" * 300}{"]" * 300}]]'),
    entry_text('[["set",[".n"],NaN]]'),
    entry_text(f'[["move",[".l","#0"],[1{"0" * 5000}]]]'),
    entry_text('[["set",[".n"],1]]', LATER),
]
NO_BASE = [
    "",
    "{}",
    "[" * 5000,
    base_text("{}", '["",[]]', "{}"),
    base_text('{"aaaaaa":1}', '["",[]]', "DATA"),
    base_text(f'{{"aaaaaa":"{LATER}"}}', '["",[]]', "DATA"),
]
JUNK = [(f"#edit.{STAMP}", text) for text in NO_ENTRY]
JUNK += [(f"#base.60a2400000000.{STAMP}.EPOCH", text) for text in NO_BASE]
JUNK += [(f"#edit.{LATER}", entry_text('[["set",[".n"],9]]', LATER))]
JUNK += [("#edit.", "x"), ("#edit.__class__", "[]"), ("#base.", "x"), ("#base.a.b.c.d", "[]")]


@rows(("name", "text"), JUNK)
def test_foreign_text_is_ignored_with_a_warning_in_each_tab_and_stays(name: str, text: str) -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    init = {"n": 1, "l": [1, 2]}
    state, other = opened(one, init), opened(two, init)
    pause(browser)
    document = stored(browser)[""]
    text = text.replace("EPOCH", name_of(document)).replace("DATA", document)
    name = name.replace("EPOCH", name_of(document))
    browser.open().area("local").setItem(KEY + name, text)
    with pytest.warns(StorageWarning) as warned:
        browser.settle()
        with use_host(one):
            state["l"].append(3)
        browser.settle()
        with use_host(two):
            other["m"] = 1
        browser.settle()
        pause(browser, 90)
    assert len(warned) == 2
    with pytest.warns(StorageWarning) as warned:
        assert fresh(browser) == state == other == {"n": 1, "l": [1, 2, 3], "m": 1}
    assert len(warned) == 1
    assert set(stored(browser)) == {"", name}
    assert stored(browser)[name] == text


NO_KNOWLEDGE = [
    base_text("{}", f'["{LATER}",[]]', "DATA"),
    base_text("{}", '["",[1]]', "DATA"),
    base_text("{}", '["",[[[],"",true,null,"",null,""]]]', "DATA"),
    base_text("{}", '["",[[[".l"],"",true,null,"",[0],""]]]', "DATA"),
    base_text("{}", '["",[[[".n"],"",true,null,"",[0],""]]]', "DATA"),
]


@rows("text", NO_KNOWLEDGE)
def test_base_that_does_not_know_its_own_data_is_nothing_to_build_on(text: str) -> None:
    browser = Browser()
    state = opened(browser.open(), {"n": 1, "l": [1, 2]})
    pause(browser)
    document = stored(browser)[""]
    text = text.replace("EPOCH", name_of(document)).replace("DATA", document)
    key = f"{KEY}#base.60a2400000000.{STAMP}.{name_of(document)}"
    browser.open().area("local").setItem(key, text)
    with pytest.warns(StorageWarning):
        other = opened(browser.open())
    other["l"].append(3)
    browser.settle()
    assert state == other == {"n": 1, "l": [1, 2, 3]}


WELL_FORMED = [
    entry_text('[["set",[".__class__"],1]]'),
    entry_text('[["set",["__class__"],1]]'),
    entry_text('[["set",[".n",".a"],1]]'),
    entry_text('[["set",[".l",".0"],1]]'),
    entry_text('[["set",[".s","=[1]"],1]]'),
    entry_text('[["set",[".s","={"],1]]'),
    entry_text('[["set",["=1"],1],["move",["=1"],[1]],["move",[".n"],[1]],["delete",[""]]]'),
    entry_text('[["move",[".l","#0"],[5,-1]],["delete",[".l","#0"]],["set",[".l","#0",".a"],1]]'),
    entry_text('[["set",[".l","#x"],1],["move",[".l","#x"],[0]],["move",[".l","#y"],[0]]]'),
    entry_text(f'[["move",[".l","#0"],[1{"0" * 400}]]]'),
    entry_text('[["set",["#1","#2"],1],["move",["#1","#2"],[0]]]'),
    entry_text('[["set",[".n"],{"$anchor":"set","value":[[1]]}]]'),
]


@rows("text", WELL_FORMED)
def test_changes_that_mean_nothing_mean_the_same_in_all_tabs(text: str) -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    init = {"n": 1, "l": [1, 2], "s": {1}}
    state, other = opened(one, init), opened(two, init)
    pause(browser)
    text = text.replace("EPOCH", name_of(stored(browser)[""]))
    browser.open().area("local").setItem(f"{KEY}#edit.{STAMP}", text)
    with use_host(one):
        state["l"].append(3)
    browser.settle()
    with use_host(two):
        other["m"] = 1
        other["l"][0] = 5
    browser.settle()
    assert fresh(browser) == state == other
    assert state["m"] == 1
    assert 3 in state["l"]
    pause(browser, 90)
    assert fresh(browser) == state == other
    assert set(stored(browser)) == {""}


def foreign(area: Any, what: str) -> dict[str, Any]:
    """Do what another program may do to a document; what the state is then."""
    if what == "set":
        area.setItem(KEY, '{"f":1}')
        area.setItem(KEY, '{"f": 2, "l": [7]}')
        return {"f": 2, "l": [7]}
    if what == "remove":
        area.removeItem(KEY)
    else:
        area.clear()
    return {"n": 1, "l": [1, 2]}


@rows("what", ["set", "remove", "clear"])
@rows("since", ["at rest", "changed", "folded"])
@rows("layout", ["document", "journal"])
@pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning")
def test_document_of_another_program_wins_in_all_tabs(layout: str, since: str, what: str) -> None:
    browser = Browser()
    some = [browser.open() for _ in range(3)]
    states = [opened(tab, {"n": 1, "l": [1, 2]}, layout=layout) for tab in some]
    pause(browser)
    if since != "at rest":
        with use_host(some[0]):
            states[0]["l"].append(3)
        browser.settle()
        with use_host(some[1]):
            states[1]["x"] = 1
        browser.settle()
    if since == "folded":
        pause(browser, 3)
    expected = foreign(browser.open().area("local"), what)
    browser.settle()
    assert [snapshot(state) for state in states] == [expected] * 3
    with use_host(some[0]):
        states[0]["after"] = 1
    browser.settle()
    expected["after"] = 1
    assert [snapshot(state) for state in states] == [expected] * 3
    assert fresh(browser) == expected
    pause(browser, 90)
    assert set(stored(browser)) <= {"", "#deleted", "#rejected", "#rejected.1"}
    assert fresh(browser) == expected


def test_unreadable_document_of_another_program_changes_nothing() -> None:
    browser = Browser()
    one = browser.open()
    state = opened(one, {"n": 1})
    pause(browser)
    browser.open().area("local").setItem(KEY, '{"f')
    with pytest.warns(StorageWarning):
        browser.settle()
    assert state == {"n": 1}
    with pytest.warns(StorageWarning, match="moved to"), use_host(one):
        state["n"] = 2
    assert fresh(browser) == {"n": 2}
    assert stored(browser)["#rejected"] == '{"f'


# -- options ----------------------------------------------------------------------------------------


def no_more_than_ten(data: dict[str, Any]) -> dict[str, Any]:
    if sum(data.values()) > 10:
        raise ValueError("too much")
    return data


def test_changes_that_fit_one_by_one_and_not_together_are_the_same_state_everywhere() -> None:
    browser = Browser(network=True)
    one, two = browser.open(), browser.open()
    init = {"a": 0, "b": 0}
    states = [opened(tab, init, schema=no_more_than_ten) for tab in (one, two)]
    with use_host(one):
        states[0]["a"] = 6
    with use_host(two):
        states[1]["b"] = 7
    browser.settle()
    assert states[0] == states[1]
    assert sum(states[0].values()) in (6, 7)
    pause(browser)
    assert states[0] == states[1] == fresh(browser, schema=no_more_than_ten)
    assert set(stored(browser)) == {""}
    with use_host(one):
        states[0]["a"] = 1
    browser.settle()
    assert states[0] == states[1] == fresh(browser, schema=no_more_than_ten)


def test_document_of_another_program_that_does_not_fit_the_schema_changes_nothing() -> None:
    browser = Browser()
    one = browser.open()
    state = opened(one, {"a": 1}, schema=no_more_than_ten)
    pause(browser)
    browser.open().area("local").setItem(KEY, '{"a":99}')
    with pytest.warns(StorageWarning, match="cannot be used"):
        browser.settle()
    assert state == {"a": 1}
    with pytest.warns(StorageWarning, match="moved to"), use_host(one):
        state["a"] = 2
    assert fresh(browser) == {"a": 2}


@rows("layout", ["document", "journal"])
def test_keys_are_in_one_order_everywhere_after_a_while(layout: str) -> None:
    browser = Browser(network=True)
    one, two = browser.open(), browser.open()
    states = [opened(tab, layout=layout) for tab in (one, two)]
    with use_host(one):
        states[0]["a"] = states[0]["b"] = 1
    with use_host(two):
        states[1]["c"] = states[1]["d"] = 1
    browser.settle()
    pause(browser)
    assert list(states[0]) == list(states[1]) == list(fresh(browser))
    assert set(stored(browser)) == {""}


@rows("layout", ["document", "journal"])
def test_batch_of_which_one_state_fails_is_heard_by_nobody(layout: str) -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    area = one.area("local")
    plain, names = area.setItem, ["nothing fails yet"]

    def set_item(key: str, value: str) -> None:
        if names[0] in key:
            raise Failing(BLOCKED)
        plain(key, value)

    area.setItem = set_item  # type: ignore[method-assign]
    with use_host(one):
        first, second = (persistent(name, {"n": 1}, layout=layout) for name in ("s", "second"))
    other = opened(two)
    pause(browser)
    names[0] = "second"
    with use_host(one), pytest.raises(StorageError), batch():
        first["n"] = 2
        second["n"] = 2
    names[0] = "nothing fails any more"
    assert first == second == {"n": 1}
    browser.settle()
    assert other == fresh(browser) == {"n": 1}
    with use_host(one):
        first["m"] = second["m"] = 1
    pause(browser)
    assert other == fresh(browser) == first == second == {"n": 1, "m": 1}


def test_tabs_that_fold_at_the_same_moment_come_to_rest() -> None:
    browser = Browser(network=True)
    some = [browser.open() for _ in range(4)]
    some.reverse()  # what they write does not reach the browser in the order of their stamps
    states = [opened(tab, layout="journal") for tab in some]
    for number, (tab, state) in enumerate(zip(some, states, strict=True)):
        with use_host(tab):
            state[f"a{number}"] = state[f"b{number}"] = 1
    some.pop().kill()
    pause(browser)
    assert set(stored(browser)) == {""}
    orders = {",".join(state) for state in [*states[:3], fresh(browser)]}
    assert len(orders) == 1


# -- a statement that others' changes come into -----------------------------------------------------


def two_tabs(init: dict[str, Any]) -> "tuple[Browser, list[Tab], list[Any]]":
    """Two tabs whose writes are in storage at once, and whose events are still on their way."""
    browser = Browser()
    tabs = [browser.open(), browser.open()]
    states = [opened(tab, init) for tab in tabs]
    browser.settle()
    return browser, tabs, states


def test_item_is_found_although_another_tab_moved_it_unheard() -> None:
    browser, tabs, (state, other) = two_tabs({"l": ["x", "y", "z"]})
    with use_host(tabs[0]):
        state["l"].insert(0, "new")
    with use_host(tabs[1]):
        other["l"][2] = "Z"
    assert other == {"l": ["new", "x", "y", "Z"]}
    browser.settle()
    assert fresh(browser) == state == other


def test_batch_on_a_list_that_another_tab_changed_unheard() -> None:
    browser, tabs, (state, other) = two_tabs({"l": [1, 2, 3, 4]})
    with use_host(tabs[0]):
        state["l"].pop(0)
        state["l"].append(5)
    with use_host(tabs[1]), batch():
        other["l"][3] = 40
        other["l"].remove(2)
        other["l"].insert(0, 0)
    browser.settle()
    assert sorted(other["l"]) == [0, 3, 5, 40]
    assert fresh(browser) == state == other


def test_appends_of_one_tab_keep_their_order_behind_unheard_ones() -> None:
    browser, tabs, states = two_tabs({"l": []})
    for number in range(5):
        for tab, state in zip(tabs, states, strict=True):
            with use_host(tab):
                state["l"].append([tabs.index(tab), number])
    browser.settle()
    assert fresh(browser) == states[0] == states[1]
    for each in (0, 1):
        assert [number for tab, number in fresh(browser)["l"] if tab == each] == list(range(5))


def test_statement_on_what_another_tab_removed_unheard_raises_and_changes_nothing() -> None:
    browser, tabs, (state, other) = two_tabs({"m": {"a": {}}})
    inner = other["m"]["a"]
    with use_host(tabs[0]):
        del state["m"]
    with use_host(tabs[1]), pytest.raises(DetachedError):
        inner["x"] = 1
    browser.settle()
    assert fresh(browser) == state == other == {}


@rows(
    "statement",
    [
        lambda items: items.append(4),
        lambda items: items.pop(),
        lambda items: items.reverse(),
        lambda items: items.move(0, 2),
    ],
)
def test_statement_on_a_list_that_another_tab_removed_unheard_raises(
    statement: Callable[[Any], object],
) -> None:
    browser, tabs, (state, other) = two_tabs({"l": [1, 2, 3]})
    items = other["l"]
    with use_host(tabs[0]):
        del state["l"]
    with use_host(tabs[1]), pytest.raises(DetachedError):
        statement(items)
    browser.settle()
    assert fresh(browser) == state == other == {}


def test_item_that_another_tab_shifted_unheard_is_moved() -> None:
    browser, tabs, (state, other) = two_tabs({"l": [{"x": each} for each in "abc"]})
    view = other["l"][0]
    with use_host(tabs[0]):
        state["l"].insert(0, {"x": "N"})
        state["l"].pop(2)
    with use_host(tabs[1]):
        other["l"].move(0, 2)
    assert [item["x"] for item in other["l"]] == ["N", "c", "a"]
    assert other["l"][2] is view
    browser.settle()
    assert fresh(browser) == state == other


class Mirror:
    """A copy of a state, kept up by what is told of it."""

    def __init__(self, state: Any) -> None:
        self.data = snapshot(state)
        self.end = subscribe(state, self.hear)

    def hear(self, change: Change) -> None:
        if change.op == "replace":
            assert change.previous == self.data
        for each in change.changes or (change,):
            self.make(each)
        if change.op == "replace":
            assert change.value == self.data

    def make(self, change: Change) -> None:
        op, path = change.op, list(change.path)
        key: Any = path.pop() if op in ("set", "delete") else change.index
        container = self.data
        for part in path:
            container = container[part]
        new: Any = MISSING if op == "delete" else change.value
        perform(container, op, key, new, change.previous)


def change_in_batch(items: Any) -> None:
    with batch():
        items[0]["n"] = "mine"
        items.pop(1)
        items.append({"n": "new"})


HERE: "dict[str, Callable[[Any], object]]" = {
    "change": lambda items: items[0].update(n="mine"),
    "set": lambda items: items.__setitem__(0, {"n": "mine"}),
    "append": lambda items: items.append({"n": "mine"}),
    "delete first": lambda items: items.pop(0),
    "delete last": lambda items: items.pop(),
    "reverse": lambda items: items.reverse(),
    "move": lambda items: items.move(0, 2),
    "batch": change_in_batch,
}
THERE: "dict[str, Callable[[Any], object]]" = {
    "insert": lambda items: items.insert(0, {"n": "theirs"}),
    "delete": lambda items: items.pop(1),
    "move": lambda items: items.move(2, 0),
    "change": lambda items: items[1].update(n="theirs"),
}


def test_what_is_told_of_a_statement_that_others_changes_came_into_leads_to_what_is_there() -> None:
    with table() as row:
        for here, there in product(HERE, THERE):
            with row(f"{here}, {there}"):
                browser, tabs, (state, other) = two_tabs({"l": [{"n": n} for n in range(4)]})
                mirror = Mirror(state)
                with use_host(tabs[1]):
                    THERE[there](other["l"])
                with use_host(tabs[0]):
                    HERE[here](state["l"])
                assert mirror.data == snapshot(state)
                browser.settle()
                assert mirror.data == snapshot(state) == snapshot(other) == fresh(browser)
                mirror.end()


@rows("replay", ["undo", "redo"])
def test_undoing_leaves_alone_what_others_changes_have_shifted_unheard(replay: str) -> None:
    start = {"l": [{"n": n} for n in range(4)], "m": 0}

    def alone(change: "Callable[[Any], object]") -> Any:
        state = session("alone", start, area=MemoryArea())
        change(state["l"])
        return snapshot(state["l"])

    with table() as row:
        for here, there in product(HERE, THERE):
            with row(f"{here}, {there}"):
                browser, tabs, (state, other) = two_tabs(start)
                past = history(state)
                with use_host(tabs[0]):
                    state["m"] = 1
                    if replay == "redo":
                        HERE[here](state["l"])
                        past.undo()
                browser.settle()
                with use_host(tabs[1]):
                    THERE[there](other["l"])
                with use_host(tabs[0]):
                    if replay == "redo":
                        past.redo()
                    else:
                        HERE[here](state["l"])
                    made = snapshot(state["l"])
                    while past.undo():
                        pass
                if made == alone(HERE[here]):  # what the others did came to nothing
                    made = start["l"]
                elif there == "change" and here in ("change", "set"):  # another item
                    made[0] = {"n": 0}
                assert snapshot(state["l"]) == made
                browser.settle()
                assert snapshot(state) == snapshot(other) == fresh(browser)
                past.stop()


def test_undoing_takes_back_what_others_unheard_changes_have_nothing_to_do_with() -> None:
    browser, tabs, (state, other) = two_tabs({"l": [1, 2], "m": 0})
    past = history(state)
    with use_host(tabs[1]):
        other["l"].insert(0, 0)
    with use_host(tabs[0]):
        state["m"] = 1
        assert past.undo()
    browser.settle()
    assert snapshot(state) == snapshot(other) == {"l": [0, 1, 2], "m": 0}


@rows("on_error", [False, True])
def test_failing_statement_that_others_changes_came_into_leaves_theirs(on_error: bool) -> None:
    browser = Browser()
    tabs = [browser.open(), browser.open()]
    state = opened(tabs[0], {"l": [1, 2]})
    errors: list[StorageError] = []
    other = opened(tabs[1], {"l": [1, 2]}, on_error=errors.append if on_error else None)
    browser.settle()
    with use_host(tabs[0]):
        state["l"].insert(0, 0)
    area = tabs[1].area("local")
    area.quota = 0
    with use_host(tabs[1]):
        if on_error:
            other["l"][1] = "x" * 100
        else:
            with pytest.raises(StorageError):
                other["l"][1] = "x" * 100
    assert other == {"l": [0, 1, "x" * 100 if on_error else 2]}
    assert fresh(browser) == {"l": [0, 1, 2]}
    area.quota = None
    with use_host(tabs[1]):
        other["n"] = 1
    browser.settle()
    assert fresh(browser) == state == other == {"l": [0, 1, "x" * 100 if on_error else 2], "n": 1}


def test_batch_of_two_states_that_others_changes_came_into_is_taken_back() -> None:
    browser, tabs, (state, other) = two_tabs({"l": [1, 2, 3]})
    area = tabs[1].area("session")
    with use_host(tabs[1]):
        failing = session("failing", {"n": 0})
    with use_host(tabs[0]):
        state["l"].insert(0, 0)
    area.quota = 0
    with use_host(tabs[1]), pytest.raises(StorageError), batch():
        other["l"][2] = "three"
        failing["n"] = 1
    area.quota = None
    assert [snapshot(other), snapshot(failing)] == [{"l": [0, 1, 2, 3]}, {"n": 0}]
    browser.settle()
    assert fresh(browser) == state == other


@rows("layout", ["document", "journal"])
def test_area_that_cannot_be_read_is_an_error_of_the_write(layout: str) -> None:
    browser = Browser()
    tab = browser.open()
    errors: list[StorageError] = []
    state = opened(tab, {"n": 1}, layout=layout, on_error=errors.append)
    pause(browser)
    tab.area("local").is_blocked = True
    state["n"] = 2
    assert [type(error) for error in errors] == [StorageUnavailableError]
    assert (state["n"], restored(state).dirty) == (2, True)
    tab.area("local").is_blocked = False
    state["m"] = 3
    assert (fresh(browser), restored(state).dirty) == ({"n": 2, "m": 3}, False)


def test_area_that_cannot_be_read_undoes_the_statement() -> None:
    browser = Browser()
    tab = browser.open()
    state = opened(tab, {"n": 1})
    tab.area("local").is_blocked = True
    with pytest.raises(StorageUnavailableError):
        state["n"] = 2
    tab.area("local").is_blocked = False
    assert (state["n"], restored(state).dirty) == (1, False)


def test_state_that_was_left_with_changes_that_are_stored_then_waits_for_nothing() -> None:
    browser = Browser()
    tab = browser.open()
    state = opened(tab, {"n": 1}, on_error=lambda error: None)
    pause(browser)
    tab.area("local").quota = 0
    state["n"] = 2
    assert restored(state).dirty
    tab.area("local").quota = None
    leave(state)
    assert fresh(browser) == {"n": 2}
    before = stored(browser)
    pause(browser)
    assert stored(browser) == before
