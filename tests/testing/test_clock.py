"""`ManualClock`: time passes when the test says so."""

from anchor_session.testing import ManualClock


def test_each_reading_is_later() -> None:
    clock = ManualClock(10)
    assert [clock.now(), clock.now()] == [11, 12]


def test_clock_without_tick_stands_still() -> None:
    clock = ManualClock(10, tick=0)
    assert [clock.now(), clock.now()] == [10, 10]


def test_seconds_pass() -> None:
    clock = ManualClock(10, tick=0)
    clock.advance(1.5)
    assert clock.now() == 1_500_010


def test_clock_can_be_set_back() -> None:
    clock = ManualClock(10_000_000, tick=0)
    clock.advance(-1)
    assert clock.now() == 9_000_000


def test_what_falls_due_runs_at_its_time() -> None:
    clock = ManualClock(0, tick=0)
    ran: list[tuple[str, int]] = []
    clock.call(2, lambda: ran.append(("b", clock.now())))
    clock.call(1, lambda: clock.call(0.5, lambda: ran.append(("a", clock.now()))))
    clock.call(4, lambda: ran.append(("later", clock.now())))
    clock.advance(3)
    assert (ran, clock.now()) == ([("a", 1_500_000), ("b", 2_000_000)], 3_000_000)


def test_run_is_for_what_is_due_and_owned() -> None:
    clock = ManualClock(0)
    ran: list[str] = []
    clock.call(0, lambda: ran.append("mine"), owner="me")
    clock.call(0, lambda: ran.append("other"), owner="you")
    clock.call(1, lambda: ran.append("later"), owner="me")
    clock.run("me")
    assert ran == ["mine"]


def test_cancelled_call_does_not_run() -> None:
    clock = ManualClock(0)
    ran: list[str] = []
    clock.call(0, lambda: ran.append("x"))()
    clock.advance(1)
    assert ran == []
