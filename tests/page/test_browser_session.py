"""Which browser session a tab is in, whatever way it began."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from anchor_session import StorageUnavailableError, StorageUnavailableWarning, StorageWarning
from anchor_session.host.memory import MemoryArea, MemoryHost
from anchor_session.page.scopes.browser_session import COOKIE, NEWEST, BrowserSession, enter
from anchor_session.page.scopes.once import give_up_all
from anchor_session.testing import Tab, tabs, use_host
from anchor_session.testing.browser import Browser
from tests.support import rows


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    yield
    give_up_all()


def entered(tab: Any) -> BrowserSession:
    with use_host(tab):
        return enter()


def id_of(tab: Any) -> str:
    return entered(tab).id


def at(tab: Tab, key: str, kind: str = "local") -> "str | None":
    return tab.area(kind).getItem(key)


# -- ways to begin ----------------------------------------------------------------------------------


def test_first_tab_ever_is_in_session_one() -> None:
    (tab,) = tabs(1)
    session = entered(tab)
    assert (session.id, session.is_shared) == ("1", True)
    assert session.area.raw is tab.area("local")


def test_where_the_number_lies() -> None:
    (tab,) = tabs(1)
    entered(tab)
    assert tab.cookie(COOKIE) == "1"
    assert (at(tab, NEWEST), at(tab, NEWEST, "session")) == ("1", "1")
    assert at(tab, "anchor-browser:1") == str(tab.now() // 1000)


def test_second_tab_is_in_the_session_of_the_first() -> None:
    one, two = tabs(2)
    assert id_of(one) == id_of(two)


def test_reloaded_tab_stays_in_its_session() -> None:
    (tab,) = tabs(1)
    assert id_of(tab) == id_of(tab.reload())


def test_duplicated_tab_is_in_the_same_session() -> None:
    (tab,) = tabs(1)
    assert id_of(tab) == id_of(tab.duplicate())


def test_tab_after_the_browser_was_closed_is_in_a_new_session() -> None:
    (tab,) = tabs(1)
    entered(tab)
    tab.browser.crash()
    assert id_of(tab.browser.open()) == "2"


def test_restored_tab_puts_its_session_back() -> None:
    (tab,) = tabs(1)
    entered(tab)
    (stored,) = tab.browser.crash()
    restored = tab.browser.open(stored)
    assert id_of(restored) == "1"
    assert restored.cookie(COOKIE) == "1"
    assert id_of(tab.browser.open()) == "1"


def test_restored_tab_does_not_take_back_the_newest_number() -> None:
    browser = Browser()
    browser.local.items[NEWEST] = "7"
    tab = browser.open({NEWEST: "3"})
    assert (id_of(tab), at(tab, NEWEST)) == ("3", "7")


def test_cookie_counts_before_the_tabs_own_storage() -> None:
    browser = Browser()
    browser.cookies[COOKIE] = "5"
    tab = browser.open({NEWEST: "3"})
    assert (id_of(tab), at(tab, NEWEST, "session"), at(tab, NEWEST)) == ("5", "5", "5")


def test_tab_enters_once() -> None:
    (tab,) = tabs(1)
    first = entered(tab)
    tab.browser.cookies[COOKIE] = "9"
    assert entered(tab) is first


def test_two_browsers_do_not_know_each_other() -> None:
    (one,), (two,) = tabs(1), tabs(1)
    entered(one)
    one.browser.crash()
    assert (id_of(one.browser.open()), id_of(two)) == ("2", "1")


# -- what lies there is not what we wrote -------------------------------------------------------------

HOSTILE = ["", "0", "-1", "1.5", "007", "x", "1 ", "\uff11", "9" * 16, "9" * 5000, "null", "\ud800"]


@rows("text", HOSTILE)
@rows("place", ["cookie", "tab", "newest"])
def test_number_that_is_none_is_ignored(place: str, text: str) -> None:
    browser = Browser()
    browser.local.items["anchor-browser:4"] = "1"
    tab = browser.open({NEWEST: text} if place == "tab" else None)
    if place == "cookie":
        browser.cookies[COOKIE] = text
    elif place == "newest":
        tab.area("local").setItem(NEWEST, text)
    assert id_of(tab) == "5"
    assert (tab.cookie(COOKIE), at(tab, NEWEST)) == ("5", "5")


def test_numbers_begin_again_after_the_last() -> None:
    browser = Browser()
    browser.local.items[NEWEST] = "9" * 15
    assert id_of(browser.open()) == "1"


def test_after_the_last_number_no_session_is_in_that_of_another() -> None:
    browser = Browser()
    browser.cookies[COOKIE] = "9" * 15
    found = []
    for _ in range(4):
        found.append(id_of(browser.open()))
        browser.crash()
        give_up_all()
    assert found == ["9" * 15, "1", "2", "3"]


def test_first_tabs_after_the_last_number_agree() -> None:
    local = {NEWEST: "9" * 15, "anchor-browser:1": "1"}
    assert outcomes(Shared({}, local), [{}, {}]) == {(("2", "2"), "2", "9" * 15)}


# -- what is refused ----------------------------------------------------------------------------------


def test_without_cookies_the_session_is_the_tabs_own_and_a_warning_says_so() -> None:
    one, two = tabs(2)
    one.browser.has_cookies = False
    with pytest.warns(StorageWarning, match="this tab's alone: cookies are refused"):
        session = entered(one)
    assert (session.is_shared, session.area.raw) == (False, one.area("session"))
    with pytest.warns(StorageWarning):
        assert entered(two).area.raw is two.area("session")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert entered(one) is session


class Refusing(MemoryHost):
    """A browser that refuses these kinds of areas."""

    def __init__(self, *kinds: str) -> None:
        super().__init__(why="for a test")
        self._kinds = kinds
        self._given = {kind: MemoryArea() for kind in ("session", "local")}

    def area(self, kind: str) -> MemoryArea:
        if kind in self._kinds:
            raise StorageUnavailableError(f"{kind} is refused")
        return self._given[kind]


def test_without_local_storage_the_session_is_the_tabs_own() -> None:
    here = Refusing("local")
    with pytest.warns(StorageWarning, match="this tab's alone: local is refused"):
        session = entered(here)
    assert (session.is_shared, session.area.raw) == (False, here.area("session"))


def test_without_any_storage_the_session_is_in_memory() -> None:
    here = Refusing("local", "session")
    with pytest.warns(StorageUnavailableWarning, match="in memory") as seen:
        session = entered(here)
    assert (session.is_shared, session.area.raw) == (False, here.memory("local"))
    assert len(seen) == 1


def test_without_session_storage_the_session_is_shared_all_the_same() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert entered(Refusing("session")).is_shared


def test_plain_python_has_one_session_an_interpreter_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session = entered(MemoryHost())
    assert not session.is_shared


def test_full_area_does_not_keep_a_tab_out() -> None:
    one, two = tabs(2)
    one.area("local").quota = two.area("local").quota = 0
    assert (id_of(one), id_of(two)) == ("1", "1")
    assert one.area("local").entries() == {}
    one.area("local").quota = None
    one.browser.clock.advance(3600)
    assert at(one, NEWEST) == "1"


# -- presence -----------------------------------------------------------------------------------------


def test_document_holds_the_lock_of_its_session_while_it_lives() -> None:
    (tab,) = tabs(1)
    entered(tab)
    assert [name for _, name in tab.browser.locks] == ["anchor-session:1"]
    tab.close()
    assert tab.browser.locks == []


def test_last_use_is_noted_once_an_hour() -> None:
    (tab,) = tabs(1)
    entered(tab)
    before = at(tab, "anchor-browser:1")
    tab.browser.clock.advance(3500)
    assert at(tab, "anchor-browser:1") == before
    tab.browser.clock.advance(200)
    second = at(tab, "anchor-browser:1")
    tab.browser.clock.advance(3600)
    assert before != second != at(tab, "anchor-browser:1")


def test_nothing_is_left_behind_when_given_up() -> None:
    (tab,) = tabs(1)
    entered(tab)
    give_up_all()
    assert tab.browser.locks == []
    stored = tab.area("local").entries()
    tab.idle()
    tab.browser.clock.advance(10_000)
    assert tab.area("local").entries() == stored


# -- tabs that begin at once --------------------------------------------------------------------------


class Stop(BaseException):
    """A tab has taken its next step."""


class Shared:
    """What two tabs have in common."""

    def __init__(self, cookies: "dict[str, str]", local: "dict[str, str]") -> None:
        self.cookies = dict(cookies)
        self.local = dict(local)


class Stepped(MemoryHost):
    """A tab that takes one step at a time: those that were taken give again what they gave."""

    def __init__(self, shared: Shared, taken: "list[Any]", own: "dict[str, str]") -> None:
        super().__init__()
        self.shared = shared
        self.taken = taken
        self._given = iter(taken.copy())
        self._areas = {"session": MemoryArea()}
        for key, text in own.items():
            self._areas["session"].setItem(key, text)

    def step(self, act: "Callable[[], Any]") -> Any:
        for result in self._given:
            return result
        self.taken.append(act())
        raise Stop

    def area(self, kind: str) -> Any:
        return self if kind == "local" else self._areas[kind]

    def now(self) -> int:
        return 1_000_000

    def keys(self, area: Any, prefix: str) -> "list[str]":
        return list(self.step(lambda: [key for key in self.shared.local if key.startswith(prefix)]))

    def getItem(self, key: str) -> Any:
        return self.step(lambda: self.shared.local.get(key))

    def setItem(self, key: str, text: str) -> None:
        self.step(lambda: self.shared.local.update({key: text}))

    def removeItem(self, key: str) -> None:
        self.step(lambda: self.shared.local.pop(key, None))

    def cookie(self, name: str) -> "str | None":
        found: str | None = self.step(lambda: self.shared.cookies.get(name))
        return found

    def set_cookie(self, name: str, value: str) -> None:
        self.step(lambda: self.shared.cookies.update({name: value}))


def advance(shared: Shared, taken: "list[Any]", own: "dict[str, str]") -> "str | None":
    """The number, once the tab has entered; None after another step."""
    here = Stepped(shared, taken, own)
    try:
        return id_of(here)
    except Stop:
        return None
    finally:
        give_up_all()


def outcomes(
    shared: Shared, owns: "list[dict[str, str]]"
) -> "set[tuple[tuple[str, ...], str | None, str | None]]":
    """For all orders in which the steps of the tabs may come: their numbers, the cookie, the newest."""
    found = set()
    seen = set()
    waiting: list[tuple[Shared, list[list[Any]], dict[int, str]]] = [
        (shared, [[] for _ in owns], {})
    ]
    while waiting:
        common, logs, ids = waiting.pop()
        each_tab = [(owns[number], logs[number], ids.get(number)) for number in range(len(owns))]
        key = repr((common.cookies, sorted(common.local.items()), sorted(each_tab, key=repr)))
        if key in seen:
            continue
        seen.add(key)
        if len(ids) == len(owns):
            numbers = tuple(ids[number] for number in range(len(owns)))
            found.add((numbers, common.cookies.get(COOKIE), common.local.get(NEWEST)))
        for number, own in enumerate(owns):
            if number in ids:
                continue
            copy = Shared(common.cookies, common.local)
            taken = [log.copy() for log in logs]
            id = advance(copy, taken[number], own)
            waiting.append((copy, taken, ids if id is None else {**ids, number: id}))
    assert len(seen) > 50
    return found


FIRST_TABS = {
    "nothing": ({}, "1"),
    "sessions of the past": ({NEWEST: "4", "anchor-browser:4": "1"}, "5"),
    "no newest": ({"anchor-browser:4": "1"}, "5"),
    "junk": ({NEWEST: "junk"}, "1"),
}


@rows(("before", "number"), [*((before, 2) for before in FIRST_TABS), ("sessions of the past", 3)])
def test_first_tabs_at_once_agree_in_whatever_order_they_go(before: str, number: int) -> None:
    local, id = FIRST_TABS[before]
    assert outcomes(Shared({}, local), [{}] * number) == {((id,) * number, id, id)}


def test_restored_tabs_at_once_agree() -> None:
    own = {NEWEST: "3"}
    found = outcomes(Shared({}, {NEWEST: "4"}), [own, own])
    assert found == {(("3", "3"), "3", "4")}


def test_restored_and_fresh_tab_at_once_agree_when_loaded_again() -> None:
    found = outcomes(Shared({}, {NEWEST: "4"}), [{NEWEST: "3"}, {}])
    assert {cookie for _, cookie, _ in found} <= {"3", "5"}
    assert {numbers for numbers, cookie, _ in found} >= {("3", "3"), ("5", "5")}
    for numbers, cookie, _ in found:
        assert cookie in numbers  # which both find from now on
