"""Other documents: a frame of the tab changes `sessionStorage`, another tab changes `localStorage`."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame, Page

from e2e.harness import Interpreter, add_frame
from e2e.watching import HEAR_MARK, key_of, taken, wait_heard, writes

LISTEN = """
def describe(change):
    return [change.op, list(change.path), change.value]

def listen(state, label=""):
    subscribe(state, lambda change: window.heard.push(json.dumps([label, *describe(change)])))
"""
MARK = "sessionStorage.setItem('mark', Math.random())"


@pytest.fixture(scope="module")
def frame(tab: Interpreter) -> Frame:
    tab("import json\n" + LISTEN)
    tab.page.evaluate(HEAR_MARK)
    return add_frame(tab.page)


@pytest.fixture
def run(tab: Interpreter, frame: Frame) -> Iterator[Interpreter]:
    taken(tab, "heard")
    yield tab
    tab("for _ in range(2): leave(s)")


def follow(run: Interpreter, frame: Frame, program: str) -> list[object]:
    """What was heard of a frame's program, as far as it is one; nothing may be written back."""
    writes(run)
    frame.evaluate(f"() => {{ {program}; {MARK}; }}")
    run.page.wait_for_function("() => window.heard.includes('mark')")
    assert writes(run) == []
    return [json.loads(entry) if entry[0] == "[" else entry for entry in taken(run, "heard")[:-1]]


def put(name: str, value: object) -> str:
    return f"sessionStorage.setItem({key_of(name)!r}, {json.dumps(json.dumps(value))})"


def test_frame_writes_and_the_state_follows(run: Interpreter, frame: Frame) -> None:
    run('s = session("w", {"a": 1, "l": [1, 2]}); l = s.l; listen(s); listen(s.l, "l")')
    heard = follow(run, frame, put("w", {"a": 2, "l": [1, 2]}))
    assert [entry[0] for entry in heard if isinstance(entry, list)] == [""]
    assert run("[snapshot(s), s.l is l]") == [{"a": 2, "l": [1, 2]}, True]


def test_each_write_of_a_frame_is_heard_once(run: Interpreter, frame: Frame) -> None:
    run('s = session("thrice"); listen(s)')
    heard = follow(run, frame, "; ".join(put("thrice", {"n": n}) for n in range(3)))
    # The second and third event may find what the first has read already.
    assert 1 <= len(heard) <= 3
    assert run("s.n") == 2


def test_equal_text_is_not_heard(run: Interpreter, frame: Frame) -> None:
    run('s = session("equal", {"a": 1}); listen(s)')
    assert follow(run, frame, put("other", 1) + ";" + put("equal", {"a": 1}).replace(" ", "")) == []


def test_frame_removes_and_the_state_is_init_again(run: Interpreter, frame: Frame) -> None:
    run('s = session("r", {"a": 1}); s.update(a=2, b=3); listen(s)')
    heard = follow(run, frame, f"sessionStorage.removeItem({key_of('r')!r})")
    assert len(heard) == 1
    assert run("snapshot(s)") == {"a": 1}


def test_frame_removes_and_a_deleted_default_stays_deleted(run: Interpreter, frame: Frame) -> None:
    run('s = session("d", {"a": 1, "b": 2}); del s.a; s.b = 3; listen(s)')
    assert len(follow(run, frame, f"sessionStorage.removeItem({key_of('d')!r})")) == 1
    assert run("snapshot(s)") == {"b": 2}


def test_frame_clears_and_all_states_are_init_again(run: Interpreter, frame: Frame) -> None:
    run("""
        s = session("c", {"a": 1, "gone": 0}); s.a = 2; del s.gone
        t = session("c2", {"b": 1}); t.b = 2
        listen(s, "s"); listen(t, "t")
    """)
    heard = follow(run, frame, "sessionStorage.clear()")
    assert sorted(entry[0] for entry in heard if isinstance(entry, list)) == ["s", "t"]
    assert run("[snapshot(s), snapshot(t)]") == [{"a": 1, "gone": 0}, {"b": 1}]
    assert run("leave(t); s.a = 5; stored('c')") == '{"a":5,"gone":0}'


def test_other_area_of_the_same_key_is_not_followed(run: Interpreter, frame: Frame) -> None:
    run('s = session("area", {"a": 1}); listen(s)')
    assert follow(run, frame, put("area", {"a": 2}).replace("sessionStorage", "localStorage")) == []
    assert run("s.a") == 1


@pytest.mark.parametrize("junk", ['{"a":', "[1]", "3", "", "[object Object]"])
def test_junk_of_a_frame_warns_and_is_kept_at_the_next_write(
    run: Interpreter, frame: Frame, junk: str
) -> None:
    run('s = session("junk", {"a": 1}); s.a = 2; listen(s)')
    heard = follow(run, frame, f"sessionStorage.setItem({key_of('junk')!r}, {json.dumps(junk)})")
    (warning,) = heard
    assert isinstance(warning, str)
    assert warning.startswith("StorageWarning: ")
    assert key_of("junk") in warning
    assert run('[snapshot(s), stored("junk")]') == [{"a": 2}, junk]
    assert run('s.b = 3; [stored("junk"), text_at(key_of("junk") + "#rejected")]') == [
        '{"a":2,"b":3}',
        junk,
    ]
    run('leave(s); window.sessionStorage.removeItem(key_of("junk"))')


def test_error_of_a_subscriber_does_not_keep_others_from_following(
    run: Interpreter, frame: Frame
) -> None:
    run("""
        s = session("failing", {"a": 1}); t = session("failing2", {"a": 1})
        end = subscribe(s, lambda _: 1 / 0); listen(s); listen(t)
    """)
    heard = follow(run, frame, put("failing", {"a": 2}) + ";" + put("failing2", {"a": 2}))
    assert len(heard) == 2
    assert run("leave(t); [s.a, t.a]") == [2, 2]


def test_frame_and_state_take_turns(run: Interpreter, frame: Frame) -> None:
    run('s = session("turns", {"n": 0})')
    for n in (1, 3, 5):
        follow(run, frame, put("turns", {"n": n}))
        assert run("s.n += 1; stored('turns')") == f'{{"n":{n + 1}}}'
        assert (
            frame.evaluate("(key) => sessionStorage.getItem(key)", key_of("turns"))
            == f'{{"n":{n + 1}}}'
        )


@pytest.fixture(scope="module")
def other(tab: Interpreter) -> Iterator[Page]:
    """Another tab of the same browser, without Python."""
    page = tab.page.context.new_page()
    page.goto("/e2e/plain.html")
    yield page
    page.close()


PERSISTENT = "anchor-persistent://shared@1.0.0"


def test_persistent_state_follows_another_tab(run: Interpreter, other: Page) -> None:
    run('s = persistent("shared", {"a": 1}); listen(s)')
    other.wait_for_function("(key) => localStorage.getItem(key) === '{\"a\":1}'", arg=PERSISTENT)
    writes(run)
    other.evaluate("(key) => localStorage.setItem(key, '{\"a\":2}')", PERSISTENT)
    (heard,) = wait_heard(run)
    assert json.loads(heard)[0] == ""
    other.evaluate("(key) => localStorage.removeItem(key)", PERSISTENT)
    assert len(wait_heard(run)) == 1
    assert run("snapshot(s)") == {"a": 1}
    # Nothing is sent back; only what lay beside the document that was replaced is removed.
    assert {method for method, key in writes(run)} <= {"removeItem"}
    assert other.evaluate("(key) => localStorage.getItem(key)", PERSISTENT) is None


def test_session_state_is_not_seen_by_another_tab(run: Interpreter, other: Page) -> None:
    run('s = session("own", {"a": 1})')
    assert other.evaluate("sessionStorage.length") == 0
