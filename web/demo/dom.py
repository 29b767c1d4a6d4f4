"""The few things done to the page itself."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from pyscript import document

from anchor_session import Effect


def find(selector: str, inside: Any = document) -> Any:
    return inside.querySelector(selector)


def find_all(selector: str, inside: Any = document) -> list[Any]:
    return list(inside.querySelectorAll(selector))


def copy_of(template: str) -> Any:
    """A new element from the `<template>` of that id."""
    return find(f"#{template}").content.firstElementChild.cloneNode(True)


def set_text(selector: str, text: str, inside: Any = document) -> None:
    """Set the text where it differs, so that a live region speaks of news only."""
    element = find(selector, inside)
    if element.textContent != text:
        element.textContent = text


def show(selector: str, text: Callable[[], str]) -> None:
    """Let the element show what `text` returns, now and whenever that is different."""
    Effect(lambda: set_text(selector, text()))


def item_of(text: str) -> Any:
    """A new item of a list."""
    item = document.createElement("li")
    item.textContent = text
    return item


def focus_on(panel: str) -> None:
    """Let the keyboard and screen readers follow to the heading of a panel."""
    find(f"#{panel} h2").focus()


_running: set[asyncio.Task[Any]] = set()  # asyncio itself forgets them


def begin(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Let it run beside the rest, as long as it takes."""
    task = asyncio.ensure_future(coroutine)
    _running.add(task)
    task.add_done_callback(_running.discard)
