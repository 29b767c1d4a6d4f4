"""What `send` costs in a short conversation and in a long one: ``python -m e2e.bench.conversations``.

Two conversations on one storage, 100 and 10 000 messages long, are sent to in turn, so that both meet the
same machine. What counts is the mean over whole segments: sealing one is part of the price.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anchor_session.conversations import (
    Conversation,
    FileSessionStorage,
    MemorySessionStorage,
    SessionState,
    StoreSessionStorage,
    resume_session,
)
from anchor_session.conversations.storages.segments import COUNT
from anchor_session.records import FileStore, MemoryStore, SQLiteStore

SHORT, LONG = 100, 10_000
TEXT = (
    "A message of a hundred characters, as people write them when they ask a machine for something. "
    * 2
)

STORAGES: dict[str, Callable[[Path], Any]] = {
    "MemorySessionStorage": lambda _: MemorySessionStorage(),
    "StoreSessionStorage, MemoryStore": lambda _: StoreSessionStorage(MemoryStore()),
    "StoreSessionStorage, SQLiteStore": lambda path: StoreSessionStorage(
        SQLiteStore(path / "records.sqlite")
    ),
    "StoreSessionStorage, FileStore": lambda path: StoreSessionStorage(FileStore(path / "records")),
    "FileSessionStorage (no append)": lambda path: FileSessionStorage(path / "files"),
}


async def begun(storage: Any, count: int) -> Conversation:
    """A conversation with so many messages, resumed."""
    state = SessionState.new(f"long{count}", at=0)
    for number in range(count):
        role = "assistant" if number % 2 else "user"
        state.messages.append({"id": f"msg_{number:020}", "role": role, "content": TEXT})
    await storage.save(state)
    return await resume_session(state.id, session_storage=storage)


async def measure(storage: Any, rounds: int) -> tuple[list[float], list[float]]:
    """Microseconds of one `send`, short and long, a mean a round."""
    conversations = [await begun(storage, count) for count in (SHORT, LONG)]
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        spent = [0.0, 0.0]
        for _ in range(COUNT):
            for which, conversation in enumerate(conversations):
                start = time.perf_counter()
                await conversation.send(TEXT)
                spent[which] += time.perf_counter() - start
        for found, seconds in zip(times, spent, strict=True):
            found.append(seconds / COUNT * 1e6)
    for conversation in conversations:
        start = time.perf_counter()
        found = await storage.load(conversation.id)
        print(
            f"    load of {len(found.messages)} messages: {1e3 * (time.perf_counter() - start):.1f} ms"
        )
        assert found == conversation.state
    if hasattr(storage, "close"):
        await storage.close()
    return times


def main() -> None:
    rounds = 2 if "--quick" in sys.argv else 8
    for name, make in STORAGES.items():
        with tempfile.TemporaryDirectory() as directory:
            print(name)
            fewer = 1 if "no append" in name else rounds
            short, long = asyncio.run(measure(make(Path(directory)), fewer))
        ratio = statistics.median(long) / statistics.median(short)
        print(
            f"    send: {statistics.median(short):.0f} µs at message {SHORT}, "
            f"{statistics.median(long):.0f} µs at message {LONG}: {ratio:.2f}×"
        )


if __name__ == "__main__":
    main()
