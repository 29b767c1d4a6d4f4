"""Conversations that outlive the process or the page: they resume, and they fork.

from anchor_session.conversations import FileSessionStorage, create_session

storage = FileSessionStorage("sessions")
async with await create_session(provider=provider, session_storage=storage) as conversation:
    await conversation.send("What is an anchor for?")
    async for event in conversation.receive():
        if event.type == "text":
            print(event.text, end="")
"""

import anchor_session as _package

# Where each public name is defined; its module is imported when the name is first asked for.
_NAMES = {
    "answer": "Answer",
    "branches": "Branch lineage lineages",
    "storages.choosing": "create_session_storage",
    "storages.cleaning": "cleanup_sessions",
    "conversation": "Conversation",
    "storages.defaults": "set_default_storage",
    "events": "ErrorEvent Event StopEvent TextEvent ToolCallEvent UsageEvent",
    "storages.files": "FileSessionStorage",
    "storages.memory": "MemorySessionStorage",
    "openai.provider": "openai_provider",
    "opening": "create_session fork_session resume_session",
    "provider": "Provider Tool",
    "state": "Message SessionState",
    "storages.contract": "AppendingStorage SessionStorage",
    "storages.in_store": "StoreSessionStorage",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_HOMES)

__getattr__, __dir__ = _package._lazy(_HOMES, globals())
