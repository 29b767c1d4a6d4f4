"""The note of doors' Session and Instance Storage on threads, which a page has not."""

from threading import Thread
from typing import Any

from anchor_session import (
    instance_load,
    instance_remove,
    instance_save,
    session_load,
    session_remove,
    session_save,
)
from tests.support import rows


@rows(
    ("save", "load", "remove"),
    [
        (session_save, session_load, session_remove),
        (instance_save, instance_load, instance_remove),
    ],
)
def test_threads_may_save_load_and_remove_at_once(save: Any, load: Any, remove: Any) -> None:
    """Notes, thread-safety: what each save and remove gives forms one history."""
    given: list[Any] = []

    def work(number: int) -> None:
        for n in range(100):
            save(number, n)
            assert load(number) == n
            given.append(save("common", (number, n)))
        given.append(remove("common"))
        assert remove(number) == 99

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = sorted(tuple(value) for value in given if value is not None)
    assert found == [(number, n) for number in range(8) for n in range(100)]
