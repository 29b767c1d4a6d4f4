"""Several tabs with one state in an area that is too small for all that they do."""

from contextlib import suppress
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from anchor_session import DetachedError, ListView, QuotaExceededError, persistent, shared
from anchor_session.page.open_states import leave_all
from anchor_session.page.record import keeper, layout
from anchor_session.page.shared import epoch, record, room
from anchor_session.testing import Tab
from tests.page.test_shared_network import CHANGES, LIMIT, NETWORK, NUMBER, Tabs


class CrowdedTabs(Tabs):
    """Tabs whose area has no room for all that they do: statements may be refused, and are undone then."""

    quota = 4000

    def start(self, tab: Tab) -> Tab:
        tab.area("local").quota = self.quota
        return super().start(tab)

    def change(self, tab: Tab, where: int, what: int) -> None:
        with suppress(QuotaExceededError):
            super().change(tab, where, what)

    def set_once(self, tab: Tab, where: int, _: int) -> None:
        try:
            super().set_once(tab, where, _)
        except QuotaExceededError:
            self.once.popitem()

    def grow(self, tab: Tab, _: int, what: int) -> None:
        items = self.states[tab].get("b")
        with suppress(QuotaExceededError, DetachedError):
            if isinstance(items, ListView):
                items.append("x" * (what % 600))

    def check(self) -> None:
        """There is room again: then all is stored. What was put aside is not lost either."""
        for tab in self.browser.tabs:
            tab.area("local").quota = None
        for _ in range(70):
            self.browser.settle()
            self.browser.clock.advance(1)
        aside = [text for key, text in self.browser.local.items.items() if "#rejected" in key]
        for name in list(self.once):
            if any(f'"{name}"' in text or f'".{name}"' in text for text in aside):
                del self.once[name]
        super().check()


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few units are many: what lies beside a document is soon folded, or written in place."""
    monkeypatch.setattr(epoch, "JOURNAL_ABOVE", 40)
    monkeypatch.setattr(epoch, "_MANY", 3)
    monkeypatch.setattr(layout, "JOURNAL_ABOVE", 40)
    monkeypatch.setattr(keeper, "MANY_UNITS", 200)
    monkeypatch.setattr(record, "MANY_UNITS", 200)
    monkeypatch.setattr(record, "_BESIDE", 400)


# A document is written over by a tab that was opened, or has written, in the same milliseconds.
BOTH_AT_ONCE = [
    *[("grow", 3, 243, 131), ("change", 3, 201, 318), ("change", 3, 665, 817)],
    *[("change", 3, 19, 219), ("set_once", 0, 127, 182), ("change", 1, 643, 864)],
    *[("set_once", 1, 325, 107), ("grow", 3, 330, 960)],
]
ONE_THAT_COMES = [
    *[("change", 0, 548, 234), ("step", 0, 371, 500), ("grow", 1, 735, 940)],
    *[("step", 1, 611, 945), ("come", 1, 172, 124), ("advance", 2, 417, 926)],
    *[("change", 2, 323, 438), ("change", 3, 765, 261), ("step", 1, 357, 633)],
    *[("set_once", 3, 760, 355), ("come", 2, 327, 232), ("grow", 3, 634, 378)],
]
FOUR_AT_ONCE = [
    *[("come", 3, 806, 188), ("come", 3, 802, 210), ("grow", 3, 102, 140)],
    *[("set_once", 2, 354, 333), ("advance", 3, 222, 30), ("grow", 1, 43, 313)],
]


@pytest.mark.parametrize("opener", [persistent, shared])
@pytest.mark.filterwarnings("ignore::anchor_session.StorageWarning")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(quota=4000, reserve=4096, at_once=True, tells_late=True, program=BOTH_AT_ONCE)
@example(quota=4000, reserve=4096, at_once=False, tells_late=False, program=ONE_THAT_COMES)
@example(quota=4000, reserve=4096, at_once=True, tells_late=True, program=FOUR_AT_ONCE)
@given(
    quota=st.sampled_from([4000, 8000, 16_000]),
    reserve=st.sampled_from([300, 4096]),
    at_once=st.booleans(),
    tells_late=st.booleans(),
    program=st.lists(
        st.tuples(
            st.sampled_from([*CHANGES, *NETWORK, "grow", "grow", "come"]),
            st.integers(0, LIMIT - 1),
            NUMBER,
            NUMBER,
        ),
        max_size=40,
    ),
)
def test_tabs_in_a_crowded_area_agree_and_lose_nothing(
    crowded: None,
    opener: Any,
    quota: int,
    reserve: int,
    at_once: bool,
    tells_late: bool,
    program: "list[Any]",
) -> None:
    with suppress(QuotaExceededError):
        leave_all()
    with patch.object(CrowdedTabs, "quota", quota), patch.object(room, "_RESERVE", reserve):
        tabs = CrowdedTabs(opener, at_once=at_once, tells_late=tells_late)
        tabs.run(program)
        tabs.check()
    leave_all()
