"""Session records in a page: Chromium's real `localStorage`, reloads, its quota, its refusal."""

import pytest
from playwright.sync_api import BrowserContext

from e2e.conftest import OpenPage
from e2e.harness import Interpreter, boot

QUOTA = 5_242_880
PRELUDE = """
import asyncio, json, time
from anchor_session import *
from anchor_session.records import SessionManager, WebStore

PREFIX = "anchor-records://"
area = window.localStorage

def keys():
    return sorted(area.key(n) for n in range(area.length))

async def error_of(call):
    try:
        await call
    except Exception as error:
        return type(error).__name__

class Clock:
    ahead = 0
    def __call__(self):
        return time.time() + self.ahead

clock = Clock()
"""


@pytest.fixture(scope="module")
def used(own_browser: BrowserContext) -> Interpreter:
    """A page for a whole file."""
    return boot(own_browser.new_page(), prelude=PRELUDE)


@pytest.fixture
def page(used: Interpreter, context: BrowserContext) -> Interpreter:
    """A page with empty areas."""
    used("clock.ahead = 0; area.clear(); window.sessionStorage.clear()")
    return used


def test_thousand_sessions_survive_a_reload_and_end_in_their_time(page: Interpreter) -> None:
    page("""
        theirs = {"anchor-session://a@1.0.0": "{}", "basket": "theirs", "anchor-records": "1"}
        for key, text in theirs.items():
            area.setItem(key, text)
        manager = SessionManager(WebStore(), ttl=3600)
        async def live(n):
            session = await manager.new_session()
            session["n"] = n
            await manager.save_session(session)
            return session.id
        ids = await asyncio.gather(*map(live, range(1000)))
        await manager.store.save("for-ever", {"n": -1})
    """)
    ids = page("ids")
    assert len(set(ids)) == 1000
    page.reload()
    assert page("len(await WebStore().list())") == 1001
    found = page(f"""
        manager = SessionManager(WebStore(clock=clock), ttl=3600)
        found = await asyncio.gather(*map(manager.session, {ids!r}))
        [session["n"] for session in found]
    """)
    assert found == list(range(1000))
    page("""
        again = found[7]
        clock.ahead = 1800
        again["n"] = 7
        await manager.save_session(again)
        clock.ahead = 3700
    """)
    assert page("[await manager.store.list(), area.length]") == [sorted([ids[7], "for-ever"]), 5]
    page("for id in await manager.store.list(): await manager.delete_session(id)")
    assert page("{key: area.getItem(key) for key in keys()}") == {
        "anchor-session://a@1.0.0": "{}",
        "basket": "theirs",
        "anchor-records": "1",
    }


def test_other_tab_sees_a_record_when_the_browser_has_told_it(
    page: Interpreter, open_page: OpenPage
) -> None:
    other = open_page(prelude=PRELUDE)
    for run in (page, other):
        run('draft = {"text": "é😀", "lone": chr(0xD800), "at": {1, 2}}')
    page('await WebStore().save("draft", draft)')
    other.page.wait_for_function("localStorage.getItem('anchor-records://draft') !== null")
    assert other('await WebStore().load("draft") == draft')


def test_tab_may_have_records_of_its_own(page: Interpreter, open_page: OpenPage) -> None:
    page('await WebStore("session").save("a", {"n": 1})')
    page.reload()
    assert page('[await WebStore("session").load("a"), await WebStore().load("a")]') == [
        {"n": 1},
        None,
    ]
    assert open_page(prelude=PRELUDE)('await WebStore("session").list()') == []


def test_full_area_raises_and_keeps_the_old_record(page: Interpreter) -> None:
    page(f"""
        store = WebStore(clock=clock)
        await store.save("a", {{"n": 1}})
        await store.save("old", {{"text": "y" * 1000}}, ttl=60)
        area.setItem("theirs", "x" * ({QUOTA} - usage(area).used - len("theirs")))
    """)
    assert page("usage(area).used") == QUOTA
    for call in ('store.save("a", {"n": 1, "text": "z" * 100})', 'store.save("b", {})'):
        assert page(f"await error_of({call})") == "QuotaExceededError"
    assert page('[await store.load("a"), await store.list()]') == [{"n": 1}, ["a", "old"]]
    page("clock.ahead = 61")
    assert page('await error_of(store.save("a", {"n": 2, "text": "z" * 100}))') is None
    assert page("keys()") == ["anchor-records://a", "theirs"]


def test_refused_area_raises_at_each_call(context: BrowserContext, open_page: OpenPage) -> None:
    context.add_init_script(
        """Object.defineProperty(window, "localStorage", {
            get() { throw new DOMException("no", "SecurityError"); }
        });"""
    )
    page = open_page(prelude=PRELUDE.replace("area = window.localStorage", ""))
    page("store = WebStore()")
    for call in ("load('a')", "save('a', {})", "delete('a')", "list()"):
        assert page(f"await error_of(store.{call})") == "StorageUnavailableError"


def test_worker_shares_the_records_of_its_page(open_page: OpenPage) -> None:
    run = open_page("worker", prelude=PRELUDE)
    run('await WebStore().save("a", {"n": 1}, ttl=1000)')
    assert run.page.evaluate("Object.keys(localStorage)") == ["anchor-records://a"]
    assert run('[await WebStore().load("a"), await WebStore().list()]') == [{"n": 1}, ["a"]]
