"""How a large state is written in a real `sessionStorage`: whole, or as a journal of what changed."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from e2e.conftest import OpenBrowser, OpenPage
from e2e.harness import Interpreter, add_frame, boot
from e2e.watching import PRELUDE, WATCH, key_of, taken, wait_heard, writes

# Some 8 KB of text: more than is written as a document.
ROWS = """
rows = {"rows": [{"id": n, "name": f"item {n}", "qty": 1} for n in range(200)], "note": ""}
"""


def entries(page: Page, name: str) -> list[str]:
    """The journal of a state, as JavaScript finds it."""
    found: list[str] = page.evaluate(
        """(prefix) => {
          const texts = [];
          for (let n = 1, text; (text = sessionStorage.getItem(prefix + n)) !== null; n += 1)
            texts.push(text);
          return texts;
        }""",
        f"{key_of(name)}#journal.",
    )
    return found


def document(page: Page, name: str) -> Any:
    return page.evaluate("(key) => JSON.parse(sessionStorage.getItem(key))", key_of(name))


@pytest.fixture(scope="module", params=["pyscript", "worker"])
def run(request: pytest.FixtureRequest, open_browser: OpenBrowser) -> Interpreter:
    """One watched page for the tests that do not leave it, with Python in it or in its worker."""
    context = open_browser()
    context.add_init_script(WATCH)
    return boot(context.new_page(), request.param, prelude=PRELUDE + ROWS)


def test_change_of_a_large_state_is_one_small_entry(run: Interpreter) -> None:
    run('s = session("small", rows)')
    before = document(run.page, "small")
    writes(run)
    run("s.rows[5].qty = 2")
    assert writes(run) == [["setItem", f"{key_of('small')}#journal.1"]]
    assert document(run.page, "small") == before
    name, *edits = json.loads(entries(run.page, "small")[0])
    assert (type(name), edits) == (str, [["set", ["rows", 5, "qty"], 2]])
    run("leave(s)")


def test_idle_page_folds_the_journal_into_a_document_that_javascript_reads(
    run: Interpreter,
) -> None:
    run('s = session("idle", rows); s.rows[0].qty = 3; s.rows.append({"id": "last"})')
    assert len(entries(run.page, "idle")) == 2
    run.page.wait_for_function(
        "(key) => JSON.parse(sessionStorage.getItem(key)).rows[0].qty === 3", arg=key_of("idle")
    )
    run.page.wait_for_function(
        "(key) => sessionStorage.getItem(key) === null", arg=f"{key_of('idle')}#journal"
    )
    assert entries(run.page, "idle") == []
    assert document(run.page, "idle")["rows"][-1] == {"id": "last"}
    run("leave(s)")


def test_leave_folds(run: Interpreter) -> None:
    run('s = session("left", rows); s.note = "hello"; leave(s)')
    assert document(run.page, "left")["note"] == "hello"
    assert entries(run.page, "left") == []


def test_frame_of_the_tab_appends_and_the_state_follows(run: Interpreter) -> None:
    run("""
        s = session("framed", rows)
        s.note = "mine"
        unsubscribe = subscribe(s, lambda change: window.heard.push(change.op))
    """)
    frame = add_frame(run.page)
    writes(run)
    frame.evaluate(
        '(key) => sessionStorage.setItem(key, \'[["set",["rows",1,"qty"],7]]\')',
        f"{key_of('framed')}#journal.2",
    )
    assert wait_heard(run) == ["replace"]
    assert run("[s.rows[1].qty, s.note]") == [7, "mine"]
    assert writes(run) == []
    run("s.rows[2].qty = 8")
    assert writes(run) == [["setItem", f"{key_of('framed')}#journal.3"]]
    run("leave(s)")


def test_change_comes_after_what_somebody_else_has_just_appended(run: Interpreter) -> None:
    """In the same task, before any storage event."""
    run('s = session("unheard", rows); s.note = "mine"')
    key = f"{key_of('unheard')}#journal.2"
    run(f"""
        window.sessionStorage.setItem({key!r}, '[["set",["rows",1,"qty"],7]]')
        s.rows[2].qty = 8
    """)
    assert run("[s.rows[1].qty, s.rows[2].qty]") == [7, 8]
    assert [json.loads(text)[-1][2] for text in entries(run.page, "unheard")] == ["mine", 7, 8]
    run("leave(s)")


@pytest.mark.parametrize("where", ["the text", "the first entry of a journal"])
def test_document_is_not_written_over_what_somebody_else_has_just_stored(
    run: Interpreter, where: str
) -> None:
    """In the same task, before any storage event; a script of this page is never heard of by one."""
    name = where.replace(" ", "-")
    run(f"s = session({name!r}, {{'a': 0}}, layout='document'); low = SessionStorage({name!r})")
    key, text = key_of(name), '{"a":1}'
    if where != "the text":
        key, text = f"{key}#journal.1", '["",["set",["a"],1]]'
        run(f"import zlib; text = stored({name!r})")
        text = text.replace('""', run("f'\"{zlib.crc32(text.encode()):08x}-{len(text)}\"'"))
    run(f"window.sessionStorage.setItem({key!r}, {text!r})\ns.b = 2")
    assert run("[snapshot(s), low.get('a')]") == [{"a": 1, "b": 2}, 1]
    assert document(run.page, name) == {"a": 1, "b": 2}
    assert entries(run.page, name) == []
    writes(run)
    run("low.set('c', 3)")
    assert writes(run) == [["setItem", key_of(name)]]
    assert run("s.c") == 3


def test_full_area_takes_the_change_as_a_document_if_that_fits(run: Interpreter) -> None:
    run("""
        s = session("full", rows)
        left = 5_242_880 - usage().used - len("filler")
        window.sessionStorage.setItem("filler", "x" * left)
        s.rows[5].qty = 2
    """)
    try:
        assert document(run.page, "full")["rows"][5]["qty"] == 2
        assert entries(run.page, "full") == []
        assert run("""
            try:
                s.rows[5].qty = 22
            except QuotaExceededError as error:
                caught = error.key
            [caught, s.rows[5].qty]
        """) == [key_of("full"), 2]
    finally:
        run.page.evaluate("sessionStorage.removeItem('filler')")
    run("leave(s)")


def test_journal_is_replayed_after_a_reload_that_gave_no_time_to_fold(
    open_page: OpenPage,
) -> None:
    run = open_page(prelude=PRELUDE + ROWS)
    run(
        's = session("s", rows); s.rows[5].qty = 2; s.rows.insert(0, {"id": "first"}); del s["note"]'
    )
    found = run("snapshot(s)")
    kept = run.page.evaluate("({ ...sessionStorage })")
    run.page.goto("/e2e/plain.html")
    run.page.evaluate(
        """(kept) => {
          sessionStorage.clear();
          for (const [key, text] of Object.entries(kept)) sessionStorage.setItem(key, text);
        }""",
        kept,
    )
    again = open_page(page=run.page, prelude=PRELUDE)
    assert again('s = session("s"); [restored(s).outcome, snapshot(s)]') == ["restored", found]


def test_page_that_is_left_folds(open_page: OpenPage) -> None:
    run = open_page(prelude=PRELUDE + ROWS)
    run('s = session("s", rows); s.rows[5].qty = 2')
    assert len(entries(run.page, "s")) == 1
    run.page.goto("/e2e/plain.html")
    # The next page may be in another process, where the last writes of this one arrive later.
    run.page.wait_for_function(
        "(key) => sessionStorage.getItem(key) === null", arg=f"{key_of('s')}#journal.1"
    )
    assert document(run.page, "s")["rows"][5]["qty"] == 2


def test_page_that_forbids_eval_keeps_a_journal_too(open_page: OpenPage) -> None:
    run = open_page(prelude=PRELUDE + ROWS)
    run("""
        allowed, window.eval = window.eval, None
        s = session("s", rows)
        s.rows[5].qty = 2
        s.rows[6].qty = 3
        window.eval = allowed
    """)
    assert len(entries(run.page, "s")) == 2


def test_document_layout_writes_the_whole_text(run: Interpreter) -> None:
    run('s = session("whole", rows, layout="document")')
    writes(run)
    run("s.rows[5].qty = 2")
    assert writes(run) == [["setItem", key_of("whole")]]
    assert document(run.page, "whole")["rows"][5]["qty"] == 2
    run("leave(s)")
    taken(run, "heard")
