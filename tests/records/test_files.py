"""Files that are written whole."""

import errno
import os
from pathlib import Path
from typing import Any, Self

import pytest

from anchor_session.records.stores.atomic_files import (
    folds_case,
    is_abandoned,
    read_file,
    remove_if,
    write_whole,
)
from tests.support import rows

pytestmark = pytest.mark.both


def names(directory: Path) -> "list[str]":
    return sorted(path.name for path in directory.iterdir())


def test_file_holds_the_text_in_utf_8(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "é😀\r\n")
    assert (tmp_path / "a").read_bytes() == "é😀\r\n".encode()


def test_path_may_be_text(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "a"), "text")
    assert read_file(str(tmp_path / "a")) == b"text"


def test_nothing_else_is_left(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "old")
    write_whole(tmp_path / "a", "new")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "new"


def test_reader_of_the_old_file_goes_on_reading_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "old")
    with (tmp_path / "a").open() as reader:
        write_whole(tmp_path / "a", "new")
        assert reader.read() == "old"


def test_directories_are_made_for_the_owner_alone(tmp_path: Path) -> None:
    write_whole(tmp_path / "b" / "c" / "a", "text")
    for made in (tmp_path / "b", tmp_path / "b" / "c"):
        assert made.stat().st_mode & 0o777 == 0o700


class Full:
    """A file on a disk that is full."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def write(self, content: bytes) -> None:
        refuse()


def refuse(*_: object) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


open_file = os.fdopen
FAULTS: "dict[str, tuple[Any, str, Any]]" = {
    "write": (os, "fdopen", lambda descriptor, mode: Full(open_file(descriptor, mode))),
    "sync": (os, "fsync", refuse),
    "rename": (Path, "replace", refuse),
}


@rows("fault", FAULTS)
def test_step_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: "tuple[Any, str, Any]"
) -> None:
    write_whole(tmp_path / "a", "old")
    with monkeypatch.context() as patch:
        patch.setattr(*fault)
        with pytest.raises(OSError, match="No space left on device"):
            write_whole(tmp_path / "a", "new")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_text_without_a_utf_8_form_leaves_the_old_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "a", "\ud800")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_text_is_on_the_disk_before_its_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        steps.append("directory" if os.fstat(descriptor).st_mode & 0o040000 else "file")
        sync(descriptor)

    def replaced(path: Path, target: Any) -> Path:
        steps.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    write_whole(tmp_path / "a", "text")
    assert steps == ["file", "rename", "directory"]


def test_file_goes_if_it_is_over(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "over")
    assert not remove_if(tmp_path / "a", lambda: False)
    assert names(tmp_path) == ["a"]
    assert remove_if(tmp_path / "a", lambda: (tmp_path / "a").read_text() == "over")
    assert names(tmp_path) == []


def test_only_temporary_files_are_ever_abandoned(tmp_path: Path) -> None:
    for name in ("a.tmp", ".anchor-.tmp", ".anchor-0123456789abcdef.tmp.json", ".tmp"):
        write_whole(tmp_path / name, "")
        assert not is_abandoned(tmp_path / name, 1e12)
    assert not is_abandoned(tmp_path / ".anchor-0123456789abcdef.tmp", 1e12)  # it is not there
    write_whole(tmp_path / ".anchor-0123456789abcdef.tmp", "")
    assert is_abandoned(tmp_path / ".anchor-0123456789abcdef.tmp", 1e12)


def test_case_is_looked_into_without_a_trace(tmp_path: Path) -> None:
    (tmp_path / "probe").write_text("")
    same = (tmp_path / "PROBE").exists()
    (tmp_path / "probe").unlink()
    assert folds_case(tmp_path) == same
    assert names(tmp_path) == []
