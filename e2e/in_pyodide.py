"""Runs `tests/` with pytest inside Pyodide, in headless Chromium, and exits with its code.

`tests/cpython/` stays out: what it tests needs a process. Arguments go to pytest.
"""

import sys
import zipfile
from pathlib import Path

from playwright.sync_api import ConsoleMessage, sync_playwright

from e2e.browser import ARGUMENTS, ensure
from e2e.harness import MOUNTS
from web.serve import serve

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
WHEELS = BUILD / "wheels"


def pack_tests(target: Path) -> None:
    """Write `tests/` and the settings of pytest into a zip archive."""
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(ROOT / "pyproject.toml", "pyproject.toml")
        for path in sorted((ROOT / "tests").rglob("*")):
            inside = path.relative_to(ROOT)
            if inside.parts[1] != "cpython" and "__pycache__" not in inside.parts:
                archive.write(path, inside)


def show(message: ConsoleMessage) -> None:
    """Print what Python wrote (`console.debug`) as it is, anything else on a line of its own."""
    print(message.text, end="" if message.type == "debug" else "\n", flush=True)


def run(arguments: list[str]) -> int:
    """Pytest's exit code."""
    browser_path = ensure()
    pack_tests(BUILD / "tests.zip")
    with serve({**MOUNTS, "/build/": BUILD}) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=list(ARGUMENTS))
        page = browser.new_page(base_url=server.url)
        page.on("console", show)
        page.goto("/e2e/suite.html")
        page.wait_for_function("() => 'runSuite' in window")
        code = page.evaluate(
            "([wheels, options]) => window.runSuite(wheels, options)",
            [sorted(f"/build/wheels/{path.name}" for path in WHEELS.glob("*.whl")), arguments],
        )
        browser.close()
    return int(code)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
