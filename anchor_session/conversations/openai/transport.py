"""How a request gets to a server and its answer back: over `httpx`, in a page over the browser's `fetch`.

A transport is an async generator function `(url, headers, body)` that yields the bytes of the answer as they
come. It raises `ProviderError` with the status of a refusal, and where no server is reached. Closing it
closes the connection.
"""

import sys
from collections.abc import AsyncGenerator, Callable, Mapping

from ...errors import ProviderError
from .completions import refusal

Transport = Callable[[str, Mapping[str, str], str], AsyncGenerator[bytes, None]]

PATIENCE = 600.0
"""Seconds that a server may be silent; models think for long."""


def transport_here() -> Transport:
    """The one for where this runs."""
    return fetched if sys.platform == "emscripten" else sent


async def sent(url: str, headers: Mapping[str, str], body: str) -> AsyncGenerator[bytes, None]:
    """Over `httpx`, which the extra ``chat`` installs."""
    try:
        import httpx
    except ImportError as error:
        raise ImportError(
            "openai_provider needs httpx: pip install 'anchor-session[chat]'"
        ) from error
    timeout = httpx.Timeout(PATIENCE, connect=10.0)
    try:
        async with (
            httpx.AsyncClient(timeout=timeout) as client,
            client.stream("POST", url, headers=dict(headers), content=body) as response,
        ):
            if not response.is_success:
                content = await response.aread()
                raise refusal(response.status_code, content.decode("utf-8", "replace"))
            async for part in response.aiter_bytes():
                yield part
    except httpx.HTTPError as error:
        raise ProviderError(f"{url}: {type(error).__name__} {error}".rstrip()) from error


async def fetched(url: str, headers: Mapping[str, str], body: str) -> AsyncGenerator[bytes, None]:
    """Over `fetch`: the server has to allow the page's origin (CORS)."""
    from contextlib import aclosing

    from ...host.fetch import FetchError, post

    async with aclosing(post(url, dict(headers), body)) as answer:
        try:
            async for part in answer:
                yield part
        except FetchError as error:
            if error.status:
                raise refusal(error.status, error.body) from None
            raise ProviderError(f"{url}: {error}") from error
