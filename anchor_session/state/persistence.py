"""`Persistence`: under which key of which area a `State` is kept, and how often it is written."""

from ..errors import StorageWarning, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta
    from typing import Any

_SHORT = 60
"""Seconds: a longer time that is a plain number may have been meant as milliseconds."""

_LONGEST = 86_400 * 999_999_999
"""Seconds: the longest `timedelta`."""


class Persistence:
    """Where a `State` is kept.

    `name` is the storage key itself, with nothing put before it; a list of names is joined with ``/``
    (``["", "0", "app"]`` is ``/0/app``).

    - `validate`: called with the stored data as a `dict`. What it returns false for, or raises at, is moved
      to ``{name}#rejected`` with a `StorageWarning`, and the state starts from its initial value. What others
      have stored since is not taken over then, and is moved when the state is stored the next time.
    - `area`: ``"session"`` (this tab), ``"local"`` (this browser) or any object with `getItem`, `setItem`
      and `removeItem`.
    - `interval`: seconds, or a `timedelta`, between two writes at least. The last change is always written:
      at the end of the interval, when the page is hidden or goes away, and at `dispose`. None writes each
      change before its statement returns; so does a PyScript worker, which hears too late that its page goes
      away. A number above 60 is asked about by a `StorageWarning`: elsewhere such options are milliseconds.
    - `sync_tabs`: whether changes of other tabs are taken over as they are made; both tabs' changes are
      merged. Without it the tab that writes last wins whole. Frames and workers of one tab, which share
      ``"session"``, always follow each other.

    Raises `TypeError` or `ValueError` for options that are none.
    """

    __slots__ = ("area", "interval", "key", "name", "sync_tabs", "validate")

    def __init__(
        self,
        name: "str | Sequence[str]",
        *,
        validate: "Callable[[dict[str, Any]], object] | None" = None,
        area: "Any" = "session",
        interval: "float | timedelta | None" = None,
        sync_tabs: bool = False,
    ) -> None:
        names = [name] if isinstance(name, str) else name
        if not isinstance(names, (list, tuple)) or not all(isinstance(each, str) for each in names):
            raise TypeError(f"a name is text or a list of text, not {name!r}")
        key = "/".join(names)
        if not key:
            raise ValueError(f"a name has at least a character, as in 'app': {name!r}")
        if validate is not None and not callable(validate):
            raise TypeError(f"validate is a function, not {type(validate).__name__}")
        if isinstance(area, str) and area not in ("session", "local"):
            raise ValueError(f'area is "session", "local" or an object, not {area!r}')
        self.name = name
        self.key = key
        self.validate = validate
        self.area = area
        self.interval = to_seconds("interval", interval)
        self.sync_tabs = sync_tabs

    def beside(
        self, name: str, *, validate: "Callable[[dict[str, Any]], object] | None" = None
    ) -> "Persistence":
        """The same for another state, whose name is this one and one more."""
        other = Persistence(
            [self.key, name], validate=validate, area=self.area, sync_tabs=self.sync_tabs
        )
        other.interval = self.interval
        return other

    def __repr__(self) -> str:
        return f"Persistence({self.key!r}, area={self.area!r})"


def to_seconds(option: str, time: "float | timedelta | None") -> "float | None":
    """The time in seconds, None for none. Raises `TypeError` or `ValueError` for what is no length of time.

    Warns of a number that looks like milliseconds.
    """
    if time is None:
        return None
    # `datetime` is not loaded for this: who has a timedelta has it.
    is_plain = not hasattr(type(time), "total_seconds")
    if is_plain and (isinstance(time, bool) or not isinstance(time, (int, float))):
        raise TypeError(f"{option} is a number of seconds or a timedelta, not {time!r}")
    seconds: float = time if is_plain else time.total_seconds()  # type: ignore[assignment, union-attr]
    if not 0 <= seconds <= _LONGEST:
        raise ValueError(
            f"{option} is 0 seconds or more, and no more than {_LONGEST}, not {time!r}"
        )
    if is_plain and seconds > _SHORT:
        warn(
            f"{option}={seconds!r}: {seconds!r} seconds? the unit is seconds; write {seconds / 1000!r} for "
            f"{seconds!r} milliseconds, or timedelta(seconds={seconds!r}) if it is meant",
            StorageWarning,
        )
    return seconds
