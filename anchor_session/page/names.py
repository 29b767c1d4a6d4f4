"""Names of states: ``"cart"``, ``"cart@2"``, ``"cart@2:1"``, ``"@team/cart@2"``."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEFAULT_VERSION = "1.0.0"
_FORM = (
    'the form is "name", "name@version" or "name@version:previous", where a name may begin with '
    '"@scope/" and no part holds "#"'
)


def key(prefix: str, name: str, version: str) -> str:
    """Where the record of that name and version lies: ``anchor-session://{name}@{version}``."""
    return f"{prefix}://{name}@{version}"


def parse(text: str) -> "tuple[str, str, str | None]":
    """Name, version and previous version (None where it is not given).

    Versions are opaque text without an order. Raises `ValueError` that shows the form.
    """
    check_text(text)
    scope = "@" if text[:1] == "@" else ""
    name, at, versions = text[len(scope) :].partition("@")
    if not at:
        return check(scope + name, DEFAULT_VERSION, None, text)
    version, colon, previous = versions.partition(":")
    return check(scope + name, version, previous if colon else None, text)


def check_text(*parts: "Any") -> None:
    """Raise `TypeError` for a name or version that is no text."""
    for part in parts:
        if not isinstance(part, str):
            raise TypeError(
                f"a state's name and versions are text, not {type(part).__name__}; {_FORM}"
            )


def check(
    name: str, version: str, previous: "str | None", text: str = ""
) -> "tuple[str, str, str | None]":
    """The same three; raises `ValueError` where one of them breaks the form."""
    text = text or name
    if not name:
        raise ValueError(f"a state needs a name, not {text!r}; {_FORM}")
    if name[0] == "@":
        scope, _, rest = name[1:].partition("/")
        if not scope or not rest:
            raise ValueError(f"{text!r} begins with @ but not with a scope; {_FORM}")
    versions = (version,) if previous is None else (version, previous)
    for part in (name[1:],) + versions:
        if "@" in part or "#" in part or name[0] == "#":
            raise ValueError(f"{text!r} has one @ or # too many; {_FORM}")
    for part in versions:
        if not part or ":" in part:
            raise ValueError(f"{text!r} has an empty version or one colon too many; {_FORM}")
    if previous == version:
        raise ValueError(f"{text!r} names its own version as the previous one; {_FORM}")
    return name, version, previous
