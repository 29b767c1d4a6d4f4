"""Conversations in a real Redis."""

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings

from anchor_session.conversations import (
    StoreSessionStorage,
    create_session,
    create_session_storage,
    fork_session,
    lineage,
)
from anchor_session.records import RedisStore
from tests.conversations.support import ask, reopened, run, saying
from tests.conversations.test_programs import PROGRAMS, check_program
from tests.cpython.redis_server import RedisServer
from tests.support import examples

_prefixes = (f"conversations-{number}:" for number in count())


@given(program=PROGRAMS)
@settings(examples(0.4), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_conversation_is_what_was_done_to_it(redis_server: RedisServer, program: Any) -> None:
    storage = StoreSessionStorage(RedisStore(redis_server.url, prefix=next(_prefixes)))
    run(lambda: check_program(storage, program), storage)


def test_long_conversation_is_found_by_another_process(redis_server: RedisServer) -> None:
    storage: Any = create_session_storage("redis", url=redis_server.url)

    async def check() -> None:
        conversation = await create_session(session_storage=storage, provider=saying("A"))
        for number in range(200):
            await ask(conversation, f"{number}")
        again = await reopened(storage, conversation.id)
        assert again.state == conversation.state
        fork = await fork_session(again.id, session_storage=storage)
        assert [each.id for each in (await lineage(storage, fork.id)).children] == [fork.id]
        await storage.delete(fork.id)
        await storage.delete(again.id)
        assert await storage._store.list() == []

    run(check, storage)
