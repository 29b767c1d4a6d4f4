"""`State` in a browser: in the page of PyScript, in its worker, and in Pyodide without PyScript."""

import pytest
from playwright.sync_api import BrowserContext

from e2e.conftest import OpenBrowser, OpenPage
from e2e.harness import Interpreter, Kind, boot
from e2e.watching import PRELUDE, WATCH, taken, wait_heard, wait_locks, writes

KINDS: list[Kind] = ["pyscript", "worker", "bare"]
QUOTA = 5_242_880
LONG = 3600
"""Seconds: what is written before they have passed is written for another reason."""

STATES = f"""
from datetime import timedelta
from anchor_session import host
from anchor_session.microcosm import Session
from anchor_session.page.open_states import leave_all
from anchor_session.state import Persistence, State, is_state

LONG = timedelta(seconds={LONG})
waiting = []  # what is to happen later in this interpreter, by a function that says whether it still is

def note_timers():
    '''Whatever is asked for later from now on is in `waiting` until it has happened, or is cancelled.'''
    here = host.current()
    after = type(here).after
    def noted(seconds, callback):
        def run():
            waiting.remove(entry)
            callback()
        entry = [seconds, run]
        waiting.append(entry)
        cancel = after(here, seconds, run)
        def end():
            if entry in waiting:
                waiting.remove(entry)
            cancel()
        return end
    here.after = noted

def pass_time():
    '''What waits for a long time happens now.'''
    for entry in [entry for entry in waiting if entry[0] > {LONG} - 100]:
        end_of_timer = entry[1]
        end_of_timer()

note_timers()
"""
VALUES = """
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

VALUES = {
    "when": datetime(2026, 11, 21, 9, 30, 0, 1, tzinfo=UTC),
    "days": [date(2026, 11, 21), timedelta(-1, 2, 3)],
    "tags": {"a", frozenset({1.5})}, "sum": Decimal("1.50"), "id": UUID(int=7), "raw": b"\\0\\xff",
    "map": {"deep": {"deeper": [{"set": {1, 2}}]}}, "none": None, "big": 10**40,
}
"""
LISTENERS = """() => window.listeners.map(([type]) => type)
  .filter((type) => ["storage", "pageshow", "pagehide", "visibilitychange"].includes(type)).sort()"""


@pytest.fixture(scope="module", params=KINDS)
def run(request: pytest.FixtureRequest, open_browser: OpenBrowser) -> Interpreter:
    """A watched page of each kind; tests use names of their own."""
    context = open_browser()
    context.add_init_script(WATCH)
    return boot(context.new_page(), request.param, prelude=PRELUDE + STATES)


@pytest.fixture
def watched(context: BrowserContext) -> BrowserContext:
    context.add_init_script(WATCH)
    return context


# -- written through --------------------------------------------------------------------------------


def test_change_is_stored_when_its_statement_returns(run: Interpreter) -> None:
    assert run("""
        s = State(lambda: {"n": 0, "map": {"a": 1}}, persistence=Persistence(["at", "once"]))
        found = []
        s.set({"n": 1})
        found.append(text_at("at/once"))
        s.key("n").set(2)
        found.append(text_at("at/once"))
        s.set({"map": {"b": 2}})
        found.append(text_at("at/once"))
        s.reset()
        [*found, text_at("at/once")]
    """) == [
        '{"n":1,"map":{"a":1}}',
        '{"n":2,"map":{"a":1}}',
        '{"n":2,"map":{"a":1,"b":2}}',
        '{"n":0,"map":{"a":1}}',
    ]


def test_change_of_several_keys_is_one_write(run: Interpreter) -> None:
    run('s = State(lambda: {"a": 0, "b": 0}, persistence=Persistence("several"))')
    taken(run, "calls")
    run('s.set({"a": 1, "b": 1})')
    assert writes(run) == [["setItem", "several"]]
    run('s.set({"a": 1, "b": 1})')
    assert writes(run) == []


def test_silent_change_is_stored_with_the_next_one(run: Interpreter) -> None:
    run('s = State(lambda: {"a": 0, "b": 0}, persistence=Persistence("silent")); s.set({"a": 1})')
    taken(run, "calls")
    assert run('s.set({"b": 1}, sync=False); s.get()') == {"a": 1, "b": 1}
    assert writes(run) == []
    assert run('s.set({"a": 2}); text_at("silent")') == '{"a":2,"b":1}'


@pytest.mark.parametrize("area", ["session", "local"])
def test_values_are_what_they_were_after_a_reload(run: Interpreter, area: str) -> None:
    opened = (
        f'State(lambda: dict.fromkeys(VALUES), persistence=Persistence("values", area="{area}"))'
    )
    run.reload(f"{VALUES}{opened}.set(VALUES)")
    assert run(
        f"{VALUES}s = {opened}; s.get() == VALUES and repr(s.get()['sum']) == repr(VALUES['sum'])"
    )
    run(f"window.{area}Storage.removeItem('values')")


# -- a last write -----------------------------------------------------------------------------------

INTERVAL = 'State(lambda: {"n": 0}, persistence=Persistence("paced", area="local", interval=LONG))'
THROTTLE = 'State(lambda: {"n": 0}, persistence=Persistence("paced", area="local"), throttle=LONG)'
IN_PAGE = pytest.mark.parametrize("run", ["pyscript", "bare"], indirect=True)


OPEN_LATE = f"""
s = {INTERVAL}
t = {THROTTLE.replace("paced", "throttled")}
"""
CHANGE_LATE = """
for n in range(1, 6):
    s.set({"n": n})
    t.set({"n": n})
"""


def test_last_change_is_there_after_a_reload(run: Interpreter) -> None:
    run.reload(OPEN_LATE + CHANGE_LATE)
    assert run(OPEN_LATE + "[s.get(), t.get()]") == [{"n": 5}, {"n": 5}]
    run("await s.dispose(); await t.dispose(); window.localStorage.clear()")


@pytest.mark.parametrize("kind", KINDS)
def test_last_change_is_there_after_the_tab_was_closed(
    context: BrowserContext, open_page: OpenPage, kind: Kind
) -> None:
    other = context.new_page()
    other.goto("/e2e/plain.html")
    open_page(kind, prelude=PRELUDE + STATES)(OPEN_LATE + CHANGE_LATE)
    context.pages[-1].close()
    for key in ("paced", "throttled"):
        other.wait_for_function("(key) => localStorage.getItem(key) === '{\"n\":5}'", arg=key)


@IN_PAGE
def test_interval_writes_the_first_at_once_and_the_others_together(run: Interpreter) -> None:
    run(f"""
        window.localStorage.removeItem("paced")
        s = {INTERVAL}
    """)
    taken(run, "calls")
    assert run("""
        for n in range(1, 21):
            s.set({"n": n})
        [s.get(), text_at("paced", "local")]
    """) == [{"n": 20}, '{"n":1}']
    assert run('pass_time(); text_at("paced", "local")') == '{"n":20}'
    run("await s.dispose()")
    assert [call for call in writes(run) if call[1] == "paced"] == [["setItem", "paced"]] * 2
    run("window.localStorage.removeItem('paced')")


@IN_PAGE
def test_timers_of_the_browser_end_an_interval_and_a_throttle(run: Interpreter) -> None:
    taken(run, "heard")
    run("""
        s = State(lambda: {"n": 0}, persistence=Persistence("timed", area="local", interval=0.2))
        t = State(lambda: {"n": 0}, throttle=0.2)
        end = t.on(lambda state: window.heard.push(state["n"]))
        for n in range(1, 4):
            s.set({"n": n})
            t.set({"n": n})
    """)
    run.page.wait_for_function("() => localStorage.getItem('timed') === '{\"n\":3}'")
    run.page.wait_for_function("() => window.heard.includes(3)")
    taken(run, "heard")
    run("await s.dispose(); await t.dispose(); window.localStorage.removeItem('timed')")


@IN_PAGE
def test_throttled_change_is_made_at_the_end_of_its_time(run: Interpreter) -> None:
    run("""
        s = State(lambda: {"n": 0}, persistence=Persistence("held"), throttle=LONG)
        end = s.on(lambda state: window.heard.push(state["n"]))
    """)
    taken(run, "heard")
    assert run('s.set({"n": 1}); s.set({"n": 2}); s.set({"n": 3}); s.get()') == {"n": 1}
    run("pass_time()")
    assert taken(run, "heard") == [1, 3]
    assert run('[s.get(), text_at("held")]') == [{"n": 3}, '{"n":3}']
    run("await s.dispose()")


@pytest.mark.parametrize("run", ["worker"], indirect=True)
def test_worker_hears_too_late_of_the_end_and_puts_nothing_off(run: Interpreter) -> None:
    assert run(f"""
        window.localStorage.removeItem("paced")
        found = []
        for opened in (lambda: {INTERVAL}, lambda: {THROTTLE}):
            s = opened()
            for n in range(1, 4):
                s.set({{"n": n}})
                found.append(text_at("paced", "local"))
            await s.dispose()
            window.localStorage.removeItem("paced")
        s = State(lambda: {{"n": 0}}, throttle=LONG)  # has nothing to lose
        s.set({{"n": 1}})
        s.set({{"n": 2}})
        found.append(s.get())
        await s.dispose()
        found
    """) == ['{"n":1}', '{"n":2}', '{"n":3}'] * 2 + [{"n": 1}]


# -- other tabs -------------------------------------------------------------------------------------

FOLLOWING = """
s = State(lambda: {"n": 0, "map": {}}, persistence=Persistence("tabs", area="local", sync_tabs=SYNC))
end = s.on(lambda state: window.heard.push(json.dumps(state)))
"""


def test_change_of_another_tab_is_followed(watched: BrowserContext, open_page: OpenPage) -> None:
    opened = PRELUDE + STATES + "import json\n" + FOLLOWING.replace("SYNC", "True")
    tabs = {kind: open_page(kind, prelude=opened) for kind in KINDS}
    for number, (kind, tab) in enumerate(tabs.items()):
        tab(f's.set({{"map": {{"{kind}": {number}}}}})')
        for each in tabs.values():
            wait_heard(each)
    whole = {"n": 0, "map": {kind: number for number, kind in enumerate(KINDS)}}
    fresh = open_page("bare", prelude=opened)
    for tab in (*tabs.values(), fresh):
        assert tab("s.get()") == whole


def test_change_of_another_tab_is_not_followed_where_nobody_asked(
    watched: BrowserContext, open_page: OpenPage
) -> None:
    opened = PRELUDE + STATES + "import json\n" + FOLLOWING.replace("SYNC", "False")
    one, two = open_page("bare", prelude=opened), open_page("bare", prelude=opened)
    two.page.evaluate("() => addEventListener('storage', ({ key }) => window.heard.push(key))")
    one('s.set({"n": 1})')
    assert wait_heard(two) == ["tabs"]  # the browser has told of it
    assert two("s.get()") == {"n": 0, "map": {}}
    two('s.set({"map": {"two": 2}})')
    assert two.page.evaluate("localStorage.getItem('tabs')") == '{"n":0,"map":{"two":2}}'
    assert one("s.get()") == {"n": 1, "map": {}}


def test_what_waits_in_two_tabs_is_merged_when_they_are_left(
    watched: BrowserContext, open_page: OpenPage
) -> None:
    opened = "import json\n" + FOLLOWING.replace("SYNC", "True, interval=LONG")
    one, two = (open_page("bare", prelude=PRELUDE + STATES + opened) for _ in range(2))
    for number, tab in enumerate((one, two)):
        tab(f's.set({{"n": {number + 1}}}); s.set({{"map": {{"tab-{number}": 1}}}})')
    one.page.goto("/e2e/plain.html")
    # What a page stores when it is left comes to other processes later.
    two.page.wait_for_function("() => localStorage.getItem('tabs')?.includes('tab-0')")
    two.page.goto("/e2e/plain.html")
    three = open_page("bare", prelude=PRELUDE + STATES + opened)
    assert three('s.get()["map"]') == {"tab-0": 1, "tab-1": 1}


# -- storage that refuses ---------------------------------------------------------------------------


def test_full_area_raises_and_nothing_has_changed(run: Interpreter) -> None:
    run("""
        window.sessionStorage.clear()
        s = State(lambda: {"text": "", "n": 0}, persistence=Persistence("full"))
        s.set({"n": 1})
        end = s.on(lambda state: window.heard.push(state["n"]))
    """)
    taken(run, "heard")
    assert run(f"""
        try:
            s.set({{"text": "x" * {QUOTA}, "n": 2}})
        except QuotaExceededError as error:
            found = error.key
        [found, s.get(), text_at("full")]
    """) == ["full", {"text": "", "n": 1}, '{"text":"","n":1}']
    assert taken(run, "heard") == []
    assert run('s.set({"n": 2}); text_at("full")') == '{"text":"","n":2}'


@IN_PAGE
def test_change_that_waited_and_found_no_room_goes_on_waiting(run: Interpreter) -> None:
    taken(run, "heard")
    run(f"""
        window.localStorage.clear()
        s = State(lambda: {{"text": "", "n": 0}},
                  persistence=Persistence("full", area="local", interval=LONG))
        s.set({{"n": 1}})
        s.set({{"text": "x" * 3000, "n": 2}})
        window.localStorage.setItem("theirs", "x" * {QUOTA - 2000})
        pass_time()
    """)
    (warning,) = taken(run, "heard")
    assert warning.startswith("StorageWarning: `full` could not be written and is tried again")
    assert run('[s.get()["n"], text_at("full", "local")]') == [2, '{"text":"","n":1}']
    run("window.localStorage.removeItem('theirs'); pass_time()")
    assert run('text_at("full", "local")').endswith(',"n":2}')
    run("await s.dispose(); window.localStorage.clear()")


@pytest.mark.parametrize("kind", KINDS)
def test_blocked_storage_leaves_states_in_memory(
    watched: BrowserContext, open_page: OpenPage, kind: Kind
) -> None:
    for name in ("sessionStorage", "localStorage"):
        watched.add_init_script(
            f"Object.defineProperty(window, '{name}', "
            "{ get() { throw new DOMException('no storage here', 'SecurityError'); } })"
        )
    run = open_page(kind, prelude=PRELUDE + STATES)
    assert run("""
        s = State(lambda: {"n": 0}, persistence=Persistence("blocked"))
        t = State(lambda: {"n": 0}, persistence=Persistence("b", area="local", sync_tabs=True, interval=1))
        heard = []
        for each in (s, t):
            each.on(heard.append)
            each.set({"n": 1})
            each.set({"n": 2})
        again = State(lambda: {"n": 0}, persistence=Persistence("blocked"))
        found = [s.get(), t.get(), again.get(), len(heard)]
        for each in (s, t, again):
            await each.dispose()
        found
    """) == [{"n": 2}, {"n": 2}, {"n": 2}, 4]
    (warning,) = taken(run, "heard")
    assert warning.startswith("StorageUnavailableWarning: ")


@pytest.mark.parametrize("text", ["{", "[1]", '{"n":"many"}', '{"$anchor":"nothing"}', ""])
def test_stored_text_that_is_bad_is_moved_aside(run: Interpreter, text: str) -> None:
    run(f"window.sessionStorage.setItem('bad', {text!r})")
    taken(run, "heard")
    assert run("""
        s = State(lambda: {"n": 0},
                  persistence=Persistence("bad", validate=lambda data: type(data.get("n")) is int))
        s.set({"n": 1})
        found = [s.get(), text_at("bad"), text_at("bad#rejected")]
        await s.dispose()
        window.sessionStorage.clear()
        found
    """) == [{"n": 1}, '{"n":1}', text]
    assert [each.split(":")[0] for each in taken(run, "heard")] == ["StorageWarning"]


# -- the end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        "",
        ", interval=LONG",
        ', area="local"',
        ', area="local", sync_tabs=True',
        ', area="local", sync_tabs=True, interval=LONG',
    ],
)
@pytest.mark.parametrize("throttle", ["None", "LONG"])
def test_dispose_leaves_no_listener_no_timer_and_no_lock(
    run: Interpreter, options: str, throttle: str
) -> None:
    run("leave_all()")
    wait_locks(run.page, [])
    before = run.page.evaluate(LISTENERS)
    assert run("waiting") == []
    run(f"""
        s = State(lambda: {{"n": 0}}, persistence=Persistence("ends"{options}), throttle={throttle})
        s.on(print), s.key("n").on(print)
        s.set({{"n": 1}})
        s.set({{"n": 2}})
    """)
    during = run.page.evaluate(LISTENERS)
    assert during != before
    run("await s.dispose()")
    assert run.page.evaluate(LISTENERS) == before
    assert run("waiting") == []
    wait_locks(run.page, [])
    area = "local" if "local" in options else "session"
    run("s.set({'n': 3}); s.reset()")
    assert run(f"""
        t = State(lambda: {{"n": 0}}, persistence=Persistence("ends"{options}))
        found = t.get()
        await t.dispose()
        window.{area}Storage.clear()
        found
    """) == {"n": 2}


def test_waiting_change_listens_to_the_end_of_the_page_and_no_longer(run: Interpreter) -> None:
    run("leave_all()")
    taken(run, "heard")
    run('s = State(lambda: {"n": 0}, throttle=LONG); s.set({"n": 1})')
    before = run.page.evaluate(LISTENERS)
    run('s.on(lambda state: window.heard.push(state["n"])); s.set({"n": 2})')
    assert run.page.evaluate(LISTENERS) == [*before, "pagehide"]
    run("pass_time()")
    assert taken(run, "heard") == [2]
    assert run.page.evaluate(LISTENERS) == before
    assert run("waiting") == []


# -- microcosms -------------------------------------------------------------------------------------


def test_session_is_there_after_a_reload_and_passwords_are_not(run: Interpreter) -> None:
    run("window.localStorage.clear(); window.sessionStorage.clear()")
    run.reload("""
        s = Session(["demo", "session"], area="local")
        s.register_reference("garden.0123456789", view="map", password="secret")
        s.register_reference("attic.0123456789")
        s.set_active("garden.0123456789")
        s.user.set({"username": "Ada"})
        window.sessionStorage.setItem("identity", s.user.get()["identity_id"])
    """)
    found = run("""
        s = Session(["demo", "session"], area="local")
        same = window.sessionStorage.getItem("identity") == s.user.get()["identity_id"]
        rows = [[each.microcosm_id, each.view, each.password] for each in s.microcosms()]
        [s.ready(), same, s.user.get()["username"], s.is_active("garden.0123456789"), rows]
    """)
    rows = [["attic.0123456789", None, None], ["garden.0123456789", "map", None]]
    assert found == [True, True, "Ada", True, rows]
    stored = run.page.evaluate("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert "secret" not in stored
    run("await s.dispose(); window.localStorage.clear()")


def test_session_follows_other_tabs(watched: BrowserContext, open_page: OpenPage) -> None:
    opened = PRELUDE + STATES + 's = Session("spaces", area="local", sync_tabs=True)\n'
    one, two = open_page("bare", prelude=opened), open_page("bare", prelude=opened)
    two("end = s.on(lambda state: window.heard.push(len(state['microcosms'])))")
    one('s.register_reference("garden.0123456789"); s.set_active("garden.0123456789")')
    wait_heard(two)  # of both statements at once, or of each
    two("""
        import asyncio
        while not s.is_active("garden.0123456789"):
            await asyncio.sleep(0.01)
    """)
    two('s.register_reference("attic.0123456789")')
    two.page.evaluate("window.heard.splice(0)")
    one('s.remove_reference("garden.0123456789")')
    wait_heard(two)
    assert two("[[each.microcosm_id for each in s.microcosms()], s.key('active')()]") == [
        ["attic.0123456789"],
        None,
    ]
