"""Where conversations are kept: four coroutines that anybody can write."""

from collections.abc import Sequence
from typing import Protocol

from ..state import Message, SessionState


class SessionStorage(Protocol):
    """A storage of conversations.

    What `save` takes belongs to the caller: a storage copies or encodes it before it first waits. What
    `load` gives belongs to the caller too. A fifth coroutine, `append(state, messages)`, is used where a
    storage has it; see `AppendingStorage`.
    """

    async def save(self, state: SessionState) -> None:
        """Keep the whole state under its id, in place of the one that was there."""

    async def load(self, id: str) -> SessionState | None:
        """The state under the id; None where there is none."""

    async def delete(self, id: str) -> None:
        """Forget the id; one that is not there is no error."""

    async def list(self) -> list[str]:
        """All ids, in any order."""


class AppendingStorage(SessionStorage, Protocol):
    """A storage that does not write the whole conversation for one more message."""

    async def append(self, state: SessionState, messages: Sequence[Message]) -> None:
        """Keep the state, which is the one last saved, loaded or appended, and these messages.

        `messages` are the last ones of `state.messages`; all else of the state may have changed too, but
        for the messages before. Where another state is stored meanwhile, this one replaces it whole.
        """
