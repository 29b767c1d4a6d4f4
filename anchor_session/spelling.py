"""A name that was asked for where it is not, or that is written otherwise here: what to write."""

import sys

LAZY = ("anchor_session", "anchor_session.records", "anchor_session.conversations")
"""The public modules whose tables of names cost nothing to load."""

NAMES = {
    "anchor_session.state": "Persistence Signals State is_state",
    "anchor_session.microcosm": "MicrocosmReference Session",
    "anchor_session.testing": "Browser ManualClock MemoryArea Tab tabs use_host",
}
"""The names of the others."""

_UNEXPECTED = "got an unexpected keyword argument"  # as Python says

_FOR_CHECKERS = {"anchor_session.microcosm": ("SessionState", "UserState")}

# Names of other libraries that no rule makes ours.
_ELSEWHERE = {
    "new_manager": "SessionManager",
    "new_in_memory_storage": "InMemoryStorage",
    "new_in_memory_storage_with_cleanup_interval": "InMemoryStorage",
    "session_must_from_container": "session_manager_from",
    "session_storage_must_from_container": "session_storage_from",
    "session_storage_must_from_resolver": "session_storage_from",
}


def missing(module: str, name: str) -> Exception:
    """The error for a name that a public module does not have.

    It is an `AttributeError`; where ``from module import name`` asks, an `ImportError`, since that statement
    would not show what an `AttributeError` says.
    """
    text = f"has no name {name!r}"
    if name[:1] == "_":  # asked for by Python itself, as a rule
        return AttributeError(f"module {module!r} {text}")
    if name in _FOR_CHECKERS.get(module, ()):
        text += ", but for type checkers: import it under `if TYPE_CHECKING:`"
    else:
        text += _where(name)
    if _is_from_import():
        return ImportError(f"{module} {text}", name=module)
    return AttributeError(f"module {module!r} {text}")


def option_error(
    call: str, option: str, known: "list[str]", *, meant: "str | None" = None, more: str = ""
) -> TypeError:
    """The error for an option that a call does not have.

    `meant` is the one that other libraries call so; `more` is said where none of the known is meant.
    """
    if meant not in known:
        meant = nearest(option, known)
    if meant is not None:
        return TypeError(f"{call} {_UNEXPECTED} {option!r}: write {meant}=")
    return TypeError(f"{call} {_UNEXPECTED} {option!r}; it has {', '.join(known)}{more}")


def nearest(name: str, known: "list[str]") -> "str | None":
    """The one of the known names that is meant, if one can tell."""
    from difflib import get_close_matches

    wanted = snake(name)
    return wanted if wanted in known else next(iter(get_close_matches(wanted, known, 1, 0.8)), None)


def snake(name: str) -> str:
    """The name as Python writes it: ``"SessionSave"`` and ``"sessionSave"`` are ``"session_save"``."""
    parts = []
    for number, letter in enumerate(name):
        begins = letter.isupper() and number > 0 and not name[number - 1].isupper()
        parts.append(f"_{letter.lower()}" if begins else letter.lower())
    return "".join(parts)


def _where(name: str) -> str:
    """Which modules have the name, or the one that is meant by it."""
    names = {module: found.split() for module, found in NAMES.items()}
    for module in LAZY:
        try:
            names[module] = __import__(module, None, None, ["__all__"]).__all__
        except ImportError:  # the wheel for pages need not have all of them
            pass
    wanted = snake(name)
    for meant in (name, wanted, wanted.upper(), _ELSEWHERE.get(wanted, "")):
        having = sorted([module for module, found in names.items() if meant in found])
        if having:
            return f": {meant} is in {' and in '.join(having)}"
    return ""


def _is_from_import() -> bool:
    """Whether the frame that asked is at ``from module import name``."""
    try:
        from opcode import opname

        frame = sys._getframe(1)
    except (AttributeError, ImportError):  # MicroPython
        return False
    while frame.f_back is not None and f"{frame.f_globals.get('__name__')}.".startswith(
        "anchor_session."
    ):
        frame = frame.f_back
    return opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM"
