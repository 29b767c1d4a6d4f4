"""What the page keeps in `localStorage`, for all tabs: the spaces, who uses them, and how they are called."""

import warnings
from time import perf_counter
from typing import TypedDict

from pyscript import window

from anchor_session import Signal, StorageUnavailableWarning
from anchor_session.microcosm import Session
from anchor_session.state import Persistence, State

from ..notices import say

KEY = "spaces"


class Names(TypedDict):
    """What spaces are called, by their ids: those have letters, digits, - and _ only."""

    names: dict[str, str]


def no_names() -> Names:
    return {"names": {}}


with warnings.catch_warnings(record=True) as problems:
    warnings.simplefilter("always")
    called = perf_counter()
    session = Session(KEY, area="local", sync_tabs=True)
    names = State(no_names, persistence=Persistence([KEY, "names"], area="local", sync_tabs=True))
    restore_ms = (perf_counter() - called) * 1000

is_in_memory = any(issubclass(each.category, StorageUnavailableWarning) for each in problems)
lasting = (
    "This browser keeps no data for this page: a reload will lose the spaces."
    if is_in_memory
    else ""
)
"""What is to be said as long as the page lives."""

if problems:
    say(lasting or "What was stored could not be read. It was put aside, and this is a new list.")


def now() -> int:
    return int(window.Date.now())


clock = Signal(now())
"""Milliseconds since 1970, from time to time."""
