"""Duplicated tabs: the copy has the state and knows that it is one, then each goes its own way."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from e2e.harness import Interpreter, Kind, add_frame, boot
from e2e.profile import Profile, WarmProfile, duplicate
from e2e.watching import PRELUDE, key_of

OPENED = PRELUDE + 's = session("s", {"n": 0})'
KNOWN = """
import asyncio
while restored(s).copied is None:
    await asyncio.sleep(0.01)
restored(s).copied
"""
# An original that is busy answers late: until then the copy takes silence for a no.
TOLD = """
import asyncio
while not restored(s).copied:
    await asyncio.sleep(0.01)
True
"""


@pytest.fixture(scope="module")
def context(
    warm: WarmProfile, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    folder = tmp_path_factory.mktemp("duplicates")
    context = Profile(warm, folder).start()
    yield context
    context.close()


@pytest.fixture
def first(context: BrowserContext) -> Iterator[Interpreter]:
    """A tab that was opened by its address, with the state `s` open; other tabs are closed after it."""
    run = boot(context.new_page(), prelude=OPENED)
    yield run
    for page in context.pages[1:]:
        page.close()


def opened(page: Page) -> Interpreter:
    run = Interpreter(page.main_frame, OPENED)
    run.wait_ready()
    return run


def texts(*runs: Interpreter) -> list[Any]:
    return [run.page.evaluate("(key) => sessionStorage.getItem(key)", key_of("s")) for run in runs]


def tokens(*runs: Interpreter) -> set[Any]:
    return {run.page.evaluate("sessionStorage.getItem('anchor-tab')") for run in runs}


def follow_link(page: Page, rel: str) -> None:
    page.evaluate(
        """(rel) => {
          const link = document.createElement("a");
          Object.assign(link, { href: location.href, target: "_blank", rel });
          link.click();
        }""",
        rel,
    )


def test_copy_has_the_state_and_knows_it_and_both_go_their_own_ways(first: Interpreter) -> None:
    first("s.n = 1")
    assert first(KNOWN) is False
    copy = opened(duplicate(first.page))
    assert copy(TOLD) is True
    assert copy("[s.n, restored(s).outcome]") == [1, "restored"]
    first("s.n = 2")
    copy("s.n = 3")
    assert texts(first, copy) == ['{"n":2}', '{"n":3}']
    assert [run("s.n") for run in (first, copy)] == [2, 3]
    assert first("restored(s).copied") is False
    assert len(tokens(first, copy)) == 2
    for run, n in ((first, 2), (copy, 3)):
        run.reload()
        assert [run("s.n"), run(KNOWN)] == [n, False]


def test_copy_of_a_copy_is_a_copy_of_neither_more_nor_less(first: Interpreter) -> None:
    assert first(KNOWN) is False
    second = opened(duplicate(first.page))
    assert second(TOLD) is True
    second("s.n = 2")
    third = opened(duplicate(second.page))
    assert third(TOLD) is True
    third("s.n = 3")
    assert texts(first, second, third) == ['{"n":0}', '{"n":2}', '{"n":3}']
    assert len(tokens(first, second, third)) == 3
    assert [run("restored(s).copied") for run in (first, second)] == [False, True]


def test_opened_window_is_a_copy(first: Interpreter) -> None:
    first("s.n = 1")
    assert first(KNOWN) is False
    with first.page.expect_popup() as popup:
        first("window.open(window.location.href); s.n = 2")
    copy = opened(popup.value)
    assert [copy(TOLD), copy("s.n")] == [True, 1]
    copy("s.n = 3")
    assert texts(first, copy) == ['{"n":2}', '{"n":3}']
    assert first("restored(s).copied") is False


def test_link_with_an_opener_opens_a_copy(first: Interpreter) -> None:
    first("s.n = 1")
    assert first(KNOWN) is False
    with first.page.expect_popup() as popup:
        follow_link(first.page, "opener")
    copy = opened(popup.value)
    assert [copy(TOLD), copy("s.n")] == [True, 1]


def test_link_without_an_opener_and_typed_address_open_an_empty_tab(
    first: Interpreter, context: BrowserContext
) -> None:
    first("s.n = 1")
    assert first(KNOWN) is False
    for rel in ("noopener", "noreferrer", ""):
        with context.expect_page() as found:
            follow_link(first.page, rel)
        other = opened(found.value)
        state = [other(KNOWN), other("s.n"), other("restored(s).outcome")]
        assert state == [False, 0, "new"], rel
        other.page.close()
    other = boot(context.new_page(), prelude=OPENED)
    assert [other(KNOWN), other("s.n"), other("restored(s).outcome")] == [False, 0, "new"]


def test_reloaded_tab_is_no_copy(first: Interpreter) -> None:
    assert first(KNOWN) is False
    first.reload("s.n = 1")
    assert [first(KNOWN), first("s.n"), first("restored(s).outcome")] == [False, 1, "restored"]


def test_frame_is_no_copy_of_its_page(first: Interpreter) -> None:
    first("s.n = 1")
    assert first(KNOWN) is False
    frame = Interpreter(add_frame(first.page, "/e2e/pyscript.html"), OPENED)
    frame.wait_ready()
    assert [frame(KNOWN), frame("s.n")] == [False, 1]
    assert first("restored(s).copied") is False
    own = first("[k for k in window.Object.keys(window.sessionStorage) if 'anchor-tab' in k]")
    assert own == ["anchor-tab"]


def test_worker_knows_whether_its_tab_is_a_copy(context: BrowserContext) -> None:
    kind: Kind = "worker"
    first = boot(context.new_page(), kind, prelude=OPENED)
    first("s.n = 1")
    assert first(KNOWN) is False
    copy = opened(duplicate(first.page))
    assert [copy(TOLD), copy("s.n")] == [True, 1]
    first.reload()
    assert [first(KNOWN), first("s.n")] == [False, 1]
    for run in (first, copy):
        run.page.close()
