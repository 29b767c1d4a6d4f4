"""What a tab knows of one address of a state: who changed it last, where it stands, what is below."""

from .items import Items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .fractional import Position

AS_IS = ""
"""In place of a value's text: it is what the state holds."""


class Node:
    """An address: stamp and text (None: deleted) of its last change, its position in a list, and below."""

    __slots__ = ("children", "is_held", "items", "position", "position_stamp", "stamp", "text")

    def __init__(self) -> None:
        self.stamp = ""
        self.text: str | None = None
        self.is_held = False  # whether the text is that of a later moment, with what is below
        self.position: Position | None = None
        self.position_stamp = ""
        self.children: dict[str, Node] | None = None
        self.items: Items | None = None  # of a list, once something in it was changed

    def child(self, part: str) -> "Node":
        if self.children is None:
            self.children = {}
        found = self.children.get(part)
        if found is None:
            found = self.children[part] = Node()
        return found

    def known_items(self, origin: str, count: int) -> Items:
        if self.items is None:
            self.items = Items(origin, count)
        return self.items

    def set(self, stamp: str) -> None:
        """Begin anew: what was below is gone."""
        self.stamp = stamp
        self.is_held = False
        self.children = None
        self.items = None

    def is_empty(self) -> bool:
        return self.items is None and not (self.stamp or self.position_stamp or self.children)
