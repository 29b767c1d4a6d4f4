"""msgspec and pydantic are imported only where a typed state needs them, and may be missing."""

import subprocess
import sys

import pytest

BLOCKED = """
import sys
sys.modules["msgspec"] = sys.modules["pydantic"] = None
import dataclasses, enum
from anchor_session import SchemaError, session, snapshot
from anchor_session.page.open_states import leave_all
from anchor_session.testing import MemoryArea

@dataclasses.dataclass
class Line:
    sku: str
    qty: int = 1
    price: float = 0.5

@dataclasses.dataclass
class Cart:
    lines: list[Line] = dataclasses.field(default_factory=list)
    by: "dict[str, Line | None]" = dataclasses.field(default_factory=dict)
    gift: "Line | None" = None
    note: "str | int" = ""
    free: object = None
    pages: "list[list[bool]]" = dataclasses.field(default_factory=list)

area = MemoryArea()
state = session("s", Cart(), area=area)
state.lines.append(Line("A", 2))
state.lines[0].price = 3
assert type(state.lines[0].price) is float
state.by["x"] = state.lines[0]
state.by["y"] = None
state.gift = {"sku": "G"}
state.note = 5
state.free = {"a": [1]}
state.pages.append([True])
for path, statement in {
    "$.lines[0].qty": lambda: setattr(state.lines[0], "qty", "x"),
    "$.lines[1].sku": lambda: state.lines.append({}),
    "$.gift.qty": lambda: setattr(state, "gift", {"sku": "a", "qty": None}),
    "$.note": lambda: setattr(state, "note", 1.5),
    "$.pages[0][1]": lambda: state.pages.__setitem__(0, [True, 1]),
    "$.lines": lambda: setattr(state, "lines", {}),
}.items():
    try:
        statement()
    except SchemaError as error:
        assert error.path == path, error
    else:
        raise AssertionError(path)
before = snapshot(state)
leave_all()
assert snapshot(session("s", Cart(), area=area)) == before
assert isinstance(before.lines[0], Line)

class Color(enum.Enum):
    RED = 1

@dataclasses.dataclass
class Colored:
    color: Color = Color.RED

try:
    session("c", Colored(), area=area)
except ImportError as error:
    assert "pip install anchor-session[typed]" in str(error), error
    assert "Colored.color" in str(error), error
else:
    raise AssertionError
"""

LAZY = """
import sys
from anchor_session import session
session("s", {"a": 1}).a = 2
assert not {"msgspec", "pydantic", "anchor_session.typed"} & set(sys.modules)
session("t", {"a": 1}, schema=lambda data: data)
assert not {"msgspec", "pydantic"} & set(sys.modules)
import dataclasses
@dataclasses.dataclass
class Cart:
    note: str = ""
session("c", Cart())
assert "pydantic" not in sys.modules
"""


@pytest.mark.parametrize("source", [BLOCKED, LAZY], ids=["without libraries", "lazily"])
def test_libraries_are_imported_only_where_needed(source: str) -> None:
    ran = subprocess.run(  # its own interpreter: modules cannot be unloaded
        [sys.executable, "-W", "ignore::UserWarning", "-c", source], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
