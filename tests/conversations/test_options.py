"""Options as other libraries write them: each call is told how it is written here, and stores nothing."""

import ast
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from anchor_session import conversations
from anchor_session.conversations import (
    FileSessionStorage,
    MemorySessionStorage,
    StoreSessionStorage,
    cleanup_sessions,
    create_session,
    create_session_storage,
    fork_session,
    opening,
    resume_session,
    set_default_storage,
)
from tests.conversations.support import run
from tests.support import rows

KEPT = MemorySessionStorage()
UNTYPED: Any = conversations  # what a type checker would have said
FUNCTIONS: "list[Callable[..., Any]]" = [
    create_session,
    resume_session,
    fork_session,
    create_session_storage,
    cleanup_sessions,
]
OPENERS: "list[Callable[..., Awaitable[Any]]]" = [
    lambda **options: create_session(**options),
    lambda **options: resume_session("x", **options),
    lambda **options: fork_session("x", **options),
]


def refused(call: "Callable[[], Any]") -> str:
    """What a `TypeError` says; nothing has been stored then."""

    async def check() -> str:
        storage = MemorySessionStorage()
        set_default_storage(storage)
        with pytest.raises(TypeError) as caught:
            await call()
        assert storage.size() == 0
        return str(caught.value)

    said: str = run(check)
    return said


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join([part.capitalize() for part in rest])


def options_of(function: "Callable[..., Any]") -> "list[str]":
    found = inspect.signature(function).parameters
    return [name for name in found if name != "options"] + opening._SHARED * ("options" in found)


@rows(
    ("function", "option"),
    [
        (function, option)
        for function in FUNCTIONS
        for option in options_of(function)
        if camel(option) != option
    ],
)
def test_spelling_of_javascript_is_told_ours(function: Any, option: str) -> None:
    said = refused(lambda: function(**{camel(option): 5}))
    assert (
        said
        == f"{function.__name__}() got an unexpected keyword argument {camel(option)!r}: write {option}="
    )


@rows("call", OPENERS)
@rows(
    ("option", "ours"),
    [
        ("sessionStorage", "session_storage="),
        ("SessionStorage", "session_storage="),
        ("sesion_storage", "session_storage="),
        ("storage", "session_storage="),
        ("maxRounds", "max_rounds="),
        ("maxTurns", "max_rounds="),
        ("metaData", "metadata="),
        ("tool", "tools="),
    ],
)
def test_option_that_is_spelt_otherwise_is_told_ours(call: Any, option: str, ours: str) -> None:
    said = refused(lambda: call(**{option: KEPT}))
    assert said.endswith(f"() got an unexpected keyword argument {option!r}: write {ours}")


@rows("call", OPENERS)
@rows(
    ("option", "ours"),
    [
        ("temperature", "config={'temperature': ...}"),
        ("maxTokens", "config={'max_tokens': ...}"),
        ("systemPrompt", "config={'system': ...}"),
    ],
)
def test_option_for_the_model_is_told_where_it_goes(call: Any, option: str, ours: str) -> None:
    assert refused(lambda: call(**{option: 5})).endswith(f"what is the model's goes into {ours}")


@rows(
    ("call", "form"),
    [
        (
            lambda: UNTYPED.create_session({"model": "m", "sessionStorage": KEPT}),
            "create_session(model=..., session_storage=...)",
        ),
        (
            lambda: UNTYPED.create_session({}),
            "create_session(provider=..., model=..., tools=..., ",
        ),
        (
            lambda: UNTYPED.create_session(KEPT),
            "create_session(provider=..., model=..., tools=..., ",
        ),
        (
            lambda: UNTYPED.resume_session("x", {"sessionStorage": KEPT}),
            "resume_session(id, session_storage=...)",
        ),
        (
            lambda: UNTYPED.fork_session("x", {"sessionStorage": KEPT, "color": 1}),
            "fork_session(id, session_storage=...)",
        ),
        (
            lambda: UNTYPED.create_session_storage("file", {"directory": "x"}),
            "create_session_storage(type, directory=...)",
        ),
        (
            lambda: UNTYPED.cleanup_sessions(KEPT, None, {"maxAgeDays": 30}),
            "cleanup_sessions(storage, max_age_days=...)",
        ),
    ],
)
def test_options_in_one_object_are_told_the_form(call: Any, form: str) -> None:
    assert f"() takes its options by keyword: {form}" in refused(call)


@rows(
    ("call", "ours"),
    [
        (lambda: UNTYPED.resume_session(sessionId="x"), "write id="),
        (lambda: UNTYPED.create_session(resumeId="x"), "write resume="),
        (lambda: UNTYPED.resume_session("x", at="m"), "got an unexpected keyword argument 'at'"),
        (
            lambda: UNTYPED.fork_session("x", resume="y"),
            "got an unexpected keyword argument 'resume'",
        ),
        (
            lambda: UNTYPED.create_session_storage("file", options={}),
            "got an unexpected keyword argument 'options'; it has type, directory, path, url",
        ),
    ],
)
def test_option_of_another_call_is_told(call: Any, ours: str) -> None:
    assert ours in refused(call)


def test_wrong_option_is_told_before_a_wrong_storage() -> None:
    said = refused(lambda: UNTYPED.create_session(session_storage="x", maxRounds=3))
    assert "write max_rounds=" in said


@pytest.mark.both
def test_callers_of_callbacks_know_what_has_to_be_awaited() -> None:
    found = [function for function in FUNCTIONS if inspect.iscoroutinefunction(function)]
    assert found == [create_session, resume_session, fork_session, cleanup_sessions]


def test_signature_shows_every_option() -> None:
    shown = [list(inspect.signature(function).parameters) for function in FUNCTIONS]
    assert shown[0][:4] == ["provider", "model", "tools", "session_storage"]
    assert shown[3:] == [
        ["type", "directory", "path", "url"],
        ["storage", "max_age", "max_age_days", "clock"],
    ]


def test_checkers_know_every_option_of_a_resumed_one() -> None:
    (options,) = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(opening)))
        if isinstance(node, ast.ClassDef) and node.name == "Options"
    ]
    known = [ast.unparse(each.target) for each in options.body if isinstance(each, ast.AnnAssign)]
    assert known == opening._SHARED


# -- config -------------------------------------------------------------------------------------------


def test_config_is_for_the_model_and_is_not_stored() -> None:
    async def check() -> None:
        given = {"temperature": 0.5}
        storage = MemorySessionStorage()
        session = await create_session(model="m", config=given, session_storage=storage)
        assert session.config == {"temperature": 0.5, "model": "m"}
        assert given == {"temperature": 0.5}
        found = await storage.load(session.id)
        assert found is not None
        assert (found.config, found.extra) == ({}, {})

    run(check)


@rows("open_one", [resume_session, fork_session])
def test_config_of_a_resumed_one(open_one: Any) -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        id = (await create_session(session_storage=storage)).id
        again = await open_one(id, session_storage=storage, config={"system": "Be brief"})
        assert again.config == {"system": "Be brief"}

    run(check)


@rows("config", ["hot", 5, [("temperature", 1)], True, False, ""])
def test_config_that_is_no_mapping(config: Any) -> None:
    said = refused(lambda: create_session(config=config))
    assert "config is a mapping" in said


def test_two_models() -> None:
    assert "differ" in refused(lambda: create_session(model="a", config={"model": "b"}))

    async def check() -> None:
        one: Any = {"model": "a"}
        for options in (one, {"config": one}, {"config": one, "model": "a"}):
            assert (await create_session(**options)).config == one

    run(check)


# -- create_session_storage ---------------------------------------------------------------------------


@rows(
    ("options", "said"),
    [
        (
            {"directory": "x"},
            "type 'memory' has no option directory=; it takes none",
        ),
        (
            {"type": "web", "url": "x"},
            "type 'web' has no option url=; it takes none",
        ),
        (
            {"type": "file", "path": "x"},
            "type 'file' has no option path=; it takes directory=",
        ),
        (
            {"type": "file", "directory": "x", "url": "y"},
            "type 'file' has no option url=; it takes directory=",
        ),
        (
            {"type": "sqlite", "directory": "x"},
            "type 'sqlite' has no option directory=; it takes path=",
        ),
        (
            {"type": "redis", "path": "x"},
            "type 'redis' has no option path=; it takes url=",
        ),
    ],
)
def test_option_of_another_type_is_refused(options: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        create_session_storage(**options)


def test_settings_may_say_none() -> None:
    found = [
        create_session_storage("file", directory="x", path=None, url=None),
        create_session_storage("memory", directory=None),
        create_session_storage("sqlite", path="x", directory=None),
    ]
    kinds = [FileSessionStorage, MemorySessionStorage, StoreSessionStorage]
    assert [type(each) for each in found] == kinds


def test_functions_are_the_public_ones() -> None:
    assert {function.__name__ for function in FUNCTIONS} < set(dir(conversations))
