"""The demo's pages in a tab: opened, reloaded, heard complaining, and looked at for everybody's sake."""

from playwright.sync_api import ConsoleMessage, Page

from e2e.minutes import booting


def wait_ready(page: Page) -> Page:
    with booting():
        page.wait_for_selector("html[data-ready]", state="attached")
    return page


def load(page: Page, path: str) -> Page:
    """Go to that page of the demo, and wait for Python there."""
    with booting():
        page.goto(path)
        return wait_ready(page)


def reload(page: Page) -> None:
    """Press the button that reloads, and wait for the next Python."""
    with booting():
        with page.expect_navigation():
            page.click("#reload")
        wait_ready(page)


def note_complaints(page: Page, found: list[str]) -> None:
    """Have `found` what the page says in its console that it should not, and what it cannot load.

    It is closed at the first: whatever is waited for in a page with an error does not come.
    """

    def note(complaint: str) -> None:
        found.append(complaint)
        page.close()

    def note_message(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            note(message.text)

    page.on("console", note_message)
    page.on("pageerror", lambda error: note(error.message))
    page.on("response", lambda answer: note(answer.url) if answer.status >= 400 else None)


UNNAMED = """() => [...document.querySelectorAll("button, input, select, textarea, output, nav, pre")]
  .filter((element) => {
    const labels = [...(element.labels ?? [])].map((label) => label.textContent).join("");
    const name = element.getAttribute("aria-label") ?? (labels || element.textContent);
    return !name.trim();
  })
  .map((element) => element.outerHTML)"""
TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return ids.filter((id, number) => ids.indexOf(id) !== number);
}"""
DANGLING = """() => [...document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]")]
  .flatMap((element) => [element.getAttribute("aria-labelledby"),
    element.getAttribute("aria-describedby"), element.getAttribute("for")])
  .filter((id) => id && !document.getElementById(id))"""

FAINT = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = (rgb) => [...rgb].slice(0, 3)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, number) => sum + part * [0.2126, 0.7152, 0.0722][number], 0);
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest(":disabled"))
      continue;
    const grounds = [];
    for (let one = element; one; one = one.parentElement)
      grounds.unshift(getComputedStyle(one).backgroundColor);
    const [a, b] = [light(paint(grounds)), light(paint([...grounds, getComputedStyle(element).color]))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push([texts.currentNode.data.trim(), ratio]);
  }
  return faint;
}"""

FOCUSED = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; each stop on the way must be seen."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        assert page.evaluate(FOCUSED), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")
