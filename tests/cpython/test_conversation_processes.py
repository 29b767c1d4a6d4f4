"""Conversations that outlive their process, and two processes on one of them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from anchor_session.conversations import (
    create_session,
    create_session_storage,
    resume_session,
)
from tests.conversations.support import ask, run, said, saying

KINDS = {
    "file": "create_session_storage('file', directory={path!r})",
    "sqlite": "create_session_storage('sqlite', path={path!r} + '/records.sqlite')",
    "file store": "StoreSessionStorage(FileStore({path!r}))",
}
BEGIN = """
import asyncio, os, sys
from anchor_session.conversations import *
from anchor_session.records import FileStore
from anchor_session.conversations import TextEvent

async def hanging(state, tools):
    yield TextEvent("Half an ans")
    print("answering", flush=True)
    await asyncio.Event().wait()

def line():
    return sys.stdin.readline().strip()

storage = STORAGE
"""
ASKING = """
async def main():
    conversation = await create_session(provider=hanging, session_storage=storage)
    for number in range(100):
        await conversation.send(f"before {number}")
    await conversation.send("the question")
    print(conversation.id, flush=True)
    async for event in conversation.receive():
        pass

asyncio.run(main())
"""
TALKING = """
async def main():
    conversation = await resume_session(sys.argv[1], session_storage=storage)
    print("resumed", flush=True)
    while word := line():
        await conversation.send(word)
        print(conversation.state.updated_at, flush=True)
    await conversation.close()
    if hasattr(storage, "close"):
        await storage.close()

asyncio.run(main())
"""


@contextmanager
def process(source: str, kind: str, path: Path, *arguments: str) -> "Iterator[Any]":
    storage = KINDS[kind].format(path=str(path))
    child = subprocess.Popen(
        [sys.executable, "-c", (BEGIN + source).replace("STORAGE", storage), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def opened(kind: str, path: Path) -> Any:
    names: dict[str, Any] = {}
    exec("from anchor_session.conversations import *", names)
    exec("from anchor_session.records import FileStore", names)
    return eval(KINDS[kind].format(path=str(path)), names)


@pytest.mark.parametrize("kind", KINDS)
def test_question_outlives_a_kill_in_the_middle_of_the_answer(kind: str, tmp_path: Path) -> None:
    with process(ASKING, kind, tmp_path) as child:
        id = child.stdout.readline().strip()
        assert child.stdout.readline() == "answering\n"
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL

    storage = opened(kind, tmp_path)

    async def check() -> None:
        conversation = await resume_session(
            id, session_storage=storage, provider=saying("The answer")
        )
        assert len(conversation.messages) == 101
        assert said(conversation.messages)[-1] == ("user", "the question")
        assert conversation.pending
        async for _ in conversation.receive():
            pass
        assert said(conversation.messages)[-1] == ("assistant", "The answer")

    run(check, storage)


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_processes_the_last_save_wins_whole(kind: str, tmp_path: Path) -> None:
    storage = opened(kind, tmp_path)

    async def begin() -> str:
        conversation = await create_session(session_storage=storage, provider=saying("A"))
        for number in range(50):
            await ask(conversation, f"{number}")
        await conversation.close()
        return conversation.id

    async def stored() -> "tuple[list[str], int]":
        state = await storage.load(id)
        texts = [message["content"] for message in state.messages if message["role"] == "user"]
        return texts[50:], state.updated_at

    id = run(begin)

    def say(child: Any, word: str) -> int:
        child.stdin.write(f"{word}\n")
        child.stdin.flush()
        return int(child.stdout.readline())

    with (
        process(TALKING, kind, tmp_path, id) as one,
        process(TALKING, kind, tmp_path, id) as two,
    ):
        assert (one.stdout.readline(), two.stdout.readline()) == ("resumed\n", "resumed\n")
        at = say(one, "one")
        assert run(stored) == (["one"], at)
        for number in range(70):
            at = say(two, f"two {number}")
        assert run(stored) == ([f"two {number}" for number in range(70)], at)
        at = say(one, "again")
        assert run(stored) == (["one", "again"], at)
        for child in (two, one):
            child.stdin.close()
            assert child.wait() == 0
    assert run(stored, storage) == (["one", "again"], at)


def test_storage_by_type_lies_where_it_says(tmp_path: Path) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage, provider=saying("A"))
        await ask(conversation, "Q")
        assert (tmp_path / "deep" / "records.sqlite").exists()

    storage: Any = create_session_storage("sqlite", path=tmp_path / "deep" / "records.sqlite")
    run(check, storage)
