"""One state a name, and what a page hears and holds before, while and after states are open."""

from typing import Any

from playwright.sync_api import BrowserContext

from e2e.conftest import OpenPage
from e2e.harness import Interpreter
from e2e.watching import PRELUDE, WATCH, key_of, taken, wait_locks, writes

OURS = ("storage", "pageshow", "pagehide", "visibilitychange", "beforeunload")

LISTENING = ["beforeunload", "pagehide", "pagehide", "pageshow", "storage"]
"""What of those the window has listeners of while states are open."""


def listening(run: Interpreter) -> list[str]:
    """The events of the window that are listened to, of those that concern storage."""
    types: list[str] = run.page.evaluate("window.listeners.map(([type]) => type)")
    return sorted(type for type in types if type in OURS)


def test_import_does_nothing(context: BrowserContext, open_page: OpenPage) -> None:
    context.add_init_script(WATCH)
    run = open_page()
    before = run.page.evaluate("window.listeners.length")
    taken(run, "calls")
    seconds: Any = run("""
        from time import perf_counter
        start = perf_counter()
        import anchor_session
        perf_counter() - start
    """)
    print(f"import anchor_session: {seconds * 1000:.0f} ms")
    assert taken(run, "calls") == []
    assert run.page.evaluate("window.listeners.length") == before
    wait_locks(run.page, [])
    run(PRELUDE + 's = session("s")')
    assert listening(run) == LISTENING


def test_two_handles_on_a_name_are_one_object(tab: Interpreter) -> None:
    assert tab("""
        one = session("handles", {"a": 1})
        two = session("handles@1.0.0", {"a": 2, "b": 3})
        heard = []
        unsubscribe = subscribe(two, heard.append)
        one.a = 5
        [one is two, two.a, len(heard), stored("handles")]
    """) == [True, 5, 1, '{"a":5}']
    assert tab('leave(one); two.a = 6; [stored("handles"), session("handles") is one]') == [
        '{"a":6}',
        True,
    ]
    assert tab('leave(one); leave(two); new = session("handles"); [new is one, new.a]') == [
        False,
        6,
    ]
    tab("leave(new)")


def test_same_name_in_two_areas_is_two_states(tab: Interpreter) -> None:
    assert tab("""
        one = session("areas"); two = session("areas", area=window.localStorage)
        one.a = 1
        two.a = 2
        found = [session("areas", area=window.sessionStorage) is one, one.a, two.a]
        for state in (one, one, two): leave(state)
        found
    """) == [True, 1, 2]


def test_last_leave_leaves_no_listener_lock_or_proxy(tab: Interpreter) -> None:
    counted = """
        import gc, pyodide_js
        pyodide_js._module.enable_pyproxy_allocation_tracing()
        def proxies():
            gc.collect()
            return pyodide_js._module.pyproxy_alloc_map.size
    """
    tab(counted)
    before = listening(tab)
    # The first round may fill caches of Pyodide and of the browser.
    run_once = 'l = session("l", {"a": 1}); m = persistent("m"); l.a = 2'
    tab(run_once + "\nleave(l); leave(m); del l, m")
    proxies = tab("proxies()")
    tab(run_once)
    assert listening(tab) == sorted([*before, *LISTENING])
    wait_locks(tab.page, ["anchor-session"])
    assert tab("proxies()") > proxies
    tab("leave(l)")
    assert listening(tab) == sorted([*before, *LISTENING])
    tab("leave(m)")
    assert listening(tab) == before
    assert tab("proxies()") == proxies
    wait_locks(tab.page, [])


def test_left_state_stays_reactive_and_its_record_as_it_was(tab: Interpreter) -> None:
    tab('s = session("left", {"a": 1}); heard = []; end = subscribe(s, heard.append); leave(s)')
    writes(tab)
    assert tab("s.a = 2; s.b = [3]; [snapshot(s), len(heard)]") == [{"a": 2, "b": [3]}, 2]
    assert writes(tab) == []
    assert tab('stored("left")') == '{"a":1}'


def test_older_version_is_removed_unread_after_the_newer_is_written(tab: Interpreter) -> None:
    old, new = "anchor-session://cart@1", "anchor-session://cart@2"
    tab(f"window.sessionStorage.setItem({old!r}, 'not read')")
    taken(tab, "heard")
    taken(tab, "calls")
    tab('cart = session("cart@2:1", {"lines": []})')
    calls = taken(tab, "calls")
    assert ["getItem", old] not in calls
    assert calls.index(["setItem", new]) < calls.index(["removeItem", old])
    assert taken(tab, "heard") == []
    assert tab(f"[text_at({old!r}), text_at({new!r}), text_at({old + '#rejected'!r})]") == [
        None,
        '{"lines":[]}',
        None,
    ]


def test_change_that_changes_nothing_writes_nothing(tab: Interpreter) -> None:
    tab('s = session("silent", {"a": 1, "l": [1]})')
    writes(tab)
    tab("s.a = 1; s.l = [1]; s.l.extend([]); s.update(a=1); s |= {}; s.pop('x', None)\nNone")
    assert writes(tab) == []
    tab("s.a = 2; s.l.append(2)")
    assert writes(tab) == [["setItem", key_of("silent")]] * 2


FOREIGN = r"""
FOREIGN = {"": "empty", "cart": "theirs", "anchor-session": "x", "anchor-session://": "x", "length": "x",
           "anchor-session://p@1.0.0x": "x", "anchor-session://p@2": "[broken", "#rejected": "x",
           "anchor-session://p@1.0.0#other": "x", "anchor-persistent://p@1.0.0": "x",
           "\0": "\0", "\ud800": "\ud800", "\U0001f600": "\U0001f600"}
AREAS = (window.sessionStorage, window.localStorage)
for area in AREAS:
    for key, text in FOREIGN.items():
        if area == AREAS[0] or "persistent" not in key:
            area.setItem(key, text)

def others():
    return [
        {key: area.getItem(key) for key in map(area.key, range(area.length)) if not is_ours(key)}
        for area in AREAS
    ]

def is_ours(key):
    key, _, tail = key.partition("#")
    return key in OURS and (tail in ("", "deleted") or tail.startswith(("rejected", "edit.", "base.")))
"""
RANDOM_PROGRAM = """
from random import Random
OURS = {key_of("p"), key_of("q"), "anchor-session://p@old", "anchor-session://p@new", "anchor-tab"}
OURS_LOCAL = "anchor-persistent://mine@1.0.0"
OURS.add(OURS_LOCAL)
random = Random(7)
before = others()
done = set()

def step():
    s = session("p", {"a": 1, "b": {"c": [1]}})
    t = random.choice([s, session("q", {"x": 0}, merge="deep"), persistent("mine")])
    action = random.choice(ACTIONS)
    done.add(action.__name__)
    action(t)
    leave(s)

def change(t):
    t[random.choice("abcxyz")] = random.choice([1, "text", [1, [2]], {"c": {"d": 1}}, {3}])

def delete(t):
    t.pop(random.choice("abcxyz"), None)

def clear(t):
    t.clear()

def fill(t):
    try:
        t.big = "x" * 6_000_000
    except QuotaExceededError:
        pass

def junk(t):
    leave(t); leave(t)
    store(random.choice("pq"), random.choice(["[1]", "{", "null"]))

def end(t):
    for _ in range(9): leave(t)

def version(t):
    leave(session("p@old", {"a": 1}))
    leave(session("p@new:old", {"b": 2}))

def failed(t):
    try:
        with batch():
            t.a = 5
            raise LookupError
    except LookupError:
        pass

def storage(t):
    SessionStorage("q", {"n": random.random()}).clear()

ACTIONS = [change, change, change, delete, clear, fill, junk, end, version, failed, storage]
for _ in range(400): step()
[len(done) == len(set(ACTIONS)), others() == before, len(before[0]), len(before[1])]
"""


def test_entries_of_others_are_as_they_were_after_any_program(tab: Interpreter) -> None:
    tab("window.sessionStorage.clear(); window.localStorage.clear()")
    tab(FOREIGN)
    taken(tab, "calls")
    assert tab(RANDOM_PROGRAM) == [True, True, 13, 12]
    calls = writes(tab)
    ours = set(tab("[*OURS]"))
    assert len(calls) > 300
    assert "clear" not in {method for method, _ in calls}
    assert {key.partition("#")[0] for _, key in calls} <= ours
