"""The suite that every store of records has to pass, yours too.

    from anchor_session.testing.store_contract import SharedStoreContract, StorePlace

    class MyPlace(StorePlace):
        def open(self):
            return MyStore("/some/empty/place", clock=self.now)

        async def spoil(self, id, text):
            ...  # write `text` where the record of `id` lies

    class TestMyStore(SharedStoreContract):
        @pytest.fixture
        def place(self):
            return MyPlace()

`StoreContract` is for stores that nobody else can reach, such as memory; `SharedStoreContract` adds what
holds where several stores have one place. Nothing in them sleeps, asks which store it is or is skipped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ..errors import (
    RecordCorruptError,
    SessionIdError,
    StoreClosedError,
    UnstorableValueError,
)
from ..records.store_like import StoreLike

GOOD_IDS = [
    "a",
    "0",
    "_",
    "_hidden",
    "a.b",
    "a..b",
    "a-b",
    "a.",
    "a-",
    "sess_0aZ",
    "record.json",
    "record.tmp",
    "console",
    "com10",
    "nul_",
    "x.con",
    "0123456789abcdef0123456789abcdef",
    "A" * 200,
]
HOSTILE_IDS: list[Any] = [
    "",
    " ",
    ".",
    "..",
    "...",
    "../x",
    "../../etc/passwd",
    "..\\x",
    "a/b",
    "/a",
    "/etc/passwd",
    "a\\b",
    "\\\\server\\share",
    "C:",
    "C:\\a",
    "a:b",
    "a:$DATA",
    ".hidden",
    ".json",
    "-rf",
    "--help",
    "a b",
    " a",
    "a ",
    "a\n",
    "\na",
    "a\r\nSet-Cookie: b",
    "a\0",
    "\0",
    "a\0.json",
    "a\tb",
    "a\x1bb",
    "a*",
    "?",
    "[a]",
    "a{b}",
    "~",
    "~root",
    "$HOME",
    "%2e%2e%2f",
    "a;b",
    "a'--",
    'a"b',
    "a|b",
    "a<b>",
    "a`b`",
    "é",
    "ａ",  # noqa: RUF001 - a full-width letter
    "²",
    "a\u202eb",
    "\ud800",
    "😀",
    "con",
    "CON",
    "Con.txt",
    "nul",
    "NUL.json",
    "nul.tar.gz",
    "aux",
    "prn.",
    "com1",
    "COM9.log",
    "lpt1",
    "LPT9",
    "a" * 201,
    "a" * 100_000,
    None,
    0,
    1.5,
    True,
    b"a",
    ("a",),
    ["a"],
]

VALUES: "dict[str, Any]" = {
    "nothing": None,
    "yes": True,
    "no": False,
    "zero": 0,
    "less": -1,
    "large": 2**80,
    "half": 0.5,
    "whole": 1.0,
    "empty": "",
    "text": 'é😀 "quoted" \\ \n \0 \x7f \u2028',
    "list": [1, [2, [3, []]]],
    "map": {"": {"a.b": {"$anchor": "set", "value": [1]}}},
    "set": {1, "1"},
    "frozen": frozenset({"a"}),
    "bytes": b"\x00\xff",
    "date": date(2026, 11, 21),
    "datetime": datetime(2026, 11, 21, 9, 30, 0, 1),  # noqa: DTZ001 - a naive one is stored too
    "delta": timedelta(days=400, microseconds=1),
    "decimal": Decimal("1.10"),
}

SECONDS_OF_A_DAY = 86_400
LIFE = 10_000
"""Seconds that a record lives here: a server has its own clock, which goes on while the tests run."""

UNSTORABLE: "list[tuple[Any, str]]" = [
    ({"list": [0, object()]}, "$.list[1]"),
    ({"map": {1: "a"}}, "$.map"),
    ({"call": print}, "$.call"),
    ({"class": int}, "$['class']"),
    ({"cart": {"lines": [{"price": 1j}]}}, "$.cart.lines[0].price"),
    ([1], "$"),
    ("text", "$"),
    (None, "$"),
    (b"{}", "$"),
]
ENDLESS: list[Any] = [
    None,
    0,
    0.0,
    timedelta(0),
    10**400,
    1e300,
    float("inf"),
    timedelta.max,
]
NO_TIMES: list[Any] = [
    float("nan"),
    "10",
    [10],
    1j,
    True,
    -1,
    -1e300,
    float("-inf"),
    timedelta(days=-1),
    timedelta.min,
]
TIMES: "list[tuple[Any, float]]" = [
    (100, 100),
    (100.75, 100.75),
    (0.25, 0.25),
    (timedelta(milliseconds=250), 0.25),
    (timedelta(days=3), 3 * SECONDS_OF_A_DAY),
    (timedelta(days=30, seconds=1), 30 * SECONDS_OF_A_DAY + 1),
    (40 * 365 * SECONDS_OF_A_DAY, 40 * 365 * SECONDS_OF_A_DAY),
]
"""What is given as `ttl`, and the seconds that it means."""
NEARLY: "list[tuple[Any, float]]" = [
    (LIFE, LIFE * 0.6),
    (timedelta(days=3), 2 * SECONDS_OF_A_DAY),
    (timedelta(days=1, seconds=1), SECONDS_OF_A_DAY - LIFE),
    (40 * 365 * SECONDS_OF_A_DAY, 39 * 365 * SECONDS_OF_A_DAY),
]
"""What is given as `ttl`, and seconds after which it is not over yet."""
NO_RECORDS = ["", "{", "not a record", "[1]", "null", '{"n":', "{'n': 1}", "NaN", "\0" * 100]
"""Texts that are no record."""


@contextmanager
def noted(case: object) -> Iterator[None]:
    """What fails inside says at which case of a table it did."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"at the case {ascii(case)[:100]}")
        raise


class StorePlace:
    """Where the records of one test lie, and what the time is there. A place is empty when it is made."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        """The time in seconds since 1970: the clock for stores that take one."""
        return self.time

    async def pass_time(self, seconds: float) -> None:
        """Let that much time pass for every store of this place. One with a clock of its own overrides it."""
        self.time += seconds

    def open(self) -> StoreLike:
        """A store that keeps its records here; each call gives another object. No loop runs yet."""
        raise NotImplementedError("say which store is tested: return one that keeps records here")

    async def spoil(self, id: str, text: str) -> None:
        """Put this text where the record of `id` lies, as another program might."""
        raise NotImplementedError("say how another program would write where the record lies")


Check = Callable[[StoreLike], Awaitable[None]]


class StoreContract:
    """What holds for every store. Subclass it, and give it the fixture `place`."""

    @pytest.fixture
    def place(self) -> "StorePlace | Iterator[StorePlace]":
        """An empty place for one test; where something has to be cleared away, a generator."""
        raise NotImplementedError("override the fixture `place`: return your StorePlace")

    def run(self, place: StorePlace, check: Check) -> None:
        """Run a check on a store that is closed afterwards."""
        store = place.open()

        async def checked() -> None:
            try:
                await check(store)
            finally:
                await store.close()

        asyncio.run(checked())

    # -- records --------------------------------------------------------------------------------

    def test_what_was_never_saved_is_none(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            assert await store.load("a") is None
            assert await store.list() == []

        self.run(place, check)

    def test_record_is_there_when_save_returns(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1})
            assert await store.load("a") == {"n": 1}
            assert await store.list() == ["a"]

        self.run(place, check)

    def test_last_save_wins_whole(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1, "old": True})
            await store.save("a", {"n": 2})
            assert await store.load("a") == {"n": 2}
            assert await store.list() == ["a"]

        self.run(place, check)

    def test_empty_record_is_a_record(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {})
            assert await store.load("a") == {}
            assert await store.list() == ["a"]

        self.run(place, check)

    def test_every_type_comes_back_as_it_went_in(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", VALUES)
            found = await store.load("a")
            assert found == VALUES
            assert {key: type(item) for key, item in found.items()} == {
                key: type(item) for key, item in VALUES.items()
            }
            assert list(found) == list(VALUES)

        self.run(place, check)

    def test_large_record_comes_back(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            data = {"text": "é😀x" * 300_000, "list": list(range(100_000))}
            await store.save("a", data)
            assert await store.load("a") == data

        self.run(place, check)

    # -- copies ---------------------------------------------------------------------------------

    def test_what_load_returns_is_a_copy(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"list": [1]})
            found = await store.load("a")
            assert found is not None
            found["list"].append(2)
            found["new"] = True
            assert await store.load("a") == {"list": [1]}

        self.run(place, check)

    def test_what_save_takes_is_copied(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            data: dict[str, Any] = {"list": [1]}
            await store.save("a", data)
            data["list"].append(2)
            data["new"] = True
            assert await store.load("a") == {"list": [1]}

        self.run(place, check)

    # -- values that cannot be stored -----------------------------------------------------------

    def test_unstorable_value_leaves_the_old_record(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1})
            for data, path in UNSTORABLE:
                with noted(data):
                    with pytest.raises(UnstorableValueError) as caught:
                        await store.save("a", data)
                    with pytest.raises(UnstorableValueError):
                        await store.save("b", data)
                    named = caught.value.path.replace('"', "'").replace(".class", "['class']")
                    assert named == path
                    assert await store.load("a") == {"n": 1}
                    assert await store.list() == ["a"]

        self.run(place, check)

    def test_map_that_holds_itself_is_refused(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            data: dict[str, Any] = {}
            data["self"] = data
            with pytest.raises(UnstorableValueError):
                await store.save("a", data)
            assert await store.list() == []

        self.run(place, check)

    # -- deleting -------------------------------------------------------------------------------

    def test_deleted_record_is_gone(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1})
            await store.save("b", {"n": 2})
            await store.delete("a")
            assert await store.load("a") is None
            assert await store.list() == ["b"]

        self.run(place, check)

    def test_deleting_what_is_not_there_is_no_error(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.delete("a")
            await store.save("a", {})
            await store.delete("a")
            await store.delete("a")
            assert await store.list() == []

        self.run(place, check)

    def test_deleted_record_may_be_saved_again(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1}, ttl=10)
            await store.delete("a")
            await store.save("a", {"n": 2})
            await place.pass_time(20)
            assert await store.load("a") == {"n": 2}

        self.run(place, check)

    # -- ids ------------------------------------------------------------------------------------

    def test_hostile_id_is_refused(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            for id in HOSTILE_IDS:
                with noted(id):
                    for call in (store.load(id), store.save(id, {}), store.delete(id)):
                        with pytest.raises(SessionIdError):
                            await call
                    assert await store.list() == []

        self.run(place, check)

    def test_every_good_id_has_its_own_record(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            for id in GOOD_IDS:
                await store.save(id, {"id": id})
            for id in GOOD_IDS:
                assert await store.load(id) == {"id": id}
            assert await store.list() == sorted(GOOD_IDS)

        self.run(place, check)

    def test_pattern_of_one_id_reaches_no_other(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            for id in ("a.b", "axb", "a_b"):
                await store.save(id, {"id": id})
            await store.delete("a.b")
            await store.delete("a_b")
            assert await store.list() == ["axb"]

        self.run(place, check)

    # -- time -----------------------------------------------------------------------------------

    def test_record_lives_for_ever(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            for number, ttl in enumerate(ENDLESS):
                with noted(ttl):
                    await store.save(f"r{number}", {"n": number}, ttl=ttl)
            await place.pass_time(40 * 365 * SECONDS_OF_A_DAY)
            for number, ttl in enumerate(ENDLESS):
                with noted(ttl):
                    assert await store.load(f"r{number}") == {"n": number}
            assert await store.list() == sorted(f"r{number}" for number in range(len(ENDLESS)))

        self.run(place, check)

    def test_record_is_gone_after_its_time(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            for number, (ttl, seconds) in enumerate(TIMES):
                with noted(ttl):
                    await store.save(f"a{number}", {"n": 1}, ttl=ttl)
                    await store.save(f"b{number}", {"n": 1}, ttl=ttl)
                    await place.pass_time(seconds + 0.01)
                    assert await store.list() == []
                    assert await store.load(f"a{number}") is None
                    await store.delete(f"b{number}")

        self.run(place, check)

    def test_record_is_there_until_its_time(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            for number, (ttl, seconds) in enumerate(NEARLY):
                with noted(ttl):
                    await store.save(f"r{number}", {"n": 1}, ttl=ttl)
                    await place.pass_time(seconds)
                    assert await store.load(f"r{number}") == {"n": 1}
                    assert f"r{number}" in await store.list()

        self.run(place, check)

    def test_loading_does_not_extend_a_life(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {}, ttl=LIFE)
            await place.pass_time(LIFE * 0.6)
            assert await store.load("a") == {}
            assert await store.list() == ["a"]
            await place.pass_time(LIFE * 0.41)
            assert await store.load("a") is None

        self.run(place, check)

    def test_saving_again_starts_a_life_anew(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {}, ttl=LIFE)
            await place.pass_time(LIFE * 0.6)
            await store.save("a", {}, ttl=LIFE)
            await place.pass_time(LIFE * 0.6)
            assert await store.load("a") == {}

        self.run(place, check)

    def test_saving_without_ttl_lifts_the_old_one(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {}, ttl=LIFE)
            await store.save("a", {})
            await place.pass_time(LIFE * 2)
            assert await store.load("a") == {}

        self.run(place, check)

    def test_expired_record_may_be_saved_again(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1}, ttl=LIFE)
            await place.pass_time(LIFE * 2)
            await store.save("a", {"n": 2}, ttl=LIFE)
            assert await store.load("a") == {"n": 2}
            assert await store.list() == ["a"]

        self.run(place, check)

    def test_only_what_has_expired_goes(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            for n in range(10):
                await store.save(f"r{n}", {"n": n}, ttl=LIFE if n % 2 else LIFE * 4)
            await place.pass_time(LIFE * 2)
            assert await store.list() == ["r0", "r2", "r4", "r6", "r8"]
            assert [await store.load(f"r{n}") for n in range(3)] == [{"n": 0}, None, {"n": 2}]
            await store.save("r1", {"n": 1})  # a moment at which a store may sweep
            assert await store.list() == ["r0", "r1", "r2", "r4", "r6", "r8"]

        self.run(place, check)

    def test_ttl_that_is_no_time_is_refused(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1})
            for ttl in NO_TIMES:
                with noted(ttl):
                    with pytest.raises((TypeError, ValueError)):
                        await store.save("a", {"n": 2}, ttl=ttl)
                    assert await store.load("a") == {"n": 1}

        self.run(place, check)

    # -- many at once ---------------------------------------------------------------------------

    def test_a_thousand_sessions_at_once_are_none_mixed_up(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            async def live(n: int) -> None:
                id = f"session-{n}"
                await store.save(id, {"n": n, "text": f"{n}" * (n % 50)})
                found = await store.load(id)
                assert found == {"n": n, "text": f"{n}" * (n % 50)}
                if n % 10 == 0:
                    await store.delete(id)
                    assert await store.load(id) is None

            await asyncio.gather(*map(live, range(1000)))
            assert await store.list() == sorted(f"session-{n}" for n in range(1000) if n % 10)

        self.run(place, check)

    def test_saves_of_one_id_at_once_leave_one_of_them_whole(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await asyncio.gather(*(store.save("a", {"n": n, "same": [n] * n}) for n in range(50)))
            found = await store.load("a")
            assert found is not None
            assert found["same"] == [found["n"]] * found["n"]
            assert await store.list() == ["a"]

        self.run(place, check)

    def test_record_is_never_absent_while_it_is_saved(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": -1})
            done = asyncio.Event()

            async def look() -> None:
                while not done.is_set():
                    assert await store.load("a") is not None
                    assert await store.list() == ["a"]
                    await asyncio.sleep(0)

            looking = asyncio.gather(look(), look())
            for n in range(50):
                await store.save("a", {"n": n})
            done.set()
            await looking

        self.run(place, check)

    # -- closing --------------------------------------------------------------------------------

    def test_closed_store_refuses_every_call(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {})
            await store.close()
            calls = (store.load("a"), store.save("a", {}), store.delete("a"), store.list())
            for call in calls:
                with pytest.raises(StoreClosedError):
                    await call

        self.run(place, check)

    def test_closing_twice_is_fine(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.close()
            await store.close()

        self.run(place, check)


class SharedStoreContract(StoreContract):
    """What also holds where records outlive the object and others reach them: files, databases, servers."""

    def run_two(
        self, place: StorePlace, check: Callable[[StoreLike, StoreLike], Awaitable[None]]
    ) -> None:
        """Run a check on two stores of one place."""

        async def checked(one: StoreLike) -> None:
            two = place.open()
            try:
                await check(one, two)
            finally:
                await two.close()

        self.run(place, checked)

    def test_records_outlive_the_store(self, place: StorePlace) -> None:
        self.run(place, lambda store: store.save("a", VALUES))

        async def check(store: StoreLike) -> None:
            assert await store.load("a") == VALUES
            assert await store.list() == ["a"]

        self.run(place, check)

    def test_expiry_outlives_the_store(self, place: StorePlace) -> None:
        self.run(place, lambda store: store.save("a", {}, ttl=LIFE))

        async def check(store: StoreLike) -> None:
            await place.pass_time(LIFE * 0.6)
            assert await store.load("a") == {}
            await place.pass_time(LIFE * 0.41)
            assert await store.load("a") is None
            assert await store.list() == []

        self.run(place, check)

    def test_two_stores_of_one_place_see_each_other(self, place: StorePlace) -> None:
        async def check(one: StoreLike, two: StoreLike) -> None:
            assert await two.load("a") is None
            await one.save("a", {"n": 1})
            assert await two.load("a") == {"n": 1}
            await two.save("a", {"n": 2})
            assert await one.load("a") == {"n": 2}
            await one.delete("a")
            assert await two.load("a") is None
            assert await two.list() == []

        self.run_two(place, check)

    def test_closing_one_store_leaves_the_other_open(self, place: StorePlace) -> None:
        async def check(one: StoreLike, two: StoreLike) -> None:
            await one.save("a", {})
            await one.close()
            await two.save("b", {})
            assert await two.list() == ["a", "b"]

        self.run_two(place, check)

    def test_two_stores_at_once_lose_nothing(self, place: StorePlace) -> None:
        async def check(one: StoreLike, two: StoreLike) -> None:
            saves = [
                store.save(f"{name}-{n}", {"n": n})
                for n in range(100)
                for name, store in (("one", one), ("two", two))
            ]
            await asyncio.gather(*saves)
            assert len(await one.list()) == 200
            assert await two.load("one-99") == {"n": 99}

        self.run_two(place, check)

    def test_text_that_is_no_record_raises_and_stays(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1})
            await store.save("b", {"n": 2})
            for text in NO_RECORDS:
                with noted(text):
                    await place.spoil("a", text)
                    for _ in range(2):  # the first look changes nothing
                        with pytest.raises(RecordCorruptError) as caught:
                            await store.load("a")
                    assert "a" in caught.value.key
                    assert caught.value.key in str(caught.value)
                    assert await store.list() == ["a", "b"]
                    assert await store.load("b") == {"n": 2}

        self.run(place, check)

    def test_text_that_is_no_record_may_be_deleted(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1})
            await place.spoil("a", "not a record")
            await store.delete("a")
            assert await store.load("a") is None
            assert await store.list() == []

        self.run(place, check)

    def test_text_that_is_no_record_may_be_saved_over(self, place: StorePlace) -> None:
        async def check(store: StoreLike) -> None:
            await store.save("a", {"n": 1})
            await place.spoil("a", "not a record")
            await store.save("a", {"n": 2})
            assert await store.load("a") == {"n": 2}

        self.run(place, check)
