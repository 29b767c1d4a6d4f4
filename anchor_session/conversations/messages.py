"""Messages: how one is made of what `send` is given, and what text it holds."""

from collections.abc import Mapping
from typing import Any

from ..codec import as_stored
from .ids import new_message_id
from .state import Message


def make_message(message: str | Mapping[str, Any]) -> Message:
    """A copy with `id` and `role` (``"user"`` if it has none).

    Raises `TypeError` for what is no message and `UnstorableValueError` for what cannot be stored.
    """
    if isinstance(message, str):
        return {"id": new_message_id(), "role": "user", "content": as_stored(message)}
    if not isinstance(message, Mapping):
        raise TypeError(
            f"a message is text, or a dict with `role` and `content`, not {type(message).__name__}"
        )
    copy: Message = as_stored(dict(message))
    if not isinstance(copy.get("content"), str | list):
        raise TypeError("`content` of a message has to be text, or a list of blocks")
    made = {"id": copy.pop("id", None), "role": copy.pop("role", "user")} | copy
    if made["id"] is None:
        made["id"] = new_message_id()
    for name in ("id", "role"):
        if not isinstance(made[name], str) or not made[name]:
            raise TypeError(f"`{name}` of a message has to be text, not {made[name]!r}")
    return made


def text_of(message: Message) -> str:
    """The text in it; of a list of blocks, the blocks of text one after the other."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [block.get("text") for block in content if isinstance(block, dict)]
    return "".join([text for text in texts if isinstance(text, str)])


def is_whole_answer(message: Message) -> bool:
    """Whether nothing is left to be answered after it."""
    return (
        message.get("role") == "assistant"
        and not message.get("error")
        and not message.get("tool_calls")
        and message.get("stop_reason") not in UNFINISHED
    )


UNFINISHED = ("interrupted", "closed")
"""Why an answer stopped that the model did not end itself."""
