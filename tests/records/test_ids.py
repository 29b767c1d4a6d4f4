"""What the refusal of an id says. Which ids are refused is part of the contract of stores."""

from typing import Any

import pytest

from anchor_session import SessionIdError
from anchor_session.records.ids import RULE, check_id
from anchor_session.testing.store_contract import GOOD_IDS, HOSTILE_IDS
from tests.support import rows


class Text(str):
    __slots__ = ()


def test_there_are_enough_hostile_ids() -> None:
    assert len({repr(id) for id in HOSTILE_IDS}) == len(HOSTILE_IDS) >= 40


@rows("id", HOSTILE_IDS)
def test_refusal_says_the_rule_and_is_short(id: Any) -> None:
    with pytest.raises(SessionIdError) as caught:
        check_id(id)
    assert str(caught.value).endswith(RULE)
    assert len(str(caught.value)) < 300


def test_refusal_names_the_id() -> None:
    with pytest.raises(SessionIdError, match=r"^'\.\./x' is no id of a record"):
        check_id("../x")


def test_refusal_shortens_a_long_id() -> None:
    with pytest.raises(SessionIdError, match=rf"^'{'a' * 40}'\.\.\. \(201 characters\) is no id"):
        check_id("a" * 201)


def test_refused_id_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="is no id"):
        check_id("")


@rows("id", GOOD_IDS)
def test_good_id_comes_back(id: str) -> None:
    assert check_id(id) == id


def test_subclass_of_str_comes_back_plain() -> None:
    assert type(check_id(Text("a"))) is str
