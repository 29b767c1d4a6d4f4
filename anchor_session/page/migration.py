"""Turning the record of an older version into one of this version."""

from ..codec import as_stored
from ..errors import MigrationError, StorageWarning, warn
from .areas import record_at
from .record.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..host.area import Area
    from .merging import Data

    Step = Callable[[Data], Data]


_DATA = ("journal.", "edit.", "base.")
"""What keys of entries have behind the ``#``: a record may have no document."""


class Migration:
    """The older versions of a state, oldest first, each with what turns its records into the next one's.

    Without a function a version is only known to be older: its record is removed unread.
    """

    def __init__(
        self,
        migrate: "Step | dict[str, Step] | None",
        previous: "str | None",
        version: str,
        key_for: "Callable[[str], str]",
    ) -> None:
        self._steps: list[tuple[str, str, Step | None]] = []
        self._kept: set[str] = set()  # keys of records that could neither be read nor moved aside
        self._version = version
        self._key = key_for(version)
        if previous is not None and not (isinstance(migrate, dict) and previous in migrate):
            self._steps.append(
                (previous, key_for(previous), migrate if callable(migrate) else None)
            )
        if isinstance(migrate, dict):
            for older, step in migrate.items():
                if older == version or not isinstance(older, str) or not callable(step):
                    raise ValueError(
                        f"migrate maps versions before {version!r} to functions, not {older!r} to {step!r}"
                    )
                self._steps.append((older, key_for(older), step))
        elif callable(migrate):
            if previous is None:
                raise ValueError(
                    f'migrate needs to know which version it starts from: "name@{version}:previous"'
                )
        elif migrate is not None:
            raise ValueError(f"migrate is a function or a dict of them, not {migrate!r}")

    def run(self, area: "Area") -> "tuple[str, str | None, Data] | None":
        """Version, list of deleted names and migrated data of the newest older record; None without one.

        A record that cannot be read is moved aside, or stays where there is no room for that, and the one
        before it counts. Raises `MigrationError` where a step raises, or returns something else than a
        storable dict; nothing has changed then.
        """
        for number in range(len(self._steps) - 1, -1, -1):
            version, key, step = self._steps[number]
            if step is None:
                continue
            record = record_at(area, key)
            try:
                data = record.load()
            except ValueError as error:
                self._put_aside(record, error)
                continue
            if data is None:
                continue
            listed = record.stored[1]
            for older, _, each in self._steps[number:]:
                assert each is not None
                data = _apply(each, data, older, key)
            return version, listed, data
        return None

    def warn_of_others(self, area: "Area") -> bool:
        """Where a state begins as new, name the records of versions that nobody asked for; whether there are.

        A version that was mistyped is not to look like a user who was never here.
        """
        prefix = self._key[: -len(self._version)]
        if not self._key.endswith(f"@{self._version}"):
            return False  # a class of a user's own has other keys
        found = set()
        for key in area.keys(prefix):
            own, mark, beside = key.partition("#")
            version = own[len(prefix) :]
            is_version = version and "@" not in version and ":" not in version
            if is_version and (not mark or beside.startswith(_DATA)):
                found.add(own)
        if not found or any(key in found for _, key, _ in self._steps):
            return False
        from ..keys import label

        asked = " and ".join([repr(version) for version, _, _ in self._steps])
        others = ", ".join([f"`{key}`" for key in sorted(found)])
        warn(
            f"{label(self._key)} starts as new, since neither its version nor {asked} has a record; but "
            f"there is {others}: if its data are meant, name that version as the previous one, with migrate; "
            "until the state is changed nothing is stored",
            StorageWarning,
        )
        return True

    def forget(self, area: "Area") -> None:
        """Remove the records of all older versions."""
        for _, key, _ in self._steps:
            if key not in self._kept:
                record_at(area, key).forget()

    def _put_aside(self, record: Record, error: ValueError) -> None:
        text = record.stored[0]
        assert text is not None
        if not record.put_aside(
            text, f"the record at `{record.key}` could not be migrated ({error})"
        ):
            self._kept.add(record.key)


def _apply(step: "Step", data: "Data", version: str, key: str) -> "Data":
    try:
        result: Any = as_stored(step(data))
    except Exception as error:
        raise MigrationError(
            f"the migration from version {version!r} failed ({error!r}); the record at `{key}` stays",
            version=version,
        ) from error
    if type(result) is not dict:
        raise MigrationError(
            f"the migration from version {version!r} returned {type(result).__name__}, not a dict; the "
            f"record at `{key}` stays as it is",
            version=version,
        )
    found: Data = result
    return found
