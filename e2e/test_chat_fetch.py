"""`openai_provider` in a page and in a worker: whatever a server of another origin may send."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from e2e.conftest import OpenBrowser
from e2e.harness import Interpreter, Kind, boot
from e2e.model_server import Handler, Model, model_server
from tests.cpython.test_conversation_server import ANSWER, TEXTS, events
from tests.patience import PATIENCE

Reply = tuple[int, bytes, int]
"""Its status, what it says, and in chunks of how many bytes."""


class Recorded(Handler):
    """Answers one request after the other with the next of `replies`."""

    replies: list[Reply]

    def v1(self) -> None:
        status, content, size = self.replies.pop(0)
        self.begin(status)
        for start in range(0, len(content), size):
            self.send(content[start : start + size])
            if size == 1 and is_cut(content[: start + 1]):
                self.server.heard.wait(PATIENCE)  # or the browser joins them
                self.server.heard.clear()
        self.send(b"")


def is_cut(content: bytes) -> bool:
    """Whether it ends within a character."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False


@contextmanager
def replying(*replies: Reply) -> Iterator[Model]:
    with model_server() as server:
        server.RequestHandlerClass = type("Recorded", (Recorded,), {"replies": list(replies)})
        yield server


def streaming(content: bytes, *, size: int = 10**6) -> Reply:
    return 200, content, size


PRELUDE = """
from js import fetch
from anchor_session import *
from anchor_session.conversations import *
from anchor_session.conversations.openai.transport import fetched

pieces = []

async def noting(url, headers, body):
    '''The transport of pages, with a note of each piece as it came; the server is told of cut characters.'''
    answer = fetched(url, headers, body)
    try:
        async for piece in answer:
            pieces.append(piece)
            if is_cut(b"".join(pieces)):
                await fetch(url.partition("/v1")[0] + "/heard")
            yield piece
    finally:
        await answer.aclose()

async def asked(url, storage=None, **options):
    global conversation
    provider = openai_provider(url, "small", api_key="secret", transport=noting)
    pieces.clear()
    conversation = await create_session(
        provider=provider, session_storage=storage or create_session_storage("web"), **options
    )
    await conversation.send("Wie spät?")

async def heard():
    return [event async for event in conversation.receive()]

async def failure():
    try:
        await heard()
    except ProviderError as error:
        return [error.status, error.body, str(error), conversation.messages[-1].get("content")]

def stored():
    return create_session_storage("web").load(conversation.id)

def is_cut(content):
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False

def borders():
    '''How many pieces ended within a character.'''
    return sum(is_cut(b"".join(pieces[:n + 1])) for n in range(len(pieces)))
"""
WHOLE = "".join(TEXTS)
RECEIVED = """
await asked(URL)
found = await heard()
state = await stored()
[
    [event.type for event in found],
    "".join(event.text for event in found if event.type == "text"),
    state.messages[-1]["content"],
    state.usage,
]
"""
ANSWERED = [
    [*["text"] * len(TEXTS), "usage", "stop"],
    WHOLE,
    WHOLE,
    {"input_tokens": 11, "output_tokens": 5},
]


@pytest.fixture(params=["pyscript", "worker"], scope="module")
def python(request: pytest.FixtureRequest, open_browser: OpenBrowser) -> Any:
    """The main thread of a page, and a worker."""
    context = open_browser()
    return boot(context.new_page(), cast(Kind, request.param), prelude=PRELUDE)


@pytest.mark.parametrize("size", [1, 2, 7, 10**6])
def test_answer_is_the_same_wherever_it_is_cut(python: Interpreter, size: int) -> None:
    with replying(streaming(events(*ANSWER), size=size)) as server:
        assert python(RECEIVED.replace("URL", repr(f"{server.url}/v1"))) == ANSWERED
    assert size > 1 or python("borders()") > 0


def test_error_in_the_middle_keeps_what_came(python: Interpreter) -> None:
    broken = events(*ANSWER[:3], '{"error": {"message": "overloaded"}}', done=False)
    with replying(streaming(broken), streaming(events(*ANSWER))) as server:
        python(f"await asked({server.url + '/v1'!r})")
        status, _, message, kept = python("await failure()")
        assert (status, kept) == (0, "".join(TEXTS[:2]))
        assert "overloaded" in message
        assert python("(await stored()).messages[-1]['content']") == kept
        assert python("[event.type for event in await heard()]") == ANSWERED[0]
        assert [each["content"] for each in server.requests[1]["body"]["messages"]] == [
            "Wie spät?",
            kept,
        ]


@pytest.mark.parametrize("rest", ["", "nonsense"])
def test_answer_that_ends_too_early_is_an_error(python: Interpreter, rest: str) -> None:
    cut = events(*ANSWER[:3], *[rest][: len(rest)], done=False)
    with replying(streaming(cut)) as server:
        python(f"await asked({server.url + '/v1'!r})")
        status, _, _, kept = python("await failure()")
    assert (status, kept) == (0, "".join(TEXTS[:2]))
    assert python("conversation.pending")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, '{"error": {"message": "bad key"}}'),
        (429, '{"error": {"message": "slow down"}}'),
        (500, "<html>Ö</html>"),
    ],
)
def test_refusal_has_status_and_body(python: Interpreter, status: int, body: str) -> None:
    with replying((status, body.encode(), 10**6)) as server:
        python(f"await asked({server.url + '/v1'!r})")
        assert python("await failure()")[:2] == [status, body]
    assert "secret" not in str(python("conversation.messages"))


def test_tools_are_called_and_their_results_sent_back(python: Interpreter) -> None:
    call = {
        "index": 0,
        "id": "c1",
        "function": {"name": "clock", "arguments": '{"zone": "Zürich"}'},
    }
    asking = events(
        *[
            json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
            for delta, reason in (({"tool_calls": [call]}, None), ({}, "tool_calls"))
        ]
    )
    with replying(streaming(asking, size=3), streaming(events(*ANSWER))) as server:
        python(f"""
            def clock(zone):
                return f"11:35 in {{zone}}"

            await asked({server.url + "/v1"!r}, tools=[clock])
            found = await heard()
        """)
        messages = server.requests[1]["body"]["messages"]
    assert python("[event.type for event in found]") == ["tool_call", *ANSWERED[0]]
    assert messages[2]["content"] == "11:35 in Zürich"
