"""Work done by several processes at the same moment."""

import os
import signal
import traceback
from collections.abc import Callable


def times(few: int, many: int) -> int:
    """How often a test by chance is made: few times, or many where `ANCHOR_TESTS=all` is set."""
    return many if os.environ.get("ANCHOR_TESTS") == "all" else few


def killed(work: "Callable[[], object]") -> bool:
    """Run it in a process of its own; whether that was killed, by itself or by another, before its end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:  # noqa: BLE001 - it is shown, and the status tells it
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"a process ended with status {status}"
    return status != 0


def at_once(count: int, work: "Callable[[int], None]") -> None:
    """Run `work(0)`, `work(1)` ... in a process each, all begun together; what fails in one fails here."""
    gate, opener = os.pipe()
    children: dict[int, int] = {}
    for number in range(count):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(opener)
                os.read(gate, 1)  # until every process is there
                work(number)
                status = 0
            except BaseException:  # noqa: BLE001 - it is told to the parent
                os.write(writer, traceback.format_exc()[-4000:].encode())
            finally:
                os._exit(status)
        os.close(writer)
        children[child] = reader
    os.close(gate)
    os.close(opener)
    failures = []
    for child, reader in children.items():
        with os.fdopen(reader) as said:
            failure = said.read()
        _, status = os.waitpid(child, 0)
        if status != 0:
            failures.append(failure or f"a process ended with status {status}")
    assert failures == [], "\n".join(failures)
