"""Creating, resuming and forking: which object, which id, which storage."""

import asyncio
import gc
import re
from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import (
    SessionIdError,
    SessionNotFoundError,
)
from anchor_session.conversations import (
    Conversation,
    FileSessionStorage,
    MemorySessionStorage,
    SessionState,
    StoreSessionStorage,
    create_session,
    create_session_storage,
    fork_session,
    registry,
    resume_session,
    set_default_storage,
)
from anchor_session.testing.store_contract import HOSTILE_IDS
from tests.conversations.support import Failing, WrittenByAUser, ask, run, said, saying
from tests.support import entries, rows, table


def test_ids_are_of_the_form_and_differ() -> None:
    async def check() -> None:
        ids = [(await create_session()).id for _ in range(20)]
        assert len(set(ids)) == 20
        assert all(re.fullmatch(r"sess_[0-9A-Za-z]{16}", id) for id in ids)

    run(check)


def test_resume_of_an_open_conversation_is_the_same_object(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage)
        again = await resume_session(conversation.id, session_storage=storage)
        assert again is conversation
        other = await create_session(resume=conversation.id, session_storage=storage)
        assert other is conversation

    run(check, storage)


def test_resumes_at_once_are_one_object(storage: Any) -> None:
    async def check() -> None:
        id = (await create_session(session_storage=storage)).id
        registry.forget_all()
        found = await asyncio.gather(
            *[resume_session(id, session_storage=storage) for _ in range(5)]
        )
        assert len(set(map(builtin_id, found))) == 1

    run(check, storage)


builtin_id = id


def test_resume_sets_what_it_is_given_on_the_open_object() -> None:
    async def check() -> None:
        conversation = await create_session(model="a", max_rounds=3)
        provider = saying("A")
        await resume_session(
            conversation.id, provider=provider, tools=[print], model="b", metadata={"title": "T"}
        )
        assert conversation.provider is provider
        assert conversation.config == {"model": "b"}
        assert (list(conversation.tools), conversation.max_rounds) == (["print"], 3)
        assert conversation.state.metadata == {"title": "T"}

    run(check)


def test_closed_conversation_is_resumed_as_another_object(storage: Any) -> None:
    async def check() -> None:
        first = await create_session(session_storage=storage)
        await first.send("Q")
        await first.close()
        again = await resume_session(first.id, session_storage=storage)
        assert again is not first
        assert said(again.messages) == [("user", "Q")]

    run(check, storage)


def test_resume_waits_for_a_close_that_is_going_on() -> None:
    async def check() -> None:
        storage = Failing()
        first = await create_session(session_storage=storage)
        first.state.metadata["title"] = "T"
        closing = asyncio.create_task(first.close())
        await asyncio.sleep(0)
        again = await resume_session(first.id, session_storage=storage)
        await closing
        assert again is not first
        assert again.state.metadata == {"title": "T"}

    run(check)


def test_one_id_on_two_storages_is_two_conversations() -> None:
    async def check() -> None:
        one, two = MemorySessionStorage(), MemorySessionStorage()
        conversation = await create_session(session_storage=one)
        await two.save(conversation.state)
        assert await resume_session(conversation.id, session_storage=two) is not conversation

    run(check)


@pytest.mark.both
def test_conversation_that_nobody_holds_is_not_kept_alive() -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        id = (await create_session(session_storage=storage)).id
        gc.collect()
        assert registry.find(storage, id) is None
        assert (await resume_session(id, session_storage=storage)).id == id

    run(check)


def test_unknown_id(storage: Any) -> None:
    async def check() -> None:
        for open_one in (resume_session, fork_session):
            with pytest.raises(
                SessionNotFoundError, match=r"^Session not found: sess_x$"
            ) as caught:
                await open_one("sess_x", session_storage=storage)
            assert caught.value.id == "sess_x"
        assert await storage.list() == []

    run(check, storage)


def test_hostile_id_is_refused_by_every_call(storage: Any) -> None:
    if isinstance(storage, WrittenByAUser):
        return  # whoever writes a storage decides about its ids

    async def check() -> None:
        calls: list[Callable[[Any], Any]] = [
            lambda id: resume_session(id, session_storage=storage),
            lambda id: fork_session(id, session_storage=storage),
            storage.load,
            storage.delete,
            lambda id: storage.save(SessionState.new(id, at=0)),
        ]
        with table() as row:
            for id in HOSTILE_IDS:
                with row(ascii(id)[:40]):
                    for call in calls:
                        with pytest.raises(SessionIdError):
                            await call(id)
                    assert await storage.list() == []

    run(check, storage)


def test_resume_wins_over_fork() -> None:
    async def check() -> None:
        one, two = await create_session(), await create_session()
        assert await create_session(resume=one.id, fork=two.id) is one

    run(check)


# -- forks --------------------------------------------------------------------------------------------


async def talked(storage: Any) -> Conversation:
    conversation = await create_session(
        session_storage=storage, provider=saying("A"), metadata={"title": "T"}, clock=lambda: 5
    )
    await ask(conversation, "Q")
    return conversation


@pytest.mark.both
def test_fork_is_a_copy_with_a_parent(storage: Any) -> None:
    async def check() -> None:
        parent = await talked(storage)
        before = parent.state.copy()
        fork = await fork_session(parent.id, session_storage=storage, clock=lambda: 9)
        assert fork.id != parent.id
        assert fork.state.parent_id == parent.id
        assert (fork.state.created_at, fork.state.updated_at) == (9, 9)
        assert (fork.messages, fork.usage) == (parent.messages, parent.usage)
        assert fork.state.metadata == {"title": "T"}
        assert await storage.load(fork.id) == fork.state
        await fork.send("only here")
        fork.messages[0]["content"] = "changed"
        fork.state.metadata["title"] = "changed"
        await fork.save()
        assert parent.state == before == await storage.load(parent.id)

    run(check, storage)


def test_fork_of_an_open_conversation_has_what_is_not_saved_yet() -> None:
    async def check() -> None:
        storage = Failing()
        parent = await create_session(session_storage=storage)
        storage.error = OSError("disk full")
        with pytest.raises(OSError, match="full"):
            await parent.send("unsaved")
        storage.error = None
        fork = await fork_session(parent.id, session_storage=storage)
        assert said(fork.messages) == [("user", "unsaved")]

    run(check)


def test_fork_of_a_closed_conversation(storage: Any) -> None:
    async def check() -> None:
        parent = await talked(storage)
        await parent.close()
        fork = await create_session(
            fork=parent.id, session_storage=storage, metadata={"title": "F", "more": 1}
        )
        assert said(fork.messages) == [("user", "Q"), ("assistant", "A")]
        assert fork.state.metadata == {"title": "F", "more": 1}
        found = await storage.load(parent.id)
        assert found == parent.state

    run(check, storage)


def test_fork_at_a_message() -> None:
    async def check() -> None:
        parent = await talked(None)
        await ask(parent, "Q2")
        fork = await fork_session(parent.id, at=parent.messages[1]["id"])
        assert said(fork.messages) == [("user", "Q"), ("assistant", "A")]
        with pytest.raises(ValueError, match="no message"):
            await fork_session(parent.id, at="msg_x")
        with pytest.raises(ValueError, match="fork="):
            await create_session(at=parent.messages[1]["id"])

    run(check)


def test_fork_at_a_call_takes_its_results_along() -> None:
    async def check() -> None:
        parent = await create_session()
        await parent.send("Q")
        call = {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "name": "f"}]}
        for message in (call, {"role": "tool", "tool_call_id": "1", "content": "2"}):
            await parent.send(message)
        await parent.send("Q2")
        fork = await fork_session(parent.id, at=parent.messages[1]["id"])
        assert [message["role"] for message in fork.messages] == ["user", "assistant", "tool"]

    run(check)


def test_fork_survives_its_parent(storage: Any) -> None:
    async def check() -> None:
        parent = await talked(storage)
        for number in range(150):
            await parent.send(f"{number}")
        fork = await fork_session(parent.id, session_storage=storage)
        await parent.close()
        await storage.delete(parent.id)
        assert await storage.load(fork.id) == fork.state
        assert await storage.list() == [fork.id]

    run(check, storage)


# -- storages -----------------------------------------------------------------------------------------


def test_default_storage_is_in_memory_until_one_is_set() -> None:
    async def check() -> None:
        first = await create_session()
        assert await resume_session(first.id) is first
        storage = MemorySessionStorage()
        set_default_storage(storage)
        second = await create_session()
        assert await storage.list() == [second.id]
        with pytest.raises(SessionNotFoundError):
            await resume_session(first.id)
        await create_session(session_storage=MemorySessionStorage())
        assert storage.size() == 1

    run(check)


@rows(
    ("options", "kind"),
    [
        ({}, MemorySessionStorage),
        ({"type": "memory", "directory": None}, MemorySessionStorage),
        ({"type": "file", "directory": "x"}, FileSessionStorage),
        ({"type": "sqlite", "path": "x"}, StoreSessionStorage),
        ({"type": "web"}, StoreSessionStorage),
    ],
)
def test_storage_by_type(options: Any, kind: type) -> None:
    assert type(create_session_storage(**options)) is kind


@rows(
    ("options", "said"),
    [
        ({"type": "paper"}, "'paper'; there are memory, file, sqlite, redis, web"),
        ({"type": None}, "None"),
        ({"type": ["file"]}, "file"),
        ({"type": "file"}, "directory="),
        ({"type": "file", "directory": ""}, "directory="),
        ({"type": "sqlite"}, "path="),
        ({"type": "redis"}, "url="),
    ],
)
def test_storage_of_another_type_or_without_its_option(options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        create_session_storage(**options)


@rows("options", [{"provider": 5}, {"metadata": {"a": object()}}])
def test_wrong_options_create_nothing(options: Any) -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        with pytest.raises(TypeError):
            await create_session(session_storage=storage, **options)
        with pytest.raises(ValueError, match="max_rounds"):
            await create_session(session_storage=storage, max_rounds=0)
        assert storage.size() == 0

    run(check)


@pytest.mark.both
def test_web_storage_is_the_one_all_tabs_share(areas: "dict[str, Any]") -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=create_session_storage("web"))
        for number in range(100):
            await conversation.send(f"{number}")
        assert conversation.id in "".join(entries(areas["local"]))
        again = await resume_session(conversation.id, session_storage=create_session_storage("web"))
        assert again.state == conversation.state

    run(check)
