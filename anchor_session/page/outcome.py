"""What happened when a state was opened, and how it stands with its storage."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..errors import AnchorError


class Restored:
    """The answer of `restored(state)`.

    - `outcome`: ``"new"``, ``"restored"``, ``"migrated"``, ``"rejected"`` (the stored text was refused), or
      ``"memory"`` (no Web Storage: nothing outlives the interpreter);
    - `version`: the version of the record that was opened;
    - `rejected`: the text that was refused, None where none was; it is kept under ``{key}#rejected``;
    - `error`: the last error of the storage, or what was wrong with the refused text;
    - `dirty`: whether memory holds what the storage does not;
    - `copied`: whether this tab began as a copy of another; None as long as that is not known.
    """

    __slots__ = ("copied", "dirty", "error", "outcome", "rejected", "version")

    def __init__(self, outcome: str, version: str) -> None:
        self.outcome = outcome
        self.version = version
        self.rejected: str | None = None
        self.error: AnchorError | ValueError | None = None
        self.dirty = False
        self.copied: bool | None = None

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in _ORDER)
        return f"Restored({fields})"


_ORDER = ("outcome", "version", "rejected", "error", "dirty", "copied")
