"""What the demo computes, without its page."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anchor_session import batch, history, restored, session, snapshot
from anchor_session.host.memory import MemoryArea
from tests.support import rows
from web.demo.catalogue import METHODS, PRODUCTS, WRAPPING
from web.demo.order import STEPS, Delivery, Line, Order, Payment
from web.demo.prices import contained_vat, delivery_price, euro
from web.demo.visit import View, Visit, from_first_release

TODAY = date(2026, 11, 21)
TOMORROW = "2026-11-22"


def order_of(*lines: tuple[str, int], **delivery: Any) -> Order:
    return Order(lines=[Line(*line) for line in lines], delivery=Delivery(**delivery))


def complete_order() -> Order:
    order = order_of(("ink", 1), name="A", street="B", postcode="C", town="D", day=TOMORROW)
    order.payment.email = "a@example.ie"
    return order


def amounts(order: Order) -> tuple[int, ...]:
    return order.subtotal, order.wrapping, order.carriage, order.vat, order.total


def test_order_is_the_sum_of_its_lines_and_its_delivery() -> None:
    assert amounts(order_of(("notebook", 1), ("pencils", 2))) == (3610, 0, 590, 785, 4200)


def test_gift_costs_its_wrapping_once() -> None:
    order = order_of(("ink", 3), is_gift=True, method="courier")
    assert amounts(order)[:3] == (4200, WRAPPING, 1200)


def test_empty_basket_costs_nothing() -> None:
    assert amounts(order_of(is_gift=True, method="courier")) == (0, 0, 0, 0, 0)


@rows(("subtotal", "price"), [(5999, 590), (6000, 0), (6001, 0)])
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
    order = order_of(*lines, method=method, is_gift=is_gift)
    assert order.total == order.subtotal + order.wrapping + order.carriage
    assert order.subtotal == sum(PRODUCTS[sku].price * quantity for sku, quantity in lines)


@rows(
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
    assert STEPS[complete_order().reached(TODAY)] == "review"


@rows(
    ("part", "key", "value", "step"),
    [
        ("delivery", "name", " ", "delivery"),
        ("delivery", "town", "", "delivery"),
        ("delivery", "day", "", "delivery"),
        ("delivery", "day", TODAY.isoformat(), "delivery"),
        ("payment", "email", "", "payment"),
    ],
)
def test_what_lacks_keeps_its_step_the_last_open_one(
    part: str, key: str, value: str, step: str
) -> None:
    order = complete_order()
    setattr(getattr(order, part), key, value)
    assert STEPS[order.reached(TODAY)] == step


def test_empty_basket_opens_nothing_else() -> None:
    order = complete_order()
    order.lines = []
    assert STEPS[order.reached(TODAY)] == "basket"


# -- as a state ---------------------------------------------------------------------------------


@pytest.fixture
def visit() -> Iterator[Visit]:
    visit = session("visit", Visit(), area=MemoryArea())
    yield visit
    session.leave(visit)


def test_adding_to_a_line_stays_within_its_limits(visit: Visit) -> None:
    order = visit.order
    order.add("ink", 3)
    order.add("notebook", 200)
    order.add("pencils", -5)
    quantities = [(line.sku, line.quantity) for line in order.lines]
    assert quantities == [("notebook", 99), ("pencils", 1), ("ink", 3)]


def test_starting_over_is_one_step_of_the_history(visit: Visit) -> None:
    order = visit.order
    order.delivery.name = "A"
    order.lines.clear()
    before = snapshot(order)
    past = history(order)
    with batch():
        order.start_over()
    assert order == Order()
    past.undo()
    assert order == before
    assert not past.can_undo
    past.stop()


def test_record_of_the_first_release_becomes_a_visit() -> None:
    area = MemoryArea()
    view: dict[str, Any] = {
        "field": "street",
        "caret": 3,
        "scroll": 40,
        "is_exact": True,
        "reloads": 2,
    }
    delivery = {"name": "A", "street": "B", "postcode": "C", "town": "D", "date": TODAY}
    how = {"method": "courier", "is_gift": True, "note": "E"}
    old = {
        "step": "review",
        "lines": [{"sku": "ink", "quantity": 2}],
        "delivery": {**delivery, **how},
        "payment": {"method": "invoice", "email": "a@b", "reference": ""},
        "placed": datetime(2026, 11, 21, 9, 30),
        "view": view,
    }
    session.leave(session("order", old, area=area))
    visit = session("order@2:1.0.0", Visit(), migrate=from_first_release, merge="deep", area=area)
    assert restored(visit).outcome == "migrated"
    expected = order_of(("ink", 2), name="A", street="B", postcode="C", town="D", **how)
    expected.delivery.day, expected.placed = "2026-11-21", "2026-11-21T09:30:00"
    expected.step, expected.payment = "review", Payment("invoice", "a@b")
    assert visit == Visit(expected, View(**view))
    session.leave(visit)
