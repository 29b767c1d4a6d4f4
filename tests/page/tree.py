"""Elements that stand in each other, without a page: what `each()` touches of them.

`mutations` of an element notes what was done to its children: ``("in", nodes)``, ``("out", node)`` and, by
`moveBefore`, ``("move", node)``. As in a page, a node that is taken out loses the focus.
"""

from types import SimpleNamespace
from typing import Any

from tests.page.elements import Element


class Document:
    """Has the focus, and makes comments."""

    def __init__(self) -> None:
        self.activeElement: Any = None
        self.defaultView = SimpleNamespace(JSON=SimpleNamespace(parse=lambda text: text))

    def createComment(self, text: str) -> "Node":
        return Node("#comment", self, nodeType=8, data=text)


class Node(Element):
    """An element, or another node of that `nodeType`."""

    def __init__(self, name: str, document: Document, *children: "Node", **properties: Any) -> None:
        known: dict[str, Any] = {
            "nodeType": 1,
            "ownerDocument": document,
            "parentNode": None,
            "childList": [],
            "mutations": [],
            "id": "",
            "scrollTop": 0,
            "scrollLeft": 0,
        }
        super().__init__(name, **{**known, **properties})
        for child in children:
            self.childList.append(child)
            child.__dict__["parentNode"] = self

    childList: "list[Node]"
    mutations: "list[tuple[str, Any]]"
    ownerDocument: Document
    parentNode: "Node | None"

    def __repr__(self) -> str:
        return f"<{self.localName} {self.id}>"

    @property
    def childNodes(self) -> Any:
        return SimpleNamespace(length=len(self.childList))

    @property
    def nextSibling(self) -> "Node | None":
        assert self.parentNode is not None
        siblings = self.parentNode.childList
        return dict(zip(map(id, siblings), siblings[1:])).get(id(self))

    def getRootNode(self) -> Any:
        return self.ownerDocument

    def contains(self, other: "Node | None") -> bool:
        while other is not None and other is not self:
            other = other.parentNode
        return other is self

    def focus(self, options: Any = None) -> None:
        self.ownerDocument.activeElement = self

    # -- what changes the tree --------------------------------------------------------------------

    def _take(self, node: "Node") -> None:
        del self.childList[_place(self.childList, node)]
        node.__dict__["parentNode"] = None
        self.mutations.append(("out", node))
        if node.contains(self.ownerDocument.activeElement):
            self.ownerDocument.activeElement = None

    def _let_in(self, nodes: "tuple[Node, ...]", before: "Node | None") -> None:
        for node in nodes:
            assert node is not before
            if node.parentNode is not None:
                node.parentNode._take(node)
        index = len(self.childList) if before is None else _place(self.childList, before)
        self.childList[index:index] = nodes
        for node in nodes:
            node.__dict__["parentNode"] = self
        self.mutations.append(("in", nodes))

    def append(self, *nodes: "Node") -> None:
        self._let_in(nodes, None)

    def insertBefore(self, node: "Node", before: "Node | None") -> None:
        self._let_in((node,), before)

    def before(self, *nodes: "Node") -> None:
        if self.parentNode is not None:
            self.parentNode._let_in(nodes, self)

    def after(self, *nodes: "Node") -> None:
        if self.parentNode is not None:
            self.parentNode._let_in(nodes, self.nextSibling)

    def remove(self) -> None:
        if self.parentNode is not None:
            self.parentNode._take(self)

    def replaceWith(self, *nodes: "Node") -> None:
        if self.parentNode is not None:
            parent, following = self.parentNode, self.nextSibling
            parent._take(self)
            parent._let_in(nodes, following)

    def replaceChildren(self, *nodes: "Node") -> None:
        for child in self.childList.copy():
            self._take(child)
        if nodes:
            self._let_in(nodes, None)


class Modern(Node):
    """As browsers have them that can move elements."""

    def moveBefore(self, node: "Node", before: "Node | None") -> None:
        assert node.parentNode is self
        del self.childList[_place(self.childList, node)]
        index = len(self.childList) if before is None else _place(self.childList, before)
        self.childList.insert(index, node)
        self.mutations.append(("move", node))


def _place(nodes: "list[Node]", node: "Node") -> int:
    return next(number for number, each in enumerate(nodes) if each is node)
