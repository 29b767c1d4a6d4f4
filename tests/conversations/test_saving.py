"""When a conversation is saved, and what another process finds."""

import asyncio
from typing import Any

import pytest

from anchor_session import SessionClosedError, UnstorableValueError
from anchor_session.conversations import (
    MemorySessionStorage,
    SessionState,
    StoreSessionStorage,
    TextEvent,
    ToolCallEvent,
    UsageEvent,
    create_session,
    resume_session,
)
from anchor_session.records import MemoryStore
from tests.conversations.support import (
    Failing,
    WrittenByAUser,
    ask,
    in_rounds,
    reopened,
    run,
    said,
    saying,
)
from tests.support import rows


def test_new_conversation_is_stored_at_once(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage, metadata={"title": "T"})
        found = await storage.load(conversation.id)
        assert found == conversation.state
        assert found.metadata == {"title": "T"}

    run(check, storage)


def test_sent_message_is_stored_when_send_returns(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage)
        await conversation.send("Hello")
        found = await storage.load(conversation.id)
        assert said(found.messages) == [("user", "Hello")]
        assert found == conversation.state

    run(check, storage)


def test_answer_is_stored_before_the_stop_event_is_seen(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage, provider=saying("A", "B"))
        await conversation.send("Hello")
        async for event in conversation.receive():
            if event.type == "stop":
                found = await storage.load(conversation.id)
                assert said(found.messages) == [("user", "Hello"), ("assistant", "AB")]

    run(check, storage)


@pytest.mark.both
def test_resumed_conversation_has_the_full_context(storage: Any) -> None:
    async def check() -> None:
        provider = saying("A", UsageEvent(3, 4))
        first = await create_session(session_storage=storage, provider=provider)
        for number in range(3):
            await ask(first, f"Q{number}")
        await first.close()
        again = await reopened(storage, first.id)
        assert again is not first
        assert again.state == first.state
        assert again.usage == {"input_tokens": 9, "output_tokens": 12}

    run(check, storage)


def test_metadata_is_stored_at_close(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage)
        conversation.state.metadata["title"] = "T"
        await conversation.close()
        found = await storage.load(conversation.id)
        assert found.metadata == {"title": "T"}

    run(check, storage)


def test_edited_message_is_stored_by_save(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage)
        for number in range(150):
            await conversation.send(f"{number}")
        conversation.messages[3]["content"] = "edited"
        await conversation.save()
        await conversation.send("last")
        found = await storage.load(conversation.id)
        assert found == conversation.state
        assert [found.messages[n]["content"] for n in (2, 3, 4, 150)] == [
            "2",
            "edited",
            "4",
            "last",
        ]

    run(check, storage)


def test_idle_conversation_writes_nothing_at_close() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await create_session(session_storage=storage)
        await conversation.send("Hello")
        before = storage.writes[:]
        await conversation.close()
        assert storage.writes == before == ["save", "append"]

    run(check)


def test_deleted_conversation_is_not_brought_back_by_closing_it(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage)
        await conversation.send("Hello")
        await storage.delete(conversation.id)
        await conversation.close()
        assert await storage.list() == []

    run(check, storage)


def test_updated_at_is_the_time_of_the_last_save(storage: Any) -> None:
    async def check() -> None:
        times = iter(range(100, 200))
        conversation = await create_session(session_storage=storage, clock=lambda: next(times))
        created = conversation.state.created_at
        await conversation.send("Hello")
        found = await storage.load(conversation.id)
        assert found.created_at == created < found.updated_at

    run(check, storage)


# -- a storage that fails -----------------------------------------------------------------------------


def test_message_that_could_not_be_saved_stays_in_memory_and_is_saved_by_the_next() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await create_session(session_storage=storage)
        await conversation.send("one")
        storage.error = OSError("disk full")
        with pytest.raises(OSError, match="disk full"):
            await conversation.send("two")
        assert said(conversation.messages) == [("user", "one"), ("user", "two")]
        storage.error = None
        await conversation.send("three")
        found = await storage.load(conversation.id)
        assert found is not None
        assert [text for _, text in said(found.messages)] == ["one", "two", "three"]
        assert storage.writes[-2:] == ["append", "save"]

    run(check)


def test_answer_that_could_not_be_saved_stays_and_the_conversation_is_usable() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await create_session(session_storage=storage, provider=saying("A"))
        await conversation.send("Q")
        storage.error = OSError("disk full")
        with pytest.raises(OSError, match="disk full"):
            async for _ in conversation.receive():
                pass
        assert said(conversation.messages) == [("user", "Q"), ("assistant", "A")]
        assert "error" not in conversation.messages[-1]
        storage.error = None
        await conversation.close()
        found = await storage.load(conversation.id)
        assert found == conversation.state

    run(check)


def test_close_that_could_not_save_leaves_it_open() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await create_session(session_storage=storage)
        storage.error = OSError("disk full")
        with pytest.raises(OSError, match="disk full"):
            await conversation.send("Q")
        with pytest.raises(OSError, match="disk full"):
            await conversation.close()
        assert await resume_session(conversation.id, session_storage=storage) is conversation
        storage.error = None
        await conversation.close()
        found = await storage.load(conversation.id)
        assert found is not None
        assert said(found.messages) == [("user", "Q")]

    run(check)


def test_conversation_that_could_not_be_created_is_not_there() -> None:
    async def check() -> None:
        storage = Failing()
        storage.error = OSError("disk full")
        with pytest.raises(OSError, match="disk full"):
            await create_session(session_storage=storage)
        assert storage.size() == 0

    run(check)


def test_cancelled_send_is_saved_by_the_next() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await create_session(session_storage=storage)
        sending = asyncio.create_task(conversation.send("one"))
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await conversation.send("two")
        found = await storage.load(conversation.id)
        assert found is not None
        assert [text for _, text in said(found.messages)] == ["one", "two"]

    run(check)


def test_unstorable_message_changes_nothing() -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=MemorySessionStorage())
        with pytest.raises(UnstorableValueError, match=r"\$.content\[0\].image"):
            await conversation.send({"role": "user", "content": [{"image": object()}]})
        assert conversation.messages == []

    run(check)


# -- order --------------------------------------------------------------------------------------------


@pytest.mark.both
def test_messages_sent_at_once_are_stored_in_the_order_of_the_calls(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage)
        await asyncio.gather(*[conversation.send(f"{n}") for n in range(20)])
        found = await storage.load(conversation.id)
        assert [message["content"] for message in found.messages] == [f"{n}" for n in range(20)]

    run(check, storage)


def test_message_sent_before_close_is_stored() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await create_session(session_storage=storage)
        sending = asyncio.create_task(conversation.send("one"))
        await asyncio.sleep(0)
        await conversation.close()
        await sending
        found = await storage.load(conversation.id)
        assert found is not None
        assert said(found.messages) == [("user", "one")]

    run(check)


def test_messages_that_wait_for_one_another_are_stored_before_a_close_that_came_later() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await create_session(session_storage=storage)
        sending = [asyncio.create_task(conversation.send(each)) for each in ("one", "two")]
        await asyncio.sleep(0)
        await conversation.close()
        await asyncio.gather(*sending)
        found = await storage.load(conversation.id)
        assert found is not None
        assert [text for _, text in said(found.messages)] == ["one", "two"]

    run(check)


def test_message_that_waits_while_an_answer_begins_is_refused() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await create_session(session_storage=storage, provider=saying("A"))
        storage.turns = 5
        sending = asyncio.create_task(conversation.send("one"))
        await asyncio.sleep(0)
        answer = conversation.receive()
        beginning = asyncio.ensure_future(anext(answer))
        await asyncio.sleep(0)
        late = asyncio.create_task(conversation.send("two"))
        await asyncio.gather(sending, beginning)
        with pytest.raises(RuntimeError, match="while an answer"):
            await late
        assert said(conversation.messages) == [("user", "one")]
        await answer.aclose()

    run(check)


@rows("make", [MemorySessionStorage, lambda: StoreSessionStorage(MemoryStore())])
def test_append_of_what_does_not_continue_writes_the_whole(make: Any) -> None:
    async def check() -> None:
        storage = make()
        state = SessionState.new("x", at=0)
        await storage.append(state, [])
        for number in range(100):
            state.messages.append({"role": "user", "content": f"{number}"})
            await storage.append(state, state.messages[-1:])
        state.messages += [{"role": "user", "content": each} for each in "ab"]
        await storage.append(state, state.messages[-1:])
        assert await storage.load("x") == state
        del state.messages[1:]
        await storage.append(state, state.messages)
        assert await storage.load("x") == state
        assert await storage.list() == ["x"]

    run(check)


def test_two_processes_of_which_the_last_save_wins_whole(storage: Any) -> None:
    async def check() -> None:
        one = await create_session(session_storage=storage, clock=lambda: 1)
        for number in range(200):
            await one.send(f"{number}")
        two = await reopened(storage, one.id)
        for number in range(3):
            await one.send(f"one {number}")
            await two.send(f"two {number}")
        found = await storage.load(one.id)
        assert found == two.state
        assert found.updated_at > 1
        await one.send("one, last")
        found = await storage.load(one.id)
        assert found == one.state
        assert (len(found.messages), found.updated_at) == (204, 1)

    run(check, storage)


# -- messages -----------------------------------------------------------------------------------------


def test_message_keeps_what_it_was_given_and_gets_an_id() -> None:
    async def check() -> None:
        conversation = await create_session()
        await conversation.send({"role": "system", "content": "Be brief", "name": "boss"})
        await conversation.send({"id": "mine", "content": [{"type": "text", "text": "Hi"}]})
        first, second = conversation.messages
        assert first == {"id": first["id"], "role": "system", "content": "Be brief", "name": "boss"}
        assert first["id"].startswith("msg_")
        assert len(first["id"]) == 24
        assert (second["id"], second["role"]) == ("mine", "user")

    run(check)


@rows(
    "message",
    [None, 5, b"text", ["text"], {}, {"role": "user"}, {"content": 5}, {"content": None}]
    + [{"content": "x", "id": 5}, {"content": "x", "role": ""}, {"content": "x", "role": None}],
)
def test_what_is_no_message_is_refused(message: Any) -> None:
    async def check() -> None:
        conversation = await create_session()
        with pytest.raises(TypeError):
            await conversation.send(message)
        assert conversation.messages == []

    run(check)


def test_sent_dict_is_copied() -> None:
    async def check() -> None:
        conversation = await create_session()
        message = {"role": "user", "content": [{"type": "text", "text": "Hi"}]}
        await conversation.send(message)
        message["content"][0]["text"] = "changed"  # type: ignore[index]
        assert conversation.messages[0]["content"][0]["text"] == "Hi"

    run(check)


def test_list_of_messages_is_a_copy() -> None:
    async def check() -> None:
        conversation = await create_session()
        await conversation.send("Hi")
        conversation.messages.clear()
        conversation.usage.clear()
        assert len(conversation.messages) == 1
        assert conversation.usage == {"input_tokens": 0, "output_tokens": 0}

    run(check)


# -- the end ------------------------------------------------------------------------------------------


def test_closed_conversation_is_refused_everything() -> None:
    async def check() -> None:
        conversation = await create_session(provider=saying("A"))
        await conversation.send("Q")
        await conversation.close()
        await conversation.close()
        with pytest.raises(SessionClosedError, match=conversation.id) as caught:
            await conversation.send("Q")
        assert caught.value.id == conversation.id
        with pytest.raises(SessionClosedError):
            conversation.receive()
        with pytest.raises(SessionClosedError):
            await conversation.save()
        with pytest.raises(SessionClosedError):
            async with conversation:
                pass
        assert said(conversation.messages) == [("user", "Q")]

    run(check)


def test_context_manager_closes(storage: Any) -> None:
    async def check() -> None:
        async with await create_session(session_storage=storage) as conversation:
            conversation.state.metadata["title"] = "T"
        assert conversation.is_closed
        found: SessionState = await storage.load(conversation.id)
        assert found.metadata == {"title": "T"}

    run(check, storage)


def test_save_in_the_middle_of_an_answer_stores_what_came(storage: Any) -> None:
    async def check() -> None:
        provider = saying("A", UsageEvent(3, 4), "B")
        conversation = await create_session(session_storage=storage, provider=provider)
        await conversation.send("Hello")
        async for event in conversation.receive():
            if event.type == "usage":
                before = conversation.messages
                await conversation.save()
                assert conversation.messages == before
                found = await storage.load(conversation.id)
                assert said(found.messages) == [("user", "Hello"), ("assistant", "A")]
                assert found.messages[-1]["stop_reason"] == "interrupted"
                assert found.usage == {"input_tokens": 3, "output_tokens": 4}
        id = found.messages[-1]["id"]
        found = await storage.load(conversation.id)
        assert said(found.messages) == [("user", "Hello"), ("assistant", "AB")]
        assert found == conversation.state
        assert found.messages[-1]["id"] == id

    run(check, storage)


def test_answer_that_was_stored_in_its_middle_is_asked_for_again(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage, provider=saying("A", "B"))
        await conversation.send("Hello")
        async for event in conversation.receive():
            if event == TextEvent("A"):
                await conversation.save()
                stored = await storage.load(conversation.id)
        await storage.save(stored)  # as if the process had ended there
        again = await reopened(storage, conversation.id)
        assert again.messages == stored.messages
        assert again.pending
        again.provider = saying("C")
        assert said(again.messages) == [("user", "Hello"), ("assistant", "A")]
        async for _ in again.receive():
            pass
        assert said((await reopened(storage, again.id)).messages)[1:] == [
            ("assistant", "A"),
            ("assistant", "C"),
        ]

    run(check, storage)


def test_saves_in_the_middle_of_long_conversations_store_each_message_once(storage: Any) -> None:
    async def check() -> None:
        conversation = await create_session(session_storage=storage, provider=saying(*"ABC"))
        for number in range(70):  # more than one segment
            await conversation.send(f"Q{number}")
            async for _ in conversation.receive():
                await conversation.save()
        found = await storage.load(conversation.id)
        assert found == conversation.state
        assert said(found.messages)[1::2] == [("assistant", "ABC")] * 70

    run(check, storage)


def test_save_from_a_tool_stores_its_call_with_a_result() -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        found: list[Any] = []

        async def look() -> str:
            await conversation.save()
            state = await storage.load(conversation.id)
            assert state is not None
            found.extend(state.messages)
            return "a sail"

        conversation = await create_session(
            session_storage=storage,
            provider=in_rounds([ToolCallEvent("c1", "look", {})], [TextEvent("I see")]),
            tools=[look],
        )
        await ask(conversation, "What is there?")
        assert [message["role"] for message in found] == ["user", "assistant", "tool"]
        assert found[-1]["content"] == "not run: interrupted"
        assert said(conversation.messages)[2:] == [("tool", "a sail"), ("assistant", "I see")]

    run(check)


def test_failed_save_in_the_middle_of_an_answer_leaves_the_answer_going() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await create_session(session_storage=storage, provider=saying("A", "B"))
        await conversation.send("Hello")
        async for event in conversation.receive():
            if event == TextEvent("A"):
                storage.error = OSError("no room")
                with pytest.raises(OSError, match="no room"):
                    await conversation.save()
                storage.error = None
        found = await storage.load(conversation.id)
        assert found is not None
        assert said(found.messages) == [("user", "Hello"), ("assistant", "AB")]

    run(check)


def test_answer_that_was_stored_in_its_middle_is_not_appended_to() -> None:
    class Appending(WrittenByAUser):
        """Adds the messages to those that it has, as `AppendingStorage` allows."""

        async def append(self, state: SessionState, messages: Any) -> None:
            found = await self.load(state.id)
            assert found is not None
            found.messages += messages
            await self.save(found)

    async def check() -> None:
        storage = Appending()
        conversation = await create_session(session_storage=storage, provider=saying("A", "B"))
        for _ in range(2):
            await conversation.send("Hello")
            async for event in conversation.receive():
                if event == TextEvent("A"):
                    await conversation.save()
        found = await storage.load(conversation.id)
        assert found is not None
        assert said(found.messages) == [("user", "Hello"), ("assistant", "AB")] * 2

    run(check)
