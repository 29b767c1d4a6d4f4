"""The state of a conversation as data, and what is refused."""

import json
from typing import Any

import pytest

from anchor_session import SchemaError, UnstorableValueError
from anchor_session.conversations import SessionState
from tests.support import rows

# As the TypeScript SDK lays out its files.
FOREIGN = """{
  "id": "sess_aB3dE6gH9jK2mN5p",
  "messages": [
    {
      "id": "msg_aB3dE6gH9jK2mN5pQ7rS",
      "role": "user",
      "content": "Wie spät ist es in Zürich? 🕰"
    },
    {
      "id": "msg_bB3dE6gH9jK2mN5pQ7rS",
      "role": "assistant",
      "content": [
        {
          "type": "text",
          "text": "Let me look."
        },
        {
          "type": "tool_use",
          "id": "toolu_01",
          "name": "clock",
          "input": {}
        }
      ],
      "stop_reason": "tool_use",
      "usage": {
        "input_tokens": 12,
        "output_tokens": 7
      }
    },
    {
      "id": "msg_cB3dE6gH9jK2mN5pQ7rS",
      "role": "user",
      "content": [
        {
          "type": "tool_result",
          "tool_use_id": "toolu_01",
          "content": "09:30",
          "is_error": false
        }
      ]
    }
  ],
  "usage": {
    "input_tokens": 12,
    "output_tokens": 7,
    "total_cost_usd": 0.00025
  },
  "metadata": {
    "tags": [],
    "owner": {}
  },
  "createdAt": 1763717400000,
  "updatedAt": 1763717405123,
  "parentId": "sess_0000000000000000",
  "schemaVersion": 2
}"""
GOOD = {"id": "x", "messages": [], "createdAt": 1, "updatedAt": 2}


def test_foreign_data_comes_back_unchanged() -> None:
    data = json.loads(FOREIGN)
    state = SessionState.from_dict(data)
    assert state.to_dict() == data
    assert (state.parent_id, state.created_at) == ("sess_0000000000000000", 1763717400000)
    assert state.usage["total_cost_usd"] == 0.00025
    assert state.extra == {"schemaVersion": 2}


def test_no_parent_is_left_out() -> None:
    assert "parentId" not in SessionState.from_dict(GOOD | {"parentId": None}).to_dict()


def test_usage_and_metadata_may_be_missing() -> None:
    state = SessionState.from_dict(GOOD)
    assert (state.usage, state.metadata) == ({"input_tokens": 0, "output_tokens": 0}, {})


def test_data_is_a_copy() -> None:
    data = GOOD | {"messages": [{"role": "user", "content": "a"}], "metadata": {"a": {}}}
    state = SessionState.from_dict(data)
    given = state.to_dict()
    given["messages"][0]["content"] = given["metadata"]["a"] = "changed"
    data["messages"][0]["content"] = "changed"  # type: ignore[index]
    assert state.messages[0]["content"] == "a"
    assert state.metadata == {"a": {}}


def test_whole_floats_are_times() -> None:
    assert SessionState.from_dict(GOOD | {"createdAt": 1763717400000.0}).created_at == 1763717400000


@rows(
    ("change", "path"),
    [
        ({"id": None}, "$.id"),
        ({"id": 5}, "$.id"),
        ({"id": ""}, "$.id"),
        ({"messages": None}, "$.messages"),
        ({"messages": {}}, "$.messages"),
        ({"messages": [{"role": "user"}, "text"]}, "$.messages[1]"),
        ({"messages": [{"content": "no role"}]}, "$.messages[0].role"),
        ({"messages": [{"role": 5}]}, "$.messages[0].role"),
        ({"usage": []}, "$.usage"),
        ({"metadata": "x"}, "$.metadata"),
        ({"createdAt": None}, "$.createdAt"),
        ({"createdAt": "2026-11-21"}, "$.createdAt"),
        ({"updatedAt": True}, "$.updatedAt"),
        ({"updatedAt": 1.5}, "$.updatedAt"),
        ({"parentId": 5}, "$.parentId"),
        ({"parentId": ""}, "$.parentId"),
    ],
)
def test_what_is_no_conversation_is_refused_with_its_place(change: Any, path: str) -> None:
    with pytest.raises(SchemaError) as caught:
        SessionState.from_dict(GOOD | change)
    assert caught.value.path == path
    assert f"`{path}`" in str(caught.value)


@rows("data", [None, [], "text", 5])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(SchemaError, match="an object"):
        SessionState.from_dict(data)


def test_what_cannot_be_stored_is_named() -> None:
    state = SessionState.new("x", at=0)
    state.metadata["callback"] = print
    with pytest.raises(UnstorableValueError, match=r"\$\.metadata\.callback"):
        state.to_dict()
