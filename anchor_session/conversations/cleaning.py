"""Conversations that nobody has touched for long are removed."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ..errors import RecordCorruptError, StorageWarning, warn
from . import registry
from .state import now_ms
from .storages.contract import SessionStorage, check_storage, find


async def cleanup_sessions(
    storage: SessionStorage,
    max_age: float | timedelta,
    *,
    clock: Callable[[], int] = now_ms,
) -> int:
    """Delete what was last updated more than `max_age` (seconds or a `timedelta`) ago; how many those were.

    Conversations open in this process are left alone, and so is what cannot be read, with a
    `StorageWarning`. A storage with a coroutine `sweep()` is let remove what crashes have left.
    """
    check_storage(storage)
    limit = _milliseconds(max_age)
    removed = 0
    for id in await storage.list():
        try:
            state = await find(storage, id)
        except RecordCorruptError as error:
            warn(f"left alone: {error}", StorageWarning)
            continue
        is_old = state is not None and clock() - state.updated_at > limit
        if is_old and registry.find(storage, id) is None:
            await storage.delete(id)
            removed += 1
    sweep: Any = getattr(storage, "sweep", None)
    if sweep is not None:
        await sweep()
    return removed


def _milliseconds(age: float | timedelta) -> float:
    seconds = age.total_seconds() if isinstance(age, timedelta) else age
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"max_age is seconds or a timedelta, not {type(age).__name__}")
    if math.isnan(seconds) or seconds < 0:
        raise ValueError(f"max_age is zero or more, not {age!r}")
    return seconds * 1000
