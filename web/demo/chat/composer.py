"""What is being written: it stays where it is through a reload, until it is sent."""

from typing import Any

from pyscript import when

from anchor_session import bind, effect

from ..dom import begin, find
from .elsewhere import is_busy
from .state import tab
from .talk import coming, send, stop


@effect
def show_buttons() -> None:
    is_coming = coming() is not None
    find("#stop").hidden = not is_coming
    find("#send").hidden = is_coming
    find("#send").disabled = is_busy()


@when("submit", "#composer")
def submit(event: Any) -> None:
    event.preventDefault()
    begin(send_draft())


@when("keydown", "#draft")
def press(event: Any) -> None:
    if event.key == "Enter" and not event.shiftKey and not event.isComposing:
        event.preventDefault()
        begin(send_draft())


async def send_draft() -> None:
    text = tab.draft.strip()
    if text and coming.peek() is None and not is_busy.peek():
        tab.draft = ""
        if not await send(text):
            tab.draft = text
    find("#draft").focus()


@when("click", "#ideas button")
def take_idea(event: Any) -> None:
    tab.draft = event.currentTarget.textContent
    begin(send_draft())


@when("click", "#stop")
def break_off() -> None:
    begin(stop())
    find("#draft").focus()


bind(find("#draft"), tab, "draft")
