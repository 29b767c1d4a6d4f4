"""Tools: plain callables by name, and how a call of one becomes a message."""

from collections.abc import Iterable, Mapping
from inspect import isawaitable
from typing import Any

from ..codec import as_stored, encode
from .ids import new_message_id
from .provider import Tool
from .state import Message


def by_name(tools: Mapping[str, Tool] | Iterable[Tool] | None) -> dict[str, Tool]:
    """The tools by name: a mapping as it is, callables under their `__name__`."""
    if tools is None:
        return {}
    if isinstance(tools, Mapping):
        named = dict(tools)
    else:
        named = {}
        for tool in tools:
            name = getattr(tool, "__name__", "")
            if not name or name == "<lambda>" or name in named:
                raise ValueError(f"the tool {tool!r} has no name of its own; give a dict of tools")
            named[name] = tool
    for name, tool in named.items():
        if not isinstance(name, str) or not callable(tool):
            raise TypeError(f"the tool {name!r} has to be a callable under a name")
    return named


async def run_tool(tools: Mapping[str, Tool], call: Mapping[str, Any]) -> Message:
    """The result of a call as a message; an unknown tool and one that raises are results too."""
    tool = tools.get(call["name"])
    if tool is None:
        known = ", ".join(sorted(tools)) or "none"
        return result_of(call, f"there is no tool {call['name']!r}; known: {known}", is_error=True)
    try:
        value = tool(**as_stored(call["arguments"]))
        if isawaitable(value):
            value = await value
        return result_of(call, value if isinstance(value, str) else encode(as_stored(value)))
    except Exception as error:  # noqa: BLE001 - it is the model that has to see it
        return result_of(call, f"{type(error).__name__}: {error}", is_error=True)


def result_of(call: Mapping[str, Any], text: str, *, is_error: bool = False) -> Message:
    """The message with the result of a call."""
    message = {
        "id": new_message_id(),
        "role": "tool",
        "content": as_stored(text),
        "tool_call_id": call["id"],
        "name": call["name"],
    }
    return message | {"is_error": True} if is_error else message
