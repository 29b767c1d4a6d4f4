"""The path of a batch is what the paths of its changes begin with, all of them."""

from typing import Any

import pytest

from anchor_session import Change, batch, session, subscribe

PATHS = [
    ("a", "x", "n"),
    ("a", "y", "n"),
    ("a", "x", "m"),
    ("b", "x", "n"),
]


@pytest.mark.parametrize(
    ("numbers", "path"),
    [((0, 2), ("a", "x")), ((0, 1), ("a",)), ((0, 2, 1), ("a",)), ((0, 3), ()), ((1, 2, 3), ())],
)
def test_batch_stands_where_its_paths_part(numbers: tuple[int, ...], path: tuple[str, ...]) -> None:
    state: Any = session("s", {"a": {"x": {}, "y": {}}, "b": {"x": {}}})
    heard: list[Change] = []
    subscribe(state, heard.append)
    with batch():
        for number in numbers:
            first, second, last = PATHS[number]
            state[first][second][last] = number
    assert [(change.op, change.path) for change in heard] == [("batch", path)]
    assert [change.path for change in heard[0].changes] == [PATHS[number] for number in numbers]
