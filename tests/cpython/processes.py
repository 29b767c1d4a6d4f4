"""Work done by several processes at the same moment."""

import os
import traceback
from collections.abc import Callable


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
