"""`MapView`: the whole interface of `dict` over a map of the state, and attribute access to its keys."""

from functools import partial
from types import GenericAlias

from ..codec import as_stored_key, same
from ..errors import cut
from . import graph
from .map_parts import MapItems, MapKeys, MapValues
from .plain import MISSING, copy_plain
from .steps import submit
from .threads import whole
from .tracking import BELOW, KEYS, track
from .transaction import Transaction, order_before
from .view import VIEWS, View, detached, enter, raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class MapData(View):
    """A view whose data is a map, whatever it looks like from outside."""

    __slots__ = ()
    _data: "dict[str, Any]"

    def _key_of(self, child: View) -> "str | int":
        if self._data.get(child._key) is not child._data:  # type: ignore[arg-type]
            raise detached(child._key)
        return child._key  # type: ignore[return-value]

    def _peek(self, key: "Any") -> "Any":
        return self._data.get(key, MISSING)

    def _read_keys(self) -> "dict[str, Any]":
        """The data, of whose keys and their order the present effect or computed value depends."""
        if graph.reader is not None:
            track(self, KEYS)
        return self._data


class MapView(MapData):
    """A `dict` of the state: same methods, same errors, and ``state.name`` for ``state["name"]``.

    What is assigned is stored as a copy. Keys are text. Containers are read as views, whether by item,
    attribute or iteration; what `pop` and `popitem` return is plain data. Names that begin with ``_`` and
    names of methods are no keys by attribute: write ``state["items"]``.
    """

    __slots__ = ()

    # -- reading --------------------------------------------------------------------------------

    def __getitem__(self, key: str) -> "Any":
        if graph.reader is not None:
            track(self, key)
        try:
            value = self._data[key]
        except KeyError:
            raise _no_key(self, key) from None
        if type(value) not in VIEWS:
            return value
        child = self._children.get(id(value))
        return child if child is not None and child._key == key else self._child(value, key)

    def get(self, key: str, default: "Any" = None) -> "Any":
        if graph.reader is not None:
            track(self, key)
        value = self._data.get(key, MISSING)
        if value is MISSING:
            return default
        if type(value) not in VIEWS:
            return value
        child = self._children.get(id(value))
        return child if child is not None and child._key == key else self._child(value, key)

    def __contains__(self, key: object) -> bool:
        if graph.reader is not None:
            track(self, key)
        return key in self._data

    @whole
    def __iter__(self) -> "Iterator[str]":
        return iter(self._read_keys())

    def __reversed__(self) -> "Iterator[str]":
        return reversed(self._read_keys())

    def keys(self) -> MapKeys:
        return MapKeys(self)

    def values(self) -> MapValues:
        return MapValues(self)

    def items(self) -> MapItems:
        return MapItems(self)

    @whole
    def copy(self) -> "dict[str, Any]":
        """A `dict` of the same keys; containers in it are the state's own views."""
        if graph.reader is not None:
            track(self, BELOW)
        return dict(self.items())

    def __or__(self, other: "Any") -> "Any":
        other = raw(other)
        return dict(self.items()) | other if isinstance(other, dict) else NotImplemented

    def __ror__(self, other: "Any") -> "Any":
        return other | dict(self.items()) if isinstance(other, dict) else NotImplemented

    @staticmethod
    def fromkeys(keys: "Any", value: "Any" = None) -> "dict[Any, Any]":
        return dict.fromkeys(keys, value)

    def __class_getitem__(cls, item: "Any") -> "Any":
        return GenericAlias(cls, item)

    # -- writing --------------------------------------------------------------------------------

    @whole
    def __setitem__(self, key: str, value: "Any") -> None:
        path = self._open()
        if type(key) is not str or not key.isascii():
            key = as_stored_key(key, path)
        new = value
        old = self._data.get(key, MISSING)
        is_as_is = self._stored_as_is.get(type(value))
        if is_as_is is None or not is_as_is(value):
            if isinstance(value, View) and value._data is old and value._stands_at(self, key):
                return
            new = self._as_stored(value, path + (key,))
            if new is not value:  # that may have run code that changes the state
                path = self._open()
                old = self._data.get(key, MISSING)
        if old is not MISSING and same(old, new):
            return
        self._data[key] = new
        try:
            submit(self, path, "set", key, new, old)
        except Exception as error:
            cut(error)
            raise

    _put = __setitem__  # type: ignore[assignment]

    @whole
    def __delitem__(self, key: str) -> None:
        path = self._open()
        data = self._data
        if key not in data:
            raise _no_key(self, key)
        order = None if next(reversed(data)) == key else order_before(self)
        submit(self, path, "delete", key, MISSING, data.pop(key), order)

    _drop = __delitem__  # type: ignore[assignment]

    @whole
    def pop(self, key: str, default: "Any" = MISSING) -> "Any":
        if key not in self._data:
            if default is MISSING:
                raise _no_key(self, key)
            return default
        value = copy_plain(self._data[key])
        del self[key]
        return value

    @whole
    def popitem(self) -> "tuple[str, Any]":
        if not self._data:
            raise KeyError("popitem(): dictionary is empty")
        key = next(reversed(self._data))
        return key, MapView.pop(self, key)

    @whole
    def setdefault(self, key: str, default: "Any" = None) -> "Any":
        if key not in self._data:
            self[key] = default
        return self[key]

    @whole
    def update(*others: "Any", **items: "Any") -> None:  # `self` is a key like any other
        self: MapView = others[0]
        with Transaction():
            for key, value in dict(*others[1:], **items).items():
                self[key] = value

    def __ior__(self, other: "Any") -> "MapView":
        MapView.update(self, raw(other))
        return self

    @whole
    def clear(self) -> None:
        with Transaction():
            for key in list(reversed(self._data)):
                del self[key]

    # -- attributes -----------------------------------------------------------------------------

    def __getattr__(self, name: str) -> "Any":
        if name[:1] != "_":
            try:
                return self[name]
            except KeyError:
                pass
        if name in self._data:
            raise AttributeError(_write_underscored(name), name=name, obj=self)
        raise _no_attribute(self, name)

    def __setattr__(self, name: str, value: "Any") -> None:
        if name[:1] == "_":
            try:
                object.__setattr__(self, name, value)
            except AttributeError:
                raise AttributeError(_write_underscored(name), name=name, obj=self) from None
        elif name in _METHODS:
            raise AttributeError(_write_item(name), name=name, obj=self)
        else:
            try:
                self[name] = value
            except Exception as error:
                cut(error)
                raise

    @whole
    def __delattr__(self, name: str) -> None:
        if name in _METHODS:
            raise AttributeError(_write_item(name), name=name, obj=self)
        if name[:1] == "_" or name not in self._data:
            raise _no_attribute(self, name)
        del self[name]

    def __dir__(self) -> "list[str]":
        return list(object.__dir__(self)) + [key for key in self._data if key.isidentifier()]


def _no_key(view: MapData, key: "Any") -> KeyError:
    global _no_key
    from .missing import no_key as _no_key

    return _no_key(view, key)


def _no_attribute(view: MapData, name: str) -> AttributeError:
    global _no_attribute
    from .missing import no_attribute as _no_attribute

    return _no_attribute(view, name)


def _write_underscored(name: str) -> str:
    return f'names that begin with "_" are no keys by attribute; write state["{name}"]'


def _write_item(name: str) -> str:
    return f'{name!r} is a method of maps; for a key of that name write state["{name}"]'


class _Method(partial):  # type: ignore[type-arg]
    """A bound method that says what to write where it is taken for a key of the same name."""

    def __getattr__(self, name: str) -> "Any":
        if name[:2] == "__":
            return getattr(self.func, name)
        raise AttributeError(_write_item(self.func.__name__), name=name, obj=self)

    def __setattr__(self, name: str, value: "Any") -> None:
        raise AttributeError(_write_item(self.func.__name__), name=name, obj=self)


class _MethodSlot:
    """Descriptor that binds a method of `MapView` as a `_Method`."""

    def __init__(self, function: "Any") -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, view: "MapView | None", owner: type) -> "Any":
        return self.function if view is None else _Method(self.function, view)


_METHODS = frozenset([name for name in dir(MapView) if name[:1] != "_"])
for _name in _METHODS:
    if _name != "fromkeys":
        setattr(MapView, _name, _MethodSlot(MapView.__dict__[_name]))


def _first_list(*arguments: "Any") -> View:
    from .list_view import ListView

    return ListView(*arguments)


def _first_set(*arguments: "Any") -> View:
    from .set_view import SetView

    return SetView(*arguments)


# Every state begins with a map. The modules of lists and sets are loaded when the first one is met.
VIEWS[dict] = MapView
VIEWS.setdefault(list, _first_list)
VIEWS.setdefault(set, _first_set)
enter(MapView, "MutableMapping")
