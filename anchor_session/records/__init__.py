"""Records of sessions by id, in memory, files, SQLite, Redis or Web Storage, and their manager.

from anchor_session.records import FileStore, SessionManager

manager = SessionManager(FileStore("sessions"), ttl=3600)
session = await manager.session(cookie) or await manager.new_session()
session["user"] = "u-123"
await manager.save_session(session)
"""

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
