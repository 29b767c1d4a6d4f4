"""What effects cost, beside two libraries: microseconds, a number a round."""

from collections.abc import Callable
from typing import Any

import reaktiv  # type: ignore[import-untyped]
from observ import reactive, watch_effect  # type: ignore[import-not-found]

from anchor_session import Effect, Signal, session
from anchor_session.testing import MemoryArea

from .sampling import Times, in_turn, repeated

Change = Callable[[int], None]

SETS = 1000

kept: list[Any] = []  # both libraries forget an effect that nobody keeps


def ours_signal() -> Change:
    signal = Signal(0)
    kept.append(Effect(lambda: signal()))
    return lambda number: signal.set(number)


def reaktiv_signal() -> Change:
    signal = reaktiv.Signal(0)
    kept.append(reaktiv.Effect(lambda: signal()))
    return lambda number: signal.set(number)


def ours_view(is_followed: bool) -> Change:
    state = session(f"bench {is_followed}", {"n": 0}, area=MemoryArea())
    session.leave(state)  # the cost of storing is another one
    if is_followed:
        kept.append(Effect(lambda: state["n"]))
    return lambda number: state.__setitem__("n", number)


def observ_view(is_followed: bool) -> Change:
    state = reactive({"n": 0})
    if is_followed:
        kept.append(watch_effect(lambda: state["n"], sync=True))
    return lambda number: state.__setitem__("n", number)


async def effects(rounds: int) -> Times:
    changes = {
        "signal": ours_signal(),
        "reaktiv signal": reaktiv_signal(),
        "view alone": ours_view(False),
        "view with effect": ours_view(True),
        "observ alone": observ_view(False),
        "observ with effect": observ_view(True),
    }
    return await in_turn(rounds, {name: repeated(SETS, do) for name, do in changes.items()})
