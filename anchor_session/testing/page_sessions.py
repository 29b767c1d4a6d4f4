"""States of a page that Playwright drives: laid down before it runs, read and awaited from outside."""

import json
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..host.memory import MemoryArea, MemoryHost
from .hosts import use_host

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A tab's first documents, and those of other sites, have a storage of their own, or none.
_SEED = """(([key, mark, number, text]) => {
  if (window !== window.top) return;
  let area;
  try { area = window.sessionStorage; } catch { return; }
  if (!area || Number(area.getItem(mark)) >= number) return;
  for (const old of Object.keys(area)) if (old.startsWith(key + "#")) area.removeItem(old);
  if (text === null) area.removeItem(key); else area.setItem(key, text);
  area.setItem(mark, String(number));
})"""

_CHANGED = """([key, known]) => {
  const entries = {};
  try {
    for (const name of Object.keys(window.sessionStorage).sort())
      if (name === key || name.startsWith(key + "#")) entries[name] = sessionStorage.getItem(name);
  } catch { return false; }
  const found = JSON.stringify(entries);
  return found !== known && found;
}"""

_POLL_MS = 20


class PageSessions:
    """What `session()` keeps in one page, by the names the page uses: ``"cart"``, ``"cart@2"``."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self._seeds = 0

    def seed(self, name: str, data: Any) -> None:
        """Let the page find this state at its next navigation, and not anew at later ones.

        `data` is what `session` takes as `init`. An entry ``{key}#seeded`` of the page's `sessionStorage`
        tells that it was done: a page that clears its whole storage gets the state again when it is reloaded.
        """
        from .. import leave, session

        area = MemoryArea()
        with use_host(MemoryHost()):
            leave(session(name, data, area=area, layout="document"))
        key = _key(name)
        self._seeds += 1
        values = json.dumps([key, f"{key}#seeded", self._seeds, area.getItem(key)])
        self._page.add_init_script(f"{_SEED}({values});")

    def read(self, name: str) -> dict[str, Any]:
        """The state as it is stored now: what the page would find after a reload, as plain data."""
        found = self._page.evaluate(_CHANGED, [_key(name), None])
        if not found:
            raise RuntimeError(
                f"{self._page.url} has no sessionStorage: navigate to the page first"
            )
        return _load(name, found)

    def wait(
        self,
        name: str,
        predicate: Callable[[dict[str, Any]], object] = bool,
        *,
        timeout: float = 30_000,
    ) -> dict[str, Any]:
        """The state, once `predicate` holds for it; without one, once there is any.

        The page looks whether what is stored differs, and only then is `predicate` asked. The page may be
        reloaded meanwhile. Raises `TimeoutError` after so many milliseconds, with what was there last.
        """
        from playwright.sync_api import TimeoutError as NothingCame

        end = monotonic() + timeout / 1000
        known = None
        while True:
            left = max(1.0, 1000 * (end - monotonic()))
            arguments = [_key(name), known]
            try:
                handle = self._page.wait_for_function(
                    _CHANGED, arg=arguments, polling=_POLL_MS, timeout=left
                )
            except NothingCame as error:
                there = known and _load(name, known)
                message = f"{name!r} was not as awaited within {timeout} ms; it was {there!r}"
                raise TimeoutError(message) from error
            known = handle.json_value()
            data = _load(name, known)
            if predicate(data):
                return data


def _key(name: str) -> str:
    from .. import SessionStorage
    from ..page.names import parse

    name, version, _ = parse(name)
    return SessionStorage.key_for(name, version)


def _load(name: str, entries: str) -> dict[str, Any]:
    """What those entries stand for, as `session` finds it."""
    from .. import leave, session, snapshot

    area = MemoryArea()
    for key, text in json.loads(entries).items():
        area.setItem(key, text)
    with use_host(MemoryHost()):
        state = session(name, area=area)
        leave(state)
        data: dict[str, Any] = snapshot(state)
    return data
