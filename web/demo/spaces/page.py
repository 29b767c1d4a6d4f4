"""The program of the page of spaces."""

from pyscript import document, when, window

from ..dom import find
from . import inside, ledger, shelf, status, user
from .state import session

__all__ = ["inside", "ledger", "shelf", "status", "user"]


@when("click", "#reload")
def reload() -> None:
    window.location.reload()


document.documentElement.dataset.ready = "restored" if session.microcosms() else "new"
find("main").inert = False
find("#reload").disabled = False
