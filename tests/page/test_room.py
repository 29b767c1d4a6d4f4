"""How much room a state takes, and that none is refused: a model of the area checks each step."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import anchor_session
from anchor_session import QuotaExceededError, leave, snapshot
from anchor_session.codec import encode
from anchor_session.host.area import units
from anchor_session.page.open_states import leave_all
from anchor_session.testing import Browser, use_host
from tests.support import examples

QUOTA = 400_000
SLACK = 65_536  # units that a state may take beside what its size allows, while it changes
AT_REST = 8_192
KINDS = {"session": "session", "persistent": "local", "shared": "local"}
INIT: dict[str, Any] = {"texts": [], "n": 0, "m": {}}


class Page:
    """A tab with one state, in an area that others fill too; what is stored is known at every moment."""

    def __init__(self, kind: str, layout: str) -> None:
        self.kind, self.layout = kind, layout
        self.browser = Browser()
        self.tab = self.browser.open()
        self.model: dict[str, Any] = {"texts": [], "n": 0, "m": {}}
        self.peak = 0
        self.killed_at = 0
        self.start()

    def start(self) -> None:
        area: Any = self.tab.area(KINDS[self.kind])
        self.area = area
        self.area.quota = QUOTA
        plain = self.area.setItem

        def store(key: str, text: str) -> None:
            plain(key, text)
            self.peak = max(self.peak, self.taken())

        self.area.setItem = store
        with use_host(self.tab):
            opener = getattr(anchor_session, self.kind)
            self.state = opener("s", INIT, layout=self.layout)
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
        """Whether a tab that was killed may still be one that writes."""
        return self.browser.clock.now() - self.killed_at < 6_000_000

    # -- what happens ---------------------------------------------------------------------------

    def change(self, statement: "tuple[str, Any]") -> None:
        after = changed(self.model, statement)
        before, later = len(encode(self.model)), len(encode(after))
        self.peak = self.taken()
        has_room = self.others() + later + 200 + SLACK <= QUOTA and not self.is_another
        try:
            with use_host(self.tab):
                apply(self.state, statement)
            self.model = after
        except QuotaExceededError:
            assert not has_room, f"refused, with {QUOTA - self.others()} units for {later}"
            assert later >= before or self.is_another, "what removes something is refused"
        assert snapshot(self.state) == self.model
        assert self.peak <= 2.2 * max(before, later) + SLACK or self.is_another

    def fill(self, share: float) -> None:
        """Another library takes a share of what is free, or gives all of its own back.

        It leaves room for folding while there is something to fold: nothing can keep that from others.
        """
        self.area.removeItem("other")
        sizes = self.sizes()
        free = QUOTA - sum(sizes.values()) - len("other")
        if any("#edit" in key or "#journal" in key for key in sizes):
            free -= len(encode(self.model)) + AT_REST
        if share and free > 0:
            self.area.setItem("other", "x" * int(free * share))

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
