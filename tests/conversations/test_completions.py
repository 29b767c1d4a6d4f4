"""Requests and chunks of chat completions."""

import json
from datetime import date
from typing import Any, Literal

import pytest

from anchor_session import ProviderError
from anchor_session.conversations import (
    Event,
    SessionState,
    StopEvent,
    TextEvent,
    ToolCallEvent,
    UsageEvent,
    openai_provider,
)
from anchor_session.conversations.openai.completions import (
    Assembler,
    refusal,
    request,
    wire_messages,
)
from anchor_session.conversations.openai.schemas import describe, schema_of
from tests.conversations.test_state import FOREIGN
from tests.support import rows


def chunk(delta: Any = None, reason: "str | None" = None, **more: Any) -> str:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
    return json.dumps({"object": "chat.completion.chunk", "choices": choices} | more)


def assembled(*chunks: str, is_done: bool = True) -> "list[Event]":
    assembler = Assembler()
    end = ["[DONE]"] if is_done else []
    events = [event for each in [*chunks, *end] for event in assembler.feed(each)]
    return events + assembler.end()


def test_text_usage_and_reason() -> None:
    assert assembled(
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Ah"}),
        chunk({"content": "oy"}),
        chunk({}, "length"),
        chunk(usage={"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}),
    ) == [TextEvent("Ah"), TextEvent("oy"), UsageEvent(5, 2), StopEvent("length")]


def test_calls_of_tools_are_put_together_by_index() -> None:
    def pieces(*found: Any) -> str:
        return chunk({"tool_calls": list(found)})

    assert assembled(
        chunk({"role": "assistant", "content": None}),
        pieces({"index": 0, "id": "a", "function": {"name": "add", "arguments": ""}}),
        pieces({"index": 0, "function": {"arguments": '{"a":'}}),
        pieces({"index": 1, "id": "b", "function": {"name": "now", "arguments": ""}}),
        pieces({"index": 0, "function": {"arguments": " 1}"}}, {"index": 1, "function": {}}),
        chunk({}, "tool_calls"),
    ) == [
        ToolCallEvent("a", "add", {"a": 1}),
        ToolCallEvent("b", "now", {}),
        StopEvent("tool_calls"),
    ]


def test_servers_that_leave_out_ids_and_indexes() -> None:
    call = {"function": {"name": "now", "arguments": "{}"}}
    assert assembled(chunk({"tool_calls": [call, call]}, "stop"))[:2] == [
        ToolCallEvent("call_0", "now", {}),
        ToolCallEvent("call_1", "now", {}),
    ]


def test_calls_with_the_index_null_are_told_apart() -> None:
    calls = [
        {"index": None, "id": id, "function": {"name": id * 3, "arguments": "{}"}} for id in "ab"
    ]
    assert assembled(chunk({"tool_calls": calls}, "stop"))[:2] == [
        ToolCallEvent("a", "aaa", {}),
        ToolCallEvent("b", "bbb", {}),
    ]


def test_what_comes_after_the_end_is_read_over() -> None:
    assembler = Assembler()
    assert assembler.feed("[DONE]") == []
    assert assembler.feed(chunk({"content": "more"})) == []


def test_answer_without_an_end_is_broken() -> None:
    with pytest.raises(ProviderError, match="in the middle"):
        assembled(chunk({"content": "Ah"}), is_done=False)
    assert assembled(chunk({"content": "Ah"}, "stop"), is_done=False)[-1] == StopEvent("stop")
    assert assembled(is_done=True) == [StopEvent("stop")]


@pytest.mark.both
@rows(
    ("data", "why"),
    [
        ('{"error": {"message": "overloaded"}}', "overloaded"),
        ('{"error": "overloaded"}', "overloaded"),
        ('{"error": {"code": 5}}', "code"),
        ("nonsense", "no chunk"),
        ("[]", "no chunk"),
        ("5", "no chunk"),
        ('{"choices": 5}', "no chunk"),
        ('{"choices": [5]}', "no chunk"),
        ('{"choices": [{"delta": "x"}]}', "no chunk"),
        ('{"choices": [{"delta": {"content": 5}}]}', "no chunk"),
        ('{"choices": [{"delta": {"tool_calls": [5]}}]}', "no chunk"),
        ('{"usage": {"prompt_tokens": "many"}}', "no chunk"),
        ('{"usage": [1]}', "no chunk"),
        ('{"choices": [{"finish_reason": 5}]}', "no chunk"),
        ("[" * 100_000, "no chunk"),
    ],
)
def test_chunk_that_is_none_is_refused(data: str, why: str) -> None:
    with pytest.raises(ProviderError, match=why) as caught:
        Assembler().feed(data)
    assert caught.value.body == data


@rows("arguments", ["{", "[]", "5", '"x"', "[" * 100_000])
def test_arguments_that_are_no_object_are_refused(arguments: str) -> None:
    call = {"index": 0, "id": "a", "function": {"name": "add", "arguments": arguments}}
    with pytest.raises(ProviderError, match="'add'"):
        assembled(chunk({"tool_calls": [call]}, "tool_calls"))


@rows(
    ("body", "said"),
    [
        ('{"error": {"message": "no such model"}}', "answered 404: no such model"),
        ('{"detail": "x"}', "answered 404$"),
        ("<html>not found</html>", "answered 404: <html>not found</html>"),
        ("", "answered 404$"),
        ("[" * 100_000, "answered 404: "),
        ("[]", "answered 404$"),
    ],
)
def test_refusal(body: str, said: str) -> None:
    error = refusal(404, body)
    assert (error.status, error.body) == (404, body)
    with pytest.raises(ProviderError, match=said):
        raise error


# -- requests -----------------------------------------------------------------------------------------


def test_request_has_what_the_conversation_was_opened_with() -> None:
    state = SessionState.new("x", at=0)
    state.messages = [{"id": "m", "role": "user", "content": "Q"}]
    assert request("m", state, {}) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Q"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    state.config = {"model": "other", "system": "Be brief", "temperature": 0, "max_tokens": 5}
    body = request("m", state, {"add": lambda a: a})
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("other", 0, 5)
    assert body["messages"][0] == {"role": "system", "content": "Be brief"}
    assert "system" not in body
    assert body["tools"][0]["function"]["name"] == "add"


def test_calls_and_results_go_back_as_they_came() -> None:
    wire = wire_messages(
        [
            {"role": "user", "content": "Q"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": "a", "name": "add", "arguments": {"a": 1}}],
            },
            {"role": "tool", "content": "2", "tool_call_id": "a", "name": "add"},
            {"role": "assistant", "content": "Two", "stop_reason": "stop"},
        ]
    )
    assert wire == [
        {"role": "user", "content": "Q"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "a",
                    "type": "function",
                    "function": {"name": "add", "arguments": '{"a": 1}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "2"},
        {"role": "assistant", "content": "Two"},
    ]


def test_foreign_blocks_become_calls_and_results() -> None:
    wire = wire_messages(json.loads(FOREIGN)["messages"])
    assert [message["role"] for message in wire] == ["user", "assistant", "tool"]
    assert wire[1]["content"] == "Let me look."
    assert wire[1]["tool_calls"][0]["function"] == {"name": "clock", "arguments": "{}"}
    assert wire[2] == {"role": "tool", "tool_call_id": "toolu_01", "content": "09:30"}


def test_calls_without_a_result_get_one_and_results_without_a_call_none() -> None:
    call = {"id": "a", "name": "add", "arguments": {}}
    wire = wire_messages(
        [
            {"role": "tool", "content": "stray", "tool_call_id": "z"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "user", "content": "Well?"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
        ]
    )
    assert [(each["role"], each["content"]) for each in wire] == [
        ("assistant", None),
        ("tool", "no result"),
        ("user", "Well?"),
        ("assistant", None),
        ("tool", "no result"),
    ]


def test_failed_answer_that_said_nothing_is_left_out() -> None:
    failed = {"role": "assistant", "content": "", "error": "ConnectionError: lost"}
    half = {"role": "assistant", "content": "Half", "error": "ConnectionError: lost"}
    assert wire_messages([failed, half]) == [{"role": "assistant", "content": "Half"}]


@rows("calls", [5, "x", {"id": "a"}, ["x", None]])
def test_calls_that_are_none_are_read_over(calls: Any) -> None:
    message = {"role": "assistant", "content": "Ah", "tool_calls": calls}
    assert wire_messages([message]) == [{"role": "assistant", "content": "Ah"}]


def test_arguments_that_json_lacks_are_text() -> None:
    call = {"id": "a", "name": "add", "arguments": {"day": date(2026, 11, 21)}}
    (wired, _) = wire_messages([{"role": "assistant", "content": "", "tool_calls": [call]}])
    assert wired["tool_calls"][0]["function"]["arguments"] == '{"day": "2026-11-21"}'


def test_image_without_a_source_stops_nothing() -> None:
    message = {"role": "user", "content": [{"type": "image", "source": "x"}]}
    assert wire_messages([message])[0]["role"] == "user"


def test_images_are_parts() -> None:
    blocks = [
        {"type": "text", "text": "What is this?"},
        {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": "R0"}},
    ]
    (wire,) = wire_messages([{"role": "user", "content": blocks}])
    assert [part["type"] for part in wire["content"]] == ["text", "image_url", "image_url"]
    assert wire["content"][2]["image_url"]["url"] == "data:image/gif;base64,R0"


# -- tools --------------------------------------------------------------------------------------------


def weather(
    city: str, days: int = 1, units: Literal["C", "F"] = "C", near: "list[str] | None" = None
) -> str:
    """The weather there."""
    return ""


def test_tool_is_described_by_its_signature() -> None:
    assert describe("weather", weather) == {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather there.",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string"},
                    "days": {"type": "integer"},
                    "units": {"enum": ["C", "F"]},
                    "near": {
                        "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]
                    },
                },
                "required": ["city"],
            },
        },
    }


class Caller:
    """Calls."""

    def __call__(self, number: float) -> None: ...


class Described:
    parameters = {"type": "object", "properties": {"x": {"type": "string", "maxLength": 5}}}

    def __call__(self, x: str) -> str:
        return x


def hinted(thing: "Missing", *rest: int, **more: int) -> None:  # type: ignore[name-defined] # noqa: F821
    ...


@rows(
    ("tool", "properties"),
    [
        (lambda a, b=1: 0, {"a": {}, "b": {}}),
        (Caller(), {"number": {"type": "number"}}),
        (Described(), {"x": {"type": "string", "maxLength": 5}}),
        (hinted, {"thing": {}}),
        (Caller().__call__, {"number": {"type": "number"}}),
        (dict, {}),  # has no signature
    ],
)
def test_other_callables_are_described_too(tool: Any, properties: Any) -> None:
    assert schema_of(tool)["properties"] == properties
    json.dumps(describe("tool", tool))


@rows("url", ["", "localhost:80/v1", "ftp://x", "/v1"])
def test_base_url_is_checked(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        openai_provider(url, "m")
