"""What `each()` takes beside a loop written by hand: ``python -m e2e.bench.lists``.

The loop makes the same elements with as many listeners and shows the same; it follows nothing. Interleaved,
in one page and in one PyScript worker; the median of five.
"""

from statistics import median

from playwright.sync_api import sync_playwright

from e2e.browser import ARGUMENTS, ensure
from e2e.harness import MOUNTS, Kind, boot
from web.serve import serve

SOURCE = """
from time import perf_counter
from pyodide.ffi import create_proxy
from anchor_session import bind, each, leave, session
document = window.document
EVENTS = "input change blur compositionstart compositionend".split()
times = {}

def elements():
    element = document.createElement("li")
    field = document.createElement("input")
    label = document.createElement("span")
    element.append(field, label)
    return element, field, label

def row(card):
    element, field, label = elements()
    bind(field, card, "title")
    bind(label, card, "text")
    return element

proxies = []

def by_hand(card):
    element, field, label = elements()
    field.value = card.title
    label.textContent = card.text
    for name in EVENTS:
        proxy = create_proxy(lambda event: None)
        proxies.append(proxy)
        field.addEventListener(name, proxy)
    return element

def timed(name, do):
    start = perf_counter()
    result = do()
    times.setdefault(name, []).append((perf_counter() - start) * 1000)
    return result

def once(count):
    state = session("lists", {"cards": [{"title": f"title {n}", "text": f"text {n}"} for n in range(count)]})
    cards = state.cards
    parent = document.createElement("ul")
    document.body.append(parent)
    stop = timed("first render", lambda: each(parent, cards, row))
    timed("one key of one item", lambda: cards[count // 2].update(text="new"))
    timed("insert(0)", lambda: cards.insert(0, {"title": "x", "text": "y"}))
    timed("pop(0)", lambda: cards.pop(0))
    timed("append", lambda: cards.append({"title": "x", "text": "y"}))
    timed("reverse", lambda: cards.reverse())
    timed("sort", lambda: cards.sort(key=lambda card: hash(card.title)))
    timed("stop", stop)

    def loop():
        for card in cards:
            parent.append(by_hand(card))

    timed("by hand", loop)
    for proxy in proxies:
        proxy.destroy()
    proxies.clear()
    parent.remove()
    leave(state)
    window.sessionStorage.clear()
"""


ROWS: dict[Kind, int] = {"pyscript": 1000, "worker": 200}
ROUNDS = 5


def main() -> None:
    with serve(MOUNTS) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure(), args=list(ARGUMENTS))
        context = browser.new_context(base_url=server.url)
        for kind, count in ROWS.items():
            run = boot(context.new_page(), kind, prelude=SOURCE)
            for _ in range(ROUNDS):
                run(f"once({count})")
            found = {name: median(each) for name, each in run("times").items()}
            print(f"{kind}, {count} rows")
            for name, time in found.items():
                print(f"  {name:22} {time:10.1f} ms")
            ratio = found["first render"] / found["by hand"]
            print(f"  first render is {ratio:.2f} of the loop by hand")


if __name__ == "__main__":
    main()
