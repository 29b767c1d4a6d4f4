"""How a conversation is begun, taken up again, or branched."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..codec import as_stored
from ..errors import SessionIdError, with_article
from . import registry
from .conversation import MAX_ROUNDS, Conversation
from .ids import new_session_id
from .options import by_keyword, options_of
from .provider import Provider, Tool
from .state import SessionState, now_ms
from .storages.checked import check_storage, load
from .storages.contract import SessionStorage
from .storages.defaults import default_storage
from .tools import by_name

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    class Options(TypedDict, total=False):
        """What `resume_session` and `fork_session` take, too."""

        provider: Provider | None
        model: str | None
        tools: "Tools | None"
        session_storage: SessionStorage | None
        metadata: Mapping[str, Any] | None
        config: Mapping[str, Any] | None
        max_rounds: int | None
        clock: Callable[[], int]


Tools = Mapping[str, Tool] | Iterable[Tool]


@by_keyword()
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
    config: Mapping[str, Any] | None = None,
    max_rounds: int | None = None,
    clock: Callable[[], int] = now_ms,
) -> Conversation:
    """A new conversation, saved at once; or the one with the id `resume`; or a copy of the one `fork`.

    `provider` answers; see `Provider`. `tools` are callables that it may have run, by name or under their
    `__name__`, at most `max_rounds` times an answer (50). `config` is the provider's, in `state.config`:
    ``{"system": "...", "temperature": 0.2}``, with `model` as its ``"model"``; it is not stored. `metadata`
    is added to what is stored. Without `session_storage` it is the default one (see `set_default_storage`).

    `resume` wins over `fork`. A conversation that is open here on the same storage is the same object; what
    is given then is set on it. A fork has the messages of the original, up to and with the one whose id is
    `at`, and the original is untouched. Raises `SessionNotFoundError` for an id that is not there,
    `SessionIdError` for one that cannot be, `ValueError` for an `at` that is not in it, and `TypeError` for
    what is no option, and for what is no storage.
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
    given = _config(config, model)

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
    conversation.config.update(given)
    if provider is not None:
        conversation.provider = provider
    if named is not None:
        conversation.tools = named
    if max_rounds is not None:
        conversation.max_rounds = max_rounds
    return conversation


_SHARED = [each for each in options_of(create_session) if each not in ("resume", "fork", "at")]


@by_keyword(*_SHARED)
async def resume_session(id: str, **options: "Unpack[Options]") -> Conversation:
    """The conversation with this id; options as for `create_session`."""
    return await create_session(resume=_check_text(id), **options)


@by_keyword(*_SHARED)
async def fork_session(
    id: str, *, at: str | None = None, **options: "Unpack[Options]"
) -> Conversation:
    """A copy of the conversation with this id, up to the message `at`; options as for `create_session`."""
    return await create_session(fork=_check_text(id), at=at, **options)


def _config(config: Mapping[str, Any] | None, model: str | None) -> dict[str, Any]:
    if not isinstance(config, Mapping | None):
        raise TypeError(
            "config is a mapping of what goes to the model, as in config={'temperature': 0.2}, "
            f"not {with_article(type(config).__name__)}"
        )
    given = dict(config or {})
    if model is not None and given.setdefault("model", model) != model:
        raise TypeError(f"model={model!r} and config={{'model': {given['model']!r}}} differ")
    return given


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
