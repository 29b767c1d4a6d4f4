"""An order: what a new one holds, and how far it may go."""

from datetime import date
from typing import Any

STEPS = ("basket", "delivery", "payment", "review")


def new_order() -> dict[str, Any]:
    """What the page starts from. `view` is where the customer is, the rest what they ordered."""
    return {
        "step": "basket",
        "lines": [{"sku": "notebook", "quantity": 1}, {"sku": "pencils", "quantity": 2}],
        "delivery": {
            "name": "",
            "street": "",
            "postcode": "",
            "town": "",
            "date": None,
            "method": "post",
            "is_gift": False,
            "note": "",
        },
        "payment": {"method": "card", "email": "", "reference": ""},
        "placed": None,
        "view": {"field": "", "caret": None, "scroll": 0, "is_exact": False, "reloads": 0},
    }


def reached(order: Any, today: date) -> int:
    """The index of the last step that may be opened: the first one that lacks something."""
    delivery = order["delivery"]
    address = (delivery[key].strip() for key in ("name", "street", "postcode", "town"))
    has_date = delivery["date"] is not None and delivery["date"] > today
    complete = (
        len(order["lines"]) > 0,
        all(address) and has_date,
        "@" in order["payment"]["email"],
    )
    return complete.index(False) if False in complete else len(complete)
