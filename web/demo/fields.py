"""The fields of delivery and payment: each named ``part.key`` is bound to that key of the order."""

from datetime import date, timedelta
from functools import partial

from anchor_session import Effect, bind, effect

from .catalogue import METHODS, WRAPPING, Method
from .dom import copy_of, find, find_all, set_text, show
from .prices import delivery_price, euro, euro_or_free
from .state import order


def note_on(method: Method) -> str:
    if method.free_from is None:
        return method.note
    return f"{method.note}, free from {euro(method.free_from)}"


def price_by(method: str) -> str:
    return euro_or_free(delivery_price(method, order.subtotal))


for key, method in METHODS.items():
    choice = copy_of("method-choice")
    find("input", choice).value = key
    find("input", choice).id = f"by-{key}"
    set_text(".choice-name", method.name, choice)
    set_text(".choice-note", note_on(method), choice)
    find("#methods").append(choice)
    show(f"label:has(#by-{key}) .choice-price", partial(price_by, key))
set_text("#wrapping-price", euro(WRAPPING))
find("#date").min = (date.today() + timedelta(days=1)).isoformat()
find("#date").max = "9999-12-31"


def bind_fields(part: str) -> None:
    """An effect: what starts over, or is brought back, is a new part, and is bound anew."""
    for field in find_all(f"[name^='{part}.']"):
        bind(field, getattr(order, part), field.name.partition(".")[2])


for part in ("delivery", "payment"):
    Effect(partial(bind_fields, part))


@effect
def show_gift() -> None:
    find("#gift-note").hidden = not order.delivery.is_gift


show("#note-left", lambda: f"{240 - len(order.delivery.note)} characters left")
