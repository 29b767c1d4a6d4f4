"""The states that are open in this page: one for each key of an area.

This is the package's only registry; `leave_all()` empties it. While it is not empty the page's storage
events are listened to.
"""

from .. import host
from ..errors import raise_first
from ..reactive import notifications
from ..reactive.transaction import is_open
from .restored import is_of_tab

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..host.area import Area
    from ..host.protocol import Host
    from ..host.tab_origin import TabOrigin
    from .binding import Binding

_open: "list[tuple[Host, Binding]]" = []
_endings: "dict[Host, list[Callable[[], None]]]" = {}  # of the hosts that have an open state
_origins: "dict[Host, TabOrigin | None]" = {}  # None: it is about to be found out


def find(area: "Area", key: str) -> "Binding | None":
    """The open state of that key, if there is one."""
    for _, binding in _open:
        if binding.key == key and area.is_same(binding.area.raw):
            return binding
    return None


def add(binding: "Binding") -> None:
    """Keep a state that was just opened, and let it follow other documents."""
    here = host.current()
    if here not in _endings:
        _endings[here] = [
            here.on_storage(storage_changed),
            here.on_page_show(lambda: _page_shown(here)),
            here.on_page_hide(lambda: _page_hidden(here)),
            here.avoid_stale_cache(),
        ]
    binding.restored.open_in(here, binding.area)
    if not binding.area.is_shared and here not in _origins:
        _origins[here] = None
        here.soon(lambda: _find_origin(here))
    _open.append((here, binding))


def leave(state: "Any") -> None:
    """Give up one use of a state. With the last, it is stored no more; its record stays, it stays reactive.

    What is no state, or was left already, is ignored. (Session Storage APIs: `session.leave()`.)
    """
    for entry in _open:
        binding = entry[1]
        if binding.is_state(state):
            if is_open():
                raise RuntimeError("leave() inside batch(): what it changed would not be stored")
            binding.uses -= 1
            if binding.uses == 0:
                _remove(entry)
            return


def leave_all() -> None:
    """Leave every state, however often it is in use."""
    _for_each(_remove, _open.copy())


def _remove(entry: "tuple[Host, Binding]") -> None:
    _open.remove(entry)
    here, binding = entry
    if all(other is not here for other, _ in _open):
        for end in _endings.pop(here):
            end()
        origin = _origins.pop(here, None)
        if origin is not None:
            origin.sleep()
    binding.end()
    notifications.run()


def storage_changed(raw_area: "Any", keys: "list[str] | None") -> None:
    """Have the states of those keys follow; of what lies beside them too, and all of them for no keys."""
    found = []
    for _, binding in _open:
        own = None if keys is None else binding.own(keys)
        if own != [] and binding.area.is_same(raw_area):
            found.append((binding, own))
    _for_each(lambda entry: entry[0].follow(entry[1]), found)


def _find_origin(here: "Host") -> None:
    """Find out how the tab began: later, since that takes a module and nobody waits for it."""
    if _origins.get(here) is not None:
        return
    _origins.pop(here, None)
    for where, binding in _open:
        if where is here and is_of_tab(binding.area, here):
            from ..host.tab_origin import TabOrigin

            _origins[here] = TabOrigin(here, binding.area)
            return


def _page_shown(here: "Host") -> None:
    origin = _origins.get(here)
    if origin is not None:
        origin.wake()
    _for_each(
        lambda binding: binding.follow(), [binding for where, binding in _open if where is here]
    )


def _page_hidden(here: "Host") -> None:
    origin = _origins.get(here)
    if origin is not None:
        origin.sleep()
    _for_each(
        lambda binding: binding.fold(),
        [binding for where, binding in _open if where is here],
    )


def _for_each(call: "Callable[[Any], None]", things: "list[Any]") -> None:
    """Call it with all of them; the first error is raised at the end."""
    errors = []
    for thing in things:
        try:
            call(thing)
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    raise_first(errors)
