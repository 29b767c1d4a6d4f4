"""The list of spaces: the one used last comes first, the active one is marked."""

from typing import Any

from pyscript import when

from anchor_session import effect

from ..dom import arrange, copy_of, find, find_all, set_text
from .doing import active, enter, name_of, open_space, opened_here, remove
from .state import clock, session
from .wording import VIEWS, ago, hue_of, view_of


def new_row(space: str) -> Any:
    row = copy_of("space-row")
    row.dataset.space = space
    row.style.setProperty("--tint", str(hue_of(space)))
    row.style.setProperty("--hue", str(hue_of(space)))
    return row


def show_space(row: Any, reference: Any, *, is_active: bool) -> None:
    name, view = name_of(reference.microcosm_id), view_of(reference.view)
    find("use", row).setAttribute("href", f"/demo/symbols.svg#view-{view}")
    set_text(".line-name", name, row)
    used = ago(reference.last_accessed, clock())
    set_text(".line-note", f"{VIEWS[view]} · {used}", row)
    row.toggleAttribute("data-active", is_active)
    enter_button = find(".enter", row)
    if is_active:
        enter_button.setAttribute("aria-current", "true")
    else:
        enter_button.removeAttribute("aria-current")
    find("[data-remove]", row).ariaLabel = f"Remove {name}"


@effect
def show_spaces() -> None:
    """Rows that are there stay. What another tab has opened is marked for a moment."""
    references = sorted(
        session.microcosms(), key=lambda each: (-each.last_accessed, each.microcosm_id)
    )
    old = {row.dataset.space: row for row in find_all("#spaces > li")}
    is_first = "" in old  # the rows that stand there while Python boots
    rows = []
    for reference in references:
        space = reference.microcosm_id
        row = old.pop(space, None)
        if row is None:
            row = new_row(space)
            row.classList.toggle("news", not is_first and space not in opened_here)
        show_space(row, reference, is_active=space == active())
        rows.append(row)
    for row in old.values():
        row.remove()
    arrange(find("#spaces"), rows)
    find("#empty").hidden = bool(rows)


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
