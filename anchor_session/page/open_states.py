"""The states that are open in this page: one for each key of an area.

This is the only registry of states; `leave_all()` empties it. While a page has one, it listens to what other
documents store, and to its own coming and going.
"""

from functools import partial

from .. import host
from ..errors import call_all
from ..reactive import notifications
from ..reactive.plain import copy_plain
from ..reactive.threads import whole
from ..reactive.transaction import is_open
from ..reactive.view import View
from .areas import warn_once
from .restored import is_of_tab

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..host.area import Area
    from ..host.protocol import Host
    from ..host.tab_origin import TabOrigin
    from .binding import Binding
    from .migration import Migration
    from .shared.neighbours import Neighbours

_pages: "dict[Host, Page]" = {}  # those that have an open state


class Page:
    """One document with its open states, from the first to the last of them."""

    def __init__(self, here: "Host") -> None:
        self.here = here
        self._bindings: dict[str, list[Binding]] = {}  # by key; the areas differ
        self._origin: TabOrigin | None = None
        self._asks_for_origin = False
        self._neighbours: Neighbours | None = None
        self._meets_neighbours = False
        self._endings = [
            here.on_storage(storage_changed),
            here.on_page_show(self._shown),
            here.on_page_hide(self._hidden),
            here.avoid_stale_cache(),
            here.on_page_leave(self._left),
        ]

    def __iter__(self) -> "Iterator[Binding]":
        return iter([binding for each in self._bindings.values() for binding in each])

    def find(self, area: "Area", key: str) -> "Binding | None":
        for binding in self._bindings.get(key, ()):
            if area.is_same(binding.area.raw):
                return binding
        return None

    def add(self, binding: "Binding") -> None:
        binding.restored.open_in(self.here, binding.area)
        if binding.area.is_shared:
            self._meet_neighbours()
        else:
            self._ask_for_origin()
        self._bindings.setdefault(binding.key, []).append(binding)
        binding.page = self

    def remove(self, binding: "Binding") -> bool:
        """Have the state be stored no more. Whether it was the last one of this page."""
        binding.page = None
        if self._neighbours is not None:
            self._neighbours.remove(binding.key)
        bindings = self._bindings[binding.key]
        bindings.remove(binding)
        if not bindings:
            del self._bindings[binding.key]
        return not self._bindings

    def close(self) -> None:
        """Listen to nothing more."""
        for end in self._endings:
            end()
        self._sleep()

    def make_room(self, binding: "Binding") -> bool:
        """Have the other states of that area fold what lies beside their documents; whether one has.

        Those whose data are ahead of what is stored are passed over: in a batch, all of them.
        """
        if is_open():
            return False
        others = [
            each
            for each in self
            if each is not binding
            and not each.view._root.is_ahead
            and each.area.is_same(binding.area.raw)
        ]
        have_folded = [each.keeper.give_room() for each in others]  # every one of them
        return any(have_folded)

    def has_neighbour(self, binding: "Binding") -> bool:
        """Whether another document has the state open too, as far as is known."""
        return self._neighbours is not None and self._neighbours.has(binding.key)

    def beg_turn(self, binding: "Binding") -> None:
        """Ask the document that has the turn for the state."""
        if self._neighbours is not None:
            self._neighbours.beg(binding.key)

    @whole
    def _give_turn(self, key: str) -> None:
        for binding in self._bindings.get(key, ()):
            binding.keeper.give_turn()

    def _sleep(self) -> None:
        """Listen to no channel: a page that is sent a message does not come back from the cache."""
        if self._origin is not None:
            self._origin.sleep()
        if self._neighbours is not None:
            self._neighbours.sleep()

    def _meet_neighbours(self) -> None:
        """Let other documents know of the states that they share: later, and of all of them at once."""
        if not self._meets_neighbours and not self.here.is_prerendering:
            self._meets_neighbours = True
            self.here.soon(self._say_what_is_open)

    @whole
    def _say_what_is_open(self) -> None:
        self._meets_neighbours = False
        keys = [binding.key for binding in self if binding.area.is_shared]
        if keys:
            if self._neighbours is None:
                from .shared.neighbours import Neighbours

                self._neighbours = Neighbours(self.here, self._give_turn)
            self._neighbours.add(keys)

    def _ask_for_origin(self) -> None:
        """Find out how the tab began: later, since that takes a module and nobody waits for it."""
        if not self._asks_for_origin and not self.here.is_prerendering:
            self._asks_for_origin = True
            self.here.soon(self._find_origin)

    @whole
    def _find_origin(self) -> None:
        self._asks_for_origin = False
        for binding in self:
            if is_of_tab(binding.area, self.here):
                from ..host.tab_origin import TabOrigin

                self._asks_for_origin = True
                self._origin = TabOrigin(self.here, binding.area)
                return

    @whole
    def _shown(self) -> None:
        if self._origin is None:
            self._ask_for_origin()
        else:
            self._origin.wake()
        if self._neighbours is None:
            self._meet_neighbours()
        else:
            self._neighbours.wake()
        call_all([binding.hear for binding in self])

    @whole
    def _hidden(self) -> None:
        call_all([binding.fold for binding in self])

    @whole
    def _left(self) -> None:
        self._sleep()
        call_all([binding.keeper.sleep for binding in self])


def find(area: "Area", key: str) -> "Binding | None":
    """The open state of that key, if there is one."""
    for page in _pages.values():
        binding = page.find(area, key)
        if binding is not None:
            return binding
    return None


def keys_in(area: "Area") -> "list[str]":
    """The keys of the states that are open in that area."""
    bindings = [binding for page in _pages.values() for binding in page]
    return [binding.key for binding in bindings if area.is_same(binding.area.raw)]


def begin(
    binding: "Binding", migration: "Migration | None" = None, predecessor: "Binding | None" = None
) -> "Any":
    """Open the state of a new binding, which is written through from now on.

    The `predecessor` is one of the same key, which only storages use and which gives way.
    """
    if predecessor is None:
        state = _open(binding, migration)
        add(binding)
    else:
        state = _take_over(predecessor, binding, migration)
    notifications.run()  # the first write may have failed
    if binding.unavailable is not None:
        warn_once(binding.unavailable)
    return state


def _take_over(predecessor: "Binding", binding: "Binding", migration: "Migration | None") -> "Any":
    """The state of the new binding, with what the one before has in memory alone."""
    notifications.paused += 1  # nobody is to look while there is neither
    try:
        unstored = predecessor.unstored()
        _close(predecessor)
        state = _open(binding, migration, predecessor)
        add(binding)
        if unstored is not None:
            binding.bear(lambda: binding.take(*unstored))
    except BaseException:
        _close(binding)  # if it was open already
        raise
    finally:
        notifications.paused -= 1
        if predecessor.ended is not None:
            predecessor.ended.changed()
    return state


def _open(
    binding: "Binding", migration: "Migration | None", predecessor: "Binding | None" = None
) -> "Any":
    """The state of a new binding; while the page is prerendered, what it is opened with is noted."""
    here = host.current()
    if not (here.is_prerendering and is_of_tab(binding.area, here)):
        return binding.open(migration)
    from .shared.prerendered import Prerendered

    prerendered = Prerendered(here, binding.restored.version, migration)
    state = binding.open(migration)
    found = copy_plain(binding.view._data)
    if predecessor is not None and predecessor.prerendered is not None:
        for name in predecessor.view._data:
            found.pop(name, None)
        found.update(predecessor.prerendered.found)
    prerendered.found = found
    binding.prerendered = prerendered
    return state


def add(binding: "Binding") -> None:
    """Keep a state that was just opened, and let it follow other documents."""
    here = host.current()
    if here not in _pages:
        _pages[here] = Page(here)
    _pages[here].add(binding)


def binding_of(view: "Any") -> "Binding | None":
    """The binding whose whole state that is; None for anything else."""
    binding: Binding | None = view._root.owner if isinstance(view, View) else None
    return binding if binding is not None and binding.is_state(view) else None


@whole
def leave(state: "Any") -> None:
    """Give up one use of a state. With the last, it is stored no more; its record stays, it stays reactive.

    What is no state, or was left already, is ignored. (Session Storage APIs: `session.leave()`.)
    """
    binding = binding_of(state)
    if binding is None:
        if getattr(type(state), "_is_storage", False):
            state._leave()
        return
    if binding.page is None:
        return
    if is_open():
        raise RuntimeError("leave() inside batch(): what it changed would not be stored")
    binding.uses -= 1
    if binding.uses == 0:
        close(binding)


@whole
def leave_all() -> None:
    """Leave every state, however often it is in use."""
    call_all([partial(_close, binding) for page in _pages.values() for binding in page])
    notifications.run()


def close(binding: "Binding") -> None:
    """Have the page have that state open no more, however often it is in use."""
    _close(binding)
    if binding.ended is not None:
        binding.ended.changed()
    notifications.run()


def _close(binding: "Binding") -> None:
    page = binding.page
    if page is None:
        return  # a callback of another one that is left has left it
    if page.remove(binding):
        del _pages[page.here]
        page.close()
    binding.end()


@whole
def storage_changed(raw_area: "Any", keys: "list[str] | None") -> None:
    """Have the states of those keys follow; of what lies beside them too, and all of them for no keys."""
    found = []
    for page in _pages.values():
        for binding in page:
            own = None if keys is None else binding.own(keys)
            if own != [] and binding.area.is_same(raw_area):
                found.append(partial(binding.hear, own))
    call_all(found)
