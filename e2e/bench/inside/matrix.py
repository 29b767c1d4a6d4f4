"""One cell of the comparison: everyone does the same to the same data, in turn, many times."""

import asyncio
import json
from random import Random
from time import perf_counter
from typing import Any

from js import sessionStorage

from .data import RECORDS, SHAPES, build, place
from .edits import Change, changes, expected, undos
from .subjects import LIBRARIES, Floor, Subject, subjects

# A sample is the first of these numbers of changes that take so long together (milliseconds): the first
# after a pause is slow. More are not better, after some fifty writes of 1 KB each costs Chromium twice as
# much; but where thirty take no time, nothing is written.
BURSTS = (1, 3, 10, 30)
LONG_ENOUGH = 3
NO_TIME = 0.1
BURST_OF_NO_WRITES = 300
MOST = {"batch": 3}
# Milliseconds before each sample, in which the browser puts away what was written.
PAUSES = {"1 KB": 5, "10 KB": 5, "100 KB": 10, "1 MB": 60}
# Here not all texts fit into the area together.
CROWDED = ("1 MB",)


class Cell:
    """One operation on one shape of one size."""

    def __init__(self, size: str, shape: str, operation: str) -> None:
        self.count = RECORDS[size]
        self.shape = shape
        self.operation = operation
        self.pause = PAUSES[size] / 1e3
        self.is_crowded = size in CROWDED
        self.most = MOST.get(operation, 0)
        self.text = json.dumps(build(shape, self.count), separators=(",", ":"))
        self._made = 0
        self._away: dict[str, str] = {}

    def changes(self, times: int) -> list[Change]:
        """Changes that were not there before."""
        start, self._made = self._made, self._made + times
        operation = "set" if self.operation == "open" else self.operation
        return changes(operation, self.shape, self.count, start, times)

    async def check(self, subject: Subject) -> bool:
        """Start the subject, change once, and see that the new state is what is stored at that moment.

        Gives whether it is there a microtask later only. Raises `AssertionError` where it is not there.
        """
        (change,) = self.changes(1)
        is_late = subject.start(self.text, change)
        if self.operation == "open" or isinstance(subject, Floor):
            return is_late
        if await subject.probe(change) != expected(self.shape, self.count, change):
            raise AssertionError(f"{subject.name}: the change is not in storage, or is another one")
        for undo in undos(self.operation, self.shape, self.count, 1):
            await subject.apply(undo)
        return is_late

    async def sample(self, subject: Subject, turn: list[Change]) -> float:
        """The milliseconds of all changes, after a pause."""
        self.fetch(subject)
        await asyncio.sleep(self.pause)
        if self.operation == "open" and not isinstance(subject, Floor):
            leaf = [*place(self.shape, self.count // 2), "price"]
            milliseconds = subject.time_open(len(turn), leaf)
        else:
            back = undos(self.operation, self.shape, self.count, len(turn))
            milliseconds = await subject.time(turn, back)
        self.put_away(subject)
        return milliseconds

    def put_away(self, subject: Subject) -> None:
        """Take its text out of the storage, where there is no room for everyone's."""
        if self.is_crowded and subject.key:
            self._away[subject.key] = sessionStorage.getItem(subject.key)
            sessionStorage.removeItem(subject.key)

    def fetch(self, subject: Subject) -> None:
        if subject.key in self._away:
            sessionStorage.setItem(subject.key, self._away.pop(subject.key))

    async def burst(self, subject: Subject) -> int:
        """How many changes a sample of this subject is; it warms up meanwhile."""
        for times in BURSTS:
            milliseconds = await self.sample(subject, self.changes(times))
            if LONG_ENOUGH <= milliseconds < 10 * LONG_ENOUGH:  # or slow by chance
                milliseconds = await self.sample(subject, self.changes(times))
            if times == self.most or milliseconds >= LONG_ENOUGH:
                return times
        return BURST_OF_NO_WRITES if milliseconds < NO_TIME else times


async def cell(size: str, shape: str, operation: str, rounds: int) -> dict[str, Any]:
    """Microseconds of a change by subject, one number a round, and who was a microtask late."""
    cell = Cell(size, shape, operation)
    everyone = subjects(operation)
    late = []
    for subject in everyone:
        if await cell.check(subject):
            late.append(subject.name)
        cell.put_away(subject)
    bursts = {subject.name: await cell.burst(subject) for subject in everyone} if rounds else {}
    times: dict[str, list[float]] = {subject.name: [] for subject in everyone}
    order = Random(f"{size} {shape} {operation}")
    for _ in range(rounds):
        turn = cell.changes(max(bursts.values()))
        order.shuffle(everyone)
        for subject in everyone:
            burst = bursts[subject.name]
            milliseconds = await cell.sample(subject, turn[:burst])
            times[subject.name].append(milliseconds / burst * 1e3)
    for subject in everyone:
        subject.stop()
    return {"times": times, "late": late, "libraries": LIBRARIES}


async def warm_up(seconds: float) -> None:
    """Let everyone's code be compiled: JavaScript, and the WebAssembly that Python is, as it is used more."""
    end = perf_counter() + seconds
    while perf_counter() < end:
        for shape in SHAPES:
            await cell("10 KB", shape, "set", 4)
