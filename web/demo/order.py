"""An order: what it holds, what it costs, how far it may go. Its state reads and writes like this class."""

from dataclasses import dataclass, field, fields
from datetime import date

from .catalogue import LARGEST_QUANTITY, PRODUCTS, WRAPPING, Product
from .prices import contained_vat, delivery_price

STEPS = ("basket", "delivery", "payment", "review")


@dataclass
class Line:
    sku: str
    quantity: int

    @property
    def product(self) -> Product:
        return PRODUCTS[self.sku]

    @property
    def price(self) -> int:
        return self.product.price * self.quantity

    def add(self, quantity: int) -> None:
        self.quantity = min(max(self.quantity + quantity, 1), LARGEST_QUANTITY)


@dataclass
class Delivery:
    """`day` is ISO text, as a date field has it; empty where none is chosen."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""
    day: str = ""
    method: str = "post"
    is_gift: bool = False
    note: str = ""

    @property
    def when(self) -> date | None:
        return date.fromisoformat(self.day) if self.day else None

    @property
    def address(self) -> tuple[str, ...]:
        return self.name, self.street, self.postcode, self.town

    def is_complete(self, today: date) -> bool:
        is_ahead = self.when is not None and self.when > today
        return all(part.strip() for part in self.address) and is_ahead


@dataclass
class Payment:
    method: str = "card"
    email: str = ""
    reference: str = ""


@dataclass
class Order:
    """`placed` is when, in ISO text; empty before. Amounts are in cents; `vat` is contained in `total`."""

    step: str = "basket"
    lines: list[Line] = field(default_factory=lambda: [Line("notebook", 1), Line("pencils", 2)])
    delivery: Delivery = field(default_factory=Delivery)
    payment: Payment = field(default_factory=Payment)
    placed: str = ""

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def subtotal(self) -> int:
        return sum(line.price for line in self.lines)

    @property
    def wrapping(self) -> int:
        return WRAPPING if self.delivery.is_gift and self.lines else 0

    @property
    def carriage(self) -> int:
        return delivery_price(self.delivery.method, self.subtotal) if self.lines else 0

    @property
    def total(self) -> int:
        return self.subtotal + self.wrapping + self.carriage

    @property
    def vat(self) -> int:
        return contained_vat(self.total)

    @property
    def panel(self) -> str:
        """The panel to be shown."""
        return "placed" if self.placed else self.step

    def reached(self, today: date) -> int:
        """The index of the last step that may be opened: the first one that lacks something."""
        complete = (
            len(self.lines) > 0,
            self.delivery.is_complete(today),
            "@" in self.payment.email,
        )
        return complete.index(False) if False in complete else len(complete)

    def line_of(self, sku: str) -> Line | None:
        return next((line for line in self.lines if line.sku == sku), None)

    def add(self, sku: str, quantity: int) -> None:
        """Add to the line of that product, or a line where there is none."""
        line = self.line_of(sku)
        if line is None:
            self.lines.append(Line(sku, quantity))
        else:
            line.add(quantity)

    def start_over(self) -> None:
        new = Order()
        for each in fields(Order):
            setattr(self, each.name, getattr(new, each.name))
