"""The messages of the open conversation, and the answer that is coming."""

from functools import partial
from typing import Any

from pyscript import document, when

from anchor_session import Computed, Effect, each, effect

from ..dom import begin, copy_of, find, set_text
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


def said() -> list[Any]:
    """What has a row. A message stays at its number, and as it is."""
    return [
        {"number": number, "message": message}
        for number, message in enumerate(shown()["messages"])
        if message["role"] in ("user", "assistant")
    ]


def message_row(one: Any) -> Any:
    message = one["message"]
    is_user, text = message["role"] == "user", text_of(message)
    row = copy_of("said" if is_user else "answered")
    row.dataset.id = message.get("id", "")
    set_text(".text", text, row)
    find(".text", row).hidden = not text
    button = find("[data-branch]", row)
    button.ariaLabel = f"Branch off after: {beginning(text)}"
    if is_user:
        return row
    calls = message.get("tool_calls") or []
    find(".calls", row).append(*[call_row(call) for call in calls])
    reason = message.get("stop_reason")
    note = ""
    if message.get("error"):
        note = f"It failed here. {message['error']}"
    elif reason in ("interrupted", "closed"):
        note = "Broken off here."
    set_text(".note", note, row)
    find(".note", row).hidden = not note
    button.hidden = bool(calls) or not text
    return row


results = Computed(
    lambda: {
        message.get("tool_call_id"): text_of(message)
        for message in shown()["messages"]
        if message["role"] == "tool"
    }
)


def call_row(call: Any) -> Any:
    row = copy_of("called")
    arguments = call.get("arguments") or {}
    given = ", ".join([f"{name}={value}" for name, value in arguments.items()])
    set_text(".call", f"{call.get('name')}({given})", row)
    Effect(partial(show_result, call.get("id"), row))
    return row


def show_result(call: str, row: Any) -> None:
    set_text(".result", results().get(call, "…"), row)


each(find("#messages"), said, message_row, key="number")


@effect
def show_ideas() -> None:
    find("#ideas").hidden = bool(shown()["messages"]) or coming() is not None


@effect
def follow_messages() -> None:
    shown()
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
