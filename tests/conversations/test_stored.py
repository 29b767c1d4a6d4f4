"""How a long conversation lies in a store: bounded writes, sealed segments, nothing lost and nothing left."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from anchor_session import RecordCorruptError, SessionIdError, StorageError
from anchor_session.conversations import (
    SessionState,
    StoreSessionStorage,
    cleanup_sessions,
    create_session,
    fork_session,
    resume_session,
)
from anchor_session.conversations.storages.segments import COUNT, GRACE, WEIGHT, is_segment
from anchor_session.records import FileStore, MemoryStore
from tests.conversations.support import reopened, run
from tests.support import rows

Record = dict[str, Any]


class Watched(MemoryStore):
    """Notes what is saved; raises instead of the save with the number `fails_at`, before or after it."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[tuple[str, int]] = []
        self.fails_at = -1
        self.fails_after = False

    async def save(self, id: str, data: Record, ttl: Any = None) -> None:
        self.saved.append((id, len(json.dumps(data))))
        fails = len(self.saved) == self.fails_at
        if not fails or self.fails_after:
            await super().save(id, data, ttl)
        if fails:
            raise StorageError("lost", key=id)

    async def records(self) -> "dict[str, Record]":
        return {id: await self.load(id) or {} for id in await self.list()}


async def long(storage: StoreSessionStorage, count: int = 300) -> Any:
    conversation = await create_session(session_storage=storage)
    for number in range(count):
        await conversation.send(f"message {number}")
    return conversation


def test_short_conversation_is_one_record_as_its_dict() -> None:
    async def check() -> None:
        store = Watched()
        conversation = await long(StoreSessionStorage(store), COUNT)
        assert await store.records() == {conversation.id: conversation.state.to_dict()}

    run(check)


def test_record_of_somebody_else_is_a_conversation() -> None:
    async def check() -> None:
        store = Watched()
        state = SessionState.new("mine", at=5)
        await store.save("mine", state.to_dict())
        assert await StoreSessionStorage(store).load("mine") == state

    run(check)


def test_writes_stay_small_and_segments_are_written_once() -> None:
    async def check() -> None:
        store = Watched()
        await long(StoreSessionStorage(store), 1000)
        assert max(size for _, size in store.saved) < COUNT * 150
        segments = [id for id, _ in store.saved if is_segment(id)]
        assert len(segments) == len(set(segments)) == 999 // COUNT

    run(check)


def test_large_messages_are_sealed_sooner() -> None:
    async def check() -> None:
        store = Watched()
        storage = StoreSessionStorage(store)
        conversation = await create_session(session_storage=storage)
        for _ in range(40):
            await conversation.send("x" * (WEIGHT // 4))
        assert max(size for _, size in store.saved) < WEIGHT * 1.1
        await conversation.send("y" * WEIGHT * 3)
        await conversation.send({"content": [{"type": "text", "text": "z" * WEIGHT}]})
        await conversation.send("last")
        found = await storage.load(conversation.id)
        assert found == conversation.state

    run(check)


def test_segments_are_not_listed_and_cannot_be_conversations() -> None:
    async def check() -> None:
        store = Watched()
        storage = StoreSessionStorage(store)
        conversation = await long(storage)
        assert await storage.list() == [conversation.id]
        name = next(id for id in await store.list() if is_segment(id))
        assert await storage.load(name) is None
        await storage.delete(name)
        assert await store.load(name) is not None
        with pytest.raises(SessionIdError, match="part of a conversation"):
            await storage.save(SessionState.new(name, at=0))

    run(check)


@rows("id", ["a.b.c", "x.0", "A" * 200, "x.0123456789abcdef", "x.0123456789abcde.0"])
def test_ids_that_look_a_little_like_segments_are_conversations(id: str) -> None:
    async def check() -> None:
        storage = StoreSessionStorage(Watched())
        state = SessionState.new(id, at=0)
        state.messages = [{"id": f"{n}", "role": "user", "content": "x"} for n in range(200)]
        await storage.save(state)
        assert await storage.list() == [id]
        found = await storage.load(id)
        assert found == state
        await storage.delete(id)
        assert await storage.list() == []

    run(check)


def test_deletion_leaves_nothing() -> None:
    async def check() -> None:
        store = Watched()
        storage = StoreSessionStorage(store)
        conversation = await long(storage)
        fork = await fork_session(conversation.id, session_storage=storage)
        conversation.messages[100]["content"] = "edited"
        await conversation.save()
        await storage.delete(conversation.id)
        assert await storage.load(fork.id) == fork.state
        await storage.delete(fork.id)
        assert await store.list() == []

    run(check)


def test_deletion_that_is_interrupted_can_be_repeated() -> None:
    async def check() -> None:
        class Stuck(Watched):
            left = 2

            async def delete(self, id: str) -> None:
                self.left -= 1
                if self.left < 0:
                    raise StorageError("lost")
                await super().delete(id)

        store = Stuck()
        storage = StoreSessionStorage(store)
        conversation = await long(storage)
        with pytest.raises(StorageError):
            await storage.delete(conversation.id)
        assert await storage.load(conversation.id) is None
        store.left = 100
        await storage.delete(conversation.id)
        assert await store.list() == []

    run(check)


def test_deletion_that_is_interrupted_is_ended_by_a_cleanup() -> None:
    async def check() -> None:
        class Stuck(Watched):
            is_stuck = True

            async def delete(self, id: str) -> None:
                if self.is_stuck:
                    raise StorageError("lost")
                await super().delete(id)

        store = Stuck()
        storage = StoreSessionStorage(store)
        conversation = await long(storage)
        await store.save("others", {"deleted": True, "segments": 5})
        with pytest.raises(StorageError):
            await storage.delete(conversation.id)
        store.is_stuck = False
        await cleanup_sessions(storage, 10**9)
        assert await store.list() == ["others"]

    run(check)


def test_segment_that_cannot_be_read_stops_no_sweep(tmp_path: Path) -> None:
    async def check() -> None:
        storage = StoreSessionStorage(FileStore(tmp_path))
        (tmp_path / f"other.{TOKEN}.0.json").write_text("{")
        assert await storage.sweep() == 0
        await storage.close()

    run(check)


def test_lost_segment_is_named() -> None:
    async def check() -> None:
        store = Watched()
        storage = StoreSessionStorage(store)
        conversation = await long(storage)
        name = next(id for id in await store.list() if is_segment(id))
        await store.delete(name)
        with pytest.raises(RecordCorruptError, match=name) as caught:
            await storage.load(conversation.id)
        assert caught.value.key == name

    run(check)


@rows("record", [{}, {"messages": 5}, {"messages": ["x"]}, {"messages": [{"content": "no role"}]}])
def test_spoiled_segment_is_named(record: Record) -> None:
    async def check() -> None:
        store = Watched()
        storage = StoreSessionStorage(store)
        conversation = await long(storage)
        name = next(id for id in await store.list() if is_segment(id))
        await store.save(name, record)
        with pytest.raises(RecordCorruptError, match=name):
            await storage.load(conversation.id)

    run(check)


GOOD = SessionState.new("x", at=0).to_dict()
TOKEN = "0123456789abcdef"


@rows(
    "record",
    [
        {},
        {"user": "somebody else's"},
        {"state": GOOD, "segments": None},
        {"state": GOOD, "segments": {"revision": "r", "runs": [], "stale": None}},
        {"state": GOOD, "segments": {"revision": "r", "runs": [["../x", 1]], "stale": []}},
        {"state": GOOD, "segments": {"revision": "r", "runs": [[TOKEN, -1]], "stale": []}},
        {"state": GOOD, "segments": {"revision": "r", "runs": [[TOKEN, 10**9]], "stale": []}},
        {"state": GOOD, "segments": {"revision": "r", "runs": [[TOKEN]], "stale": []}},
        {"state": GOOD, "segments": {"revision": "r", "runs": [], "stale": [[TOKEN, 0, 1]]}},
        {"state": {}, "segments": {"revision": "r", "runs": [], "stale": []}},
        GOOD | {"id": "y"},
    ],
)
def test_record_that_is_no_conversation_is_named_and_can_be_deleted(record: Record) -> None:
    async def check() -> None:
        store = Watched()
        storage = StoreSessionStorage(store)
        await store.save("x", record)
        with pytest.raises(RecordCorruptError) as caught:
            await resume_session("x", session_storage=storage)
        assert caught.value.key == "x"
        assert await store.load("x") == record
        await storage.delete("x")
        assert await store.list() == []

    run(check)


# -- crashes ------------------------------------------------------------------------------------------


@rows("fails_after", [False, True])
@rows("number", range(1, 8))
def test_any_write_may_be_lost_and_the_next_one_writes_all(number: int, fails_after: bool) -> None:
    async def check() -> None:
        store = Watched()
        storage = StoreSessionStorage(store)
        conversation = await long(storage, 2 * COUNT - 1)
        store.fails_after = fails_after
        store.fails_at = len(store.saved) + number
        failed = 0
        for each in range(10):
            before = conversation.state.copy()
            try:
                await conversation.send(f"{each}")
            except StorageError:
                failed += 1
                found = await storage.load(conversation.id)
                assert found is not None
                assert found.messages in (before.messages, conversation.messages)
            else:
                assert await storage.load(conversation.id) == conversation.state
        assert failed == 1
        assert await reopened(storage, conversation.id)

    run(check)


def test_what_a_crash_left_is_swept_when_it_is_old() -> None:
    async def check() -> None:
        now = 1_000_000
        store = Watched()
        storage = StoreSessionStorage(store, clock=lambda: now)
        conversation = await long(storage, COUNT)
        store.fails_at = len(store.saved) + 2  # the segment is there, the head is not
        with pytest.raises(StorageError):
            await conversation.send("one more")
        await conversation.send("again")
        assert len([id for id in await store.list() if is_segment(id)]) == 2
        assert await storage.sweep() == 0
        now += GRACE + 1
        assert await cleanup_sessions(storage, 10**9) == 0
        assert len([id for id in await store.list() if is_segment(id)]) == 1
        assert await storage.load(conversation.id) == conversation.state

    run(check)


def test_sweep_leaves_what_belongs_to_a_spoiled_head_and_to_others() -> None:
    async def check() -> None:
        now = 1_000_000
        store = Watched()
        storage = StoreSessionStorage(store, clock=lambda: now)
        conversation = await long(storage)
        now += 10 * GRACE
        before = await store.records()
        await store.save(conversation.id, {"spoiled": True, "segments": 5})
        await store.save(f"other.{TOKEN}.0", {"user": "somebody else's"})
        assert await storage.sweep() == 0
        assert len(await store.list()) == len(before) + 1

    run(check)


# -- two writers --------------------------------------------------------------------------------------


def test_edited_segments_are_written_anew_and_the_old_ones_go_later() -> None:
    async def check() -> None:
        now = 1_000_000
        store = Watched()
        storage = StoreSessionStorage(store, clock=lambda: now)
        conversation = await long(storage)
        before = {id for id in await store.list() if is_segment(id)}
        conversation.messages[100]["content"] = "edited"
        await conversation.save()
        assert before < set(await store.list())
        now += GRACE + 1
        await conversation.send("one more")
        left = {id for id in await store.list() if is_segment(id)}
        assert len(left & before) == 100 // COUNT
        assert len(left) == 300 // COUNT
        head = await store.load(conversation.id)
        assert head is not None
        assert head["segments"]["stale"] == []
        assert await storage.load(conversation.id) == conversation.state

    run(check)


def test_writers_in_turn_share_no_segment_that_changes() -> None:
    async def check() -> None:
        now = 1_000_000
        store = Watched()
        storage = StoreSessionStorage(store, clock=lambda: now)
        one = await long(storage, 200)
        two = await reopened(storage, one.id)
        for turn in range(6):
            for each, other in ((one, two), (two, one)):
                for number in range(70):
                    await each.send(f"{turn} {number}")
                assert await storage.load(one.id) == each.state
                assert each.state.messages != other.state.messages
                now += GRACE + 1
        segments = [id for id, _ in store.saved if is_segment(id)]
        assert len(segments) == len(set(segments))
        await storage.sweep()
        named = [id for id in await store.list() if is_segment(id)]
        assert len(named) <= 2 * (len(two.messages) // COUNT + 2)

    run(check)


def test_conversation_deleted_by_another_process_is_written_whole_again() -> None:
    async def check() -> None:
        store = Watched()
        storage = StoreSessionStorage(store)
        conversation = await long(storage)
        await StoreSessionStorage(store).delete(conversation.id)
        await conversation.send("still here")
        assert await storage.load(conversation.id) == conversation.state
        assert len(conversation.messages) == 301

    run(check)


@rows("is_rewritten", [False, True])
def test_conversation_that_is_deleted_while_it_is_read(is_rewritten: bool) -> None:
    async def check() -> None:
        class Deleted(Watched):
            reads = 0

            async def load(self, id: str) -> "Record | None":
                if is_segment(id):
                    self.reads += 1
                    if self.reads == 1:
                        other = StoreSessionStorage(self)
                        await other.delete(conversation.id)
                        if is_rewritten:
                            await other.save(conversation.state)
                return await super().load(id)

        storage = StoreSessionStorage(Deleted())
        conversation = await long(storage)
        found = await storage.load(conversation.id)
        assert found == (conversation.state if is_rewritten else None)

    run(check)


def test_reader_in_the_middle_of_a_rewrite_sees_one_state_or_the_other() -> None:
    async def check() -> None:
        class Yielding(Watched):
            async def load(self, id: str) -> "Record | None":
                await asyncio.sleep(0)
                return await super().load(id)

            async def save(self, id: str, data: Record, ttl: Any = None) -> None:
                await asyncio.sleep(0)
                await super().save(id, data, ttl)

        storage = StoreSessionStorage(Yielding())
        conversation = await long(storage)
        seen = []

        async def read() -> None:
            while True:
                seen.append(await storage.load(conversation.id))

        reading = asyncio.create_task(read())
        states = [conversation.state.copy()]
        for number in range(20):
            conversation.messages[10 * number]["content"] = "edited"
            await conversation.save()
            states.append(conversation.state.copy())
        reading.cancel()
        assert len(seen) > 5
        assert all(state in states for state in seen)

    run(check)


# -- stores of a user's own ---------------------------------------------------------------------------


class ThreeCalls:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.load, self.save, self.delete = self.store.load, self.store.save, self.store.delete


class FourCalls(ThreeCalls):
    def __init__(self) -> None:
        super().__init__()
        self.list = self.store.list


def test_store_without_list_and_close_keeps_conversations() -> None:
    async def check() -> None:
        storage = StoreSessionStorage(ThreeCalls())
        conversation = await create_session(session_storage=storage)
        await conversation.send("Hello")
        await conversation.close()
        again = await resume_session(conversation.id, session_storage=storage)
        assert [message["content"] for message in again.messages] == ["Hello"]
        await storage.delete(conversation.id)
        assert await storage.load(conversation.id) is None
        await storage.close()

    run(check)


def test_what_needs_list_says_so_where_a_store_has_none() -> None:
    async def check() -> None:
        storage = StoreSessionStorage(ThreeCalls())
        for needing in (
            storage.list,
            storage.sweep,
            lambda: cleanup_sessions(storage, max_age_days=1),
        ):
            with pytest.raises(
                TypeError, match="ThreeCalls has no list, which this needs; add `as"
            ):
                await needing()

    run(check)


def test_four_calls_are_enough_to_list_conversations() -> None:
    async def check() -> None:
        storage = StoreSessionStorage(FourCalls())
        conversation = await create_session(session_storage=storage)
        assert await storage.list() == [conversation.id]
        await conversation.close()

    run(check)
