"""How sizes, times and numbers of things are written."""

from datetime import datetime


def size(count: int) -> str:
    """A number of bytes."""
    return f"{count} B" if count < 1000 else f"{count / 1000:,.1f} KB"


def when(at: int, now: int) -> str:
    """A time, both in milliseconds since 1970: of today the hour, else the day."""
    then, today = datetime.fromtimestamp(at / 1000), datetime.fromtimestamp(now / 1000)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    year = "" if then.year == today.year else f" {then.year}"
    return f"{then.day} {then:%b}{year}"


def number_of(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def beginning(text: str, longest: int = 40) -> str:
    """The first words, with an ellipsis where more follow."""
    words = " ".join(text.split())
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


def sentences(text: str) -> int:
    """Where the last whole sentence ends."""
    return max(text.rfind(end) + 1 for end in (". ", "? ", "! ", ": "))
