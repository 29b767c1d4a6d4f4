"""Conversations that nobody has touched for long are removed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ...errors import RecordCorruptError, StorageWarning, warn
from .. import registry
from ..options import by_keyword
from ..state import now_ms
from .checked import check_storage, find, ids_in
from .contract import SessionStorage

_SHORT = 3600
"""Seconds below which a bare number looks like days."""


@by_keyword()
async def cleanup_sessions(
    storage: SessionStorage,
    max_age: float | timedelta | None = None,
    *,
    max_age_days: float | None = None,
    clock: Callable[[], int] = now_ms,
) -> int:
    """Delete what was last updated more than `max_age` ago, in seconds or as a `timedelta`, or more than
    `max_age_days`, in days; how many those were.

    Conversations open in this process are left alone, and so is what cannot be read, with a
    `StorageWarning`. One is given, too, before anything is deleted, for a `max_age` of less than an hour that
    is a bare number, since that is how days look: ``timedelta(seconds=30)`` says what is meant, 0 is all. A
    storage with a coroutine `sweep()` is let remove what crashes have left. Raises `TypeError` for both
    ages and for none, `ValueError` for one below zero.
    """
    check_storage(storage)
    limit = _milliseconds(max_age, max_age_days)
    removed = 0
    for id in await ids_in(storage):
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


def _milliseconds(age: Any, days: Any) -> Any:
    if (age is None) == (days is None):
        raise TypeError(
            "cleanup_sessions() takes one age: max_age, in seconds or as a timedelta, "
            "or max_age_days=, in days"
        )
    if days is not None:
        return _checked("max_age_days", "days, and a timedelta is max_age", days) * 86_400_000
    seconds = age.total_seconds() if isinstance(age, timedelta) else age
    _checked("max_age", "seconds, or a timedelta", seconds)
    if 0 < seconds < _SHORT and not isinstance(age, timedelta):
        warn(
            f"max_age is in seconds: what is older than {age} seconds is deleted; if days are meant, "
            f"write max_age_days={age}, and if seconds are, max_age=timedelta(seconds={age})",
            StorageWarning,
        )
    return seconds * 1000


def _checked(name: str, unit: str, age: Any) -> Any:
    if isinstance(age, bool) or not isinstance(age, int | float):
        raise TypeError(f"{name} is a number of {unit}, not {type(age).__name__}")
    if not age >= 0:  # nor is nan
        raise ValueError(f"{name} is zero or more, not {age!r}; it is a number of {unit}")
    return age
