"""Removes what browser sessions of the past have left in `localStorage`.

A session is past when no document holds its lock and it was last in use more than a day ago; where nobody
can tell who holds a lock, thirty days. What has no note of its last use gets one first.
"""

import re

from .session_numbers import LAST_USE, is_number, lock_name, put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...host.area import Area
    from ...host.protocol import Host

DAY = 24 * 60 * 60 * 1000  # milliseconds
_UNKNOWN = 30 * DAY  # where nobody can tell whether a tab is still there

_DATA = re.compile("anchor-(?:scope|shared):([0-9]+)://")


def sweep(here: "Host", local: "Area", own: str) -> None:
    """Remove every past session but `own`; nothing else is touched."""
    now = here.now() // 1000
    last_uses: dict[str, int] = {}
    for id in sorted(_ids(local) - {own}):
        last_use = _last_use(local, id, now)
        if last_use is None:
            put(local, f"{LAST_USE}{id}", str(now))
        elif now - last_use > DAY:
            last_uses[id] = last_use

    def remove(held: "set[str] | None") -> None:
        for id, last_use in last_uses.items():
            is_past = now - last_use > _UNKNOWN if held is None else lock_name(id) not in held
            # A tab that was restored in the meantime has noted that, and may have no lock yet.
            if is_past and _last_use(local, id, now) == last_use:
                _remove(local, id)

    if last_uses:
        here.held(remove)


def _ids(local: "Area") -> "set[str]":
    found = set()
    for key in local.keys("anchor-"):
        data = _DATA.match(key)
        id = key[len(LAST_USE) :] if key.startswith(LAST_USE) else data and data.group(1)
        if id is not None and is_number(id):
            found.add(id)
    return found


def _last_use(local: "Area", id: str, now: int) -> "int | None":
    """None where there is no time, or none that can be."""
    text = local.get(f"{LAST_USE}{id}")
    if text is None or not is_number(text) or int(text) > now + DAY:
        return None
    return int(text)


def _remove(local: "Area", id: str) -> None:
    """The note of its last use goes last: what a crash leaves is swept the next time."""
    for prefix in (f"anchor-scope:{id}://", f"anchor-shared:{id}://"):
        for key in local.keys(prefix):
            local.remove(key)
    local.remove(f"{LAST_USE}{id}")
