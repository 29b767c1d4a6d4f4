"""Values to JSON text and back."""

import json
import re
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anchor_session import UnstorableValueError
from anchor_session.codec import MAX_DEPTH, as_stored, decode, encode, format_path, same, writing
from tests.support import rows, typed
from tests.values import HOSTILE_KEYS, keys, storable

pytestmark = pytest.mark.both


def stringify(value: Any) -> str:
    """What `JSON.stringify` writes: the real one in a browser."""
    if sys.platform == "emscripten":
        import js

        return str(js.JSON.stringify(js.JSON.parse(json.dumps(value))))
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\ud800-\udfff]", lambda lone: f"\\u{ord(lone[0]):04x}", text)


def parsed_by_json(text: str) -> Any:
    """What another reader of JSON sees: the real `JSON.parse` in a browser."""
    if sys.platform == "emscripten":
        import js

        return json.loads(str(js.JSON.stringify(js.JSON.parse(text))))
    return json.loads(text)


class Colour(Enum):
    RED = "red"


class Size(IntEnum):
    BIG = 3


class Word(StrEnum):
    YES = "yes"


class Pair(NamedTuple):
    a: int
    b: int


class Floating(tzinfo):
    """A zone whose offset depends on the day."""

    def utcoffset(self, when: "datetime | None") -> "timedelta | None":
        return None

    def dst(self, when: "datetime | None") -> None:
        return None

    def tzname(self, when: "datetime | None") -> None:
        return None


@dataclass
class Point:
    x: int


TAGGED: "list[tuple[Any, str]]" = [
    (datetime(2026, 11, 21, 9, 30), '{"$anchor":"datetime","value":"2026-11-21T09:30:00"}'),
    (
        datetime(2026, 11, 21, 9, 30, 0, 5, tzinfo=UTC),
        '{"$anchor":"datetime","value":"2026-11-21T09:30:00.000005+00:00"}',
    ),
    (
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=-3, seconds=7))),
        '{"$anchor":"datetime","value":"0001-01-01T00:00:00-02:59:53"}',
    ),
    (date(2026, 11, 21), '{"$anchor":"date","value":"2026-11-21"}'),
    (time(9, 30, 1), '{"$anchor":"time","value":"09:30:01"}'),
    (timedelta(days=-1, microseconds=3), '{"$anchor":"timedelta","value":[-1,0,3]}'),
    (Decimal("1.50"), '{"$anchor":"Decimal","value":"1.50"}'),
    (Decimal("NaN"), '{"$anchor":"Decimal","value":"NaN"}'),
    (Decimal("-0"), '{"$anchor":"Decimal","value":"-0"}'),
    (UUID(int=7), '{"$anchor":"UUID","value":"00000000-0000-0000-0000-000000000007"}'),
    (b"", '{"$anchor":"bytes","value":""}'),
    (b"\x00\xff", '{"$anchor":"bytes","value":"AP8="}'),
    (set(), '{"$anchor":"set","value":[]}'),
    ({2, 1}, '{"$anchor":"set","value":[1,2]}'),
    ({"b", "a"}, '{"$anchor":"set","value":["a","b"]}'),
    (frozenset([1]), '{"$anchor":"frozenset","value":[1]}'),
    (
        {frozenset([1])},
        '{"$anchor":"set","value":[{"$anchor":"frozenset","value":[1]}]}',
    ),
    (2**53 + 1, '{"$anchor":"int","value":"9007199254740993"}'),
    (-(2**53) - 1, '{"$anchor":"int","value":"-9007199254740993"}'),
    (10**4000, f'{{"$anchor":"int","value":"{10**4000}"}}'),
    (float("nan"), '{"$anchor":"float","value":"nan"}'),
    (float("inf"), '{"$anchor":"float","value":"inf"}'),
    (float("-inf"), '{"$anchor":"float","value":"-inf"}'),
    ({"$anchor": 1}, '{"$anchor":"map","value":[["$anchor",1]]}'),
    (
        {"$anchor": "set", "value": [1]},
        '{"$anchor":"map","value":[["$anchor","set"],["value",[1]]]}',
    ),
    (
        {"$anchor": {"$anchor": 1}},
        '{"$anchor":"map","value":[["$anchor",{"$anchor":"map","value":[["$anchor",1]]}]]}',
    ),
]
UNTAGGED: "list[tuple[Any, str]]" = [
    (2**53, "9007199254740992"),
    (-(2**53), "-9007199254740992"),
    (1.0, "1.0"),
    (-0.0, "-0.0"),
    (1e22, "1e+22"),
    (True, "true"),
    (None, "null"),
    ({}, "{}"),
    ([], "[]"),
    ("\ud800", '"\\ud800"'),
    ("a\udfffb", '"a\\udfffb"'),
    ("\x00\x1f\x7f\u2028\u2029/", '"\\u0000\\u001f\x7f\u2028\u2029/"'),
    ("é😀", '"é😀"'),
    ({"b": 1, "a": [1, "x"]}, '{"b":1,"a":[1,"x"]}'),
]


@rows(("value", "text"), TAGGED + UNTAGGED)
def test_value_is_written_in_the_wire_format(value: Any, text: str) -> None:
    assert encode(as_stored(value)) == text


@rows(("value", "text"), TAGGED + UNTAGGED)
def test_wire_format_is_read_back_with_its_type(value: Any, text: str) -> None:
    assert typed(decode(text)) == typed(value)


@given(storable)
def test_round_trip_changes_nothing(value: Any) -> None:
    assert typed(decode(encode(as_stored(value)))) == typed(value)


@given(storable)
def test_encoding_is_stable_over_a_round_trip(value: Any) -> None:
    text = encode(as_stored(value))
    assert encode(decode(text)) == text


@given(storable)
def test_adopted_copy_is_what_storage_gives_back(value: Any) -> None:
    assert typed(as_stored(value)) == typed(decode(encode(as_stored(value))))


@given(storable)
def test_text_is_json_for_any_reader(value: Any) -> None:
    parsed_by_json(encode(as_stored(value)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(keys.filter(lambda key: key not in ("$anchor", "__proto__")), inner)
    ),
    max_leaves=12,
)


def no_integer_keys(value: Any) -> Any:
    """Less the keys that JavaScript sorts before all others."""
    if isinstance(value, dict):
        return {f"k{key}": no_integer_keys(item) for key, item in value.items()}
    return [no_integer_keys(item) for item in value] if isinstance(value, list) else value


@given(json_values)
def test_json_values_are_written_as_json_stringify_does(value: Any) -> None:
    value = no_integer_keys(value)
    assert encode(as_stored(value)) == stringify(value)


@given(json_values)
def test_json_parse_reads_json_values(value: Any) -> None:
    value = no_integer_keys(value)
    assert parsed_by_json(encode(as_stored(value))) == value


@given(json_values)
def test_text_of_json_stringify_is_read(value: Any) -> None:
    value = no_integer_keys(value)
    assert decode(stringify(value)) == value


@given(st.sets(st.integers() | st.text(max_size=3) | st.dates(), max_size=8), st.randoms())
def test_equal_sets_encode_equally(members: "set[Any]", random: Any) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)
    assert encode(as_stored(set(shuffled))) == encode(as_stored(members))


@rows("key", HOSTILE_KEYS)
def test_hostile_key_comes_back(key: str) -> None:
    assert decode(encode(as_stored({key: key}))) == {key: key}


@rows(
    ("value", "stored"),
    [
        ((1, (2,)), [1, [2]]),
        (OrderedDict(b=1), {"b": 1}),
        (Pair(1, 2), [1, 2]),
        (Size.BIG, 3),
        (Word.YES, "yes"),
        ({Word.YES: 1}, {"yes": 1}),
        ({Size.BIG}, {3}),
        (
            datetime(2026, 7, 1, tzinfo=timezone(timedelta(hours=2), "name")),
            datetime(2026, 7, 1, tzinfo=timezone(timedelta(hours=2))),
        ),
        ("\ud83d\ude00", "😀"),
        ({"\ud83d\ude00": 1}, {"😀": 1}),
    ],
)
def test_value_is_adopted_as_storage_would_give_it_back(value: Any, stored: Any) -> None:
    assert typed(as_stored(value)) == typed(stored)


def itself() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


def deep_list(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


def deep_frozenset(levels: int) -> Any:
    value: Any = frozenset()
    for _ in range(levels - 1):
        value = frozenset([value])
    return value


def deep_tagged_map(levels: int) -> Any:
    value: Any = {"$anchor": 1}
    for _ in range(levels - 1):
        value = {"$anchor": value}
    return value


REFUSED: "list[tuple[Any, str, str]]" = [
    (lambda: 1, "$", "a function"),
    (len, "$", "a function"),
    (object(), "$", "an object"),
    (int, "$", "the class int"),
    (1j, "$", "a complex"),
    (range(3), "$", "a range"),
    (bytearray(b"x"), "$", "bytes(...)"),
    (memoryview(b"x"), "$", "bytes(...)"),
    (Point(1), "$", "dataclasses.asdict"),
    (Colour.RED, "$", ".value"),
    (10**4300, "$", "4200 digits"),
    (time(1, tzinfo=Floating()), "$", "store a datetime instead"),
    ({1: 2}, "$", "keys must be text"),
    ({None: 2}, "$", "keys must be text"),
    ({("a",): 2}, "$", "keys must be text"),
    ({b"a": 2}, "$", "keys must be text"),
    ({"a": [1, {"b c": object()}]}, '$.a[1]["b c"]', "an object"),
    ({"a": {"b": {3: 4}}}, "$.a.b", "keys must be text"),
    ([{(1, 2)}], "$[0]", "a set that holds a tuple"),
    ({(1, 2)}, "$", "a set that holds a tuple"),
    (frozenset([(1,)]), "$", "a set that holds a tuple"),
    ({frozenset([(1,)])}, "$", "a set that holds a tuple"),
    ({"\u00e9": object()}, '$["é"]', "an object"),
    ({"": object()}, '$[""]', "an object"),
]


@rows(("value", "path", "says"), REFUSED)
def test_refusal_names_the_place(value: Any, path: str, says: str) -> None:
    with pytest.raises(UnstorableValueError) as caught:
        as_stored(value)
    assert caught.value.path == path


@rows(("value", "path", "says"), REFUSED)
def test_refusal_names_the_remedy(value: Any, path: str, says: str) -> None:
    with pytest.raises(UnstorableValueError) as caught:
        as_stored(value)
    assert says in str(caught.value)


@rows(
    "value",
    {
        "cycle": itself(),
        "one level too deep": deep_list(MAX_DEPTH + 1),
        "10 000 levels": deep_list(10_000),
        "sets": deep_frozenset(MAX_DEPTH + 1),
    },
)
def test_too_deep_value_is_refused(value: Any) -> None:
    with pytest.raises(UnstorableValueError, match=f"deeper than {MAX_DEPTH} levels"):
        as_stored(value)


def test_refusal_of_a_cycle_is_short() -> None:
    with pytest.raises(UnstorableValueError) as caught:
        as_stored(itself())
    assert len(str(caught.value)) < 500


@rows(
    "value",
    {
        "lists": deep_list(MAX_DEPTH),
        "sets": deep_frozenset(MAX_DEPTH),
        "tagged maps": deep_tagged_map(MAX_DEPTH),
    },
)
def test_deepest_value_comes_back(value: Any) -> None:
    assert encode(decode(encode(as_stored(value)))) == encode(value)


@rows(
    "text",
    [
        "",
        "{",
        "NaN",
        "Infinity",
        "-Infinity",
        '{"a":NaN}',
        "{'a':1}",
        '{"a":1}x',
        "\ufeff{}",
        '"\n"',
        "undefined",
        "[object Object]",
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "[" * 10_000,
        '{"$anchor":' * 10_000,
        '{"$anchor":"frozenset","value":[' * 250 + "]}" * 250,
        '{"a":' + "1" * 5000 + "}",
    ],
)
def test_text_that_cannot_be_read_raises_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what json says differs between versions
        decode(text)


@rows(
    "text",
    [
        '{"$anchor":"module","value":"os"}',
        '{"$anchor":"eval","value":"1"}',
        '{"$anchor":"int","value":"x"}',
        '{"$anchor":"int","value":5}',
        '{"$anchor":"int","value":null}',
        '{"$anchor":"date","value":"2026-13-01"}',
        '{"$anchor":"date","value":7}',
        '{"$anchor":"datetime","value":[]}',
        '{"$anchor":"timedelta","value":[1]}',
        '{"$anchor":"timedelta","value":["a","b","c"]}',
        '{"$anchor":"timedelta","value":[999999999999,0,0]}',
        '{"$anchor":"Decimal","value":"one"}',
        '{"$anchor":"UUID","value":"x"}',
        '{"$anchor":"bytes","value":"***"}',
        '{"$anchor":"bytes","value":"é"}',
        '{"$anchor":"set","value":[[1]]}',
        '{"$anchor":"set","value":"abc"}',
        '{"$anchor":"set","value":{"a":1}}',
        '{"$anchor":"float","value":"many"}',
        '{"$anchor":"map","value":[["a"]]}',
        '{"$anchor":"map","value":["ab"]}',
        '{"$anchor":"map","value":{"ab":1}}',
        '{"$anchor":"map","value":[[1,2]]}',
        '{"$anchor":["set"],"value":[1]}',
        '{"$anchor":"set"}',
        '{"$anchor":"set","value":[1],"more":1}',
        '{"$anchor":null,"value":null}',
    ],
)
def test_unreadable_tag_stays_a_plain_map(text: str) -> None:
    assert decode(text) == json.loads(text)


@given(
    st.recursive(
        st.none() | st.integers(-3, 3) | st.sampled_from(["1", "x", "2026-01-01", "AA=="]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.fixed_dictionaries(
                {
                    "$anchor": st.sampled_from(
                        [
                            "map",
                            "datetime",
                            "date",
                            "time",
                            "timedelta",
                            "Decimal",
                            "UUID",
                            "bytes",
                            "set",
                            "frozenset",
                            "int",
                            "float",
                            "nothing",
                        ]
                    ),
                    "value": inner,
                }
            )
        ),
        max_leaves=8,
    )
)
def test_any_tagged_text_is_read_and_stable(value: Any) -> None:
    found = decode(json.dumps(value))
    assert encode(decode(encode(found))) == encode(found)


def test_duplicate_keys_beside_a_deep_value_are_read() -> None:
    deep = "[" * 150 + "]" * 150
    assert decode(f'{{"value":{deep},"x":{deep},"$anchor":"int","value":"5"}}')["value"] == "5"


def test_scalar_hidden_behind_a_deep_value_is_read() -> None:
    deep = "[" * 150 + "]" * 150
    text = f'{{"value":[{deep},{deep}],"$anchor":"int","value":"5"}}'
    assert decode(text) == 5


@rows(
    ("path", "text"),
    [
        ((), "$"),
        (("cart", "lines", 0), "$.cart.lines[0]"),
        (("a b", "_x", "1"), '$["a b"]._x["1"]'),
        (('"\n',), '$["\\"\\n"]'),
        (("é", ""), '$["é"][""]'),
    ],
)
def test_path_is_shown_like_an_expression(path: "tuple[str | int, ...]", text: str) -> None:
    assert format_path(path) == text


DISTINCT = [
    1,
    1.0,
    True,
    "1",
    None,
    Decimal(1),
    Decimal("1.0"),
    0,
    -0.0,
    0.0,
    False,
    [1],
    {"a": 1},
    {1},
]


@rows("left", DISTINCT)
@rows("right", DISTINCT)
def test_same_means_the_same_text(left: Any, right: Any) -> None:
    assert same(left, right) == (encode(left) == encode(right))


def test_nan_is_the_same_as_nan() -> None:
    assert same(float("nan"), float("nan"))


@rows("make", [dict, list, set])
def test_adopted_container_is_a_copy(make: "Callable[[], Any]") -> None:
    value = make()
    assert as_stored(value) is not value


# -- the encoder in C ------------------------------------------------------------------------

_pieces = st.sampled_from(
    ['"', "$anchor", '"$anchor":', "\\", ":", "\ud800", "9007199254740993", "é"]
)
_odd_text = st.lists(_pieces, max_size=4).map("".join)
_odd = (
    storable
    | _odd_text
    | st.integers(-(2**53) - 2, 2**54)
    | st.floats()
    | st.frozensets(st.frozensets(st.integers() | st.floats(allow_nan=False) | _odd_text))
    | st.sets(st.frozensets(st.frozensets(st.binary() | st.dates(), max_size=2), max_size=2))
    | st.decimals()
)
_odd_containers = st.recursive(
    _odd,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_odd_text | st.just("$anchor"), inner, max_size=3)
        | st.tuples(inner, inner).map(lambda pair: {"$anchor": pair[0], "value": pair[1]})
    ),
    max_leaves=8,
)


@rows("large_seen", [False, True])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_odd_containers)
def test_text_is_the_one_written_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch, large_seen: bool, value: Any
) -> None:
    monkeypatch.setattr(writing, "_large_seen", large_seen)
    data = as_stored([value])
    assert encode(data) == writing.encode_piecewise(data)
    assert encode({"x": data}) == writing.encode_piecewise({"x": data})
    again = decode(encode(data))
    assert encode(again) == writing.encode_piecewise(again) == encode(data)


FOREIGN = [
    "[9007199254740993]",
    "[-9007199254740993]",
    '{"a":90071992547409920}',
    "[1e400]",
    "[-1e400,1E5]",
    "[12345678901234567.0,0.12345678901234567,1e17]",
    "[" + "1" * 4200 + "]",
    '[{"$anchor":"set","value":[9007199254740993,1]}]',
    '[{"$anchor":"frozenset","value":[{"$anchor":"frozenset","value":[9007199254740993]}]}]',
    '[{"$anchor":"int","value":"9007199254740993"}]',
    '[{"$anchor":"int","value":"9_007_199_254_740_993"}]',
    '[{"$anchor":"int","value":"\uff19\uff10\uff10\uff17\uff11\uff19\uff19\uff12\uff15\uff14\uff17\uff14\uff10\uff19\uff19\uff13"}]',
    '[{"$anchor":"int","value":"7"}]',
    '[{"$anchor":"float","value":"nan"},{"$anchor":"float","value":"1.5"}]',
    '[{"$anchor":"map","value":[["$anchor",9007199254740993]]}]',
    '{"$anchor":"map","value":[["a",1]]}',
    '{"$anchor":"set"}',
    '{"$anchor":"unknown","value":[9007199254740993]}',
    '{"$anchor":"set","value":[[1]]}',
    '[{"x\\"$anchor":1},{"$anchor":"date","value":"2026-11-21"}]',
    '["\\ud800","\\udc00\\ud800","\\ud83d\\ude00",{"\\ud800":1}]',
    '[{"$anchor":"Decimal","value":"NaN"},{"$anchor":"Decimal","value":"sNaN"}]',
    '[{"$anchor":"set","value":[{"$anchor":"float","value":"nan"},1.0,true]}]',
]


@rows("text", FOREIGN)
def test_text_of_foreign_data_is_the_one_written_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(writing, "_large_seen", False)
    data = decode(text)
    assert encode(data) == writing.encode_piecewise(data)


def test_what_is_no_plain_data_is_refused_by_both() -> None:
    for value in (object(), [object()], {"x": [print]}, {1: 2} | {"x": object()}):
        with pytest.raises(TypeError):
            writing.encode_piecewise(value)
        with pytest.raises(TypeError):
            encode(value)


@rows("offset", [timedelta(microseconds=1), timedelta(microseconds=-999_999)])
def test_offset_of_less_than_a_second_is_refused(offset: timedelta) -> None:
    """CPython's `fromisoformat` takes it for none."""
    with pytest.raises(UnstorableValueError, match=r"\$\.at.*round its offset") as caught:
        as_stored({"at": datetime(2000, 1, 1, tzinfo=timezone(offset))})
    assert caught.value.path == "$.at"
