"""All there is of a conversation, as it is stored."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..codec import as_stored, format_path
from ..errors import SchemaError

Message = dict[str, Any]
"""`id`, `role`, `content`, and what else the one who wrote it had to say."""

_KNOWN = ("id", "messages", "usage", "metadata", "createdAt", "updatedAt", "parentId")


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass
class SessionState:
    """A conversation: its messages, what they cost, and whatever the application adds.

    Times are milliseconds since 1970. `usage` counts ``input_tokens`` and ``output_tokens``. `metadata` is
    the application's: a `title` in it is what `lineage` shows. `extra` holds the fields of a file that this
    version does not know, so that they are written back. `config` is for the provider, as the
    conversation was opened with it, and is not stored.
    """

    id: str
    messages: list[Message]
    usage: dict[str, Any]
    metadata: dict[str, Any]
    created_at: int
    updated_at: int
    parent_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict, kw_only=True, repr=False)
    config: dict[str, Any] = field(default_factory=dict, kw_only=True, repr=False, compare=False)
    kept: Any = field(default=None, init=False, repr=False, compare=False)
    """What a storage remembers of this state between two calls; nobody else looks at it."""

    @classmethod
    def new(cls, id: str, *, at: int, metadata: Mapping[str, Any] | None = None) -> "SessionState":
        """An empty conversation that begins `at` this time."""
        data = {} if metadata is None else as_stored(metadata, ("metadata",))
        return cls(id, [], {"input_tokens": 0, "output_tokens": 0}, data, at, at)

    def to_dict(self) -> dict[str, Any]:
        """A copy as plain data, in the names of the file format (`createdAt`).

        Raises `UnstorableValueError` with the place of what could not be stored.
        """
        data: dict[str, Any] = as_stored(self.head() | {"messages": self.messages})
        ordered = {name: data.pop(name) for name in _KNOWN if name in data}
        return ordered | data

    def head(self) -> dict[str, Any]:
        """The same without the messages, and not copied."""
        data = self.extra | {
            "id": self.id,
            "usage": self.usage,
            "metadata": self.metadata,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        }
        if self.parent_id is not None:
            data["parentId"] = self.parent_id
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "SessionState":
        """The state that such data stands for; a copy.

        Raises `SchemaError` with the place of what is not as it has to be.
        """
        if not isinstance(data, Mapping):
            raise _wrong((), "an object", data)
        if "created_at" in data and "createdAt" not in data:
            raise SchemaError(
                "not a conversation: its fields are called as in Python (`created_at`); "
                "what is stored has to be state.to_dict(), not asdict(state)",
                path="$.created_at",
            )
        if data.get("parentId") is not None:
            _text(data, "parentId")
        messages = data.get("messages")
        if not isinstance(messages, list):
            raise _wrong(("messages",), "a list", messages)
        for number, message in enumerate(messages):
            if not isinstance(message, Mapping):
                raise _wrong(("messages", number), "an object", message)
            if not isinstance(message.get("role"), str):
                raise _wrong(("messages", number, "role"), "text", message.get("role"))
        return cls(
            _text(data, "id"),
            as_stored(messages, ("messages",)),
            {"input_tokens": 0, "output_tokens": 0} | _map(data, "usage"),
            _map(data, "metadata"),
            _time(data, "createdAt"),
            _time(data, "updatedAt"),
            data.get("parentId"),
            extra=as_stored({name: data[name] for name in data if name not in _KNOWN}),
        )

    def copy(self) -> "SessionState":
        """Another state that shares nothing with this one."""
        twin = SessionState(
            self.id,
            as_stored(self.messages, ("messages",)),
            as_stored(self.usage, ("usage",)),
            as_stored(self.metadata, ("metadata",)),
            self.created_at,
            self.updated_at,
            self.parent_id,
            extra=as_stored(self.extra),
            config=dict(self.config),
        )
        twin.kept = self.kept
        return twin


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong((name,), "text", value)
    return value


def _map(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _wrong((name,), "an object", value)
    copy: dict[str, Any] = as_stored(value, (name,))
    return copy


def _time(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong((name,), "milliseconds since 1970", value)
    return value


def _wrong(path: tuple[str | int, ...], wanted: str, value: object) -> SchemaError:
    where = format_path(path)
    found = "missing" if value is None else f"{type(value).__name__}"
    return SchemaError(
        f"not a conversation: `{where}` has to be {wanted}, and is {found}", path=where
    )
