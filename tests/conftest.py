"""What every test gets: an empty area, no open state, and Hypothesis without chance.

On CPython the default area is a fresh one of memory; inside Pyodide it is the page's real `sessionStorage`.
"""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from anchor_session.host.memory import MemoryHost
from anchor_session.page.open_states import leave_all
from anchor_session.page.record import layout as layouts
from anchor_session.page.scopes.once import give_up_all
from anchor_session.testing import use_host
from tests.support import LAYOUTS, ON_BROWSER

settings.register_profile("cpython", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "pyodide", derandomize=True, deadline=None, database=None, max_examples=20
)
settings.load_profile("pyodide" if ON_BROWSER else "cpython")


@pytest.fixture(autouse=True)
def areas() -> "Iterator[dict[str, Any]]":
    """The default areas by kind, empty; states are left before and after."""
    leave_all()
    give_up_all()
    if sys.platform == "emscripten":
        from js import window

        found = {"session": window.sessionStorage, "local": window.localStorage}
        _clear(found)
        yield found
        leave_all()
        give_up_all()
        _clear(found)
    else:
        with use_host(MemoryHost()) as here:
            yield {"session": here.memory("session"), "local": here.memory("local")}
            leave_all()
            give_up_all()


def _clear(areas: "dict[str, Any]") -> None:
    for area in areas.values():
        area.clear()


@pytest.fixture
def area(areas: "dict[str, Any]") -> Any:
    """The default area of `session()`, as the browser's `Storage` interface."""
    return areas["session"]


@pytest.fixture
def small_border(monkeypatch: pytest.MonkeyPatch) -> None:
    """Journals for small states, which are soon folded."""
    monkeypatch.setattr(layouts, "JOURNAL_ABOVE", 40)


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest, small_border: None) -> str:
    """Each layout; small states cross the border of `"auto"`."""
    return str(request.param)
