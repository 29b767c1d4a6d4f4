"""Conversations in any store of records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...codec import as_stored
from ...errors import RecordCorruptError, SessionIdError
from ...records.ids import check_id
from ...records.methods import call
from ...records.store_like import SmallStore
from ..ids import random_text
from ..state import Message, SessionState, now_ms
from .segments import (
    GRACE,
    Layout,
    Run,
    Sealed,
    Stale,
    chunks_of,
    is_segment,
    names_of,
    prefix_of,
    segment_id,
)

Ids = list[str]  # a class with a method `list` cannot say it


@dataclass(frozen=True)
class _Kept:
    """What a state looked like when it was last read or written here."""

    storage: "StoreSessionStorage"
    id: str
    layout: Layout
    sealed: tuple[Sealed, ...] = ()
    own: str = ""  # the token of the last run, if this state's writer drew it


class StoreSessionStorage:
    """A storage over a `Store`, whatever it keeps its records in. `close()` closes the store.

    One more message costs the same however long the conversation is: one load and one save of a record
    that holds the newest messages, see `segments`. Segments are not listed, and their names are refused.
    Other records in the same store are taken for conversations that cannot be read: give it its own.
    """

    def __init__(self, store: SmallStore, *, clock: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._clock = clock

    async def save(self, state: SessionState) -> None:
        # Encoding belongs before the first wait: the state is the caller's.
        await self._write(_name(state.id), state, state.copy(), first=0)

    async def append(self, state: SessionState, messages: Sequence[Message]) -> None:
        id = _name(state.id)
        kept = state.kept
        first = _count(kept.sealed) if self._remembers(kept, id) else 0
        if first > len(state.messages) - len(messages):
            first = 0
        tail = SessionState.from_dict(state.head() | {"messages": state.messages[first:]})
        await self._write(id, state, tail, first=first)

    async def load(self, id: str) -> SessionState | None:
        check_id(id)
        if is_segment(id):
            return None
        found = await self._read(id)
        while found is not None:
            state, layout = found
            names = names_of(id, layout.runs)
            sealed = [await call(self._store, "load", name) for name in names]
            if None in sealed:
                again = await self._read(id)
                if again is not None and again[1] == layout:
                    name = names[sealed.index(None)]
                    raise RecordCorruptError(
                        f"the conversation {id} has lost its segment {name}; "
                        "delete it, or bring the record back",
                        key=name,
                    )
                found = again  # somebody wrote it anew meanwhile
                continue
            parts = [_messages(name, each) for name, each in zip(names, sealed, strict=True)]
            state.messages[:0] = [message for part in parts for message in part]
            known = tuple([Sealed.of(part) for part in parts])
            state.kept = _Kept(self, id, layout, known)
            return state
        return None

    async def delete(self, id: str) -> None:
        check_id(id)
        if is_segment(id):
            return
        layout = await self._layout(id)
        if layout.runs or layout.stale:
            # A deletion that is interrupted must leave neither half a conversation nor lost segments.
            await call(self._store, "save", id, {"deleted": True, "segments": layout.to_dict()})
            for name in names_of(id, layout.everything):
                await call(self._store, "delete", name)
        await call(self._store, "delete", id)

    async def list(self) -> Ids:
        return [id for id in await call(self._store, "list") if not is_segment(id)]

    async def close(self) -> None:
        """Close the store, if it can be."""
        if callable(getattr(self._store, "close", None)):
            await call(self._store, "close")

    async def sweep(self) -> int:
        """Remove what a crash leaves behind: segments that no conversation names; how many there were.

        Those of the last ten minutes stay: somebody may be about to name them. So does what cannot be
        read. Deletions that were interrupted are brought to their end.
        """
        for id in await self.list():
            if await self._is_deleted(id):
                await self.delete(id)
        names = await call(self._store, "list")
        segments = [name for name in names if is_segment(name)]
        for id in names if segments else []:
            if not is_segment(id):
                segments = await self._unnamed(id, segments)
        removed = 0
        for name in segments:
            try:
                record = await call(self._store, "load", name) or {}
            except RecordCorruptError:
                continue
            at = record.get("at")
            if "of" in record and isinstance(at, int) and self._clock() - at > GRACE:
                await call(self._store, "delete", name)
                removed += 1
        return removed

    async def _unnamed(self, id: str, segments: Ids) -> Ids:
        """Those of the segments that are not this conversation's."""
        try:
            record = await call(self._store, "load", id) or {}
            layout = Layout.from_dict(record["segments"]) if "segments" in record else Layout()
        except (RecordCorruptError, ValueError):
            # Whoever puts the head right needs its segments.
            return [name for name in segments if not name.startswith(prefix_of(id))]
        return sorted(set(segments).difference(names_of(id, layout.everything)))

    async def _is_deleted(self, id: str) -> bool:
        """Whether this is what is left of a deletion, and nothing of somebody else's."""
        try:
            record = await call(self._store, "load", id) or {}
            if record.keys() != {"deleted", "segments"} or record["deleted"] is not True:
                return False
            return bool(Layout.from_dict(record["segments"]).everything)
        except (RecordCorruptError, ValueError):
            return False

    # -- reading ----------------------------------------------------------------------------------

    async def _read(self, id: str) -> "tuple[SessionState, Layout] | None":
        """The head and its layout; None where there is none, or it is deleted."""
        record = await call(self._store, "load", id)
        if record is None or record.get("deleted") is True:
            return None
        try:
            if "segments" in record and "state" in record:
                state = SessionState.from_dict(record["state"])
                layout = Layout.from_dict(record["segments"])
            else:
                state, layout = SessionState.from_dict(record), Layout()
        except ValueError as error:
            raise RecordCorruptError(f"the record {id} cannot be read: {error}", key=id) from error
        if state.id != id:
            raise RecordCorruptError(f"the record {id} is the conversation {state.id}", key=id)
        return state, layout

    async def _layout(self, id: str) -> Layout:
        """What the stored head says of its segments; nothing, where it cannot be read."""
        try:
            record = await call(self._store, "load", id)
            return Layout.from_dict(record["segments"]) if record is not None else Layout()
        except (RecordCorruptError, LookupError, ValueError):
            return Layout()

    # -- writing ----------------------------------------------------------------------------------

    def _remembers(self, kept: Any, id: str) -> bool:
        return isinstance(kept, _Kept) and kept.storage is self and kept.id == id

    async def _write(self, id: str, state: SessionState, copy: SessionState, *, first: int) -> None:
        """Save a head. `copy` is the state, with its messages from the `first` on."""
        before: _Kept | None = state.kept if self._remembers(state.kept, id) else None
        stored = await self._layout(id)
        if before is not None and before.layout.runs and before.layout.revision != stored.revision:
            before = None  # another one was written, or it was deleted: these segments may be gone
        if before is None and first:
            copy, first = state.copy(), 0
        sealed = () if before is None else before.sealed
        if not first:
            sealed = _unchanged(sealed, copy.messages)
            del copy.messages[: _count(sealed)]
        runs, own = _cut(before, len(sealed))
        chunks, tail = chunks_of(copy.messages)
        now = self._clock()
        for chunk in chunks:
            if not own:
                own = random_text(16)
                runs += (Run(own, 0, 0),)
            number = runs[-1].end
            record = {"of": id, "at": now, "messages": chunk}
            await call(self._store, "save", segment_id(id, own, number), record)
            runs = (*runs[:-1], Run(own, 0, number + 1))
            sealed += (Sealed.of(chunk),)
        stale, over = _stale(stored, runs, now)
        layout = Layout(random_text(16), runs, stale) if runs or stale else Layout()
        head = copy.head() | {"messages": tail}
        await call(
            self._store,
            "save",
            id,
            {"state": head, "segments": layout.to_dict()} if layout.revision else head,
        )
        state.kept = _Kept(self, id, layout, sealed, own)
        for name in names_of(id, over):
            await call(self._store, "delete", name)


def _name(id: str) -> str:
    """The id of a conversation that may be written."""
    if is_segment(check_id(id)):
        raise SessionIdError(f"{id} is the name of a part of a conversation; take another id")
    return id


def _messages(name: str, record: "dict[str, Any] | None") -> list[Message]:
    messages = None if record is None else record.get("messages")
    if not isinstance(messages, list) or not all(
        isinstance(message, dict) and isinstance(message.get("role"), str) for message in messages
    ):
        raise RecordCorruptError(f"the record {name} is no segment of a conversation", key=name)
    return as_stored(messages)  # type: ignore[no-any-return]


def _unchanged(sealed: "tuple[Sealed, ...]", messages: list[Message]) -> "tuple[Sealed, ...]":
    """The first segments that still hold what the messages say."""
    start = 0
    for number, segment in enumerate(sealed):
        part = messages[start : start + segment.count]
        if Sealed.of(part) != segment:
            return sealed[:number]
        start += segment.count
    return sealed


def _count(sealed: "tuple[Sealed, ...]") -> int:
    """Messages in all of them."""
    return sum([segment.count for segment in sealed])


def _cut(before: "_Kept | None", count: int) -> "tuple[tuple[Run, ...], str]":
    """The runs of the first `count` segments, and the token that may be written on with."""
    if before is None:
        return (), ""
    runs: tuple[Run, ...] = ()
    for run in before.layout.runs:
        length = min(run.end, count)
        if length:
            runs += (Run(run.token, 0, length),)
        count -= length
    return runs, before.own if runs == before.layout.runs else ""


def _stale(
    stored: Layout, runs: "tuple[Run, ...]", now: int
) -> "tuple[tuple[Stale, ...], tuple[Run, ...]]":
    """What the new head is to call stale, and what has been that for long enough."""
    named = {run.token: run.end for run in runs}
    dropped = [
        Stale(run.token, named.get(run.token, 0), run.end, now)
        for run in stored.runs
        if named.get(run.token, 0) < run.end
    ]
    everything = (*stored.stale, *dropped)
    return (
        tuple([each for each in everything if now - each.at <= GRACE]),
        tuple([Run(*each[:3]) for each in everything if now - each.at > GRACE]),
    )
