"""The program of the page with a chat."""

from pyscript import document, when, window

from anchor_session import restored

from ..dom import begin, find
from . import composer, files, ledger, log, shelf, spoken, state, status, talk

__all__ = ["composer", "files", "ledger", "log", "spoken", "status"]


async def start() -> None:
    await state.find_storage()
    await talk.enter(state.tab.open)
    await shelf.reread()
    document.documentElement.dataset.ready = restored(state.tab).outcome
    find("main").inert = False
    find("#reload").disabled = False
    field = find("#draft") if find("#unanswered").hidden else find("#continue")
    field.focus(preventScroll=True)


@when("pagehide", window)
def leave() -> None:
    talk.keep_now()


@when("click", "#reload")
def reload() -> None:
    window.location.reload()


begin(start())
