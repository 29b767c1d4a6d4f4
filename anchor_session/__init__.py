"""Python state that survives a page reload.

from anchor_session import session

cart = session("cart", {"lines": []})
cart.lines.append({"sku": "A1", "qty": 2})  # in sessionStorage before the next statement runs
"""

from .errors import (
    AnchorError,
    AnchorWarning,
    CycleError,
    DetachedError,
    ImmutableError,
    MigrationError,
    QuotaExceededError,
    RecordCorruptError,
    SchemaError,
    ServiceError,
    SessionClosedError,
    SessionIdError,
    SessionNotFoundError,
    StorageError,
    StorageUnavailableError,
    StorageUnavailableWarning,
    StorageWarning,
    StoreClosedError,
    UnstorableValueError,
)
from .page.dom import bind
from .page.opening import leave, persistent, restored, session
from .page.outcome import Restored
from .page.quota import Usage, usage
from .page.storage import MemoryStorage, PersistentStorage, SessionStorage, StorageEvent
from .reactive.change import Change
from .reactive.computed import Computed, computed
from .reactive.graph import Effect, effect, untracked
from .reactive.history import History, history
from .reactive.plain import snapshot
from .reactive.protocols import ListView, MapView, SetView
from .reactive.signal import Signal
from .reactive.subscription import subscribe
from .reactive.transaction import batch
from .reactive.view import writable

__version__ = "0.1.0"

__all__ = [
    "AnchorError",
    "AnchorWarning",
    "Change",
    "Computed",
    "CycleError",
    "DetachedError",
    "Effect",
    "History",
    "ImmutableError",
    "ListView",
    "MapView",
    "MemoryStorage",
    "MigrationError",
    "PersistentStorage",
    "QuotaExceededError",
    "RecordCorruptError",
    "Restored",
    "SchemaError",
    "ServiceError",
    "SessionClosedError",
    "SessionIdError",
    "SessionNotFoundError",
    "SessionStorage",
    "SetView",
    "Signal",
    "StorageError",
    "StorageEvent",
    "StorageUnavailableError",
    "StorageUnavailableWarning",
    "StorageWarning",
    "StoreClosedError",
    "UnstorableValueError",
    "Usage",
    "batch",
    "bind",
    "computed",
    "effect",
    "history",
    "leave",
    "persistent",
    "restored",
    "session",
    "snapshot",
    "subscribe",
    "untracked",
    "usage",
    "writable",
]
