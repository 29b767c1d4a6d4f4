"""What a provider yields, and what comes out of `Conversation.receive()`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal


@dataclass(frozen=True)
class TextEvent:
    """The next piece of the answer's text."""

    type: ClassVar[Literal["text"]] = "text"
    text: str

    def __post_init__(self) -> None:
        _check_text(self, "text")


@dataclass(frozen=True)
class UsageEvent:
    """Tokens that were used; several in one answer add up."""

    type: ClassVar[Literal["usage"]] = "usage"
    input_tokens: int
    output_tokens: int

    def __post_init__(self) -> None:
        for name in ("input_tokens", "output_tokens"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise TypeError(f"{name} of a UsageEvent has to be a whole number, not {value!r}")


@dataclass(frozen=True)
class ToolCallEvent:
    """The model asks for a tool: it is run, and its result goes back to the model."""

    type: ClassVar[Literal["tool_call"]] = "tool_call"
    id: str
    name: str
    arguments: Mapping[str, Any]

    def __post_init__(self) -> None:
        _check_text(self, "id")
        _check_text(self, "name")
        if not isinstance(self.arguments, Mapping):
            raise TypeError(
                f"arguments of a ToolCallEvent have to be a mapping, not {type(self.arguments).__name__}"
            )


@dataclass(frozen=True)
class StopEvent:
    """The answer is at its end.

    `reason` is the provider's word. Those of the conversation itself: ``"stop"`` where the provider gave
    none, ``"error"`` after an `ErrorEvent`, ``"max_rounds"`` when the tools were asked for too often,
    ``"closed"`` when the conversation was closed meanwhile.
    """

    type: ClassVar[Literal["stop"]] = "stop"
    reason: str

    def __post_init__(self) -> None:
        _check_text(self, "reason")


@dataclass(frozen=True)
class ErrorEvent:
    """The provider gives up, without raising: the answer ends here, with this message on it."""

    type: ClassVar[Literal["error"]] = "error"
    message: str

    def __post_init__(self) -> None:
        _check_text(self, "message")


Event = TextEvent | UsageEvent | ToolCallEvent | StopEvent | ErrorEvent


def _check_text(event: object, name: str) -> None:
    value = getattr(event, name)
    if not isinstance(value, str):
        raise TypeError(
            f"{name} of a {type(event).__name__} has to be text, not {type(value).__name__}"
        )
