"""The session scope in several real pages, and the instance scope, which is one page's own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.conftest import OpenBrowser, OpenPage
from e2e.harness import Interpreter, boot
from e2e.watching import HEAR_MARK, PRELUDE, WATCH, taken, wait_heard

SCOPES = f"""
{PRELUDE}
import json
from anchor_session.page.scopes.browser_session import enter

def hear(change):
    window.heard.push(json.dumps([change.key, change.value, change.previous]))

def cookie():
    return window.document.cookie
"""


@pytest.fixture(scope="module")
def pair(open_browser: OpenBrowser) -> tuple[Interpreter, Interpreter]:
    """Two tabs of one browser session."""
    context = open_browser()
    context.add_init_script(WATCH)
    one, other = (boot(context.new_page(), prelude=SCOPES) for _ in range(2))
    other.page.evaluate(HEAR_MARK)
    return one, other


@pytest.fixture
def two(pair: "tuple[Interpreter, Interpreter]") -> "Iterator[tuple[Interpreter, Interpreter]]":
    """The same, with empty scopes; the second hears of changes."""
    one, other = pair
    one("session_end()")
    wait_arrived(one, other)
    other("stop = SessionScope().subscribe(hear)")
    yield pair
    other("stop()")
    one("session_end()")
    taken(one, "heard")


def wait_arrived(one: Interpreter, other: Interpreter) -> None:
    """Until the other page was told of all that this one has stored; what it has heard is forgotten."""
    one.page.evaluate("() => localStorage.setItem('mark', Math.random())")
    other.page.wait_for_function("() => window.heard.includes('mark')")
    taken(other, "heard")


def wait_for(run: Interpreter, expression: str, value: Any) -> None:
    """Until it is so: a page may learn a moment later what another process has stored."""
    run(f"""
        import asyncio
        while ({expression}) != {value!r}:
            await asyncio.sleep(0.01)
    """)


def heard_by(run: Interpreter, count: int = 1) -> "list[Any]":
    return [json.loads(text) for text in wait_heard(run, count)]


def test_two_pages_are_in_one_session(pair: "tuple[Interpreter, Interpreter]") -> None:
    one, other = pair
    found = one("[enter().id, enter().is_shared, cookie()]")
    assert found == other("[enter().id, enter().is_shared, cookie()]")
    port = one.page.evaluate("location.port")
    assert found[1:] == [True, f"anchor-session-{port}={found[0]}"]


def test_what_one_saves_the_other_hears_of_and_loads(
    two: "tuple[Interpreter, Interpreter]",
) -> None:
    one, other = two
    assert one('session_save(("cart", 1), {"lines": ["ä", 1.0]})') is None
    assert heard_by(other) == [[["cart", 1], {"lines": ["ä", 1.0]}, None]]
    assert other('session_load(("cart", 1), dict)') == {"lines": ["ä", 1.0]}
    assert other('session_save(("cart", 1), 2)') == {"lines": ["ä", 1.0]}
    wait_for(one, 'session_load(("cart", 1))', 2)
    assert one('session_remove(("cart", 1))') == 2


def test_other_page_is_told_of_each_key_and_its_last_value(
    two: "tuple[Interpreter, Interpreter]",
) -> None:
    one, other = two
    one("for n in range(300): session_save(n % 3, n)")
    found: dict[int, Any] = {}
    while found != {0: 297, 1: 298, 2: 299}:
        found.update({key: value for key, value, _ in heard_by(other)})
    taken(other, "calls")
    one("session_save('done', 1)")
    assert heard_by(other) == [["done", 1, None]]
    assert {method for method, _ in taken(other, "calls")} == {"getItem"}  # no echo


def test_end_empties_every_page(two: "tuple[Interpreter, Interpreter]") -> None:
    one, other = two
    one("session_save('a', 1); session_save('b', 2)")
    while len(other("SessionScope().keys()")) < 2:
        heard_by(other)
    taken(other, "heard")
    one("session_end()")
    gone: set[str] = set()
    while gone != {"a", "b"}:
        gone |= {key for key, value, _ in heard_by(other) if value is None}
    assert other("[session_load('a'), SessionScope().keys()]") == [None, []]


def test_other_context_sees_nothing(
    two: "tuple[Interpreter, Interpreter]",
    open_browser: OpenBrowser,
) -> None:
    two[0]("session_save('secret', 1)")
    context = open_browser()
    stranger = boot(context.new_page(), prelude=PRELUDE)
    assert stranger("[session_load('secret'), SessionScope().keys()]") == [None, []]
    stranger("session_save('secret', 2); session_end()")
    wait_for(two[1], "session_load('secret')", 1)


def test_reload_keeps_the_session_scope_and_empties_the_instance_scope(
    two: "tuple[Interpreter, Interpreter]",
) -> None:
    one, other = two
    one("session_save('k', 1); instance_save('k', 2); instance_save(print, print)")
    assert one("instance_load('k')") == 2
    assert other("instance_load('k')") is None
    one.reload()
    assert one("[session_load('k'), instance_load('k'), InstanceScope().keys()]") == [1, None, []]


def test_keys_and_values_have_their_types_in_the_other_page(
    two: "tuple[Interpreter, Interpreter]",
) -> None:
    one, other = two
    one("""
for number, key in enumerate([1, True, "1", None, ("\\ud800", 1)]):
    session_save(key, {"n": number, "set": {number}})
""")
    wait_for(other, "session_load(('\\ud800', 1)) is None", False)
    answer = "[session_load(key) for key in [1, True, '1', None, ('\\ud800', 1)]]"
    assert other(f"{answer} == [{{'n': n, 'set': {{n}}}} for n in range(5)]") is True
    assert other("repr(sorted(map(type, SessionScope().keys()), key=repr))") == repr(
        sorted([int, bool, str, type(None), tuple], key=repr)
    )


def test_refused_cookies_leave_the_page_its_own_scope(open_page: OpenPage) -> None:
    page = open_page("bare").page.context.new_page()
    page.add_init_script(
        'Object.defineProperty(document, "cookie", { get: () => "", set: () => {} });'
        "window.heard = [];"
    )
    run = open_page("pyscript", page=page, prelude=SCOPES)
    assert run("session_save('k', 1); [enter().is_shared, enter().id]") == [False, "0"]
    (warning,) = wait_heard(run)
    assert warning.startswith("StorageWarning: the session scope is this tab's alone")
    run.reload()
    assert run("session_load('k')") == 1
    assert page.evaluate("localStorage.length") == 0


def test_full_area_is_an_error_and_changes_nothing(two: "tuple[Interpreter, Interpreter]") -> None:
    one, other = two
    one("""
session_save("k", 1)
try:
    session_save("k", "x" * 6_000_000)
except QuotaExceededError as error:
    answer = [error.needed > 6_000_000, session_load("k")]
""")
    assert one("answer") == [True, 1]
    wait_for(other, "session_load('k')", 1)


@pytest.mark.parametrize("kind", ["worker"])
def test_worker_has_the_session_of_its_page(open_page: OpenPage, kind: Any) -> None:
    run = open_page(kind, prelude=PRELUDE)
    run("session_save('k', [1])")
    id = run.page.evaluate("document.cookie").partition("=")[2]
    text = run.page.evaluate("(key) => localStorage.getItem(key)", f'anchor-scope:{id}://"k"')
    assert text == "[1]"
