"""What an element shows of a value, one way: its text, a property, an attribute, a class.

Each is set only where the element shows something else: a live region speaks of news only.
"""

from datetime import date, datetime, time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Show = Callable[[Any], None]


def text_of(value: "Any") -> str:
    """The value as text: None is empty, an enum member is its value, times are ISO."""
    if value is None:
        return ""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if hasattr(kind, "__members__"):
        return text_of(value.value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return str(value)


def display(element: "Any", prop: "str | None") -> "Show":
    """The function that shows a value as `prop` says; None: as text.

    ``"class:name"`` is one class by truth. A name with a dash is an attribute; any other is a property, if
    the element has one that holds text, a number or a truth value, else an attribute (``"class"``).
    """
    if prop is None:
        prop = "textContent"
    if prop[:6] == "class:":
        return _class(element, prop[6:])
    if "-" not in prop and hasattr(element, prop):
        kind = type(getattr(element, prop))
        if kind is bool:
            return _property(element, prop, bool)
        if kind is str:
            return _property(element, prop, text_of)
        if kind is int or kind is float:
            return _number(element, prop)
    return _attribute(element, prop)


def _property(element: "Any", name: str, convert: "Callable[[Any], Any]") -> "Show":
    def show(value: "Any") -> None:
        wanted = convert(value)
        if getattr(element, name) != wanted:
            setattr(element, name, wanted)

    return show


def _number(element: "Any", name: str) -> "Show":
    show_number = _property(element, name, lambda value: value)

    def show(value: "Any") -> None:
        if value is None:  # a property that is a number cannot be absent, its attribute can
            element.removeAttribute(name)
        else:
            show_number(value)

    return show


def _attribute(element: "Any", name: str) -> "Show":
    is_aria = name[:5] == "aria-"

    def show(value: "Any") -> None:
        if is_aria and type(value) is bool:  # there, absent and "" do not mean false and true
            value = "true" if value else "false"
        if value is None or value is False:
            element.removeAttribute(name)
            return
        wanted = "" if value is True else text_of(value)
        if element.getAttribute(name) != wanted:
            element.setAttribute(name, wanted)

    return show


def _class(element: "Any", name: str) -> "Show":
    if not name or any(character.isspace() for character in name):
        raise ValueError(f"{name!r} is no name of a class; write prop='class:done'")

    def show(value: "Any") -> None:
        if element.classList.contains(name) != bool(value):
            element.classList.toggle(name, bool(value))

    return show
