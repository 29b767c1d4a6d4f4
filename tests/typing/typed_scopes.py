"""What a type checker makes of the scopes. It is read by mypy and never run.

A line with ``type: ignore`` has to be an error: one that is none any more is reported as unused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_type

from anchor_session import (
    InstanceScope,
    ScopeChange,
    SessionScope,
    instance_init,
    instance_load,
    instance_save,
    session_end,
    session_init,
    session_load,
    session_remove,
    session_save,
)


@dataclass
class Cart:
    note: str = ""


assert_type(session_load("cart"), Any)
assert_type(session_load("cart", Cart), Cart | None)
assert_type(session_load(("cart", 1), type=int), int | None)
assert_type(session_load("cart", list[int]), list[int] | None)
assert_type(instance_load("cart", Cart), Cart | None)
assert_type(SessionScope().load("cart", Cart), Cart | None)
assert_type(InstanceScope().load("cart", Cart), Cart | None)
assert_type(session_save("cart", Cart()), Cart | None)
assert_type(session_save("cart", Cart(), dict), dict[Any, Any] | None)
assert_type(session_save("n", 1), Any)
assert_type(session_save("n", 1, int), int | None)
assert_type(SessionScope().save("cart", Cart()), Cart | None)
assert_type(SessionScope().remove("cart", Cart), Cart | None)
assert_type(SessionScope().init("cart", lambda: Cart(), Cart), Cart | None)
assert_type(instance_save("cart", Cart()), Any)
assert_type(session_remove("cart"), Any)
assert_type(session_remove("cart", Cart), Cart | None)
assert_type(session_init("cart", Cart), Any)
assert_type(session_init("cart", Cart, type=Cart), Cart | None)
instance_init("cart", Cart)


def heard(change: ScopeChange) -> None: ...


assert_type(SessionScope().subscribe(heard), Callable[[], None])
assert_type(SessionScope().keys(), list[Any])

note = session_load("cart", Cart).note  # type: ignore[union-attr]
session_load()  # type: ignore[call-overload]
SessionScope().init("cart", 1)  # type: ignore[call-overload]
session_save("cart")  # type: ignore[call-overload]
session_end("cart")  # type: ignore[call-arg]
SessionScope().subscribe(lambda: None)  # type: ignore[misc, arg-type]
