"""Enters the views where `isinstance` and `match` look for their builtins' interfaces."""

from .list_view import ListView
from .map_parts import MapItems, MapKeys, MapValues
from .map_view import MapView
from .set_view import SetView

__all__ = ["ListView", "MapView", "SetView"]

try:
    from collections import abc
except ImportError:  # MicroPython has no abstract classes
    pass
else:
    abc.MutableMapping.register(MapView)
    abc.MutableSequence.register(ListView)
    abc.MutableSet.register(SetView)
    abc.KeysView.register(MapKeys)
    abc.ValuesView.register(MapValues)
    abc.ItemsView.register(MapItems)
