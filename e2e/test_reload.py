"""What a reload leaves: each fact is what ran right before it, what is asked after it, the answer.

All of a page's programs run in one task that ends in the reload.
"""

from textwrap import dedent
from typing import Any, NamedTuple

import pytest

from e2e.conftest import OpenBrowser
from e2e.harness import Interpreter, Kind, boot
from e2e.watching import PRELUDE

VALUES = r"""
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

VALUES = {
    "none": None, "true": True, "zero": 0, "text": "ä\n\"\\\u2028", "empty": ["", [], {}, 0.0, -0.0],
    "ints": [2**53 - 1, 2**53, -2**53, 10**40], "floats": [1.0, 0.1, 5e-324, 1e308],
    "specials": [float("nan"), float("inf"), float("-inf")],
    "datetimes": [datetime(2026, 11, 21, 9, 30, 0, 1), datetime(2026, 11, 21, 9, 30, tzinfo=UTC)],
    "times": [date(2026, 11, 21), time(9, 30), timedelta(-1, 2, 3)],
    "decimals": [Decimal("1.50"), Decimal("NaN"), Decimal("-0")],
    "uuid": UUID(int=7), "bytes": [b"", b"\x00\xff"],
    "sets": [set(), {"a"}, frozenset({1.0}), {frozenset({b"x"})}],
    "nested": {"a": [{"b": [{"c": {Decimal(1)}}]}]}, "marked": {"$anchor": "set", "value": 1},
}
"""
NAMES = r"""
NAMES = ["items", "length", "__proto__", "__class__", "getItem", "setItem", "key", "constructor", "0",
         " ", "\U0001f600", "\0", "\ud800", "a/b", "anchor-session://x", "\u2028"]
"""


class Fact(NamedTuple):
    before: str
    after: str
    answer: Any


FACTS = {
    "a_change_of_the_same_task_is_there": Fact(
        """
        cart = session("cart", {"lines": []})
        cart.lines.append({"sku": "A1"})
        cart.lines[0]["qty"] = 2
        """,
        'cart = session("cart", {"lines": []}); [snapshot(cart), restored(cart).outcome]',
        [{"lines": [{"sku": "A1", "qty": 2}]}, "restored"],
    ),
    "values_keep_their_types": Fact(
        VALUES + 'session("values").update(VALUES)',
        VALUES + 'repr(snapshot(session("values"))) == repr(VALUES)',
        True,
    ),
    "any_text_is_a_key": Fact(
        NAMES + 'keys = session("keys")\nfor name in [*NAMES, ""]: keys[name] = [name]',
        NAMES + 'list(session("keys").items()) == [(name, [name]) for name in [*NAMES, ""]]',
        True,
    ),
    "text_is_a_name": Fact(
        NAMES + "for name in NAMES: session(name).value = name",
        NAMES + "[name for name in NAMES if session(name) != {'value': name}]",
        [],
    ),
    "deleted_default_stays_deleted_and_a_new_one_appears": Fact(
        'settings = session("settings", {"theme": "dark", "size": 1}); del settings.theme',
        'snapshot(session("settings", {"theme": "dark", "size": 2, "new": 3}))',
        {"size": 1, "new": 3},
    ),
    "deleted_default_that_came_again_is_there": Fact(
        's = session("again", {"theme": "dark"}); del s.theme; s.theme = "light"',
        '[snapshot(session("again", {"theme": "dark"})), text_at(key_of("again") + "#deleted")]',
        [{"theme": "light"}, None],
    ),
    "deleted_default_below_the_top_stays_deleted": Fact(
        'deep = session("deep", {"user": {"a": 1, "b": 2}}, merge="deep"); del deep.user.a',
        'snapshot(session("deep", {"user": {"a": 1, "b": 2, "c": 3}}, merge="deep"))',
        {"user": {"b": 2, "c": 3}},
    ),
    "emptied_state_stays_empty": Fact(
        'session("emptied", {"a": 1, "b": 2}).clear()',
        '[snapshot(session("emptied", {"a": 1, "b": 2})), stored("emptied")]',
        [{}, None],
    ),
    "emptied_state_takes_a_default_of_a_newer_release": Fact(
        'session("newer", {"a": 1}).clear()',
        '[snapshot(session("newer", {"a": 1, "z": 9})), stored("newer")]',
        [{"z": 9}, '{"z":9}'],
    ),
    "record_of_a_left_state_is_as_it_was": Fact(
        's = session("left", {"a": 1}); s.a = 2; leave(s); s.a = 3; s.b = 4',
        'snapshot(session("left", {"a": 1}))',
        {"a": 2},
    ),
    "failed_batch_leaves_nothing": Fact(
        """
        s = session("batch", {"a": 1})
        try:
            with batch():
                s.a = 2
                raise LookupError
        except LookupError:
            pass
        """,
        'snapshot(session("batch", {"a": 0}))',
        {"a": 1},
    ),
    "refused_value_leaves_nothing": Fact(
        """
        s = session("refused", {"a": [1]})
        for bad in (print, object(), {1: 2}, [[lambda: 0]]):
            try:
                s.a.append(bad)
            except UnstorableValueError:
                s.a.append("refused")
        """,
        'snapshot(session("refused"))',
        {"a": [1, *["refused"] * 4]},
    ),
    "persistent_state_is_there": Fact(
        'persistent("settings", {"theme": "dark"}).theme = "light"',
        '[snapshot(persistent("settings")), text_at("anchor-persistent://settings@1.0.0", "local")]',
        [{"theme": "light"}, '{"theme":"light"}'],
    ),
    "newer_version_takes_the_place_of_the_older": Fact(
        'session("cart@1", {"old": 1}).old = 2',
        """
        before = text_at("anchor-session://cart@1")
        new = session("cart@2:1", {"new": 1})
        [before, snapshot(new), text_at("anchor-session://cart@2"), text_at("anchor-session://cart@1")]
        """,
        ['{"old":2}', {"new": 1}, '{"new":1}', None],
    ),
    "order_of_keys_is_kept": Fact(
        's = session("order", {"a": 1, "b": 2}); s["2"] = 0; s["1"] = 0; s["a"] = s.pop("a")',
        'list(session("order", {"b": 5, "a": 5}))',
        ["b", "2", "1", "a"],
    ),
    "storage_class_is_the_same_record": Fact(
        'storage = SessionStorage("class", {"a": 1}); storage.set("a", 2); storage.assign({"b": 3})',
        'snapshot(session("class", {"c": 4}))',
        {"a": 2, "b": 3, "c": 4},
    ),
}


@pytest.fixture(scope="module", params=["pyscript", "worker", "bare"])
def reloaded(request: pytest.FixtureRequest, open_browser: OpenBrowser) -> Interpreter:
    """A page that ran what comes before, and reloaded in the same task."""
    kind: Kind = request.param
    context = open_browser()
    run = boot(context.new_page(), kind, prelude=PRELUDE)
    run.reload("\n".join(dedent(fact.before) for fact in FACTS.values()))
    return run


@pytest.mark.parametrize("fact", FACTS)
def test_after_reload(reloaded: Interpreter, fact: str) -> None:
    assert reloaded(FACTS[fact].after) == FACTS[fact].answer
