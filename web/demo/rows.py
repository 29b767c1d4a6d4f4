"""The row of a product in a basket."""

from typing import Any

from .catalogue import LARGEST_QUANTITY, PRODUCTS
from .dom import copy_of, find, set_text
from .prices import euro


def new_row(sku: str) -> Any:
    product, field = PRODUCTS[sku], f"quantity-{sku}"
    row = copy_of("line-row")
    row.dataset.sku = sku
    row.style.setProperty("--tint", str(product.tint))
    find("use", row).setAttribute("href", f"/demo/symbols.svg#picture-{sku}")
    set_text(".line-name", product.name, row)
    set_text(".line-note", f"{product.note} · {euro(product.price)}", row)
    set_text("label", f"Quantity of {product.name}", row)
    find("label", row).htmlFor = find("input", row).id = field
    find("input", row).max = str(LARGEST_QUANTITY)
    find("[data-by='-1']", row).ariaLabel = f"One {product.name} less"
    find("[data-by='1']", row).ariaLabel = f"One {product.name} more"
    find("[data-remove]", row).ariaLabel = f"Remove {product.name}"
    return row


def show_quantity(quantity: int, field: Any) -> None:
    if field.value != str(quantity):
        field.value = str(quantity)
