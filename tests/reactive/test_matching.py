"""What a view is of after a whole list was read again: of the same item, wherever that stands then."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from anchor_session import session, shared, snapshot
from anchor_session.reactive.patch import adopt_foreign
from anchor_session.testing import use_host
from anchor_session.testing.browser import Browser
from tests.support import typed

ITEM = st.one_of(
    st.integers(0, 2).map(lambda n: {"n": n}),
    st.integers(0, 2).map(lambda n: [n]),
    st.integers(0, 2),
)


@given(st.lists(ITEM, max_size=6), st.lists(ITEM, max_size=6))
def test_items_that_are_equal_keep_their_views(before: "list[Any]", after: "list[Any]") -> None:
    state = session("s")
    state["items"] = before
    items = state["items"]
    views = [item for item in items if not isinstance(item, int)]
    texts = [snapshot(view) for view in views]
    adopt_foreign(state, {"items": deepcopy(after)})
    assert typed(snapshot(items)) == typed(after)
    now = [item for item in items if not isinstance(item, int)]
    containers = [id(item._data) for item in now]
    assert len(set(containers)) == len(containers)
    for view, text in zip(views, texts):
        # where as many equal ones are there as before, each is still what it was
        if texts.count(text) == after.count(text):
            assert any(each is view for each in now)
            assert snapshot(view) == text
    for item in now:
        item_text = snapshot(item)
        item._open()
        assert snapshot(item) == item_text


def test_view_is_of_the_same_item_when_a_tab_reads_all_again() -> None:
    browser = Browser()
    one, two = browser.open(), browser.open()
    with use_host(one):
        state = shared("s", {"cards": [{"t": name} for name in "abc"]})
    browser.settle()
    mine, other = state.cards[1], state.cards[0]
    with use_host(two):
        theirs = shared("s").cards
        theirs.insert(0, {"t": "x"})
        del theirs[3]
    with use_host(one):
        state._root.owner.follow(None)
        assert (mine.t, other.t) == ("b", "a")
        mine.t = "B"
        assert [card.t for card in state.cards] == ["x", "a", "B"]


def test_one_changed_item_among_others_that_moved_keeps_its_view() -> None:
    state = session("s", {"cards": [{"t": name} for name in "abc"]})
    views = list(state.cards)
    adopt_foreign(state, {"cards": [{"t": name} for name in "cBa"]})
    assert list(map(id, state.cards)) == [id(view) for view in views[::-1]]
    adopt_foreign(state, {"cards": [{"t": name} for name in "aBx"]})
    assert [id(view) for view in state.cards][:2] == [id(views[0]), id(views[1])]
