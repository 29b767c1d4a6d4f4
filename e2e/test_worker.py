"""A PyScript worker: its states are in the storage of its page."""

import pytest

from e2e.conftest import OpenBrowser
from e2e.harness import Interpreter, add_frame, boot
from e2e.watching import PRELUDE, WATCH, key_of, taken, wait_heard, wait_locks, writes


@pytest.fixture(scope="module")
def worker(open_browser: OpenBrowser) -> Interpreter:
    context = open_browser()
    context.add_init_script(WATCH)
    return boot(context.new_page(), "worker", prelude=PRELUDE)


def test_change_is_in_the_storage_of_the_page_when_the_statement_returns(
    worker: Interpreter,
) -> None:
    found = worker("""
        s = session("at_once", {"n": 0})
        found = []
        for n in range(3):
            s.n += 1
            found.append(stored("at_once"))
        found
    """)
    assert found == ['{"n":1}', '{"n":2}', '{"n":3}']
    assert (
        worker.page.evaluate("(key) => sessionStorage.getItem(key)", key_of("at_once")) == '{"n":3}'
    )
    assert worker("restored(s).outcome") == "new"


def test_change_is_one_write(worker: Interpreter) -> None:
    worker('s = session("once", {"n": 0})')
    taken(worker, "calls")
    worker("s.n = 1")
    key = key_of("once")  # what lies there is looked at in the same crossing
    looks = [["getItem", key], ["getItem", f"{key}#journal.1"]]
    assert taken(worker, "calls") == [*looks, ["setItem", key]]
    worker("s.n = 1")
    assert taken(worker, "calls") == []


def test_quota_error_has_its_type_and_evidence(worker: Interpreter) -> None:
    worker("""
        s = session("full", {"a": 1})
        def fill():
            try:
                s.big = "x" * 6_000_000
            except QuotaExceededError as error:
                return [error.key, error.needed > 6_000_000, error.used > 0, error.largest != []]
    """)
    assert worker("fill()") == [key_of("full"), True, True, True]
    assert worker("[snapshot(s), stored('full')]") == [{"a": 1}, '{"a":1}']
    assert worker("s.a = 2; stored('full')") == '{"a":2}'


def test_quota_error_that_lost_its_name_on_the_way_is_known(worker: Interpreter) -> None:
    area = """({
      getItem: () => null,
      setItem() { throw new Error("The quota has been exceeded."); },
      removeItem() {},
    })"""
    assert worker(f"""
        try:
            session("nameless", {{"a": 1}}, area=window.eval({area!r}))
        except QuotaExceededError as error:
            found = [error.key, error.needed]
        found
    """) == [key_of("nameless"), len(key_of("nameless")) + len('{"a":1}')]


def test_state_follows_a_frame_of_the_page(worker: Interpreter) -> None:
    frame = add_frame(worker.page)
    worker("""
        s = session("follows", {"a": 1})
        end = subscribe(s, lambda change: window.heard.push(change.op))
    """)
    writes(worker)
    frame.evaluate("(key) => sessionStorage.setItem(key, '{\"a\":2}')", key_of("follows"))
    assert wait_heard(worker) == ["replace"]
    assert worker("snapshot(s)") == {"a": 2}
    frame.evaluate("(key) => sessionStorage.setItem(key, '[1]')", key_of("follows"))
    (warning,) = wait_heard(worker)
    assert warning.startswith("StorageWarning: ")
    assert worker("snapshot(s)") == {"a": 2}
    frame.evaluate("() => sessionStorage.clear()")
    assert wait_heard(worker) == ["replace"]
    assert worker("snapshot(s)") == {"a": 1}
    assert writes(worker) == []


def test_last_leave_leaves_no_listener_and_no_lock(worker: Interpreter) -> None:
    worker("from anchor_session.page.open_states import leave_all; leave_all()")
    count = "window.listeners.filter(([type]) => ['storage', 'pageshow'].includes(type)).length"
    before = worker.page.evaluate(count)
    worker('s = session("left")')
    assert worker.page.evaluate(count) == before + 2
    wait_locks(worker.page, ["anchor-session"])
    worker("leave(s)")
    assert worker.page.evaluate(count) == before
    wait_locks(worker.page, [])


def test_state_is_persistent_too(worker: Interpreter) -> None:
    worker('persistent("p", {"a": 1}).a = 2')
    key = "anchor-persistent://p@1.0.0"
    assert worker.page.evaluate("(key) => localStorage.getItem(key)", key) == '{"a":2}'
