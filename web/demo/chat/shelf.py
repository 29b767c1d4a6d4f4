"""The list of conversations: the tree that was used last comes first, forks below what they are forks of."""

import warnings
from functools import partial
from operator import is_
from typing import Any

from pyscript import when

from anchor_session import (
    Computed,
    Effect,
    Signal,
    StorageError,
    StorageUnavailableError,
    StorageWarning,
    each,
    effect,
)
from anchor_session.conversations import Branch, lineages

from ..dom import begin, copy_of, find, find_all, set_text
from ..notices import say
from . import state
from .branching import put_back, remove, rename
from .keeping import saved
from .state import now
from .talk import enter, shown
from .wording import beginning, number_of, size
from .wording import when as time_of

_TOP: dict[str, Any] = {"title": "", "note": "", "below": []}

known: Signal[dict[str, Any]] = Signal({"": _TOP}, equality=is_)
"""The conversations by their ids, as they were read last; below the empty one are the trees."""

open_id = Computed(lambda: shown()["id"])

_removed: list[Any] = []  # the last one that was deleted


def gather(found: dict[str, Any], branches: list[Branch]) -> list[str]:
    """The ids of the branches, which are put in with all below them."""
    for branch in branches:
        note = (
            f"{number_of(branch.messages, 'message')} · {size(branch.size)} · "
            f"{time_of(branch.updated_at, now())}"
        )
        found[branch.id] = {
            "title": branch.title or "Without a word",
            "note": note,
            "below": gather(found, branch.children),
        }
    return [branch.id for branch in branches]


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
    conversations: dict[str, Any] = {}
    conversations[""] = {**_TOP, "below": gather(conversations, found)}
    known.set(conversations)
    if caught:
        say(f"{number_of(len(caught), 'conversation')} cannot be read: {caught[0].message}")


@effect
def follow() -> None:
    saved()
    begin(reread())


def show_conversation(id: str, row: Any) -> None:
    conversation, button = known()[id], find("button", row)
    set_text(".title", conversation["title"], button)
    set_text(".meta", conversation["note"], button)
    if id == open_id():
        button.setAttribute("aria-current", "true")
    else:
        button.removeAttribute("aria-current")
    find("ul", row).hidden = not conversation["below"]


def conversation_row(id: str) -> Any:
    row = copy_of("conversation")
    row.dataset.conversation = id
    Effect(partial(show_conversation, id, row))
    show_below(id, find("ul", row))
    return row


def show_below(id: str, box: Any) -> None:
    each(box, lambda: known()[id]["below"], conversation_row)


show_below("", find("#trees"))


@effect
def show_whether_none() -> None:
    find("#none").hidden = bool(known()[""]["below"])


@effect
def show_head() -> None:
    """The title of what is open, and what can be done with it."""
    open_one = shown()
    found = known().get(open_one["id"]) or open_one
    title = found["title"] or "A new conversation"
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
