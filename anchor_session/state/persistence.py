"""`Persistence`: under which key of which area a `State` is kept, and how often it is written."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


class Persistence:
    """Where a `State` is kept.

    `name` is the storage key itself, with nothing put before it; a list of names is joined with ``/``.

    - `validate`: called with the stored data as a `dict`. What it returns false for, or raises at, is moved
      to ``{name}#rejected`` with a `StorageWarning`, and the state starts from its initial value.
    - `area`: ``"session"`` (this tab), ``"local"`` (this browser) or any object with `getItem`, `setItem`
      and `removeItem`.
    - `interval`: seconds between two writes at least. The last change is always written: at the end of the
      interval, when the page goes away, and at `dispose`. None writes each change before its statement
      returns; so does a PyScript worker, which hears too late that its page goes away.
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
        interval: "float | None" = None,
        sync_tabs: bool = False,
    ) -> None:
        names = [name] if isinstance(name, str) else name
        if not isinstance(names, (list, tuple)) or not all(isinstance(each, str) for each in names):
            raise TypeError(f"a name is text or a list of text, not {name!r}")
        if not names or not all(names):
            raise ValueError(f"a name, and each part of one, has at least a character: {name!r}")
        if validate is not None and not callable(validate):
            raise TypeError(f"validate is a function, not {type(validate).__name__}")
        if isinstance(area, str) and area not in ("session", "local"):
            raise ValueError(f'area is "session", "local" or an object, not {area!r}')
        check_seconds("interval", interval)
        self.name = name
        self.key = "/".join(names)
        self.validate = validate
        self.area = area
        self.interval = interval
        self.sync_tabs = sync_tabs

    def beside(
        self, name: str, *, validate: "Callable[[dict[str, Any]], object] | None" = None
    ) -> "Persistence":
        """The same for another state, whose name is this one and one more."""
        return Persistence(
            [self.key, name],
            validate=validate,
            area=self.area,
            interval=self.interval,
            sync_tabs=self.sync_tabs,
        )

    def __repr__(self) -> str:
        return f"Persistence({self.key!r}, area={self.area!r})"


def check_seconds(name: str, seconds: "Any") -> None:
    """Raise for what is no length of time."""
    if seconds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"{name} is a number of seconds, not {seconds!r}")
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{name} is a number of seconds from 0, not {seconds!r}")
