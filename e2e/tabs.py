"""Real tabs of one browser that share states: started at one moment, compared when they agree."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from textwrap import dedent
from time import monotonic
from typing import Any, NamedTuple

from playwright.sync_api import BrowserContext, Page

from e2e.harness import PATIENCE_MS, Interpreter, boot
from tests.patience import PATIENCE

ARM = """(source) => {
  const channel = new BroadcastChannel("start");
  const started = new Promise((resolve) => channel.addEventListener("message", resolve));
  window.answer = started.then(() => {
    channel.close();
    return window.runPython(source);
  });
}"""
START = "() => new BroadcastChannel('start').postMessage('')"
ANSWER = "() => window.answer"

PRELUDE = """
import asyncio, json
from time import perf_counter
from anchor_session import *
from anchor_session import host
from anchor_session.page.open_states import leave_all

ended = heard = 0.0  # milliseconds since 1970: the end of the loop here, and the last change from elsewhere

def now():
    return window.performance.timeOrigin + window.performance.now()

def hear(change):
    global heard
    heard = now()

def open_state(kind, name, init, **options):
    global s, ended, heard
    ended = heard = 0.0
    s = {"shared": shared, "persistent": persistent}[kind](name, init, **options)
    subscribe(s, hear)

async def repeat(do, count, pause):
    '''Microseconds a call; the calls are `pause` seconds apart, or in one task.

    With a pause each call is a task of its own, however long it takes: the page can be left in between.
    '''
    global ended
    start = due = perf_counter()
    for n in range(count):
        do(n)
        due += pause
        while pause:
            await asyncio.sleep(0)  # a timer would wait for 4 ms
            if perf_counter() >= due:
                break
    ended = now()
    return (perf_counter() - start) / count * 1e6

async def until(is_so):
    while not is_so():
        await asyncio.sleep(0.01)
"""


class Times(NamedTuple):
    """Of one run: microseconds that a statement took, milliseconds until the last change had arrived."""

    write: float
    settle: float


class Tabs:
    """`writers` change a state together, `fresh` comes to it afterwards; all have the interpreter ready."""

    def __init__(self, context: BrowserContext, count: int = 3, prelude: str = PRELUDE) -> None:
        self.context = context
        self.bystander = context.new_page()
        self.bystander.goto("/e2e/plain.html")
        self.writers = [boot(context.new_page(), "bare", prelude=prelude) for _ in range(count)]
        self.fresh = boot(context.new_page(), "bare", prelude=prelude)

    @property
    def all(self) -> list[Interpreter]:
        return [*self.writers, self.fresh]

    def each(self, source: str) -> list[Any]:
        """What the source gives in each writer; `{me}` in it is the writer's number."""
        return [run(source.replace("{me}", str(me))) for me, run in enumerate(self.writers)]

    def at_once(self, source: str) -> list[Any]:
        """The same, begun by all of them at one moment."""
        for me, run in enumerate(self.writers):
            run.page.evaluate(ARM, dedent(source).replace("{me}", str(me)))
        self.start()
        return [self.answer(run) for run in self.writers]

    def start(self) -> None:
        self.bystander.evaluate(START)

    @staticmethod
    def answer(run: Interpreter) -> Any:
        result = json.loads(run.page.evaluate(ANSWER))
        assert "error" not in result, result["error"]["traceback"]
        return result["value"]

    def agreed(self, is_complete: Callable[[Any], bool]) -> Any:
        """What all writers have as soon as it is the same and complete; then the fresh tab has it too."""
        return agreed(self.writers, is_complete)

    def times(self, writes: list[float]) -> Times:
        ends = self.each("[ended, heard]")
        settled = max(heard for _, heard in ends) - max(ended for ended, _ in ends)
        return Times(median(writes), max(settled, 0.0))

    def clear(self) -> None:
        """Leave all states, and nothing in storage.

        What a tab has written arrives in the others later: each clears behind its own last write.
        """
        for run in self.all:
            run("leave_all(); window.localStorage.clear()")
        self.bystander.evaluate("() => localStorage.clear()")
        self.bystander.wait_for_function("() => localStorage.length === 0")


def agreed(tabs: list[Interpreter], is_complete: Callable[[Any], bool]) -> Any:
    """What the states `s` of all tabs hold as soon as it is the same and complete."""
    end = monotonic() + PATIENCE
    while True:
        found = [run("snapshot(s)") for run in tabs]
        is_same = all(each == found[0] and order(each) == order(found[0]) for each in found[1:])
        if is_same and is_complete(found[0]):
            return found[0]
        if monotonic() > end:
            raise AssertionError(f"the tabs do not agree: {differences(found)}")


def order(data: Any) -> Any:
    """Lists compare with their order anyway; that of the keys of a map is nobody's business."""
    return sorted(data) if isinstance(data, dict) else data


def differences(found: list[Any]) -> str:
    """Where the tabs differ, in short."""
    texts = [{key: json.dumps(value) for key, value in each.items()} for each in found]
    keys = {key for each in texts for key in each}
    rows = [
        (key, [each.get(key, "missing")[:80] for each in texts])
        for key in sorted(keys)
        if len({each.get(key) for each in texts}) > 1
    ]
    return f"{[len(each) for each in found]} entries, {len(rows)} differ: {rows[:10]}"


def entries(page: Page, key: str) -> dict[str, str]:
    """All that lies in `localStorage` under a state's key."""
    found: dict[str, str] = page.evaluate(
        """(key) => Object.fromEntries(Object.entries(localStorage).filter(
          ([each]) => each === key || each.startsWith(key + "#")
        ))""",
        key,
    )
    return found


def spread(times: list[Times]) -> str:
    """For a person: medians, and the worst."""
    settles = sorted(each.settle for each in times)
    writes = sorted(each.write for each in times)
    return (
        f"{median(writes):.0f} µs a write (to {writes[-1]:.0f}), "
        f"settled {median(settles):.0f} ms after the last (to {settles[-1]:.0f})"
    )


def wait_rest(page: Page, key: str) -> str:
    """The document of a state, once it lies there alone, but for the list of deleted names."""
    page.wait_for_function(
        """(key) => {
          const found = Object.keys(localStorage).filter(
            (each) => each.startsWith(key) && !each.endsWith("#deleted")
          );
          return found.length === 1 && found[0] === key;
        }""",
        arg=key,
        timeout=PATIENCE_MS,
        polling=100,
    )
    return entries(page, key)[key]


@contextmanager
def held(page: Page, other: Page) -> Iterator[None]:
    """No task runs in the page; its events wait. (Pages are frozen only where they are hidden.)"""
    session = page.context.new_cdp_session(page)
    paused: list[object] = []
    session.on("Debugger.paused", lambda event: paused.append(event))
    session.send("Debugger.enable")
    page.evaluate("() => { setTimeout(() => { debugger; }); }")
    while not paused:
        other.evaluate("() => new Promise((next) => setTimeout(next))")  # lets events come in
    yield
    session.send("Debugger.resume")
    session.detach()
