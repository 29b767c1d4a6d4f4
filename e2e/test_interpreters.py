"""A page and its PyScript workers are one document: what one of them stores, the others are told of."""

import json
from collections.abc import Iterator

import pytest

from e2e.conftest import OpenBrowser
from e2e.harness import add_frame
from e2e.tabs import agreed, held
from e2e.watching import PRELUDE, WATCH, key_of, taken, wait_heard
from e2e.workers import Named, boot_with

HELPERS = """
import asyncio, json
from anchor_session import host
from anchor_session.page.open_states import leave_all

here = host.current()

def note(label):
    return lambda change: window.heard.push(json.dumps([label, change.op, list(change.path)]))

def note_storage(label):
    return here.on_storage(lambda area, keys: window.heard.push(json.dumps([label, keys])))

async def until(is_so):
    while not is_so():
        await asyncio.sleep(0.01)
"""


@pytest.fixture(scope="module")
def document(open_browser: OpenBrowser) -> list[Named]:
    """A page and two workers of it."""
    context = open_browser()
    context.add_init_script(WATCH)
    return boot_with(context.new_page(), "one", "two", prelude=PRELUDE + HELPERS)


@pytest.fixture(autouse=True)
def clean(document: list[Named]) -> Iterator[None]:
    yield
    for each in document:
        each("leave_all()")
    document[0]("window.sessionStorage.clear(); window.localStorage.clear()")
    taken(document[0], "heard")


@pytest.mark.parametrize(("writer", "reader"), [(0, 1), (1, 0), (1, 2)])
@pytest.mark.parametrize("kind", ["session", "persistent"])
@pytest.mark.parametrize("layout", ["document", "journal"])
def test_state_follows_another_interpreter(
    document: list[Named], writer: int, reader: int, kind: str, layout: str
) -> None:
    opened = f's = {kind}("follow", {{"a": 1, "l": [1]}}, layout="{layout}")'
    for each in (document[writer], document[reader]):
        each(opened)
    document[reader]('end = subscribe(s, note("reader"))')
    document[writer]('end = subscribe(s, note("writer"))')
    taken(document[0], "heard")
    document[writer]("s.a = 2; s.l.append(2)")
    document[reader]("await until(lambda: s.l == [1, 2])")
    heard = [json.loads(entry)[0] for entry in taken(document[0], "heard")]
    assert heard.count("writer") == 2
    assert 1 <= heard.count("reader") <= 2
    assert document[reader]("snapshot(s)") == {"a": 2, "l": [1, 2]}


@pytest.mark.parametrize("writer", [0, 1])
def test_writer_itself_is_not_told(document: list[Named], writer: int) -> None:
    for number, each in enumerate(document):
        each(f"end = note_storage({number})")
    document[writer]('s = session("echo", {"n": 0}); s.n = 1; s.n = 2')
    others = {number for number in range(3) if number != writer}
    document[0].page.wait_for_function(
        "(count) => new Set(window.heard.map((entry) => entry[1])).size >= count", arg=2
    )
    document[writer]("await asyncio.sleep(0)")
    heard = [json.loads(entry) for entry in taken(document[0], "heard")]
    assert {number for number, _ in heard} == others
    assert {key for _, keys in heard for key in keys} - {"anchor-tab"} == {key_of("echo")}
    for each in document:
        each("end()")


def test_burst_of_one_task_is_told_at_once_each_key_in_order(document: list[Named]) -> None:
    document[1]("end = note_storage('one')")
    document[0]("""
        from anchor_session.host.area import Area
        area = Area(window.localStorage, here=here)
        for n in (3, 1, 2, 3, 1):
            area.set(f"burst-{n}", str(n))
        area.remove("burst-2")
    """)
    heard = [json.loads(entry) for entry in wait_heard(document[0])]
    assert heard == [["one", ["burst-3", "burst-1", "burst-2"]]]
    document[1]("end()")


def test_change_of_another_document_is_told_to_every_interpreter(document: list[Named]) -> None:
    for each in document:
        each(f"end = note_storage('{each.name}')")
    frame = add_frame(document[0].page)
    frame.evaluate("() => { sessionStorage.setItem('from-frame', '1'); }")
    heard = sorted(json.loads(entry) for entry in wait_heard(document[0], 3))
    assert heard == [[name, ["from-frame"]] for name in ("one", "page", "two")]
    frame.evaluate("() => { sessionStorage.clear(); }")
    heard = sorted(json.loads(entry) for entry in wait_heard(document[0], 3))
    assert heard == [[name, None] for name in ("one", "page", "two")]
    for each in document:
        each("end()")


# -- both at once -----------------------------------------------------------------------------------

WRITE = """
async def write(name, yields):
    for n in range({count}):
        s[f"{{name}}-{{n}}"] = n
        s.common = f"{{name}}-{{n}}"
        s.lines.append(f"{{name}}-{{n}}")
        if yields:
            await asyncio.sleep(0)
    window.heard.push("done " + name)
"""


@pytest.mark.parametrize("yields", [True, False])
@pytest.mark.parametrize("layout", ["document", "journal", "auto"])
def test_no_change_is_lost_when_all_write_at_once(
    document: list[Named], layout: str, yields: bool
) -> None:
    count = 300 if layout != "document" else 100
    writers = document if layout == "journal" else document[:2]
    opened = f's = session("race", {{"lines": []}}, layout="{layout}")'
    for each in writers:
        each(opened + "\n" + WRITE.format(count=count))
    for each in writers:
        each(f"task = asyncio.ensure_future(write('{each.name}', {yields}))")
    document[0].page.wait_for_function(
        "(count) => window.heard.filter((entry) => entry.startsWith('done')).length === count",
        arg=len(writers),
    )
    expected = {f"{each.name}-{n}": n for each in writers for n in range(count)}
    assert [e for e in taken(document[0], "heard") if not e.startswith("done")] == []
    found = agreed(
        list(writers), lambda data: len(data) == len(data["lines"]) + 2 == len(expected) + 2
    )
    items, common = found.pop("lines"), found.pop("common")
    assert found == expected
    assert sorted(items) == sorted(expected)
    for each in writers:
        each("leave_all()")
    again = document[0]('s = session("race"); snapshot(s)')
    assert again == {**expected, "lines": items, "common": common}


def test_deleted_defaults_of_both_stay_deleted(document: list[Named]) -> None:
    page, worker, _ = document
    opened = f's = session("names", {dict.fromkeys([*"abcdefgh"], 0)!r}, layout="document")'
    for each in (page, worker):
        each(opened)
    page(
        "async def go():\n    for name in 'abcd':\n        del s[name]\n        await asyncio.sleep(0)"
    )
    page("task = asyncio.ensure_future(go())")
    worker("for name in 'efg': del s[name]")
    page("await task")
    for each in (page, worker):
        each("await until(lambda: len(s) == 1); leave_all()")
    assert page(opened + "\nsnapshot(s)") == {"h": 0}


def test_both_open_a_state_at_once(document: list[Named]) -> None:
    page, worker, _ = document
    program = """
        async def go():
            for n in range(20):
                s = session(f"opened-{n}", {"a": 1})
                s["%s"] = n
                await asyncio.sleep(0)
        task = asyncio.ensure_future(go())
    """
    for each in (page, worker):
        each(program % each.name)
    for each in (page, worker):
        each("await task")
    for each in (page, worker):
        each("await until(lambda: all(len(session(f'opened-{n}')) == 3 for n in range(20)))")
        each("leave_all()")
    found = page("[snapshot(session(f'opened-{n}')) for n in range(20)]")
    assert [sorted(state.items()) for state in found] == [
        [("a", 1), ("one", n), ("page", n)] for n in range(20)
    ]


def test_worker_that_was_terminated_does_not_break_the_page(open_browser: OpenBrowser) -> None:
    context = open_browser()
    context.add_init_script(WATCH)
    page, worker = boot_with(context.new_page(), "one", prelude=PRELUDE + HELPERS)
    failures: list[str] = []
    page.page.on("pageerror", lambda error: failures.append(error.message))
    for each in (page, worker):
        each('s = session("s", {"n": 0})')
        each("await until(lambda: restored(s).copied is not None)")  # nothing more is under way
    page.page.evaluate("() => { for (const thread of window.threads) thread.terminate(); }")
    page("for n in range(1, 100):\n    s.n = n\n    await asyncio.sleep(0)")
    frame = add_frame(page.page)
    frame.evaluate("(key) => sessionStorage.setItem(key, '{\"n\":1000}')", key_of("s"))
    page("await until(lambda: s.n == 1000)")
    assert page("s.n += 1; stored('s')") == '{"n":1001}'
    assert failures == []
    context.close()


# -- what else a host gives --------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1])
def test_keys_are_those_of_the_prefix(document: list[Named], number: int) -> None:
    run = document[number]
    run("""
        from anchor_session.host.area import Area
        area = Area(window.localStorage, here=here)
        for key in ("p#1", "p#é😀", "p", "q#1"):
            area.set(key, "")
    """)
    assert sorted(run("area.keys('p#')")) == ["p#1", "p#é😀"]
    assert run("area.keys('nothing')") == []
    assert (
        run("""
        plain = window.eval("({getItem: () => null, setItem() {}, removeItem() {}})")
        Area(plain, here=here).keys("p")
    """)
        == []
    )


@pytest.mark.parametrize("number", [0, 1])
def test_cookie_comes_back(document: list[Named], number: int) -> None:
    run = document[number]
    name = f"anchor-{run.name}"
    assert run(f"here.cookie('{name}')") is None
    run(f"here.set_cookie('{name}', 'abc'); here.set_cookie('other', '1')")
    assert run(f"here.cookie('{name}')") == "abc"
    run(f"here.set_cookie('{name}', 'def')")
    assert run(f"here.cookie('{name}')") == "def"
    cookies = document[0].page.context.cookies()
    port = document[0].page.evaluate("location.port")
    assert port
    (cookie,) = [each for each in cookies if each["name"].startswith(name)]
    assert cookie["name"] == f"{name}-{port}"  # other ports see it too
    assert (cookie["expires"], cookie["sameSite"], cookie["path"]) == (-1, "Lax", "/")


@pytest.mark.parametrize("number", [0, 1])
def test_held_locks_are_named_until_they_are_given_up(document: list[Named], number: int) -> None:
    run = document[number]
    run("""
        async def held():
            answer = asyncio.get_running_loop().create_future()
            here.held(answer.set_result)
            return await answer

        async def is_held(name, wanted):
            while (name in await held()) is not wanted:
                pass
        release = here.hold("a-lock")
        await is_held("a-lock", True)
    """)
    document[1 - number]("release = here.hold('a-lock')")
    run("release()")
    assert "a-lock" in run("sorted(await held())")
    document[1 - number]("release()")
    run("await is_held('a-lock', False)")


@pytest.mark.parametrize(("sender", "receiver"), [(0, 1), (1, 0), (1, 2)])
def test_channel_carries_text(document: list[Named], sender: int, receiver: int) -> None:
    document[receiver]("send, end = here.channel('c', window.heard.push)")
    document[sender]("""
        send, end = here.channel("c", lambda text: window.heard.push("own " + text))
        send("hello é😀")
    """)
    assert wait_heard(document[0]) == ["hello é😀"]
    document[0].page.evaluate("""() => {  // the last to hear, and until it is told
      window.last = new BroadcastChannel("c");
      last.onmessage = ({ data }) => { if (data === "too late") heard.push("over"); };
    }""")
    other = document[0].page.context.new_page()
    other.goto("/e2e/plain.html")
    other.evaluate("""() => {
      window.channel = new BroadcastChannel("c");
      channel.postMessage({junk: 1});
      channel.postMessage("from afar");
    }""")
    assert sorted(wait_heard(document[0], 2)) == ["from afar", "own from afar"]
    document[receiver]("end(); end(); send('into the void')")
    document[sender]("end()")
    other.evaluate("() => channel.postMessage('too late')")
    heard = wait_heard(document[0])
    for each in document:
        each("await asyncio.sleep(0)")
    assert heard + taken(document[0], "heard") == ["over"]
    document[0].page.evaluate("() => last.close()")
    other.close()


@pytest.mark.parametrize("number", [0, 1])
def test_callbacks_come_later_and_can_be_cancelled(document: list[Named], number: int) -> None:
    assert document[number]("""
        found = []
        here.soon(lambda: found.append("soon"))
        here.after(0.02, lambda: found.append("after"))
        here.soon(lambda: found.append("never"))()
        here.after(0.01, lambda: found.append("never"))()
        before = found.copy()
        await until(lambda: "after" in found)
        [before, found]
    """) == [[], ["soon", "after"]]


# -- a flood from another tab ------------------------------------------------------------------------

FLOOD = """(count) => {
  for (let n = 0; n < count; n += 1) localStorage.setItem("flood-" + n, "x");
  localStorage.setItem("flood-end", "x");
}"""


@pytest.mark.parametrize("number", [0, 1])
def test_flood_of_another_tab_comes_in_few_callbacks(document: list[Named], number: int) -> None:
    run = document[number]
    other = run.page.context.new_page()
    other.goto("/e2e/plain.html")
    run("""
        calls, told = 0, []
        def flooded(area, keys):
            global calls
            calls += 1
            told.extend(keys)
        end = here.on_storage(flooded)
    """)
    with held(run.page, other):  # or a page that is faster than the other tab is told of each
        other.evaluate(FLOOD, 10_000)
    run("await until(lambda: 'flood-end' in told)")
    calls = run("end(); calls")
    print(f"\n10 001 changes of another tab reached the {run.name} in {calls} calls")
    assert run("len(told), len(set(told))") == [10_001, 10_001]
    assert run("told[0]") == "flood-0"
    assert calls < 1000
    other.close()


# -- a page that forbids `eval` ----------------------------------------------------------------------

FORBID_EVAL = """  // to the switchboard alone: Playwright needs it too
  const { eval: evaluate } = window;
  window.eval = (source) => {
    if (source.includes('Symbol.for("anchor_session")')) throw new EvalError();
    return evaluate(source);
  };
"""


@pytest.mark.parametrize("name", ["page", "one"])
def test_page_without_eval_has_states_that_follow_frames(
    open_browser: OpenBrowser, name: str
) -> None:
    context = open_browser()
    context.add_init_script(WATCH + FORBID_EVAL)
    interpreters = boot_with(context.new_page(), "one", prelude=PRELUDE + HELPERS)
    (run,) = [each for each in interpreters if each.name == name]
    run('s = session("s", {"n": 0}, layout="journal"); s.n = 1; t = persistent("t", {"n": 0})')
    assert run("here.switchboard() is None")
    run("s._root.owner.fold()")
    frame = add_frame(run.page)
    frame.evaluate("(key) => sessionStorage.setItem(key, '{\"n\":2}')", key_of("s"))
    run("await until(lambda: s.n == 2)")
    assert run("s.n = 3; s._root.owner.fold(); stored('s')") == '{"n":3}'
    run("from anchor_session.host.area import Area")
    keys = run("Area(window.localStorage, here=here).keys('anchor-')")
    assert "anchor-persistent://t@1.0.0" in keys
    assert set(keys) == set(run.page.evaluate("() => Object.keys(localStorage)"))
    run('send, end = here.channel("c", window.heard.push)')
    frame.evaluate("() => new BroadcastChannel('c').postMessage('hello')")
    assert wait_heard(run) == ["hello"]
    context.close()
