"""A state that nearly fills an area, in real tabs: nothing is refused, and it takes what it holds."""

from collections.abc import Iterator

import pytest

from e2e.conftest import OpenBrowser
from e2e.harness import PATIENCE_MS
from e2e.tabs import Tabs, agreed, wait_rest

SIZE = 400_000
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


@pytest.mark.parametrize(("kind", "count"), [("persistent", 1), ("persistent", 2), ("shared", 2)])
def test_album_fills_its_area_and_gives_room_back(tabs: Tabs, kind: str, count: int) -> None:
    """Eight texts, 300 small changes, four removals, by one tab or by two in turn; then a reload."""
    opened = f'open_state("{kind}", "album", {{"images": [], "n": 0}})'
    writers = tabs.writers[:count]
    for run in writers:
        run(opened)
        run.page.evaluate(PEAK)
    page, key = writers[0].page, writers[0]("s._root.owner.key")

    def wait(images: int, n: int) -> None:
        agreed(writers, lambda data: (len(data["images"]), data["n"]) == (images, n))

    for number in range(8):
        writers[number % count](f's["images"].append("{number}" * {SIZE})')
        wait(number + 1, 0)
        page.wait_for_function(  # it is folded: the next one comes about two seconds later
            "([key, length]) => (localStorage[key] ?? '').length > length",
            arg=[key, (number + 1) * SIZE],
            timeout=PATIENCE_MS,
        )
    for number in range(30):
        writers[number % count]("for _ in range(10): s['n'] += 1")
        wait(8, 10 * (number + 1))
    for number in range(4):
        writers[number % count]("s['images'].pop(0)")
        wait(7 - number, 300)
    peak = max(run.page.evaluate("window.peak") for run in writers)
    document = wait_rest(page, key)
    expected = {"images": [str(number) * SIZE for number in range(4, 8)], "n": 300}
    assert len(document) < 4 * SIZE + 100
    print(f"\n{kind}, {count} tabs: at most {peak / (8 * SIZE):.2f} of the state's units")
    assert peak <= 2.2 * 8 * SIZE + 65_536
    tabs.fresh(opened)
    assert tabs.fresh("snapshot(s)") == expected
