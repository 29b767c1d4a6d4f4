"""A worker and its page write one state: what the page does between two calls of the worker survives.

The switchboard is one of Python here; the one of JavaScript is tested in a browser.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from anchor_session import QuotaExceededError, StorageError, batch, session, snapshot
from anchor_session.host.append_log import AppendLog
from anchor_session.host.area import Area, StaleReadError
from anchor_session.host.checked_area import CheckedArea
from anchor_session.host.memory import MemoryHost
from anchor_session.host.protocol import Host
from anchor_session.testing import MemoryArea, use_host
from tests.support import entries, rows

CONTINUED, CHANGED = 1, 2


def nothing() -> None:
    pass


class Interpreter(MemoryHost):
    """One of several in a document, with an area in common; `before` runs before each of its calls."""

    def __init__(self, members: "list[Interpreter]") -> None:
        super().__init__()
        self.raw = MemoryArea()
        if members:
            self.raw._items = members[0].raw._items
        self.known: dict[str, int] = {}
        self.keys_waiting: list[str] = []
        self.before: Callable[[], object] = nothing
        self.callbacks: list[Callable[[Any, list[str] | None], None]] = []
        self._is_inside = False
        self._members = members
        members.append(self)

    @contextmanager
    def call(self) -> "Iterator[None]":
        """What happens inside is one call, whatever it consists of."""
        if self._is_inside:
            yield
            return
        self.before()
        self._is_inside = True
        try:
            yield
        finally:
            self._is_inside = False

    def wrote(self, key: str, how: int) -> None:
        state = key.partition("#")[0]
        for each in self._members:
            if each is not self:
                each.keys_waiting.append(key)
                if state in each.known:
                    each.known[state] = max(how, each.known[state])

    def is_behind(self, key: str) -> bool:
        return bool(self.known.get(key.partition("#")[0]))

    def deliver(self) -> None:
        keys, self.keys_waiting = list(dict.fromkeys(self.keys_waiting)), []
        for callback in self.callbacks if keys else []:
            callback(self.raw, keys)

    # -- the interface of a host ----------------------------------------------------------------

    def area(self, kind: str) -> MemoryArea:
        return self.raw

    def bound(self, raw: Any) -> Any:
        return Functions(self) if raw is self.raw else None

    def checked(self, area: Area) -> Area:
        bound = self.bound(area.raw)
        return area if bound is None else CheckedArea(area, bound)

    def append_log(self, area: Area, prefix: str) -> AppendLog:
        return Entries(self, area, prefix)

    def on_storage(
        self, callback: "Callable[[Any, list[str] | None], None]"
    ) -> "Callable[[], None]":
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)


class Functions:
    """What the switchboard binds to an area."""

    def __init__(self, member: Interpreter) -> None:
        self._member = member

    def get(self, key: str) -> "str | None":
        with self._member.call():
            return self._member.raw.getItem(key)

    def read_fresh(self, key: str, beside: str) -> "str | None":
        with self._member.call():
            self._member.known[key] = 0
            return self._member.raw.getItem(key)

    def set(self, key: str, text: str) -> "bool | None":
        with self._member.call():
            self._member.raw.setItem(key, text)
            self._member.wrote(key, CHANGED)
            return None

    def set_if_known(self, key: str, text: str) -> "bool | None":
        with self._member.call():
            return False if self._member.is_behind(key) else self.set(key, text)

    def remove(self, key: str) -> "bool | None":
        with self._member.call():
            self._member.raw.removeItem(key)
            self._member.wrote(key, CHANGED)
            return None

    def remove_if_known(self, key: str) -> "bool | None":
        with self._member.call():
            return False if self._member.is_behind(key) else self.remove(key)

    def checked(self) -> Any:
        return self.read_fresh, self.set_if_known, self.remove_if_known


class Entries(AppendLog):
    """AppendLog entries, each operation one call."""

    def __init__(self, member: Interpreter, area: Area, prefix: str) -> None:
        super().__init__(area.plain, prefix)
        self._member = member

    def read(self) -> "list[str]":
        with self._member.call():
            self.count, self._last = 0, None
            return super().read_more() or []

    def read_more(self) -> "list[str] | None":
        with self._member.call():
            state = self.prefix.partition("#")[0]
            if self._member.known.get(state) == CHANGED:
                return None
            texts = super().read_more()
            if texts is not None and state in self._member.known:
                self._member.known[state] = 0
            return texts

    def is_current(self) -> bool:
        with self._member.call():
            return not self._member.is_behind(self.prefix) and super().is_current()

    def append(self, text: str) -> bool:
        with self._member.call():
            known = [each.known.copy() for each in self._member._members]
            is_done = super().append(text)
            for each, before in zip(self._member._members, known, strict=True):
                if is_done and each is not self._member:  # it is a continuation, not a change
                    each.known = before
            if is_done:
                self._member.wrote(f"{self.prefix}{self.count}", CONTINUED)
            return is_done

    def trim(self, count: int) -> None:
        with self._member.call():
            if self._member.is_behind(self.prefix):
                raise StaleReadError(self.prefix)
            super().trim(count)


INIT = {"n": 0, "a": 1, "b": 2, "c": 3, "d": 4, "text": "x" * 60, "map": {"k": 0}, "list": [0]}


def fold(state: Any) -> None:
    state._root.owner.fold()


def is_blocked(state: Any) -> bool:
    """Whether its journal can be used no more."""
    journal = state._root.owner.keeper.record.journal
    return journal is not None and bool(journal.is_blocked)


def several(name: str) -> "Callable[[Any], object]":
    def change(state: Any) -> None:
        with batch():
            state[name] = 1
            state[f"{name}2"] = 2

    return change


def exchange(name: str, deleted: str) -> "Callable[[Any], object]":
    def change(state: Any) -> None:
        with batch():
            del state[deleted]
            state.list.append(name)

    return change


def bring_back(name: str, deleted: str) -> "Callable[[Any], object]":
    def change(state: Any) -> None:
        with batch():
            state[deleted] = name
            state.list.append(name)

    return change


def statements(name: str, deleted: str, returned: str) -> "dict[str, Callable[[Any], object]]":
    """What one of two does without touching what the other does."""
    return {
        "key": lambda state: state.update({name: 1}),
        "deletes": lambda state: state.pop(deleted),
        "appends": lambda state: state.list.append(name),
        "below": lambda state: state.map.update({name: 1}),
        "much": lambda state: state.update({name: "y" * 500}),
        "batch": several(name),
        "exchanges": exchange(name, deleted),
        "brings back": bring_back(name, returned),
    }


MINE, THEIRS = statements("mine", "a", "c"), statements("theirs", "b", "d")


def both(mine: str, theirs: str) -> Any:
    """The state as it is when both are done; lists by their members."""
    found: Any = session("model", INIT, area=MemoryArea())
    del found.c, found.d
    found.n = 1
    MINE[mine](found)
    THEIRS[theirs](found)
    return in_any_order(found)


def in_any_order(state: Any) -> Any:
    found = snapshot(state)
    found["list"] = sorted(map(str, found["list"]))
    return found


def stored(area: MemoryArea) -> Any:
    """What a reload finds."""
    copy = MemoryArea()
    for key, text in entries(area).items():
        copy.setItem(key, text)
    return in_any_order(session("s", INIT, area=copy))


def together(layout: str) -> "tuple[Any, Any, Interpreter, Interpreter]":
    members: list[Interpreter] = []
    states = []
    for _ in range(2):
        one = Interpreter(members)
        with use_host(cast("Host", one)):
            states.append(session("s", INIT, layout=layout))
    del states[0].c, states[0].d
    states[0].n = 1  # there is something to continue
    for one in members:
        one.deliver()
    return states[0], states[1], members[0], members[1]


@rows("ends", ["", "fold"])
@rows("theirs", [*THEIRS])
@rows("mine", [*MINE])
@rows("layout", ["document", "journal", "auto"])
def test_statement_of_the_page_between_any_two_calls_of_a_worker_survives(
    early_journals: None, layout: str, mine: str, theirs: str, ends: str
) -> None:
    expected = both(mine, theirs)
    moment = 0
    has_come = True
    while has_come:
        worker_state, page_state, worker, page = together(layout)
        countdown, has_come = moment, False

        def come_between() -> None:
            nonlocal countdown, has_come
            countdown -= 1
            if countdown == -1:
                has_come = True
                THEIRS[theirs](page_state)  # noqa: B023 - called within this turn
                if ends:
                    fold(page_state)  # noqa: B023

        worker.before = come_between
        MINE[mine](worker_state)
        if ends:
            fold(worker_state)
        worker.before = nothing
        if not has_come:
            break
        for _ in range(2):
            worker.deliver()
            page.deliver()
        found = [in_any_order(worker_state), in_any_order(page_state), stored(worker.raw)]
        assert (moment, found) == (moment, [expected] * 3)
        assert not any(is_blocked(state) for state in (worker_state, page_state))
        worker_state.next_one = 1
        page_state.next_two = 2
        worker.deliver()
        found = [in_any_order(worker_state), in_any_order(page_state), stored(worker.raw)]
        assert (moment, found) == (moment, [{**expected, "next_one": 1, "next_two": 2}] * 3)
        moment += 1
    assert moment > 0


@rows("layout", ["document", "journal"])
def test_turns_without_being_told_lose_nothing(layout: str) -> None:
    one, two, *hosts = together(layout)
    expected = snapshot(one)
    for n in range(20):
        one[f"one-{n}"] = n
        two[f"two-{n}"] = n
    for host in hosts:
        host.deliver()
    for n in range(20):
        expected |= {f"one-{n}": n, f"two-{n}": n}
    assert snapshot(one) == snapshot(two) == expected


def test_writer_that_is_never_first_gives_up_and_changes_nothing() -> None:
    one, two, mine, _ = together("document")

    def come_between() -> None:
        two.n += 1

    mine.before = come_between
    with pytest.raises(StorageError, match="keeps changing"):
        one.late = 1
    mine.before = nothing
    mine.deliver()
    assert snapshot(one) == snapshot(two)
    assert "late" not in one


@rows("layout", ["document", "journal"])
def test_change_between_the_calls_of_a_write_that_fails_survives(layout: str) -> None:
    moment, has_come = 0, True
    while has_come:
        one, two, mine, theirs = together(layout)
        started = snapshot(one)
        mine.raw.quota = 2000
        countdown, has_come = moment, False

        def come_between() -> None:
            nonlocal countdown, has_come
            countdown -= 1
            if countdown == -1:
                has_come = True
                two.theirs = 1  # noqa: B023

        mine.before = come_between
        with pytest.raises(QuotaExceededError):
            one.update(big="y" * 3000)
        mine.before = nothing
        one.mine = 1
        mine.deliver()
        theirs.deliver()
        expected = {**started, "mine": 1} | ({"theirs": 1} if has_come else {})
        assert (moment, snapshot(one), snapshot(two)) == (moment, expected, expected)
        moment += 1
