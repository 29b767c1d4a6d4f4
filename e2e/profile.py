"""Chromium with profiles: a warm cache, tabs that are duplicated, a browser that is killed and restored."""

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar
from unittest.mock import patch

from playwright.sync_api import BrowserContext, Error, Page, Playwright

from e2e.harness import PATIENCE_MS, boot
from tests.patience import PATIENCE

_T = TypeVar("_T")
_MANIFEST = {
    "manifest_version": 3,
    "name": "Duplicates tabs",
    "version": "1",
    "permissions": ["tabs"],
    "background": {"service_worker": "duplicate.js"},
}
_DUPLICATE = """async () => {
  const [tab] = await chrome.tabs.query({ active: true });
  await chrome.tabs.duplicate(tab.id);
}"""


# What a browser keeps of the answers of a server and of the code that it compiled.
_CACHES = ("Cache", "Code Cache")
_COMPILED = 1_000_000  # bytes of Pyodide's compiled code; some 2.7 million with Chromium 156
_COMPILED_WITHIN = 20  # seconds; without that code all goes on, but slower
_USE = """
import dataclasses, json, re
import anchor_session
json.loads(json.dumps(list(range(10_000))))
"""


class WarmProfile:
    """Starts browsers that have compiled Pyodide before, with nothing else in their profiles.

    The compiled code is kept on disk, for an address with its port; a browser without a profile keeps none.
    """

    def __init__(
        self, playwright: Playwright, folder: Path, launch_args: dict[str, Any], base_url: str
    ) -> None:
        self._playwright = playwright
        self._folder = folder
        self._launch_args = launch_args
        self._base_url = base_url

    def fill(self) -> None:
        """Boot once, and wait until the compiled code is on disk."""
        context = self.launch(self._folder)
        boot(context.new_page())(_USE)
        compiled = self._folder / "Default" / "Code Cache" / "wasm"
        end = monotonic() + _COMPILED_WITHIN
        while monotonic() < end and _size(compiled) < _COMPILED:
            context.pages[0].wait_for_timeout(100)
        context.close()

    def lay_into(self, folder: Path) -> None:
        """Put the caches into a new profile."""
        for name in _CACHES:
            if (self._folder / "Default" / name).exists():
                shutil.copytree(self._folder / "Default" / name, folder / "Default" / name)

    def start(self, folder: Path, **options: Any) -> BrowserContext:
        """A browser with a new profile in `folder`; `options` go to Playwright."""
        self.lay_into(folder)
        return self.launch(folder, **options)

    def launch(self, folder: Path, *arguments: str, **options: Any) -> BrowserContext:
        """A browser with the profile that is in `folder`; `arguments` go to the browser."""
        context = self._playwright.chromium.launch_persistent_context(
            folder,
            **self._launch_args | {"args": [*self._launch_args["args"], *arguments]},
            **{"base_url": self._base_url} | options,
        )
        context.set_default_timeout(PATIENCE_MS)
        return context


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def as_new(context: BrowserContext, base_url: str) -> Iterator[None]:
    """Pages and scripts that come meanwhile are gone in the end, and all cookies and entries."""
    before = context.pages
    add = context.add_init_script
    with ExitStack() as scripts:

        def add_for_now(*args: Any, **options: Any) -> Any:
            return scripts.enter_context(add(*args, **options))

        with patch.object(context, "add_init_script", add_for_now):
            yield
    for page in context.pages:
        if page not in before:
            _empty(page, base_url)
            page.close()
    context.clear_cookies()
    session = context.new_cdp_session(before[0])
    session.send(
        "Storage.clearDataForOrigin",
        {"origin": base_url, "storageTypes": "local_storage,session_storage,cookies"},
    )
    session.detach()


def _empty(page: Page, base_url: str) -> None:
    """Have nothing in storage behind the last write of a page, which it may make as it is left."""
    try:
        page.goto(f"{base_url}/e2e/plain.html", wait_until="commit", timeout=5000)
        page.evaluate("localStorage.clear(), sessionStorage.clear()")
    except Error:
        pass  # crashed, frozen, offline, or without storage: nothing more comes from it


class Profile:
    """Starts the browser on `folder`; what it keeps there is found again by the next start."""

    def __init__(self, warm: WarmProfile, folder: Path) -> None:
        self._warm = warm
        self._folder = folder
        self._user_data = folder / "profile"
        self._extension = folder / "extension"
        self._extension.mkdir()
        (self._extension / "manifest.json").write_text(json.dumps(_MANIFEST))
        (self._extension / "duplicate.js").touch()
        warm.lay_into(self._user_data)
        self._set_exit_type({})

    def start(self, *arguments: str) -> BrowserContext:
        """The browser, with the page cache on."""
        extension = str(self._extension)
        return self._warm.launch(
            self._user_data,
            f"--disable-extensions-except={extension}",
            f"--load-extension={extension}",
            *arguments,
            ignore_default_args=["--disable-back-forward-cache"],
        )

    def restore(self, path: str) -> Page:
        """The tab with that path, of those that the browser had before `kill`."""
        self._set_exit_type(json.loads(self._preferences.read_text()))
        context = self.start("--restore-last-session")

        def restored() -> Page | None:
            return next((page for page in context.pages if path in page.url), None)

        return _wait(context.pages[0], restored, f"no tab was restored with {path}")

    @property
    def _preferences(self) -> Path:
        return self._user_data / "Default" / "Preferences"

    def _set_exit_type(self, preferences: dict[str, Any]) -> None:
        """Without preferences nothing is restored, and after a crash only once the user was asked."""
        preferences.setdefault("profile", {})["exit_type"] = "Normal"
        self._preferences.write_text(json.dumps(preferences))

    def wait_on_disk(self, page: Page, folder: str, text: str) -> None:
        """Wait until a file in that folder of the profile holds the text: Chromium writes within 5 s."""
        kinds = (text.encode(), text.encode("utf-16-le"))

        def is_there() -> bool:
            for path in (self._user_data / "Default" / folder).iterdir():
                stored = path.read_bytes()
                if any(kind in stored for kind in kinds):
                    return True
            return False

        _wait(page, is_there, f"{text!r} is not in {folder}")

    def kill(self, context: BrowserContext) -> None:
        """End the browser without telling it."""
        os.kill(self._process(), signal.SIGKILL)
        try:
            context.close()
        except Error as error:
            assert "closed" in error.message  # noqa: PT017

    def _process(self) -> int:
        wanted = f"--user-data-dir={self._user_data}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:  # it has ended
                continue
            if wanted in arguments and not any(each.startswith(b"--type=") for each in arguments):
                return int(folder.name)
        raise AssertionError("the browser does not run")


def _wait(page: Page, look: "Callable[[], _T | None]", failure: str) -> "_T":
    """What `look` gives as soon as it gives anything; the page's events come in meanwhile."""
    end = monotonic() + PATIENCE
    while monotonic() < end:
        if found := look():
            return found
        page.wait_for_timeout(100)
    raise AssertionError(failure)


def duplicate(page: Page) -> Page:
    """The copy that the browser makes of a tab, with the extension of `Profile`."""
    context = page.context
    page.bring_to_front()
    worker = (
        context.service_workers[0]
        if context.service_workers
        else context.wait_for_event("serviceworker")
    )
    with context.expect_page() as found:
        worker.evaluate(_DUPLICATE)
    return found.value
