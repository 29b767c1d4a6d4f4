"""What a type checker makes of a `State`. It is read by mypy, with the plugin, and never run.

A line with ``type: ignore`` has to be an error: one that is none any more is reported as unused.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Generic, TypedDict, TypeVar, assert_type

from anchor_session import Computed, Signal
from anchor_session.microcosm import MicrocosmReference, Session
from anchor_session.state import Persistence, State, is_state


class Settings(TypedDict):
    theme: str
    size: int


@dataclass
class Base:
    note: str | None = None


@dataclass
class Cart(Base):
    lines: list[str] = field(default_factory=list)

    def total(self) -> int:
        return len(self.lines)


def settings() -> Settings:
    return {"theme": "dark", "size": 1}


of_dict = State(settings, persistence=Persistence("settings", sync_tabs=True, interval=0.5))
assert_type(of_dict, State[Settings])
assert_type(of_dict.get(), Settings)
assert_type(of_dict.key("theme"), Signal[str])
assert_type(of_dict.key("size").get(), int)
assert_type(of_dict.signal.size, Signal[int])
assert_type(of_dict.signal["theme"].get(), str)
of_dict.key("size").set(2)
of_dict.key("size").set(lambda size: size + 1)
of_dict.set({"theme": "light"})
of_dict.set(lambda state: {"size": state["size"] + 1}, sync=False)
name: str = "theme"
assert_type(of_dict.key(name), Signal[Any])

of_dict.key("colour")  # type: ignore[misc]
_ = of_dict.signal.colour  # type: ignore[misc]
_ = of_dict.signal["colour"]  # type: ignore[misc]
of_dict.key("size").set("many")  # type: ignore[arg-type]
of_dict.set(3)  # type: ignore[arg-type]

of_class = State(Cart)
assert_type(of_class.get().lines, list[str])
assert_type(of_class.key("lines"), Signal[list[str]])
assert_type(of_class.key("note").get(), str | None)
of_class.key("total")  # type: ignore[misc]


State(
    settings,
    throttle=timedelta(milliseconds=480),
    persistence=Persistence("a", interval=timedelta(1)),
)


class Mine(State[Settings]):
    """A state with methods of its own."""


assert_type(Mine(settings).key("theme"), Signal[str])

session = Session(["app", "session"], area="local", sync_tabs=True)
assert_type(session.key("active").get(), str | None)
assert_type(session.key("microcosms").get(), dict[str, dict[str, Any]])
assert_type(session.microcosms, Computed[list[MicrocosmReference]])
assert_type(session.microcosms.id, str)
session.microcosms.on(lambda references: print(references[0].view))
session.microcosms.on(lambda references: references + 1)  # type: ignore[operator]
assert_type(session.ready.get(), bool)
assert_type(session.user.key("username").get(), str | None)
assert_type(session.register_reference("garden.0123456789").view, str | None)
session.register_reference({"microcosm_id": "garden.0123456789", "view": "map"})
session.register_reference(session.microcosms()[0])
session.id = "mine"  # type: ignore[misc]
session.user = session  # type: ignore[misc, assignment]
found = session.get_reference("garden.0123456789")
if found:
    assert_type(found, MicrocosmReference)
print(found.view)  # type: ignore[union-attr]
is_state(session)

T = TypeVar("T")


@dataclass
class Box(Generic[T]):
    value: T
    limit: ClassVar[int] = 5


def of_generic_class(box: State[Box[int]]) -> None:
    assert_type(box.key("value"), Signal[int])
    box.key("limit")  # type: ignore[misc]
