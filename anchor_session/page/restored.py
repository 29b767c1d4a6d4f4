"""What happened when a state was opened, and how it stands with its storage."""

from ..errors import StorageUnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..errors import AnchorError
    from ..host.area import Area
    from ..host.protocol import Host


class Restored:
    """The answer of `restored(state)`.

    - `outcome`: ``"new"``, ``"restored"``, ``"migrated"``, ``"rejected"`` (the stored text was refused), or
      ``"memory"`` (no Web Storage: nothing outlives the interpreter);
    - `version`: the version of the record that was opened;
    - `rejected`: the text that was refused, None where none was; it is kept under ``{key}#rejected``;
    - `error`: the last error of the storage, or what was wrong with the refused text;
    - `dirty`: whether memory holds what the storage does not;
    - `copied`: whether this tab began as a copy of another (duplicated, or opened by `window.open`): None as
      long as that is not known, half a second at most after the first state was opened. Then the states of
      `session()` were copied with it. Of states elsewhere it is False.
    """

    __slots__ = ("_area", "_here", "dirty", "error", "outcome", "rejected", "version")

    def __init__(self, outcome: str, version: str) -> None:
        self.outcome = outcome
        self.version = version
        self.rejected: str | None = None
        self.error: AnchorError | ValueError | None = None
        self.dirty = False
        self._here: Host | None = None
        self._area: Area | None = None

    def open_in(self, here: "Host", area: "Area") -> None:
        """Note where the state is open."""
        self._here = here
        self._area = area

    def begin_again(self, other: "Restored") -> None:
        """Say what the other one says of the record."""
        self.outcome, self.version = other.outcome, other.version
        self.rejected, self.error, self.dirty = other.rejected, other.error, other.dirty

    @property
    def copied(self) -> "bool | None":
        if self._here is None or self._area is None or self.outcome == "memory":
            return False
        if self._here.copied is False or not is_of_tab(self._area, self._here):
            return False
        return self._here.copied

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in _ORDER)
        return f"Restored({fields})"


_ORDER = ("outcome", "version", "rejected", "error", "dirty", "copied")


def is_of_tab(area: "Area", here: "Host") -> bool:
    """Whether the area is the tab's own, which is copied with it."""
    try:
        return area.is_same(here.area("session"))
    except StorageUnavailableError:
        return False
