"""A Chromium with a profile of its own: tabs that are duplicated, a browser that is killed and restored."""

import json
import os
import signal
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright

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


class Profile:
    """Starts the browser on `folder`; what it keeps there is found again by the next start."""

    def __init__(
        self, playwright: Playwright, folder: Path, launch_args: dict[str, Any], base_url: str
    ) -> None:
        self._playwright = playwright
        self._folder = folder
        self._launch_args = launch_args
        self._base_url = base_url
        self._user_data = folder / "profile"
        self._extension = folder / "extension"
        self._extension.mkdir()
        (self._extension / "manifest.json").write_text(json.dumps(_MANIFEST))
        (self._extension / "duplicate.js").touch()
        (self._user_data / "Default").mkdir(parents=True)
        self._set_exit_type({})

    def start(self, *arguments: str) -> BrowserContext:
        """The browser, with the page cache on."""
        extension = str(self._extension)
        return self._playwright.chromium.launch_persistent_context(
            self._user_data,
            **self._launch_args
            | {
                "args": [
                    *self._launch_args["args"],
                    f"--disable-extensions-except={extension}",
                    f"--load-extension={extension}",
                    *arguments,
                ]
            },
            ignore_default_args=["--disable-back-forward-cache"],
            base_url=self._base_url,
        )

    def restore(self, path: str) -> Page:
        """The tab with that path, of those that the browser had before `kill`."""
        self._set_exit_type(json.loads(self._preferences.read_text()))
        context = self.start("--restore-last-session")
        for _ in range(300):
            for page in context.pages:
                if path in page.url:
                    return page
            context.pages[0].wait_for_timeout(100)
        raise AssertionError(f"no tab was restored with {path}")

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
        for _ in range(300):
            for path in (self._user_data / "Default" / folder).iterdir():
                stored = path.read_bytes()
                if any(kind in stored for kind in kinds):
                    return
            page.wait_for_timeout(100)
        raise AssertionError(f"{text!r} is not in {folder}")

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
