"""What the order costs. Each amount is drawn again when it is another one, and only then."""

from anchor_session import Computed

from .catalogue import METHODS, VAT_PERCENT
from .dom import set_text, show
from .prices import euro, euro_or_free
from .state import order

total = Computed(lambda: order.total)
pieces = Computed(lambda: order.pieces)

show("#pieces", lambda: "1 item" if pieces() == 1 else f"{pieces()} items")
show("#subtotal", lambda: euro(order.subtotal))
show("#wrapping", lambda: euro(order.wrapping))
show("#carriage", lambda: euro_or_free(order.carriage) if order.lines else euro(0))
show("#carriage-name", lambda: METHODS[order.delivery.method].name)
show("#total", lambda: euro(total()))
show("#place-total", lambda: euro(total()))
show("#vat", lambda: euro(order.vat))
set_text("#vat-name", f"Including {VAT_PERCENT}% VAT")
