"""Storage areas as browsers with several processes keep them.

The browser keeps the entries and puts all writes in one order. The process of each tab has a copy: an own
write is in it at once and on its way to the browser, those of others when the browser's message arrives.
While an own write of a key is not confirmed, the copy ignores what others wrote to it before: they come
first in the browser's order. So Chromium does it, in `cached_storage_area.cc`.
"""

from typing import TYPE_CHECKING

from ..host.memory import MemoryArea

if TYPE_CHECKING:
    from .tabs import Tab


class Write:
    """One entry stored, removed (`value` is None), or all of them (`key` too)."""

    def __init__(self, key: "str | None", value: "str | None", source: "TabArea") -> None:
        self.key = key
        self.value = value
        self.source = source

    def apply(self, items: dict[str, str]) -> bool:
        """Do it to the entries; whether they differ from before."""
        before = dict(items) if self.key is None else items.get(self.key)
        if self.key is None:
            items.clear()
        elif self.value is None:
            items.pop(self.key, None)
        else:
            items[self.key] = self.value
        return before != (items if self.key is None else self.value)


class Kept:
    """What the browser keeps of one area. `is_instant`: messages to and from it take no time."""

    def __init__(self, items: "dict[str, str] | None" = None, *, is_instant: bool = True) -> None:
        self.items = dict(items or {})
        self.is_instant = is_instant
        self.copies: list[Copy] = []

    def take(self, sender: "Copy") -> None:
        """Take the next write that a process has sent, and pass it on to all."""
        write = sender.sent.pop(0)
        differs = write.apply(self.items)
        for copy in self.copies:
            copy.coming.append((write, differs))
            if self.is_instant:
                copy.receive()
        if not sender.areas and not sender.sent:
            self.copies.remove(sender)


class Copy:
    """What the process of one tab has of an area."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.items = dict(kept.items)
        self.areas: list[TabArea] = []
        self.sent: list[Write] = []
        self.coming: list[tuple[Write, bool]] = []
        self._unconfirmed: list[Write] = []

    def join(self, area: "TabArea") -> None:
        """Be used by another document."""
        self.areas.append(area)
        if self not in self.kept.copies:
            self.kept.copies.append(self)

    def part(self, area: "TabArea") -> None:
        """Be no longer used by it. What was sent arrives."""
        self.areas.remove(area)
        if not self.areas and not self.sent:
            self.kept.copies.remove(self)

    def send(self, write: Write) -> None:
        """Do an own write, and let the browser know."""
        write.apply(self.items)
        self._unconfirmed.append(write)
        self.sent.append(write)
        if self.kept.is_instant:
            self.kept.take(self)

    def receive(self) -> None:
        """Let the browser's next message arrive."""
        write, differs = self.coming.pop(0)
        if write in self._unconfirmed:
            self._unconfirmed.remove(write)
        else:
            self._adopt(write)
        for area in self.areas:
            if differs and area is not write.source:
                area.owner.notice(area, write.key)

    def _adopt(self, write: Write) -> None:
        own = {each.key for each in self._unconfirmed}
        if None in own or write.key in own:
            return
        spared = {key: text for key, text in self.items.items() if key in own}
        write.apply(self.items)
        self.items.update(spared)


class TabArea(MemoryArea):
    """One document's handle on an area. What is written after `part` is of no effect on others."""

    def __init__(self, owner: "Tab", copy: Copy) -> None:
        super().__init__()
        self.owner = owner
        self.copy = copy
        self._items = copy.items
        copy.join(self)

    def setItem(self, key: str, value: str) -> None:
        super().setItem(key, value)
        self._send(key, value)

    def removeItem(self, key: str) -> None:
        was_there = key in self._items
        super().removeItem(key)
        if was_there:
            self._send(key, None)

    def clear(self) -> None:
        super().clear()
        self._send(None, None)

    def entries(self) -> dict[str, str]:
        """Everything in it."""
        return dict(self._items)

    def move_to(self, copy: Copy) -> None:
        """Be another area from now on, without a word to whoever holds this one."""
        self.copy.part(self)
        self.copy = copy
        self._items = copy.items
        copy.join(self)

    def part(self) -> None:
        """The document is gone."""
        self.copy.part(self)
        self._items = self.entries()

    def _send(self, key: "str | None", value: "str | None") -> None:
        if self in self.copy.areas:
            self.copy.send(Write(key, value, self))
