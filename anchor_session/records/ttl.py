"""How long something lasts: seconds or a `timedelta`."""

import math
from datetime import timedelta
from typing import Any

from ..errors import StorageWarning, warn

CENTURY = 3_155_760_000
"""Seconds."""

LONGEST = 10_000_000_000.0
"""Seconds, some 317 years: what is to live longer lives for ever, so that no clock overflows."""


def seconds_of(ttl: "float | timedelta | None") -> "float | None":
    """The ttl in seconds, above zero; None for ever, which `None` and zero are.

    Raises `TypeError` for what is no number and no `timedelta`, `ValueError` for nan and what is negative.
    """
    if ttl is None:
        return None
    seconds = span_of(ttl, "ttl")
    if math.isnan(seconds):
        raise ValueError("ttl is nan; for ever is None")
    if seconds < 0:
        raise ValueError(f"ttl is {ttl!r}, over before it begins; for ever is None or 0")
    return seconds if 0 < seconds <= LONGEST else None


def ask_about(ttl: Any) -> None:
    """Warn of a plain number that is more than a century: durations are nanoseconds in other languages."""
    if isinstance(ttl, (int, float)) and ttl > CENTURY:
        warn(
            f"ttl={ttl!r}: the unit is seconds; write {ttl / 1e9:g} for as many nanoseconds, "
            "or None for ever",
            StorageWarning,
        )


def span_of(span: Any, name: str) -> float:
    """The seconds that are meant; `TypeError` for what is no number and no `timedelta`, a bool too."""
    if isinstance(span, timedelta):
        return span.total_seconds()
    if isinstance(span, bool) or not isinstance(span, (int, float)):
        raise TypeError(f"{name} is seconds or a timedelta, not {type(span).__name__}")
    if isinstance(span, int):  # which may be too large to be a float
        return float(min(max(span, -1), LONGEST + 1))
    return span
