"""What has the focus below an element, and what the user has selected in it.

`insertBefore` takes an element out of the page for a moment: the focus is gone then. `moveBefore` keeps it,
and what is selected in a control, but not in an element that may be edited in the page (Chromium 156); in
Firefox 153 that of a text area is gone too.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Focus:
    """What has the focus: `element`, which lies in `child` of the parent, or is it."""

    def __init__(self, element: "Any", child: "Any") -> None:
        self.element = element
        self.child = child
        self._scrolled: tuple[Any, Any] = (0, 0)
        self._start: Any = None
        self._end: Any = None
        self._direction: Any = None
        self._selection: Any = None
        self._ends: tuple[Any, ...] = ()

    @classmethod
    def below(cls, parent: "Any") -> "Focus | None":
        """None if it is somewhere else."""
        element = getattr(parent.getRootNode(), "activeElement", None)
        if not element or element == parent or not parent.contains(element):
            return None
        child, above = element, element.parentNode
        while above != parent:
            child, above = above, above.parentNode
        return cls(element, child)

    def keep(self) -> None:
        """Note what is selected, and what of it is seen."""
        element = self.element
        self._scrolled = element.scrollTop, element.scrollLeft
        if getattr(element, "isContentEditable", False):
            found = element.ownerDocument.getSelection()
            if found and found.rangeCount:
                self._selection = found
                self._ends = (
                    found.anchorNode,
                    found.anchorOffset,
                    found.focusNode,
                    found.focusOffset,
                )
            return
        start = getattr(element, "selectionStart", None)
        if type(start) is int:  # of a number, say, there is none
            self._start, self._end = start, element.selectionEnd
            self._direction = element.selectionDirection

    def restore(self) -> None:
        """Put back what has been lost since then."""
        element = self.element
        if element.getRootNode().activeElement != element:
            options = element.ownerDocument.defaultView.JSON.parse('{"preventScroll": true}')
            element.focus(options)
            if self._start is not None:
                element.setSelectionRange(self._start, self._end, self._direction)
            # Focus and caret were made visible.
            element.scrollTop, element.scrollLeft = self._scrolled
        if self._ends:
            self._selection.setBaseAndExtent(*self._ends)
