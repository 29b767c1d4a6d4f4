"""The counter as a provider: it says its answers word by word, and no network is asked."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from anchor_session import ProviderError
from anchor_session.conversations import (
    Event,
    Provider,
    SessionState,
    StopEvent,
    TextEvent,
    ToolCallEvent,
    UsageEvent,
)

from .counter import reply_to, text_of


def at_counter(pace: float) -> Provider:
    """Who answers, a word every `pace` seconds."""

    async def answer(state: SessionState, tools: Mapping[str, Any]) -> AsyncIterator[Event]:
        reply = reply_to(state.messages)
        words = re.findall(r"\s*\S+\s?", reply.text)
        for word in words:
            await asyncio.sleep(pace)
            yield TextEvent(word)
        if reply.fails:
            raise ProviderError("the line went dead")
        heard = sum(len(text_of(message).split()) for message in state.messages)
        yield UsageEvent(heard, len(words))
        if reply.lines is not None:
            calls = sum(message["role"] == "tool" for message in state.messages)
            yield ToolCallEvent(f"call_{calls + 1}", "add_up", {"lines": dict(reply.lines)})
        yield StopEvent("stop")

    return answer
