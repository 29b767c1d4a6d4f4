"""Which conversation was forked from which."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..codec import encode
from ..errors import RecordCorruptError, StorageWarning, warn
from .messages import text_of
from .state import SessionState
from .storage import SessionStorage, check_storage, find, load

TITLE = 60
"""Characters of the first message that make a title."""


@dataclass
class Branch:
    """A conversation in the tree of its forks. Times are in milliseconds since 1970.

    `title` is ``metadata["title"]``, or the beginning of what the user said first; `messages` says how many
    there are, `size` how many bytes of JSON they make.
    """

    id: str
    title: str
    created_at: int
    updated_at: int
    messages: int
    size: int
    parent_id: str | None = None
    children: "list[Branch]" = field(default_factory=list)

    @classmethod
    def of(cls, state: SessionState) -> "Branch":
        return cls(
            state.id,
            title_of(state),
            state.created_at,
            state.updated_at,
            len(state.messages),
            len(encode(state.messages).encode()),
            state.parent_id,
        )

    def walk(self) -> "Iterator[Branch]":
        """This one and all below it, parents first, the older of two first."""
        waiting = [self]
        while waiting:
            branch = waiting.pop()
            yield branch
            waiting += reversed(branch.children)


async def lineage(storage: SessionStorage, id: str) -> Branch:
    """The whole tree that the conversation belongs to: its oldest ancestor that is stored, and all forks.

    Raises `SessionNotFoundError` for an id that is not there. Others that cannot be read are left out, with a
    `StorageWarning`.
    """
    check_storage(storage)
    found = {id: Branch.of(await load(storage, id))}
    for other in await storage.list():
        if other not in found:
            try:
                state = await find(storage, other)
            except RecordCorruptError as error:
                warn(f"left out: {error}", StorageWarning)
                continue
            if state is not None:
                found[other] = Branch.of(state)
    root = found[id]
    above = {id}
    while root.parent_id in found and root.parent_id not in above:  # files may be made to go round
        root = found[root.parent_id]
        above.add(root.id)
    for branch in sorted(found.values(), key=lambda each: (each.created_at, each.id)):
        if branch is not root and branch.parent_id in found:
            found[branch.parent_id].children.append(branch)
    return root


def title_of(state: SessionState) -> str:
    """What to call it."""
    title = state.metadata.get("title")
    if isinstance(title, str) and title:
        return title
    said = [text_of(message) for message in state.messages if message.get("role") == "user"]
    words = " ".join(said[0].split()) if said else ""
    return words if len(words) <= TITLE else f"{words[: TITLE - 1].rstrip()}…"
