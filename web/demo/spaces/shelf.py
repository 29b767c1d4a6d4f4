"""The list of spaces: the one used last comes first, the active one is marked."""

from functools import partial
from typing import Any

from pyscript import when

from anchor_session import Computed, Effect, each, effect

from ..dom import copy_of, find, find_all, set_text
from .doing import active, enter, name_of, open_space, opened_here, remove
from .state import clock, session
from .wording import VIEWS, ago, hue_of, view_of

references: Computed[dict[str, Any]] = Computed(
    lambda: {reference.microcosm_id: reference for reference in session.microcosms()}
)


def in_order() -> list[str]:
    found = references()
    return sorted(found, key=lambda space: (-found[space].last_accessed, space))


def space_row(space: str) -> Any:
    """What another tab has opened is marked for a moment."""
    row = copy_of("space-row")
    row.dataset.space = space
    row.style.setProperty("--tint", str(hue_of(space)))
    row.style.setProperty("--hue", str(hue_of(space)))
    row.classList.toggle("news", not find("#spaces .ghost") and space not in opened_here)
    Effect(partial(show_space, space, row))
    return row


def show_space(space: str, row: Any) -> None:
    reference = references()[space]
    name, view = name_of(space), view_of(reference.view)
    find("use", row).setAttribute("href", f"/demo/symbols.svg#view-{view}")
    set_text(".line-name", name, row)
    used = ago(reference.last_accessed, clock())
    set_text(".line-note", f"{VIEWS[view]} · {used}", row)
    is_active = space == active()
    row.toggleAttribute("data-active", is_active)
    enter_button = find(".enter", row)
    if is_active:
        enter_button.setAttribute("aria-current", "true")
    else:
        enter_button.removeAttribute("aria-current")
    find("[data-remove]", row).ariaLabel = f"Remove {name}"


each(find("#spaces"), in_order, space_row)
for ghost in find_all("#spaces .ghost"):  # what stands there while Python boots
    ghost.remove()


@effect
def show_whether_empty() -> None:
    find("#empty").hidden = bool(references())


@when("submit", "#add")
def submit(event: Any) -> None:
    event.preventDefault()
    field = find("#title")
    name = " ".join(field.value.split())
    if name:
        open_space(name)
    field.value = ""
    field.focus()


@when("click", "#spaces")
def press(event: Any) -> None:
    button = event.target.closest("button")
    if not button:
        return
    row = button.closest("li")
    if button.matches("[data-remove]"):
        beside = row.nextElementSibling or row.previousElementSibling
        remove(row.dataset.space)
        (find("[data-remove]", beside) if beside else find("#title")).focus()
    else:
        enter(row.dataset.space)
