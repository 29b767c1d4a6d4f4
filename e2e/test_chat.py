"""The demo's chat: conversations that survive whatever happens to the page, and branch."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from anchor_session.conversations import FileSessionStorage, SessionState, lineage
from e2e import harness
from e2e.minutes import booting
from e2e.visitors import (
    DANGLING,
    FAINT,
    TWICE,
    UNNAMED,
    load,
    note_complaints,
    reload,
    wait_ready,
)
from web.demo.chat.counter import BROKEN, STORY

OpenChat = Callable[..., Page]

SUM = "3 \u00d7 Harbour notebook and 1 \u00d7 Lamp-black ink: that is €63.50, and nothing for the post."
ASK_SUM = "What do three notebooks and an ink cost?"
RECORDS = """() => Object.keys(localStorage)
  .filter((key) => key.startsWith("anchor-records://"))
  .map((key) => JSON.parse(localStorage.getItem(key)).data)"""
TEXTS = """() => [...document.querySelectorAll("#messages .text")]
  .filter((each) => !each.hidden).map((each) => each.textContent)"""
SO_FAR = "() => document.querySelector('#coming .text').textContent"
WORDS = f"""() => {{
  const text = ({SO_FAR})().trim();
  return text === "…" ? 0 : text.split(" ").length; // as long as there is none
}}"""
FILL = """() => {
  for (let size = 4_194_304; size >= 1; size = Math.floor(size / 2)) {
    try {
      localStorage.setItem(`fill${size}`, "x".repeat(size));
    } catch {}
  }
}"""
EMPTY = """() => Object.keys(localStorage)
  .filter((key) => key.startsWith("fill"))
  .forEach((key) => localStorage.removeItem(key))"""
# A word of an answer, and the three seconds of quiet after news of another tab, come when a test says so.
WORD_BY_WORD = 3600  # seconds
HOLD = """
  window.held = { word: [], quiet: [] };
  window.isHeld = true;
  const { setTimeout: later } = window;
  window.setTimeout = (act, delay, ...given) => {
    const kind = { 3600000: "word", 3000: "quiet" }[delay];
    if (!kind) return later(act, delay, ...given);
    if (!window.isHeld) return later(act, 0, ...given);
    window.held[kind].push(act);
    return 0;
  };
"""
SAY = """async (count) => {
  const { word } = window.held;
  for (let n = 0; n < count; n += 1) {
    while (!word.length) await new Promise(requestAnimationFrame);
    word.shift()();
  }
}"""
LET_GO = """() => {
  window.isHeld = false;
  for (const acts of Object.values(window.held)) for (const act of acts.splice(0)) act();
}"""
AN_HOUR_LATER = """() => {
  const { now } = Date;
  Date.now = () => now() + 3_600_000;
}"""
SPILLING = """() => [...document.querySelectorAll(".talk, .shelf, .ledger, .composer, .talk-head")]
  .filter((each) => each.scrollHeight > each.clientHeight + 1 || each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.className)"""


@pytest.fixture
def open_chat(context: BrowserContext) -> Iterator[OpenChat]:
    """Opens the chat in a new tab; a word takes `pace` seconds. No tab may complain."""
    complaints: list[str] = []

    def open_chat(pace: float = 0, *, prelude: str = "") -> Page:
        page = context.new_page()
        note_complaints(page, complaints)
        page.add_init_script(HOLD)
        if prelude:
            page.add_init_script(prelude)
        return load(page, f"/chat.html?pace={pace}")

    yield open_chat
    assert complaints == []


def run(work: Coroutine[Any, Any, None]) -> None:
    """In a thread, since Playwright has a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def send(page: Page, text: str) -> None:
    page.fill("#draft", text)
    page.press("#draft", "Enter")


def ask(page: Page, text: str) -> None:
    """Send it and wait for the whole answer."""
    count = page.locator(".question").count()
    send(page, text)
    expect(page.locator(".question")).to_have_count(count + 1)
    wait_answered(page)


def wait_answered(page: Page) -> None:
    expect(page.locator("#send")).to_be_visible()


def say(page: Page, count: int) -> None:
    """Have so many more words come, in a page with the pace `WORD_BY_WORD`."""
    words: int = page.evaluate(WORDS) + count
    page.evaluate(SAY, count)
    page.wait_for_function(f"(words) => ({WORDS})() === words", arg=words)


def records(page: Page) -> Any:
    """All conversations that are stored; none of them is long enough for segments."""
    return page.evaluate(RECORDS)


def record(page: Page) -> Any:
    (found,) = records(page)
    return found


def said(found: Any) -> list[tuple[str, str]]:
    return [(each["role"], each["content"]) for each in found["messages"]]


def texts(page: Page) -> Any:
    return page.evaluate(TEXTS)


def expect_titles(page: Page, expected: list[str]) -> None:
    """Those in the list, which is read anew a moment after each change."""
    expect(page.locator("#trees .title")).to_have_text(expected)


# -- talking --------------------------------------------------------------------------------------


def test_question_is_answered_with_the_help_of_a_tool(open_chat: OpenChat) -> None:
    page = open_chat()
    expect(page.locator("#none")).to_be_visible()
    page.click("#ideas button >> nth=0")
    expect(page.locator("#messages .answer .text").last).to_contain_text("with VAT.")
    wait_answered(page)
    expect(page.locator("#draft")).to_be_focused()
    assert texts(page) == [ASK_SUM, "Let me add that up. ", f"{SUM} Together €63.50, with VAT."]
    expect(page.locator(".call")).to_have_text("add_up(lines={'notebook': 3, 'ink': 1})")
    page.click(".calls summary")
    expect(page.locator(".result")).to_have_text('{"goods":6350,"post":0,"total":6350}')
    assert [each["role"] for each in record(page)["messages"]] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    expect_titles(page, [ASK_SUM])
    expect(page.locator("#trees .meta")).to_contain_text("4 messages")


def test_earlier_questions_are_remembered_after_a_reload(open_chat: OpenChat) -> None:
    page = open_chat()
    ask(page, "Hello")
    reload(page)
    ask(page, "What did I ask first?")
    assert texts(page)[-1] == "You first wrote: “Hello”. That was all, until now."


def test_draft_is_there_after_a_reload(open_chat: OpenChat) -> None:
    page = open_chat()
    page.fill("#draft", "Half a ques")
    reload(page)
    expect(page.locator("#draft")).to_have_value("Half a ques")
    expect(page.locator("#draft")).to_be_focused()


def test_text_is_shown_as_it_is(open_chat: OpenChat) -> None:
    page = open_chat()
    text = "<img src=x onerror='document.title=1'>\n  **no** &amp; 🐦\u202e"
    page.fill("#draft", text)
    page.click("#send")
    wait_answered(page)
    reload(page)
    assert texts(page)[0] == text
    assert page.locator(".log img").count() == 0
    assert said(record(page))[0] == ("user", text)


def test_keys_send_break_lines_and_stop(open_chat: OpenChat) -> None:
    page = open_chat(WORD_BY_WORD)
    page.fill("#draft", "Tell me")
    page.press("#draft", "Shift+Enter")
    page.keyboard.type("the story")
    page.press("#draft", "Enter")
    say(page, 4)
    page.keyboard.press("Escape")
    wait_answered(page)
    question, answer = texts(page)
    assert question == "Tell me\nthe story"
    assert STORY.startswith(answer)
    assert len(answer) < len(STORY)
    expect(page.locator(".note")).to_have_text("Broken off here.")
    assert said(record(page))[-1] == ("assistant", answer)
    expect(page.locator("#draft")).to_be_focused()


def test_nothing_is_sent_while_an_answer_comes(open_chat: OpenChat) -> None:
    page = open_chat(WORD_BY_WORD)
    send(page, "A story")
    expect(page.locator("#stop")).to_be_visible()
    send(page, "Another")
    expect(page.locator("#draft")).to_have_value("Another")
    expect(page.locator(".question")).to_have_count(1)


def test_answer_that_fails_is_finished_when_asked_for_again(open_chat: OpenChat) -> None:
    page = open_chat()
    ask(page, "Let something go wrong")
    expect(page.locator(".note")).to_contain_text("the line went dead")
    assert texts(page)[-1] == BROKEN
    reload(page)
    expect(page.locator("#continue")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#messages .answer .text", has_text=" those.")).to_be_visible()
    wait_answered(page)
    expect(page.locator("#unanswered")).to_be_hidden()
    assert said(record(page))[1:] == [("assistant", BROKEN), ("assistant", " those.")]


# -- the page ends --------------------------------------------------------------------------------


def test_reload_in_the_middle_of_an_answer_loses_no_word(open_chat: OpenChat) -> None:
    page = open_chat(WORD_BY_WORD)
    send(page, "Tell me the story of the tern")
    say(page, 9)
    with booting():
        with page.expect_navigation():
            seen = page.evaluate(f"() => {{ location.search = '?pace=0'; return ({SO_FAR})(); }}")
        wait_ready(page)
    expect(page.locator("#status-title")).to_have_text(
        "The page was reloaded, not the conversation."
    )
    kept = texts(page)[-1]
    assert kept.startswith(seen)
    assert STORY.startswith(kept)
    assert len(kept) < len(STORY)
    assert said(record(page)) == [("user", "Tell me the story of the tern"), ("assistant", kept)]

    expect(page.locator("#continue")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#messages .answer .text", has_text="wide margin")).to_be_visible()
    wait_answered(page)
    assert "".join(texts(page)[1:]) == STORY
    expect(page.locator("#unanswered")).to_be_hidden()


@pytest.mark.parametrize("end", ["close", "crash"])
def test_question_is_there_when_the_page_ends_before_its_answer(
    open_chat: OpenChat, end: str
) -> None:
    page = open_chat(WORD_BY_WORD)
    send(page, "A story")
    expect(page.locator("#stop")).to_be_visible()
    finish(page, end)

    again = open_chat()
    assert said(record(again)) == [("user", "A story")]
    again.click("#trees button")
    expect(again.locator("#unanswered-text")).to_have_text("Nobody has answered yet.")
    again.click("#continue")
    expect(again.locator("#messages .answer .text", has_text="wide margin")).to_be_visible()


def test_page_that_crashes_in_an_answer_has_kept_the_most_of_it(open_chat: OpenChat) -> None:
    page = open_chat(WORD_BY_WORD)
    send(page, "A story")
    say(page, 4)
    page.evaluate(AN_HOUR_LATER)
    say(page, 1)
    page.wait_for_function(f"() => ({RECORDS})()[0]?.messages.length === 2")
    finish(page, "crash")

    again = open_chat()
    kept = said(record(again))[-1][1]
    assert kept
    assert STORY.startswith(kept)
    again.click("#trees button")
    again.click("#continue")
    expect(again.locator("#messages .answer .text", has_text="wide margin")).to_be_visible()
    wait_answered(again)
    assert "".join(texts(again)[1:]) == STORY


def finish(page: Page, end: str) -> None:
    if end == "close":
        page.close()
        return
    harness.crash(page)
    page.close()


# -- branches, names, deletions -------------------------------------------------------------------


def test_branch_leaves_its_parent_as_it_is(open_chat: OpenChat) -> None:
    page = open_chat()
    ask(page, ASK_SUM)
    ask(page, "How is it delivered?")
    parent = record(page)
    page.click(".question >> nth=0 >> [data-branch]")
    expect(page.locator("#continue")).to_be_focused()
    assert texts(page) == [ASK_SUM]
    ask(page, "What is in a letter set?")
    page.click("#trees button >> nth=1")
    page.click("#trees button >> nth=0")
    expect(page.locator(".question")).to_have_count(2)

    found = {each["id"]: each for each in records(page)}
    assert found.pop(parent["id"]) == parent
    (fork,) = found.values()
    assert fork["parentId"] == parent["id"]
    assert fork["messages"][0] == parent["messages"][0]
    assert said(fork)[1] == ("user", "What is in a letter set?")
    expect_titles(page, [ASK_SUM, f"After “{ASK_SUM[:27].rstrip()}…”"])
    expect(page.locator("#trees > li > ul > li")).to_have_count(1)


def test_branch_while_an_answer_comes_breaks_that_off(open_chat: OpenChat) -> None:
    page = open_chat(WORD_BY_WORD)
    send(page, "A story")
    say(page, 4)
    page.click("[data-branch]")
    expect(page.locator("#continue")).to_be_focused()
    assert texts(page) == ["A story"]
    parent, fork = sorted(records(page), key=lambda each: "parentId" in each)
    assert [role for role, _ in said(parent)] == ["user", "assistant"]
    assert parent["messages"][1]["stop_reason"] in ("closed", "interrupted")
    assert said(fork) == [("user", "A story")]


def test_newest_conversation_comes_first(open_chat: OpenChat) -> None:
    page = open_chat()
    ask(page, "Hello")
    page.click("#new")
    expect(page.locator("#ideas")).to_be_visible()
    ask(page, "How is it delivered?")
    expect_titles(page, ["How is it delivered?", "Hello"])
    expect(page.locator("[aria-current=true] .title")).to_have_text("How is it delivered?")
    page.click("#trees button >> nth=1")
    expect(page.locator("[aria-current=true] .title")).to_have_text("Hello")
    ask(page, "Hello again")
    expect(page.locator("#trees .title").first).to_have_text("Hello")


def test_name_is_kept(open_chat: OpenChat) -> None:
    page = open_chat()
    ask(page, "Hello")
    page.fill("#name", "  Of   terns ")
    page.press("#name", "Enter")
    expect(page.locator("#trees .title")).to_have_text("Of terns")
    reload(page)
    expect(page.locator("#name")).to_have_value("Of terns")
    page.fill("#name", "")
    page.press("#name", "Enter")
    expect(page.locator("#trees .title")).to_have_text("Hello")
    assert record(page)["metadata"] == {}


def test_deleted_conversation_is_gone_and_can_be_brought_back(open_chat: OpenChat) -> None:
    page = open_chat()
    ask(page, "Hello")
    before = record(page)
    page.click("#delete")
    expect(page.locator("#undelete")).to_be_focused()
    expect(page.locator("#trees li")).to_have_count(0)
    assert records(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#trees .title")).to_have_text("Hello")
    assert record(page) == before
    assert texts(page)[0] == "Hello"
    page.click("#delete")
    reload(page)
    assert records(page) == []
    expect(page.locator("#ideas")).to_be_visible()
    expect(page.locator("#delete")).to_be_disabled()


# -- other tabs -----------------------------------------------------------------------------------


def test_other_tab_follows(open_chat: OpenChat) -> None:
    one, two = open_chat(WORD_BY_WORD), open_chat()
    send(one, "A story")
    expect(two.locator("#trees .title")).to_have_text("A story")
    two.click("#trees button")
    say(one, 4)
    one.evaluate(AN_HOUR_LATER)
    say(one, 1)
    expect(two.locator("#messages .answer .text")).to_contain_text("In the spring")
    expect(two.locator("#unanswered-text")).to_have_text("Another tab is being answered…")
    expect(two.locator("#send")).to_be_disabled()
    say(one, 8)
    one.press("#draft", "Escape")
    wait_answered(one)
    expect(two.locator("#messages .answer .text")).to_have_text(texts(one)[-1])
    two.evaluate(LET_GO)
    expect(two.locator("#continue")).to_be_visible()

    two.click("#continue")
    wait_answered(two)
    expect(one.locator("#messages .answer .text")).to_have_count(2)
    assert "".join(texts(one)[1:]) == STORY
    expect(one.locator("#unanswered")).to_be_hidden()

    one.click("#delete")
    expect(two.locator("#problem")).to_contain_text("deleted in another tab")
    expect(two.locator("#ideas")).to_be_visible()
    assert records(two) == []


# -- files ----------------------------------------------------------------------------------------


def exported(page: Page, folder: Path) -> Path:
    with page.expect_download() as found:
        page.click("#export")
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def test_exported_conversations_are_those_of_a_directory(
    open_chat: OpenChat, tmp_path: Path
) -> None:
    page = open_chat()
    ask(page, ASK_SUM)
    ask(page, "Et voilà: 🐦 \u2028 “quoted”")
    exported(page, tmp_path)
    page.click(".question >> nth=0 >> [data-branch]")
    expect(page.locator("#continue")).to_be_focused()
    exported(page, tmp_path)

    stored = {each["id"]: each for each in records(page)}

    async def check() -> None:
        storage = FileSessionStorage(tmp_path)
        assert sorted(await storage.list()) == sorted(stored)
        for id, found in stored.items():
            state = await storage.load(id)
            assert state is not None
            assert state.to_dict()["messages"] == found["messages"]
            assert state.usage == found["usage"]
        (root,) = [id for id, found in stored.items() if "parentId" not in found]
        tree = await lineage(storage, root)
        assert [each.messages for each in tree.walk()] == [6, 1]
        assert tree.title == ASK_SUM

    run(check())


def test_export_in_the_middle_of_an_answer_has_what_came(
    open_chat: OpenChat, tmp_path: Path
) -> None:
    page = open_chat(WORD_BY_WORD)
    send(page, "A story")
    say(page, 4)
    found = json.loads(exported(page, tmp_path).read_text(encoding="utf-8"))
    assert found["messages"][1]["stop_reason"] == "interrupted"
    assert STORY.startswith(found["messages"][1]["content"])


def written(folder: Path, count: int = 200) -> SessionState:
    """A long conversation, as a server may have had it, in a file."""
    state = SessionState.new("sess_ofAServer", at=1_700_000_000_000, metadata={"title": "Sérvér"})
    state.extra["later"] = {"field": [1.5, None]}
    for number in range(count):
        role = "user" if number % 2 == 0 else "assistant"
        state.messages.append({"id": f"msg_{number}", "role": role, "content": f"№ {number} 🐦"})
    run(FileSessionStorage(folder).save(state))
    return state


def test_file_of_a_server_is_read_and_comes_out_the_same(
    open_chat: OpenChat, tmp_path: Path
) -> None:
    state = written(tmp_path)
    path = tmp_path / f"{state.id}.json"
    page = open_chat()
    page.set_input_files("#import", path)
    expect(page.locator("#name")).to_have_value("Sérvér")
    expect(page.locator("#messages > li")).to_have_count(200)
    assert texts(page) == [each["content"] for each in state.messages]
    reload(page)
    expect(page.locator("#messages > li")).to_have_count(200)
    (tmp_path / "out").mkdir()
    assert exported(page, tmp_path / "out").read_bytes() == path.read_bytes()


def test_file_whose_conversation_is_here_becomes_a_branch(
    open_chat: OpenChat, tmp_path: Path
) -> None:
    page = open_chat()
    path = tmp_path / f"{written(tmp_path, 4).id}.json"
    page.set_input_files("#import", path)
    expect(page.locator("#messages > li")).to_have_count(4)
    page.set_input_files("#import", path)  # the very same
    ask(page, "Hello")
    before = record(page)
    page.set_input_files("#import", path)
    expect(page.locator("#trees li")).to_have_count(2)
    expect(page.locator("#messages > li")).to_have_count(4)
    old, new = sorted(records(page), key=lambda each: "parentId" in each)
    assert old == before
    assert new["parentId"] == old["id"]


NO_CONVERSATIONS = [
    "{",
    "[]",
    '{"id": "x"}',
    '{"id": "../x", "messages": [], "createdAt": 0, "updatedAt": 0}',
    '{"id": "a/b", "messages": [{"role": 5}], "createdAt": 0, "updatedAt": 0}',
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
]


def test_file_that_is_no_conversation_is_refused(open_chat: OpenChat, tmp_path: Path) -> None:
    page = open_chat()
    before: list[Any] = []
    for number, text in enumerate(NO_CONVERSATIONS):
        path = tmp_path / f"other{number}.json"
        path.write_text(text, encoding="utf-8")
        page.set_input_files("#import", path)
        expect(page.locator("#problem")).to_contain_text(f"{path.name} is no conversation")
        assert records(page) == before
        ask(page, "Hello")
        before = records(page)


# -- the storage refuses --------------------------------------------------------------------------


def test_full_storage_in_the_middle_loses_nothing_that_is_here(open_chat: OpenChat) -> None:
    page = open_chat(WORD_BY_WORD)
    send(page, "A story")
    say(page, 4)
    page.evaluate(FILL)
    page.evaluate(AN_HOUR_LATER)
    say(page, 1)
    expect(page.locator("#problem")).to_contain_text("Not saved")
    expect(page.locator("#problem")).to_contain_text("anchor-records://")
    page.evaluate(LET_GO)
    wait_answered(page)
    assert texts(page) == ["A story", STORY]
    ask(page, "Hello")
    assert len(texts(page)) == 4
    expect(page.locator("#problem")).to_be_visible()
    page.click("#new")  # which would lose it
    expect(page.locator("#draft")).to_be_focused()
    assert len(texts(page)) == 4

    page.evaluate(EMPTY)
    ask(page, "Hello again")
    expect(page.locator("#problem")).to_be_hidden()
    assert [text for _, text in said(record(page))] == texts(page)


def test_full_storage_keeps_the_draft_of_what_could_not_begin(open_chat: OpenChat) -> None:
    page = open_chat()
    page.evaluate(FILL)
    send(page, "A story")
    expect(page.locator("#problem")).to_contain_text("Not saved")
    expect(page.locator("#draft")).to_have_value("A story")
    page.evaluate(EMPTY)
    page.press("#draft", "Enter")
    expect(page.locator("#messages .answer .text", has_text="wide margin")).to_be_visible()
    expect(page.locator("#problem")).to_be_hidden()


def test_browser_without_storage_talks_and_says_so(open_chat: OpenChat) -> None:
    page = open_chat(
        prelude="""Object.defineProperty(window, "localStorage", {
          get() { throw new DOMException("not here", "SecurityError"); }
        })"""
    )
    expect(page.locator("#problem")).to_contain_text("keeps no data")
    ask(page, "Hello")
    expect_titles(page, ["Hello"])


def test_record_that_cannot_be_read_is_told_and_left_alone(open_chat: OpenChat) -> None:
    page = open_chat()
    ask(page, "Hello")
    page.evaluate("localStorage.setItem('anchor-records://sess_broken', '{')")
    reload(page)
    expect(page.locator("#problem")).to_contain_text("sess_broken")
    expect_titles(page, ["Hello"])
    assert page.evaluate("localStorage.getItem('anchor-records://sess_broken')") == "{"


# -- for everybody --------------------------------------------------------------------------------


def test_answer_is_told_sentence_by_sentence(open_chat: OpenChat) -> None:
    page = open_chat()
    ask(page, "Tell me the story")
    told = page.locator("#spoken p").all_inner_texts()
    assert len(told) > 8
    assert all(each.endswith(".") for each in told if ":" not in each)
    assert " ".join(told) == STORY
    ask(page, ASK_SUM)
    assert " ".join(page.locator("#spoken p").all_inner_texts()) == (
        f"Let me add that up. {SUM} Together €63.50, with VAT."
    )


def test_page_fits_can_be_read_and_everything_has_a_name(open_chat: OpenChat) -> None:
    page = open_chat()
    page.emulate_media(reduced_motion="reduce")
    ask(page, "W" * 300)
    ask(page, ASK_SUM)
    page.click(".calls summary")
    for _ in range(4):
        page.click(".answer [data-branch] >> visible=true >> nth=0")
        expect(page.locator("#messages > li")).to_have_count(2)
    ask(page, "Let something go wrong")
    for width in (1100, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SPILLING) == []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert page.evaluate(FAINT) == []
    for script in (UNNAMED, TWICE, DANGLING):
        assert page.evaluate(script) == []
    assert page.locator("h1").count() == page.locator("main").count() == 1


def test_pages_lead_here_and_on(open_chat: OpenChat) -> None:
    page = open_chat()
    for name in ("One tab", "Several tabs", "Spaces"):
        page.click(f"nav >> text={name}")
        wait_ready(page)
        page.click("nav >> text=A chat")
        wait_ready(page)
    expect(page.locator("nav [aria-current]")).to_have_text("A chat")
