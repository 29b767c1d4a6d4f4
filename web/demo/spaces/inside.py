"""The space that is active: its name, and how it is looked at."""

from typing import Any

from pyscript import document, when

from anchor_session import effect

from ..dom import find, find_all, set_text
from .doing import active, leave, look_at, name_of, rename
from .state import session
from .wording import hue_of, view_of


@effect
def show_active() -> None:
    space = active()
    find("#inside").hidden = space is None
    find("#nowhere").hidden = space is not None
    if space is None:
        return
    found = session.key("microcosms")().get(space, {})
    for choice in find_all("[name=view]"):
        choice.checked = choice.value == view_of(found.get("view"))
    field = find("#name")
    if field != document.activeElement or field.dataset.space != space:
        field.value = name_of(space)
    field.dataset.space = space
    find("#scene").style.setProperty("--tint", str(hue_of(space)))
    find("#scene").dataset.view = view_of(found.get("view"))
    set_text("#id", space)


@when("input", "#name")
def type_name(event: Any) -> None:
    name = " ".join(event.target.value.split())
    if name:
        rename(event.target.dataset.space, name)


@when("change", "#name")
def leave_name(event: Any) -> None:
    event.target.value = name_of(event.target.dataset.space)


@when("change", "[name=view]")
def choose_view(event: Any) -> None:
    space = active()
    if space is not None:
        look_at(space, event.target.value)


@when("click", "#leave")
def press_leave() -> None:
    leave()
    find("#title").focus()
