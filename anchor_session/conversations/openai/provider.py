"""A provider for servers that speak OpenAI's chat completions, which most model servers do."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from json import dumps

from ..events import Event
from ..provider import Provider, Tool
from ..state import SessionState
from .completions import Assembler, request
from .sse import EventReader
from .transport import Transport, transport_here


def openai_provider(
    base_url: str,
    model: str,
    *,
    api_key: str | None = None,
    transport: Transport | None = None,
) -> Provider:
    """A provider that streams from ``{base_url}/chat/completions``.

    `base_url` is as the servers state it, ``http://localhost:11434/v1``. The `config` of the conversation
    goes into the request: `model` wins over the one here, `system` is the system message, all else is sent as
    it is. On CPython it needs `httpx` (the extra ``chat``); in a page it is `fetch`, and whoever can
    read the page can read `api_key`. Its failures are `ProviderError`, with `.status` and `.body`.
    """
    if not base_url.startswith(("http://", "https://")):
        raise ValueError(f"base_url begins with http:// or https://, not {base_url[:40]!r}")
    url = f"{base_url.rstrip('/')}/chat/completions"
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    if api_key is not None:
        headers["Authorization"] = f"Bearer {api_key}"

    async def answer(state: SessionState, tools: Mapping[str, Tool]) -> AsyncIterator[Event]:
        body = dumps(request(model, state, tools))
        send = transport or transport_here()
        reader, assembler = EventReader(), Assembler()
        async with aclosing(send(url, headers, body)) as stream:
            async for part in stream:
                for data in reader.feed(part):
                    for event in assembler.feed(data):
                        yield event
                if assembler.is_done:
                    break
        for data in reader.end():
            for event in assembler.feed(data):
                yield event
        for event in assembler.end():
            yield event

    answer.__name__ = answer.__qualname__ = "openai_provider"
    return answer
