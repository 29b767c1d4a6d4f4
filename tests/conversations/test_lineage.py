"""The tree of forks."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from anchor_session import RecordCorruptError, SessionNotFoundError, StorageWarning
from anchor_session.codec import encode
from anchor_session.conversations import (
    Branch,
    FileSessionStorage,
    MemorySessionStorage,
    SessionState,
    create_session,
    fork_session,
    lineage,
    lineages,
)
from tests.conversations.support import run
from tests.support import rows


def shape(branch: Branch) -> Any:
    return (branch.title, [shape(child) for child in branch.children])


def test_tree_of_forks_from_wherever_it_is_asked(storage: Any) -> None:
    async def check() -> None:
        times = count(1)

        async def fork(parent: str, title: str) -> str:
            made = await fork_session(
                parent,
                session_storage=storage,
                metadata={"title": title},
                clock=lambda: next(times),
            )
            return made.id

        root = await create_session(
            session_storage=storage, metadata={"title": "root"}, clock=lambda: next(times)
        )
        await create_session(session_storage=storage, metadata={"title": "another"})
        one = await fork(root.id, "one")
        two = await fork(root.id, "two")
        below = await fork(one, "below one")
        expected: Any = ("root", [("one", [("below one", [])]), ("two", [])])
        for id in (root.id, one, two, below):
            assert shape(await lineage(storage, id)) == expected
        walked = [branch.title for branch in (await lineage(storage, two)).walk()]
        assert walked == ["root", "one", "below one", "two"]

    run(check, storage)


def test_branch_says_what_there_is() -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        times = iter([5, 5, 6, 7, 8])
        conversation = await create_session(session_storage=storage, clock=lambda: next(times))
        await conversation.send("Where is\n the   harbour?")
        await conversation.send("é")
        branch = await lineage(storage, conversation.id)
        assert branch == Branch(
            conversation.id,
            "Where is the harbour?",
            5,
            7,
            2,
            len(encode(conversation.messages).encode()),
        )

    run(check)


@rows(
    ("metadata", "messages", "title"),
    [
        ({"title": "T"}, [("user", "Q")], "T"),
        ({"title": ""}, [("user", "Q")], "Q"),
        ({"title": 5}, [("user", "Q")], "Q"),
        ({}, [], ""),
        ({}, [("assistant", "A")], ""),
        ({}, [("system", "S"), ("user", "Q"), ("user", "R")], "Q"),
        ({}, [("user", [{"type": "image"}, {"type": "text", "text": "Q"}])], "Q"),
        ({}, [("user", None)], ""),
        ({}, [("user", "word " * 50)], "word " * 11 + "word…"),
    ],
)
def test_title(metadata: Any, messages: Any, title: str) -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        state = SessionState.new("x", at=0, metadata=metadata)
        state.messages = [{"role": role, "content": content} for role, content in messages]
        await storage.save(state)
        assert (await lineage(storage, "x")).title == title

    run(check)


def test_deleted_parent_leaves_a_root() -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        root = await create_session(session_storage=storage)
        fork = await fork_session(root.id, session_storage=storage)
        await storage.delete(root.id)
        branch = await lineage(storage, fork.id)
        assert (branch.id, branch.parent_id, branch.children) == (fork.id, root.id, [])

    run(check)


def test_unknown_id() -> None:
    with pytest.raises(SessionNotFoundError):
        run(lambda: lineage(MemorySessionStorage(), "sess_x"))


@rows("parents", ["aa", "ab ba", "ab bc ca", "xa ab ba"])
def test_files_that_go_round_end(parents: str) -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        for pair in parents.split():
            state = SessionState.new(pair[0], at=0)
            state.parent_id = pair[1]
            await storage.save(state)
        branch = await lineage(storage, parents[0])
        ids = [each.id for each in branch.walk()]
        assert len(ids) == len(set(ids)) == len(parents.split())
        assert await lineages(storage) == [branch]

    run(check)


def test_all_trees_the_last_used_first(storage: Any) -> None:
    async def check() -> None:
        assert await lineages(storage) == []
        times = count(1)

        async def begin(title: str, **options: Any) -> Any:
            return await create_session(
                session_storage=storage,
                metadata={"title": title},
                clock=lambda: next(times),
                **options,
            )

        old = await begin("old")
        await begin("new")
        fork = await begin("fork", fork=old.id)
        assert list(map(shape, await lineages(storage))) == [
            ("old", [("fork", [])]),
            ("new", []),
        ]
        await storage.delete(old.id)
        await storage.delete(fork.id)
        await begin("newest", fork=(await begin("newer")).id)
        assert list(map(shape, await lineages(storage))) == [
            ("newer", [("newest", [])]),
            ("new", []),
        ]

    run(check, storage)


def test_each_conversation_is_read_once_for_all_trees() -> None:
    class Counting(MemorySessionStorage):
        loads = 0

        async def load(self, id: str) -> SessionState | None:
            self.loads += 1
            return await super().load(id)

    async def check() -> None:
        storage = Counting()
        for _ in range(3):
            root = await create_session(session_storage=storage)
            await fork_session(
                (await fork_session(root.id, session_storage=storage)).id, session_storage=storage
            )
        storage.loads = 0
        assert len(await lineages(storage)) == 3
        assert storage.loads == 9

    run(check)


def test_unreadable_ones_are_left_out(tmp_path: Path) -> None:
    async def check() -> None:
        storage = FileSessionStorage(tmp_path)
        root = await create_session(session_storage=storage)
        fork = await fork_session(root.id, session_storage=storage)
        (tmp_path / "sess_0.json").write_text("{")
        with pytest.warns(StorageWarning, match=r"sess_0\.json"):
            branch = await lineage(storage, fork.id)
        assert [each.id for each in branch.walk()] == [root.id, fork.id]
        with pytest.warns(StorageWarning, match=r"sess_0\.json"):
            assert await lineages(storage) == [branch]
        with pytest.raises(RecordCorruptError):
            await lineage(storage, "sess_0")

    run(check)
