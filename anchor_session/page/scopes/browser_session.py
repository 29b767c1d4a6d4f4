"""Which browser session this document is in: a number that all its tabs know.

| where | key | what |
| --- | --- | --- |
| session cookie | `anchor-session`, and the port if there is one | the number, until the browser is closed |
| `sessionStorage` | `anchor-browser` | the number; after a crash it is there still, the cookie is not |
| `localStorage` | `anchor-browser` | the newest number that was given |
| `localStorage` | `anchor-browser:{number}` | when it was last in use, in milliseconds |

Numbers follow each other, for two first tabs that begin at once: either finds no cookie and takes the number
after the newest, which is the same one, so nobody has to wait for the other. What was given is looked up
before the cookie, and the cookie is written before what was given: who sees a number finds its cookie.
(Random ids need a lock, and Web Locks are granted in a later task.)

A tab restored after a crash and a fresh one that begin at once may differ until either is loaded again: then
the cookie decides.
"""

from ... import host
from ...errors import (
    StorageUnavailableError,
    StorageUnavailableWarning,
    StorageWarning,
    warn,
)
from ...host.memory import nothing
from ..areas import find_area
from .once import once_per_page
from .session_numbers import LAST_USE, is_number, lock_name, put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...host.area import Area
    from ...host.protocol import Host

COOKIE = "anchor-session"
NEWEST = "anchor-browser"
ALONE = "0"
"""The id where no other tab can share the session; numbers begin at 1."""

_AGAIN = 3600  # seconds between two notes of the last use


class BrowserSession:
    """The session of one document.

    `id` is its number as text. `area` is where its data lies: `localStorage`, which all tabs share. Where
    that or cookies are refused it is this tab's `sessionStorage`, or memory, and `is_shared` is false;
    `unavailable` is why it has to be memory.
    """

    __slots__ = ("_endings", "area", "id", "is_shared", "unavailable")

    def __init__(
        self,
        id: str,
        area: "Area",
        *,
        is_shared: bool,
        unavailable: "StorageUnavailableError | None" = None,
    ) -> None:
        self.id = id
        self.area = area
        self.is_shared = is_shared
        self.unavailable = unavailable
        self._endings: list[Callable[[], None]] = []

    def scope_prefix(self) -> str:
        """What the keys of the session scope begin with."""
        return f"anchor-scope:{self.id}://"

    def shared_prefix(self) -> str:
        """What the keys of shared states begin with."""
        return f"anchor-shared:{self.id}://"

    def stay(self, here: "Host") -> None:
        """Be present until given up, and see to what sessions of the past have left."""
        self._endings = [
            here.hold(lock_name(self.id)),
            here.when_idle(lambda: self._sweep(here)),
            here.on_page_show(self._note_in_tab) if here.is_prerendering else nothing,
            nothing,
        ]
        self._note_use(here)

    def _note_in_tab(self) -> None:
        """In the tab's own area: what was noted before the page was shown was in a copy."""
        tab, error = find_area("session")
        if error is None:
            _put_in_tab(tab, self.id)

    def _sweep(self, here: "Host") -> None:
        from .sweeping import sweep

        sweep(here, self.area, self.id)

    def _note_use(self, here: "Host") -> None:
        _raise_newest(self.area, self.id)
        put(self.area, f"{LAST_USE}{self.id}", str(here.now() // 1000))
        self._endings[-1] = here.after(_AGAIN, lambda: self._note_use(here))

    def give_up(self) -> None:
        for end in self._endings:
            end()
        self._endings = []


def enter() -> BrowserSession:
    """The browser session of this document, entered at the first call.

    Warns where no other tab can share it.
    """
    return once_per_page(_enter)


def _enter() -> BrowserSession:
    here = host.current()
    local, refusal = find_area("local")
    if refusal is None:
        id = _join(here, local)
        if id is not None:
            found = BrowserSession(id, local, is_shared=True)
            found.stay(here)
            return found
        refusal = StorageUnavailableError("cookies are refused")
    area, error = find_area("session")
    if error is None:
        warn(f"the session scope is this tab's alone: {refusal}", StorageWarning)
        return BrowserSession(ALONE, area, is_shared=False)
    if not here.has_warned:
        here.has_warned = True
        warn(
            "the session scope is this tab's alone, in memory, and will not survive a reload: "
            f"{refusal}",
            StorageUnavailableWarning,
        )
    memory, _ = find_area(here.memory("local"))
    return BrowserSession(ALONE, memory, is_shared=False, unavailable=error)


def _join(here: "Host", local: "Area") -> "str | None":
    """The number of the session; None where cookies are refused."""
    tab, error = find_area("session")
    id = _cookie(here)
    if id is None:
        following = _following(local)
        id = _cookie(here)  # again: whoever wrote what was just read had written it before
    if id is None:
        before = tab.get(NEWEST) if error is None else None
        here.set_cookie(COOKIE, before if before is not None and is_number(before) else following)
        id = _cookie(here)
        if id is None:
            return None
    _raise_newest(local, id)
    if error is None:
        _put_in_tab(tab, id)
    return id


def _put_in_tab(tab: "Area", id: str) -> None:
    """For the tab that is restored when the cookie is lost."""
    if tab.get(NEWEST) != id:
        put(tab, NEWEST, id)


def _cookie(here: "Host") -> "str | None":
    found = here.cookie(COOKIE)
    return found if is_number(found) else None


def _following(local: "Area") -> str:
    """The number after the newest, also where the entry that says so was lost; at the end, the first free."""
    used = [key[len(LAST_USE) :] for key in local.keys(LAST_USE)]
    given = [int(text) for text in used + [local.get(NEWEST) or ""] if is_number(text)]
    following = max(given, default=0) + 1
    if not is_number(str(following)):
        following = 1
        while str(following) in used:
            following += 1
    return str(following)


def _raise_newest(local: "Area", id: str) -> None:
    before = local.get(NEWEST)
    if before is None or not is_number(before) or int(before) < int(id):
        put(local, NEWEST, id)
