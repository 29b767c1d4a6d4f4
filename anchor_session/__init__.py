"""Python state that survives a page reload.

from anchor_session import session

cart = session("cart", {"lines": []})
cart.lines.append({"sku": "A1", "qty": 2})  # in sessionStorage before the next statement runs
"""

__version__ = "0.1.0"

# Where each public name is defined. Python in a browser keeps no byte code: a page compiles what it
# imports at every load, so a module is imported when one of its names is first asked for. Checkers and
# editors, which run no code, find the same names in `__init__.pyi`.
_NAMES = {
    "errors": (
        "AnchorError AnchorWarning CycleError DetachedError ImmutableError "
        "MigrationError ProviderError QuotaExceededError RecordCorruptError SchemaError "
        "ServiceError SessionClosedError SessionIdError SessionNotFoundError "
        "StorageError StorageUnavailableError StorageUnavailableWarning "
        "StorageWarning StoreClosedError UnstorableValueError"
    ),
    "page.elements.bind": "bind",
    "page.elements.each": "each",
    "page.scopes.instance_scope": (
        "InstanceScope instance_init instance_load instance_remove instance_save"
    ),
    "page.opening": "leave persistent reset restored session shared",
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

_frame = getattr(__import__("sys"), "_getframe", None)  # MicroPython has none
_IMPORT = ("importlib._bootstrap", "_frozen_importlib")


def _lazy(homes, package):
    """`__getattr__` and `__dir__` for the globals of a package whose names are in those modules of it."""

    def find(name):
        if name not in homes:
            # Importing a submodule asks for its name first, from a module that has two names.
            asker = _frame(1).f_globals.get("__name__") if _frame else _IMPORT[0]
            if name[:1] == "_" or asker in _IMPORT:
                raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
            from .spelling import missing

            raise missing(package["__name__"], name)
        module = __import__(homes[name], package, None, [name], 1)
        value = package[name] = getattr(module, name)
        return value

    return find, lambda: sorted(set(package).union(homes))


__getattr__, __dir__ = _lazy(_HOMES, globals())
