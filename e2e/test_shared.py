"""Tabs that change one state at the same moment: nothing is lost, and all come to the same state."""

from collections.abc import Iterator

import pytest

from e2e.conftest import OpenBrowser
from e2e.tabs import Tabs, Times, spread

CHANGES = 300
LAYOUTS = ["auto", "document", "journal"]
KINDS = [("shared", "auto"), *[("persistent", layout) for layout in LAYOUTS]]
ALL_KEYS = {f"{me}-{n}" for me in range(3) for n in range(CHANGES)} | {"common"}
LAST = {f"{me}-{CHANGES - 1}" for me in range(3)}
SET = f"""
def do(n):
    s[f"{{me}}-{{n}}"] = n
    s["common"] = f"{{me}}-{{n}}"

await repeat(do, {CHANGES}, pause)
""".replace("{{", "{").replace("}}", "}")
APPEND = f"""
await repeat(lambda n: s["log"].append(f"{{me}}-{{n}}"), {CHANGES}, pause)
""".replace("{{", "{").replace("}}", "}")


@pytest.fixture(scope="module")
def tabs(open_browser: OpenBrowser) -> Tabs:
    context = open_browser()
    return Tabs(context)


@pytest.fixture(autouse=True)
def clean(tabs: Tabs) -> Iterator[None]:
    yield
    tabs.clear()


def set_at_once(tabs: Tabs, opened: str, *, pause: float = 0, is_open: bool = True) -> Times:
    """One run: the state is opened before the start, or at it."""
    if is_open:
        tabs.each(opened)
    start = "" if is_open else opened
    writes = tabs.at_once(f"{start}\npause = {pause}\n{SET}")
    found = tabs.agreed(lambda data: data.keys() == ALL_KEYS)
    assert all(found[f"{me}-{n}"] == n for me in range(3) for n in range(CHANGES))
    assert found["common"] in LAST
    tabs.fresh(opened)
    assert tabs.fresh("snapshot(s)") == found
    return tabs.times([each / 2 for each in writes])


def append_at_once(tabs: Tabs, opened: str, *, pause: float = 0) -> Times:
    tabs.each(opened)
    writes = tabs.at_once(f"pause = {pause}\n{APPEND}")
    found = tabs.agreed(lambda data: len(data["log"]) >= 3 * CHANGES)["log"]
    assert len(found) == len(set(found)) == 3 * CHANGES
    for me in range(3):
        own = [each for each in found if each.startswith(f"{me}-")]
        assert own == [f"{me}-{n}" for n in range(CHANGES)]
    tabs.fresh(opened)
    assert tabs.fresh("snapshot(s)") == {"log": found}
    return tabs.times(writes)


def test_keys_set_at_full_speed_are_all_there_twenty_times(tabs: Tabs) -> None:
    times = []
    for number in range(20):
        opened = f'open_state("shared", "full-{number}", {{"common": ""}})'
        times.append(set_at_once(tabs, opened, is_open=number % 2 == 0))
        tabs.clear()
    print(f"\n3 tabs, {CHANGES} keys each and a common one, 20 times: {spread(times)}")


@pytest.mark.parametrize(("kind", "layout"), KINDS)
def test_keys_set_at_full_speed_are_all_there_in_every_layout(
    tabs: Tabs, kind: str, layout: str
) -> None:
    times = []
    for number in range(3):
        opened = f'open_state("{kind}", "l-{number}", {{"common": ""}}, layout="{layout}")'
        times.append(set_at_once(tabs, opened, is_open=number % 2 == 0))
        tabs.clear()
    print(f"\nkeys, {kind}, {layout}: {spread(times)}")


def test_items_appended_to_a_state_of_a_megabyte_are_all_there(tabs: Tabs) -> None:
    opened = 'open_state("shared", "heavy", {"log": [], "pad": "x" * 1_000_000})'
    tabs.each(opened)
    tabs.at_once(f"pause = 0.001\n{APPEND}")
    found = tabs.agreed(lambda data: len(data["log"]) >= 3 * CHANGES)["log"]
    assert len(found) == len(set(found)) == 3 * CHANGES
    tabs.fresh(opened)
    assert tabs.fresh("snapshot(s)['log']") == found


@pytest.mark.parametrize(("kind", "layout"), KINDS)
def test_keys_set_once_a_millisecond_are_all_there(tabs: Tabs, kind: str, layout: str) -> None:
    opened = f'open_state("{kind}", "slow", {{"common": ""}}, layout="{layout}")'
    times = set_at_once(tabs, opened, pause=0.001)
    print(
        f"\nkeys, one a millisecond, {kind}, {layout}: settled {times.settle:.0f} ms after the last"
    )


@pytest.mark.parametrize("pause", [0, 0.001])
@pytest.mark.parametrize(("kind", "layout"), KINDS)
def test_appends_to_a_list_are_all_there_in_the_order_of_each_tab(
    tabs: Tabs, kind: str, layout: str, pause: float
) -> None:
    opened = f'open_state("{kind}", "log", {{"log": []}}, layout="{layout}")'
    times = append_at_once(tabs, opened, pause=pause)
    print(f"\nappends, {kind}, {layout}, pause {pause}: {spread([times])}")
