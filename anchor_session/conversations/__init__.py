"""Conversations that outlive the process or the page: they resume, and they fork.

from anchor_session.conversations import FileSessionStorage, create_session

storage = FileSessionStorage("sessions")
async with await create_session(provider=provider, session_storage=storage) as conversation:
    await conversation.send("What is an anchor for?")
    async for event in conversation.receive():
        if event.type == "text":
            print(event.text, end="")
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .answer import Answer as Answer
    from .branches import Branch as Branch, lineage as lineage, lineages as lineages
    from .storages.choosing import create_session_storage as create_session_storage
    from .cleaning import cleanup_sessions as cleanup_sessions
    from .conversation import Conversation as Conversation
    from .storages.defaults import set_default_storage as set_default_storage
    from .events import (
        ErrorEvent as ErrorEvent,
        Event as Event,
        StopEvent as StopEvent,
        TextEvent as TextEvent,
        ToolCallEvent as ToolCallEvent,
        UsageEvent as UsageEvent,
    )
    from .storages.files import FileSessionStorage as FileSessionStorage
    from .storages.memory import MemorySessionStorage as MemorySessionStorage
    from .openai.provider import openai_provider as openai_provider
    from .opening import (
        create_session as create_session,
        fork_session as fork_session,
        resume_session as resume_session,
    )
    from .provider import Provider as Provider, Tool as Tool
    from .state import Message as Message, SessionState as SessionState
    from .storages.contract import (
        AppendingStorage as AppendingStorage,
        SessionStorage as SessionStorage,
    )
    from .storages.in_store import StoreSessionStorage as StoreSessionStorage
else:
    import anchor_session as _package

    # Where each public name is defined; its module is imported when the name is first asked for.
    _NAMES = {
        "answer": "Answer",
        "branches": "Branch lineage lineages",
        "storages.choosing": "create_session_storage",
        "cleaning": "cleanup_sessions",
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
