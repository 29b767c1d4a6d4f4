"""What a state does where its page cannot tell it of its end, and beside tabs that it does not follow."""

from typing import Any

from anchor_session.state import Persistence, State
from anchor_session.testing import Tab, tabs, use_host
from tests.support import rows

LARGE = "x" * 10_000
"""More than is stored as a document by other states."""


def opened(tab: Tab, *, throttle: float | None = None, **options: Any) -> State[dict[str, Any]]:
    with use_host(tab):
        return State(
            lambda: {"n": 0, "text": "", "map": {}},
            persistence=Persistence("k", area="local", **options),
            throttle=throttle,
        )


@rows(("throttle", "interval"), [(60, None), (None, 60), (60, 60)])
def test_worker_puts_nothing_off_that_a_reload_would_lose(
    throttle: float | None, interval: float | None
) -> None:
    (tab,) = tabs(1)
    tab.hears_end = False
    state = opened(tab, throttle=throttle, interval=interval)
    with use_host(tab):
        for n in range(1, 4):
            state.set({"n": n})
            assert state.get()["n"] == n
    tab.kill()
    assert opened(tab.browser.open()).get()["n"] == 3


def test_worker_holds_what_is_in_memory_alone() -> None:
    (tab,) = tabs(1)
    tab.hears_end = False
    with use_host(tab):
        state = State(lambda: {"n": 0}, throttle=60)
        state.set({"n": 1})
        state.set({"n": 2})
        assert state.get() == {"n": 1}


@rows("text", ["", LARGE])
def test_tab_that_does_not_follow_writes_over_what_another_stored(text: str) -> None:
    one, two = tabs(2)
    mine, yours = opened(one), opened(two)
    mine.set({"text": text})
    mine.set({"n": 1})
    one.browser.settle()
    yours.set({"map": {"a": 1}})
    one.browser.settle()
    expected = {"n": 0, "text": "", "map": {"a": 1}}
    assert yours.get() == expected
    assert opened(one.browser.open()).get() == expected
    assert mine.get() == {"n": 1, "text": text, "map": {}}
    mine.set({"n": 2})
    assert opened(one.browser.open()).get() == {"n": 2, "text": text, "map": {}}
