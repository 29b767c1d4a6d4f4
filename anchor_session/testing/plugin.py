"""The pytest plugin: fixtures for programs that keep state."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..host.memory import MemoryArea
    from .page_sessions import PageSessions


@pytest.fixture
def session_area() -> "Iterator[MemoryArea]":
    """A fresh area for states; all that are open are left before and after the test, and no scope is left.

    Pass it on as ``session("cart", area=session_area)``, or leave `area` out: it is the default of the test.
    """
    from ..host.memory import MemoryHost
    from ..page.open_states import leave_all
    from ..page.scopes.once import give_up_all
    from .hosts import use_host

    leave_all()
    give_up_all()
    here = MemoryHost()
    with use_host(here):
        yield here.memory("session")
        leave_all()
        give_up_all()


@pytest.fixture
def page_sessions(request: pytest.FixtureRequest) -> "PageSessions":
    """The states of pytest-playwright's `page`: `seed(name, data)`, `read(name)`, `wait(name, predicate)`."""
    from .page_sessions import PageSessions

    try:
        page = request.getfixturevalue("page")
    except pytest.FixtureLookupError as error:
        if error.argname != "page":
            raise
        why = "page_sessions looks into the fixture `page`, which pytest-playwright brings"
        raise pytest.UsageError(f"{why}: pip install pytest-playwright") from None
    return PageSessions(page)
