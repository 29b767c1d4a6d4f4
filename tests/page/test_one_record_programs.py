"""Random programs of one page on one record: states that come and go, storages, batches and effects."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import Effect, SessionStorage, batch, leave, session
from anchor_session.page.open_states import leave_all
from anchor_session.page.record import layout as layouts
from anchor_session.testing import Tab, tabs, use_host
from tests.support import LAYOUTS, examples, stored

KEYS = "abcd"


class Undone(Exception):
    """What a batch is left with."""


class Page:
    """What is open, and what has to be stored: `data`, and the names of an init that were `deleted`."""

    def __init__(self, tab: Tab, random: Random) -> None:
        self.tab = tab
        self.random = random
        self.data: dict[str, int] = {}
        self.deleted: set[str] = set()
        self.init: dict[str, int] = {}
        self.state: Any = None
        self.storages: list[SessionStorage] = []
        self.effects: list[tuple[Effect, str, list[Any]]] = []

    def some(self) -> "dict[str, int]":
        keys = self.random.sample(KEYS, self.random.randint(0, 2))
        return {key: self.random.randint(0, 9) for key in keys}

    def meets(self, init: "dict[str, int]") -> None:
        for key, value in init.items():
            if key not in self.deleted:
                self.data.setdefault(key, value)

    # -- what a program does --------------------------------------------------------------------

    def make_storage(self) -> None:
        init = self.some()
        self.storages.append(SessionStorage("s", init))
        self.meets(init)

    def leave_storage(self) -> None:
        if self.storages:
            leave(self.storages.pop())

    def open_state(self) -> None:
        if self.state is None:
            self.init = self.some()
            self.state = session("s", self.init, layout=self.random.choice(LAYOUTS))
            self.meets(self.init)

    def leave_state(self) -> None:
        if self.state is not None:
            leave(self.state)
            self.state = None

    def fold(self) -> None:
        self.tab.idle()

    def write(self) -> None:
        for storage in self.storages:
            storage.write()

    def look(self) -> None:
        if self.storages:
            storage, key = self.random.choice(self.storages), self.random.choice(KEYS)
            seen: list[Any] = []
            self.effects.append((Effect(lambda: seen.append(storage.get(key))), key, seen))

    def change(self) -> None:
        before = self.data.copy()
        self._change()
        self._note(before)

    def change_in_a_batch(self) -> None:
        before, fails = self.data.copy(), self.random.random() < 0.4
        try:
            with batch():
                for _ in range(3):
                    self._change()
                if fails:
                    raise Undone
        except Undone:
            self.data = before
        self._note(before)

    def _change(self) -> None:
        here = [*self.storages, self.state]
        one, key = self.random.choice(here), self.random.choice(KEYS)
        value = None if self.random.random() < 0.35 else self.random.randint(0, 9)
        if one is None:
            return
        if value is None:
            one.delete(key) if isinstance(one, SessionStorage) else one.pop(key, None)
            self.data.pop(key, None)
        else:
            one.set(key, value) if isinstance(one, SessionStorage) else one.update({key: value})
            self.data[key] = value

    def _note(self, before: "dict[str, int]") -> None:
        """An open state lists what was deleted of its init, and what was listed before and is gone again."""
        if self.state is not None:
            self.deleted |= {key for key in before if key not in self.data and key in self.init}
            if not self.data:
                self.deleted |= set(self.init)
        self.deleted -= set(self.data)

    # -- what has to hold -----------------------------------------------------------------------

    def check(self) -> None:
        assert stored(self.tab.area("session")) == self.data
        here = self.storages if self.state is None else [*self.storages, self.state]
        assert [{key: each.get(key) for key in each} for each in here] == [self.data] * len(here)
        assert [seen[-1] for _, _, seen in self.effects] == [
            self.data.get(key) for _, key, _ in self.effects
        ]


WHAT = [
    Page.make_storage,
    Page.leave_storage,
    Page.open_state,
    Page.leave_state,
    Page.fold,
    Page.write,
    Page.look,
    Page.change,
    Page.change,
    Page.change_in_a_batch,
]


@examples(20)
@given(st.integers(0, 2**32), st.lists(st.sampled_from(WHAT), min_size=4, max_size=20))
def test_every_object_has_what_is_stored(seed: int, program: "list[Any]") -> None:
    leave_all()
    (tab,) = tabs(1)
    page = Page(tab, Random(seed))
    with pytest.MonkeyPatch.context() as patch, use_host(tab):
        patch.setattr(layouts, "JOURNAL_ABOVE", 40)
        for step in program:
            step(page)
            page.check()
        for each, _, _ in page.effects:
            each.stop()
        leave_all()
