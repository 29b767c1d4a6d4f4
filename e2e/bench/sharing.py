"""A state that two tabs hold: what a change costs, and how the other tab bears a flood of them."""

import json
from typing import Any

from playwright.sync_api import Browser

from e2e.harness import Interpreter, boot

from .inside.sampling import Times
from .site import put_inside

FLOOD = 10_000
AWAIT = """(source) => {
  window.arrival = Promise.resolve().then(() => window.runPython(source));
}"""
BEAT = """() => {
  Object.assign(window, { events: 0, longest: 0 });
  const hear = () => { window.events += 1; };
  addEventListener("storage", hear);
  let last = performance.now();
  let isOn = true;
  const beat = () => {
    const now = performance.now();
    window.longest = Math.max(window.longest, now - last);
    last = now;
    if (isOn) setTimeout(beat);
  };
  beat();
  window.stopped = () => {
    isOn = false;
    removeEventListener("storage", hear);
    return [window.events, window.longest];
  };
}"""


def measure(browser: Browser, url: str, rounds: int, floods: int) -> dict[str, Times]:
    """`changes`: microseconds of one; `flood`: what the other tab saw, milliseconds where it is time."""
    context = browser.new_context(base_url=url)
    writer, reader = (boot(context.new_page(), "bare") for _ in range(2))
    for run in (writer, reader):
        put_inside(run)
        run("from e2e.bench.inside import sharing")
    reader("sharing.open_all()")
    changes: Times = writer(f"sharing.open_all(); await sharing.changes({rounds})")
    floods_seen = [flood(writer, reader, number) for number in range(floods)]
    context.close()
    return {
        "changes": changes,
        "flood": {name: [each[name] for each in floods_seen] for name in floods_seen[0]},
    }


def flood(writer: Interpreter, reader: Interpreter, number: int) -> dict[str, Any]:
    reader(f"bank = sharing.Bank({number}, {FLOOD})")
    reader.page.evaluate(BEAT)
    reader.page.evaluate(AWAIT, "[await bank.arrived(), *bank.counts]")
    change, end = writer(f"sharing.flood({number}, {FLOOD})")
    arrived, adoptions, keys = json.loads(reader.page.evaluate("() => window.arrival"))["value"]
    events, longest = reader.page.evaluate("() => window.stopped()")
    return {
        "change": change,
        "events": events,
        "keys": keys,
        "adoptions": adoptions,
        "settle": max(arrived - end, 0.0),
        "gap": longest,
    }
