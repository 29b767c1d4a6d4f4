"""The fixture of the pytest plugin leaves no scope behind."""

import pytest

from anchor_session import instance_load, instance_save, session_load, session_save
from anchor_session.page.scopes import once as keeping
from anchor_session.testing import MemoryArea


@pytest.mark.parametrize("turn", ["first", "second"])
def test_scopes_are_empty_in_each_test(turn: str, session_area: MemoryArea) -> None:
    assert (session_load("k"), instance_load("k")) == (None, None)
    session_save("k", turn)
    instance_save("k", turn)


def test_nothing_is_kept_of_tests_before() -> None:
    assert keeping._kept == {}
