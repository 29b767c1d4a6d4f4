"""What a document has once, for as long as it lives: its browser session, its two scopes.

One of each a host; `give_up_all()` ends them, as the end of the document does.
"""

from ... import host
from ...reactive.threads import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol, TypeVar

    from ...host.protocol import Host

    class Single(Protocol):
        """Something that a document has once."""

        def give_up(self) -> None:
            """Listen to nothing more and hold nothing more."""

    K = TypeVar("K", bound=Single)

_kept: "dict[Host, dict[Callable[[], Any], Any]]" = {}


def once_per_page(make: "Callable[[], K]") -> "K":
    """What `make` made for this document, at the first call."""
    here = host.current()
    try:
        found: K = _kept[here][make]
    except KeyError:
        found = _made(here, make)
    return found


@whole
def _made(here: "Host", make: "Callable[[], Any]") -> "Any":
    things = _kept.setdefault(here, {})
    if make not in things:
        things[make] = make()
    return things[make]


@whole
def give_up_all() -> None:
    """End everything that is kept, of every host: what was made later, first."""
    for things in _kept.values():
        for thing in reversed(list(things.values())):
            thing.give_up()
    _kept.clear()
