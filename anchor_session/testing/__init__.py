"""What users' tests and our own share: storage without a browser, with its limits and its events."""

from typing import Any

from ..host.memory import MemoryArea
from .browser import Browser, tabs
from .clock import ManualClock
from .hosts import use_host
from .tabs import Tab

__all__ = ["Browser", "ManualClock", "MemoryArea", "Tab", "tabs", "use_host"]


def __getattr__(name: str) -> Any:
    from ..spelling import missing

    raise missing(__name__, name)
