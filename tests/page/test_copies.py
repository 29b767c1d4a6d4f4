"""`restored(state).copied`: whether the tab began as a copy of another."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import StorageWarning, leave, persistent, restored, session
from anchor_session.host.memory import MemoryHost
from anchor_session.host.tab_origin import KEY, PATIENCE
from anchor_session.page.open_states import leave_all
from anchor_session.testing import MemoryArea, Tab, use_host
from anchor_session.testing.browser import Browser
from tests.support import rows


def opened(tab: Tab, name: str = "s") -> Any:
    with use_host(tab):
        return session(name, {"n": 0})


def passed(browser: Browser) -> None:
    """Everything arrives; then so much time passes that silence is an answer."""
    browser.settle()
    browser.clock.advance(PATIENCE)
    browser.settle()


def settled(tab: Tab) -> "bool | None":
    """What a state that is opened there says, when all is said."""
    state = opened(tab)
    passed(tab.browser)
    return restored(state).copied


@pytest.fixture
def browser() -> Browser:
    return Browser()


def token(tab: Tab) -> "str | None":
    return tab.area("session").getItem(KEY)


def own_keys(tab: Tab) -> "set[str]":
    return {key for key in tab.area("session").entries() if key.startswith(KEY)}


# -- how a tab begins ---------------------------------------------------------------------------------


def test_copy_knows_it_and_the_original_is_none(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    assert settled(copy) is True
    assert settled(tab) is False
    assert token(tab) != token(copy)


def test_copy_and_original_go_their_own_ways(browser: Browser) -> None:
    tab = browser.open()
    state = opened(tab)
    state.n = 1
    browser.settle()
    copied = opened(tab.duplicate())
    passed(browser)
    assert (copied.n, restored(copied).copied) == (1, True)
    state.n, copied.n = 2, 3
    passed(browser)
    assert (state.n, copied.n) == (2, 3)


def test_answer_is_not_known_before_it_comes(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copied = opened(tab.duplicate())
    assert restored(copied).copied is None
    browser.settle()
    assert restored(copied).copied is True


def test_copy_of_a_copy_is_a_copy_and_neither_of_the_others_becomes_one(browser: Browser) -> None:
    first = browser.open()
    assert settled(first) is False
    second = first.duplicate()
    assert settled(second) is True
    third = second.duplicate()
    assert settled(third) is True
    assert [tab.copied for tab in (first, second, third)] == [False, True, True]
    assert len({token(tab) for tab in (first, second, third)}) == 3


def test_two_copies_that_begin_at_once_are_two_copies(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    states = [opened(tab.duplicate()) for _ in range(2)]
    passed(browser)
    assert [restored(state).copied for state in states] == [True, True]


def test_reloaded_tab_is_no_copy_whether_it_was_one_before_or_not(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    assert settled(copy) is True
    assert settled(tab.reload()) is False
    assert settled(copy.reload()) is False


def test_original_that_reloads_while_its_copy_lives_is_none(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    assert settled(copy) is True
    for _ in range(3):
        tab = tab.reload()
        assert settled(tab) is False
    assert copy.copied is True


def test_restored_tabs_are_no_copies(browser: Browser) -> None:
    for _ in range(2):
        opened(browser.open())
    passed(browser)
    restored_tabs = [browser.open(stored) for stored in browser.crash()]
    states = [opened(tab) for tab in restored_tabs]
    passed(browser)
    assert [restored(state).copied for state in states] == [False, False]


def test_of_two_tabs_that_were_restored_with_one_token_the_later_is_the_copy(
    browser: Browser,
) -> None:
    opened(browser.open())
    passed(browser)
    (stored,) = browser.crash()  # the new token of its copy had not reached the disk
    states = [opened(browser.open(stored)) for _ in range(2)]
    passed(browser)
    assert [restored(state).copied for state in states] == [False, True]


def test_copy_of_a_tab_that_is_gone_is_none(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    tab.close()
    assert settled(copy) is False


# -- documents of one tab -----------------------------------------------------------------------------


def test_frame_is_no_copy_of_its_page(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    before = token(tab)
    assert settled(tab.frame()) is False
    assert token(tab) == before
    assert own_keys(tab) == {KEY}


def test_documents_of_a_tab_that_ask_at_once_agree(browser: Browser) -> None:
    first = browser.open()
    assert settled(first) is False
    for tab, expected in ((first.reload(), False), (first.duplicate(), True)):
        documents = [tab, tab.frame(), tab.frame()]
        states = [opened(document) for document in documents]
        passed(browser)
        assert [restored(state).copied for state in states] == [expected] * 3
        assert own_keys(tab) == {KEY}


def test_frame_of_a_copy_knows_what_its_page_knows(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    assert settled(copy) is True
    assert settled(copy.frame()) is True
    assert settled(tab.frame()) is False


def test_copy_of_a_tab_with_frames_is_found_by_each_of_them(browser: Browser) -> None:
    tab = browser.open()
    frame = tab.frame()
    for document in (tab, frame):
        opened(document)
    passed(browser)
    tab.is_frozen = True
    assert settled(tab.duplicate()) is True
    assert own_keys(tab) == {KEY}


# -- originals that are slow to answer ----------------------------------------------------------------


def test_frozen_original_answers_when_it_thaws(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    tab.freeze()
    copy = tab.duplicate()
    assert settled(copy) is False
    tab.thaw()
    browser.settle()
    assert copy.copied is True
    assert token(tab) != token(copy)
    assert own_keys(tab) == {KEY}


def test_page_in_the_cache_of_back_and_forward_is_not_asked(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    after = tab.frame()
    tab.hide()
    assert settled(after) is False
    assert [channel.tab for channel in browser._channels] == [after]


def test_page_that_comes_back_from_the_cache_answers_again(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    tab.hide()
    tab.show()
    assert settled(tab.duplicate()) is True


def test_what_comes_late_in_the_own_tab_makes_no_copy(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    frame = tab.frame()
    tab.freeze()
    assert settled(frame) is False
    tab.thaw()
    browser.settle()
    assert frame.copied is False


def test_documents_of_a_tab_that_are_unsure_do_not_unsettle_each_other(browser: Browser) -> None:
    before = browser.open()
    assert settled(before) is False
    tab = before.reload()
    frame = tab.frame()
    for document in (tab, frame):
        opened(document)
    frame.run()
    frame.freeze()
    passed(browser)
    assert tab.copied is False
    frame.thaw()
    browser.settle()
    assert [tab.copied, frame.copied] == [False, False]


def test_answer_to_a_document_that_is_gone_leaves_nothing(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    tab.freeze()
    copy = tab.duplicate()
    assert settled(copy) is False
    copy.close()
    tab.thaw()
    browser.settle()
    tab.hide()
    assert own_keys(tab) == {KEY}


# -- states -------------------------------------------------------------------------------------------


def test_states_of_a_document_share_one_question(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    heard: list[str] = []
    browser.open().channel(KEY, heard.append)
    states = [opened(copy, name) for name in ("s", "t")]
    passed(browser)
    states.append(opened(copy, "later"))
    passed(browser)
    assert [restored(state).copied for state in states] == [True] * 3
    assert [text.split()[0] for text in heard] == ["ask", "original", "seen"]


def test_states_that_are_opened_at_once_ask_for_one_task(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = browser.open()
    tasks: list[object] = []
    monkeypatch.setattr(tab, "soon", tasks.append)
    for name in ("s", "t"):
        opened(tab, name)
    assert len(tasks) == 1


def test_states_outside_the_tab_are_no_copies(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    with use_host(copy):
        mine = session("s")
        others = [persistent("s"), session("s", area=MemoryArea())]
    assert [restored(state).copied for state in others] == [False, False]
    passed(browser)
    assert [restored(state).copied for state in (mine, *others)] == [True, False, False]


def test_page_without_a_state_of_its_tab_stores_no_token(browser: Browser) -> None:
    tab = browser.open()
    with use_host(tab):
        persistent("s", {"n": 1})
        area = MemoryArea()
        session("t", {"n": 1}, area=area)
    passed(browser)
    assert [tab.area("session").entries(), area.getItem(KEY)] == [{}, None]
    assert settled(tab) is False
    assert token(tab) is not None


def test_without_a_browser_there_are_no_copies() -> None:
    with use_host(MemoryHost()):
        assert restored(session("s")).copied is False


def test_state_that_is_opened_again_knows_what_was_known(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    heard: list[str] = []
    browser.open().channel(KEY, heard.append)
    for expected in (None, True, True):
        state = opened(copy)
        assert restored(state).copied is expected
        passed(browser)
        leave(state)
        copy.area("session").clear()
    assert [text.split()[0] for text in heard] == ["ask", "original", "seen"]
    assert copy.copied is True


def test_left_state_leaves_no_listener_behind(browser: Browser) -> None:
    tab = browser.open()
    state = opened(tab)
    passed(browser)
    leave(state)
    assert browser._channels == []
    leave(opened(tab))
    passed(browser)
    assert browser._channels == []


def test_copy_that_left_before_the_answer_asks_again(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    state = opened(copy)
    copy.run()
    leave(state)
    assert not browser.clock.has_due(copy)
    passed(browser)
    assert restored(state).copied is None
    assert settled(copy) is True
    assert settled(tab.reload()) is False


def test_copy_that_was_hidden_before_the_answer_asks_again(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    copy = tab.duplicate()
    state = opened(copy)
    copy.run()
    copy.hide()
    passed(browser)
    copy.show()
    passed(browser)
    assert restored(state).copied is True
    assert token(tab) != token(copy)


def test_page_that_comes_back_wakes_no_other(browser: Browser) -> None:
    tabs = [browser.open() for _ in range(2)]
    for tab in tabs:
        assert settled(tab) is False
        tab.hide()
    tabs[0].show()
    assert [channel.tab for channel in browser._channels] == [tabs[0]]


# -- bad input ----------------------------------------------------------------------------------------


@rows("junk", ["", "no token", "0" * 21, "<b>" * 1000, "ask 1 2"])
def test_junk_in_place_of_the_token_is_replaced(junk: str) -> None:
    browser = Browser()
    tab = browser.open({KEY: junk})
    assert settled(tab) is False
    assert settled(tab.duplicate()) is True


@rows("junk", ["", "{}", "ask", "ask 1 2", "copy no", f"maybe {'0' * 22} {'1' * 22}", "x" * 9999])
def test_junk_on_the_channel_is_ignored_with_a_warning(junk: str) -> None:
    browser = Browser()
    tab = browser.open()
    assert settled(tab) is False
    before = tab.area("session").entries()
    send, _ = browser.open().channel(KEY, lambda text: None)
    send(junk)
    with pytest.warns(StorageWarning, match="not ours"):
        browser.settle()
    assert (tab.area("session").entries(), tab.copied) == (before, False)


def test_full_area_makes_no_copies_of_its_own_documents(browser: Browser) -> None:
    tab = browser.open()
    assert settled(tab) is False
    frame = tab.frame()
    for document in (tab, frame):
        document.area("session").quota = 0
    assert settled(frame) is False


def test_full_area_without_a_token_warns_once(browser: Browser) -> None:
    tab = browser.open()
    state = opened(tab)
    tab.area("session").quota = 0
    with pytest.warns(StorageWarning, match="copies of this tab") as heard:
        browser.settle()
    assert len(heard) == 1
    assert restored(state).copied is False


# -- any order of things ------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("open", "duplicate", "reload", "frame", "freeze", "thaw")),
        st.integers(0, 9),
    ),
    max_size=12,
)


@given(STEPS)
def test_any_tabs_know_how_they_began(steps: "list[tuple[str, int]]") -> None:
    leave_all()
    browser = Browser()
    first = browser.open()
    opened(first)
    expected = {first: False}
    homes = {first: first}  # the first document of each one's tab
    for what, number in steps:
        tab = list(expected)[number % len(expected)]
        passed(browser)
        if what == "freeze":
            tab.freeze()
        elif what == "thaw" or (tab.is_frozen and what != "duplicate"):
            tab.thaw()
        elif what == "open":
            expected[browser.open()] = False
        elif what == "duplicate":
            expected[tab.duplicate()] = True
        elif what == "frame":
            expected[tab.frame()] = expected[tab]
        else:  # a copy that is not told before it reloads is told then
            is_told_late = expected[tab] and not tab.copied
            gone = [each for each in expected if homes[each] == homes[tab]]
            expected[tab.reload()] = is_told_late
            for document in gone:
                document.close()
                del expected[document]
        newest = list(expected)[-1]
        if newest not in homes:
            homes[newest] = homes[tab] if what in ("frame", "reload") else newest
        opened(newest)
    for each in expected:
        each.thaw()
    passed(browser)
    assert [tab.copied for tab in expected] == list(expected.values())
    leave_all()
    assert all(own_keys(tab) == {KEY} for tab in expected)
