"""A name that was asked for where it is not: which module has it, and how it is written here."""

import sys

MODULES = ("", ".state", ".microcosm", ".records", ".conversations", ".testing")
"""The public modules of the package."""


def missing(module: str, name: str) -> Exception:
    """The error for a name that a public module does not have.

    It is an `AttributeError`; where ``from module import name`` asks, an `ImportError`, since that statement
    would not show what an `AttributeError` says.
    """
    text = f"has no name {name!r}"
    if name[:1] == "_":  # asked for by Python itself, as a rule
        return AttributeError(f"module {module!r} {text}")
    for wanted in (name, snake(name)):
        having = [each for each in map(_full, MODULES) if wanted in _names(each)]
        if having:
            text += f": {wanted} is in {' and in '.join(having)}"
            break
    if _is_from_import():
        return ImportError(f"{module} {text}", name=module)
    return AttributeError(f"module {module!r} {text}")


def snake(name: str) -> str:
    """The name as Python writes it: ``"SessionSave"`` and ``"sessionSave"`` are ``"session_save"``."""
    parts = []
    for number, letter in enumerate(name):
        begins = letter.isupper() and number > 0 and not name[number - 1].isupper()
        parts.append(f"_{letter.lower()}" if begins else letter.lower())
    return "".join(parts)


def _full(module: str) -> str:
    return __name__.partition(".")[0] + module


def _names(module: str) -> "list[str]":
    try:
        found: list[str] = __import__(module, None, None, ["__all__"]).__all__
    except ImportError:  # the wheel for pages has not all of them
        return []
    return found


def _is_from_import() -> bool:
    """Whether the frame that asked is at ``from module import name``."""
    try:
        from opcode import opname

        frame = sys._getframe(1)
    except (AttributeError, ImportError):  # MicroPython
        return False
    package = f"{_full('')}."
    while frame.f_back is not None and f"{frame.f_globals.get('__name__')}.".startswith(package):
        frame = frame.f_back
    return opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM"
