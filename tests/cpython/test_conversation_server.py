"""The provider for chat completions against a real server that streams recorded answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from anchor_session import ProviderError
from anchor_session.conversations import (
    Conversation,
    Event,
    MemorySessionStorage,
    StopEvent,
    TextEvent,
    ToolCallEvent,
    UsageEvent,
    create_session,
    openai_provider,
)
from tests.conversations.support import heard, run, said
from tests.conversations.test_completions import chunk
from tests.support import rows

Reply = Callable[["Connection"], Awaitable[None]]


class Connection:
    """A request that a test answers byte by byte."""

    def __init__(
        self, line: str, headers: "dict[str, str]", body: Any, reader: Any, writer: Any
    ) -> None:
        self.line = line
        self.headers = headers
        self.body = body
        self.reader = reader
        self.writer = writer

    async def begin(self, status: str = "200 OK", type: str = "text/event-stream") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.writer.write(head.encode())
        await self.writer.drain()

    async def send(self, *parts: bytes) -> None:
        """Each part is a chunk of its own."""
        for part in parts:
            self.writer.write(b"%x\r\n%s\r\n" % (len(part), part))
            await self.writer.drain()
            await asyncio.sleep(0)

    async def end(self) -> None:
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def closed(self) -> bool:
        """Waits until the client has closed the connection."""
        return not await self.reader.read()


class Server:
    """Answers one request after the other with the next of `replies`."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[Connection] = []
        self.tasks: list[Any] = []

    async def __aenter__(self) -> "Server":
        self.server = await asyncio.start_server(self.handle, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await self.server.wait_closed()
        await asyncio.gather(*self.tasks)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            request = Connection(head[0], headers, body, reader, writer)
            self.requests.append(request)
            await self.replies[len(self.requests) - 1](request)
        finally:
            writer.close()

    async def asked(self, **options: Any) -> Conversation:
        """A conversation with this server, with a question."""
        provider = openai_provider(self.url, "small", api_key="secret")
        options.setdefault("session_storage", MemorySessionStorage())
        conversation = await create_session(provider=provider, **options)
        await conversation.send("Wie spät?")
        return conversation


def events(*chunks: str, end: str = "\n\n", done: bool = True) -> bytes:
    """The chunks as server-sent events."""
    parts = [*chunks, "[DONE]"] if done else chunks
    return "".join(f"data: {part}{end}" for part in parts).encode()


def streaming(content: bytes, *, size: int = 10**9) -> Reply:
    async def reply(request: Connection) -> None:
        await request.begin()
        await request.send(*[content[n : n + size] for n in range(0, len(content), size)])
        await request.end()

    return reply


def refusing(status: str, body: str) -> Reply:
    async def reply(request: Connection) -> None:
        await request.begin(status, "application/json")
        await request.send(body.encode())
        await request.end()

    return reply


# As a model server streams it: characters of two, three and four bytes, escaped and not.
TEXTS = ["Es ist ", "fünf nach ", "½12 … ", "🕚", " Uhr"]
ANSWER = [
    chunk({"role": "assistant", "content": ""}),
    *[json.dumps(json.loads(chunk({"content": text})), ensure_ascii=False) for text in TEXTS],
    chunk({}, "stop"),
    chunk(usage={"prompt_tokens": 11, "completion_tokens": 5}),
]
HEARD: "list[Event]" = [
    *[TextEvent(text) for text in TEXTS],
    UsageEvent(11, 5),
    StopEvent("stop"),
]


@rows("size", [1, 2, 3, 7, 64, 10**6])
@rows("end", ["\n\n", "\r\n\r\n", "\n: keep-alive\n\n"])
def test_answer_is_the_same_wherever_it_is_cut(size: int, end: str) -> None:
    async def check() -> None:
        async with Server(streaming(events(*ANSWER, end=end), size=size)) as server:
            conversation = await server.asked()
            assert await heard(conversation) == HEARD
            assert said(conversation.messages)[-1] == ("assistant", "".join(TEXTS))
            assert conversation.usage == {"input_tokens": 11, "output_tokens": 5}

    run(check)


def test_end_without_its_empty_line_is_an_end() -> None:
    async def check() -> None:
        content = events(chunk({"content": "Ah"})).removesuffix(b"\n\n")
        async with Server(streaming(content)) as server:
            conversation = await server.asked()
            assert await heard(conversation) == [TextEvent("Ah"), StopEvent("stop")]

    run(check)


def test_request_is_what_the_server_expects() -> None:
    async def check() -> None:
        async with Server(streaming(events(*ANSWER))) as server:
            conversation = await server.asked(config={"system": "Kurz", "temperature": 0.5})
            await heard(conversation)
            request = server.requests[0]
            assert request.line == "POST /v1/chat/completions HTTP/1.1"
            assert request.headers["authorization"] == "bearer secret"
            assert request.headers["content-type"] == "application/json"
            assert request.body["messages"] == [
                {"role": "system", "content": "Kurz"},
                {"role": "user", "content": "Wie spät?"},
            ]
            assert (request.body["model"], request.body["temperature"]) == ("small", 0.5)

    run(check)


def test_tools_are_called_and_their_results_sent_back() -> None:
    def clock(zone: str) -> str:
        return f"11:35 in {zone}"

    pieces = [
        {"index": 0, "id": "c1", "function": {"name": "clock", "arguments": '{"zo'}},
        {"index": 0, "function": {"arguments": 'ne": "Zürich"}'}},
    ]
    call = [chunk({"tool_calls": [piece]}) for piece in pieces] + [chunk({}, "tool_calls")]

    async def check() -> None:
        replies = streaming(events(*call), size=3), streaming(events(*ANSWER))
        async with Server(*replies) as server:
            conversation = await server.asked(tools=[clock])
            assert await heard(conversation) == [
                ToolCallEvent("c1", "clock", {"zone": "Zürich"}),
                *HEARD,
            ]
            first, second = [request.body for request in server.requests]
            assert first["tools"][0]["function"]["parameters"]["required"] == ["zone"]
            assert second["messages"][1]["tool_calls"][0]["id"] == "c1"
            assert second["messages"][2] == {
                "role": "tool",
                "tool_call_id": "c1",
                "content": "11:35 in Zürich",
            }

    run(check)


@rows(
    ("status", "body"),
    [
        ("401 Unauthorized", '{"error": {"message": "bad key"}}'),
        ("404 Not Found", '{"error": {"message": "no such model"}}'),
        ("429 Too Many Requests", '{"error": {"message": "slow down"}}'),
        ("500 Internal Server Error", "<html>oops</html>"),
        ("307 Temporary Redirect", ""),
    ],
)
def test_refusal_has_status_and_body(status: str, body: str) -> None:
    async def check() -> None:
        async with Server(refusing(status, body), streaming(events(*ANSWER))) as server:
            conversation = await server.asked()
            with pytest.raises(ProviderError, match=status[:3]) as caught:
                await heard(conversation)
            assert (caught.value.status, caught.value.body) == (int(status[:3]), body)
            assert "secret" not in repr(conversation.messages) + str(caught.value)
            assert await heard(conversation) == HEARD

    run(check)


def test_error_in_the_middle_of_the_answer_keeps_what_came() -> None:
    broken = events(*ANSWER[:3], '{"error": {"message": "overloaded"}}', done=False)

    async def check() -> None:
        async with Server(streaming(broken), streaming(events(*ANSWER))) as server:
            conversation = await server.asked()
            with pytest.raises(ProviderError, match="overloaded"):
                await heard(conversation)
            answer = conversation.messages[-1]
            assert answer["content"] == "Es ist fünf nach "
            assert "overloaded" in answer["error"]
            assert await heard(conversation) == HEARD

    run(check)


async def _breaking_off(request: Connection) -> None:
    await request.begin()
    await request.send(events(*ANSWER[:2], done=False))


@rows(
    "reply",
    [_breaking_off, streaming(events(*ANSWER[:2], done=False)), streaming(events("nonsense"))],
)
def test_answer_that_breaks_off_is_an_error(reply: Reply) -> None:
    async def check() -> None:
        async with Server(reply) as server:
            conversation = await server.asked()
            with pytest.raises(ProviderError):
                await heard(conversation)
            assert conversation.messages[-1]["error"].startswith("ProviderError")

    run(check)


def test_no_server_there() -> None:
    async def check() -> None:
        async with Server() as server:
            conversation = await server.asked()
        with pytest.raises(ProviderError, match="ConnectError") as caught:
            await heard(conversation)
        assert caught.value.status == 0

    run(check)


def slow(hung_up: asyncio.Event, begun: asyncio.Event) -> Reply:
    async def reply(request: Connection) -> None:
        await request.begin()
        await request.send(events(*ANSWER[:3], done=False))
        begun.set()
        if await request.closed():
            hung_up.set()

    return reply


def test_cancelled_answer_closes_the_connection() -> None:
    async def check() -> None:
        hung_up, begun = asyncio.Event(), asyncio.Event()
        async with Server(slow(hung_up, begun)) as server:
            conversation = await server.asked()
            reading = asyncio.create_task(heard(conversation))
            await begun.wait()
            while not reading.cancelled():
                if conversation._exchange and len(conversation._exchange._texts) == 2:
                    reading.cancel()
                await asyncio.wait([reading], timeout=0.01)
            await hung_up.wait()
            assert conversation.messages[-1]["content"] == "Es ist fünf nach "

    run(check)


def test_answer_that_is_left_closes_the_connection() -> None:
    async def check() -> None:
        hung_up, begun = asyncio.Event(), asyncio.Event()
        async with Server(slow(hung_up, begun)) as server:
            conversation = await server.asked()
            async for _ in conversation.receive():
                break
            await hung_up.wait()
            assert conversation.messages[-1]["content"] == "Es ist "

    run(check)


def test_close_closes_the_connection() -> None:
    async def check() -> None:
        hung_up, begun = asyncio.Event(), asyncio.Event()
        async with Server(slow(hung_up, begun)) as server:
            conversation = await server.asked()
            reading = asyncio.create_task(heard(conversation))
            await begun.wait()
            await conversation.close()
            await hung_up.wait()
            assert (await reading)[-1] == StopEvent("closed")

    run(check)


def test_missing_httpx_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "httpx", None)

    async def check() -> None:
        conversation = await create_session(provider=openai_provider("http://x/v1", "m"))
        await conversation.send("Q")
        with pytest.raises(ImportError, match=r"anchor-session\[chat\]"):
            await heard(conversation)

    run(check)
