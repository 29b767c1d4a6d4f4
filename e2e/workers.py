"""A page whose Python has company: PyScript workers of the same document."""

from typing import Any

from playwright.sync_api import Page

from e2e.harness import Interpreter, boot

KEEP = """
  window.threads = [];  // the workers of this page
  const { Worker } = window;
  window.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      window.threads.push(this);
    }
  };
"""
ADD = """async (name) => {
  window.pythons ??= { page: window.runPython };
  const root = document.documentElement;
  delete root.dataset.ready;
  const script = document.createElement("script");
  script.type = "py";
  script.src = "/e2e/run.py";
  script.setAttribute("config", "/e2e/pyscript.json");
  script.setAttribute("worker", "");
  document.body.append(script);
  while (!("ready" in root.dataset)) await new Promise((next) => setTimeout(next, 20));
  window.pythons[name] = window.runPython;
}"""


class Named(Interpreter):
    """One of several interpreters of a document."""

    def __init__(self, page: Page, name: str) -> None:
        super().__init__(page.main_frame)
        self.name = name

    def __call__(self, source: str) -> Any:
        self.frame.evaluate("(name) => { window.runPython = window.pythons[name]; }", self.name)
        return super().__call__(source)


def boot_with(page: Page, *workers: str, prelude: str = "") -> list[Named]:
    """The interpreter of the page, and those of workers of these names; `prelude` has run in each."""
    page.add_init_script(KEEP)
    boot(page)
    for name in workers:
        page.evaluate(ADD, name)
    found = [Named(page, name) for name in ("page", *workers)]
    if not workers:
        page.evaluate("() => { window.pythons = { page: window.runPython }; }")
    for each in found:
        each(prelude)
    return found
