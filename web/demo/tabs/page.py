"""The program of the page that is open in several tabs."""

from pyscript import document, when, window

from anchor_session import restored

from ..dom import find
from . import ledger, lines, scopes, who
from .state import basket

__all__ = ["ledger", "lines", "scopes", "who"]


@when("click", "#reload")
def reload() -> None:
    window.location.reload()


document.documentElement.dataset.ready = restored(basket).outcome
find("main").inert = False
find("#reload").disabled = find("#end").disabled = False
