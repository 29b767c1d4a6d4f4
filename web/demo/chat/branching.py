"""What is done to a conversation as a whole: branched, named, removed, brought back."""

from anchor_session.conversations import SessionState, fork_session

from . import state
from .counter import text_of
from .keeping import in_turn, told
from .talk import current, let_go, options, reopen, show, take
from .wording import beginning


@in_turn
async def branch(message: str) -> None:
    """Open a fork that ends with that message. The original stays as it is."""
    original = current()
    if original is None:
        return
    words = [text_of(each) for each in original.messages if each["id"] == message]
    metadata = {"title": f"After “{beginning(words[0], 28)}”"}
    async with told():
        fork = await fork_session(original.id, at=message, metadata=metadata, **options())
        if await let_go():
            take(fork)


@in_turn
async def rename(title: str) -> None:
    """Call it that; by an empty title, by what was said first."""
    conversation = current()
    if conversation is None:
        return
    if title:
        conversation.state.metadata["title"] = title
    else:
        conversation.state.metadata.pop("title", None)
    async with told():
        await conversation.save()
    show()


@in_turn
async def remove() -> SessionState | None:
    """Delete what is open; returns what it was."""
    conversation = current()
    if conversation is None or not await let_go():
        return None
    async with told():
        await state.storage.delete(conversation.id)
    take(None)
    return conversation.state


@in_turn
async def put_back(found: SessionState) -> None:
    """Store a conversation, and open it."""
    async with told():
        await state.storage.save(found)
        await reopen(found.id)
