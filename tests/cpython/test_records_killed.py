"""A process that saves in a loop is killed at any moment: every record is whole, old or new."""

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anchor_session.records import FileStore, SQLiteStore, Store

KILLS = 200
IDS = [f"r{n}" for n in range(4)]
LENGTH = 20_000  # characters: more than one page, more than one write

STORES: "dict[str, Callable[[Path], Store]]" = {
    "file": FileStore,
    "sqlite": lambda directory: SQLiteStore(directory / "records.db"),
}


def save_for_ever(make: "Callable[[Path], Store]", directory: Path, ready: int) -> None:
    """Save records whose every part says which save it was; tell the parent of the first and of each."""

    async def save() -> None:
        store = make(directory)
        turn = 0
        while True:
            turn += 1
            for id in IDS:
                digit = str(turn % 10)
                await store.save(id, {"id": id, "turn": turn, "text": digit * LENGTH})
            os.write(ready, turn.to_bytes(4, "big"))

    asyncio.run(save())


def run_and_kill(make: "Callable[[Path], Store]", directory: Path, seconds: float) -> int:
    """The last turn that the process said was saved whole."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            save_for_ever(make, directory, writer)
        finally:
            os._exit(1)
    os.close(writer)
    said = os.read(reader, 4)  # the first turn is saved
    time.sleep(seconds)  # the moment is the test
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while more := os.read(reader, 4):
        said = more
    os.close(reader)
    assert os.WIFSIGNALED(status), "the process ended by itself"
    return int.from_bytes(said, "big")


def check_records(found: "dict[str, Any]", said: int) -> None:
    """Every record is that of one save, and none is older than what the process said was saved."""
    assert sorted(found) == IDS
    for id, record in found.items():
        assert record["id"] == id
        assert record["text"] == str(record["turn"] % 10) * LENGTH
        assert said <= record["turn"] <= said + 1


async def read_all(store: Store) -> "dict[str, Any]":
    return {id: await store.load(id) for id in await store.list()}


# `fork` in a process with threads is warned of; here no other thread holds anything the child needs.
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
@pytest.mark.parametrize("kind", STORES)
def test_killed_process_leaves_whole_records(kind: str, tmp_path: Path) -> None:
    make = STORES[kind]
    chance = random.Random(20261121)
    in_midst = 0
    for _ in range(KILLS):
        said = run_and_kill(make, tmp_path, chance.uniform(0, 0.02))

        async def check(said: int = said) -> "dict[str, Any]":
            async with make(tmp_path) as store:
                found = await read_all(store)
                check_records(found, said)
                return found

        found = asyncio.run(check())
        in_midst += len({record["turn"] for record in found.values()}) > 1
    assert in_midst > KILLS / 10, "the kills did not come while records were being saved"
    if kind == "sqlite":
        connection = sqlite3.connect(tmp_path / "records.db")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_leftovers_of_killed_processes_are_seen_and_go(tmp_path: Path) -> None:
    chance = random.Random(1)
    for _ in range(200):
        run_and_kill(FileStore, tmp_path, chance.uniform(0, 0.01))
        leftovers = list(tmp_path.glob(".anchor-*.tmp"))
        if leftovers:
            break
    assert leftovers, "no kill came while a file was being written"
    for path in leftovers:
        os.utime(path, (0, 0))

    async def check() -> None:
        store = FileStore(tmp_path)
        assert await store.list() == IDS
        await store.save("r0", {})

    asyncio.run(check())
    assert [path for path in leftovers if path.exists()] == []
