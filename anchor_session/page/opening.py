"""`session()`, `persistent()` and `shared()`: a state by name."""

from ..codec import as_stored, is_model
from ..errors import name_in_errors
from ..reactive.map_view import MapView
from ..reactive.plain import snapshot
from ..reactive.threads import whole
from ..reactive.view import View, lock
from . import merging, names, open_states
from .areas import find_area
from .binding import Binding
from .restoring import Terms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, Protocol, TypedDict, TypeVar, Unpack, overload

    from ..errors import StorageError, StorageUnavailableError
    from ..host.area import Area
    from ..typed.schema import Schema
    from .merging import Data
    from .migration import Migration
    from .restored import Restored
    from .storage_classes import SessionStorage

    class _Dataclass(Protocol):
        __dataclass_fields__: ClassVar[dict[str, Any]]

    class _Struct(Protocol):
        __struct_fields__: ClassVar[tuple[str, ...]]

    class _Pydantic(Protocol):
        __pydantic_fields__: ClassVar[dict[str, Any]]

    Model = _Dataclass | _Struct | _Pydantic
    T = TypeVar("T", bound=Model)

    class Options(TypedDict, total=False):
        """What `Opener.__call__` takes besides name and init."""

        schema: Any
        strict: bool
        recursive: bool
        immutable: bool
        migrate: Any
        merge: str | Callable[[Data, Data], Data]
        area: Any
        on_error: Callable[[StorageError], object] | None
        layout: str
        storage_class: type[SessionStorage] | None


def restored(state: "Any") -> "Restored":
    """What happened when the state was opened, and whether it is stored now.

    Raises `TypeError` for what is no state, or none that is stored.
    """
    binding = open_states.binding_of(getattr(state, "_view", state))  # a `State` has its view
    if binding is None:
        raise TypeError(f"restored() takes a state, not {type(state).__name__}")
    return binding.restored


@whole
def reset(state: "Any") -> None:
    """Put a state back to what it was opened with: one change, one write.

    Names that `init` does not have go, deleted ones come back and are no longer listed. Containers that stay
    keep their views. Subscribers hear one ``"replace"``, which a `history` can take back. Raises what a
    write raises, and nothing has changed then; `ImmutableError` for a state that may not be written.
    """
    binding = open_states.binding_of(state)
    if binding is None:
        from ..misuse import of_reset

        raise of_reset(state)
    state._open()
    binding.reset()


class _Signature:
    """What `inspect.signature` finds: without the arguments that are taken to say what to write instead."""

    def __get__(self, opener: "Any", owner: "type[Opener]") -> "Any":
        if opener is None:
            return None
        from inspect import signature

        whole = signature(opener.__call__)
        named = [each for each in whole.parameters.values() if each.name not in ("more", "unknown")]
        return whole.replace(parameters=named)


class Opener:
    """Opens a state by its name.

    The stored record is merged over `init`, and each change is written before the next statement runs.
    `name` is ``"cart"``, ``"cart@2"`` or ``"cart@2:1"`` (name, version, the previous version, whose
    record is removed, unread without `migrate`). `init` is a `dict`, which is copied, or an instance of a
    dataclass, Struct or pydantic model: then the state reads and writes like that. The same name gives
    the same object, as long as it is not left as often as it was opened.

    - `schema`: a dataclass, Struct or pydantic class, or a function ``(dict) -> dict`` that raises. A
      change that does not fit raises `SchemaError`; of a record, the keys that fit are used.
    - `strict=True`: a record of which anything does not fit is refused whole.
    - `merge`: ``"shallow"`` by top-level keys, ``"deep"`` maps within maps too, ``"replace"`` the record
      alone, or a callable ``(init, stored) -> dict``. A key that was deleted stays deleted.
    - `migrate`: ``(old) -> new`` for the record of the previous version, or a dict of such steps by the
      version they start from, oldest first. Raises `MigrationError`; the old record then stays.
    - `area`: any object with `getItem`, `setItem` and `removeItem`.
    - `recursive=False`: containers inside the state are read as copies; changing one does nothing.
    - `immutable=True`: every change raises `ImmutableError`; `writable(state)` is a view that may write.
    - `on_error`: called with the error where a write fails, in place of raising it; memory then keeps
      the change, and the next write tries the whole state again.
    - `layout`: how a large state is written. ``"document"``: whole, after each change. ``"journal"``: the
      changes beside the document, folded into it when the page is idle or left. ``"auto"``: a document
      while it is small.
    - `storage_class`: a `SessionStorage` whose `key_for` and `adapter` decide key and area.

    Raises `ValueError` for a malformed name, and for a name that is open with another schema or class,
    `SchemaError` for an `init` that does not fit, `TypeError` for an `init` that is no map,
    `UnstorableValueError` for one that cannot be stored, `StorageError` where the area fails. Where a
    record is there and what `init` adds finds no room, a `StorageWarning` says that memory alone has it.
    `leave`, `reset` and `restored` are attributes, too. After Session Storage APIs, `session()`.

    Of `shared()` and `persistent()`, what several tabs change at the same moment is merged: changes of
    different paths are all kept, of one path the last one wins, in all tabs.
    """

    def __init__(self, prefix: str, adapter: str, title: str) -> None:
        """`session`, `persistent` and `shared` are these: their keys begin with `prefix`.

        `adapter` is where their records live by default, ``"shared"`` for the browser session that this tab
        is in. (Session Storage APIs has a class for that, here `SessionStorage` or `PersistentStorage`.)
        """
        self._prefix = prefix
        self._adapter = adapter
        # Neither the wheel for pages nor MicroPython has docstrings.
        options = getattr(Opener, "__doc__", None) or ""
        self.__doc__ = title + options[options.find("\n") :]

    __signature__ = _Signature()
    leave = staticmethod(open_states.leave)
    reset = staticmethod(reset)
    restored = staticmethod(restored)

    if TYPE_CHECKING:

        @overload
        def __call__(
            self,
            name: str,
            init: "Mapping[str, Any] | MapView | None" = None,
            **options: "Unpack[Options]",
        ) -> MapView: ...
        @overload
        def __call__(self, name: str, init: T, **options: "Unpack[Options]") -> T: ...

    def __call__(
        self,
        name: str,
        init: "Any" = None,
        *more: "Any",
        schema: "Any" = None,
        strict: bool = False,
        recursive: bool = True,
        immutable: bool = False,
        migrate: "Any" = None,
        merge: "str | Callable[[Data, Data], Data]" = "shallow",
        area: "Any" = None,
        on_error: "Callable[[StorageError], object] | None" = None,
        layout: str = "auto",
        storage_class: "type[SessionStorage] | None" = None,
        **unknown: "Any",
    ) -> "Any":
        """Open the state of that name; the class says what the options do."""
        if more or unknown:
            from ..misuse import of_arguments

            raise of_arguments(more, unknown, getattr(type(self).__call__, "__kwdefaults__", None))
        if isinstance(recursive, str) or not (on_error is None or callable(on_error)):
            from ..misuse import of_values

            raise of_values(recursive, on_error)
        if storage_class is not None:
            from .storage_classes import check_storage_class

            check_storage_class(storage_class)
        if layout not in _LAYOUTS:
            raise ValueError(f"layout is one of {', '.join(_LAYOUTS)}, not {layout!r}")
        plain_name, version, previous = names.parse(name)

        prefix, where, error = self._prefix, None, None
        if area is None:
            area = self._adapter if storage_class is None else storage_class.adapter
            if area == "shared":
                prefix, where, error = _browser_session()
        if where is None:
            where, error = find_area(area)

        def key_for(version: str) -> str:
            if storage_class is None:
                return names.key(prefix, plain_name, version)
            return storage_class.key_for(plain_name, version)

        key = key_for(version)
        migration = None
        if migrate is not None or previous is not None:
            migration = _migration(migrate, previous, version, key_for)
        merging.merger(merge)  # raises for what is none
        options = {
            "merge": merge,
            "strict": strict,
            "recursive": recursive,
            "immutable": immutable,
            "layout": layout,
            "on_error": on_error,
        }
        return _open((where, error), key, version, migration, init, schema, options)


name_in_errors(Opener.__call__, "session(), persistent() or shared")

_LAYOUTS = ("auto", "document", "journal")


@whole
def _open(
    found_area: "tuple[Area, StorageUnavailableError | None]",
    key: str,
    version: str,
    migration: "Migration | None",
    init: "Any",
    schema: "Any",
    options: "dict[str, Any]",
) -> "Any":
    """The state of that key, which is open already or begins; `options` are of its `Terms`."""
    where, error = found_area
    if isinstance(init, View) and not isinstance(init, MapView):
        init = snapshot(init)
    has_model = is_model(init)
    is_typed = schema is not None or has_model
    data = {} if has_model else _plain(init)
    binding = open_states.find(where, key)
    predecessor = None
    if binding is not None and binding.uses == 0:
        predecessor = binding
    elif binding is not None:
        if is_typed or binding.terms.schema is not None:
            _check_same(binding.terms.schema, init, schema)
        layout = options["layout"]
        if layout != "auto" and layout != binding.terms.layout:
            raise ValueError(f"`{key}` is open with the layout {binding.terms.layout!r}")
        binding.uses += 1
        return lock(binding.view) if options["immutable"] else binding.state
    found_schema = None
    if is_typed:
        found_schema = find_schema(init if has_model else data, schema)
        data = found_schema.init
    terms = Terms(data, schema=found_schema, **options)
    binding = Binding(where, key, version, terms)
    if error is not None:
        binding.live_in_memory(error)
    return open_states.begin(binding, migration, predecessor)


def _plain(init: "Mapping[str, Any] | MapView | None") -> "Data":
    if init is None:
        return {}
    if not isinstance(init, (dict, MapView)):
        raise TypeError(
            "a state starts from a dict, or an instance of a dataclass, Struct or pydantic model, not from "
            f"{type(init).__name__}"
        )
    data: Data = as_stored(init)
    return data


def _browser_session() -> "tuple[str, Area, StorageUnavailableError | None]":
    """What keys begin with, the area, and why it is memory. Only a shared state enters the session."""
    from .scopes.browser_session import enter

    here = enter()
    return f"anchor-shared:{here.id}", here.area, here.unavailable


def _migration(
    migrate: "Any", previous: "str | None", version: str, key_for: "Callable[[str], str]"
) -> "Migration":
    """The way from older versions. Only a state that has some imports `migration`."""
    from .migration import Migration

    return Migration(migrate, previous, version, key_for)


def find_schema(init: "Any", schema: "Any" = None) -> "Schema":
    """What the data has to be. Only a state that has a schema imports `typed`."""
    from ..typed.schema import Schema

    return Schema(init, schema)


def _check_same(open_one: "Schema | None", init: "Any", schema: "Any") -> None:
    from ..typed.schema import check_same

    check_same(open_one, init, schema)


session = Opener(
    "anchor-session",
    "session",
    "Open a state of this tab: it survives reloads until the tab closes.",
)
persistent = Opener(
    "anchor-persistent", "local", "Open a state of this browser: kept until it is removed."
)
shared = Opener(
    "anchor-shared",
    "shared",
    "Open a state that all tabs hold together, until the browser session ends.",
)
leave = open_states.leave
