"""Which conversation was forked from which."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..codec import encode
from ..errors import RecordCorruptError, StorageWarning, warn
from .messages import text_of
from .state import SessionState
from .storages.checked import check_storage, find, ids_in, load
from .storages.contract import SessionStorage

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
    await _read(storage, found)
    root = _root_of(found[id], found)
    _join(found, {root.id})
    return root


async def lineages(storage: SessionStorage) -> list[Branch]:
    """All trees, each read once; first the one in which something was last updated.

    Those that cannot be read are left out, with a `StorageWarning`.
    """
    check_storage(storage)
    found: dict[str, Branch] = {}
    await _read(storage, found)
    roots = {_root_of(branch, found).id: 0 for branch in found.values()}
    _join(found, set(roots))
    for id in roots:
        roots[id] = max(branch.updated_at for branch in found[id].walk())
    return [found[id] for id in sorted(roots, key=lambda id: (-roots[id], id))]


async def _read(storage: SessionStorage, found: dict[str, Branch]) -> None:
    """Add the branches that are not found yet."""
    for id in await ids_in(storage):
        if id not in found:
            try:
                state = await find(storage, id)
            except RecordCorruptError as error:
                warn(f"left out: {error}", StorageWarning)
                continue
            if state is not None:
                found[id] = Branch.of(state)


def _root_of(branch: Branch, found: dict[str, Branch]) -> Branch:
    above: dict[str, Branch] = {}
    while branch.id not in above:
        above[branch.id] = branch
        if branch.parent_id not in found:
            return branch
        branch = found[branch.parent_id]
    ring = list(above)[list(above).index(branch.id) :]  # files may be made to go round
    return min([above[id] for id in ring], key=_age)


def _join(found: dict[str, Branch], roots: set[str]) -> None:
    """Give the parents their children, the older of two first."""
    for branch in sorted(found.values(), key=_age):
        if branch.id not in roots and branch.parent_id in found:
            found[branch.parent_id].children.append(branch)


def _age(branch: Branch) -> tuple[int, str]:
    return branch.created_at, branch.id


def title_of(state: SessionState) -> str:
    """What to call it."""
    title = state.metadata.get("title")
    if isinstance(title, str) and title:
        return title
    said = [text_of(message) for message in state.messages if message.get("role") == "user"]
    words = " ".join(said[0].split()) if said else ""
    return words if len(words) <= TITLE else f"{words[: TITLE - 1].rstrip()}…"
