"""A state that nearly fills an area, in real tabs: nothing is refused, and it takes what it holds."""

from collections.abc import Iterator

import pytest

from e2e.conftest import OpenBrowser
from e2e.harness import PATIENCE_MS
from e2e.tabs import Tabs, agreed, wait_rest

PEAK = """() => {
  window.peak = 0;
  const setItem = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, text) {
    setItem.call(this, key, text);
    let taken = 0;
    for (const each of Object.keys(localStorage))
      if (each.includes("://album@")) taken += each.length + localStorage[each].length;
    window.peak = Math.max(window.peak, taken);
  };
}"""


@pytest.fixture
def tabs(open_browser: OpenBrowser) -> Iterator[Tabs]:
    tabs = Tabs(open_browser(), count=2)
    yield tabs
    tabs.clear()


@pytest.mark.parametrize(
    ("kind", "count", "writing", "size"),
    [
        ("persistent", 1, 1, 600_000),
        ("persistent", 2, 1, 600_000),
        ("persistent", 2, 2, 400_000),
        ("shared", 2, 2, 400_000),
    ],
)
def test_album_fills_its_area_and_gives_room_back(
    tabs: Tabs, kind: str, count: int, writing: int, size: int
) -> None:
    """Eight texts, 300 small changes, four removals, by one of the tabs or by two in turn; then a reload."""
    opened = f'open_state("{kind}", "album", {{"images": [], "n": 0}})'
    runs = tabs.writers[:count]
    for run in runs:
        run(opened)
        run.page.evaluate(PEAK)
    page, key = runs[0].page, runs[0]("s._root.owner.key")

    def wait(images: int, n: int) -> None:
        agreed(runs, lambda data: (len(data["images"]), data["n"]) == (images, n))

    for number in range(8):
        runs[number % writing](f's["images"].append("{number}" * {size})')
        wait(number + 1, 0)
        page.wait_for_function(  # it is folded: the next one comes about two seconds later
            "([key, length]) => (localStorage[key] ?? '').length > length",
            arg=[key, (number + 1) * size],
            timeout=PATIENCE_MS,
        )
    for number in range(30):
        runs[number % writing]("for _ in range(10): s['n'] += 1")
        wait(8, 10 * (number + 1))
    for number in range(4):
        runs[number % writing]("s['images'].pop(0)")
        wait(7 - number, 300)
    peak = max(run.page.evaluate("window.peak") for run in runs)
    document = wait_rest(page, key)
    expected = {"images": [str(number) * size for number in range(4, 8)], "n": 300}
    assert len(document) < 4 * size + 100
    print(f"\n{kind}, {count} tabs: at most {peak / (8 * size):.2f} of the state's units")
    assert peak <= 2.2 * 8 * size + 65_536
    tabs.fresh(opened)
    assert tabs.fresh("snapshot(s)") == expected
