"""Who runs again, and what is told together: within one round, and not beyond it."""

from typing import Any

from anchor_session import Change, Effect, batch, session, subscribe


def test_changes_of_two_rounds_are_heard_one_by_one() -> None:
    state: Any = session("s", {"a": 0, "b": 0, "x": 0})
    heard: list[Change] = []

    def change_both(_: Change) -> None:
        state.b = 1
        state.x = 1

    def change_again(_: Change) -> None:
        state.x = 2

    subscribe(state, change_both, path="a")
    subscribe(state, change_again, path="b")
    subscribe(state, heard.append, path="x")
    state.a = 1
    assert [(change.op, change.value) for change in heard] == [("set", 1), ("set", 2)]


def test_equal_text_that_is_another_object_is_no_change() -> None:
    state: Any = session("s", {"text": "".join(["a", "b"]), "n": 10**20})
    read: list[tuple[str, int]] = []
    Effect(lambda: read.append((state["text"], state["n"])))
    with batch():
        state.text, state.n = "x", 0
        state.text, state.n = "".join(["a", "b"]), int("1" + 20 * "0")
    assert read == [("ab", 10**20)]
