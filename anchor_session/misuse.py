"""What is wrong with a call, and what to write: loaded when there is something to say."""

from .codec import find_tag
from .errors import with_article
from .spelling import option_error, snake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WHO = "session(), persistent() or shared()"

# Options of Session Storage APIs that have another form here.
_FORMS = {
    "cloned": "a state always starts from a copy of init",
    "deferred": "a change is stored when its statement returns; `with batch():` stores several at once",
    "mergeable": "a record is merged over init; merge= says how",
    "observable": "every state is; subscribe() and effects hear of its changes",
    "ordered": "sort the list itself: state.rows.sort(key=...)",
    "safe_parse": "what fits of a record is used, unless strict=True",
    "silent_init": "what is wrong at opening is a StorageWarning, which the filters of warnings silence",
}


def of_arguments(more: "tuple[Any, ...]", unknown: "dict[str, Any]", known: "Any") -> TypeError:
    """The error for arguments that are too many, or options that there are not."""
    if more:
        return TypeError(
            f"{_WHO} takes a name and init, and {len(more)} more came: options are written by name, as in "
            'session("cart", {"lines": []}, merge="deep")'
        )
    option = next(iter(unknown))
    form = _FORMS.get(snake(option))
    if form is not None:
        return TypeError(f"{_WHO} got an unexpected keyword argument {option!r}: {form}")
    return option_error(_WHO, option, list(known or ()))


def of_values(recursive: "Any", on_error: "Any") -> Exception:
    """The error for a `recursive` that is text, or an `on_error` that cannot be called."""
    if isinstance(recursive, str):
        return ValueError(
            f"recursive is True or False, not {recursive!r}; with False what is inside is read as copies, "
            "and changing one neither notifies nor writes"
        )
    return TypeError(
        "on_error is a function that is called with the error, not "
        f"{with_article(type(on_error).__name__)}"
    )


def of_reset(given: "Any") -> TypeError:
    """The error for a `reset` of what is no state as `session()` gave it."""
    if hasattr(type(given), "_read_all"):
        return TypeError("reset() takes a whole state, not a part of one")
    name = type(given).__name__
    if callable(getattr(given, "reset", None)):
        return TypeError(
            f"reset() takes what session() gave; a {name} has its own: write state.reset()"
        )
    if hasattr(type(given), "publish"):
        return TypeError(f"reset() takes what session() gave; write storage.clear() for a {name}")
    return TypeError(f"reset() takes a state, not {name}")


def of_key(key: "Any", form: str) -> "tuple[str, str]":
    """What was given as a key of the session scope, and what makes one of it; `form` is the call."""
    if isinstance(key, type):
        return f"the class {key.__name__}", f"here {key.__name__!r}"
    what = with_article(type(key).__name__)
    for mark, remedy in _REMEDIES:
        if hasattr(type(key), mark):
            return what, f"here {remedy}"
    if isinstance(key, (set, frozenset)):
        return what, "here tuple(sorted(key))"
    if isinstance(key, dict):
        return what, "here tuple(sorted(key.items()))"
    if isinstance(key, list):
        return what, "here tuple(key)"
    if isinstance(key, bytes):
        return what, "here key.hex()"
    if isinstance(key, float) or find_tag(type(key)) is not None:
        return what, "here str(key)"
    return what, f"the form is {form}, with no context"


_REMEDIES = (
    ("__dataclass_fields__", "dataclasses.astuple(key)"),
    ("__struct_fields__", "msgspec.structs.astuple(key)"),
    ("__pydantic_validator__", "tuple(key.model_dump().values())"),
)
