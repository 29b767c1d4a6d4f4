"""Form controls: how each shows a value, and which value it holds.

A control that is typed into is not disturbed: `show` leaves alone a text that already means the value
(``1.0`` for 1), `settle` writes the value as it is, once the user is done.
"""

from datetime import date, datetime, time

from .display import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .bind import Place

UNFINISHED: "Any" = object()
"""What a control holds that is between two values: ``-`` on the way to ``-1``, the unchosen radio."""


class Control:
    """A control that holds text."""

    prop = "value"
    event = "input"
    settles_on_change = True  # whether a "change" event tells that the user is done

    def __init__(self, element: "Any") -> None:
        self.element = element

    def text(self, value: "Any") -> str:
        """What shows the value."""
        return text_of(value)

    def read(self, current: "Any") -> "Any":
        """The value that is shown, or `UNFINISHED`; `current` is the state's, whose type it follows."""
        return _like(current, self.element.value)

    def show(self, value: "Any") -> None:
        """Let the element show the value, unless it does."""
        self.settle(value)

    def settle(self, value: "Any") -> None:
        """Let the element show the value in its own form."""
        text = self.text(value)
        if self.element.value != text:
            self.element.value = text

    def take(self, place: "Place") -> None:
        """Assign what is shown, if the user made it differ from the state."""
        current = place.get()
        found = self.read(current)
        if found is not UNFINISHED and self._differs(found, current):
            place.set(found)

    def _differs(self, found: "Any", current: "Any") -> bool:
        return self.text(found) != self.text(current)  # None, too, is shown as ""


class _Parsed(Control):
    """A control whose text stands for another value, and may be half typed."""

    def parse(self, text: str, current: "Any") -> "Any":
        raise NotImplementedError

    def read(self, current: "Any") -> "Any":
        text = self.element.value
        if text == "":
            if self._is_unfinished():
                return UNFINISHED
            return "" if type(current) is str else None
        try:
            return self.parse(text, current)
        except ValueError:
            return UNFINISHED

    def show(self, value: "Any") -> None:
        if self.read(value) != value:  # an unfinished text is none
            self.settle(value)

    def settle(self, value: "Any") -> None:
        text = self.text(value)
        if self.element.value != text or self._is_unfinished():
            self.element.value = text

    def _is_unfinished(self) -> bool:
        return bool(self.element.validity.badInput)


class Number(_Parsed):
    """An `int` where the text is one, else a `float`; None where it is empty."""

    def text(self, value: "Any") -> str:
        if type(value) is float:
            if value != value or value in (float("inf"), float("-inf")):
                return ""
            if value.is_integer() and abs(value) < 1e15:
                return str(int(value))
        return text_of(value)

    def parse(self, text: str, current: "Any") -> "Any":
        return number(text)

    def read(self, current: "Any") -> "Any":
        found = super().read(current)
        return None if found == "" else found


class Moment(_Parsed):
    """A date, a time or both, if the state holds one or None; else the control's ISO text."""

    settles_on_change = False  # it changes with every part of a date that is typed
    kinds = {"date": date, "time": time, "datetime-local": datetime}

    def __init__(self, element: "Any") -> None:
        super().__init__(element)
        self._kind: Any = self.kinds[element.type]

    def text(self, value: "Any") -> str:
        if type(value) is not self._kind or self._kind is date:
            return text_of(value)
        seconds = "milliseconds" if value.microsecond else "seconds" if value.second else "minutes"
        text: str = value.replace(tzinfo=None).isoformat(timespec=seconds)
        return text

    def parse(self, text: str, current: "Any") -> "Any":
        if current is not None and type(current) is not self._kind:
            return text
        found = self._kind.fromisoformat(text)
        zone = getattr(
            current, "tzinfo", None
        )  # the page shows the wall clock of the value's own zone
        return found if zone is None else found.replace(tzinfo=zone)


class Checkbox(Control):
    """A truth value; or, where the state holds a list or set, whether the control's value is in it."""

    prop = "checked"
    event = "change"

    def settle(self, value: "Any") -> None:
        wanted = self.element.value in value if _is_collection(value) else bool(value)
        if self.element.checked != wanted:
            self.element.checked = wanted

    def take(self, place: "Place") -> None:
        current, checked = place.get(), bool(self.element.checked)
        if not _is_collection(current):
            place.set(checked)
            return
        value = self.element.value
        if not hasattr(type(current), "__anchor_plain__"):  # a copy
            current = current.copy()
        if hasattr(type(current), "discard"):
            (current.add if checked else current.discard)(value)
        elif checked and value not in current:
            current.append(value)
        elif not checked:
            while value in current:
                current.remove(value)
        if not hasattr(type(current), "__anchor_plain__"):
            place.set(current)


class Radio(Control):
    """The value of the one that is chosen."""

    prop = "checked"
    event = "change"

    def settle(self, value: "Any") -> None:
        wanted = self.element.value == text_of(value)
        if self.element.checked != wanted:
            self.element.checked = wanted

    def read(self, current: "Any") -> "Any":
        return _chosen(current, self.element.value) if self.element.checked else UNFINISHED


class Select(Control):
    """The value of the chosen option."""

    event = "change"

    def read(self, current: "Any") -> "Any":
        return _chosen(current, self.element.value)


class MultipleSelect(Control):
    """The values of the chosen options, a list, or a set where the state holds one."""

    event = "change"

    def read(self, current: "Any") -> "Any":
        chosen = [option.value for option in self._options() if option.selected]
        return set(chosen) if hasattr(type(current), "discard") else chosen

    def settle(self, value: "Any") -> None:
        wanted = [text_of(item) for item in value or ()]
        for option in self._options():
            if option.selected != (option.value in wanted):
                option.selected = not option.selected

    def _options(self) -> "list[Any]":
        options = self.element.options
        return [options.item(number) for number in range(options.length)]

    def _differs(self, found: "Any", current: "Any") -> bool:
        return True


class Editable(Control):
    """The text of an element that may be edited in the page; lines end as the user sees them."""

    prop = "textContent"

    def read(self, current: "Any") -> "Any":
        text = self.element.innerText
        return "" if text == "\n" else text  # browsers leave a line break in what was emptied

    def settle(self, value: "Any") -> None:
        text = self.text(value)
        if self.read(value) != text:
            self.element.innerText = text


_INPUTS: "dict[str, type[Control] | None]" = {
    "number": Number,
    "range": Number,
    "checkbox": Checkbox,
    "radio": Radio,
    "date": Moment,
    "time": Moment,
    "datetime-local": Moment,
    # their value is a label
    "button": None,
    "submit": None,
    "reset": None,
    "image": None,
}


def control(element: "Any") -> "Control | None":
    """The control that the element is, or None. Raises `TypeError` for a file input."""
    tag = text_of(getattr(element, "localName", None))
    if tag == "input":
        if element.type == "file":
            raise TypeError(
                "a file input cannot be bound: a page may not set its files, and they cannot be stored"
            )
        kind = _INPUTS.get(element.type, Control)
        return None if kind is None else kind(element)
    if tag == "select":
        return MultipleSelect(element) if element.multiple else Select(element)
    if tag == "textarea":
        return Control(element)
    if getattr(element, "contentEditable", None) in (
        "true",
        "plaintext-only",
    ):  # itself, not its parent
        return Editable(element)
    return None


def number(text: str) -> "int | float":
    """Raises `ValueError` for what is none."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def _like(current: "Any", text: str) -> "Any":
    """The member of the present value's enum that has this text; else the text."""
    for member in getattr(type(current), "__members__", {}).values():
        if text_of(member) == text:
            return member
    return text


def _chosen(current: "Any", text: str) -> "Any":
    """Choices are text; where the state holds a number they are numbers."""
    if type(current) is int or type(current) is float:
        try:
            return number(text)
        except ValueError:
            return text
    return _like(current, text)


def _is_collection(value: "Any") -> bool:
    return hasattr(type(value), "discard") or hasattr(type(value), "append")
