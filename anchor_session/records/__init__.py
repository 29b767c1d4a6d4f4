"""Records of sessions by id, in memory, files, SQLite, Redis or Web Storage, and their manager.

from anchor_session.records import FileStore, SessionManager

manager = SessionManager(FileStore("sessions"), ttl=3600)
session = await manager.session(cookie) or await manager.new_session()
session["user"] = "u-123"
await manager.save_session(session)
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .memory import InMemoryStorage as InMemoryStorage, MemoryStore as MemoryStore
    from .redis import RedisStore as RedisStore
    from .store import Store as Store
    from .store_like import StoreLike as StoreLike
    from .web import WebStore as WebStore
else:
    # Where each public name is defined; its module is imported when the name is first asked for.
    _NAMES = {
        "memory": "InMemoryStorage MemoryStore",
        "redis": "RedisStore",
        "store": "Store",
        "store_like": "StoreLike",
        "web": "WebStore",
    }
    _HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}

    __all__ = sorted(_HOMES)

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = __import__(_HOMES[name], globals(), None, [name], 1)
        value = globals()[name] = getattr(module, name)
        return value

    def __dir__():
        return sorted(set(globals()).union(__all__))
