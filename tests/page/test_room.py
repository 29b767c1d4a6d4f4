"""How much room a state takes, and that none is refused: a model of the area checks each step."""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import anchor_session
from anchor_session import (
    QuotaExceededError,
    StorageWarning,
    batch,
    leave,
    persistent,
    restored,
    snapshot,
)
from anchor_session.codec import decode, encode
from anchor_session.host.area import units
from anchor_session.page.open_states import leave_all
from anchor_session.page.record.layout import name_of
from anchor_session.page.shared.replica.items import pack, unpack
from anchor_session.testing import Browser, use_host
from tests.room import album
from tests.support import Killed, examples, rows, table

KEY = "anchor-persistent://s@1.0.0"
QUOTA = 400_000
SLACK = 65_536  # units that a state may take beside what its size allows, while it changes
AT_REST = 8_192
KINDS = {"session": "session", "persistent": "local", "shared": "local"}
INIT: dict[str, Any] = {"texts": [], "n": 0, "m": {}}


class Page:
    """A tab with one state, in an area that others fill too; what is stored is known at every moment."""

    def __init__(self, kind: str, layout: str, quota: int = QUOTA) -> None:
        self.kind, self.layout, self.quota = kind, layout, quota
        self.browser = Browser()
        self.tab = self.browser.open()
        self.model: dict[str, Any] = {"texts": [], "n": 0, "m": {}}
        self.peak = 0
        self.killed_at = self.closed_at = 0
        self.before_call: Callable[[], None] = lambda: None
        self.after_store: Callable[[str], None] = lambda key: None
        self.start()

    def start(self) -> None:
        area: Any = self.tab.area(KINDS[self.kind])
        self.area = area
        self.area.quota = self.quota
        set_item, remove_item = area.setItem, area.removeItem

        def store(key: str, text: str) -> None:
            self.before_call()
            set_item(key, text)
            self.peak = max(self.peak, self.taken())
            self.after_store(key)

        def remove(key: str) -> None:
            self.before_call()
            remove_item(key)

        area.setItem, area.removeItem = store, remove
        with use_host(self.tab):
            opener = getattr(anchor_session, self.kind)
            self.state = opener("s", INIT, layout=self.layout)
        self.browser.settle()  # it is known whether others have it open
        assert snapshot(self.state) == self.model

    # -- the area -------------------------------------------------------------------------------

    def sizes(self) -> dict[str, int]:
        return {key: units(key) + units(text) for key, text in self.area.entries().items()}

    def taken(self) -> int:
        """What lies there of the state."""
        return sum(size for key, size in self.sizes().items() if "://s@" in key)

    def others(self) -> int:
        return sum(size for key, size in self.sizes().items() if "://s@" not in key)

    @property
    def is_another(self) -> bool:
        """Whether the page before, if it was killed or closed just now, may still be one that writes."""
        now = self.browser.clock.now()
        return now - self.killed_at < 6_000_000 or now - self.closed_at < 1_100_000

    @property
    def has_former(self) -> bool:
        """Whether entries of the page before may still lie there, which this one does not remove at once."""
        return self.browser.clock.now() - self.closed_at < 6_000_000

    # -- what happens ---------------------------------------------------------------------------

    def change(self, statement: "tuple[str, Any]") -> None:
        after = changed(self.model, statement)
        before, later = len(encode(self.model)), len(encode(after))
        self.peak = self.taken()
        has_room = self.others() + later + 200 + SLACK <= self.quota and not self.is_another
        try:
            with use_host(self.tab):
                apply(self.state, statement)
            self.model = after
        except QuotaExceededError:
            assert not has_room, f"refused, with {self.quota - self.others()} units for {later}"
            assert later >= before or self.is_another, "what removes something is refused"
        assert snapshot(self.state) == self.model
        bound = 2.2 * max(before, later) + SLACK
        assert self.peak <= bound or self.is_another or self.has_former

    def fill(self, share: float) -> None:
        """Another library takes a share of what is free, or gives all of its own back.

        It leaves room for folding while there is something to fold: nothing can keep that from others.
        """
        self.area.removeItem("other")
        sizes = self.sizes()
        free = self.quota - sum(sizes.values()) - len("other")
        if any("#edit" in key or "#journal" in key for key in sizes):
            free -= len(encode(self.model)) + AT_REST
        if share and free > 0:
            self.area.setItem("other", "x" * int(free * share))

    def fill_all(self) -> None:
        free = self.quota - sum(self.sizes().values()) - len("other")
        self.area.setItem("other", "x" * free)

    def wait(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.browser.clock.advance(1)
            self.tab.idle()
        self.browser.clock.advance(seconds % 1)

    def quiet(self, _: Any = None) -> None:
        self.wait(10)
        bound = 1.15 * len(encode(self.model)) + AT_REST
        assert self.taken() <= bound, self.sizes()

    def go(self, how: str) -> None:
        if how == "hide":
            self.tab.hide()
            return
        if how == "leave":
            with use_host(self.tab):
                leave(self.state)
        else:
            session = self.tab.area("session").entries()
            if how == "close":
                self.tab.close()
                self.closed_at = self.browser.clock.now()
                session = self.tab.area("session").entries()
            else:
                self.tab.kill()
                self.killed_at = self.browser.clock.now()
            self.tab = self.browser.open(session)
        self.start()

    def run(self, program: "list[tuple[str, Any]]") -> None:
        for name, argument in program:
            getattr(self, name)(argument)
        self.fill(0)
        self.quiet()
        self.go("kill")


def changed(model: dict[str, Any], statement: "tuple[str, Any]") -> dict[str, Any]:
    after = {**model, "texts": model["texts"].copy(), "m": model["m"].copy()}
    apply(after, statement)
    return after


def apply(state: Any, statement: "tuple[str, Any]") -> None:
    """The statement, on a state or on plain data."""
    name, value = statement
    texts = state["texts"]
    if name == "append":
        texts.append("x" * value)
    elif name == "replace" and texts:
        texts[value % len(texts)] = "y" * value
    elif name == "pop" and texts:
        texts.pop(value % len(texts))
    elif name == "count":
        state["n"] = state["n"] + 1
    elif name == "map":
        state["m"][f"k{value % 50}"] = "z" * (value % 1000)
    elif name == "delete":
        state["m"].pop(f"k{value % 50}", None)
    elif name == "clear":
        texts.clear()


LENGTHS = st.sampled_from([0, 10, 300, 3_000, 20_000, 60_000, 150_000]) | st.integers(0, 250_000)
STATEMENTS = st.tuples(
    st.sampled_from(["append", "append", "replace", "pop", "count", "map", "delete", "clear"]),
    LENGTHS,
)
STEPS = (
    st.tuples(st.just("change"), STATEMENTS)
    | st.tuples(st.just("change"), STATEMENTS)
    | st.tuples(st.just("wait"), st.sampled_from([0.1, 1, 2, 6]))
    | st.tuples(st.just("fill"), st.sampled_from([0, 0.5, 0.9, 1]))
    | st.tuples(st.just("quiet"), st.none())
    | st.tuples(st.just("go"), st.sampled_from(["hide", "leave", "close", "kill"]))
)


@pytest.mark.parametrize("kind", KINDS)
@examples(0.5)
@given(
    layout=st.sampled_from(["auto", "document", "journal"]), program=st.lists(STEPS, max_size=25)
)
def test_state_of_one_tab_has_all_the_room_there_is(
    kind: str, layout: str, program: "list[tuple[str, Any]]"
) -> None:
    leave_all()
    Page(kind, layout).run(program)
    leave_all()


# -- the album --------------------------------------------------------------------------------------


@rows(
    ("kind", "tabs", "size", "layout"),
    [
        ("session", 1, 55_000, "auto"),
        ("persistent", 1, 40_000, "auto"),
        ("persistent", 1, 40_000, "document"),
        ("persistent", 2, 40_000, "auto"),
        ("shared", 3, 20_000, "auto"),
        ("shared", 2, 1_000, "document"),
    ],
)
def test_album_of_texts_takes_what_it_holds(kind: str, tabs: int, size: int, layout: str) -> None:
    found = album(kind, tabs, size, layout, quota=524_288)
    assert found["refused"] == 0
    assert float(found["(peak-64K)/N"]) <= 2.2
    for when in ("quiet/N", "removed/N"):
        assert float(found[when]) * 8 * size <= 1.15 * 8 * size + AT_REST, (when, found)


@rows("kind", [*KINDS])
def test_small_changes_of_a_large_state_are_never_refused(kind: str) -> None:
    page = Page(kind, "auto", quota=1_048_576)
    for _ in range(3):
        page.change(("append", 200_000))
        page.wait(3)
    for number in range(100):
        page.change(("map" if number % 2 else "count", number))
    page.quiet()
    assert page.taken() == pytest.approx(len(encode(page.model)), abs=100)


def test_what_removes_something_frees_it_in_an_area_that_others_have_filled() -> None:
    with table() as row:
        for kind in KINDS:
            with row(kind):
                page = Page(kind, "auto")
                page.change(("append", 90_000))
                page.change(("append", 90_000))
                page.quiet()
                page.fill(1)
                page.change(("pop", 0))
                page.quiet()
                leave_all()


@rows("free", [0, 10, 30, 100, 600, 900])
@rows("size", [1200, 5000])
@rows("kind", list(KINDS))
def test_what_was_just_added_is_removed_in_a_full_area(kind: str, size: int, free: int) -> None:
    changes: list[Callable[[Any], Any]] = [lambda texts: texts.pop()]
    if kind == "session":
        changes.append(lambda texts: texts.__setitem__(0, "y" * 900))
        changes.append(lambda texts: texts.__setitem__(slice(0, 1), ["y" * 100]))
    for change in changes:
        tab = Browser().open()
        area: Any = tab.area(KINDS[kind])
        area.quota = 60_000
        with use_host(tab):
            state = getattr(anchor_session, kind)("s", {"texts": [], "pad": "p" * 9000})
        tab.browser.clock.advance(15)
        with use_host(tab):
            state.texts.append("x" * size)
        tab.browser.clock.advance(0.3)
        taken = sum(units(key) + units(text) for key, text in area.entries().items())
        area.setItem("other", "o" * (area.quota - taken - 5 - free))
        with use_host(tab):
            change(state.texts)
            expected = snapshot(state)
            leave_all()
            assert snapshot(getattr(anchor_session, kind)("s")) == expected
            leave_all()


@rows("kind", ["session", "persistent"])
@rows("seed", range(40))
def test_batch_over_two_states_in_a_full_area_is_whole(seed: int, kind: str) -> None:
    """The one gives no room to the other while it is ahead of what is stored itself."""
    chance = Random(seed)
    opener = getattr(anchor_session, kind)
    tab = Browser().open()
    area: Any = tab.area(KINDS[kind])
    with use_host(tab):
        small = opener(
            "small", {"rows": [], "t": "z" * 300}, layout=chance.choice(["auto", "journal"])
        )
        large = opener("large", {"rows": [], "t": ""})
    tab.browser.clock.advance(15)
    with use_host(tab):
        for number in range(chance.randrange(1, 20)):
            small.t = str(number) * chance.choice([250, 1500])
        small.rows.append("one")
        taken = sum(units(key) + units(text) for key, text in area.entries().items())
        area.quota = taken + chance.choice([50, 150, 400, 1000])
        changes: list[Callable[[], Any]] = [
            lambda: large.update(t="y" * chance.randrange(100, 9000)),
            lambda: small.rows.insert(0, "two"),
        ]
        chance.shuffle(changes)
        with suppress(QuotaExceededError), batch():
            for change in changes:
                change()
        expected = [snapshot(small), snapshot(large)]
        assert [restored(each).dirty for each in (small, large)] == [False, False]
    area.quota = None
    other = tab.frame() if kind == "session" else tab.browser.open()
    if kind == "persistent":
        tab.kill()
    with use_host(other):
        found = [opener(name) for name in ("small", "large")]
    assert [snapshot(each) for each in found] == expected


@rows("kind", list(KINDS))
def test_list_that_gives_way_to_most_of_itself_takes_what_is_different(kind: str) -> None:
    tab = Browser().open()
    area: Any = tab.area(KINDS[kind])
    area.quota = 500_000
    with use_host(tab):
        state = getattr(anchor_session, kind)("s", {"texts": ["a" * 10_000, "b" * 60_000]})
    tab.browser.clock.advance(15)
    with use_host(tab):
        state.texts.append("c" * 50_000)
        state["text"] = "t" * 60_000
    taken = sum(units(key) + units(text) for key, text in area.entries().items())
    area.setItem("other", "o" * (area.quota - taken - 5 - 20_000))
    with use_host(tab):
        for _ in range(2):
            state.texts = [text for text in state.texts if text != state.texts[0]]
        expected = snapshot(state)
        leave_all()
        assert snapshot(getattr(anchor_session, kind)("s")) == expected


@rows("kind", ["persistent", "shared"])
@pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning")
def test_program_that_fills_the_area_in_the_middle_of_a_fold_loses_nothing(kind: str) -> None:
    page = Page(kind, "auto", quota=1_000_000)
    page.change(("append", 200_000))
    page.quiet()
    page.change(("append", 200_000))  # which has an entry, beside the document

    def fill(key: str) -> None:
        if "#base." in key:  # and the document is next
            page.after_store = lambda key: None
            page.fill_all()

    page.after_store = fill
    page.wait(3)
    assert page.others() > 100_000
    page.go("kill")  # what it had stored is read
    page.fill(0)
    page.wait(61)
    page.quiet()


# -- bases that have no state ------------------------------------------------------------------------


def at_rest(page: Page) -> None:
    page.change(("append", 3000))
    page.quiet()


def test_tab_that_is_killed_at_any_call_has_made_its_statement_or_not() -> None:
    def run(last: int) -> int:
        page = Page("persistent", "auto")
        at_rest(page)
        before = page.model
        calls = 0

        def count() -> None:
            nonlocal calls
            calls += 1
            if calls > last:
                raise Killed

        page.before_call = count
        after = changed(before, ("append", 2000))
        with suppress(Killed):
            page.change(("append", 2000))
            page.wait(12)
        page.before_call = lambda: None
        page.tab.kill()
        page.tab = page.browser.open()
        with use_host(page.tab):
            found = snapshot(persistent("s", INIT))
        assert found in (before, after) if last == 0 else found == after
        leave_all()
        return calls

    with table() as row:
        calls = run(1000)
        assert calls >= 5  # entry, base, document, and both removed
        for last in range(calls):
            with row(f"killed at call {last}"):
                run(last)


@rows(
    "text",
    [
        '["EPOCH",{},["",[]]',  # cut off
        '["EPOCH",{},["",[1]]]',
        '["EPOCH",{},["",[[[".texts"],"",true,null,"",[[0,1000000000]]]]]]',
        '["EPOCH",{},["",[[[".texts"],"",true,null,"",[["60a24181e4004d82c07",0,0,9]]]]]]',
        '["EPOCH",{},["",[[[".texts"],"",true,null,"",[[0,"d82c07","x,y"]]]]]]',
        '["EPOCH",{"d82c07":1},["",[]]]',
    ],
)
def test_base_without_a_state_that_is_none_is_ignored(text: str) -> None:
    page = Page("persistent", "auto")
    at_rest(page)
    document = name_of(page.area.getItem(KEY))
    key = f"{KEY}#base.60a2400000000.60a24181e4001aaaaaa.{document}"
    page.area.setItem(key, text.replace("EPOCH", document))
    tab = page.browser.open()
    with use_host(tab), pytest.warns(StorageWarning, match="is ignored"):
        assert snapshot(persistent("s")) == page.model
    assert page.area.getItem(key) is not None


def test_base_whose_document_was_never_written_is_passed_over_and_removed() -> None:
    page = Page("persistent", "auto")
    at_rest(page)
    document = name_of(page.area.getItem(KEY))
    key = f"{KEY}#base.60a2400000000.60a24181e4001aaaaaa.12345678-bcd"
    page.area.setItem(key, f'["{document}",{{}},["",[]]]')
    page.go("kill")
    page.change(("count", 0))
    page.quiet()
    assert list(page.sizes()) == [KEY]


def test_clock_that_went_back_stops_nothing() -> None:
    page = Page("persistent", "auto")
    at_rest(page)
    page.browser.clock.advance(-3600)
    page.change(("append", 150_000))
    page.change(("replace", 149_999))
    page.change(("replace", 149_998))
    page.quiet()


# -- what the release before stored ------------------------------------------------------------------

_EDIT = '["EPOCH","60a241879cd99",null,[["{0}",[{1}]]]]'
_KNOWN = (
    '[[".rows"],"",false,null,"",[1,2,3],""],'
    '[[".rows","#3",".n"],"60a24194f6d1f629f6f",true,null,"",null,""],'
    '[[".rows","#0"],"60a24194f6d1dd82c07",false,[0],"",null,""]'
)
_SEEN = '{"629f6f":"60a24194f6d1f629f6f","d82c07":"60a24194f6d1dd82c07"}'
_DATA = '{"rows":[{"n":1},{"n":2},{"n":30}],"n":0}'
_EDITS = {
    "60a24194f6d1dd82c07": '["delete",[".rows","#0"]]',
    "60a24194f6d1f629f6f": '["set",[".rows","#3",".n"],30]',
    "60a24196df1a9d82c07": '["set",[".n"],1]',
    "60a24196df1ab629f6f": '["set",[".rows","#1",".late"],true]',
}
OLD = {
    "": _DATA,
    "#base.60a241879cd99.60a24195eaf62629f6f.NAME": (
        f'["EPOCH",{_SEEN},["60a24194f6d1f629f6f",[{_KNOWN}]],{_DATA}]'
    ),
    **{f"#edit.{stamp}": _EDIT.format(stamp, change) for stamp, change in _EDITS.items()},
}


@rows("is_written", [True, False])
def test_base_of_the_release_before_is_read_with_its_entries(is_written: bool) -> None:
    """Its bases have the state whatever its size; the document may be an older one."""
    tab = Browser().open()
    area = tab.area("local")
    older = '{"rows":[{"n":0},{"n":1},{"n":2},{"n":3}],"n":0}'
    name, epoch = name_of(OLD[""]), name_of(older)
    for key, text in OLD.items():
        area.setItem(KEY + key.replace("NAME", name), text.replace("EPOCH", epoch))
    if not is_written:
        area.setItem(KEY, older)
    with use_host(tab):
        state = persistent("s")
        assert state == {"rows": [{"n": 1, "late": True}, {"n": 2}, {"n": 30}], "n": 1}
        for _ in range(20):
            tab.browser.settle()
            tab.browser.clock.advance(1)
    assert list(area.entries()) == [KEY]


# -- the items of a list -----------------------------------------------------------------------------

_STAMPS = st.builds(
    lambda time, tab: f"{0x60A24181E4000 + time:013x}{tab}",
    st.integers(0, 3000),
    st.sampled_from(["d82c07", "629f6f"]),
)
_ITEMS = st.one_of(
    st.builds(range, st.integers(0, 5), st.integers(0, 9)).map(list),
    st.builds(
        lambda stamp, first, count, at: [[f"#{stamp}.{first + n}", [at + n]] for n in range(count)],
        _STAMPS,
        st.integers(0, 3),
        st.integers(0, 6),
        st.integers(-3, 3),
    ),
    st.builds(
        lambda stamps, at: [[f"#{stamp}.0", [at + n]] for n, stamp in enumerate(stamps)],
        st.lists(_STAMPS, max_size=6),
        st.integers(-3, 3),
    ),
    st.just([["#anything", [1, -1]], ["#60a24181e4004d82c07/3", [2]]]),
)


@given(st.lists(_ITEMS, max_size=6).map(lambda parts: [each for part in parts for each in part]))
def test_items_are_packed_and_unpacked(dump: "list[Any]") -> None:
    packed = decode(encode(pack(dump)))
    assert unpack(packed, len(dump)) == dump
    if dump:
        with pytest.raises(ValueError, match="more items"):
            unpack(packed, len(dump) - 1)


def test_items_that_were_appended_one_by_one_take_few_units() -> None:
    stamps = [f"{0x60A24181E4000 + 1000 * n:013x}d82c07" for n in range(1000)]
    dump = [*range(1000), *([f"#{stamp}.0", [1000 + n]] for n, stamp in enumerate(stamps))]
    assert len(encode(pack(dump))) < 4 * 1000 + 100
