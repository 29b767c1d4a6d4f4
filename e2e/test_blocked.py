"""No Web Storage: states live in memory, and the page is told once."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from e2e.conftest import OpenPage
from e2e.harness import Kind
from e2e.watching import PRELUDE, WATCH, taken

GETTERS = {
    "throws": 'throw new DOMException("no storage here", "SecurityError")',
    "is_null": "return null",
}
PROGRAM = """
cart = session("cart", {"lines": []})
heard = []
unsubscribe = subscribe(cart, heard.append)
cart.lines.append(1)
cart.lines.append(2)
other = session("other@2:1", {"n": 1})
stays = persistent("stays", {"n": 1})
found = [restored(cart).outcome, restored(cart).dirty, type(restored(cart).error).__name__]
[found, snapshot(cart), len(heard), session("cart") is cart, session("other@2") is other]
"""
ANSWER: Any = [["memory", False, "StorageUnavailableError"], {"lines": [1, 2]}, 2, True, True]


@pytest.mark.parametrize(
    ("kind", "getter"), [("pyscript", "throws"), ("pyscript", "is_null"), ("worker", "throws")]
)
def test_getter_that_fails_leaves_states_in_memory(
    context: BrowserContext, open_page: OpenPage, kind: Kind, getter: str
) -> None:
    context.add_init_script(WATCH)
    for name in ("sessionStorage", "localStorage"):
        context.add_init_script(
            f'Object.defineProperty(window, "{name}", {{ get() {{ {GETTERS[getter]}; }} }})'
        )
    run = open_page(kind, prelude=PRELUDE)
    assert run(PROGRAM) == ANSWER
    (warning,) = taken(run, "heard")
    assert warning.startswith("StorageUnavailableWarning: ")
    assert taken(run, "calls") == []
    assert run("leave(cart); session('cart', {'lines': [0]}).lines[0]") == 1
    assert run("(usage().used or 0) > 0")


def test_sandboxed_frame_keeps_states_in_memory(
    context: BrowserContext, open_page: OpenPage
) -> None:
    context.add_init_script(WATCH)
    run = open_page("bare", sandbox="allow-scripts", prelude=PRELUDE)
    assert run(PROGRAM) == ANSWER
    (warning,) = run.frame.evaluate("window.heard")
    assert warning.startswith("StorageUnavailableWarning: ")
    assert "SecurityError" in warning
