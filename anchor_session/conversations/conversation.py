"""A conversation that is open: every message is stored before `send` returns, every answer at its end."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from ..codec import as_stored, encode
from ..errors import SessionClosedError
from . import registry
from .answer import Answer, Exchange
from .messages import is_whole_answer, make_message
from .provider import Provider, Tool
from .state import Message, SessionState, now_ms
from .storages.checked import save

MAX_ROUNDS = 50
"""How often one answer may ask for tools."""


class Conversation:
    """Made by `create_session`, `resume_session` and `fork_session`.

    Where its storage raises, the error is raised here, the messages stay in memory, and the next save
    writes all of them. All calls belong to one event loop; `send` and `close` from several tasks happen one
    after the other.
    """

    def __init__(
        self,
        state: SessionState,
        storage: Any,
        *,
        provider: Provider | None = None,
        tools: Mapping[str, Tool] | None = None,
        max_rounds: int = MAX_ROUNDS,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.provider = provider
        self.tools: dict[str, Tool] = dict(tools or {})
        self.max_rounds = max_rounds
        self._state = state
        self._storage = storage
        self._clock = clock
        self._lock = asyncio.Lock()  # one change and one save at a time
        self._closing = asyncio.Lock()
        self._written: int | None = None  # messages in storage; None: the whole has to be written
        self._head = ""  # the rest of the state as it was written
        self._exchange: Exchange | None = None
        self._settling: set[asyncio.Task[None]] = set()
        self._is_closing = False
        self._is_closed = False

    def __repr__(self) -> str:
        closed = ", closed" if self._is_closed else ""
        return f"<Conversation {self.id}, {len(self._state.messages)} messages{closed}>"

    @property
    def id(self) -> str:
        return self._state.id

    @property
    def state(self) -> SessionState:
        """The state itself. Its `metadata` is yours to change: it is saved with the next message, by
        `save()` or at `close()`."""
        return self._state

    @property
    def messages(self) -> list[Message]:
        """A list of its own. What is changed in a message is stored by `save()`."""
        return list(self._state.messages)

    @property
    def usage(self) -> dict[str, Any]:
        """A copy: `input_tokens` and `output_tokens` of the whole conversation."""
        return dict(self._state.usage)

    @property
    def config(self) -> dict[str, Any]:
        """What it was opened with, for the provider."""
        return self._state.config

    @property
    def pending(self) -> bool:
        """Whether there is something to answer: `receive()` may be called.

        A user's message is, and so is an answer that failed or was broken off: asking again is a retry.
        """
        messages = self._state.messages
        return bool(messages) and not is_whole_answer(messages[-1])

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    # -- talking ----------------------------------------------------------------------------------

    async def send(self, message: str | Mapping[str, Any]) -> None:
        """Add a message, text of the user or a dict with `role` and `content`, and save it.

        Raises `SessionClosedError` after `close()` and `RuntimeError` while an answer is received.
        """
        made = make_message(message)
        self._check_idle("send")
        async with self._lock:
            self._check_unread("send")  # a close that was called after this comes after it
            self._state.messages.append(made)
            await self._write()

    def receive(self) -> Answer:
        """The answer to the last message: ``async for event in conversation.receive()``.

        A `StopEvent` comes last, when the answer has been saved. An answer that is broken off keeps what
        came of it. Raises `SessionClosedError` after `close()` and `RuntimeError` without a provider, without
        anything to answer, and while another answer is received.
        """
        self._check_receivable()
        return Answer(Exchange(self))

    async def save(self) -> None:
        """Write the whole state now: after a change of `state.metadata`, or inside of messages.

        While an answer is received, what has come of it is written along, as of one that was broken off:
        should the process or the page end before it does, that much is there.
        """
        self._check_open()
        async with self._lock:
            self._check_open()
            self._written = None
            await self._write()

    async def close(self) -> None:
        """End an answer that is being received, save what is not saved, and let go.

        Closing twice is fine. If saving fails the conversation stays open: close it again.
        """
        async with self._closing:
            if self._is_closed:
                return
            self._is_closing = True
            try:
                if self._exchange is not None:
                    await self._exchange.close()
                async with self._lock:
                    if self._written != len(self._state.messages) or self._encoded() != self._head:
                        await self._write()
                self._is_closed = True
            finally:
                self._is_closing = False
            registry.forget(self._storage, self)

    async def stays_open(self) -> bool:
        """Whether it is open, once a `close()` that is going on has ended."""
        async with self._closing:
            return not self._is_closed

    def note_stored(self) -> None:
        """Its state is what is in the storage."""
        self._written, self._head = len(self._state.messages), self._encoded()

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # -- checks -----------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._is_closing or self._is_closed:
            raise SessionClosedError(
                f"the conversation {self.id} is closed; resume_session() opens it again", id=self.id
            )

    def _check_idle(self, what: str) -> None:
        self._check_open()
        self._check_unread(what)

    def _check_unread(self, what: str) -> None:
        if self._exchange is not None:
            raise RuntimeError(
                f"cannot {what} while an answer of {self.id} is received; "
                "read it to its end, or break it off with aclose()"
            )

    def _check_receivable(self) -> None:
        self._check_idle("receive")
        if self.provider is None:
            raise RuntimeError(
                f"the conversation {self.id} has nobody to answer; "
                "open it with provider=, or set its .provider"
            )
        if not self.pending:
            raise RuntimeError(f"nothing to answer in {self.id}; await send(...) first")

    # -- storing ----------------------------------------------------------------------------------

    def _encoded(self) -> str:
        """All but the messages and the time, as text."""
        return encode(as_stored(self._state.head() | {"updatedAt": 0}))

    async def _write(self) -> None:
        """Save what is new, or all where nobody knows what is stored; the caller holds the lock."""
        state = self._state
        head = self._encoded()
        state.updated_at = self._clock()
        written, count = self._written, len(state.messages)
        append = getattr(self._storage, "append", None)
        self._written = None
        unfinished = [] if self._exchange is None else self._exchange.so_far()
        if unfinished:
            seen = replace(state, messages=state.messages + unfinished)
            seen.kept = state.kept
            await save(self._storage, seen)
            state.kept = seen.kept
            return  # the next save replaces it
        if written is None or append is None:
            await save(self._storage, state)
        else:
            await append(state, state.messages[written:])
        self._written, self._head = count, head
