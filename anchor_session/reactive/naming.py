"""How effects and computed values are called, in `repr` and in the errors of their functions.

Such a function is called by this package and not by the line that made it run, so that an error would not
say which one it was. Functions of this package, such as those of `bind()`, are nobody's to look for.
"""

from ..errors import is_own, note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def described(function: "Any") -> str:
    """The name of a function and where it stands, as far as it has those."""
    function = _whole(function)
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    if name is None:
        function, name = type(function).__call__, type(function).__name__
    name = name.rpartition("<locals>.")[2]
    code = getattr(function, "__code__", None)
    return f"{name} ({code.co_filename}, line {code.co_firstlineno})" if code is not None else name


def name_in(error: BaseException, kind: str, function: "Any") -> None:
    """Note at the error, once, that it was raised in this effect or computed value, if it is the user's."""
    if hasattr(_whole(function), "__code__") and is_own(_whole(function).__module__):
        return
    text = f"in the {kind} {described(function)}"
    if text not in getattr(error, "__notes__", ()):
        note(error, text)


def _whole(function: "Any") -> "Any":
    """The function that a `partial` is of."""
    kind = type(function)
    return function.func if kind.__name__ == "partial" else function
