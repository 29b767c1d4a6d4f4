"""Files of conversations: the format, and what lies there that is none."""

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from anchor_session import RecordCorruptError, StorageError, StorageWarning
from anchor_session.conversations import (
    FileSessionStorage,
    SessionState,
    cleanup_sessions,
    create_session,
    lineage,
    resume_session,
)
from tests.conversations.support import run, said
from tests.conversations.test_state import FOREIGN
from tests.support import rows

ID = "sess_aB3dE6gH9jK2mN5p"


def test_foreign_file_is_read_and_written_as_it_was(tmp_path: Path) -> None:
    async def check() -> None:
        path = tmp_path / f"{ID}.json"
        path.write_text(FOREIGN, encoding="utf-8")
        storage = FileSessionStorage(tmp_path)
        assert await storage.list() == [ID]
        state = await storage.load(ID)
        assert state is not None
        await storage.save(state)
        assert path.read_text(encoding="utf-8") == FOREIGN

    run(check)


def test_foreign_conversation_goes_on(tmp_path: Path) -> None:
    async def check() -> None:
        path = tmp_path / f"{ID}.json"
        path.write_text(FOREIGN, encoding="utf-8")
        storage = FileSessionStorage(tmp_path)
        conversation = await resume_session(ID, session_storage=storage)
        assert conversation.pending
        await conversation.send("Danke")
        found = json.loads(path.read_text(encoding="utf-8"))
        before = json.loads(FOREIGN)
        assert found["messages"][:-1] == before["messages"]
        assert found["messages"][-1]["content"] == "Danke"
        assert found["schemaVersion"] == 2
        assert set(found) == set(before)

    run(check)


def test_file_is_plain_json_for_everybody(tmp_path: Path) -> None:
    async def check() -> None:
        storage = FileSessionStorage(tmp_path)
        conversation = await create_session(session_storage=storage)
        text = 'é😀 "quoted" \\ \n \0 \ud800 \u2028'
        conversation.state.metadata["numbers"] = [1, 1.5, 2**80, math.inf]
        await conversation.send(text)
        content = (tmp_path / f"{conversation.id}.json").read_bytes().decode("utf-8")
        data = json.loads(content)
        assert data["messages"][0]["content"] == text
        assert data["metadata"]["numbers"][:2] == [1, 1.5]
        assert content.startswith(f'{{\n  "id": "{conversation.id}",\n  "messages": [\n    {{\n')
        assert list(data) == ["id", "messages", "usage", "metadata", "createdAt", "updatedAt"]
        assert await storage.load(conversation.id) == conversation.state

    run(check)


@pytest.mark.both
@rows(
    ("content", "why"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting"),
        (b"[]", "not an object"),
        (b"{}", r"\$\.messages"),
        (b"\xff\xfe", "utf-8"),
        (b"[" * 100_000, "nested deeper"),
        (
            FOREIGN.encode().replace(b'"createdAt": 1763717400000', b'"createdAt": "now"'),
            "createdAt",
        ),
        (FOREIGN.encode().replace(ID.encode(), b"sess_0"), "it is the conversation sess_0"),
        (FOREIGN.encode()[:-400], "."),
    ],
)
def test_file_that_cannot_be_read_names_its_path(content: bytes, why: str, tmp_path: Path) -> None:
    async def check() -> None:
        path = tmp_path / f"{ID}.json"
        path.write_bytes(content)
        storage = FileSessionStorage(tmp_path)
        with pytest.raises(RecordCorruptError, match=why) as caught:
            await resume_session(ID, session_storage=storage)
        assert caught.value.key == str(path)
        assert await storage.list() == [ID]
        assert path.read_bytes() == content
        await storage.delete(ID)
        assert await storage.list() == []

    run(check)


def test_directory_in_the_place_of_a_file_stops_nobody(tmp_path: Path) -> None:
    async def check() -> None:
        storage = FileSessionStorage(tmp_path)
        own = await create_session(session_storage=storage)
        (tmp_path / "sess_0.json").mkdir()
        with pytest.raises(RecordCorruptError, match=r"sess_0\.json"):
            await storage.load("sess_0")
        with pytest.warns(StorageWarning, match=r"sess_0\.json"):
            assert (await lineage(storage, own.id)).id == own.id
        await own.close()
        with pytest.warns(StorageWarning, match=r"sess_0\.json"):
            assert await cleanup_sessions(storage, 0, clock=lambda: 10**15) == 1

    run(check)


def test_only_conversations_are_listed(tmp_path: Path) -> None:
    async def check() -> None:
        storage = FileSessionStorage(tmp_path / "sessions")
        assert await storage.list() == []
        await storage.save(SessionState.new("one", at=0))
        for name in ("notes.txt", ".anchor-0123456789abcdef.tmp", ".hidden.json", "a b.json"):
            (tmp_path / "sessions" / name).write_text("{}")
        assert await storage.list() == ["one"]

    run(check)


def test_what_a_killed_process_left_is_removed_after_an_hour(tmp_path: Path) -> None:
    async def check() -> None:
        old, new, other = [
            tmp_path / f".anchor-{letter * 16}{end}"
            for letter, end in (("0", ".tmp"), ("1", ".tmp"), ("2", ".txt"))
        ]
        for path in (old, new, other):
            path.write_text("half")
        for path in (old, other):
            os.utime(path, (0, 0))
        await FileSessionStorage(tmp_path).list()
        assert [path.exists() for path in (old, new, other)] == [False, True, True]

    run(check)


def test_system_that_fails_raises_a_typed_error(tmp_path: Path) -> None:
    async def check() -> None:
        blocked = tmp_path / "file"
        blocked.write_text("no directory")
        storage = FileSessionStorage(blocked)
        checks: list[Any] = [
            lambda: storage.save(SessionState.new("x", at=0)),
            lambda: storage.load("x"),
            lambda: storage.list(),
        ]
        for call in checks:
            with pytest.raises(StorageError) as caught:
                await call()
            assert str(blocked) in caught.value.key

    run(check)


def test_working_directory_may_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        monkeypatch.chdir(tmp_path)
        storage = FileSessionStorage("sessions")
        conversation = await create_session(session_storage=storage)
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        await conversation.send("Hello")
        found = await storage.load(conversation.id)
        assert found is not None
        assert said(found.messages) == [("user", "Hello")]

    run(check)
