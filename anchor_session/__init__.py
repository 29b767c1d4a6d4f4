"""Python state that survives a page reload.

from anchor_session import session

cart = session("cart", {"lines": []})
cart.lines.append({"sku": "A1", "qty": 2})  # in sessionStorage before the next statement runs
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .errors import (
        AnchorError as AnchorError,
        AnchorWarning as AnchorWarning,
        CycleError as CycleError,
        DetachedError as DetachedError,
        ImmutableError as ImmutableError,
        MigrationError as MigrationError,
        ProviderError as ProviderError,
        QuotaExceededError as QuotaExceededError,
        RecordCorruptError as RecordCorruptError,
        SchemaError as SchemaError,
        ServiceError as ServiceError,
        SessionClosedError as SessionClosedError,
        SessionIdError as SessionIdError,
        SessionNotFoundError as SessionNotFoundError,
        StorageError as StorageError,
        StorageUnavailableError as StorageUnavailableError,
        StorageUnavailableWarning as StorageUnavailableWarning,
        StorageWarning as StorageWarning,
        StoreClosedError as StoreClosedError,
        UnstorableValueError as UnstorableValueError,
    )
    from .page.elements.bind import bind as bind
    from .page.scopes.instance_scope import (
        InstanceScope as InstanceScope,
        instance_init as instance_init,
        instance_load as instance_load,
        instance_remove as instance_remove,
        instance_save as instance_save,
    )
    from .page.opening import (
        leave as leave,
        persistent as persistent,
        restored as restored,
        session as session,
        shared as shared,
    )
    from .page.restored import Restored as Restored
    from .page.usage import Usage as Usage, usage as usage
    from .page.scopes.scope_change import ScopeChange as ScopeChange
    from .page.scopes.session_scope import (
        SessionScope as SessionScope,
        session_end as session_end,
        session_init as session_init,
        session_load as session_load,
        session_remove as session_remove,
        session_save as session_save,
    )
    from .page.storage_classes import (
        MemoryStorage as MemoryStorage,
        PersistentStorage as PersistentStorage,
        SessionStorage as SessionStorage,
        StorageEvent as StorageEvent,
    )
    from .reactive.change import Change as Change
    from .reactive.computed import Computed as Computed, computed as computed
    from .reactive.effect import Effect as Effect, effect as effect
    from .reactive.graph import untracked as untracked
    from .reactive.history import History as History, history as history
    from .reactive.list_view import ListView as ListView
    from .reactive.map_view import MapView as MapView
    from .reactive.plain import snapshot as snapshot
    from .reactive.set_view import SetView as SetView
    from .reactive.signal import Signal as Signal
    from .reactive.subscription import subscribe as subscribe
    from .reactive.transaction import batch as batch
    from .reactive.view import writable as writable
else:
    # Where each public name is defined. Python in a browser keeps no byte code: a page compiles what it
    # imports at every load, so a module is imported when one of its names is first asked for.
    _NAMES = {
        "errors": (
            "AnchorError AnchorWarning CycleError DetachedError ImmutableError "
            "MigrationError ProviderError QuotaExceededError RecordCorruptError SchemaError "
            "ServiceError SessionClosedError SessionIdError SessionNotFoundError "
            "StorageError StorageUnavailableError StorageUnavailableWarning "
            "StorageWarning StoreClosedError UnstorableValueError"
        ),
        "page.elements.bind": "bind",
        "page.scopes.instance_scope": (
            "InstanceScope instance_init instance_load instance_remove instance_save"
        ),
        "page.opening": "leave persistent restored session shared",
        "page.restored": "Restored",
        "page.usage": "Usage usage",
        "page.scopes.scope_change": "ScopeChange",
        "page.scopes.session_scope": (
            "SessionScope session_end session_init session_load session_remove session_save"
        ),
        "page.storage_classes": "MemoryStorage PersistentStorage SessionStorage StorageEvent",
        "reactive.change": "Change",
        "reactive.computed": "Computed computed",
        "reactive.effect": "Effect effect",
        "reactive.graph": "untracked",
        "reactive.history": "History history",
        "reactive.list_view": "ListView",
        "reactive.map_view": "MapView",
        "reactive.plain": "snapshot",
        "reactive.set_view": "SetView",
        "reactive.signal": "Signal",
        "reactive.subscription": "subscribe",
        "reactive.transaction": "batch",
        "reactive.view": "writable",
    }
    _HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}

    __all__ = sorted(_HOMES)

    def _lazy(homes, package):
        """`__getattr__` and `__dir__` for the globals of a package whose names are in those modules of it."""

        def find(name):
            if name not in homes:
                raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
            module = __import__(homes[name], package, None, [name], 1)
            value = package[name] = getattr(module, name)
            return value

        return find, lambda: sorted(set(package).union(homes))

    __getattr__, __dir__ = _lazy(_HOMES, globals())
