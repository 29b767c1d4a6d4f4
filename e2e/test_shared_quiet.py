"""What a shared state does not do: echo, stay untidy, stop other tabs, or change when storage is full."""

import json
from collections.abc import Iterator

import pytest

from e2e.conftest import OpenBrowser
from e2e.tabs import PRELUDE, Tabs, agreed, entries, held, wait_rest
from e2e.watching import WATCH, taken, writes

FLOOD = 10_000
HELPERS = """
def note(label):
    def heard(change):
        changes = change.changes or (change,)
        window.heard.push(json.dumps([label, change.op, [[each.op, list(each.path)] for each in changes]]))
    return heard

def never_idle():
    '''Nothing is folded or tidied here from now on, however long the machine takes.'''
    host.current().after = lambda seconds, callback: lambda: None

def adoptions_counted():
    '''Calls into Python, and the keys that they told of.'''
    counts = [0, 0]
    def told(area, keys):
        counts[0] += 1
        counts[1] += len(keys or [])
    return counts, host.current().on_storage(told)
"""
BEATS = """() => {
  window.events = 0;
  window.longest = 0;
  window.beats = 0;
  addEventListener("storage", () => { window.events += 1; });
  let last = performance.now();
  const beat = () => {
    const now = performance.now();
    window.longest = Math.max(window.longest, now - last);
    window.beats += 1;
    last = now;
    window.beating = setTimeout(beat);
  };
  beat();
}"""
STOP_BEATS = """() => {
  clearTimeout(window.beating);
  return [window.events, window.longest, window.beats];
}"""


@pytest.fixture(scope="module")
def tabs(open_browser: OpenBrowser) -> Tabs:
    context = open_browser()
    context.add_init_script(WATCH)
    return Tabs(context, 2, PRELUDE + HELPERS)


@pytest.fixture(autouse=True)
def clean(tabs: Tabs) -> Iterator[None]:
    yield
    tabs.each("leave_all(); host.current().__dict__.pop('after', None); None")
    tabs.clear()
    for run in tabs.all:
        taken(run, "heard")


def key_of_state(tabs: Tabs) -> str:
    key: str = tabs.writers[0]("s._root.owner.key")
    return key


# -- at rest ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["auto", "document", "journal"])
def test_only_the_document_remains_when_all_is_quiet(tabs: Tabs, layout: str) -> None:
    opened = f'open_state("shared", "rest", {{"log": []}}, layout="{layout}")'
    tabs.each(opened)
    tabs.at_once('for n in range(300): s[f"{me}-{n}"] = n; s["log"].append(n)')
    found = tabs.agreed(lambda data: len(data) == 601 and len(data["log"]) == 600)
    key = key_of_state(tabs)
    assert json.loads(wait_rest(tabs.bystander, key)) == found
    assert agreed(tabs.writers, lambda data: True) == found
    tabs.fresh(opened)
    assert tabs.fresh("snapshot(s)") == found
    tabs.fresh('s["next"] = 1')
    assert tabs.agreed(lambda data: "next" in data) == {**found, "next": 1}
    assert json.loads(wait_rest(tabs.bystander, key)) == {**found, "next": 1}


def test_nothing_remains_of_a_state_that_was_emptied(tabs: Tabs) -> None:
    tabs.each('open_state("shared", "emptied", {"a": 1})')
    key = key_of_state(tabs)
    tabs.writers[0]("s.clear()")
    tabs.agreed(lambda data: data == {})
    tabs.bystander.wait_for_function(
        "(key) => !Object.keys(localStorage).some((each) => each.startsWith(key + '#edit')"
        " || each.startsWith(key + '#base') || each === key)",
        arg=key,
        polling=100,
    )
    tabs.fresh('open_state("shared", "emptied", {"a": 1})')
    assert tabs.fresh("snapshot(s)") == {}


# -- no echo ----------------------------------------------------------------------------------------


def test_adopting_tab_writes_nothing_and_tells_exactly_what_differs(tabs: Tabs) -> None:
    tabs.each("""
        open_state("shared", "echo", {"a": {"x": 1, "y": 1}, "l": [1, 2, 3], "z": 0})
        ends = [
            subscribe(s, note("all")),
            subscribe(s, note("y"), path=("a", "y")),
            subscribe(s["a"], note("a")),
        ]
        never_idle()
    """)
    writer, reader = tabs.writers
    tabs.agreed(lambda data: True)
    writes(reader)
    taken(reader, "heard")
    writer('s["a"]["x"] = 2; s["l"].append(4)')
    found = tabs.agreed(lambda data: data["l"] == [1, 2, 3, 4])
    assert found == {"a": {"x": 2, "y": 1}, "l": [1, 2, 3, 4], "z": 0}
    heard = [json.loads(each) for each in taken(reader, "heard")]
    assert "y" not in [label for label, *_ in heard]
    told = [change for label, _, changes in heard if label == "all" for change in changes]
    assert told == [["set", ["a", "x"]], ["splice", ["l"]]]
    told = [change for label, _, changes in heard if label == "a" for change in changes]
    assert told == [["set", ["x"]]] or told == [["set", ["a", "x"]]]
    writer('s["z"] = 0; s["a"]["x"] = 2')  # nothing differs
    writer('s["z"] = 1')
    tabs.agreed(lambda data: data["z"] == 1)
    heard = [json.loads(each) for each in taken(reader, "heard")]
    told = [change for label, _, changes in heard if label == "all" for change in changes]
    assert told == [["set", ["z"]]]
    assert writes(reader) == []


def test_many_changes_are_adopted_without_a_write(tabs: Tabs) -> None:
    tabs.each('open_state("shared", "many", {}); never_idle()')
    writer, reader = tabs.writers
    tabs.agreed(lambda data: True)
    writes(reader)
    writer("for n in range(1000): s[str(n)] = n")
    tabs.agreed(lambda data: len(data) == 1000)
    assert writes(reader) == []


# -- a flood ----------------------------------------------------------------------------------------


def test_tab_that_floods_leaves_the_other_responsive(tabs: Tabs) -> None:
    tabs.each('open_state("shared", "flood", {"log": []})')
    writer, reader = tabs.writers
    reader("counts, end = adoptions_counted()")
    reader.page.evaluate(BEATS)
    with held(
        reader.page, tabs.bystander
    ):  # or a reader that is faster than the writer hears of each
        took = writer(f"""
            def do(n):
                s[f"k{{n % 100}}"] = n
            await repeat(do, {FLOOD}, 0)
        """)
    found = tabs.agreed(lambda data: data.get("k99") == FLOOD - 1)
    assert found == {"log": [], **{f"k{n % 100}": n for n in range(FLOOD - 100, FLOOD)}}
    adoptions, keys = reader("end(); counts")
    events, longest, beats = reader.page.evaluate(STOP_BEATS)
    settle = tabs.times([took]).settle
    print(
        f"\n{FLOOD} changes, {took:.0f} µs each: {events} events, {keys} keys in {adoptions} adoptions, "
        f"settled {settle:.0f} ms after the last, longest gap {longest:.0f} ms of {beats} beats"
    )
    assert events >= FLOOD
    assert adoptions < FLOOD / 4
    assert beats > 1


# -- a full area ------------------------------------------------------------------------------------

FILL = """(room) => {
  const used = Object.entries(localStorage).reduce((sum, [key, text]) => sum + key.length + text.length, 0);
  localStorage.setItem("full", "x".repeat(5242880 - used - 4 - room));
}"""
REFUSED = """
def refused(do):
    try:
        do()
    except QuotaExceededError as error:
        return error.key
"""


def fill(tabs: Tabs, room: int) -> None:
    """Leave so many units free; a tab learns that from an event."""
    tabs.bystander.evaluate(FILL, room)
    for run in tabs.all:
        run.page.wait_for_function("() => localStorage.getItem('full') !== null")


def test_change_that_does_not_fit_changes_nothing_in_any_tab(tabs: Tabs) -> None:
    tabs.each(
        REFUSED
        + 'open_state("shared", "full", {"a": 1, "l": [1]}); end = subscribe(s, note("heard"))'
    )
    tabs.writers[0]('s["b"] = 1')
    before = tabs.agreed(lambda data: "b" in data)
    key = key_of_state(tabs)
    wait_rest(tabs.bystander, key)
    fill(tabs, 2000)
    for run in tabs.writers:
        taken(run, "heard")
    for run in tabs.writers:
        assert run('refused(lambda: s.update(b=2, big="x" * 5000))') == key
        assert run('refused(lambda: s["l"].append("x" * 5000))') == key
        assert run("snapshot(s)") == before
    assert json.loads(entries(tabs.bystander, key)[key]) == before
    tabs.fresh('open_state("shared", "full", {})')
    assert tabs.fresh("snapshot(s)") == before
    tabs.writers[1]('s["b"] = 3')  # fits
    assert tabs.agreed(lambda data: data["b"] == 3) == {**before, "b": 3}
    for run in tabs.writers:
        told = [json.loads(each) for each in taken(run, "heard")]
        assert [changes for *_, changes in told] == [[["set", ["b"]]]]


def test_tabs_that_fill_the_area_together_agree_on_what_was_stored(tabs: Tabs) -> None:
    tabs.each(REFUSED + 'open_state("shared", "fill", {})')
    fill(tabs, 30_000)
    done = tabs.at_once("""
        stored, refusals = [], 0
        while refusals < 3:
            name = f"{me}-{len(stored)}-{refusals}"
            if refused(lambda: s.update({name: "x" * 200})) is None:
                stored.append(name)
            else:
                refusals += 1
        stored
    """)
    names = {name for each in done for name in each}
    assert len(names) > 2
    found = tabs.agreed(lambda data: data.keys() >= names)
    assert found == dict.fromkeys(names, "x" * 200)
    tabs.fresh('open_state("shared", "fill", {})')
    assert tabs.fresh("snapshot(s)") == found
