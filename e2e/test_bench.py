"""The benchmark's smallest piece: the libraries load, and what is timed is in storage when it says so."""

from collections.abc import Iterator

import pytest

from e2e.bench.inside.data import SHAPES
from e2e.bench.inside.edits import OPERATIONS, has
from e2e.bench.site import BENCH_MOUNTS, boot_bench
from e2e.conftest import OpenBrowser
from e2e.harness import Interpreter
from web.serve import serve

BATCHES = {"VueUse", "valtio"}
LATE = {
    ("batch", "map"): BATCHES,
    ("batch", "list"): BATCHES,
    ("batch", "tree"): BATCHES,
    ("delete", "list"): {"valtio"},
    ("delete", "tree"): {"valtio"},
    ("front", "list"): {"valtio"},
    ("front", "tree"): {"valtio"},
}


@pytest.fixture(scope="module")
def bench_url() -> Iterator[str]:
    with serve(BENCH_MOUNTS) as server:
        yield server.url


@pytest.fixture(scope="module")
def bench(open_browser: OpenBrowser, bench_url: str) -> Interpreter:
    run = boot_bench(open_browser(base_url=bench_url).new_page(), wheels=False)
    run("from e2e.bench.inside import matrix, subjects")
    return run


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_everyone_stores_the_same_change_in_time(
    bench: Interpreter, operation: str, shape: str
) -> None:
    if not has(operation, shape):
        return
    cell = bench(
        f"await matrix.cell('1 KB', {shape!r}, {operation!r}, 1)"
    )  # raises where one does not
    assert set(cell["late"]) == LATE.get((operation, shape), set())
    assert len(cell["times"]) >= 8
    assert (
        bench("[key for key in window.Object.keys(window.sessionStorage) if key != 'anchor-tab']")
        == []
    )


def test_other_state_in_storage_is_found_out(bench: Interpreter) -> None:
    found = bench("""
        from unittest.mock import patch

        cell = matrix.Cell("1 KB", "map", "append")
        peer = subjects.Peer("zustand")
        try:
            with patch.object(matrix, "expected", return_value={"records": {}}):
                await cell.check(peer)
        except AssertionError as error:
            found = str(error)
        peer.stop()
        found
    """)
    assert found == "zustand: the change is not in storage, or is another one"
