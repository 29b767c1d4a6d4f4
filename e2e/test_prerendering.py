"""A page that the browser prepares while another one is shown, by Speculation Rules, and then shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.minutes import booting
from e2e.remote import Desk, remote

PRELUDE = """
import asyncio, json, js
from anchor_session import *
from anchor_session.state import Persistence, State

def stored(key, kind="session"):
    text = getattr(window, kind + "Storage").getItem(key)
    return text if isinstance(text, str) else None

async def until(is_so):
    while not is_so():
        await asyncio.sleep(0.01)

def prerender(name):
    script = window.document.createElement("script")
    script.type = "speculationrules"
    url = "/e2e/remote.html?" + name
    script.textContent = json.dumps({"prerender": [{"urls": [url], "eagerness": "immediate"}]})
    window.document.head.append(script)

def go(name):
    window.location.href = "/e2e/remote.html?" + name
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with remote(tmp_path / "profile", "a", PRELUDE) as desk:
        yield desk


def prepare(desk: Desk, page: str = "b", before: str = "a") -> None:
    """Have the page prerendered, and wait until Python runs in it."""
    desk.run(before, f"prerender({page!r})")
    with booting():
        desk.run(page, PRELUDE)
    assert desk.run(page, "window.document.prerendering") is True


def show(desk: Desk, page: str = "b", before: str = "a") -> None:
    """Go to the page, and wait until it is the one that was prepared."""
    desk.tell(before, f"go({page!r})")
    desk.run(page, "await until(lambda: not window.document.prerendering)")
    entry = "window.performance.getEntriesByType('navigation')[0].activationStart > 0"
    assert desk.run(page, entry) is True


CART = "anchor-session://cart@1.0.0"


def test_page_builds_on_what_the_one_before_wrote_last(desk: Desk) -> None:
    desk.run("a", 'cart = session("cart", {"n": 1})')
    prepare(desk)
    assert desk.run("b", 'cart = session("cart", {"n": 1}); cart.n') == 1
    desk.run("a", "cart.n = 2")
    show(desk)
    assert desk.run("b", "snapshot(cart)") == {"n": 2}
    assert desk.run("b", f"cart.x = 1; stored({CART!r})") == '{"n":2,"x":1}'


def test_page_keeps_what_it_changed_before_it_was_shown(desk: Desk) -> None:
    desk.run("a", 'cart = session("cart", {"n": 1, "lines": ["a"]})')
    prepare(desk)
    desk.run(
        "b",
        """
        cart = session("cart", {"n": 1})
        heard, seen = [], []
        subscribe(cart, lambda change: heard.append(change.op))
        cart.x = 1
        cart.lines.append("c")
        running = effect(lambda: seen.append([cart.n, cart.x]))
        heard.clear()
        """,
    )
    desk.run("a", 'cart.n = 2; cart.lines.append("b")')
    show(desk)
    assert desk.run("b", "await until(lambda: heard); [heard, seen]") == [
        ["replace"],
        [[1, 1], [2, 1]],
    ]
    text = '{"n":2,"lines":["a","b","c"],"x":1}'
    assert desk.run("b", f"stored({CART!r})") == text
    assert desk.run("b", "snapshot(cart)") == {"n": 2, "lines": ["a", "b", "c"], "x": 1}


def test_large_state_and_one_of_an_interval_have_what_the_page_before_stored_as_it_went(
    desk: Desk,
) -> None:
    opened = """
        big = session("big", {"text": "x" * 5000, "n": 0})
        paced = State(lambda: {"n": 0, "x": 0}, persistence=Persistence("paced", interval=30))
    """
    desk.run("a", opened)
    prepare(desk)
    desk.run("b", opened)
    desk.run("b", 'big.x = 1; paced.set({"x": 1}); paced.set({"x": 2})')
    desk.run("a", 'big.n = 2; paced.set({"n": 2}); paced.set({"n": 3})')
    show(desk)
    assert desk.run("b", "paced.get()") == {"n": 3, "x": 2}
    assert desk.run("b", "[big.n, big.x]") == [2, 1]
    again = """
        from anchor_session.page.open_states import leave_all
        leave_all()
        big = session("big", {"text": "", "n": 0})
        [big.n, big.x, stored("paced")]
    """
    assert desk.run("b", again) == [2, 1, '{"n":3,"x":2}']


def test_page_is_no_copy_of_its_tab_and_in_its_browser_session(desk: Desk) -> None:
    desk.run("a", 'cart = session("cart", {"n": 1}); basket = shared("basket", {"n": 1})')
    desk.run("a", "await until(lambda: restored(cart).copied is False)")
    token = desk.run("a", 'stored("anchor-tab")')
    prepare(desk)
    desk.run("b", 'cart = session("cart"); basket = shared("basket"); kept = persistent("kept")')
    desk.run("b", "basket.x = 1; kept.early = True")
    desk.run("a", "await until(lambda: 'x' in basket); basket.n = 2")
    # Longer than any answer of another tab would take.
    desk.run("b", "await asyncio.sleep(1); await until(lambda: basket.n == 2)")
    assert desk.run("b", "restored(cart).copied") is None
    assert desk.run("a", "restored(cart).copied") is False
    number = desk.run("a", 'stored("anchor-browser")')
    show(desk)
    desk.run("b", "await until(lambda: restored(cart).copied is not None)")
    assert desk.run("b", "restored(cart).copied") is False
    assert desk.run("b", '[stored("anchor-tab"), stored("anchor-browser")]') == [token, number]
    assert desk.run("b", "[basket.n, basket.x, kept.early]") == [2, 1, True]
    marks = "[key for key in js.Object.keys(window.sessionStorage) if 'anchor-tab#' in key]"
    assert desk.run("b", marks) == []


def test_page_reads_states_of_all_tabs_again(desk: Desk) -> None:
    settings = """
        kept = persistent("kept", {"n": 1})
        last = State(lambda: {"n": 1}, persistence=Persistence("last", area="local"))
    """
    desk.run("a", settings)
    prepare(desk)
    desk.run("b", settings)
    desk.run("a", 'kept.n = 2; last.set({"n": 2})')
    show(desk)
    assert desk.run("b", "await until(lambda: kept.n == 2); last.get()") == {"n": 2}


def test_page_prepared_by_a_prepared_one_that_is_shown_goes_on(desk: Desk) -> None:
    desk.run("a", 'cart = session("cart", {"n": 1})')
    prepare(desk)
    desk.run("b", 'cart = session("cart")')
    desk.run("a", "cart.n = 2")
    show(desk)
    desk.run("b", "cart.n += 1")
    prepare(desk, "c", "b")
    assert desk.run("c", 'cart = session("cart"); cart.n') == 3
    desk.run("b", "cart.n += 1")
    show(desk, "c", "b")
    assert desk.run("c", "await until(lambda: cart.n == 4); restored(cart).outcome") == "restored"
