"""The state that everyone stores: records of about 100 bytes, in one of three shapes."""

from collections.abc import Iterator
from typing import Any

Path = list[str | int]

AUTO, DOCUMENT = "anchor_session, auto", "anchor_session, document"
OURS = {"auto": AUTO, "document": DOCUMENT}  # by layout
BARE = "JSON.stringify + setItem"
FULL, SMALL = "floor: setItem, whole text", "floor: setItem, 60 bytes"

SHAPES = ("map", "list", "tree")
RECORDS = {"1 KB": 10, "10 KB": 100, "100 KB": 1_000, "1 MB": 10_000}
BRANCHES = 4
NOUNS = ("Olive oil", "Green tea", "Rye bread", "Blue plate", "Tin kettle", "Wool sock", "Red lamp")
TAGS = ("new", "sale", "organic", "gift")


def record(number: int) -> dict[str, Any]:
    return {
        "id": f"r{number:05}",
        "name": f"{NOUNS[number % len(NOUNS)]} {number % 100}",
        "price": price(number),
        "quantity": 1 + number % 9,
        "tags": [TAGS[number % 4], TAGS[(number + 1) % 4]],
        "done": number % 3 == 0,
    }


def price(number: int) -> float:
    """One that differs from all others for a long time, and that JavaScript writes alike."""
    return number % 9973 + 0.25


def build(shape: str, count: int) -> dict[str, Any]:
    """A state of `count` records below the key ``"records"``; it is new each time."""
    records = [record(number) for number in range(count)]
    if shape == "map":
        return {"records": {each["id"]: each for each in records}}
    if shape == "list":
        return {"records": records}
    for each in records:
        each["children"] = []
    for number, each in enumerate(records[1:]):
        records[number // BRANCHES]["children"].append(each)
    return {"records": records[0]}


def place(shape: str, number: int) -> Path:
    """Where `build` put the record of that number."""
    if shape == "map":
        return ["records", f"r{number:05}"]
    if shape == "list":
        return ["records", number]
    return ["records", *_branch(number)]


def _branch(number: int) -> Iterator[str | int]:
    if number:
        yield from _branch((number - 1) // BRANCHES)
        yield "children"
        yield (number - 1) % BRANCHES


def growing(shape: str, count: int) -> Path:
    """The container that records are added to: the whole one, or the children of an inner node."""
    if shape == "tree":
        return [*place(shape, (count - 2) // BRANCHES), "children"]
    return ["records"]
