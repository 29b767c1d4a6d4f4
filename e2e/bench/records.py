"""`make records`: the record stores beside those of litestar; the figures go into `docs/records.md`."""

import argparse
import asyncio
import gc
import json
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any
from unittest import mock

from litestar.stores.base import Store as Theirs
from litestar.stores.file import FileStore as TheirFileStore
from litestar.stores.memory import MemoryStore as TheirMemoryStore
from litestar.stores.redis import RedisStore as TheirRedisStore

from anchor_session.records import FileStore, MemoryStore, RedisStore, SQLiteStore, Store
from tests.cpython.redis_server import RedisServer

from . import records_report
from .site import DOCS

SIZES = {"1 KB": 1_000, "100 KB": 100_000}
IDS = [f"{n:032x}" for n in range(50)]
TTL = 3600
SAMPLE = 0.02
"""Seconds that one sample takes, about: so many calls, one after the other."""

Call = Callable[[str], Awaitable[object]]
Calls = dict[str, Call]


def sample_of(size: int) -> dict[str, Any]:
    """A session of about so many bytes."""
    lines: list[dict[str, Any]] = []
    data = {"user": "u-123", "csrf": "0123456789abcdef" * 2, "basket": lines}
    while len(json.dumps(data)) < size:
        n = len(lines)
        lines.append(
            {
                "sku": f"A-{n:05d}",
                "name": f"Ink, bottle {n}",
                "quantity": n % 7 + 1,
                "price": n * 25 / 2,
                "gift": n % 3 == 0,
                "note": None,
            }
        )
    return data


def ours(store: Store, data: dict[str, Any]) -> Calls:
    return {"save": lambda id: store.save(id, data, TTL), "load": store.load}


def theirs(store: Theirs, data: dict[str, Any]) -> Calls:
    async def save(id: str) -> None:
        await store.set(id, json.dumps(data), TTL)

    async def load(id: str) -> object:
        return json.loads(await store.get(id) or b"null")

    return {"save": save, "load": load}


def no_fsync(descriptor: int) -> None:
    """Leaves it to the system when a file is on the disk."""


class Bench:
    """Every store of both, with a place of its own in a directory and a Redis."""

    def __init__(self, directory: Path, redis: RedisServer) -> None:
        self.file = FileStore(directory / "ours")
        self.memory = MemoryStore()
        self.sqlite = SQLiteStore(directory / "records.db")
        self.redis = RedisStore(redis.url)
        (directory / "theirs").mkdir()
        self.their_file = TheirFileStore(directory / "theirs")
        self.their_memory = TheirMemoryStore()
        self.their_redis = TheirRedisStore.with_client(redis.url)

    def pairs(self, data: dict[str, Any]) -> dict[str, dict[str, Calls]]:
        """By store, the calls of each that has one."""
        return {
            "memory": {
                "anchor_session": ours(self.memory, data),
                "litestar": theirs(self.their_memory, data),
            },
            "redis": {
                "anchor_session": ours(self.redis, data),
                "litestar": theirs(self.their_redis, data),
            },
            "file, no fsync": {
                "anchor_session": ours(self.file, data),
                "litestar": theirs(self.their_file, data),
            },
            "file": {"anchor_session": ours(self.file, data)},
            "sqlite": {"anchor_session": ours(self.sqlite, data)},
        }

    async def close(self) -> None:
        for store in (self.file, self.memory, self.sqlite, self.redis):
            await store.close()
        client: Any = self.their_redis._redis
        await client.aclose(close_connection_pool=True)


async def seconds_of(call: Call, count: int) -> float:
    """What one call takes, of so many in a row."""
    start = perf_counter()
    for n in range(count):
        await call(IDS[n % len(IDS)])
    return (perf_counter() - start) / count


async def measure_pair(pair: dict[str, Calls], rounds: int) -> dict[str, dict[str, list[float]]]:
    """The microseconds of a call in each round, by what it does and whose it is."""
    counts = {}
    for name, calls in pair.items():
        for what, call in calls.items():
            await seconds_of(
                call, len(IDS)
            )  # so that there is something to load, and caches are warm
            counts[what, name] = max(1, round(SAMPLE / await seconds_of(call, 5)))
    found: dict[str, dict[str, list[float]]] = {"save": {}, "load": {}}
    gc.collect()
    gc.disable()
    for number in range(rounds):
        for what, times in found.items():
            # Next to each other, since other programs may be at work, and each as often the first.
            for name in sorted(pair, reverse=number % 2 == 1):
                taken = await seconds_of(pair[name][what], counts[what, name])
                times.setdefault(name, []).append(1e6 * taken)
        gc.collect()
    gc.enable()
    return found


async def measure(directory: Path, redis: RedisServer, rounds: int) -> list[dict[str, Any]]:
    bench = Bench(directory, redis)
    cells = []
    for size, bytes_ in SIZES.items():
        for store, pair in bench.pairs(sample_of(bytes_)).items():
            quick = mock.patch("os.fsync", new=no_fsync)
            with quick if store.endswith("no fsync") else nullcontext():
                found = await measure_pair(pair, rounds)
            for what, times in found.items():
                cells.append({"size": size, "store": store, "what": what, "times": times})
                print(f"{size}, {store}, {what}: {records_report.said(times)}", flush=True)
    await bench.close()
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(prog="make records", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, which are only shown")
    is_quick = parser.parse_args().quick
    start = monotonic()
    with tempfile.TemporaryDirectory(prefix="anchor-bench-") as directory, RedisServer() as redis:
        cells = asyncio.run(measure(Path(directory), redis, 3 if is_quick else 31))
    command = "make records ARGS=--quick" if is_quick else "make records"
    section = records_report.write(cells, command, monotonic() - start)
    print(section)
    if not is_quick:
        records_report.put_into(DOCS / "records.md", section)


if __name__ == "__main__":
    main()
