"""Files that are written whole: a reader finds the old text or the new one, whatever happens between.

A text goes to a temporary file beside its place, to the disk, and then by one rename over the old file.
Whoever renames holds the directory's lock with others; whoever removes a file for what he read in it holds
it alone, so that he never removes a newer one. The locks are `flock` on the directory itself: they end
with the process, and no file is needed for them.
"""

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ABANDONED = 3600.0
"""Seconds after which a temporary file belongs to nobody: its process was killed while it wrote."""

UNREADABLE = (errno.EACCES, errno.EPERM, errno.EISDIR, errno.ELOOP, errno.EIO, errno.ENXIO)
"""The file is there and cannot be read; anything else (no descriptors left, say) is the system's failure."""

_TEMPORARY = re.compile(r"\.anchor-[0-9a-f]{16}\.tmp")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # for a reader at a pipe
_BYTES = getattr(os, "O_BINARY", 0)  # Windows
_DIRECTORIES_OPEN = os.name == "posix"
_ALONE = sys.platform == "emscripten"  # one process, one thread


def write_whole(path: "str | os.PathLike[str]", text: str) -> None:
    """Replace the file by one that holds the text in UTF-8, or leave it as it was and raise `OSError`.

    When it returns, the text is on the disk. A directory that is not there is made, for its owner alone,
    as files are. A link at the place is replaced, not followed.
    """
    path = Path(path)
    temporary, descriptor = _new_temporary(path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(descriptor)
        with _opened_directory(path.parent) as directory:
            with _locked(directory):
                temporary.replace(path)
            _sync(directory)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_file(path: "str | os.PathLike[str]", size: int = -1) -> bytes:
    """The file's bytes, `size` of them at most; a link, a directory or a pipe raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | _BYTES | _NO_LINK | _NO_WAITING)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EISDIR, "it is no regular file", os.fspath(path))
        return file.read(size) or b""


def remove_file(path: "str | os.PathLike[str]") -> None:
    """Remove the file, if it is there, from the disk too."""
    path = Path(path)
    try:
        path.unlink()
    except FileNotFoundError:
        return
    with _opened_directory(path.parent) as directory:
        _sync(directory)


def remove_if(path: "str | os.PathLike[str]", is_over: "Callable[[], bool]") -> bool:
    """Remove the file if `is_over()`, which reads it, says so while nobody can replace it.

    Returns whether it went. It stays where the system has no such lock, where another holds it at this
    moment, and where this process may not remove it.
    """
    path = Path(path)
    try:
        with _opened_directory(path.parent) as directory, _locked_alone(directory) as is_alone:
            if not (is_alone and is_over()):
                return False
            path.unlink()
    except OSError:
        return False
    return True


def names_in(directory: "str | os.PathLike[str]") -> "list[str]":
    """The names of what lies in a directory."""
    with os.scandir(directory) as entries:
        return [entry.name for entry in entries]


def is_abandoned(path: "str | os.PathLike[str]", now: float) -> bool:
    """Whether this is a temporary file that a killed process left; `now` is the time of the file system.

    One that is still being written an hour later is taken for one: its writer then raises.
    """
    path = Path(path)
    if _TEMPORARY.fullmatch(path.name) is None:
        return False
    try:
        return now - path.lstat().st_mtime > ABANDONED
    except FileNotFoundError:
        return False


def folds_case(directory: "str | os.PathLike[str]") -> bool:
    """Whether the file system takes names that differ in case alone for one. The directory is made."""
    temporary, descriptor = _new_temporary(Path(directory))
    try:
        os.close(descriptor)
        return temporary.with_name(temporary.name.upper()).exists()
    finally:
        temporary.unlink(missing_ok=True)


def _new_temporary(directory: Path) -> "tuple[Path, int]":
    path = directory / f".anchor-{token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BYTES
    try:
        return path, os.open(path, flags, 0o600)
    except FileNotFoundError:
        make_directory(directory)
        return path, os.open(path, flags, 0o600)


def make_directory(directory: Path) -> None:
    """Make it and what it lies in, on the disk too, for the owner alone."""
    if not directory.parent.exists():
        make_directory(directory.parent)
    try:
        directory.mkdir(0o700)
    except FileExistsError:
        return
    with _opened_directory(directory.parent) as parent:
        _sync(parent)


@contextmanager
def _opened_directory(directory: Path) -> "Iterator[int | None]":
    """A descriptor, or None where directories cannot be opened (Windows)."""
    if not _DIRECTORIES_OPEN:
        yield None
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _sync(directory: "int | None") -> None:
    if directory is None:
        return
    try:
        os.fsync(directory)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that cannot sync a directory
            raise


@contextmanager
def _locked(directory: "int | None") -> "Iterator[None]":
    """Hold the lock with others; where there is none, nothing is ever removed for what was read in it."""
    if fcntl is None or directory is None or _ALONE:
        yield
        return
    try:
        fcntl.flock(directory, fcntl.LOCK_SH)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        yield
        return
    try:
        yield
    finally:
        fcntl.flock(directory, fcntl.LOCK_UN)


@contextmanager
def _locked_alone(directory: "int | None") -> "Iterator[bool]":
    """Hold the lock alone; gives False where there is none, raises `OSError` where it cannot be had now."""
    if fcntl is None or directory is None or _ALONE:
        yield _ALONE
        return
    fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield True
    finally:
        # To close the descriptor would not do: a process forked meanwhile has it too, and keeps the lock.
        fcntl.flock(directory, fcntl.LOCK_UN)


# What network file systems answer that cannot lock a directory.
_NO_LOCKS = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
