"""The Chromium that tests and screenshots run in: found, or else installed.

The environment variable `ANCHOR_BROWSER` goes before everything; then come a Chromium or Chrome on
the `PATH`, the one that Playwright downloaded, a download by Playwright, and Debian's package.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
)
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
REMEDY = (
    "no Chromium was found and none could be installed; install Chromium or Chrome,"
    " or set ANCHOR_BROWSER to the path of one"
)


def find() -> Path | None:
    """The browser that is there already, if any."""
    if named := os.environ.get("ANCHOR_BROWSER"):
        path = shutil.which(named)
        if path is None:
            raise SystemExit(f"ANCHOR_BROWSER names no program: {named}")
        return Path(path)
    for name in NAMES:
        if path := shutil.which(name):
            return Path(path)
    # In a process of its own: Playwright does not nest, and the caller may be inside it.
    asked = subprocess.run(
        [sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=True
    )
    downloaded = Path(asked.stdout.strip())
    return downloaded if downloaded.exists() else None


def installers() -> list[list[list[str]]]:
    """Ways to get a browser, best first; each is a list of commands."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    playwright = [sys.executable, "-m", "playwright"]
    ways = [[[*playwright, "install", "chromium"]]]
    if root and shutil.which("apt-get"):
        ways[0].append([*playwright, "install-deps", "chromium"])
        ways.append([["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]])
    return ways


def attempt(command: list[str]) -> bool:
    """Whether the command succeeded; its output is not shown."""
    done = subprocess.run(
        command,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def ensure() -> Path:
    """The browser's path, after installing one if need be; `SystemExit` says what to do."""
    found = find()
    if found is None:
        for way in installers():
            shown = " && ".join(" ".join(command) for command in way)
            shown = shown.replace(sys.executable, "python")
            print(f"Installing a browser: {shown}", flush=True)
            if all(attempt(command) for command in way) and (found := find()):
                break
            print("That did not work here.", flush=True)
        else:
            raise SystemExit(REMEDY)
    return found


if __name__ == "__main__":
    ensure()
