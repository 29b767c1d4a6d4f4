"""Running code on another host."""

from collections.abc import Iterator
from contextlib import contextmanager

from .. import host
from ..host.protocol import Host


@contextmanager
def use_host(here: Host) -> Iterator[Host]:
    """Let what is opened inside run on `here`, for example one of `tabs(2)`."""
    before = host.use(here)
    try:
        yield here
    finally:
        host.use(before)
