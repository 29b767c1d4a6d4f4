"""What is wrong with a call of `session()`, and what to write: loaded when there is something to say."""

from ..spelling import snake

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


def of_arguments(
    more: "tuple[Any, ...]", unknown: "dict[str, Any]", known: "set[str]"
) -> TypeError:
    """The error for arguments that are too many, or options that there are not."""
    if more:
        return TypeError(
            f"{_WHO} takes a name and init, and {len(more)} more came: options are written by name, as in "
            'session("cart", {"lines": []}, merge="deep")'
        )
    option = next(iter(unknown))
    what = f"{_WHO} got an unexpected keyword argument {option!r}"
    name = snake(option)
    if name in _FORMS:
        return TypeError(f"{what}: {_FORMS[name]}")
    if name in known:
        return TypeError(f"{what}: write {name}=")
    return TypeError(f"{what}; the options are {', '.join(sorted(known))}")


def of_recursive(value: "Any") -> ValueError:
    """The error for a `recursive` that is neither True nor False."""
    return ValueError(
        f"recursive is True or False, not {value!r}; with False what is inside is read as copies, and "
        "changing one neither notifies nor writes"
    )
