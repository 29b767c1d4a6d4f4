"""What the shop sells, and how it delivers. Every price is in cents and includes VAT."""

from typing import NamedTuple


class Product(NamedTuple):
    """`tint` is the hue of its picture, in degrees."""

    name: str
    note: str
    price: int
    tint: int


class Method(NamedTuple):
    """A way to deliver; it costs nothing from `free_from` on, where that is not None."""

    name: str
    note: str
    price: int
    free_from: int | None = None


PRODUCTS = {
    "notebook": Product("Harbour notebook", "A5, dot grid, 192 pages", 1650, 205),
    "pencils": Product("Deckhand pencils", "Six, cedar, HB", 980, 42),
    "sketchbook": Product("Slipway sketchbook", "A4, 160 g paper, spiral bound", 2400, 150),
    "ink": Product("Lamp-black ink", "50 ml, for dip and fountain pens", 1400, 260),
    "sharpener": Product("Brass sharpener", "Two blades, turned in one piece", 1240, 30),
    "letters": Product("Letter set", "20 sheets and 20 envelopes, cotton", 1890, 185),
    "seal": Product("Wax and seal", "Three sticks of red wax, a tern in brass", 2100, 5),
    "calendar": Product("Tide calendar 2027", "High and low water, every day", 1500, 225),
}

METHODS = {
    "post": Method("By post", "Two to three days", 590, free_from=6000),
    "courier": Method("By courier", "The next working day", 1200),
    "bicycle": Method("By bicycle", "Kinsale only, the same evening", 350),
}

WRAPPING = 350
VAT_PERCENT = 23
LARGEST_QUANTITY = 99
