"""What the tests of states share: a page that keeps a log, and Python names to look around with."""

from typing import Any

from playwright.sync_api import Page

from e2e.harness import Interpreter

WATCH = """
  window.calls = [];      // [method, key] of every call to an area from this document
  window.listeners = [];  // [type, function] of every listener of this window
  window.shown = [];      // event.persisted of every pageshow
  window.heard = [];      // whatever Python pushes
  for (const method of ["getItem", "setItem", "removeItem", "clear"]) {
    const original = Storage.prototype[method];
    Storage.prototype[method] = function (...given) {
      window.calls.push([method, given[0] ?? null]);
      return original.apply(this, given);
    };
  }
  addEventListener("pageshow", (event) => window.shown.push(event.persisted));
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, listener, ...rest) {
    if (this === window) window.listeners.push([type, listener]);
    return add.call(this, type, listener, ...rest);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, ...rest) {
    const is_it = (entry) => entry[0] === type && entry[1] === listener;
    if (this === window) window.listeners = window.listeners.filter((entry) => !is_it(entry));
    return remove.call(this, type, listener, ...rest);
  };
"""

# Storage events come in order, and Python is told in the next task: two tasks after an entry `mark` was heard
# of, so was all that came before.
HEAR_MARK = """() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => (data ? port2.postMessage(data - 1) : heard.push("mark"));
  addEventListener("storage", ({ key }) => key === "mark" && port2.postMessage(1));
}"""

PRELUDE = """
import warnings
from anchor_session import *

def key_of(name):
    return f"anchor-session://{name}@1.0.0"

def text_at(key, kind="session"):
    text = getattr(window, kind + "Storage").getItem(key)
    return text if isinstance(text, str) else None

def stored(name):
    return text_at(key_of(name))

def store(name, text):
    window.sessionStorage.setItem(key_of(name), text)

def note_warning(message, category, *_):
    window.heard.push(f"{category.__name__}: {message}")

warnings.simplefilter("always")
warnings.showwarning = note_warning
"""


def key_of(name: str) -> str:
    """Where a state of `session()` lies."""
    return f"anchor-session://{name}@1.0.0"


def taken(run: Interpreter, log: str) -> list[Any]:
    """What the log ("calls", "listeners" or "heard") has, which is then empty."""
    found: list[Any] = run.page.evaluate("(log) => window[log].splice(0)", log)
    return found


def writes(run: Interpreter) -> list[list[str]]:
    """The writing calls to areas since the last question, as (method, key)."""
    return [call for call in taken(run, "calls") if call[0] != "getItem"]


def wait_heard(run: Interpreter, count: int = 1) -> list[Any]:
    """What Python pushed to `window.heard`, once it is at least `count` entries."""
    run.page.wait_for_function("(count) => window.heard.length >= count", arg=count)
    return taken(run, "heard")


def wait_locks(page: Page, names: list[str]) -> None:
    """Wait until exactly these Web Locks are held; the browser grants them in another process."""
    page.wait_for_function(
        """(names) => navigator.locks.query().then(
          ({ held }) => JSON.stringify(held.map((lock) => lock.name)) === JSON.stringify(names)
        )""",
        arg=names,
    )
