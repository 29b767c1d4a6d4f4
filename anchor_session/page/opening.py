"""`session()` and `persistent()`: a state by name."""

from ..codec import adopt
from ..reactive.map_view import MapView
from . import merging, names, registry
from .binding import Binding
from .places import place, warn_once
from .storage import PersistentStorage, SessionStorage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..errors import StorageError
    from .merging import Data
    from .outcome import Restored


def restored(state: "Any") -> "Restored":
    """What happened when the state was opened, and whether it is stored now.

    Raises `TypeError` for what is no state.
    """
    root = getattr(state, "_root", None)
    if not isinstance(state, MapView) or root is None or root.view is not state:
        raise TypeError(f"restored() takes a state, not {type(state).__name__}")
    found: Restored = root.owner.restored
    return found


class Opener:
    """Opens states of one storage class: `session` and `persistent` are two of these."""

    def __init__(self, storage_class: "type[SessionStorage]", doc: str) -> None:
        self._storage_class = storage_class
        self.__doc__ = doc

    leave = staticmethod(registry.leave)
    restored = staticmethod(restored)

    def __call__(
        self,
        name: str,
        init: "Mapping[str, Any] | MapView | None" = None,
        *,
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
    ) -> MapView:
        """The state of that name: the stored record merged over `init`, written through from now on.

        `name` is ``"cart"``, ``"cart@2"`` or ``"cart@2:1"`` (name, version, the previous version, whose
        record is removed). `init` is a `dict`, which is copied. The same name gives the same object, as
        long as it is not left as often as it was opened.

        - `merge`: ``"shallow"`` by top-level keys, ``"deep"`` maps within maps too, ``"replace"`` the record
          alone, or a callable ``(init, stored) -> dict``. A key that was deleted stays deleted.
        - `area`: any object with `getItem`, `setItem` and `removeItem`.
        - `on_error`: called with the error where a write fails, in place of raising it; memory then keeps
          the change, and the next write tries the whole state again.
        - `storage_class`: a `SessionStorage` whose `key_for` and `adapter` decide key and area.

        Raises `ValueError` for a malformed name, `TypeError` for an `init` that is no map,
        `UnstorableValueError` for one that cannot be stored, `StorageError` where the area fails.
        After Session Storage APIs, `session()`.
        """
        _only_defaults(schema, strict, recursive, immutable, migrate, layout)
        found_class = self._storage_class if storage_class is None else storage_class
        plain_name, version, previous = names.parse(name)
        key = found_class.key_for(plain_name, version)
        old_key = None if previous is None else found_class.key_for(plain_name, previous)
        data = _plain(init)
        merge_function = merging.merger(merge)
        where, error = place(found_class.adapter if area is None else area)
        binding = registry.find(where, key)
        if binding is not None:
            binding.uses += 1
            return binding.view
        binding = Binding(
            where,
            key,
            version,
            data,
            merge=merge_function,
            overlays=merge in ("shallow", "deep"),
            deep=merge == "deep",
            on_error=on_error,
        )
        if error is not None:
            binding.live_in_memory(error)
        state = binding.open(old_key)
        registry.add(binding)
        error = binding.unavailable
        if error is not None:
            warn_once(error)
        return state


def _plain(init: "Mapping[str, Any] | MapView | None") -> "Data":
    if init is None:
        return {}
    if not isinstance(init, (dict, MapView)):
        if hasattr(type(init), "__dataclass_fields__") or hasattr(type(init), "__struct_fields__"):
            raise NotImplementedError("a typed init is not supported yet; give a dict")
        raise TypeError(f"a state starts from a dict, not from {type(init).__name__}")
    data: Data = adopt(init)
    return data


def _only_defaults(
    schema: "Any", strict: bool, recursive: bool, immutable: bool, migrate: "Any", layout: str
) -> None:
    given = {
        "schema": schema is not None,
        "strict": strict,
        "recursive": not recursive,
        "immutable": immutable,
        "migrate": migrate is not None,
        "layout": layout != "auto",
    }
    for name, is_given in given.items():
        if is_given:
            raise NotImplementedError(f"the option {name!r} is not supported yet")


session = Opener(
    SessionStorage, "Open a state of this tab: it survives reloads until the tab closes."
)
persistent = Opener(PersistentStorage, "Open a state of this browser: kept until it is removed.")
leave = registry.leave
