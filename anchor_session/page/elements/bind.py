"""`bind()`: an element of the page that shows a key of a state, and of a form control the way back.

A binding is one effect: its child shows the value, its clean-up takes the listeners away. So it ends with
`unbind()`, and with the effect it was made in.
"""

from ... import host
from ...reactive.effect import Effect
from ...reactive.graph import untracked
from ...reactive.view import writable
from .controls import control
from .display import display
from .element import element_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .controls import Control


def bind(
    element: "Any",
    state: "Any",
    key: "Any",
    *,
    prop: "str | None" = None,
    event: "str | None" = None,
) -> "Callable[[], None]":
    """Let the element show ``state[key]`` from now on; returns how to end that.

    Form controls and what is `contenteditable` are bound two ways: what the user enters is assigned, at each
    `event` (by default ``"input"``, of checkboxes, radios and selects ``"change"``). An assignment that
    raises puts the element back and the error goes to the console. Everything else is bound one way, and
    so is an immutable state, and a control whose `prop` is another than the one it holds its value in.

    `prop` says what shows the value: by default the text; a property or attribute by its name;
    ``"class:done"`` is one class by truth.

    `state` is a map, a list (`key` is an index) or a typed state, or such a part of one. Call `unbind` when
    the element leaves the page: until then it is kept up to date, and alive. Calling it twice is fine.

    Raises `TypeError` without an element of a page, or for a file input, `KeyError` for a key that the
    state does not have, `ValueError` for an `event` where nothing comes back.
    """
    element = element_of(element, "bind()")
    place = Place(state, key)
    place.check()
    found = control(element)
    if found is not None and prop is not None and prop != found.prop:
        found = None
    if found is None:
        if event is not None:
            raise ValueError(
                f"nothing comes back from here at {event!r}: this element is bound one way"
            )
        show = display(element, prop)
        untracked(lambda: show(place.get()))  # what raises, raises before anything is begun
        return Effect(lambda: show(place.get())).stop
    way_back = WayBack(found, place, event) if place.may_write() else None
    untracked(lambda: found.settle(place.get()))

    def show_control() -> None:
        value = place.get()
        if way_back is None or not way_back.is_busy:
            found.show(value)

    def run() -> "Callable[[], None]":
        Effect(show_control)
        handlers = {} if way_back is None else way_back.handlers()
        listen = host.current().listen
        ends = [listen(element, name, handle) for name, handle in handlers.items()]

        def end() -> None:
            for unlisten in ends:
                unlisten()

        return end

    return Effect(run).stop


class Place:
    """Where in the state the value is."""

    def __init__(self, state: "Any", key: "Any") -> None:
        kind = type(state)
        if not hasattr(kind, "__anchor_plain__") or hasattr(kind, "discard"):
            raise TypeError(
                f"bind() takes a state, or a map, list or typed part of one, not {kind.__name__}"
            )
        self._state = state
        self._key = key
        self._has_items = hasattr(kind, "__getitem__")

    def check(self) -> None:
        """Raise `KeyError` if there is no such key."""
        try:
            untracked(self._read)
        except (LookupError, AttributeError, TypeError) as error:
            is_said = hasattr(error, "_view")  # which state, where, and what is near
            why = str(error) if is_said else f"{self._name()} has no {self._key!r}"
            raise KeyError(f"nothing to bind: {why}") from error

    def get(self) -> "Any":
        """The value; None once it is gone."""
        try:
            return self._read()
        except LookupError:
            return None

    def set(self, value: "Any") -> None:
        if self._has_items:
            self._state[self._key] = value
        else:
            setattr(self._state, self._key, value)

    def may_write(self) -> bool:
        try:
            return writable(self._state) is self._state
        except TypeError:  # it knows itself
            return True

    def _read(self) -> "Any":
        return self._state[self._key] if self._has_items else getattr(self._state, self._key)

    def _name(self) -> str:
        owner = getattr(getattr(self._state, "_root", None), "owner", None)
        kind = type(self._state).__name__
        return f"this {kind}" if owner is None else f"this {kind} of `{owner.key}`"


class WayBack:
    """From a control to the state.

    While that is going on, and while an input method composes, nothing is written to the control: the caret
    would jump, and what is half typed would be gone.
    """

    def __init__(self, found: "Control", place: Place, event: "str | None") -> None:
        self._control = found
        self._place = place
        self._event = found.event if event is None else event
        self._is_composing = False
        self._is_taking = False

    @property
    def is_busy(self) -> bool:
        return self._is_composing or self._is_taking

    def handlers(self) -> "dict[str, Callable[[Any], None]]":
        """What to do at which event of the element."""
        if self._control.event != "input":  # a choice: made at once
            return {self._event: self._commit}
        handlers: dict[str, Callable[[Any], None]] = {}
        if self._event == "input":
            if self._control.settles_on_change:
                handlers["change"] = self._commit
            handlers["blur"] = self._settle
        handlers["compositionstart"] = self._begin_composing
        handlers["compositionend"] = self._end_composing
        handlers[self._event] = self._commit if self._event in ("change", "blur") else self._take
        return handlers

    def _take(self, event: "Any") -> None:
        if self.is_busy:
            return
        self._is_taking = True
        try:
            untracked(lambda: self._control.take(self._place))
        except BaseException:
            self._settle(event)
            raise
        finally:
            self._is_taking = False

    def _settle(self, event: "Any") -> None:
        if not self._is_composing:
            untracked(lambda: self._control.settle(self._place.get()))

    def _commit(self, event: "Any") -> None:
        self._take(event)
        self._settle(event)

    def _begin_composing(self, event: "Any") -> None:
        self._is_composing = True

    def _end_composing(self, event: "Any") -> None:
        self._is_composing = False
        if self._event == "input":
            self._take(event)
