"""What every test gets: an empty area, no open state, and Hypothesis without chance.

On CPython the default area is a fresh one of memory; inside Pyodide it is the page's real `sessionStorage`.
`ANCHOR_TESTS=all` in the environment lets Hypothesis try ten times as many examples.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from anchor_session.host.memory import MemoryHost
from anchor_session.page.record import layout as layouts
from anchor_session.testing import use_host
from tests.support import LAYOUTS, ON_BROWSER, fresh

SMALL = 10 if ON_BROWSER else 40  # examples of a test

for name, number in (("small", SMALL), ("all", 10 * SMALL)):
    settings.register_profile(
        name, derandomize=True, deadline=None, database=None, max_examples=number
    )
settings.load_profile("all" if os.environ.get("ANCHOR_TESTS") == "all" else "small")


@pytest.fixture(autouse=True)
def areas() -> "Iterator[dict[str, Any]]":
    """The default areas by kind, empty; states are left before and after."""
    if sys.platform == "emscripten":
        from js import window

        fresh()
        yield {"session": window.sessionStorage, "local": window.localStorage}
        fresh()
    else:
        with use_host(MemoryHost()) as here:
            fresh()
            yield {"session": here.memory("session"), "local": here.memory("local")}
            fresh()


@pytest.fixture
def area(areas: "dict[str, Any]") -> Any:
    """The default area of `session()`, as the browser's `Storage` interface."""
    return areas["session"]


@pytest.fixture
def early_journals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Journals for small states, which are soon folded."""
    monkeypatch.setattr(layouts, "JOURNAL_ABOVE", 40)


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest, early_journals: None) -> str:
    """Each layout; small states keep journals under `"auto"`."""
    return str(request.param)
