"""What the demo computes, without its page."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.demo.catalogue import METHODS, PRODUCTS, WRAPPING
from web.demo.checkout import STEPS, new_order, reached
from web.demo.totals import Totals, contained_vat, delivery_price, euro, totals

TODAY = date(2026, 11, 21)
TOMORROW = date(2026, 11, 22)


def order_of(*lines: tuple[str, int], **delivery: Any) -> dict[str, Any]:
    order = new_order()
    order["lines"] = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    order["delivery"].update(delivery)
    return order


def complete_order() -> dict[str, Any]:
    order = order_of(
        ("ink", 1), name="A", street="B", postcode="C", town="D", date=TOMORROW, method="post"
    )
    order["payment"]["email"] = "a@example.ie"
    return order


def test_order_is_the_sum_of_its_lines_and_its_delivery() -> None:
    order = order_of(("notebook", 1), ("pencils", 2))
    assert totals(order) == Totals(subtotal=3610, wrapping=0, delivery=590, vat=785, total=4200)


def test_gift_costs_its_wrapping_once() -> None:
    order = order_of(("ink", 3), is_gift=True, method="courier")
    assert totals(order)[:3] == (4200, WRAPPING, 1200)


def test_empty_basket_costs_nothing() -> None:
    assert totals(order_of(is_gift=True, method="courier")) == Totals(0, 0, 0, 0, 0)


@pytest.mark.parametrize(("subtotal", "price"), [(5999, 590), (6000, 0), (6001, 0)])
def test_post_is_free_from_its_limit_on(subtotal: int, price: int) -> None:
    assert delivery_price("post", subtotal) == price


def test_courier_is_never_free() -> None:
    assert delivery_price("courier", 1_000_000) == 1200


@given(st.integers(0, 10**9))
def test_contained_vat_is_right_to_half_a_cent(gross: int) -> None:
    assert abs(contained_vat(gross) * 123 - gross * 23) * 2 <= 123


@given(
    st.lists(st.tuples(st.sampled_from(sorted(PRODUCTS)), st.integers(1, 99))),
    st.sampled_from(sorted(METHODS)),
    st.booleans(),
)
def test_total_is_the_sum_of_its_parts(
    lines: list[tuple[str, int]], method: str, is_gift: bool
) -> None:
    sums = totals(order_of(*lines, method=method, is_gift=is_gift))
    assert sums.total == sums.subtotal + sums.wrapping + sums.delivery
    assert sums.subtotal == sum(PRODUCTS[sku].price * quantity for sku, quantity in lines)


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "€0.00"),
        (5, "€0.05"),
        (590, "€5.90"),
        (123456, "€1,234.56"),
        (100000000, "€1,000,000.00"),
    ],
)
def test_amounts_are_written_with_two_digits(cents: int, text: str) -> None:
    assert euro(cents) == text


def test_complete_order_opens_every_step() -> None:
    assert STEPS[reached(complete_order(), TODAY)] == "review"


@pytest.mark.parametrize(
    ("part", "key", "value", "step"),
    [
        ("delivery", "name", " ", "delivery"),
        ("delivery", "town", "", "delivery"),
        ("delivery", "date", None, "delivery"),
        ("delivery", "date", TODAY, "delivery"),
        ("payment", "email", "", "payment"),
    ],
)
def test_what_lacks_keeps_its_step_the_last_open_one(
    part: str, key: str, value: object, step: str
) -> None:
    order = complete_order()
    order[part][key] = value
    assert STEPS[reached(order, TODAY)] == step


def test_empty_basket_opens_nothing_else() -> None:
    order = complete_order()
    order["lines"] = []
    assert STEPS[reached(order, TODAY)] == "basket"
