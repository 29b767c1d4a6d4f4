"""Every exception and warning the package raises.

    AnchorError
    ├── UnstorableValueError(TypeError)   .path
    ├── SchemaError(ValueError)           .path
    ├── MigrationError                    .version
    ├── DetachedError
    ├── ImmutableError(TypeError)
    ├── CycleError
    ├── StorageError                      .key
    │   ├── QuotaExceededError            .needed .used .largest
    │   ├── StorageUnavailableError
    │   └── StoreClosedError
    ├── RecordCorruptError                .key
    ├── SessionIdError(ValueError)
    ├── SessionNotFoundError              .id
    ├── SessionClosedError                .id
    ├── ProviderError                     .status .body
    └── ServiceError(LookupError)
    AnchorWarning(UserWarning)
    ├── StorageWarning
    └── StorageUnavailableWarning

A class that carries evidence takes it by keyword and keeps it under the same name.
"""

import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType


class AnchorError(Exception):
    """Base of every error of this package."""


class UnstorableValueError(AnchorError, TypeError):
    """A value that could not come back from storage as it went in.

    `path` says where it sits, as in ``$.cart.lines[0]``; ``$`` is the state itself.
    """

    def __init__(self, message: str, *, path: str = "$") -> None:
        super().__init__(message)
        self.path = path


class SchemaError(AnchorError, ValueError):
    """Data that its schema refuses; `path` says where."""

    def __init__(self, message: str, *, path: str = "$") -> None:
        super().__init__(message)
        self.path = path


class MigrationError(AnchorError):
    """A migration that failed; the old record is untouched. `version` is the one it started from."""

    def __init__(self, message: str, *, version: str = "") -> None:
        super().__init__(message)
        self.version = version


class DetachedError(AnchorError):
    """A write through a view whose container is no longer part of the state."""


class ImmutableError(AnchorError, TypeError):
    """A write to a state, or a field, that was declared immutable."""


class CycleError(AnchorError):
    """Callbacks that keep changing what they watch, or computed values that read themselves."""


class StorageError(AnchorError):
    """A storage area that failed; `key` is the key that was being read or written."""

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class QuotaExceededError(StorageError):
    """The area has no room for the text.

    All sizes are UTF-16 code units, keys and values together, as browsers count them: `needed` by the
    refused entry, `used` by the area at that moment (None where the area cannot list its keys),
    `largest` its largest entries as ``(key, units)``, largest first.
    """

    def __init__(
        self,
        message: str,
        *,
        key: str = "",
        needed: int = 0,
        used: "int | None" = None,
        largest: "list[tuple[str, int]] | None" = None,
    ) -> None:
        super().__init__(message, key=key)
        self.needed = needed
        self.used = used
        self.largest = [] if largest is None else largest


class StorageUnavailableError(StorageError):
    """There is no storage here, or a policy of the browser forbids it."""


class StoreClosedError(StorageError):
    """A record store that was used after `close()`."""


class RecordCorruptError(AnchorError):
    """A stored record that cannot be read; it is left as it is. `key` is where it lies."""

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class SessionIdError(AnchorError, ValueError):
    """A session id that is malformed, or none that was free."""


class SessionNotFoundError(AnchorError):
    """No conversation is stored under `id`."""

    def __init__(self, message: str, *, id: str = "") -> None:
        super().__init__(message)
        self.id = id


class SessionClosedError(AnchorError):
    """The conversation `id` was used after `close()`."""

    def __init__(self, message: str, *, id: str = "") -> None:
        super().__init__(message)
        self.id = id


class ProviderError(AnchorError):
    """A model's server that refused, was not reached, or broke off in the middle.

    `status` is that of HTTP, 0 where there was none; `body` is what the server sent.
    """

    def __init__(self, message: str, *, status: int = 0, body: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class ServiceError(AnchorError, LookupError):
    """A container lacks a service, or holds something else under its name."""


class AnchorWarning(UserWarning):
    """Base of every warning of this package."""


class StorageWarning(AnchorWarning):
    """Something stored could not be used; it was kept, and the message says where."""


class StorageUnavailableWarning(AnchorWarning):
    """States live in memory only: they will not survive a reload."""


def warn(message: str, category: "type[AnchorWarning]") -> None:
    """Warn at the line of the user's code that led here."""
    level = 1
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_ours(frame):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level + 1)


_PACKAGE = __name__.rpartition(".")[0] + "."


def _is_ours(frame: "FrameType") -> bool:
    return is_own(frame.f_globals.get("__name__"))


def is_own(module: "str | None") -> bool:
    """Whether the module of that name is one of this package's."""
    return f"{module}.".startswith(_PACKAGE)


def cut(error: BaseException) -> None:
    """Let the traceback begin with the first line of the user's, if there is one.

    Whoever handles an error so, and goes on with a bare `raise`, is in the traceback no more: that enters no
    frame again. Between a statement and an effect are only such frames.
    """
    trace = getattr(error, "__traceback__", None)  # MicroPython has none
    while trace is not None and _is_ours(trace.tb_frame):
        trace = trace.tb_next
    if trace is not None:
        error.__traceback__ = trace


def with_article(name: str) -> str:
    """``"an area"``, ``"a dict"``: for messages."""
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def call_all(functions: "Iterable[Callable[[], object]]") -> None:
    """Call them all; what the first one raised that raised anything is raised when all have run.

    The other errors are its notes. What is no `Exception`, such as an interrupt, is raised at once.
    """
    errors: list[Exception] = []
    for function in functions:
        try:
            function()
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    raise_first(errors)


def raise_first(errors: "list[Exception]") -> None:
    """Raise the first error of several callbacks, with the others as its notes; or nothing."""
    if errors:
        first = errors[0]
        for other in errors[1:]:
            told = [repr(other)] + list(getattr(other, "__notes__", ()))
            note(first, f"another callback failed too: {', '.join(told)}")
        raise first


def note(error: BaseException, text: str) -> None:
    """Add a note to the error, where errors take any: those of MicroPython do not."""
    if hasattr(error, "add_note"):
        error.add_note(text)


def name_in_errors(function: "Callable[..., object]", name: str) -> None:
    """Have the errors of a call that does not fit call the function by that name; they add ``()``."""
    try:
        function.__qualname__ = name
    except AttributeError:  # functions of MicroPython have no such names, and its errors name none
        pass
