"""What comes out of `receive()`, and what stays when an answer fails or is broken off."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from anchor_session import SessionClosedError, UnstorableValueError
from anchor_session.conversations import (
    Conversation,
    ErrorEvent,
    Event,
    SessionState,
    StopEvent,
    TextEvent,
    ToolCallEvent,
    UsageEvent,
    create_session,
    fork_session,
)
from tests.conversations.support import (
    STOP,
    Failing,
    ask,
    heard,
    in_rounds,
    run,
    said,
    saying,
)
from tests.support import rows


async def begun(provider: Any, **options: Any) -> Conversation:
    """A conversation with a question."""
    conversation = await create_session(
        provider=provider, session_storage=options.pop("storage", None) or Failing(), **options
    )
    await conversation.send("Q")
    return conversation


async def stored(conversation: Conversation) -> SessionState:
    found: SessionState | None = await conversation._storage.load(conversation.id)
    assert found is not None
    return found


class Slow:
    """A provider that says `texts`, then waits for `go`; `.waiting` is set then, `.ended` at its end."""

    def __init__(self, *texts: str, last: str = "") -> None:
        self.texts = texts
        self.last = last
        self.waiting = asyncio.Event()
        self.go = asyncio.Event()
        self.ended = ""

    async def __call__(self, state: SessionState, tools: Mapping[str, Any]) -> AsyncIterator[Event]:
        try:
            for text in self.texts:
                yield TextEvent(text)
            self.waiting.set()
            await self.go.wait()
            if self.last:
                yield TextEvent(self.last)
            self.ended = "said everything"
        except BaseException as error:
            self.ended = type(error).__name__
            raise


def test_events_come_out_as_they_are_and_a_stop_last() -> None:
    async def check() -> None:
        events: list[Event | str] = ["A", UsageEvent(1, 2), "B", StopEvent("length"), "never"]
        conversation = await begun(saying(*events))
        assert await heard(conversation) == [
            TextEvent("A"),
            UsageEvent(1, 2),
            TextEvent("B"),
            StopEvent("length"),
        ]
        answer = conversation.messages[-1]
        assert answer == {
            "id": answer["id"],
            "role": "assistant",
            "content": "AB",
            "usage": {"input_tokens": 1, "output_tokens": 2},
            "stop_reason": "length",
        }

    run(check)


def test_answer_without_a_stop_event_stops() -> None:
    async def check() -> None:
        conversation = await begun(saying("A"))
        assert await heard(conversation) == [TextEvent("A"), STOP]

    run(check)


def test_types_of_events() -> None:
    events: list[Event] = [TextEvent("t"), UsageEvent(1, 2), ToolCallEvent("i", "n", {})]
    events += [STOP, ErrorEvent("e")]
    assert [event.type for event in events] == ["text", "usage", "tool_call", "stop", "error"]


def test_usage_adds_up() -> None:
    async def check() -> None:
        conversation = await begun(saying(UsageEvent(1, 2), UsageEvent(10, 20)))
        await heard(conversation)
        await ask(conversation, "Q")
        assert conversation.usage == {"input_tokens": 22, "output_tokens": 44}
        assert conversation.messages[1]["usage"] == {"input_tokens": 11, "output_tokens": 22}

    run(check)


def test_provider_is_given_a_copy() -> None:
    async def provider(state: SessionState, tools: Any) -> AsyncIterator[Event]:
        state.messages.clear()
        state.metadata["title"] = "stolen"
        tools.clear()
        yield TextEvent("A")

    async def check() -> None:
        conversation = await begun(
            provider, tools={"tool": print}, model="m", config={"temperature": 0}
        )
        await heard(conversation)
        assert said(conversation.messages) == [("user", "Q"), ("assistant", "A")]
        assert conversation.state.metadata == {}
        assert list(conversation.tools) == ["tool"]

    run(check)


def test_provider_sees_what_the_conversation_was_opened_with() -> None:
    async def check() -> None:
        provider = in_rounds([STOP])
        conversation = await begun(provider, model="m", config={"temperature": 0.5})
        await heard(conversation)
        assert provider.states[0].config == {"model": "m", "temperature": 0.5}
        assert "config" not in conversation.state.to_dict()

    run(check)


# -- failures -----------------------------------------------------------------------------------------


def test_provider_that_fails_midway_keeps_what_came() -> None:
    async def check() -> None:
        conversation = await begun(saying("Half", ConnectionError("lost")))
        with pytest.raises(ConnectionError, match="lost"):
            await heard(conversation)
        answer = conversation.messages[-1]
        assert (answer["content"], answer["error"]) == ("Half", "ConnectionError: lost")
        assert await stored(conversation) == conversation.state
        conversation.provider = saying("Whole")
        assert await ask(conversation, "Again?") == [TextEvent("Whole"), STOP]

    run(check)


def test_failed_answer_may_be_asked_for_again() -> None:
    async def check() -> None:
        conversation = await begun(saying(ConnectionError("lost")))
        for _ in range(3):
            with pytest.raises(ConnectionError):
                await heard(conversation)
        assert [m.get("error") for m in conversation.messages] == [None, "ConnectionError: lost"]
        conversation.provider = saying("A")
        await heard(conversation)
        assert said((await stored(conversation)).messages) == [("user", "Q"), ("assistant", "A")]

    run(check)


def test_failure_that_cannot_be_saved_is_raised_with_a_note() -> None:
    async def check() -> None:
        storage = Failing()
        conversation = await begun(saying("Half", ConnectionError("lost")), storage=storage)
        storage.error = OSError("disk full")
        with pytest.raises(ConnectionError) as caught:
            await heard(conversation)
        assert "disk full" in caught.value.__notes__[0]
        storage.error = None
        await conversation.close()
        assert (await stored(conversation)).messages[-1]["content"] == "Half"

    run(check)


def failing_at_its_end(*events: Event) -> Any:
    async def provider(state: SessionState, tools: Any) -> AsyncIterator[Event]:
        try:
            for event in events:
                yield event
        finally:
            raise ConnectionError("lost at the end")

    return provider


def test_provider_that_fails_after_its_stop_event_fails_the_answer() -> None:
    async def check() -> None:
        conversation = await begun(failing_at_its_end(TextEvent("Whole"), STOP))
        with pytest.raises(ConnectionError):
            await heard(conversation)
        found = (await stored(conversation)).messages[-1]
        assert found["content"] == "Whole"
        assert found["error"] == "ConnectionError: lost at the end"

    run(check)


@rows("second", [TextEvent("more"), "nonsense"])
def test_answer_is_saved_though_its_provider_cannot_be_closed(second: Any) -> None:
    async def check() -> None:
        conversation = await begun(failing_at_its_end(TextEvent("Half"), second))
        answer = conversation.receive()
        await anext(answer)
        with pytest.raises(ConnectionError if second != "nonsense" else TypeError):
            await (answer.aclose() if second != "nonsense" else anext(answer))
        assert said((await stored(conversation)).messages)[-1] == ("assistant", "Half")

    run(check)


def test_error_event_ends_the_answer_without_raising() -> None:
    async def check() -> None:
        conversation = await begun(saying("Half", ErrorEvent("overloaded"), "never"))
        assert await heard(conversation) == [
            TextEvent("Half"),
            ErrorEvent("overloaded"),
            StopEvent("error"),
        ]
        assert (await stored(conversation)).messages[-1]["error"] == "overloaded"
        assert conversation.pending

    run(check)


@rows("nonsense", [None, 3, "text", b"", object(), TextEvent, {"type": "text"}])
def test_nonsense_is_refused(nonsense: Any) -> None:
    async def provider(state: SessionState, tools: Any) -> AsyncIterator[Event]:
        yield TextEvent("A")
        yield nonsense

    async def check() -> None:
        conversation = await begun(provider)
        with pytest.raises(TypeError, match="TextEvent"):
            await heard(conversation)
        assert conversation.messages[-1]["content"] == "A"
        assert not conversation._exchange

    run(check)


@rows(
    "make",
    [
        lambda: TextEvent(5),  # type: ignore[arg-type]
        lambda: TextEvent(None),  # type: ignore[arg-type]
        lambda: UsageEvent(-1, 0),
        lambda: UsageEvent(True, 0),
        lambda: UsageEvent(1.5, 0),  # type: ignore[arg-type]
        lambda: ToolCallEvent("i", "n", []),  # type: ignore[arg-type]
        lambda: ToolCallEvent("i", None, {}),  # type: ignore[arg-type]
        lambda: StopEvent(None),  # type: ignore[arg-type]
        lambda: ErrorEvent(ValueError()),  # type: ignore[arg-type]
    ],
)
def test_event_of_the_wrong_kind_cannot_be_made(make: Any) -> None:
    with pytest.raises(TypeError):
        make()


async def _coroutine(state: SessionState, tools: Any) -> None:
    pass


@rows("provider", [_coroutine, lambda state, tools: [TextEvent("A")], lambda state, tools: None])
def test_provider_that_is_no_generator_is_refused(provider: Any) -> None:
    async def check() -> None:
        conversation = await begun(provider)
        with pytest.raises(TypeError, match="async generator function"):
            await heard(conversation)
        assert conversation.pending

    run(check)


def test_without_a_provider_send_works_and_receive_says_what_to_do() -> None:
    async def check() -> None:
        conversation = await begun(None)
        with pytest.raises(RuntimeError, match="provider="):
            conversation.receive()
        conversation.provider = saying("A")
        assert await heard(conversation) == [TextEvent("A"), STOP]

    run(check)


def test_nothing_to_answer() -> None:
    async def check() -> None:
        conversation = await create_session(provider=saying("A"))
        with pytest.raises(RuntimeError, match="send"):
            conversation.receive()
        await ask(conversation, "Q")
        with pytest.raises(RuntimeError, match="send"):
            conversation.receive()

    run(check)


def test_two_answers_begun_for_one_message_are_one() -> None:
    async def check() -> None:
        conversation = await begun(saying("A"))
        first, second = conversation.receive(), conversation.receive()
        assert await anext(first) == TextEvent("A")
        with pytest.raises(RuntimeError, match="while an answer"):
            await anext(second)
        assert await anext(first) == STOP
        with pytest.raises(RuntimeError, match="nothing to answer"):
            await anext(conversation_answer(conversation))

    def conversation_answer(conversation: Conversation) -> AsyncIterator[Event]:
        return conversation.receive()

    run(check)


# -- while receiving ----------------------------------------------------------------------------------


def test_send_while_receiving_raises_and_changes_nothing() -> None:
    async def check() -> None:
        conversation = await begun(saying("A", "B"))
        async for event in conversation.receive():
            if event.type == "text":
                with pytest.raises(RuntimeError, match="aclose"):
                    await conversation.send("too early")
                with pytest.raises(RuntimeError, match="received"):
                    conversation.receive()
        assert said(conversation.messages) == [("user", "Q"), ("assistant", "AB")]

    run(check)


def test_answer_that_is_left_keeps_what_came_and_send_goes_on() -> None:
    async def check() -> None:
        provider = Slow("Half", " a", " word")
        conversation = await begun(provider)
        async for event in conversation.receive():
            if event == TextEvent(" a"):
                break
        await conversation.send("Thanks")
        found = await stored(conversation)
        assert said(found.messages) == [("user", "Q"), ("assistant", "Half a"), ("user", "Thanks")]
        assert found.messages[1]["stop_reason"] == "interrupted"
        assert found == conversation.state

    run(check)


@pytest.mark.both
def test_answer_that_is_left_is_saved_without_another_call() -> None:
    async def check() -> None:
        provider = Slow("Half")
        conversation = await begun(provider)
        async for _ in conversation.receive():
            break
        gc.collect()
        while conversation._settling:
            await asyncio.wait(conversation._settling)
        assert (await stored(conversation)).messages[-1]["content"] == "Half"
        assert provider.ended == "GeneratorExit"

    run(check)


def test_aclose_waits_until_it_is_saved() -> None:
    async def check() -> None:
        provider = Slow("Half")
        conversation = await begun(provider)
        answer = conversation.receive()
        assert await anext(answer) == TextEvent("Half")
        await answer.aclose()
        assert provider.ended == "GeneratorExit"
        assert (await stored(conversation)).messages[-1]["content"] == "Half"
        assert [event async for event in answer] == []
        await answer.aclose()

    run(check)


def test_answer_that_was_never_read_changes_nothing() -> None:
    async def check() -> None:
        conversation = await begun(saying("A"))
        conversation.receive()
        await conversation.receive().aclose()
        assert await heard(conversation) == [TextEvent("A"), STOP]

    run(check)


def test_answer_that_is_left_before_anything_came_leaves_the_question() -> None:
    async def check() -> None:
        provider = Slow()
        conversation = await begun(provider)
        reading = asyncio.create_task(heard(conversation))
        await provider.waiting.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert provider.ended == "CancelledError"
        assert said(conversation.messages) == [("user", "Q")]
        conversation.provider = saying("A")
        assert await heard(conversation) == [TextEvent("A"), STOP]

    run(check)


@pytest.mark.both
def test_cancelled_answer_is_kept_and_saved() -> None:
    async def check() -> None:
        provider = Slow("Half")
        conversation = await begun(provider)
        reading = asyncio.create_task(heard(conversation))
        await provider.waiting.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert said((await stored(conversation)).messages)[-1] == ("assistant", "Half")
        await conversation.send("Go on")

    run(check)


@pytest.mark.both
def test_timeout_ends_a_provider_that_hangs() -> None:
    async def check() -> None:
        conversation = await begun(Slow("Half"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(None) as limit:
                async for _ in conversation.receive():
                    limit.reschedule(0)  # it is over as soon as the provider hangs
        assert conversation.messages[-1]["stop_reason"] == "interrupted"

    run(check)


@pytest.mark.both
def test_close_ends_an_answer_that_another_task_waits_for() -> None:
    async def check() -> None:
        provider = Slow("Half")
        conversation = await begun(provider)
        reading = asyncio.create_task(heard(conversation))
        await provider.waiting.wait()
        await conversation.close()
        assert await reading == [TextEvent("Half"), StopEvent("closed")]
        assert reading.cancelling() == 0
        assert said((await stored(conversation)).messages)[-1] == ("assistant", "Half")
        assert provider.ended == "CancelledError"

    run(check)


@pytest.mark.both
def test_close_ends_a_provider_that_will_not_be_cancelled() -> None:
    async def provider(state: SessionState, tools: Any) -> AsyncIterator[Event]:
        try:
            waiting.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
        yield TextEvent("A")
        yield TextEvent("B")

    waiting = asyncio.Event()

    async def check() -> None:
        conversation = await begun(provider)
        reading = asyncio.create_task(heard(conversation))
        await waiting.wait()
        await conversation.close()
        assert await reading == [TextEvent("A"), StopEvent("closed")]
        assert reading.cancelling() == 0

    run(check)


@pytest.mark.both
def test_close_and_cancel_at_once_cancel() -> None:
    async def check() -> None:
        provider = Slow("Half")
        conversation = await begun(provider)
        reading = asyncio.create_task(heard(conversation))
        await provider.waiting.wait()
        closing = asyncio.create_task(conversation.close())
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await closing
        assert (await stored(conversation)).messages[-1]["content"] == "Half"

    run(check)


def test_close_inside_the_loop_ends_the_answer() -> None:
    async def check() -> None:
        conversation = await begun(saying("A", "B"))
        seen = []
        async for event in conversation.receive():
            seen.append(event)
            await conversation.close()
        assert seen == [TextEvent("A"), StopEvent("closed")]
        assert (await stored(conversation)).messages[-1]["content"] == "A"

    run(check)


def test_context_manager_left_inside_the_loop_closes() -> None:
    async def check() -> None:
        storage = Failing()
        with pytest.raises(ZeroDivisionError):
            async with await create_session(
                provider=saying("A"), session_storage=storage
            ) as conversation:
                await conversation.send("Q")
                async for _ in conversation.receive():
                    raise ZeroDivisionError
        assert said((await stored(conversation)).messages) == [("user", "Q"), ("assistant", "A")]
        assert conversation.is_closed

    run(check)


def test_answer_waits_for_what_is_being_sent() -> None:
    async def check() -> None:
        provider = in_rounds([STOP])
        conversation = await create_session(session_storage=Failing(), provider=provider)
        sending = asyncio.create_task(conversation.send("Q"))
        await asyncio.sleep(0)
        await heard(conversation)
        await sending
        assert said(provider.states[0].messages) == [("user", "Q")]

    run(check)


def test_answer_that_is_begun_after_close_raises() -> None:
    async def check() -> None:
        conversation = await begun(saying("A"))
        answer = conversation.receive()
        await conversation.close()
        with pytest.raises(SessionClosedError):
            await anext(answer)

    run(check)


# -- tools --------------------------------------------------------------------------------------------


def add(a: int, b: int = 1) -> int:
    return a + b


async def later(text: str) -> str:
    await asyncio.sleep(0)
    return text.upper()


def broken() -> None:
    raise LookupError("no such city")


@pytest.mark.both
def test_tools_are_run_and_the_provider_is_asked_again() -> None:
    async def check() -> None:
        calls = [ToolCallEvent("1", "add", {"a": 2}), ToolCallEvent("2", "later", {"text": "x"})]
        provider = in_rounds([TextEvent("Let me see"), *calls], [TextEvent("3 and X")])
        conversation = await begun(provider, tools=[add, later])
        assert await heard(conversation) == [
            TextEvent("Let me see"),
            *calls,
            TextEvent("3 and X"),
            STOP,
        ]
        assert said(provider.states[1].messages) == [
            ("user", "Q"),
            ("assistant", "Let me see"),
            ("tool", "3"),
            ("tool", "X"),
        ]
        asked, one, two, _ = conversation.messages[1:]
        assert asked["tool_calls"] == [
            {"id": "1", "name": "add", "arguments": {"a": 2}},
            {"id": "2", "name": "later", "arguments": {"text": "x"}},
        ]
        assert (one["tool_call_id"], one["name"], two["tool_call_id"]) == ("1", "add", "2")
        assert await stored(conversation) == conversation.state

    run(check)


@rows(
    ("name", "arguments", "error"),
    [
        ("nothing", {}, "no tool 'nothing'; known: add, broken, give"),
        ("broken", {}, "LookupError: no such city"),
        ("add", {"c": 5}, "TypeError: .*'c'"),
        ("give", {}, "cannot store an object"),
    ],
)
def test_tool_that_fails_tells_the_model(name: str, arguments: Any, error: str) -> None:
    async def check() -> None:
        provider = in_rounds([ToolCallEvent("1", name, arguments)], [TextEvent("Sorry")])
        tools = {"add": add, "broken": broken, "give": lambda: object()}
        conversation = await begun(provider, tools=tools)
        assert (await heard(conversation))[-1] == STOP
        result = conversation.messages[2]
        assert result["is_error"] is True
        assert result["role"] == "tool"
        with pytest.raises(AssertionError, match=error):
            raise AssertionError(result["content"])

    run(check)


def test_rounds_of_tools_are_bounded_and_may_go_on() -> None:
    async def check() -> None:
        provider = saying(ToolCallEvent("1", "add", {"a": 1}))
        conversation = await begun(provider, tools=[add], max_rounds=3)
        events = await heard(conversation)
        assert [event.type for event in events] == ["tool_call"] * 3 + ["stop"]
        assert events[-1] == StopEvent("max_rounds")
        assert len(conversation.messages) == 1 + 3 * 2
        conversation.provider = saying("Done")
        assert await heard(conversation) == [TextEvent("Done"), STOP]

    run(check)


def test_results_are_stored_before_the_provider_is_asked_again() -> None:
    async def check() -> None:
        async def provider(state: SessionState, tools: Any) -> AsyncIterator[Event]:
            if state.messages[-1]["role"] == "tool":
                found.append(await stored(conversation))
                yield TextEvent("Done")
            else:
                yield ToolCallEvent("1", "add", {"a": 1})

        found: list[SessionState] = []
        conversation = await begun(provider, tools=[add])
        await heard(conversation)
        assert said(found[0].messages)[-1] == ("tool", "2")

    run(check)


@rows("way", ["fork", "save"])
def test_who_looks_while_a_tool_runs_sees_no_call_without_its_result(way: str) -> None:
    async def check() -> None:
        async def look() -> None:
            if way == "fork":
                fork = await fork_session(conversation.id, session_storage=conversation._storage)
                seen.append(fork.messages)
            else:
                await conversation.save()
                seen.append((await stored(conversation)).messages)

        seen: list[Any] = []
        calls: list[Event] = [ToolCallEvent("1", "look", {}), ToolCallEvent("2", "look", {})]
        conversation = await begun(in_rounds(calls, [TextEvent("Done")]), tools=[look])
        await heard(conversation)
        for messages in seen:
            asked = [call["id"] for each in messages for call in each.get("tool_calls", [])]
            answered = [each["tool_call_id"] for each in messages if each["role"] == "tool"]
            assert asked == answered
            assert len(asked) == (0 if way == "fork" else 2)
        assert [message["role"] for message in conversation.messages[1:]] == [
            "assistant",
            "tool",
            "tool",
            "assistant",
        ]

    run(check)


def test_tools_that_were_not_run_have_a_result_too() -> None:
    async def check() -> None:
        ran = []

        async def hang() -> None:
            ran.append(1)
            await asyncio.Event().wait()

        calls = [ToolCallEvent(each, "hang", {}) for each in "12"]
        conversation = await begun(saying(*calls), tools=[hang])
        reading = asyncio.create_task(heard(conversation))
        while not ran:
            await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        found = await stored(conversation)
        assert said(found.messages)[2:] == [("tool", "not run: interrupted")] * 2
        assert len(ran) == 1
        assert conversation.pending

    run(check)


def test_arguments_that_cannot_be_stored_fail_the_answer() -> None:
    async def check() -> None:
        conversation = await begun(saying(ToolCallEvent("1", "add", {"a": object()})), tools=[add])
        with pytest.raises(UnstorableValueError):
            await heard(conversation)
        assert "UnstorableValueError" in conversation.messages[-1]["error"]

    run(check)


def test_tool_that_changes_its_arguments_does_not_change_the_message() -> None:
    async def check() -> None:
        provider = in_rounds([ToolCallEvent("1", "clear", {"texts": ["a"]})], [STOP])
        conversation = await begun(provider, tools={"clear": lambda texts: texts.clear()})
        await heard(conversation)
        assert conversation.messages[1]["tool_calls"][0]["arguments"] == {"texts": ["a"]}
        assert conversation.messages[2]["content"] == "null"

    run(check)


def test_tool_cannot_close_its_own_conversation() -> None:
    async def check() -> None:
        provider = in_rounds([ToolCallEvent("1", "close", {})], [TextEvent("Well")])
        conversation = await begun(provider)
        conversation.tools = {"close": conversation.close}
        await heard(conversation)
        assert "a tool cannot close" in conversation.messages[2]["content"]
        assert not conversation.is_closed
        await conversation.close()

    run(check)


@rows(
    ("tools", "error"),
    [([lambda: 1], ValueError), ([add, add], ValueError), ({"x": 5}, TypeError), ([5], ValueError)],
)
def test_tools_need_names(tools: Any, error: Any) -> None:
    with pytest.raises(error):
        run(lambda: create_session(tools=tools))
