"""What effects cost, beside two libraries: microseconds, a number a round."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import reaktiv  # type: ignore[import-untyped]
from observ import reactive, watch_effect  # type: ignore[import-not-found]

from anchor_session import Effect, Signal, session
from anchor_session.testing import MemoryArea

SETS = 1000

numbers = iter(range(10**9))
kept: list[Any] = []  # both libraries forget an effect that nobody keeps


def ours_signal() -> Callable[[], None]:
    signal = Signal(0)
    kept.append(Effect(lambda: signal()))
    return lambda: signal.set(next(numbers))


def reaktiv_signal() -> Callable[[], None]:
    signal = reaktiv.Signal(0)
    kept.append(reaktiv.Effect(lambda: signal()))
    return lambda: signal.set(next(numbers))


def ours_view(is_followed: bool) -> Callable[[], None]:
    state = session(f"bench {is_followed}", {"n": 0}, area=MemoryArea())
    session.leave(state)  # the cost of storing is another one
    if is_followed:
        kept.append(Effect(lambda: state["n"]))
    return lambda: state.__setitem__("n", next(numbers))


def observ_view(is_followed: bool) -> Callable[[], None]:
    state = reactive({"n": 0})
    if is_followed:
        kept.append(watch_effect(lambda: state["n"], sync=True))
    return lambda: state.__setitem__("n", next(numbers))


def microseconds(change: Callable[[], None]) -> float:
    start = perf_counter()
    for _ in range(SETS):
        change()
    return (perf_counter() - start) / SETS * 1e6


async def effects(rounds: int) -> dict[str, list[float]]:
    """All of it in turn, so that a slow moment of the machine hits everyone."""
    changes = {
        "signal": ours_signal(),
        "reaktiv signal": reaktiv_signal(),
        "view alone": ours_view(False),
        "view with effect": ours_view(True),
        "observ alone": observ_view(False),
        "observ with effect": observ_view(True),
    }
    times: dict[str, list[float]] = {name: [] for name in changes}
    for _ in range(rounds):
        for name, change in changes.items():
            times[name].append(microseconds(change))
    return times
