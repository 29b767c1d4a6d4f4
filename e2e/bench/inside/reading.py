"""Reading outside effects, beside plain Python."""

from collections.abc import Callable
from timeit import timeit
from typing import Any

from anchor_session import session

from .data import build
from .sampling import Times, in_turn, repeated
from .stored import drop

LOOPS = 1000


async def reads(rounds: int) -> Times:
    """A key of a view, and going over 1000 records."""
    plain = build("list", 1000)
    state = session("bench-reads", plain)
    view, row = state.records[7], plain["records"][7]
    times = await in_turn(
        rounds,
        {
            "`view['price']`": evaluated("it['price']", view),
            "`view.price`": evaluated("it.price", view),
            "`dict['price']`": evaluated("it['price']", row),
            "walk over a view": repeated(5, walk(state.records)),
            "walk over a list": repeated(20, walk(plain["records"])),
            "sum over a view": repeated(5, add(state.records)),
            "sum over a list": repeated(20, add(plain["records"])),
        },
    )
    drop("bench-reads", state)
    return times


def evaluated(expression: str, it: Any) -> Callable[[], float]:
    """A sample: what the expression takes, without the loop around it."""
    ten = "; ".join([expression] * 10)

    def sample() -> float:
        loop = timeit("pass", number=LOOPS)
        return (timeit(ten, number=LOOPS, globals={"it": it}) - loop) / (10 * LOOPS) * 1e6

    return sample


def walk(records: Any) -> Callable[[int], None]:
    def do(number: int) -> None:
        for _ in records:
            pass

    return do


def add(records: Any) -> Callable[[int], None]:
    return lambda number: sum(each["price"] for each in records)
