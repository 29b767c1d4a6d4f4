"""A session whose entries are not all references, and what is forgotten with them."""

from typing import Any

import pytest

from anchor_session import StorageWarning
from anchor_session.microcosm import Session
from anchor_session.state import Persistence, State
from anchor_session.testing import tabs, use_host
from tests.support import rows

SPACE = "garden.0123456789"


@rows(
    "stray",
    [{"x": 1}, 5, None, [], {"microcosm_id": "other.0123456789", "last_accessed": 1}],
)
def test_entry_of_another_tab_that_is_no_reference_is_not_taken_over(stray: Any) -> None:
    one, two = tabs(2)
    with use_host(one):
        session = Session("s", area="local", sync_tabs=True)
        session.register_reference(SPACE)
    one.browser.settle()
    with use_host(two):
        other: State[Any] = State(
            lambda: {"active": None, "microcosms": {}},
            persistence=Persistence("s", area="local", sync_tabs=True),
        )
        other.set({"microcosms": {"attic.0123456789": stray}})
    with pytest.warns(StorageWarning, match="the state stays as it is"):
        one.browser.settle()
    with use_host(one), pytest.warns(StorageWarning, match="moved to `s#rejected`"):
        assert [each.microcosm_id for each in session.microcosms()] == [SPACE]
        assert session.get_reference("attic.0123456789") is False
        assert session.register_reference("attic.0123456789", view="map").view == "map"


def test_session_with_no_map_of_entries_has_none() -> None:
    session = Session()
    with pytest.raises(ValueError, match="microcosms is a map, not an int"):
        session.key("microcosms").set(5)  # type: ignore[arg-type]
    assert session.microcosms() == []
    assert session.get_reference(SPACE) is False


def test_reset_forgets_passwords() -> None:
    session = Session()
    session.register_reference(SPACE, password="secret")
    session.reset()
    assert session.microcosms() == []
    assert session.register_reference(SPACE).password is None
