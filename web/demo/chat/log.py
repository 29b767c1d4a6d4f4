"""The messages of the open conversation, and the answer that is coming."""

from typing import Any

from pyscript import document, when

from anchor_session import effect

from ..dom import arrange, begin, copy_of, find, find_all, set_text
from .branching import branch
from .counter import text_of
from .elsewhere import is_busy
from .talk import ask, coming, shown
from .wording import beginning

_NEAR = 80
"""Pixels from the end within which the log follows what comes."""


def is_near_end() -> bool:
    log = find("#log")
    return bool(log.scrollHeight - log.scrollTop - log.clientHeight < _NEAR)


def to_end() -> None:
    log = find("#log")
    log.scrollTop = log.scrollHeight


def new_row(message: Any) -> Any:
    is_user = message["role"] == "user"
    row = copy_of("said" if is_user else "answered")
    row.dataset.id = message.get("id", "")
    return row


def show_message(row: Any, message: Any, results: dict[str, Any]) -> None:
    text = text_of(message)
    set_text(".text", text, row)
    find(".text", row).hidden = not text
    if message["role"] == "user":
        find("[data-branch]", row).ariaLabel = f"Branch off after: {beginning(text)}"
        return
    calls = message.get("tool_calls") or []
    show_calls(find(".calls", row), calls, results)
    reason = message.get("stop_reason")
    note = ""
    if message.get("error"):
        note = f"It failed here. {message['error']}"
    elif reason in ("interrupted", "closed"):
        note = "Broken off here."
    set_text(".note", note, row)
    find(".note", row).hidden = not note
    button = find("[data-branch]", row)
    button.hidden = bool(calls) or not text
    button.ariaLabel = f"Branch off after: {beginning(text)}"


def show_calls(box: Any, calls: list[Any], results: dict[str, Any]) -> None:
    rows = list(box.children)
    for number, call in enumerate(calls):
        row = rows[number] if number < len(rows) else copy_of("called")
        arguments = call.get("arguments") or {}
        given = ", ".join([f"{name}={value}" for name, value in arguments.items()])
        set_text(".call", f"{call.get('name')}({given})", row)
        result = results.get(call.get("id"))
        set_text(".result", "…" if result is None else text_of(result), row)
        if number >= len(rows):
            box.append(row)


@effect
def show_messages() -> None:
    """Rows that are there stay, and with them what is selected and focused in them."""
    found = shown()
    messages = found["messages"]
    results = {each.get("tool_call_id"): each for each in messages if each["role"] == "tool"}
    old = {row.dataset.id: row for row in find_all("#messages > [data-id]")}
    rows = []
    for message in messages:
        if message["role"] not in ("user", "assistant"):
            continue
        row = old.pop(message.get("id", ""), None) or new_row(message)
        show_message(row, message, results)
        rows.append(row)
    for row in old.values():
        row.remove()
    arrange(find("#messages"), rows)
    find("#ideas").hidden = bool(messages) or coming() is not None
    to_end()


@effect
def show_coming() -> None:
    text = coming()
    was_near = is_near_end()
    find("#coming").hidden = text is None
    set_text("#coming .text", text or "…")
    find("#coming").toggleAttribute("data-waiting", not text)
    if was_near:
        to_end()


@effect
def show_what_is_left() -> None:
    """What can be done about a message without a whole answer."""
    found = shown()
    was_near = is_near_end()
    is_left = found["pending"] and not is_busy()
    last = found["messages"][-1]["role"] if found["messages"] else ""
    find("#unanswered").hidden = not found["pending"]
    find("#continue").hidden = not is_left
    texts = {
        "assistant": ("The answer is not at its end.", "Go on with it"),
        "tool": ("The answer is not at its end.", "Go on with it"),
        "user": ("Nobody has answered yet.", "Ask again"),
    }
    title, button = texts.get(last, texts["user"])
    set_text("#unanswered-text", "Another tab is being answered…" if is_busy() else title)
    set_text("#continue", button)
    if was_near:
        to_end()


@when("click", "#messages")
def press(event: Any) -> None:
    button = event.target.closest("[data-branch]")
    if button:
        begin(branch_off(button.closest("li").dataset.id))


async def branch_off(message: str) -> None:
    await branch(message)
    next_field = find("#unanswered")
    (find("#continue") if not next_field.hidden else find("#draft")).focus()


@when("click", "#continue")
def go_on() -> None:
    ask()
    find("#draft").focus()


@when("keydown", document)
def note_escape(event: Any) -> None:
    if event.key == "Escape" and coming.peek() is not None:
        find("#stop").click()
