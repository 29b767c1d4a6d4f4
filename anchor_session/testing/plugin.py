"""The pytest plugin: fixtures for programs that keep state."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..host.memory import MemoryArea


@pytest.fixture
def session_area() -> "Iterator[MemoryArea]":
    """A fresh area for states; all that are open are left before and after the test, and no scope is left.

    Pass it on as ``session("cart", area=session_area)``, or leave `area` out: it is the default of the test.
    """
    from ..host.memory import MemoryHost
    from ..page.kept import give_up_all
    from ..page.registry import leave_all
    from .hosts import use_host

    leave_all()
    give_up_all()
    here = MemoryHost()
    with use_host(here):
        yield here.memory("session")
        leave_all()
        give_up_all()
