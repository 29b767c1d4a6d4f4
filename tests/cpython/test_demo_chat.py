"""What the demo's counter says, without its page."""

import asyncio
import json
from typing import Any

import pytest

from anchor_session import ProviderError
from anchor_session.conversations import (
    Conversation,
    MemorySessionStorage,
    create_session,
    fork_session,
)
from tests.support import rows
from web.demo.chat.counter import BROKEN, HELLO, OTHERWISE, STORY, Reply, add_up, reply_to
from web.demo.chat.order_in import order_in
from web.demo.chat.provider import at_counter
from web.demo.chat.wording import beginning, number_of, sentences, size


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def answer(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


async def hear(conversation: Conversation) -> str:
    return "".join([each.text async for each in conversation.receive() if each.type == "text"])


@rows(
    ("text", "order"),
    [
        ("What do three notebooks and an ink cost?", {"notebook": 3, "ink": 1}),
        ("2 bottles of ink", {"ink": 2}),
        ("two notebooks and ink", {"notebook": 2, "ink": 1}),
        ("wax and seal", {"seal": 1}),
        ("one ink, two inks", {"ink": 3}),
        ("1000 calendars", {"calendar": 99}),
        ("Ten sharpeners or 0 pencils", {"sharpener": 10, "pencils": 1}),
        ("nothing at all", {}),
        ("", {}),
    ],
)
def test_order_in_a_text(text: str, order: dict[str, int]) -> None:
    assert order_in(text) == order


def test_sum_is_asked_of_the_tool_and_told() -> None:
    messages = [user("What do three notebooks and an ink cost?")]
    asked = reply_to(messages)
    assert asked == Reply("Let me add that up. ", lines={"notebook": 3, "ink": 1})
    assert asked.lines is not None
    messages.append(answer(asked.text, tool_calls=[{"id": "call_1"}]))
    assert reply_to(messages) == Reply("", lines=asked.lines)
    result = json.dumps(add_up(dict(asked.lines)))
    broken = {"role": "tool", "content": "not run: interrupted", "is_error": True}
    assert reply_to([*messages, broken]) == Reply("", lines=asked.lines)
    messages.append({"role": "tool", "content": result})
    assert reply_to(messages).text == (
        "3 \u00d7 Harbour notebook and 1 \u00d7 Lamp-black ink: that is €63.50, and nothing for the post. "
        "Together €63.50, with VAT."
    )


@rows("cut", [0, 1, 100, len(STORY)])
def test_answer_goes_on_where_it_was_broken_off(cut: int) -> None:
    messages = [user("Tell me a story"), answer(STORY[:cut], stop_reason="interrupted")]
    assert reply_to(messages).text == STORY[cut:]


def test_answer_that_failed_is_finished_at_the_second_time() -> None:
    messages = [user("Let something go wrong")]
    assert reply_to(messages) == Reply(BROKEN, fails=True)
    assert reply_to([*messages, answer(BROKEN, error="E")]) == Reply(" those.")


def test_what_was_asked_before_is_remembered() -> None:
    before = [user("Hello"), answer(HELLO), user("A story?"), answer(STORY)]
    text = reply_to([*before, user("What did I ask first?")]).text
    assert text == "You first wrote: “Hello”. Since then 1 more, the last of them: “A story?”."


@rows(("text", "reply"), [("Hi", HELLO), ("Why?", OTHERWISE), ("", OTHERWISE), ("Ink?", None)])
def test_other_questions(text: str, reply: str | None) -> None:
    found = reply_to([user(text)]).text
    assert found == (reply or "Lamp-black ink: 50 ml, for dip and fountain pens, for €14.00.")


def test_provider_says_every_word_and_calls_the_tool() -> None:
    async def check() -> None:
        storage = MemorySessionStorage()
        options: Any = {"provider": at_counter(0), "tools": [add_up], "session_storage": storage}
        conversation = await create_session(**options)
        await conversation.send("What do two inks cost?")
        assert (await hear(conversation)).endswith("Together €33.90, with VAT.")
        assert [each["role"] for each in conversation.messages] == [
            "user",
            "assistant",
            "tool",
            "assistant",
        ]
        fork = await fork_session(conversation.id, **options)
        await fork.send("Tell me about the tern")
        assert await hear(fork) == STORY
        await fork.send("Let something go wrong")
        with pytest.raises(ProviderError, match="the line went dead"):
            await hear(fork)
        assert await hear(fork) == " those."
        assert len(conversation.messages) == 4

    asyncio.run(check())


def test_numbers_in_words() -> None:
    assert [size(0), size(999), size(12_345)] == ["0 B", "999 B", "12.3 KB"]
    assert [number_of(1, "message"), number_of(1200, "message")] == ["1 message", "1,200 messages"]
    assert beginning("a  b\nc") == "a b c"
    assert beginning("x" * 41) == "x" * 39 + "…"
    assert sentences("One. Two: three") == len("One. Two:")
    assert sentences("No end") == 0
