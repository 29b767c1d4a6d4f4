"""Where conversations are kept: four coroutines that anybody can write."""

from collections.abc import Sequence
from typing import Any, Protocol

from ...errors import RecordCorruptError, SessionIdError, SessionNotFoundError
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


_METHODS = ("save", "load", "delete", "list")


def check_storage(storage: Any) -> Any:
    """The storage itself; raises `TypeError` with what it lacks."""
    lacking = [name for name in _METHODS if not callable(getattr(storage, name, None))]
    if lacking or isinstance(storage, type):
        what = f"the class {storage.__name__}" if isinstance(storage, type) else repr(storage)
        raise TypeError(
            f"{what} is no storage of conversations"
            + (f": it lacks {', '.join(lacking)}" if lacking else "; make an instance of it")
        )
    return storage


async def find(storage: Any, id: str) -> SessionState | None:
    """What is stored; raises `RecordCorruptError` where that is not the conversation with this id."""
    try:
        state = await storage.load(id)
    except SessionIdError:
        raise
    except ValueError as error:  # how `from_dict` and `json.loads` refuse, in a storage of a user
        raise RecordCorruptError(
            f"the conversation {id} cannot be read: {error}", key=id
        ) from error
    if state is None:
        return None
    if not isinstance(state, SessionState):
        raise TypeError(
            f"{type(storage).__name__}.load() gave {type(state).__name__}; "
            "it has to give SessionState.from_dict(...) or None"
        )
    if state.id != id:
        raise RecordCorruptError(f"under {id} lies the conversation {state.id}", key=id)
    return state


async def load(storage: Any, id: str) -> SessionState:
    """The same; raises `SessionNotFoundError` where there is none."""
    state = await find(storage, id)
    if state is None:
        raise SessionNotFoundError(f"Session not found: {id}", id=id)
    return state
