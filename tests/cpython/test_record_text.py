"""Ordinary records are written without being copied first."""

from typing import Any

import pytest

from anchor_session.codec import decode
from anchor_session.records import text


def test_ordinary_record_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    def copied(data: Any) -> Any:
        raise AssertionError("it was copied")

    monkeypatch.setattr(text, "as_stored", copied)
    lines = [{"sku": f"A-{n}", "price": n / 4, "gift": n % 2 == 0} for n in range(100)]
    data = {
        "user": "Ada é",
        "lines": lines,
        "by id": {"1": {"[": None}},
        "csrf": "0123456789abcdef",
    }
    assert decode(text.text_of(data)) == data
