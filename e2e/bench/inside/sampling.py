"""Samples of a few things in turn: microseconds, a number a round."""

import asyncio
from collections.abc import Callable
from time import perf_counter

Times = dict[str, list[float]]
Samples = dict[str, Callable[[], float]]


async def in_turn(rounds: int, samples: Samples) -> Times:
    """Call each in turn, `rounds` times, with a pause before each."""
    times: Times = {name: [] for name in samples}
    for _ in range(rounds):
        for name, sample in samples.items():
            await asyncio.sleep(0.01)
            times[name].append(sample())
    return times


def repeated(times: int, do: Callable[[int], object], *, parts: int = 1) -> Callable[[], float]:
    """A sample: what one of `times` calls takes, or one of its `parts`. Each call has a new number."""
    turn = iter(range(1 << 30))

    def sample() -> float:
        first = next(turn) * times
        start = perf_counter()
        for number in range(first, first + times):
            do(number)
        return (perf_counter() - start) / times / parts * 1e6

    return sample
