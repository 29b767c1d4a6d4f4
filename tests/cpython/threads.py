"""Threads that begin together and change often."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.patience import PATIENCE

THREADS = 8


@contextmanager
def changing_often() -> Iterator[None]:
    """Python lets another thread go on a hundred times as often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def at_once(*jobs: "Callable[[], object]") -> None:
    """Run each in a thread of its own, all begin together; the first error is raised."""
    start = threading.Barrier(len(jobs))
    errors: list[BaseException] = []

    def run(job: "Callable[[], object]") -> None:
        start.wait()
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), "threads wait for each other"


def in_eight(do: "Callable[[int], object]") -> None:
    """Run `do(number)` in eight threads, as `at_once` does."""
    at_once(*[lambda number=number: do(number) for number in range(THREADS)])
