"""What the tab keeps: the order, and beside it, where undo does not reach, what the customer looks at."""

from dataclasses import dataclass, field
from typing import Any

from .order import Order


@dataclass
class View:
    """The field that was last used, the caret in it, how far the page is scrolled."""

    field: str = ""
    caret: int | None = None
    scroll: int = 0
    is_exact: bool = False
    reloads: int = 0


@dataclass
class Visit:
    order: Order = field(default_factory=Order)
    view: View = field(default_factory=View)


def from_first_release(old: dict[str, Any]) -> dict[str, Any]:
    """Version 1.0.0 had the view among the parts of the order, and dates that were not text."""
    old["delivery"]["day"] = iso_text(old["delivery"].pop("date"))
    old["placed"] = iso_text(old["placed"])
    view = old.pop("view")
    return {"order": old, "view": view}


def iso_text(moment: Any) -> str:
    return "" if moment is None else moment.isoformat()
