"""Elements without a page: what `bind()` touches of them, and how often each is written to."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

Listeners = dict[str, list[Callable[[Any], None]]]


class Element:
    """Any element. `writes` notes what was set by a program; a user's doing goes through `enter`."""

    defaults: dict[str, Any] = {}

    def __init__(self, local_name: str = "p", **properties: Any) -> None:
        known: dict[str, Any] = {
            "localName": local_name,
            "listeners": {},
            "writes": [],
            "attributes": {},
            "textContent": "",
            "hidden": False,
            "tabIndex": 0,
            "contentEditable": "inherit",
            "validity": SimpleNamespace(badInput=False),
        }
        known.update(properties)
        self.__dict__.update(known)

    listeners: Listeners
    writes: list[tuple[str, Any]]
    attributes: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.writes.append((name, value))
        self.__dict__[name] = value

    def addEventListener(self, event: str, listener: Callable[[Any], None]) -> None:
        self.listeners.setdefault(event, []).append(listener)

    def removeEventListener(self, event: str, listener: Callable[[Any], None]) -> None:
        self.listeners[event].remove(listener)
        if not self.listeners[event]:
            del self.listeners[event]

    def getAttribute(self, name: str) -> str | None:
        return self.attributes.get(name)

    def setAttribute(self, name: str, value: str) -> None:
        self.writes.append((name, value))
        self.attributes[name] = value

    def removeAttribute(self, name: str) -> None:
        self.attributes.pop(name, None)

    # -- the user ---------------------------------------------------------------------------------

    def fire(self, *events: str) -> None:
        for event in events:
            for listener in list(self.listeners.get(event, [])):
                listener(SimpleNamespace(type=event))

    def enter(self, *events: str, bad: bool = False, **properties: Any) -> None:
        """What the user does: properties change, then come the events, by default "input"."""
        self.__dict__.update(properties)
        self.validity.badInput = bad
        self.fire(*(events or ("input",)))


def text_input(type: str = "text", **properties: Any) -> Element:
    return Element("input", **{"type": type, "value": "", **properties})


def check_box(value: str = "on", type: str = "checkbox") -> Element:
    return Element("input", type=type, value=value, checked=False)


def select(*values: str, multiple: bool = False) -> Element:
    """A `<select>`; one for a single value does not keep `value` and its options together."""
    options = [SimpleNamespace(value=value, selected=False) for value in values]
    collection = SimpleNamespace(length=len(options), item=lambda number: options[number])
    return Element("select", multiple=multiple, options=collection, value="")


def choose(element: Element, *values: str) -> None:
    """Choose just these options, as the user does."""
    for number in range(element.options.length):
        option = element.options.item(number)
        option.selected = option.value in values
    element.fire("change")
