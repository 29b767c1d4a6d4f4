"""What `history()` undoes and redoes is stored as any other change."""

from collections.abc import Callable
from typing import Any

import pytest

from anchor_session import history, session, snapshot
from anchor_session.page.open_states import leave_all
from tests.support import stored

STATEMENTS: "dict[str, Callable[[Any], object]]" = {
    "set": lambda state: state.m.update(x=2),
    "new key": lambda state: state.m.update(y=2),
    "delete": lambda state: state.m.pop("x"),
    "order": lambda state: state.l.reverse(),
    "move": lambda state: state.l.move(0, 1),
    "splice": lambda state: state.l.insert(1, 5),
    "item": lambda state: state.l.__setitem__(0, 5),
    "add": lambda state: state.s.add(5),
    "discard": lambda state: state.s.discard(1),
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_undone_and_redone_statement_is_stored(
    area: Any, layout: str, statement: "Callable[[Any], object]"
) -> None:
    state: Any = session("s", {"m": {"x": 1}, "l": [1, 2], "s": {1, 2}}, layout=layout)
    steps = history(state)
    before = snapshot(state)
    statement(state)
    after = snapshot(state)
    steps.undo()
    assert stored(area) == snapshot(state) == before
    steps.redo()
    assert stored(area) == snapshot(state) == after
    steps.undo()
    leave_all()
    assert snapshot(session("s")) == before
