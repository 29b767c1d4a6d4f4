"""The public names, for type checkers and editors: they read no lazy table."""

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
from .page.elements.each import each as each
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
    reset as reset,
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

__version__: str
