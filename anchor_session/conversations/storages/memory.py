"""Conversations in the memory of this process: for tests, development and what may be forgotten."""

from collections.abc import Sequence

from ...codec import as_stored
from ...records.ids import check_id
from ..state import Message, SessionState

Ids = list[str]  # a class with a method `list` cannot say it


class MemorySessionStorage:
    """Nothing outlives the object. What goes in and what comes out are copies."""

    def __init__(self) -> None:
        self._states: dict[str, SessionState] = {}

    async def save(self, state: SessionState) -> None:
        id = check_id(state.id)
        self._states[id] = _stored(state)

    async def append(self, state: SessionState, messages: Sequence[Message]) -> None:
        found = self._states.get(check_id(state.id))
        before = len(state.messages) - len(messages)
        if found is None or found.kept is not state.kept or len(found.messages) != before:
            self._states[state.id] = _stored(state)
            return
        added = as_stored(list(messages), ("messages",))
        bare = SessionState.from_dict(state.head() | {"messages": []})
        bare.messages = found.messages
        bare.messages += added
        bare.kept = state.kept = object()
        self._states[state.id] = bare

    async def load(self, id: str) -> SessionState | None:
        found = self._states.get(check_id(id))
        return None if found is None else found.copy()

    async def delete(self, id: str) -> None:
        self._states.pop(check_id(id), None)

    async def list(self) -> Ids:
        return list(self._states)

    def clear(self) -> None:
        """Forget all conversations."""
        self._states.clear()

    def size(self) -> int:
        """How many conversations there are."""
        return len(self._states)


def _stored(state: SessionState) -> SessionState:
    """A copy as it would come back from a file; both are marked as being the same."""
    twin = SessionState.from_dict(state.to_dict())
    twin.kept = state.kept = object()
    return twin
