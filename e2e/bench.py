"""Measures in Chromium what effects cost inside Pyodide, beside reaktiv and observ, and prints a table."""

from playwright.sync_api import sync_playwright

from e2e.browser import ARGUMENTS, ensure
from e2e.harness import MOUNTS, PAGES, boot
from e2e.in_pyodide import BUILD
from web.serve import serve

UNPACK = """
from pyodide.http import pyfetch
for wheel in {wheels!r}:
    await (await pyfetch(wheel)).unpack_archive(format="whl")
"""


def main() -> None:
    wheels = [f"/build/bench/{path.name}" for path in sorted((BUILD / "bench").glob("*.whl"))]
    with serve({**MOUNTS, "/build/": BUILD}) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure(), args=list(ARGUMENTS))
        run = boot(browser.new_page(base_url=server.url), "bare")
        run(UNPACK.format(wheels=wheels))
        times = run((PAGES / "bench_effects.py").read_text())
        version = browser.version
        browser.close()
    ours = times["view with effect"] - times["view alone"]
    observ = times["observ with effect"] - times["observ alone"]
    print(f"Pyodide in Chromium {version}, medians in µs, one page\n")
    print("| | anchor_session | beside it | ratio |")
    print("| --- | --- | --- | --- |")
    row("set a signal that one effect follows", times["signal"], "reaktiv", times["reaktiv signal"])
    row("what one effect adds to a set in a map", ours, "observ", observ)


def row(what: str, ours: float, name: str, theirs: float) -> None:
    print(f"| {what} | {ours:.1f} | {name} {theirs:.1f} | {ours / theirs:.2f} |")


if __name__ == "__main__":
    main()
