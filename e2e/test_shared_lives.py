"""A tab that goes, sleeps or comes back while others change the state."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from e2e.conftest import OpenBrowser
from e2e.harness import Interpreter, boot, crash, go_back
from e2e.tabs import ARM, PRELUDE, START, Tabs, agreed, held, wait_rest
from e2e.watching import WATCH

# After each statement the tab notes what it has stored, for those who look after its end.
CHANGE = """
import js

def do(n):
    s[f"0-{n}"] = n
    s["log"].append(n)
    js.localStorage.setItem("progress", str(n))

"""
OPEN = 'open_state("shared", "lives", {"log": []})'


@pytest.fixture(scope="module")
def tabs(open_browser: OpenBrowser) -> Tabs:
    """One that stays, and one that comes later."""
    context = open_browser()
    return Tabs(context, 1)


class Company:
    """A tab that will go, beside those that do not."""

    def __init__(self, tabs: Tabs) -> None:
        self.bystander = tabs.bystander
        self.staying = tabs.writers.copy()
        self.fresh = tabs.fresh
        self.going = boot(tabs.context.new_page(), "bare", prelude=PRELUDE)
        for run in (self.going, *self.staying):
            run(OPEN)

    def begin(self, source: str) -> None:
        """Let the going tab run it; nobody waits for the answer."""
        self.going.page.evaluate(ARM, CHANGE + source)
        self.bystander.evaluate(START)

    def wait_heard(self, count: int) -> None:
        """Until those that stay have so many changes."""
        for run in self.staying:
            run(f'await until(lambda: len(s["log"]) >= {count})')

    def stored(self) -> int:
        """How many statements the tab that is gone had stored."""
        return int(self.bystander.evaluate("localStorage.getItem('progress')")) + 1

    def check(self) -> None:
        """What the tab's statements had stored is there, in those that stay and in a fresh one."""
        self.fresh(OPEN)

        def has_all(data: Any) -> bool:
            # The tab may have ended between a statement and its note.
            return len(data["log"]) - self.stored() in (0, 1)

        found = agreed([*self.staying, self.fresh], has_all)
        assert found["log"] == list(range(len(found["log"])))
        assert found.keys() >= {f"0-{n}" for n in range(self.stored())}


@pytest.fixture
def company(tabs: Tabs) -> Iterator[Company]:
    company = Company(tabs)
    yield company
    company.going.page.close()
    tabs.clear()


def test_tab_closed_after_its_loop_leaves_all_of_it(company: Company) -> None:
    company.going(CHANGE + "for n in range(300): do(n)")
    company.going.page.close()
    # Another process hears of the last writes later.
    company.bystander.wait_for_function("() => localStorage.getItem('progress') === '299'")
    assert company.stored() == 300
    company.check()


def test_tab_closed_in_the_middle_leaves_what_its_statements_stored(company: Company) -> None:
    company.begin("await repeat(do, 1_000_000, 0.001)")
    company.wait_heard(50)
    company.going.page.close()
    company.check()


def test_tab_closed_within_a_task_leaves_what_its_statements_stored(company: Company) -> None:
    company.begin("for n in range(1_000_000): do(n)")
    company.wait_heard(50)
    company.going.page.close()
    company.check()


def test_tab_that_crashes_in_the_middle_leaves_what_its_statements_stored(company: Company) -> None:
    company.begin("await repeat(do, 1_000_000, 0.001)")
    company.wait_heard(50)
    crash(company.going.page)
    company.check()


def test_reloaded_tab_has_what_it_and_others_stored_meanwhile(company: Company) -> None:
    company.begin("await repeat(do, 1_000_000, 0.001)")
    company.wait_heard(50)
    company.staying[0]('for n in range(100): s[f"1-{n}"] = n')
    company.going.page.reload()
    company.going.wait_ready()
    company.going(OPEN)
    company.staying.append(company.going)
    company.check()
    assert company.going('len([key for key in s if key.startswith("1-")])') == 100


# -- asleep -----------------------------------------------------------------------------------------

ASLEEP = 'open_state("shared", "asleep", {"log": [], "old": 1})'
MEANWHILE = """
for n in range(300):
    s[f"1-{n}"] = n
    s["log"].append(n)
del s["old"]
"""


def meet(sleeper: Interpreter, other: Interpreter) -> None:
    for run in (sleeper, other):
        run(ASLEEP)
    sleeper('s["mine"] = 1')
    other('await until(lambda: "mine" in s)')


def change_meanwhile(other: Interpreter, *, until_rest: bool) -> None:
    """Changes of the other tab, and then perhaps all the time that they can need."""
    other(MEANWHILE)
    if until_rest:
        text = wait_rest(other.page, other("s._root.owner.key"))
        assert json.loads(text) == other("snapshot(s)")


def check_has_caught_up(sleeper: Interpreter, other: Interpreter) -> None:
    found = agreed([sleeper, other], lambda data: "old" not in data)
    assert found["log"] == list(range(300))
    assert found.keys() == {"log", "mine"} | {f"1-{n}" for n in range(300)}
    sleeper('s["back"] = 1')
    other('await until(lambda: "back" in s)')
    assert agreed([sleeper, other], lambda data: True) == {**found, "back": 1}


@pytest.fixture(scope="module")
def caching(caching_browser: BrowserContext) -> tuple[Interpreter, Interpreter]:
    """A tab that goes into the page cache, and another."""
    caching_browser.add_init_script(WATCH)
    sleeper, other = (boot(caching_browser.new_page(), "bare", prelude=PRELUDE) for _ in range(2))
    return sleeper, other


@pytest.mark.parametrize("until_rest", [False, True])
def test_tab_out_of_the_page_cache_catches_up(
    caching: tuple[Interpreter, Interpreter], until_rest: bool
) -> None:
    sleeper, other = caching
    meet(sleeper, other)
    sleeper.page.evaluate("window.shown.splice(0)")
    sleeper.page.goto("/e2e/plain.html")
    change_meanwhile(other, until_rest=until_rest)
    go_back(sleeper.page)
    sleeper.page.wait_for_function("() => window.shown.length")
    assert sleeper.page.evaluate("window.shown") == [True]
    check_has_caught_up(sleeper, other)
    for run in caching:
        run("leave_all()")
    for run in caching:
        run("window.localStorage.clear()")


@pytest.mark.parametrize("until_rest", [False, True])
def test_tab_that_stood_still_catches_up(company: Company, until_rest: bool) -> None:
    sleeper, other = company.going, company.staying[0]
    meet(sleeper, other)
    with held(sleeper.page, other.page):
        change_meanwhile(other, until_rest=until_rest)
    check_has_caught_up(sleeper, other)
