"""The provider for model servers over the browser's `fetch`, and a conversation across a reload."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.conftest import OpenBrowser
from e2e.harness import Interpreter, boot
from e2e.model_server import TEXTS, Model, model_server
from tests.patience import PATIENCE

PRELUDE = """
import asyncio
from js import fetch
from anchor_session import ProviderError
from anchor_session.conversations import (
    create_session, create_session_storage, openai_provider, resume_session, TextEvent,
)

async def asked(way, url=MODEL):
    provider = openai_provider(f"{url}/{way}/v1", "small", api_key="secret")
    conversation = await create_session(
        provider=provider, session_storage=create_session_storage("web"), config={"system": "Kurz"}
    )
    await conversation.send("Wie spät?")
    return conversation

async def failure(way, url=MODEL):
    conversation = await asked(way, url)
    try:
        async for event in conversation.receive():
            await fetch(f"{MODEL}/heard")
    except ProviderError as error:
        last = conversation.messages[-1]
        return [error.status, error.body, last["content"], "error" in last]
"""


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with model_server() as server:
        yield server


@pytest.fixture(scope="module", params=["bare", "worker"])
def model_page(request: Any, open_browser: OpenBrowser, model: Model) -> Interpreter:
    context = open_browser()
    prelude = f"MODEL = {model.url!r}\n{PRELUDE}"
    return boot(context.new_page(), request.param, prelude=prelude)


@pytest.fixture
def run(model_page: Interpreter, model: Model) -> Interpreter:
    model.heard.clear()
    model.hung_up.clear()
    model.requests.clear()
    return model_page


def test_answer_is_whole_although_its_characters_come_in_pieces(
    run: Interpreter, model: Model
) -> None:
    found = run(
        """
        conversation = await asked("answer")
        texts = [event.text async for event in conversation.receive() if event.type == "text"]
        [texts, conversation.messages[-1]["content"], conversation.usage]
        """
    )
    assert found == [TEXTS, "".join(TEXTS), {"input_tokens": 11, "output_tokens": 5}]
    (request,) = model.requests
    assert request["key"] == "Bearer secret"
    assert [message["content"] for message in request["body"]["messages"]] == ["Kurz", "Wie spät?"]


def test_words_are_heard_as_they_come(run: Interpreter) -> None:
    found = run(
        """
        conversation = await asked("waiting")
        texts = []
        async for event in conversation.receive():
            if event.type == "text":
                texts.append(event.text)
                await fetch(f"{MODEL}/heard")  # without it the server says no more
        texts
        """
    )
    assert found == ["Es ist ", "spät"]


def test_answer_that_is_left_closes_the_connection(run: Interpreter, model: Model) -> None:
    found = run(
        """
        conversation = await asked("hanging")
        async for event in conversation.receive():
            break
        await conversation.send("Thanks")
        [message["content"] for message in conversation.messages]
        """
    )
    assert found == ["Wie spät?", "Half", "Thanks"]
    assert model.hung_up.wait(PATIENCE)


def test_cancelled_answer_closes_the_connection(run: Interpreter, model: Model) -> None:
    found = run(
        """
        conversation = await asked("hanging")
        heard = asyncio.Event()
        async def read():
            async for event in conversation.receive():
                heard.set()
        reading = asyncio.create_task(read())
        await heard.wait()
        reading.cancel()
        try:
            await reading
        except asyncio.CancelledError:
            pass
        [reading.cancelled(), conversation.messages[-1]["content"]]
        """
    )
    assert found == [True, "Half"]
    assert model.hung_up.wait(PATIENCE)


def test_close_closes_the_connection(run: Interpreter, model: Model) -> None:
    found = run(
        """
        conversation = await asked("hanging")
        events = []
        heard = asyncio.Event()
        async def read():
            async for event in conversation.receive():
                events.append(event.type)
                heard.set()
        reading = asyncio.create_task(read())
        await heard.wait()
        await conversation.close()
        await reading
        events
        """
    )
    assert found == ["text", "stop"]
    assert model.hung_up.wait(PATIENCE)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("refusing", [401, '{"error": {"message": "bad key"}}', "", True]),
        ("breaking", [0, "", "Half", True]),
    ],
)
def test_failure_is_typed(run: Interpreter, way: str, expected: Any) -> None:
    assert run(f"await failure({way!r})") == expected


def test_no_server_is_a_typed_failure(run: Interpreter) -> None:
    assert run("await failure('answer', 'http://127.0.0.1:9')") == [0, "", "", True]


def test_question_is_there_after_a_reload_in_the_middle_of_the_answer(
    run: Interpreter, model: Model
) -> None:
    id = run(
        """
        conversation = await asked("hanging")
        answer = conversation.receive()
        await anext(answer)
        conversation.id
        """
    )
    run.page.reload()
    run.wait_ready()
    found = run(
        f"""
        provider = openai_provider(f"{{MODEL}}/answer/v1", "small")
        conversation = await resume_session(
            {id!r}, provider=provider, session_storage=create_session_storage("web")
        )
        found = [conversation.pending, [each["content"] for each in conversation.messages]]
        async for event in conversation.receive():
            pass
        found + [conversation.messages[-1]["content"]]
        """
    )
    assert found == [True, ["Wie spät?"], "".join(TEXTS)]
