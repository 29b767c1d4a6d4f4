"""Storages of a user: what is none, and what one gives that it should not, is told with a remedy."""

import dataclasses
import functools
import json
import operator
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

import anchor_session
from anchor_session import RecordCorruptError, StorageWarning
from anchor_session.conversations import (
    FileSessionStorage,
    MemorySessionStorage,
    SessionState,
    SessionStorage,
    cleanup_sessions,
    create_session,
    fork_session,
    lineage,
    lineages,
    resume_session,
    set_default_storage,
)
from anchor_session.records import MemoryStore
from tests.conversations.support import Ids, WrittenByAUser, run
from tests.support import rows, table


async def set_default(storage: Any) -> None:
    set_default_storage(storage)


TAKERS: "dict[str, Callable[[Any], Any]]" = {
    "create": lambda storage: create_session(session_storage=storage),
    "resume": lambda storage: resume_session("x", session_storage=storage),
    "fork": lambda storage: fork_session("x", session_storage=storage),
    "default": set_default,
    "lineage": lambda storage: lineage(storage, "x"),
    "lineages": lineages,
    "cleanup": lambda storage: cleanup_sessions(storage, max_age_days=30),
}
"""Whatever takes a storage."""


def refusal(storage: Any) -> str:
    """What all of them say alike in a `TypeError`."""

    async def check() -> str:
        said = set()
        with table() as row:
            for name, take in TAKERS.items():
                with row(name), pytest.raises(TypeError) as caught:
                    await take(storage)
                said.add(str(caught.value))
        (found,) = said
        return found

    found: str = run(check)
    return found


class Lacking:
    async def save(self, state: SessionState) -> None:
        pass

    async def load(self, id: str) -> None:
        pass


@rows(
    ("storage", "said"),
    [
        (5, "an int is no storage of conversations; it lacks save, load, delete, list,"),
        ({}, "a dict is no storage of conversations; it lacks save, load, delete, list,"),
        (Lacking(), "a Lacking is no storage of conversations; it lacks delete, list,"),
        (Lacking, "the class Lacking is no storage of conversations; make an instance of it"),
        (
            MemorySessionStorage,
            "the class MemorySessionStorage is no storage of conversations; make an instance of it",
        ),
        (
            MemoryStore(),
            "MemoryStore.save() has to take a SessionState alone: missing a required argument: 'data'",
        ),
    ],
)
def test_what_is_no_storage(storage: Any, said: str) -> None:
    assert refusal(storage).startswith(said)


def test_map_in_the_browser_is_no_storage() -> None:
    said = refusal(anchor_session.SessionStorage("s"))
    assert said.startswith("a SessionStorage is no storage of conversations; it lacks save, load,")


def test_remedy_for_what_lacks_methods_is_a_storage() -> None:
    assert "FileSessionStorage(directory) and MemorySessionStorage()" in refusal(5)


@rows("path", ["./sessions", Path("sessions")])
def test_path_is_told_the_storage_of_files(path: Any) -> None:
    assert f"FileSessionStorage({path!r}) keeps them in that directory" in refusal(path)


def test_url_is_told_the_storage_in_redis_and_is_not_shown() -> None:
    said = refusal("redis://:secret@localhost")
    assert said == (
        "a URL is no storage of conversations; "
        "create_session_storage('redis', url=...) keeps them in Redis"
    )


def test_store_of_records_is_told_the_storage_over_it() -> None:
    assert "StoreSessionStorage(store) keeps conversations in it" in refusal(MemoryStore())


def test_without_a_default_storage_it_is_one_in_memory_again() -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        set_default_storage(storage)
        set_default_storage(None)
        await create_session()
        assert storage.size() == 0

    run(check)


def test_storage_that_nobody_has_awaited() -> None:
    async def made() -> Any:
        return MemorySessionStorage()

    for take in (set_default_storage, lambda storage: run(lambda: lineages(storage))):
        waiting: Any = made()
        with pytest.raises(TypeError, match="a coroutine is no storage of conversations; await it"):
            take(waiting)
        waiting.close()


# -- methods that are no coroutines -------------------------------------------------------------------


def plain(name: str, *, kept: "list[str] | None" = None) -> Any:
    """A storage, one method of which is a plain function."""

    def method(self: Any, *_: Any) -> None:
        if kept is not None:
            kept.append(name)

    return type("Mine", (WrittenByAUser,), {name: method})()


@rows("name", ["save", "load", "delete", "list", "append", "sweep"])
def test_plain_method_is_named_and_never_called(name: str) -> None:
    called: list[str] = []
    assert refusal(plain(name, kept=called)) == (
        f"Mine.{name}() is no coroutine; write `async def {name}(...)`, and `return` what it gives"
    )
    assert called == []


def test_storage_with_a_plain_method_has_stored_nothing() -> None:
    storage = plain("delete")
    refusal(storage)
    assert storage.texts == {}


class Yielding(WrittenByAUser):
    async def list(self) -> AsyncIterator[str]:  # type: ignore[override]
        yield "x"


class Assigned(WrittenByAUser):
    def __init__(self) -> None:
        super().__init__()
        vars(self)["load"] = lambda id: None


@rows(("storage", "name"), [(Yielding(), "Yielding.list"), (Assigned(), "Assigned.load")])
def test_other_methods_that_nobody_can_await(storage: Any, name: str) -> None:
    assert refusal(storage).startswith(f"{name}() is no coroutine; write `async def")


def logged(method: Any) -> Any:
    """A decorator that is plain itself, and hands the coroutine on."""

    @functools.wraps(method)
    def call(*args: Any) -> Any:
        return method(*args)

    return call


def in_background(method: Any) -> Any:
    """A decorator that makes a coroutine of a plain method."""

    @functools.wraps(method)
    async def call(*args: Any) -> Any:
        return method(*args)

    return call


class Decorated(WrittenByAUser):
    save = logged(WrittenByAUser.save)

    @in_background
    def delete(self, id: str) -> None:
        del self.texts[id]


class Passing:
    """Has nothing of its own."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


@rows(
    "storage",
    [
        Decorated(),
        Passing(WrittenByAUser()),
        AsyncMock(WrittenByAUser()),
        AsyncMock(WrittenByAUser),
    ],
)
def test_methods_that_can_be_awaited_are_taken(storage: Any) -> None:
    async def check() -> None:
        session = await create_session(session_storage=storage)
        await session.send("Hello")
        await session.close()
        await storage.delete(session.id)

    run(check)


@rows("name", ["save", "load"])
def test_methods_of_which_nobody_can_tell_are_believed(name: str) -> None:
    class WrittenInC(WrittenByAUser):
        def __init__(self) -> None:
            vars(self)[name] = operator.methodcaller("to_dict")

    set_default_storage(WrittenInC())


# -- what it gives ------------------------------------------------------------------------------------


class Wrong(WrittenByAUser):
    """Gives whatever it is told."""

    found: Any = None
    ids: Any = ("x",)

    async def load(self, id: str) -> Any:
        return self.found

    async def list(self) -> Any:
        return self.ids


LOOKS: "list[Callable[[Any], Any]]" = [
    lambda storage: resume_session("x", session_storage=storage),
    lambda storage: fork_session("x", session_storage=storage),
    lambda storage: lineage(storage, "x"),
    lineages,
    lambda storage: cleanup_sessions(storage, 0),
]


@rows("look", LOOKS)
@rows("found", [SessionState.new("x", at=0).to_dict(), {"id": "x"}, "text", b"text", ["x"]])
def test_what_is_loaded_has_to_be_a_state(look: Any, found: Any) -> None:
    async def check() -> None:
        storage = Wrong()
        storage.found = found
        kind = type(found).__name__
        with pytest.raises(
            TypeError, match=rf"^Wrong.load\(\) gave {kind}; .*from_dict\(json.loads\(text\)\)"
        ):
            await look(storage)

    run(check)


def test_state_under_another_id_is_a_corrupt_record() -> None:
    async def check() -> None:
        storage = Wrong()
        storage.found = SessionState.new("y", at=0)
        with pytest.raises(RecordCorruptError, match="under x lies the conversation y"):
            await resume_session("x", session_storage=storage)

    run(check)


@rows(
    ("ids", "shown"),
    [([b"x"], r"b'x'"), ([("x",)], r"\('x',\)"), ([1], "1"), (None, "None"), (["x", None], "None")],
)
def test_what_is_listed_has_to_be_text(ids: Any, shown: str) -> None:
    async def check() -> None:
        storage = Wrong()
        storage.found = SessionState.new("x", at=0)
        storage.ids = ids
        for look in LOOKS[2:]:
            with pytest.raises(TypeError, match=rf"^Wrong.list\(\) gave {shown}; an id is text"):
                await look(storage)

    run(check)


def test_storage_that_gives_its_own_object_is_not_changed_by_a_conversation() -> None:
    async def check() -> None:
        storage = Wrong()
        storage.found = SessionState.new("x", at=0)
        conversation = await resume_session("x", session_storage=storage)
        await conversation.send("Hello")
        assert storage.found.messages == []

    run(check)


def test_text_that_cannot_be_read_is_a_corrupt_record() -> None:
    async def check() -> None:
        storage = WrittenByAUser()
        own = await create_session(session_storage=storage)
        await own.close()
        storage.texts |= {"cut": "{", "other": '{"x": 1}'}
        for id in ("cut", "other"):
            for open_one in (resume_session, fork_session):
                with pytest.raises(RecordCorruptError, match=id) as caught:
                    await open_one(id, session_storage=storage)
                assert caught.value.key == id
        with pytest.warns(StorageWarning):
            assert (await lineage(storage, own.id)).id == own.id
        with pytest.warns(StorageWarning):
            assert await cleanup_sessions(storage, 0, clock=lambda: 10**15) == 1
        assert await storage.list() == ["cut", "other"]

    run(check)


# -- how a state is made text -------------------------------------------------------------------------


class Encoding(WrittenByAUser):
    """Stores what `encode` makes of a state."""

    def __init__(self, encode: "Callable[[Any], str]") -> None:
        super().__init__()
        self.encode = encode

    async def save(self, state: SessionState) -> None:
        self.texts[state.id] = self.encode(state)


@rows(
    "encode",
    [
        lambda state: json.dumps(state),
        lambda state: json.dumps(state["id"]),
        lambda state: json.dumps(state.updatedAt),
    ],
)
def test_what_python_has_against_a_state_is_noted_with_its_form(encode: Any) -> None:
    storage = Encoding(encode)
    with pytest.raises((TypeError, AttributeError)) as caught:
        run(lambda: create_session(session_storage=storage))
    (note,) = caught.value.__notes__
    assert "json.dumps(state.to_dict())" in note
    assert "SessionState.from_dict(json.loads(text))" in note
    assert storage.texts == {}


def test_other_errors_of_a_storage_have_no_note() -> None:
    def failing(state: Any) -> str:
        raise TypeError("out of ink")

    with pytest.raises(TypeError, match="out of ink") as caught:
        run(lambda: create_session(session_storage=Encoding(failing)))
    assert not hasattr(caught.value, "__notes__")


@rows(
    "encode", [lambda state: json.dumps(dataclasses.asdict(state)), lambda s: json.dumps(vars(s))]
)
def test_fields_under_the_names_of_python_are_told_the_form(encode: Any) -> None:
    async def check() -> None:
        storage = Encoding(encode)
        id = (await create_session(session_storage=storage)).id
        with pytest.raises(RecordCorruptError, match=r"has to be state\.to_dict\(\), not asdict"):
            await fork_session(id, session_storage=Reading(storage.texts))

    run(check)


class Reading(WrittenByAUser):
    def __init__(self, texts: "dict[str, str]") -> None:
        self.texts = texts


def test_storages_of_the_package_are_the_protocol(tmp_path: Path) -> None:
    storages: list[SessionStorage] = [MemorySessionStorage(), FileSessionStorage(tmp_path)]
    for storage in storages:
        set_default_storage(storage)


def test_ids_may_be_any_iterable() -> None:
    class Lazy(WrittenByAUser):
        async def list(self) -> Ids:
            return self.texts.keys()  # type: ignore[return-value]

    async def check() -> None:
        storage = Lazy()
        id = (await create_session(session_storage=storage)).id
        assert [each.id for each in await lineages(storage)] == [id]

    run(check)
