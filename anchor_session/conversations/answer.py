"""An answer as it comes: the provider's events go out, and the messages are made of them.

The iterator is the user's, the exchange behind it the conversation's. If the iterator is dropped (`break`),
the exchange keeps what came and saves it in a task of its own.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from ..codec import as_stored
from .events import ErrorEvent, Event, StopEvent, TextEvent, ToolCallEvent, UsageEvent
from .ids import new_message_id
from .messages import text_of
from .provider import ask
from .state import Message
from .tools import result_of, run_tool

if TYPE_CHECKING:
    from .conversation import Conversation


class Answer(AsyncIterator[Event]):
    """The events of an answer, for one reader. `aclose()` breaks it off and saves what came."""

    def __init__(self, exchange: "Exchange") -> None:
        self._exchange = exchange

    def __aiter__(self) -> Self:
        return self

    if not TYPE_CHECKING:

        def __iter__(self):
            raise TypeError("write `async for event in ...receive()`: its events come one by one")

    async def __anext__(self) -> Event:
        return await self._exchange.next()

    async def aclose(self) -> None:
        """End here, as `break` does, and wait until that is saved."""
        await self._exchange.break_off("interrupted")

    def __del__(self) -> None:
        self._exchange.abandon()


class Exchange:
    """One answer, with as many rounds of tools as it takes."""

    def __init__(self, conversation: "Conversation") -> None:
        self._conversation = conversation
        self._ready: deque[Event] = deque()
        self._stream: AsyncIterator[Event] | None = None
        self._message: Message = {}  # the one that is being made; empty between rounds
        self._texts: list[str] = []
        self._calls: list[dict[str, Any]] = []  # those without a result yet
        # Messages of this round: calls wait for their results, so that who saves or forks sees both.
        self._made: list[Message] = []
        self._rounds = 0
        self._reader: asyncio.Task[Any] | None = None
        self._is_closing = False
        self._is_over = False
        self._over = asyncio.Event()

    # -- reading ----------------------------------------------------------------------------------

    async def next(self) -> Event:
        if self._ready:
            return self._ready.popleft()
        if self._is_over:
            raise StopAsyncIteration
        if self._reader is not None:
            raise RuntimeError("two tasks read one answer")
        self._reader = reader = asyncio.current_task()
        cancelled = 0 if reader is None else reader.cancelling()
        try:
            while not (self._ready or self._is_closing):
                await self._advance()
        except asyncio.CancelledError:
            if not self._is_closing or reader is None or reader.uncancel() > cancelled:
                await self.break_off("interrupted")
                raise
        except BaseException:
            self._finish("interrupted", "interrupted")
            raise
        else:
            if self._is_closing and reader is not None:
                reader.uncancel()  # the provider, or a tool, has kept it to itself
        finally:
            self._reader = None
        if self._is_closing:
            await self.break_off("closed")
            self._ready.append(StopEvent("closed"))
        return self._ready.popleft()

    async def _advance(self) -> None:
        if self._conversation._exchange is not self:
            await self._begin()
        try:
            if self._stream is None:
                self._start_round()
            assert self._stream is not None
            try:
                reason = self._take(await anext(self._stream))
            except StopAsyncIteration:
                reason = "stop"
            if reason:
                await self._close_stream()
        except Exception as error:
            await self._fail(error)
            raise
        if reason:
            await self._end_round(reason)

    async def _begin(self) -> None:
        conversation = self._conversation
        async with conversation._lock:  # what is being sent or saved comes first
            conversation._check_receivable()
            conversation._exchange = self
            last = conversation._state.messages[-1]
            if last.get("error") and not text_of(last) and not last.get("tool_calls"):
                conversation._state.messages.pop()  # a failure that left nothing, now tried again
                conversation._written = None

    def _start_round(self) -> None:
        conversation = self._conversation
        assert conversation.provider is not None
        self._message = {"id": new_message_id(), "role": "assistant", "content": ""}
        self._texts = []
        self._stream = ask(
            conversation.provider, conversation._state.copy(), dict(conversation.tools)
        )

    def _take(self, event: Event) -> str:
        """Note an event; returns why the round ends with it, or nothing."""
        if isinstance(event, StopEvent):
            return event.reason or "stop"
        if isinstance(event, TextEvent):
            self._texts.append(event.text)
        elif isinstance(event, UsageEvent):
            for usage in (self._message.setdefault("usage", {}), self._conversation._state.usage):
                for name in ("input_tokens", "output_tokens"):
                    before = usage.get(name)
                    usage[name] = getattr(event, name) + (before if type(before) is int else 0)
        elif isinstance(event, ToolCallEvent):
            arguments = as_stored(dict(event.arguments))
            self._calls.append({"id": event.id, "name": event.name, "arguments": arguments})
        elif isinstance(event, ErrorEvent):
            self._message["error"] = as_stored(event.message) or "error"
        else:
            raise TypeError(
                f"the provider yielded {event!r:.200}; it has to yield TextEvent, UsageEvent, "
                "ToolCallEvent, StopEvent or ErrorEvent"
            )
        self._ready.append(event)
        return "error" if isinstance(event, ErrorEvent) else ""

    def so_far(self) -> list[Message]:
        """What is not among the messages yet, as it would be if the answer broke off now."""
        has_begun = self._message and (self._texts or self._calls or "error" in self._message)
        begun = [self._as_it_is("interrupted")] if has_begun else []
        return self._made + begun + self._results("interrupted")

    # -- ending -----------------------------------------------------------------------------------

    async def _end_round(self, reason: str) -> None:
        has_failed = "error" in self._message
        self._add_message(reason)
        if not self._calls or has_failed:
            self._add_results("the answer failed")
            await self._end(reason)
            return
        conversation = self._conversation
        while self._calls:
            result = await run_tool(conversation.tools, self._calls[0])
            del self._calls[0]
            self._made.append(result)
        self._hand_over()
        self._rounds += 1
        if self._rounds < conversation.max_rounds:
            await self._save()
        else:
            await self._end("max_rounds")

    async def _end(self, reason: str) -> None:
        self._finish()
        await self._save()
        self._ready.append(StopEvent(reason))

    async def _fail(self, error: Exception) -> None:
        """Keep what came, and the error on it."""
        self._message["error"] = as_stored(f"{type(error).__name__}: {error}")
        self._finish("error", "the answer failed")
        try:
            await self._settle()
        except Exception as other:  # noqa: BLE001 - the first error is the one to raise
            error.add_note(f"then, {other!r}; what is not saved yet goes with the next save")

    async def break_off(self, reason: str) -> None:
        """Keep what came and save it."""
        if self._is_over or self._conversation._exchange is not self:
            self._is_over = True
            return
        if self._reader not in (None, asyncio.current_task()):
            raise RuntimeError("another task reads this answer; cancel that, or close()")
        self._finish(reason, reason)
        await self._settle()

    async def close(self) -> None:
        """End it for a conversation that is being closed, whoever reads it."""
        if self._reader is None:
            await self.break_off("closed")
            self._ready.append(StopEvent("closed"))
            return
        if self._reader is asyncio.current_task():
            raise RuntimeError("a tool cannot close the conversation that has called it")
        self._is_closing = True
        self._reader.cancel()
        await self._over.wait()

    def abandon(self) -> None:
        """The iterator is gone: keep what came, and save it as soon as the loop gets to it."""
        if self._is_over or self._conversation._exchange is not self:
            return
        self._finish("interrupted", "interrupted")
        with suppress(RuntimeError):  # no loop is running: the next save writes it
            task = asyncio.get_running_loop().create_task(self._settle())
            self._conversation._settling.add(task)
            task.add_done_callback(self._conversation._settling.discard)

    async def _settle(self) -> None:
        """Close the provider, and save whatever becomes of that."""
        try:
            await self._close_stream()
        finally:
            await self._save()

    def _finish(self, reason: str = "", why: str = "") -> None:
        """Make messages of what there is; from here on the conversation is idle."""
        if self._is_over:
            return
        self._is_over = True
        self._over.set()
        if self._conversation._exchange is self:
            if self._texts or self._calls or "error" in self._message:
                self._add_message(reason)
            self._add_results(why)
            self._hand_over()
            self._conversation._exchange = None

    def _add_message(self, reason: str) -> None:
        if self._message:
            self._made.append(self._as_it_is(reason))
            self._message, self._texts = {}, []

    def _as_it_is(self, reason: str) -> Message:
        """The message that is being made, if it ended here."""
        message = self._message | {"content": as_stored("".join(self._texts))}
        if self._calls:
            message["tool_calls"] = [dict(call) for call in self._calls]
        return message | {"stop_reason": as_stored(reason)}

    def _add_results(self, why: str) -> None:
        self._made += self._results(why)
        self._calls = []

    def _results(self, why: str) -> list[Message]:
        """Calls that were not run have a result too: to a model, a history without is malformed."""
        return [result_of(call, f"not run: {why}", is_error=True) for call in self._calls]

    def _hand_over(self) -> None:
        """The messages become the conversation's."""
        self._conversation._state.messages += self._made
        self._made = []

    async def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        aclose = getattr(stream, "aclose", None)
        if aclose is not None:
            await aclose()

    async def _save(self) -> None:
        async with self._conversation._lock:
            if self._conversation._written != len(self._conversation._state.messages):
                await self._conversation._write()
