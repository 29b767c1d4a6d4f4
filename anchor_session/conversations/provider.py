"""What answers: an async generator function that is given the conversation and yields events."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from .events import Event
from .state import SessionState

Tool = Callable[..., Any]
Provider = Callable[[SessionState, Mapping[str, Tool]], AsyncIterator[Event]]
"""``async def provider(state, tools)`` with `yield`.

`state` is a copy, with the `config` and the `model` of the conversation in `state.config`. `tools` are the
callables by name; to have one run, yield a `ToolCallEvent`: the provider is called again once the results are
among the messages. Whatever it raises is recorded on the answer and raised from `receive()`.
"""


def ask(
    provider: Provider, state: SessionState, tools: Mapping[str, Tool]
) -> "AsyncIterator[Event]":
    """The provider's events; raises `TypeError` for what is no async generator function."""
    stream: Any = provider(state, tools)
    if hasattr(stream, "__aiter__"):
        return aiter(stream)
    if hasattr(stream, "close"):
        stream.close()  # a coroutine that nobody will await
    raise TypeError(
        f"the provider {getattr(provider, '__name__', provider)!r} gave {type(stream).__name__}; "
        "it has to be an async generator function: `async def` with `yield`"
    )
