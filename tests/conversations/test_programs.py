"""Programs of send, answer, fork, resume, close and crash over a tree of conversations, on every storage.

Against a model of plain lists: what is stored is what the model says, for every conversation of the tree,
after every step. So a fork never changes its parent, nor its sisters.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import SessionNotFoundError
from anchor_session.conversations import (
    Conversation,
    create_session,
    fork_session,
    registry,
    resume_session,
)
from anchor_session.conversations.storages import segments
from tests.conversations.conftest import KINDS
from tests.conversations.support import ask, run, saying
from tests.support import examples

STEPS = ["send", "send", "answer", "fork", "fork at", "resume", "close", "crash", "edit", "delete"]
PROGRAMS = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 5), st.integers(0, 30)), max_size=25
)


class Tree:
    """Conversations, and what each one's messages should be."""

    def __init__(self, storage: Any) -> None:
        self.storage = storage
        self.model: dict[str, list[str]] = {}
        self.parents: dict[str, str | None] = {}
        self.open: dict[str, Conversation] = {}

    async def begin(self) -> None:
        conversation = await create_session(session_storage=self.storage, provider=saying("A"))
        self.note(conversation, [], None)

    def note(self, conversation: Conversation, texts: "list[str]", parent: "str | None") -> None:
        self.model[conversation.id] = texts
        self.parents[conversation.id] = parent
        self.open[conversation.id] = conversation

    async def take(self, step: str, which: int, number: int) -> None:
        id = list(self.model)[which % len(self.model)]
        if step == "delete":
            if len(self.model) > 1:
                registry.forget_all()
                self.open = {}
                await self.storage.delete(id)
                del self.model[id]
                with pytest.raises(SessionNotFoundError):
                    await resume_session(id, session_storage=self.storage)
            return
        if step == "crash":
            registry.forget_all()
            self.open = {}
            return
        if step.startswith("fork"):
            await self.fork(id, number if step == "fork at" else None)
            return
        conversation = await resume_session(id, session_storage=self.storage, provider=saying("A"))
        assert self.open.setdefault(id, conversation) is conversation
        texts = self.model[id]
        if step == "send":
            for each in range(number):
                texts.append(f"{number}.{each}")
                await conversation.send(texts[-1])
        elif step == "answer":
            texts += [f"Q{number}", "A"]
            await ask(conversation, texts[-2])
        elif step == "close":
            await conversation.close()
            del self.open[id]
        elif step == "edit" and texts:
            at = number % len(texts)
            texts[at] = conversation.messages[at]["content"] = "edited"
            await conversation.save()

    async def fork(self, id: str, at: "int | None") -> None:
        texts = self.model[id]
        options: dict[str, Any] = {}
        if at is not None and texts:
            state = await self.storage.load(id)
            at %= len(texts)
            options["at"] = state.messages[at]["id"]
            texts = texts[: at + 1]
        fork = await fork_session(id, session_storage=self.storage, **options)
        self.note(fork, texts[:], id)

    async def compare(self) -> None:
        assert sorted(await self.storage.list()) == sorted(self.model)
        for id, texts in self.model.items():
            state = await self.storage.load(id)
            assert [message["content"] for message in state.messages] == texts
            assert state.parent_id == self.parents[id]
            if id in self.open:
                assert self.open[id].state == state


async def check_program(storage: Any, program: "list[tuple[str, int, int]]") -> None:
    """Run it on an empty storage, with segments of a few messages."""
    registry.forget_all()
    count, segments.COUNT = segments.COUNT, 4
    try:
        tree = Tree(storage)
        await tree.begin()
        for step, which, number in program:
            await tree.take(step, which, number)
            await tree.compare()
    finally:
        segments.COUNT = count


@pytest.mark.both
@pytest.mark.parametrize("kind", KINDS)
@given(program=PROGRAMS)
@examples(0.5)
def test_every_conversation_is_what_was_done_to_it(kind: str, program: Any) -> None:
    directory = Path(tempfile.mkdtemp())
    storage = KINDS[kind](directory)
    try:
        run(lambda: check_program(storage, program), storage)
    finally:
        shutil.rmtree(directory)
