"""One thing at a time, from whatever thread: what changes a state, and what reads the whole of one.

Whoever does either holds `lock`, from before it looks until what it did is stored and all who hear of it have
run. It is one lock for all states: batches, effects and signals span them, and two locks could be taken in
two orders. What reads one thing takes none; CPython does that in one go.
Where there are no threads there is no lock, and `whole` leaves a function as it is.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])


def _make_lock() -> "Any":
    if sys.platform == "emscripten":
        return None
    try:
        from _thread import RLock
    except ImportError:  # MicroPython has none
        return None
    import os

    made = RLock()
    if hasattr(os, "register_at_fork"):  # who forks waits until no other thread is in a statement
        os.register_at_fork(
            before=made.acquire, after_in_parent=made.release, after_in_child=made.release
        )
    return made


lock = _make_lock()
"""Taken by `whole` and by `batch()`; a thread that has it may take it again."""


def whole(function: "F") -> "F":
    """Have each call of the function be whole: other threads' come before it or after it.

    Of a generator function only the call is, and not what it yields.
    """
    if lock is None:
        return function
    from functools import wraps

    from ..errors import cut

    # `with lock:` would do, and costs a small statement 7 % where this costs 3. The lock is taken inside of
    # `try`, as an interrupt may come as soon as it is; one that comes while it waits finds none to give back.
    acquire, release = lock.acquire, lock.release
    one_call: Callable[..., Any]
    if function.__name__ in _TAKE_THREE:

        def one_call(first: "Any", second: "Any", third: "Any") -> "Any":
            try:
                acquire()
                return function(first, second, third)
            except Exception as error:
                cut(error)
                raise
            finally:
                try:
                    release()
                except RuntimeError:
                    pass
    elif function.__name__ == "__iter__":

        def one_call(first: "Any") -> "Any":
            try:
                acquire()
                return function(first)
            finally:
                try:
                    release()
                except RuntimeError:
                    pass
    else:

        def one_call(*arguments: "Any", **named: "Any") -> "Any":
            try:
                acquire()
                return function(*arguments, **named)
            except Exception as error:
                cut(error)
                raise
            finally:
                try:
                    release()
                except RuntimeError:
                    pass

    return wraps(function)(one_call)  # type: ignore[return-value]


_TAKE_THREE = ("__setitem__", "__set__", "insert")
"""What most statements are. Without ``*`` and ``**`` the lock costs them a third less."""
