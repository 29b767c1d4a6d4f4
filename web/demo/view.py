"""What the customer sees of an order: each function brings one part of the page up to date."""

from datetime import date, timedelta
from typing import Any

from pyscript import window

from anchor_session import MapView

from .catalogue import LARGEST_QUANTITY, METHODS, PRODUCTS, VAT_PERCENT, WRAPPING, Method
from .checkout import STEPS, reached
from .dom import copy_of, find, find_all, list_item, set_text
from .totals import delivery_price, euro, line_total, totals


def show_catalogue() -> None:
    """Fill in what never changes: products, ways of delivery, prices, limits."""
    for sku, product in PRODUCTS.items():
        find("#product").add(window.Option.new(f"{product.name}, {euro(product.price)}", sku))
    for key, method in METHODS.items():
        choice = copy_of("method-choice")
        find("input", choice).value = key
        find("input", choice).id = f"by-{key}"
        set_text(".choice-name", method.name, choice)
        set_text(".choice-note", note_on(method), choice)
        find("#methods").append(choice)
    set_text("#wrapping-price", euro(WRAPPING))
    set_text("#vat-name", f"Including {VAT_PERCENT}% VAT")
    find("#quantity").max = str(LARGEST_QUANTITY)
    find("#date").min = (date.today() + timedelta(days=1)).isoformat()


def note_on(method: Method) -> str:
    if method.free_from is None:
        return method.note
    return f"{method.note}, free from {euro(method.free_from)}"


def show_lines(order: MapView) -> None:
    """One row a line, in their order; rows that are there stay, and so does the focus in them."""
    rows = {row.dataset.sku: row for row in find_all("#lines > li")}
    for line in order.lines:
        row = rows.pop(line.sku, None) or new_row(line.sku)
        quantity = find("input", row)
        if quantity.value != str(line.quantity):
            quantity.value = str(line.quantity)
        set_text(".line-total", euro(line_total(line)), row)
        if not row.isConnected:
            find("#lines").append(row)
    for row in rows.values():
        row.remove()
    find("#empty").hidden = len(order.lines) > 0
    find("#to-delivery").disabled = len(order.lines) == 0


def new_row(sku: str) -> Any:
    product = PRODUCTS[sku]
    row = copy_of("line-row")
    row.dataset.sku = sku
    row.style.setProperty("--tint", str(product.tint))
    find("use", row).setAttribute("href", f"#picture-{sku}")
    set_text(".line-name", product.name, row)
    set_text(".line-note", f"{product.note} · {euro(product.price)}", row)
    find("label", row).htmlFor = f"quantity-{sku}"
    set_text("label", f"Quantity of {product.name}", row)
    find("input", row).id = f"quantity-{sku}"
    find("input", row).max = str(LARGEST_QUANTITY)
    find("[data-by='-1']", row).ariaLabel = f"One {product.name} less"
    find("[data-by='1']", row).ariaLabel = f"One {product.name} more"
    find("[data-remove]", row).ariaLabel = f"Remove {product.name}"
    return row


def show_fields(order: MapView) -> None:
    """Every control named ``part.key`` shows that entry of the order."""
    for field in find_all("[name*='.']"):
        part, key = field.name.split(".")
        value = order[part][key]
        if field.type == "radio":
            field.checked = field.value == value
        elif field.type == "checkbox":
            field.checked = value
        else:
            text = value.isoformat() if isinstance(value, date) else value or ""
            if field.value != text:
                field.value = text
    find("#gift-note").hidden = not order.delivery.is_gift
    set_text("#note-left", f"{240 - len(order.delivery.note)} characters left")


def show_totals(order: MapView) -> None:
    sums = totals(order)
    set_text("#subtotal", euro(sums.subtotal))
    set_text("#wrapping", euro(sums.wrapping))
    set_text("#carriage", euro(sums.delivery) if sums.delivery or not sums.subtotal else "Free")
    set_text("#carriage-name", METHODS[order.delivery.method].name)
    set_text("#vat", euro(sums.vat))
    set_text("#total", euro(sums.total))
    set_text("#place-total", euro(sums.total))
    pieces = sum(line.quantity for line in order.lines)
    set_text("#pieces", "1 item" if pieces == 1 else f"{pieces} items")
    for key in METHODS:
        price = delivery_price(key, sums.subtotal)
        choice = find(f"#by-{key}").closest("label")
        set_text(".choice-price", euro(price) if price else "Free", choice)


def show_steps(order: MapView) -> None:
    """The panel of the step, and how far the indicator says the order is."""
    step = "placed" if order.placed else order.step
    open_until = -1 if order.placed else reached(order, date.today())
    for panel in find_all(".panel"):
        panel.hidden = panel.id != step
    for number, button in enumerate(find_all(".steps button")):
        is_current = STEPS[number] == step
        button.disabled = number > open_until and not is_current
        button.toggleAttribute("data-done", bool(order.placed) or number < STEPS.index(order.step))
        if is_current:
            button.setAttribute("aria-current", "step")
        else:
            button.removeAttribute("aria-current")


def show_review(order: MapView) -> None:
    delivery, payment = order.delivery, order.payment
    lines = [f"{line.quantity} × {PRODUCTS[line.sku].name}" for line in order.lines]
    find("#review-lines").replaceChildren(*(list_item(text) for text in lines))
    place = f"{delivery.postcode} {delivery.town}".strip()
    address = [delivery.name, delivery.street, place]
    find("#review-address").replaceChildren(*(list_item(text) for text in address if text))
    day = f"{delivery.date:%A %-d %B %Y}" if delivery.date else "no day chosen"
    set_text("#review-when", f"{METHODS[delivery.method].name}, {day}")
    set_text("#review-gift", gift_text(delivery))
    set_text("#review-payment", label_of(f"#pay-{payment.method}"))
    set_text("#review-email", payment.email)
    if order.placed:
        set_text("#placed-at", f"{order.placed:%H:%M on %-d %B %Y}")
        set_text("#placed-email", payment.email)


def label_of(choice: str) -> str:
    text: str = find(f"label:has({choice}) .choice-name").textContent
    return text


def gift_text(delivery: Any) -> str:
    if not delivery.is_gift:
        return "Not wrapped"
    return (
        f"Wrapped, with a note: “{delivery.note}”" if delivery.note else "Wrapped, without a note"
    )
