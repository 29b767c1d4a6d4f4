"""A tab that goes, sleeps or comes back while others change the state."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from e2e.harness import Interpreter, boot, go_back
from e2e.tabs import ARM, PRELUDE, START, agreed, entries
from e2e.watching import WATCH

# After each statement the tab notes what it has stored, for those who look after its end.
CHANGE = """
import js

def do(n):
    s[f"0-{n}"] = n
    s["log"].append(n)
    js.localStorage.setItem("progress", str(n))

"""
INIT = '{"log": []}'
OPEN = f'open_state("shared", "lives", {INIT})'


def stored_by(page: Page) -> int:
    """How many statements the tab that is gone had stored."""
    return int(page.evaluate("localStorage.getItem('progress')")) + 1


def check_nothing_is_lost(bystander: Page, others: list[Interpreter], fresh: Interpreter) -> None:
    count = stored_by(bystander)
    found = agreed(others, lambda data: len(data["log"]) >= count)
    fresh(OPEN)
    assert fresh("snapshot(s)") == found
    last = len(found["log"])
    assert count <= last <= count + 1  # the tab may have ended between the statement and its note
    assert found["log"] == list(range(last))
    assert {key for key in found if key != "log"} >= {f"0-{n}" for n in range(count)}


class Company:
    """A tab that will go, two that stay, one that comes later."""

    def __init__(self, context: BrowserContext) -> None:
        self.bystander = context.new_page()
        self.bystander.goto("/e2e/plain.html")
        self.going, *self.staying, self.fresh = [
            boot(context.new_page(), "bare", prelude=PRELUDE) for _ in range(4)
        ]
        for run in (self.going, *self.staying):
            run(OPEN)

    def begin(self, source: str) -> None:
        """Let the going tab run it; nobody waits for the answer."""
        self.going.page.evaluate(ARM, CHANGE + source)
        self.bystander.evaluate(START)

    def wait_heard(self, count: int) -> None:
        """Until the first of those that stay has so many changes."""
        self.staying[0](f'await until(lambda: len(s["log"]) >= {count})')

    def check(self) -> None:
        check_nothing_is_lost(self.bystander, self.staying, self.fresh)


@pytest.fixture
def company(context: BrowserContext) -> Company:
    return Company(context)


def test_tab_closed_after_its_loop_leaves_all_of_it(company: Company) -> None:
    company.going(CHANGE + "for n in range(300): do(n)")
    company.going.page.close()
    assert stored_by(company.bystander) == 300
    company.check()


def test_tab_closed_in_the_middle_leaves_what_its_statements_stored(company: Company) -> None:
    company.begin("await repeat(do, 1_000_000, 0.001)")
    company.wait_heard(50)
    company.going.page.close()
    company.check()


def test_tab_closed_while_its_loop_holds_it_leaves_what_its_statements_stored(
    company: Company,
) -> None:
    company.begin("for n in range(1_000_000): do(n)")
    company.wait_heard(50)
    company.going.page.close()
    company.check()


def test_tab_that_crashes_in_the_middle_leaves_what_its_statements_stored(
    context: BrowserContext, company: Company
) -> None:
    company.begin("await repeat(do, 1_000_000, 0.001)")
    company.wait_heard(50)
    page = company.going.page
    with page.expect_event("crash"):
        try:
            page.goto("chrome://crash")
        except Error as error:
            assert "ERR_ABORTED" in error.message or "crashed" in error.message  # noqa: PT017
    company.check()


def test_reloaded_tab_has_what_it_and_others_stored_meanwhile(company: Company) -> None:
    company.begin("await repeat(do, 1_000_000, 0.001)")
    company.wait_heard(50)
    other = company.staying[0]
    other('for n in range(100): s[f"1-{n}"] = n')
    company.going.page.reload()
    company.going.wait_ready()
    company.going(OPEN)
    company.staying.append(company.going)
    company.check()
    assert company.going('len([key for key in s if key.startswith("1-")])') == 100


# -- asleep -----------------------------------------------------------------------------------------

WHILE_ASLEEP = """
for n in range(300):
    s[f"1-{n}"] = n
    s["log"].append(n)
del s["old"]
"""


def is_frozen(page: Page) -> bool:
    """Whether no timer runs there."""
    page.evaluate("() => { window.ticked = false; setTimeout(() => { window.ticked = true; }); }")
    page.context.pages[0].evaluate("() => new Promise((next) => setTimeout(next, 100))")
    return not page.evaluate("() => window.ticked")


def check_has_caught_up(sleeper: Interpreter, other: Interpreter) -> None:
    def is_complete(data: Any) -> bool:
        return "old" not in data and len(data["log"]) == 300

    found = agreed([sleeper, other], is_complete)
    assert found["log"] == list(range(300))
    assert found.keys() == {"log", "mine"} | {f"1-{n}" for n in range(300)}
    sleeper('s["back"] = 1')
    other('await until(lambda: "back" in s)')
    assert agreed([sleeper, other], lambda data: True) == {**found, "back": 1}


def wait_rest(page: Page, key: str) -> str:
    """The document, once it lies there alone."""
    page.wait_for_function(
        """(key) => {
          const found = Object.keys(localStorage).filter((each) => each.startsWith(key));
          return found.length === 1 && found[0] === key;
        }""",
        arg=key,
        timeout=60_000,
        polling=100,
    )
    return entries(page, key)[key]


def key_of_state(run: Interpreter) -> str:
    key: str = run("s._root.owner.key")
    return key


@pytest.mark.parametrize("at_rest", [False, True])
def test_tab_out_of_the_page_cache_catches_up(bfcache_page: Page, at_rest: bool) -> None:
    context = bfcache_page.context
    context.add_init_script(WATCH)
    page = context.new_page()
    sleeper = boot(page, "bare", prelude=PRELUDE)
    other = boot(bfcache_page, "bare", prelude=PRELUDE)
    for run in (sleeper, other):
        run('open_state("shared", "asleep", {"log": [], "old": 1})')
    sleeper('s["mine"] = 1')
    other('await until(lambda: "mine" in s)')
    page.goto("/e2e/plain.html")
    other(WHILE_ASLEEP)
    if at_rest:
        text = wait_rest(bfcache_page, key_of_state(other))
        assert json.loads(text) == other("snapshot(s)")
    go_back(page)
    page.wait_for_function("() => window.shown.length === 2")
    assert page.evaluate("window.shown") == [False, True]
    check_has_caught_up(sleeper, other)


@pytest.mark.parametrize("at_rest", [False, True])
def test_frozen_tab_catches_up(context: BrowserContext, at_rest: bool) -> None:
    sleeper, other = (boot(context.new_page(), "bare", prelude=PRELUDE) for _ in range(2))
    for run in (sleeper, other):
        run('open_state("shared", "asleep", {"log": [], "old": 1})')
    sleeper('s["mine"] = 1')
    other('await until(lambda: "mine" in s)')
    session = context.new_cdp_session(sleeper.page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    assert is_frozen(sleeper.page)
    other(WHILE_ASLEEP)
    if at_rest:
        wait_rest(other.page, key_of_state(other))
    session.send("Page.setWebLifecycleState", {"state": "active"})
    check_has_caught_up(sleeper, other)
