"""A tab that is here: what it says of itself to the others, and how long that counts.

A tab that is left takes its word back. One that died could not: so a word counts for some seconds, and is
given again before they are over. Tabs that are not looked at are woken once a minute by some browsers, and
frozen ones not at all: those are away until they wake.
"""

from collections.abc import Mapping
from dataclasses import dataclass

BIRDS = {
    "Puffin": 16,
    "Kittiwake": 212,
    "Gannet": 44,
    "Cormorant": 158,
    "Razorbill": 330,
    "Fulmar": 268,
    "Guillemot": 92,
    "Shearwater": 186,
}
"""Names for tabs, with the hue of each in degrees."""

BEAT = 3.0  # seconds between two words of a tab
LOOKED_AT, OUT_OF_SIGHT = 8_000, 75_000  # milliseconds that a word counts
FORGOTTEN = 600_000


@dataclass
class Presence:
    """`since` and `seen` are in milliseconds since 1970."""

    name: str
    hue: int
    since: int
    seen: int
    is_hidden: bool = False

    def is_here(self, now: int) -> bool:
        return now - self.seen < (OUT_OF_SIGHT if self.is_hidden else LOOKED_AT)

    def is_forgotten(self, now: int) -> bool:
        return now - self.seen > FORGOTTEN


def free_bird(taken: set[str]) -> str:
    """The first name that nobody has; a numbered one where all are taken."""
    number = 1
    while True:
        for bird in BIRDS:
            name = bird if number == 1 else f"{bird} {number}"
            if name not in taken:
                return name
        number += 1


def hue_of(name: str) -> int:
    return BIRDS[name.partition(" ")[0]]


def has_to_yield(id: str, present: Mapping[str, Presence]) -> bool:
    """Whether another tab with the same name was first: two that began at once chose alike."""
    mine = present[id]
    return any(
        each.name == mine.name and (each.since, other) < (mine.since, id)
        for other, each in present.items()
    )
