"""The public names, for type checkers and editors: they read no lazy table."""

from .answer import Answer as Answer
from .branches import Branch as Branch, lineage as lineage, lineages as lineages
from .storages.choosing import create_session_storage as create_session_storage
from .storages.cleaning import cleanup_sessions as cleanup_sessions
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
