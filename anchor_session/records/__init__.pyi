"""The public names, for type checkers and editors: they read no lazy table."""

from .stores.file_store import FileStore as FileStore
from .manager import SessionManager as SessionManager
from .stores.memory import InMemoryStorage as InMemoryStorage, MemoryStore as MemoryStore
from .stores.redis import RedisStore as RedisStore
from .services import (
    SERVICE_SESSION_MANAGER as SERVICE_SESSION_MANAGER,
    SERVICE_SESSION_STORAGE as SERVICE_SESSION_STORAGE,
    SESSION_COOKIE_NAME as SESSION_COOKIE_NAME,
    session_manager_from as session_manager_from,
    session_storage_from as session_storage_from,
)
from .session import Session as Session
from .stores.sqlite import SQLiteStore as SQLiteStore
from .store import Store as Store
from .store_like import StoreLike as StoreLike
from .stores.web import WebStore as WebStore
