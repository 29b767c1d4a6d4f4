"""How a conversation is begun, taken up again, or branched."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..codec import as_stored
from ..errors import SessionIdError
from . import registry
from .conversation import MAX_ROUNDS, Conversation
from .ids import new_session_id
from .provider import Provider, Tool
from .state import SessionState, now_ms
from .storages.contract import SessionStorage, check_storage, load
from .storages.defaults import default_storage
from .tools import by_name

Tools = Mapping[str, Tool] | Iterable[Tool]


async def create_session(
    *,
    provider: Provider | None = None,
    model: str | None = None,
    tools: Tools | None = None,
    session_storage: SessionStorage | None = None,
    resume: str | None = None,
    fork: str | None = None,
    at: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    max_rounds: int | None = None,
    clock: Callable[[], int] = now_ms,
    **config: Any,
) -> Conversation:
    """A new conversation, saved at once; or the one with the id `resume`; or a copy of the one `fork`.

    `provider` answers; see `Provider`. `tools` are callables that it may have run, by name or under their
    `__name__`, at most `max_rounds` times an answer (50). `model` and all further options are the
    provider's, in `state.config`; they are not stored. `metadata` is added to what is stored. Without
    `session_storage` it is the default one (see `set_default_storage`).

    `resume` wins over `fork`. A conversation that is open here on the same storage is the same object; what
    is given then is set on it. A fork has the messages of the original, up to and with the one whose id is
    `at`, and the original is untouched. Raises `SessionNotFoundError` for an id that is not there,
    `SessionIdError` for one that cannot be, and `ValueError` for an `at` that is not in it.
    """
    for id in (resume, fork):
        if id is not None:
            _check_text(id)
    storage = default_storage() if session_storage is None else check_storage(session_storage)
    if provider is not None and not callable(provider):
        raise TypeError(f"a provider is an async generator function, not {provider!r}")
    if max_rounds is not None and max_rounds < 1:
        raise ValueError(f"max_rounds is one or more, not {max_rounds!r}")
    if at is not None and fork is None:
        raise ValueError("at= says where to fork; it goes with fork=")
    named = None if tools is None else by_name(tools)
    extra = {} if metadata is None else as_stored(metadata, ("metadata",))
    if model is not None:
        config["model"] = model

    def open_as(state: SessionState) -> Conversation:
        return Conversation(state, storage, max_rounds=max_rounds or MAX_ROUNDS, clock=clock)

    if resume is not None:
        conversation = await _resume(resume, storage, open_as)
        conversation.state.metadata.update(extra)
    else:
        if fork is not None:
            state = await _branch(fork, storage, at, clock)
        else:
            state = SessionState.new(new_session_id(), at=clock())
        conversation = open_as(state)
        conversation.state.metadata.update(extra)
        await conversation.save()
        registry.keep(storage, conversation)
    conversation.config.update(config)
    if provider is not None:
        conversation.provider = provider
    if named is not None:
        conversation.tools = named
    if max_rounds is not None:
        conversation.max_rounds = max_rounds
    return conversation


async def resume_session(
    id: str, *, session_storage: SessionStorage | None = None, **options: Any
) -> Conversation:
    """The conversation with this id; options as for `create_session`."""
    return await create_session(resume=_check_text(id), session_storage=session_storage, **options)


async def fork_session(
    id: str, *, session_storage: SessionStorage | None = None, **options: Any
) -> Conversation:
    """A copy of the conversation with this id; options as for `create_session`."""
    return await create_session(fork=_check_text(id), session_storage=session_storage, **options)


def _check_text(id: Any) -> str:
    if not isinstance(id, str):
        raise SessionIdError(f"an id of a conversation is text, not {type(id).__name__}")
    return id


async def _resume(
    id: str, storage: Any, open_as: Callable[[SessionState], Conversation]
) -> Conversation:
    async with registry.turn(storage, id):
        found = registry.find(storage, id)
        if found is not None and await found.stays_open():
            return found
        conversation = open_as((await load(storage, id)).copy())
        conversation.note_stored()
        registry.keep(storage, conversation)
        return conversation


async def _branch(id: str, storage: Any, at: str | None, clock: Callable[[], int]) -> SessionState:
    found = registry.find(storage, id)
    original = (await load(storage, id) if found is None else found.state).copy()
    messages = original.messages
    if at is not None:
        places = [n for n, message in enumerate(messages) if message.get("id") == at]
        if not places:
            raise ValueError(f"no message of {id} has the id {at!r}")
        end = places[0] + 1
        while end < len(messages) and messages[end].get("role") == "tool":
            end += 1  # a call and its results stay together
        messages = messages[:end]
    now = clock()
    return SessionState(
        new_session_id(),
        messages,
        original.usage,
        original.metadata,
        now,
        now,
        id,
        extra=original.extra,
    )
