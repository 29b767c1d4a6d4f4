"""What is taken for an element of the page."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def element_of(given: "Any", taker: str) -> "Any":
    """The element that was given, as it is or in PyScript's wrapper. Raises `TypeError` for anything else."""
    element = getattr(given, "_dom_element", given)  # of `pyscript.web`
    if hasattr(element, "addEventListener"):
        return element
    if given is None or type(given).__name__ == "JsNull":
        raise TypeError(
            f"{taker} got no element: nothing in the page was found when it was looked up"
        )
    raise TypeError(
        f"{taker} takes an element of a page, not {type(given).__name__}; it is for pages only"
    )
