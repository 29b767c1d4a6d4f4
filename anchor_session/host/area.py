"""One Web Storage area: text by key, with this package's errors."""

import re

from ..errors import QuotaExceededError, StorageError, StorageUnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .append_log import AppendLog
    from .protocol import Host

# By name, since the class differs between browsers and versions: https://webidl.spec.whatwg.org/#quotaexceedederror
_QUOTA = ("QuotaExceededError", "NS_ERROR_DOM_QUOTA_REACHED")
_UNAVAILABLE = ("SecurityError", "InvalidStateError", "NotSupportedError")
_FULL = re.compile("quota has been exceeded|exceeded the quota")
_HIDDEN = re.compile(r'thrown value gives """(\w+)')


BROWSER_QUOTA = 5_242_880
"""UTF-16 units an origin and area, keys and values together, in Chromium, Firefox and WebKit."""


class StaleReadError(StorageError):
    """Nothing was written: somebody else in this tab has, and is to be read first.

    Whoever has a checked or compared area catches it; users never see it.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"`{key}` was changed by somebody else in this tab", key=key)


def error_name(error: Exception) -> str:
    """The JavaScript name of what was thrown, or the Python class.

    Pyodide puts an exception without a `stack`, such as ``new DOMException()``, into the text of another.
    On its way to a PyScript worker one becomes a plain `Error`, unless the worker has a class of its name:
    Firefox has none for a full area, whose message is all that tells.
    """
    hidden = _HIDDEN.search(str(error))
    name: str = hidden.group(1) if hidden else getattr(error, "name", None) or type(error).__name__
    return "QuotaExceededError" if name == "Error" and _FULL.search(str(error)) else name


def units(text: str) -> int:
    """The length in UTF-16 code units, which is what browsers count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Area:
    """Any object with `getItem`, `setItem` and `removeItem`, a browser's `Storage` as it is.

    Its methods are bound once: in Pyodide each look-up of a JavaScript method costs as much as a small call.
    `is_shared`: other tabs use it too. `here` is the host it was found on.
    """

    __slots__ = ("_get", "_here", "_remove", "_set", "is_shared", "raw")

    is_checked = False

    def __init__(self, raw: "Any", *, is_shared: bool = False, here: "Host | None" = None) -> None:
        self.raw = raw
        self.is_shared = is_shared
        self._here = here
        bound = None if here is None else here.bound(raw)
        if bound is not None:
            self._get, self._set, self._remove = bound.get, bound.set, bound.remove
            return
        try:
            self._get = raw.getItem
            self._set = raw.setItem
            self._remove = raw.removeItem
        except AttributeError as error:
            raise TypeError(
                "a storage area has the methods getItem, setItem and removeItem; "
                f"{type(raw).__name__} lacks one of them"
            ) from error
        except Exception as error:
            raise self.named(error, "") from error

    def is_same(self, raw: "Any") -> bool:
        """By equality: two reads of `window.sessionStorage` are two objects in Pyodide."""
        return bool(self.raw is raw or self.raw == raw)

    @property
    def plain(self) -> "Area":
        """The area that is not checked."""
        return self

    def checked(self) -> "Area":
        """The area for one who follows others; the same one where nobody else writes unseen."""
        return self if self._here is None else self._here.checked(self)

    def append_log(self, prefix: str) -> "AppendLog":
        """The entries whose keys are the prefix and a number."""
        if self._here is not None:
            return self._here.append_log(self, prefix)
        from .append_log import AppendLog

        return AppendLog(self, prefix)

    def quota(self) -> "int | None":
        """The units that keys and values may take together; None for any number."""
        found = getattr(self.raw, "quota", BROWSER_QUOTA)
        return found if found is None or type(found) is int else BROWSER_QUOTA

    def get(self, key: str) -> "str | None":
        try:
            text = self._get(key)
        except Exception as error:
            raise self.named(error, key) from error
        return text if isinstance(text, str) else None  # None, or JavaScript's null

    def read_fresh(self, key: str, beside: str = "") -> "str | None":
        """The same; what others have stored of this state so far is read from here on, and known then.

        So is what they have stored at the key `beside` it.
        """
        return self.get(key)

    def look_again(self, key: str) -> "str | None":
        """What is there after a write that failed."""
        return self.get(key)

    def doubt(self) -> None:
        """What was read last was not taken over: it is still to be read."""

    def set(self, key: str, text: str) -> None:
        try:
            self._set(key, text)
        except Exception as error:
            raise self.named(error, key, text) from error

    def remove(self, key: str) -> None:
        try:
            self._remove(key)
        except Exception as error:
            raise self.named(error, key) from error

    def fill(self, key: str, units: int) -> None:
        """Have an entry take so much room; no document of this tab is told."""
        text = " " * units
        try:
            self.raw.setItem(key, text)
        except Exception as error:
            raise self.named(error, key, text) from error

    def empty(self, key: str) -> None:
        """Give that room back."""
        try:
            self.raw.removeItem(key)
        except Exception as error:
            raise self.named(error, key) from error

    def keys(self, prefix: str) -> "list[str]":
        """The keys that begin with the prefix."""
        return self.listed(prefix) if self._here is None else self._here.keys(self, prefix)

    def listed(self, prefix: str) -> "list[str]":
        """The same, key by key; none where keys cannot be listed."""
        try:
            keys = [self.raw.key(number) for number in range(self.raw.length)]
        except (AttributeError, TypeError):
            return []
        except Exception as error:
            raise self.named(error, prefix) from error
        return [key for key in keys if isinstance(key, str) and key.startswith(prefix)]

    def free(self) -> "int | None":
        """How many more units the area holds; None where nobody knows."""
        quota = self.quota()
        if quota is None:
            return None
        used = self.summed() if self._here is None else self._here.used(self)
        return None if used is None else quota - used

    def summed(self) -> "int | None":
        """The units that are taken, entry by entry; None where keys cannot be listed."""
        sizes = self.sizes()
        return None if sizes is None else sum([size for _, size in sizes])

    def sizes(self) -> "list[tuple[str, int]] | None":
        """Every key with the units its entry takes, largest first; None where keys cannot be listed."""
        try:
            keys = [self.raw.key(number) for number in range(self.raw.length)]
        except (AttributeError, TypeError):
            return None
        sizes = [(key, units(key) + units(self.get(key) or "")) for key in keys]
        return sorted(sizes, key=lambda entry: -entry[1])

    def named(self, error: Exception, key: str, text: "str | None" = None) -> StorageError:
        """The error of this package for whatever the area threw."""
        name = error_name(error)
        if name in _QUOTA and text is not None:
            return self._full(key, text)
        if isinstance(error, StorageError):
            return error
        if name in _UNAVAILABLE:
            return StorageUnavailableError(
                f"the browser refuses access to its storage ({name}) for `{key}`: cookies may be "
                "blocked, or this is a sandboxed frame",
                key=key,
            )
        return StorageError(f"the storage area failed at `{key}`: {error!r}", key=key)

    def _full(self, key: str, text: str) -> QuotaExceededError:
        from ..keys import by_state, label, state_at  # where there is no room

        try:
            sizes = self.sizes()
        except StorageError:
            sizes = None
        state = state_at(key)
        own = key if state is None else state[0]
        needed = units(key) + units(text)
        needs = f"no room for {label(own)}: it needs"
        if sizes is None:
            return QuotaExceededError(f"{needs} {needed} UTF-16 units", key=own, needed=needed)
        used, quota = sum(size for _, size in sizes), self.quota()
        more = needed - dict(sizes).get(key, 0)
        if more > 0:
            message = f"{needs} {more} UTF-16 units more, and {used} "
        else:  # the document would have room
            message = f"no room for a change beside {label(own)}: {used} UTF-16 units "
        if quota is not None and used + more > quota:
            message += f"of {quota} "
        message += "are taken"
        if sizes:
            largest, size = by_state(sizes)[0]
            message += ", most of them by " + (
                f"itself ({size})" if largest == own else label(largest, str(size))
            )
        message += (
            f"; remove what is not needed ({self._usage_call()} tells what is there), or keep it in "
            "IndexedDB or on a server"
        )
        return QuotaExceededError(message, key=own, needed=needed, used=used, largest=sizes[:10])

    def _usage_call(self) -> str:
        """What tells a user how full this area is."""
        if self.is_shared:
            return '`usage("local")`'
        try:
            is_default = self._here is not None and self.is_same(self._here.area("session"))
        except StorageError:
            is_default = False
        return "`usage()`" if is_default else "`usage(area)`"
