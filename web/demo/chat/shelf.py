"""The list of conversations: the tree that was used last comes first, forks below what they are forks of."""

import warnings
from typing import Any

from pyscript import when

from anchor_session import Signal, StorageError, StorageUnavailableError, StorageWarning, effect
from anchor_session.conversations import Branch, lineages

from ..dom import arrange, begin, copy_of, find, find_all, set_text
from ..notices import say
from . import state
from .branching import put_back, remove, rename
from .keeping import saved
from .state import now
from .talk import enter, shown
from .wording import beginning, number_of, size
from .wording import when as time_of

trees: Signal[Any] = Signal([])
"""The trees as they were read last, as plain data."""

_removed: list[Any] = []  # the last one that was deleted


def as_data(branch: Branch) -> dict[str, Any]:
    note = (
        f"{number_of(branch.messages, 'message')} · {size(branch.size)} · "
        f"{time_of(branch.updated_at, now())}"
    )
    return {
        "id": branch.id,
        "title": branch.title or "Without a word",
        "note": note,
        "children": [as_data(child) for child in branch.children],
    }


async def reread() -> None:
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", StorageWarning)
            found = await lineages(state.storage)
    except StorageUnavailableError:
        return  # before the page has found its storage
    except StorageError as error:
        say(f"The list cannot be read: {error}")
        return
    trees.set([as_data(branch) for branch in found])
    if caught:
        say(f"{number_of(len(caught), 'conversation')} cannot be read: {caught[0].message}")


@effect
def follow() -> None:
    saved()
    begin(reread())


def show_branches(box: Any, branches: list[Any], open_id: str) -> None:
    """Rows that are there stay, and so does the focus in them."""
    old = {row.dataset.conversation: row for row in list(box.children)}
    rows = []
    for branch in branches:
        row = old.pop(branch["id"], None)
        if row is None:
            row = copy_of("conversation")
            row.dataset.conversation = branch["id"]
        button = find("button", row)
        set_text(".title", branch["title"], button)
        set_text(".meta", branch["note"], button)
        if branch["id"] == open_id:
            button.setAttribute("aria-current", "true")
        else:
            button.removeAttribute("aria-current")
        below = find("ul", row)
        show_branches(below, branch["children"], open_id)
        below.hidden = not branch["children"]
        rows.append(row)
    for row in old.values():
        row.remove()
    arrange(box, rows)


@effect
def show_trees() -> None:
    found = trees()
    show_branches(find("#trees"), found, shown()["id"])
    find("#none").hidden = bool(found)


def all_of(branches: list[Any]) -> list[Any]:
    return [each for branch in branches for each in (branch, *all_of(branch["children"]))]


@effect
def show_head() -> None:
    """The title of what is open, and what can be done with it."""
    open_one = shown()
    titles = [each["title"] for each in all_of(trees()) if each["id"] == open_one["id"]]
    title = titles[0] if titles else open_one["title"] or "A new conversation"
    field = find("#name")
    field.value = open_one["title"]
    field.placeholder = title
    for button in find_all(".of-open"):
        button.disabled = not open_one["id"]


# -- what can be done with them -------------------------------------------------------------------


@when("click", "#trees")
def choose(event: Any) -> None:
    button = event.target.closest("button")
    if button:
        begin(open_chosen(button.closest("li").dataset.conversation))


async def open_chosen(id: str) -> None:
    await enter(id)
    find("#draft").focus()


@when("click", "#new")
async def begin_another() -> None:
    await enter("")
    find("#draft").focus()


@when("change", "#name")
async def name_it(event: Any) -> None:
    await rename(" ".join(event.target.value.split()))


@when("click", "#delete")
async def delete() -> None:
    field = find("#name")
    title = field.value or field.placeholder
    found = await remove()
    if found is not None:
        _removed[:] = [found]
        set_text("#removed-text", f"Deleted: {beginning(title)}")
        find("#removed").hidden = False
        find("#undelete").focus()


@when("click", "#undelete")
async def bring_back() -> None:
    if _removed:
        await put_back(_removed.pop())
    find("#removed").hidden = True
    find("#draft").focus()
