"""What somebody who writes to the shop would like to have: products, and how many of each."""

import re

from ..catalogue import LARGEST_QUANTITY, PRODUCTS

_WORDS = {
    "notebook": "notebook notebooks",
    "pencils": "pencil pencils",
    "sketchbook": "sketchbook sketchbooks",
    "ink": "ink inks",
    "sharpener": "sharpener sharpeners",
    "letters": "letter letters paper envelope envelopes",
    "seal": "wax seal seals",
    "calendar": "calendar calendars",
}
_PRODUCT = {word: sku for sku in PRODUCTS for word in _WORDS[sku].split()}
_NUMBERS = {"a": 1, "an": 1} | {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1
    )
}
_BETWEEN = 3
"""As many words may stand between a number and its product: "two bottles of ink"."""


def order_in(text: str) -> dict[str, int]:
    """The quantity by product, in the order they are named; one where no number is given."""
    found: dict[str, int] = {}
    since: list[str] = []  # the words since the last product
    for word in re.findall(r"[a-z]+|\d+", text.lower()):
        sku = _PRODUCT.get(word)
        if sku is None:
            since = [] if word == "and" else [*since, word]
            continue
        if since or sku not in found:  # "wax and seal", "letter paper" are one thing
            numbers = [number for each in since[-1 - _BETWEEN :] if (number := _number(each))]
            found[sku] = min(found.get(sku, 0) + (numbers or [1])[-1], LARGEST_QUANTITY)
        since = []
    return found


def _number(word: str) -> int:
    return int(word[:3]) if word.isdigit() else _NUMBERS.get(word, 0)
