"""How long a record lives: seconds or a `timedelta`."""

import math
from datetime import timedelta

LONGEST = 10_000_000_000.0
"""Seconds, some 317 years: what is to live longer lives for ever, so that no clock overflows."""


def seconds_of(ttl: "float | timedelta | None") -> "float | None":
    """The ttl in seconds, above zero; None for ever, which `None`, zero and less are.

    Raises `TypeError` for what is no number and no `timedelta`, `ValueError` for nan.
    """
    if ttl is None:
        return None
    if isinstance(ttl, timedelta):
        seconds = ttl.total_seconds()
    elif isinstance(ttl, (int, float)):
        # An integer may be too large to be a float.
        seconds = float(min(max(ttl, -1), LONGEST + 1)) if isinstance(ttl, int) else ttl
    else:
        raise TypeError(f"ttl is seconds or a timedelta, not {type(ttl).__name__}")
    if math.isnan(seconds):
        raise ValueError("ttl is nan; for ever is None")
    return seconds if 0 < seconds <= LONGEST else None
