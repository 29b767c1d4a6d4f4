"""Conversations as files: what is saved to disk here is what a `FileSessionStorage` elsewhere reads.

Both ways go through such a storage in the page's own file system, so that a file is what that writes, and
what it would not read is not taken.
"""

import json
from pathlib import Path
from typing import Any

from pyscript import document, when, window

from anchor_session import SessionIdError, StorageError
from anchor_session.conversations import FileSessionStorage, SessionState, fork_session

from ..dom import find
from ..notices import say
from . import state
from .branching import put_back
from .keeping import is_unsaved, told
from .talk import current, is_answering

DIRECTORY = Path("/tmp/conversations")
LARGEST = 5_000_000
"""Bytes of a file: more has no room in Web Storage."""

_files = FileSessionStorage(DIRECTORY)


@when("click", "#export")
async def export() -> None:
    """Save the open conversation to disk, with what has come of an answer."""
    conversation = current()
    if conversation is None:
        return
    found = conversation.state
    if is_answering():
        async with told():
            await conversation.save()
        if not is_unsaved.peek():
            found = await state.storage.load(conversation.id) or found
    await _files.save(found)
    text = (DIRECTORY / f"{conversation.id}.json").read_text(encoding="utf-8")
    await _files.delete(conversation.id)
    blob = window.Blob.new([text], {"type": "application/json"})
    link = document.createElement("a")
    link.href = window.URL.createObjectURL(blob)
    link.download = f"{conversation.id}.json"
    link.click()
    window.URL.revokeObjectURL(link.href)


@when("change", "#import")
async def take_file(event: Any) -> None:
    file = event.target.files.item(0)
    if not file:
        return
    event.target.value = ""  # the same one again is a change too
    if file.size > LARGEST:
        say(f"{file.name} is too large to be kept here: {file.size:,} bytes.")
        return
    try:
        found = await read_in(await file.text())
    except (ValueError, SessionIdError, StorageError) as error:
        say(f"{file.name} is no conversation that can be read: {error}")
        return
    say("")
    await put_back(found)
    find("#draft").focus()


async def read_in(text: str) -> SessionState:
    """The conversation in the text of a file; a fork of it, if another of that id is here already."""
    id = SessionState.from_dict(json.loads(text)).id
    there = await state.storage.load(id)  # which refuses what is no id
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    (DIRECTORY / f"{id}.json").write_text(text, encoding="utf-8")
    try:
        found = await _files.load(id)
        assert found is not None
        if there is not None and there != found:
            found = (await fork_session(id, session_storage=_files)).state
    finally:
        await _files.delete(id)
    return found
