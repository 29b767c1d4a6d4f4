"""Chromium without a debugger, and pages of it that fetch what to run from the server and send the answers.

With one attached, as Playwright has, the browser prerenders nothing, and no tab is ever hidden.
"""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from textwrap import dedent
from threading import Thread
from typing import Any

from e2e.browser import ARGUMENTS, ensure
from e2e.harness import MOUNTS, PythonError
from e2e.minutes import booting
from tests.patience import PATIENCE
from web.serve import Handler, Server

_POLL = 0.5  # seconds after which a page asks again, so that none holds a connection for ever


class Desk:
    """What pages are to run, by their names, and what they have answered."""

    def __init__(self) -> None:
        self.orders: dict[str, Queue[str]] = defaultdict(Queue)
        self.answers: dict[str, Queue[str]] = defaultdict(Queue)

    def run(self, page: str, source: str) -> Any:
        """The value of the last expression, as that page gives it."""
        self.tell(page, source)
        try:
            result = json.loads(self.answers[page].get(timeout=PATIENCE))
        except Empty:
            raise AssertionError(f"the page {page} does not answer") from None
        if failure := result.get("error"):
            raise PythonError(failure["type"], failure["message"], failure["traceback"])
        return result["value"]

    def tell(self, page: str, source: str) -> None:
        """Have the page run that, and wait for no answer."""
        self.orders[page].put(dedent(source))


class _Handler(Handler):
    def __init__(self, *args: Any, desk: Desk, **options: Any) -> None:
        self._desk = desk
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        if not self.path.startswith("/remote/"):
            super().do_GET()
            return
        try:
            order = self._desk.orders[self.path[8:]].get(timeout=_POLL)
        except Empty:
            order = ""
        self._answer(order.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._desk.answers[self.path[8:]].put(body)
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def remote(folder: Path, first: str, prelude: str) -> Iterator[Desk]:
    """A browser of its own, its profile in `folder`; in its page, called `first`, the prelude has run."""
    desk = Desk()
    with Server(MOUNTS, 0) as server:
        server.RequestHandlerClass = partial(_Handler, mounts=MOUNTS, desk=desk)
        thread = Thread(target=server.serve_forever, name="web server")
        thread.start()
        browser = subprocess.Popen(
            [
                ensure(),
                "--headless=new",
                *ARGUMENTS,
                "--disable-popup-blocking",
                f"--user-data-dir={folder}",
                f"{server.url}/e2e/remote.html?{first}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with booting():
                desk.run(first, prelude)
            yield desk
        finally:
            browser.terminate()
            browser.wait()
            server.shutdown()
            thread.join()
