"""What a model is told of a tool: its name, its docstring, its parameters as JSON Schema."""

import types
from inspect import Parameter, getdoc, signature
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..provider import Tool

_KINDS: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    tuple: "array",
    set: "array",
    dict: "object",
    type(None): "null",
}


def schema_of(tool: Tool) -> dict[str, Any]:
    """The parameters; of a tool with an attribute `parameters`, that."""
    given = getattr(tool, "parameters", None)
    if isinstance(given, dict):
        return given
    try:
        parameters = signature(tool).parameters.values()
    except (TypeError, ValueError):  # some builtins have none
        return {"type": "object", "properties": {}}
    hints = _hints(tool)
    properties: dict[str, Any] = {}
    required = []
    for parameter in parameters:
        if parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            continue
        properties[parameter.name] = type_schema(hints.get(parameter.name, Any))
        if parameter.default is Parameter.empty:
            required.append(parameter.name)
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return found | {"required": required} if required else found


def describe(name: str, tool: Tool) -> dict[str, Any]:
    """The tool as chat completions want it."""
    function = {"name": name, "parameters": schema_of(tool)}
    text = getdoc(tool) if hasattr(tool, "__name__") else getdoc(type(tool))
    return {"type": "function", "function": function | ({"description": text} if text else {})}


def type_schema(hint: Any) -> dict[str, Any]:
    """The JSON Schema of an annotation; anything goes where there is none, or it is not a JSON type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [type_schema(each) for each in arguments]}
    kind = _KINDS.get(origin or hint)
    if kind is None:
        return {}
    if kind == "array" and arguments and arguments[0] is not Any:
        return {"type": kind, "items": type_schema(arguments[0])}
    return {"type": kind}


def _hints(tool: Tool) -> dict[str, Any]:
    try:
        return get_type_hints(tool if hasattr(tool, "__code__") else tool.__call__)  # type: ignore[operator]
    except (NameError, TypeError, AttributeError):  # names that only a checker can see
        return {}
