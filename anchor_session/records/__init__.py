"""Records of sessions by id, in memory, files, SQLite, Redis or Web Storage, and their manager.

from anchor_session.records import FileStore, SessionManager

manager = SessionManager(FileStore("sessions"), ttl=3600)
session = await manager.session(cookie) or await manager.new_session()
session["user"] = "u-123"
await manager.save_session(session)
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
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
else:
    import anchor_session as _package

    # Where each public name is defined; its module is imported when the name is first asked for.
    _NAMES = {
        "stores.file_store": "FileStore",
        "manager": "SessionManager",
        "stores.memory": "InMemoryStorage MemoryStore",
        "stores.redis": "RedisStore",
        "services": (
            "SERVICE_SESSION_MANAGER SERVICE_SESSION_STORAGE SESSION_COOKIE_NAME "
            "session_manager_from session_storage_from"
        ),
        "session": "Session",
        "stores.sqlite": "SQLiteStore",
        "store": "Store",
        "store_like": "StoreLike",
        "stores.web": "WebStore",
    }
    _HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}

    __all__ = sorted(_HOMES)

    __getattr__, __dir__ = _package._lazy(_HOMES, globals())
