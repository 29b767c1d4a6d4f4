"""When callbacks run: after a change is stored, each once a round, and what they change in another round."""

from ..errors import CycleError, cut, raise_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Job(Protocol):
        """Something that waits for its turn."""

        def run(self) -> None:
            """Take the turn."""

        def skip(self) -> None:
            """Wait no more: the rounds were broken off."""


MAX_ROUNDS = 100

waiting: "list[Job]" = []
"""The jobs of the next round. Who appends one has to see to it that it waits only once."""

_is_running = False
paused = 0
"""How many are at work on states, such as open transactions: as long as one is, nothing runs."""

number = 0
"""Counts the calls of `run` that ran something."""

round_number = 0
"""Counts the rounds: what is appended under one number runs in the same round."""


def run() -> None:
    """Run what waits, and what that makes wait; inside a job, leave it for the next round.

    A job that raises does not stop the others: the first error is raised when all have run, with the others
    as notes. Raises `CycleError` after `MAX_ROUNDS`.
    """
    global waiting, _is_running, number, round_number
    if _is_running or paused or not waiting:
        return
    number += 1
    errors: list[Exception] = []
    rounds = 0
    to_run: list[Job] = []
    _is_running = True
    try:
        while waiting:
            rounds += 1
            if rounds > MAX_ROUNDS:
                raise CycleError(
                    f"callbacks kept changing the state for {MAX_ROUNDS} rounds; one of them changes what "
                    "it listens to"
                )
            to_run, waiting = waiting[::-1], []
            round_number += 1
            while to_run:
                try:
                    to_run.pop().run()
                except Exception as error:  # noqa: BLE001 - raised when all have run
                    cut(error)
                    errors.append(error)
    finally:
        _is_running = False
        for job in to_run + waiting:  # where a cycle or an interrupt broke the rounds off
            job.skip()
        waiting = []
        round_number += 1
    raise_first(errors)
