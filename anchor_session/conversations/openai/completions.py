"""Chat completions as OpenAI defined them and most model servers speak them: requests and chunks."""

from collections.abc import Mapping
from json import dumps, loads
from typing import Any

from ...codec import decode
from ...errors import ProviderError
from ..events import Event, StopEvent, TextEvent, ToolCallEvent, UsageEvent
from ..messages import text_of
from ..provider import Tool
from ..state import Message, SessionState
from .schemas import describe

_OWN = ("model", "system")


def request(model: str, state: SessionState, tools: Mapping[str, Tool]) -> dict[str, Any]:
    """The body of the request.

    `system` in the conversation's config becomes the first message and `model` wins over the provider's;
    everything else there (`temperature`, `max_tokens`, ...) is sent as it is.
    """
    config = state.config
    messages = [{"role": "system", "content": config["system"]}] if config.get("system") else []
    body = {
        "model": config.get("model", model),
        "messages": messages + wire_messages(state.messages),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if tools:
        body["tools"] = [describe(name, tool) for name, tool in tools.items()]
    return body | {name: value for name, value in config.items() if name not in _OWN}


def wire_messages(messages: list[Message]) -> list[dict[str, Any]]:
    """The messages as the endpoint wants them, those of the TypeScript SDK's files too.

    Each call of a tool is followed by its result, if need be by one that says there is none. An answer that
    failed before it said anything is left out.
    """
    wire: list[dict[str, Any]] = []
    calls: list[str] = []  # without a result yet
    for message in messages:
        results = _results(message)
        for id, text in results:
            if id in calls:
                calls.remove(id)
                wire.append({"role": "tool", "tool_call_id": id, "content": text})
        if message["role"] == "tool" or (results and not text_of(message)):
            continue
        wire += _without_result(calls)
        text = text_of(message)
        found: dict[str, Any] = {"role": message["role"], "content": _content(message, text)}
        if message["role"] == "assistant":
            asked = _calls(message)
            calls = [call["id"] for call in asked]
            if asked:
                found["tool_calls"] = asked
                found["content"] = text or None
            elif not text:
                continue
        wire.append(found)
    return wire + _without_result(calls)


def _without_result(calls: list[str]) -> list[dict[str, Any]]:
    found = [{"role": "tool", "tool_call_id": id, "content": "no result"} for id in calls]
    calls.clear()
    return found


def _blocks(message: Message, type: str) -> list[dict[str, Any]]:
    return [block for block in _objects(message.get("content")) if block.get("type") == type]


def _objects(found: Any) -> list[dict[str, Any]]:
    """The objects in a list; messages come from files, where anything may be."""
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _results(message: Message) -> list[tuple[str, str]]:
    """Results of tools in a message: its own, or those in blocks."""
    if message["role"] == "tool":
        return [(str(message.get("tool_call_id", "")), text_of(message))]
    return [
        (str(block.get("tool_use_id", "")), text_of(block))
        for block in _blocks(message, "tool_result")
    ]


def _calls(message: Message) -> list[dict[str, Any]]:
    """Calls of tools in an answer."""
    calls = [
        {"id": block.get("id"), "name": block.get("name"), "arguments": block.get("input")}
        for block in _blocks(message, "tool_use")
    ] + _objects(message.get("tool_calls"))
    return [
        {
            "id": str(call.get("id", "")),
            "type": "function",
            "function": {
                "name": str(call.get("name", "")),
                "arguments": dumps(call.get("arguments") or {}, default=str),
            },
        }
        for call in calls
    ]


def _content(message: Message, text: str) -> Any:
    """The text, or a list of parts where there are images in it."""
    images = _blocks(message, "image")
    parts = [{"type": "text", "text": text}] if text else []
    for image in images:
        source = image.get("source")
        if not isinstance(source, dict):
            source = {}
        url = source.get("url") or (
            f"data:{source.get('media_type', 'image/png')};base64,{source.get('data', '')}"
        )
        parts.append({"type": "image_url", "image_url": {"url": url}})  # type: ignore[dict-item]
    return parts if images else text


class Assembler:
    """Chunks in, events out. Calls of tools come in pieces and go out whole, at the end."""

    def __init__(self) -> None:
        self.is_done = False  # the server said so; what comes after that is read over
        self._calls: dict[Any, dict[str, str]] = {}
        self._reason = ""
        self._usage: UsageEvent | None = None

    def feed(self, data: str) -> list[Event]:
        """The events in one chunk; raises `ProviderError` for an error in it and for what is no chunk."""
        self.is_done = self.is_done or data == "[DONE]"
        if self.is_done:
            return []
        try:
            chunk = parsed(data)
            if not isinstance(chunk, dict):
                raise TypeError(f"it is {type(chunk).__name__}")
            if chunk.get("error"):
                raise ProviderError(f"the server broke off: {_reason_of(chunk)}", body=data)
            self._count(chunk.get("usage"))
            events: list[Event] = []
            for choice in (chunk.get("choices") or [])[:1]:
                delta = choice.get("delta") or {}
                if delta.get("content"):
                    events.append(TextEvent(delta["content"]))
                for position, piece in enumerate(delta.get("tool_calls") or []):
                    self._add(piece, position)
                self._reason = StopEvent(choice.get("finish_reason") or self._reason).reason
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise ProviderError(
                f"the server sent what is no chunk of an answer: {error}", body=data
            ) from error
        return events

    def end(self) -> list[Event]:
        """What is left at the end; an answer without one raises `ProviderError`."""
        if not (self.is_done or self._reason):
            raise ProviderError("the server ended in the middle of its answer")
        events: list[Event] = []
        for number, call in enumerate(self._calls.values()):
            try:
                arguments = parsed(call["arguments"] or "{}")
                events.append(
                    ToolCallEvent(call["id"] or f"call_{number}", call["name"], arguments)
                )
            except (ValueError, TypeError) as error:
                raise ProviderError(
                    f"the model calls {call['name']!r} with arguments that are no JSON object",
                    body=call["arguments"],
                ) from error
        if self._usage is not None:
            events.append(self._usage)
        return [*events, StopEvent(self._reason or "stop")]

    def _count(self, usage: Any) -> None:
        if usage:
            self._usage = UsageEvent(
                usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
            )

    def _add(self, piece: dict[str, Any], position: int) -> None:
        key = piece.get("index")
        if key is None:  # some servers leave it out, and send each call in one piece
            key = piece.get("id") or position
        call = self._calls.setdefault(key, {"id": "", "name": "", "arguments": ""})
        function = piece.get("function") or {}
        call["id"] = call["id"] or piece.get("id") or ""
        call["name"] += function.get("name") or ""
        call["arguments"] += function.get("arguments") or ""


def parsed(text: str) -> Any:
    """What a server's JSON says; `ValueError` too where it is so deep that Pyodide would end."""
    decode(text)
    return loads(text)


def _reason_of(body: dict[str, Any]) -> str:
    error = body["error"]
    message = error.get("message") if isinstance(error, dict) else error
    return f"{message or error}"


def refusal(status: int, body: str) -> ProviderError:
    """The error for an answer with another status than 2xx."""
    reason = ""
    try:
        found = parsed(body)
        if isinstance(found, dict) and found.get("error"):
            reason = _reason_of(found)
    except ValueError:
        reason = body.strip()[:200]
    said = f": {reason}" if reason else ""
    return ProviderError(f"the server answered {status}{said}", status=status, body=body)
