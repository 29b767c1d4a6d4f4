"""A process that saves is killed: every record is whole, old or new."""

import asyncio
import fcntl
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest

from anchor_session.records import FileStore, SQLiteStore, Store
from tests.cpython.processes import killed, times
from tests.support import table

KILLS = times(12, 200)
IDS = [f"r{n}" for n in range(4)]
LENGTH = 20_000  # characters: more than one page, more than one write

STORES: "dict[str, Callable[[Path], Store]]" = {
    "file": FileStore,
    "sqlite": lambda directory: SQLiteStore(directory / "records.db"),
}

# `fork` in a process with threads is warned of; here no other thread holds anything the child needs.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


# -- at any moment --------------------------------------------------------------------------------


def save_for_ever(make: "Callable[[Path], Store]", directory: Path, ready: int) -> None:
    """Save records whose every part says which save it was; tell the parent of each."""

    async def save() -> None:
        store = make(directory)
        turn = 0
        while True:
            turn += 1
            for id in IDS:
                digit = str(turn % 10)
                await store.save(id, {"id": id, "turn": turn, "text": digit * LENGTH})
                os.write(ready, b"!")

    asyncio.run(save())


def run_and_kill(
    make: "Callable[[Path], Store]", directory: Path, saves: int, seconds: float
) -> int:
    """Kill it so long after so many saves; how many it said were made."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            save_for_ever(make, directory, writer)
        finally:
            os._exit(1)
    os.close(writer)
    said = 0
    while said < saves:
        heard = len(os.read(reader, saves - said))
        assert heard, "the process ended by itself"
        said += heard
    time.sleep(seconds)  # the moment is the test
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while more := os.read(reader, 1000):
        said += len(more)
    os.close(reader)
    assert os.WIFSIGNALED(status), "the process ended by itself"
    return said


def check_records(found: "dict[str, Any]", said: int) -> None:
    """Every record is that of one save, and none is older than what the process said was saved."""
    assert sorted(found) == IDS
    made = 0
    for number, (id, record) in enumerate(sorted(found.items())):
        assert record["id"] == id
        assert record["text"] == str(record["turn"] % 10) * LENGTH
        told = (said - number + len(IDS) - 1) // len(IDS)
        assert told <= record["turn"] <= told + 1
        made += record["turn"]
    assert said <= made <= said + 1


async def read_all(store: Store) -> "dict[str, Any]":
    return {id: await store.load(id) for id in await store.list()}


@pytest.mark.parametrize("kind", STORES)
def test_killed_process_leaves_whole_records(kind: str, tmp_path: Path) -> None:
    make = STORES[kind]
    chance = random.Random(20261121)
    in_midst = 0
    for kill in range(KILLS):
        # Soon after the first, the second or the third save of a turn: most are in the next one then.
        said = run_and_kill(make, tmp_path, 5 + kill % 3, chance.uniform(0, 0.005))

        async def check(said: int = said) -> "dict[str, Any]":
            async with make(tmp_path) as store:
                found = await read_all(store)
                check_records(found, said)
                return found

        found = asyncio.run(check())
        in_midst += len({record["turn"] for record in found.values()}) > 1
    assert in_midst > 0, "the kills did not come while records were being saved"
    if kind == "sqlite":
        connection = sqlite3.connect(tmp_path / "records.db")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


# -- at each step ---------------------------------------------------------------------------------


class Half:
    """A file of which half a text is written before `step` is asked whether to go on."""

    def __init__(self, file: Any, step: "Callable[[str], None]") -> None:
        self.file = file
        self.step = step

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def write(self, content: bytes) -> None:
        middle = len(content) // 2
        self.file.write(content[:middle])
        self.file.flush()
        self.step("write")
        self.file.write(content[middle:])

    def flush(self) -> None:
        self.file.flush()


STEPS: "list[tuple[Any, str]]" = [
    (os, "open"),
    (os, "fdopen"),
    (os, "fsync"),
    (fcntl, "flock"),
    (Path, "replace"),
    (Path, "unlink"),
    (os, "close"),
]
"""What a save does to the file system, a call after the other; the middle of a file is one too."""


def save_and_die(directory: Path, at: "int | str", said: int = -1) -> None:
    """Save a record, and die just before a step: the one with this number, or the first of this name."""
    made = 0

    def step(name: str) -> None:
        nonlocal made
        if at in (made, name):
            if said >= 0:
                os.write(said, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)
        made += 1

    def watched(owner: Any, name: str) -> None:
        act = getattr(owner, name)

        def acting(*arguments: Any, **options: Any) -> Any:
            step(name)
            result = act(*arguments, **options)
            return Half(result, step) if arguments[1:] == ("wb",) else result

        setattr(owner, name, acting)

    store = FileStore(directory)
    for owner, name in STEPS:
        watched(owner, name)
    asyncio.run(store.save("a", {"text": "new" * LENGTH}))


def test_process_that_dies_at_any_step_of_a_save_leaves_the_record_whole(tmp_path: Path) -> None:
    async def found() -> Any:
        async with FileStore(tmp_path) as store:
            assert await store.list() == ["a"]
            return await store.load("a")

    old, new = {"text": "old" * LENGTH}, {"text": "new" * LENGTH}
    steps: list[str] = []
    with table() as row:
        while "" not in steps:  # it came to its end
            asyncio.run(FileStore(tmp_path).save("a", old))
            reader, writer = os.pipe()
            killed(partial(save_and_die, tmp_path, len(steps), writer))
            os.close(writer)
            with os.fdopen(reader) as said:
                steps.append(said.read())
            with row(f"{len(steps) - 1}, of {steps}"):
                assert asyncio.run(found()) == (new if "replace" in steps[:-1] else old)
    assert {"open", "write", "fsync", "replace"} <= set(steps), steps


def test_leftovers_of_killed_processes_are_seen_and_go(tmp_path: Path) -> None:
    asyncio.run(FileStore(tmp_path).save("a", {}))
    for step in ("write", "fsync", "replace"):
        assert killed(partial(save_and_die, tmp_path, step))
    left = list(tmp_path.glob(".anchor-*.tmp"))
    assert len(left) == 3
    for path in left:
        os.utime(path, (0, 0))

    async def check() -> None:
        store = FileStore(tmp_path)
        assert await store.list() == ["a"]
        await store.save("a", {})

    asyncio.run(check())
    assert [path for path in left if path.exists()] == []
