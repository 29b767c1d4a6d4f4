"""A Python interpreter in a page of this site, and source run there for a JSON answer."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Error, Frame, Page

from e2e.minutes import booting
from tests.patience import PATIENCE
from web.serve import WEB

Kind = Literal["pyscript", "worker", "bare"]

PAGES = Path(__file__).resolve().parent / "pages"
MOUNTS = {"/": WEB, "/e2e/": PAGES}
PATIENCE_MS = PATIENCE * 1000
# Pyodide gives no answer at all after a fatal error of its own.
RUN = """([source, milliseconds]) => Promise.race([
  window.runPython(source),
  new Promise((_, reject) => setTimeout(reject, milliseconds, new Error("Python does not answer"))),
])"""
READY = """(seen) => {
  const failure = document.querySelector(".py-error, .mpy-error");
  if (failure) throw new Error(failure.textContent);
  const ready = "ready" in document.documentElement.dataset;
  return ready && performance.timeOrigin !== seen && performance.timeOrigin;
}"""


class PythonError(Exception):
    """What the source in the page raised: the name of its type, its message and its traceback."""

    def __init__(self, type_name: str, message: str, traceback: str) -> None:
        super().__init__(f"{type_name}: {message}")
        self.type_name = type_name
        self.message = message
        self.traceback = traceback


class Interpreter:
    """Runs Python in `frame`; names live on until the page goes, `window` is there from the start.

    A call gives the value of the last expression, through JSON, and raises `PythonError` for an
    exception. Source may `await`. It gives None when the page navigated away under the source.
    `prelude` is run in every new interpreter as soon as it is ready.
    """

    def __init__(self, frame: Frame, prelude: str = "") -> None:
        self.frame = frame
        self.prelude = prelude
        self._seen = 0.0
        self._errors: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self._errors.append(error.message))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._errors.append(message.text)

    @property
    def page(self) -> Page:
        return self.frame.page

    def __call__(self, source: str) -> Any:
        try:
            answer = self.frame.evaluate(RUN, [dedent(source), PATIENCE_MS])
        except Error as error:
            if "Execution context was destroyed" in error.message:
                return None
            raise
        result = json.loads(answer)
        if failure := result.get("error"):
            raise PythonError(failure["type"], failure["message"], failure["traceback"])
        return result["value"]

    def wait_ready(self) -> None:
        """Wait for the interpreter of a document that has not been waited for before."""
        try:
            with booting():
                handle = self.frame.wait_for_function(READY, arg=self._seen, timeout=PATIENCE_MS)
        except Error as error:
            raise AssertionError(f"no new interpreter; the page said: {self._errors}") from error
        self._seen = handle.json_value()
        if self.prelude:
            self(self.prelude)

    def reload(self, source: str = "") -> None:
        """Run `source`, reload in the same task, and wait for the next interpreter."""
        with booting():
            self(f"{dedent(source)}\nwindow.location.reload()")
            self.wait_ready()


def crash(page: Page) -> None:
    """Have the browser end the page's process."""
    with page.expect_event("crash"):
        try:
            page.goto("chrome://crash")
        except Error as error:
            assert "ERR_ABORTED" in error.message or "crashed" in error.message  # noqa: PT017


def add_frame(page: Page, path: str = "/e2e/plain.html", *, sandbox: str | None = None) -> Frame:
    """A new frame in `page`, loaded; `sandbox` is that attribute's value, None for no sandbox."""
    element = page.evaluate_handle(
        """([path, sandbox]) => new Promise((resolve) => {
          const frame = document.createElement("iframe");
          if (sandbox !== null) frame.setAttribute("sandbox", sandbox);
          frame.addEventListener("load", () => resolve(frame), { once: true });
          frame.src = path;
          document.body.append(frame);
        })""",
        [path, sandbox],
    ).as_element()
    assert element is not None
    frame = element.content_frame()
    assert frame is not None
    return frame


def go_back(page: Page) -> None:
    """Go back in the history; `page.go_back()` hangs when the page cache has the page."""
    with page.expect_event("framenavigated", lambda frame: frame == page.main_frame):
        page.evaluate("history.back()")


def boot(
    page: Page, kind: Kind = "pyscript", *, sandbox: str | None = None, prelude: str = ""
) -> Interpreter:
    """Load the page of that kind, in a sandboxed frame if `sandbox` is given, and wait for it."""
    path = f"/e2e/{kind}.html"
    with booting():
        if sandbox is None:
            interpreter = Interpreter(page.main_frame, prelude)
            page.goto(path)
        else:
            page.goto("/e2e/plain.html")
            interpreter = Interpreter(add_frame(page, path, sandbox=sandbox), prelude)
        interpreter.wait_ready()
    return interpreter
